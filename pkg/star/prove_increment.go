package star

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// accept is the procedure that refuses an increment which does not continue what
// the warehouse shows.
func (g generator) accept() procedure {
	window, watermark := g.table(model.ETL, windowTable), g.table(model.ETL, watermarkTable)
	body := fmt.Sprintf(`select into made count(*)
from %[1]s
where mode = 'incremental'
    and exported_from is not null
    and exported_to is not null;
if made <> 1 then
    raise exception 'the run has not said which window of changes it has loaded';
end if;

select into made count(*)
from %[2]s;
if made <> 1 then
    raise exception 'the warehouse does not know which moment it shows, so no changes can be added: start a full run';
end if;

select into failed case
        when coalesce(announced.table_id, '') <> coalesce(held.table_id, '')
            then 'the table is another one than that of the last run: start a full run'
        when announced.fingerprint <> held.fingerprint
            then 'the model or Nightstar has changed since the mirror was made: start a full run'
        when announced.exported_to <= held.exported_to
            then 'the warehouse shows the end of the window already, or a later moment, and does not go back'
        when announced.exported_from > held.exported_to
            then 'the window begins after the moment that the warehouse shows, so changes in between are missing: start a run that begins there, or a full run'
        when announced.exported_from < held.exported_to
            then 'the window begins before the moment that the warehouse shows, so a row could stay whose item came before that moment and went after it: start a run that begins there, or a full run'
    end
from %[1]s as announced
cross join %[2]s as held;
if failed is not null then
    raise exception '%%', failed;
end if;
`, window, watermark)
	return procedure{
		schema: model.Mirror, name: "accept", body: body, declare: "declare\n    made bigint;\n    failed varchar(1024);\n",
		about: []string{"Refuses changes that do not begin at the very moment that the warehouse shows. An item that came before and went after it has no record in a window that begins earlier."},
	}
}

// held spells a query of one row: what the last run left.
func (g generator) held(names []string) string {
	columns := make([]string, len(names))
	for i, name := range names {
		columns[i] = fmt.Sprintf("coalesce(max(case when name = %s then counted end), 0) as n%d", text(name), i)
	}
	return cte("held", selection(columns, "from "+g.table(model.ETL, heldTable)))
}

// proveChanges is the body of the procedure that counts the changes of a
// relation: those that were loaded, and what they did to the mirror.
func (g generator) proveChanges(r model.Rows) proving {
	changes, delta, mirror := g.changesTable(r), g.deltaTable(r).String(), g.table(model.Mirror, r.Table)
	name, was := logical(model.Changes, r.Table), logical(model.Landing, r.Table)
	op, change := model.QuoteName(changes.Columns[0].Name), model.QuoteName(g.changeColumn(r))
	landed := []string{"count(*) as rows", tally(op+" = 'put'") + " as puts"}
	moved := []string{tally(change+" = 'put'") + " as came", tally(change+" = 'delete'") + " as went"}
	current := []string{"count(*) as rows"}
	heldNames := []string{was}
	proofs := []proof{
		{name, "landed.rows", "loaded.rows"},
		{name + " puts", "landed.puts", reported},
		{name + " deletes", "landed.rows - landed.puts", reported},
		{logical(model.Mirror, r.Table), "present.rows", "held.n0 + moved.came - moved.went"},
		{logical(model.Mirror, r.Table) + " rows that came", "moved.came", reported},
		{logical(model.Mirror, r.Table) + " rows that went", "moved.went", reported},
	}
	for i, c := range r.Measured() {
		sum, column := sumOf(c.Name), model.QuoteName(c.Name)
		signed := func(flag, value string) string {
			return whole("case when "+flag+" = '"+value+"' then "+column+" end", c.Type)
		}
		landed = append(landed, signed(op, "put")+" as "+sum)
		moved = append(moved, signed(change, "put")+" - "+signed(change, "delete")+" as "+sum)
		current = append(current, whole(column, c.Type)+" as "+sum)
		heldNames = append(heldNames, was+" sum of "+c.Name)
		proofs = append(proofs,
			proof{name + " sum of " + c.Name, "landed." + sum, reported},
			proof{logical(model.Mirror, r.Table) + " sum of " + c.Name, "present." + sum, fmt.Sprintf("held.n%d + moved.%s", i+1, sum)})
	}
	broken, checks := g.proveChecks(r, change)
	moved, proofs = append(moved, broken...), append(proofs, checks...)
	touched := func(columns []string) string {
		found := fresh("found", r.Table)
		return "(\n    " + indent(4, selection(named(mirror, columns), "from "+mirror+"\ninner join (\n    select distinct\n    "+
			indent(4, list(quoted(columns)))+"\n    from "+delta+"\n    where "+change+" = 'put'\n) as "+found+"\n    on "+
			strings.Join(same(mirror, found, columns), "\n    and "))) + "\n) as touched"
	}
	ctes := []string{
		cte("landed", selection(landed, "from "+changes.String())),
		cte("loaded", selection([]string{"coalesce(sum(rows), 0) as rows"}, "from "+g.table(model.ETL, LoadTable(r.Table)))),
		cte("moved", selection(moved, "from "+delta)),
		cte("present", selection(current, "from "+mirror)),
		cte("same_rows", selection([]string{"count(*) as rows"}, "from "+touched(r.Identity))),
		g.held(heldNames),
	}
	counts := []string{"landed", "loaded", "moved", "present", "same_rows", "held"}
	proofs = append(proofs, proof{uniqueBy(logical(model.Mirror, r.Table), r.Identity), "same_rows.rows", "moved.came"})
	for i, keys := range g.uniqueKeys(r) {
		count := fmt.Sprintf("unique_%d", i+1)
		ctes = append(ctes, cte(count, distinctRows(touched(keys), keys)))
		counts = append(counts, count)
		proofs = append(proofs, proof{uniqueBy(was, keys), count + ".distinct_rows", count + ".rows"})
	}
	return g.prove(model.Staging, ctes, counts, proofs)
}

// proveChecks counts the rows that came and break a check of the model.
func (g generator) proveChecks(r model.Rows, change string) (columns []string, proofs []proof) {
	for i, c := range g.Checks {
		if c.Of != r.Name {
			continue
		}
		broken, expected := fmt.Sprintf("check_%d", i+1), "0"
		if c.Warn {
			expected = reported
		}
		columns = append(columns, tally(change+" = 'put' and ("+c.SQL.SQL(func(_, column string) string { return model.QuoteName(column) })+")")+" as "+broken)
		proofs = append(proofs, proof{"check " + c.Name, "moved." + broken, expected})
	}
	return columns, proofs
}

// proveTouched is the body of the procedure that counts the touched members of a
// dimension.
func (g generator) proveTouched(d model.Dimension) proving {
	key, star := model.QuoteName(d.SurrogateKey()), g.table(model.DWH, d.Name)
	name := logical(model.DWH, d.Name)
	different := logical(model.Staging, d.Name) + " keys"
	if !d.Calendar && g.oneRowEach(d) {
		rows, _ := g.Relation(d.Of)
		columns := make([]string, len(d.Key))
		for i, k := range d.Key {
			columns[i] = k.Ref.String()
		}
		different = uniqueBy(logical(model.Landing, rows.Table), columns) + " for " + d.Name
	}
	ctes, counts := []string{
		cte("touched", selection([]string{"count(*) as rows", "count(distinct " + key + ") as keys"}, "from "+g.touchedMembers(d).String())),
		cte("night", selection([]string{"count(*) as rows"}, "from "+g.table(model.Staging, d.Name))),
		cte("star", selection([]string{"count(*) as rows", tally("deleted") + " as deleted"}, "from "+star)),
		cte("turned", selection([]string{"count(*) as rows"}, "from "+g.turnedKeys(d).String())),
	}, []string{"touched", "night", "star", "turned"}
	proofs := []proof{
		{different, "touched.keys", "touched.rows"},
		{name, "star.rows", reported},
		{name + " deleted", "star.deleted", reported},
		{name + " not deleted", "star.rows - star.deleted", "night.rows"},
		{name + " touched", "touched.rows", reported},
		{name + " that came or went", "turned.rows", reported},
	}
	if d.Versions {
		more, count, versions := g.proveVersions(d, g.touchedMembers(d).String())
		ctes, counts = append(ctes, more...), append(counts, count...)
		proofs = append(versions, []proof{
			{different, "touched.keys", "touched.rows"},
			{name, "star.rows", "night.rows"},
			{name + " deleted", "star.deleted", reported},
			{name + " touched", "touched.rows", reported},
			{name + " members with new versions", "turned.rows", reported},
		}...)
	}
	return g.prove(model.Staging, ctes, counts, proofs)
}

// proveTouchedFacts is the body of the procedure that counts what an increment
// did to a fact.
func (g generator) proveTouchedFacts(f model.Fact) proving {
	night, gone, star := g.table(model.Staging, f.Name), g.goneFacts(f).String(), g.table(model.DWH, f.Name)
	name, staging := logical(model.DWH, f.Name), logical(model.Staging, f.Name)
	columns := []string{"count(*) as rows"}
	heldNames := []string{name}
	proofs := []proof{
		{name, "star.rows", "held.n0 + staged.rows - gone.rows"},
		{name + " facts that came", "staged.rows", reported},
		{name + " facts that went", "gone.rows", reported},
		{staging, "staged.rows", "landed.rows"},
		{uniqueBy(staging, f.Key), "same_facts.rows", "staged.rows"},
	}
	for _, c := range f.Columns {
		if !c.Type.IsNumber() {
			continue
		}
		sum := sumOf(c.Name)
		columns = append(columns, whole(model.QuoteName(c.Name), c.Type)+" as "+sum)
		proofs = append(proofs, proof{name + " sum of " + c.Name, "star." + sum, fmt.Sprintf("held.n%d + staged.%s - gone.%s", len(heldNames), sum, sum)})
		heldNames = append(heldNames, name+" sum of "+c.Name)
	}
	var lost []string
	from := "from " + night
	for _, role := range f.Roles {
		from += g.joinStar(role, night)
		count := fit("lost_" + role.Name)
		lost = append(lost, tally(g.member(role)+"."+g.surrogate(role)+" is null")+" as "+count)
		proofs = append(proofs, proof{name + " without " + role.Name, "lost." + count, "0"})
		if column, p, ok := g.proveMoment(f, role, night); ok {
			p.counted = "lost." + p.counted
			lost, proofs = append(lost, column), append(proofs, p)
		}
	}
	want := demand{}
	if f.Where != nil {
		want.exprs = append(want.exprs, f.Where)
	}
	s := g.only(g.touchedRows(f.Name, f.Of)).source(f.Of, f.With, want)
	ctes := []string{
		cte("star", selection(columns, "from "+star)), cte("staged", selection(columns, "from "+night)), cte("gone", selection(columns, "from "+gone)),
		cte("same_facts", selection([]string{"count(*) as rows"}, "from "+star+" as published\ninner join "+night+" as stated\n    on "+strings.Join(same("published", "stated", f.Key), "\n    and "))),
		g.held(heldNames),
	}
	counts := []string{"star", "staged", "gone", "same_facts", "held", "landed"}
	ctes = append(append(ctes, s.ctes()...), cte("landed", selection([]string{"count(*) as rows"}, s.from()+s.filter(f.Where))))
	if len(lost) > 0 {
		ctes, counts = append(ctes, cte("lost", selection(lost, from))), append(counts, "lost")
	}
	return g.prove(model.Staging, ctes, counts, proofs)
}

// incrementProcedures lists the procedures of an increment, with the one that
// calls them and those that prove it.
func (g generator) incrementProcedures() []procedure {
	steps := g.increment()
	var body strings.Builder
	for _, p := range steps {
		body.WriteString(g.call(p.schema, p.name) + ";\n\n")
	}
	content, window := g.table(model.ETL, "content"), g.table(model.ETL, windowTable)
	body.WriteString("delete from " + content + ";\n")
	for _, schema := range []string{model.Staging, model.DWH} {
		body.WriteString("\n" + insert(content, []string{"schema_name", "run_id"}, selection([]string{text(schema), "run_id"}, "from "+window)) + ";\n")
	}
	all := append(steps, procedure{schema: model.Delta, name: "apply", body: body.String(), about: []string{
		"Applies an increment: changes to mirror, staging and dwh. Readers see what was there before until the transaction commits.",
	}})
	made := 0
	var proofs []procedure
	add := func(schema, name, about string, p proving) {
		made += p.proofs
		proofs = append(proofs, procedure{schema: schema, name: "prove_" + name, about: []string{about}, body: p.statement})
	}
	for _, r := range g.Relations() {
		add(model.Changes, r.Table, fmt.Sprintf("Counts the changes of %s, and what they did.", r.Name), g.proveChanges(r))
	}
	for _, d := range g.Dimensions {
		add(model.Delta, d.Name, fmt.Sprintf("Counts the members of %s, and those that an increment touched.", d.Name), g.proveTouched(d))
	}
	for _, f := range g.Facts {
		add(model.Delta, f.Name, fmt.Sprintf("Counts the facts of %s, and those that an increment touched.", f.Name), g.proveTouchedFacts(f))
	}
	return append(append(append(all, proofs...), g.verify(model.Delta, g.proveLoadedChanges(), proofs, made)), g.advanceIncrement())
}

// proveLoadedChanges proves that the changes are those of the run, of all
// relations.
func (g generator) proveLoadedChanges() proving {
	var loads []string
	for _, r := range g.Relations() {
		loads = append(loads, "select run_id, rows from "+g.table(model.ETL, LoadTable(r.Table)))
	}
	all := "from (\n    " + indent(4, strings.Join(loads, "\nunion all\n")) + "\n) as loaded"
	return g.prove(model.Staging, []string{
		cte("loads", selection([]string{"count(*) as tables", "count(distinct run_id) as runs"}, all)),
		cte("others", selection([]string{"count(*) as tables"}, all+"\ncross join "+g.table(model.ETL, windowTable)+" as announced\nwhere loaded.run_id <> announced.run_id")),
	}, []string{"loads", "others"}, []proof{
		{"landing tables loaded", "loads.tables", fmt.Sprint(len(loads))},
		{"landing tables: runs that loaded them", "loads.runs", "1"},
		{"landing tables that another run loaded", "others.tables", "0"},
	})
}

// advanceIncrement moves the watermark to the end of the window.
func (g generator) advanceIncrement() procedure {
	watermark, window, held := g.table(model.ETL, watermarkTable), g.table(model.ETL, windowTable), g.table(model.ETL, heldTable)
	var names, renamed []string
	for _, r := range g.Relations() {
		for _, name := range g.heldOf(r) {
			now := logical(model.Mirror, r.Table) + strings.TrimPrefix(name, logical(model.Landing, r.Table))
			names = append(names, text(now))
			renamed = append(renamed, "when "+text(now)+" then "+text(name))
		}
	}
	for _, f := range g.Facts {
		for _, name := range g.heldOfFact(f) {
			names = append(names, text(name))
		}
	}
	body := "update " + watermark + "\nset run_id = announced.run_id,\n    exported_to = announced.exported_to,\n    increments = increments + 1\nfrom " + window + " as announced;\n\n" +
		"delete from " + held + ";\n\n" +
		insert(held, []string{"name", "counted"}, selection([]string{"case name\n    " + strings.Join(renamed, "\n    ") + "\n    else name\nend", "counted"},
			"from "+g.table(model.ETL, "proof")+"\nwhere "+g.ofNight(model.Staging)+"\n    and name in (\n        "+indent(8, strings.TrimLeft(list(names), " "))+"\n    )")) + ";\n\n" +
		g.call(model.Mirror, "clear") + ";\n"
	return procedure{schema: model.Mirror, name: "proceed", body: body, about: []string{
		"Notes the end of the window, and what mirror and dwh hold now, and empties the landing tables.",
	}}
}
