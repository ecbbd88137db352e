package star

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// proof is a number that a procedure counts and, where expected is not null,
// the number that it has to be. Both are expressions.
type proof struct{ name, counted, expected string }

// reported stands for what is expected of a number that is only reported.
const reported = "null"

// The names of proofs. Names of schemas in them have no prefix. Verification
// raises the first that does not hold in the order of names, so a fault of the
// rows, which is named after landing, comes before what follows from it.

// prove spells the INSERT that writes proofs about what common table
// expressions with one row each have counted.
func (g generator) prove(schema string, ctes []string, counts []string, proofs []proof) proving {
	run := cte("run", selection([]string{"coalesce(max(run_id), '') as run_id"},
		"from "+g.table(model.ETL, "content")+"\nwhere schema_name = "+text(schema)))
	queries := make([]string, len(proofs))
	for i, p := range proofs {
		from := "run"
		for _, count := range counts {
			if strings.Contains(p.counted+" "+p.expected, count+".") {
				from += ", " + count
			}
		}
		expected := p.expected
		if expected == reported {
			expected = "cast(null as decimal(38,0))"
		}
		queries[i] = "select run.run_id, " + text(p.name) + ", " + p.counted + ", " + expected + "\nfrom " + from
	}
	return proving{len(proofs), insert(g.table(model.ETL, "proof"), []string{"run_id", "name", "counted", "expected"},
		with(append([]string{run}, ctes...))+strings.Join(queries, "\nunion all\n")) + ";\n"}
}

// proving is a statement that writes proofs.
type proving struct {
	proofs    int
	statement string
}

// logical spells the name of a table in the name of a proof.
func logical(schema, name string) string { return schema + "." + name }

// whole spells a sum as a whole number: of a decimal in units of its last
// place.
func whole(column string, t model.Type) string {
	sum := "sum(" + column + ")"
	if t.Kind == model.KindDecimal && t.Scale > 0 {
		sum += " * 1" + strings.Repeat("0", t.Scale)
	}
	return "coalesce(cast(" + sum + " as decimal(38,0)), 0)"
}

// tally spells how many rows of a query meet a condition.
func tally(condition string) string {
	return "coalesce(sum(case when " + condition + " then 1 else 0 end), 0)"
}

// proveLanding is the body of the procedure that counts a landing table: its
// rows, the sums of its measures, the rows that break rules, and whether keys
// that facts and dimensions look up are unique.
func (g generator) proveLanding(r model.Rows) proving {
	table, name := g.table(model.Mirror, r.Table), logical(model.Landing, r.Table)
	columns := []string{"count(*) as rows"}
	proofs := []proof{{name, "landed.rows", "loaded.rows"}}
	for _, c := range r.Measured() {
		columns = append(columns, whole(model.QuoteName(c.Name), c.Type)+" as "+sumOf(c.Name))
		proofs = append(proofs, proof{name + " sum of " + c.Name, "landed." + sumOf(c.Name), reported})
	}
	for i, c := range g.Checks {
		if c.Of != r.Name {
			continue
		}
		broken := "check_" + strconv.Itoa(i+1)
		columns = append(columns, tally(c.SQL.SQL(func(_, column string) string { return model.QuoteName(column) }))+" as "+broken)
		expected := "0"
		if c.Warn {
			expected = reported
		}
		proofs = append(proofs, proof{"check " + c.Name, "landed." + broken, expected})
	}
	ctes := []string{
		cte("landed", selection(columns, "from "+table)),
		cte("loaded", selection([]string{"coalesce(sum(rows), 0) as rows"}, "from "+g.table(model.ETL, LoadTable(r.Table)))),
	}
	counts := []string{"landed", "loaded"}
	for i, keys := range g.uniqueKeys(r) {
		count := "unique_" + strconv.Itoa(i+1)
		ctes = append(ctes, cte(count, distinctRows(table, keys)))
		counts = append(counts, count)
		proofs = append(proofs, proof{uniqueBy(name, keys), count + ".distinct_rows", count + ".rows"})
	}
	return g.prove(model.Staging, ctes, counts, proofs)
}

func sumOf(column string) string { return fit("sum_of_" + column) }

func uniqueBy(table string, columns []string) string {
	return table + " unique by " + strings.Join(columns, ", ")
}

// distinctRows spells a query of how many rows have a key, and how many
// different keys there are.
func distinctRows(table string, keys []string) string {
	names := quoted(keys)
	conditions := make([]string, len(names))
	for i, name := range names {
		conditions[i] = name + " is not null"
	}
	rows := fresh("rows", keys...)
	groups := selection(append(slices.Clone(names), "count(*) as "+rows), "from "+table+where(conditions)+"\ngroup by "+strings.Join(names, ", "))
	return selection([]string{"coalesce(sum(keys." + rows + "), 0) as rows", "count(*) as distinct_rows"}, "from (\n    "+indent(4, groups)+"\n) as keys")
}

// uniqueKeys lists the keys by which rows are looked up, so that they must be
// unique. A key that has all columns of another needs no proof of its own.
// Neither has one that identifies the members of a dimension, see
// [generator.proveDimension].
func (g generator) uniqueKeys(r model.Rows) [][]string {
	var proved, all [][]string
	for _, d := range g.Dimensions {
		if d.Of == r.Name && g.oneRowEach(d) && d.Where == nil && len(d.When) == 0 {
			if columns, ok := ownColumns(d.Key); ok {
				proved = append(proved, columns)
			}
		}
	}
	for _, l := range g.lookups() {
		if l.Of != r.Name || l.Latest != "" {
			continue
		}
		var columns []string
		for _, m := range l.On {
			columns = append(columns, m.Column)
		}
		implied := func(smaller []string) bool {
			return !slices.ContainsFunc(smaller, func(c string) bool { return !slices.Contains(columns, c) })
		}
		if !slices.ContainsFunc(proved, implied) {
			proved, all = append(proved, columns), append(all, columns)
		}
	}
	return all
}

// ownColumns returns the columns of a business key, if all are as they are in
// the rows.
func ownColumns(key []model.KeyColumn) ([]string, bool) {
	columns := make([]string, len(key))
	for i, k := range key {
		if k.Optional || k.Ref.Lookup != "" {
			return nil, false
		}
		columns[i] = k.Ref.Column
	}
	return columns, true
}

// lookups lists what facts and dimensions look up.
func (g generator) lookups() []model.Lookup {
	var all []model.Lookup
	for _, d := range g.Dimensions {
		all = append(all, d.With...)
	}
	for _, f := range g.Facts {
		all = append(all, f.With...)
	}
	return all
}

// oneRowEach reports whether two rows may not describe one member.
func (g generator) oneRowEach(d model.Dimension) bool {
	return !d.Calendar && d.Latest == nil && !d.First
}

// proveKeys spells a query of the keys given so far, and the proofs that each
// was given once, to one member, and that none was left out.
func (g generator) proveKeys(name, key string, columns []model.KeyColumn) (ctes, counts []string, proofs []proof) {
	table, of := g.table(model.Staging, key), logical(model.Staging, key)
	keys := quotedKeys(columns)
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	rows, highest := fresh("rows", names...), fresh("highest", names...)
	groups := selection(append(slices.Clone(keys), "count(*) as "+rows, "max("+model.QuoteName(key)+") as "+highest),
		"from "+table+"\ngroup by "+strings.Join(keys, ", "))
	ctes = []string{
		// Where each member has one row, its highest key is its only one.
		cte("given", selection([]string{
			"coalesce(sum(members." + rows + "), 0) as rows", "count(*) as members",
			"count(distinct members." + highest + ") as keys", "coalesce(max(members." + highest + "), 0) as highest",
		}, "from (\n    "+indent(4, groups)+"\n) as members")),
		cte("noted", selection([]string{"coalesce(max(" + model.QuoteName(name+"maxkey") + "), 0) as highest"},
			"from "+g.table(model.Staging, name+"_maxkey"))),
	}
	return ctes, []string{"given", "noted"}, []proof{
		{of + " members", "given.members", "given.rows"},
		{of + " keys", "given.keys", "given.members"},
		{of + " highest key", "given.highest", "given.rows"},
		{of + " highest key, noted in " + name + "_maxkey", "noted.highest", "given.rows"},
	}
}

// proveDimension is the body of the procedure that counts a dimension in
// staging.
func (g generator) proveDimension(d model.Dimension) proving {
	table, name, key := g.table(model.Staging, d.Name), logical(model.Staging, d.Name), model.QuoteName(d.SurrogateKey())
	ctes, counts, proofs := g.proveKeys(d.Name, d.SurrogateKey(), versionKey(d))
	night := []string{"count(*) as rows", "count(distinct " + key + ") as keys", tally(key+" = 0") + " as unknown"}
	members := proof{name, "night.rows", "landed.members + 1"}
	if d.Versions {
		night = append(night, tally(model.Current+" and not "+model.Deleted)+" as members")
		members = proof{name + " current versions of members that are not deleted", "night.members", "landed.members + 1"}
		proofs = append(proofs, proof{name, "night.rows", reported})
	}
	ctes = append(ctes, cte("night", selection(night, "from "+table)))
	source, expressions := g.memberCount(d)
	ctes = append(append(ctes, expressions...), cte("landed", source))
	counts = append(counts, "night", "landed")
	proofs = append(proofs, members,
		proof{name + " unknown members", "night.unknown", "1"})
	different := proof{name + " keys", "night.keys", "night.rows"}
	if g.oneRowEach(d) {
		// Each row of landing was joined to the one key of its member. If a key is
		// there twice, two rows describe one member.
		rows, _ := g.Relation(d.Of)
		columns := make([]string, len(d.Key))
		for i, k := range d.Key {
			columns[i] = k.Ref.String()
		}
		different = proof{
			uniqueBy(logical(model.Landing, rows.Table), columns) + " for " + d.Name,
			"night.keys - night.unknown", "night.rows - night.unknown",
		}
	}
	proofs = append(proofs, different)
	return g.prove(model.Staging, ctes, counts, proofs)
}

// memberCount spells a query of how many members the night has.
func (g generator) memberCount(d model.Dimension) (query string, ctes []string) {
	if d.Calendar {
		return selection([]string{"count(*) as members"}, "from (\n    "+indent(4, g.days(d, "fullday"))+"\n) as days"), nil
	}
	m := g.members(d, false)
	if g.oneRowEach(d) {
		return selection([]string{"count(*) as members"}, m.from()+m.where()), m.ctes()
	}
	// PostgreSQL sorts for count(distinct …), and hashes here.
	return selection([]string{"count(*) as members"},
		"from (\n    select distinct\n    "+indent(4, list(m.named()))+"\n    "+indent(4, m.from()+m.where())+"\n) as members"), m.ctes()
}

// proveFact is the body of the procedure that counts a fact in staging: as many
// facts as rows, none twice, sums as they were. Whether a fact has its members
// is counted once, in dwh, where people read it.
func (g generator) proveFact(f model.Fact) proving {
	table := g.factTable(model.Staging, f)
	name := logical(model.Staging, f.Name)
	var ctes, counts []string
	var proofs []proof
	if len(f.Document) > 0 {
		ctes, counts, proofs = g.proveKeys(f.Name, f.SurrogateKey(), f.Document)
	}
	want := demand{}
	if f.Where != nil {
		want.exprs = append(want.exprs, f.Where)
	}
	s := g.source(f.Of, f.With, want)
	staged, landed := []string{"count(*) as rows"}, []string{"count(*) as rows"}
	proofs = append(proofs, proof{name, "staged.rows", "landed.rows"})
	for _, c := range f.Columns {
		if !c.Measure || !c.Type.IsNumber() || c.SQL != nil || c.Ref.Lookup != "" {
			continue
		}
		staged = append(staged, whole(model.QuoteName(c.Name), c.Type)+" as "+sumOf(c.Name))
		landed = append(landed, whole(s.ref(c.Ref), c.Type)+" as "+sumOf(c.Name))
		proofs = append(proofs, proof{name + " sum of " + c.Name, "staged." + sumOf(c.Name), "landed." + sumOf(c.Name)})
	}
	ctes = append(ctes, cte("staged", selection(staged, "from "+table.String())))
	ctes = append(append(ctes, s.ctes()...), cte("landed", selection(landed, s.from()+s.filter(f.Where))))
	counts = append(counts, "staged", "landed")
	if len(f.Key) > 0 {
		ctes = append(ctes, cte("keys", distinctRows(table.String(), f.Key)))
		counts = append(counts, "keys")
		proofs = append(proofs, proof{uniqueBy(name, f.Key), "keys.distinct_rows", "staged.rows"})
	}
	return g.prove(model.Staging, ctes, counts, proofs)
}

// proveStarDimension is the body of the procedure that counts a dimension in
// dwh. What is there of a member has the key that staging gave it, and staging
// has one key for each member, so no member is there twice if no key is.
func (g generator) proveStarDimension(d model.Dimension) proving {
	star, name := g.table(model.DWH, d.Name), logical(model.DWH, d.Name)
	keys, key := g.table(model.Staging, d.SurrogateKey()), model.QuoteName(d.SurrogateKey())
	same := []string{keys + "." + key + " is not null"}
	for _, k := range d.Key {
		column, shown := g.shownAs(d, k)
		if !shown {
			continue
		}
		value := star + "." + model.QuoteName(column)
		if k.Optional {
			value = identifying(value)
		}
		same = append(same, value+" = "+keys+"."+model.QuoteName(k.Name))
	}
	if d.Versions {
		same = append(same, star+"."+model.Version+" = "+keys+"."+model.Version)
	}
	unknown := star + "." + key + " = 0"
	ctes := []string{
		cte("star", selection([]string{
			"count(*) as rows",
			"count(distinct " + star + "." + key + ") as keys",
			tally(star+".deleted") + " as deleted",
			tally(unknown+" and not "+star+".deleted") + " as unknown",
			tally(unknown+" or "+strings.Join(same, " and ")) + " as members",
		}, "from "+star+leftJoin(keys, []string{star + "." + key + " = " + keys + "." + key}))),
		cte("night", selection([]string{"count(*) as rows"}, "from "+g.table(model.Staging, d.Name))),
	}
	counts := []string{"star", "night"}
	present := []proof{
		{name, "star.rows", reported},
		{name + " deleted", "star.deleted", reported},
		{name + " not deleted", "star.rows - star.deleted", "night.rows"},
	}
	if d.Versions {
		present = []proof{{name, "star.rows", "night.rows"}, {name + " deleted", "star.deleted", reported}}
		more, count, versions := g.proveVersions(d, star)
		ctes, counts, present = append(ctes, more...), append(counts, count...), append(present, versions...)
	}
	return g.prove(model.DWH, ctes, counts, append(present, []proof{
		{name + " keys", "star.keys", "star.rows"},
		{name + " members", "star.members", "star.rows"},
		{name + " unknown members", "star.unknown", "1"},
	}...))
}

// proveStarFact is the body of the procedure that counts a fact in dwh. The
// facts are those of staging if there are as many and every column adds up to
// the same; that they are different ones is counted in staging.
func (g generator) proveStarFact(f model.Fact) proving {
	star, night, name := g.table(model.DWH, f.Name), g.table(model.Staging, f.Name), logical(model.DWH, f.Name)
	counted, staged := []string{"count(*) as rows"}, []string{"count(*) as rows"}
	proofs := []proof{{name, "star.rows", "night.rows"}}
	sum := func(column string, t model.Type) {
		counted = append(counted, whole(star+"."+model.QuoteName(column), t)+" as "+sumOf(column))
		staged = append(staged, whole(model.QuoteName(column), t)+" as "+sumOf(column))
		proofs = append(proofs, proof{name + " sum of " + column, "star." + sumOf(column), "night." + sumOf(column)})
	}
	if len(f.Document) > 0 {
		sum(f.SurrogateKey(), model.Integer())
	}
	from := "from " + star
	for _, role := range f.Roles {
		key := model.QuoteName(role.SurrogateKey())
		sum(role.SurrogateKey(), model.Integer())
		from += g.joinStar(role, star)
		counted = append(counted,
			tally(star+"."+key+" = 0")+" as "+fit("unknown_"+role.Name),
			tally(g.member(role)+"."+g.surrogate(role)+" is null")+" as "+fit("lost_"+role.Name))
		proofs = append(proofs,
			proof{name + " on unknown " + role.Name, "star." + fit("unknown_"+role.Name), reported},
			proof{name + " without " + role.Name, "star." + fit("lost_"+role.Name), "0"})
		if column, p, ok := g.proveMoment(f, role, star); ok {
			p.counted = "star." + p.counted
			counted, proofs = append(counted, column), append(proofs, p)
		}
	}
	for _, c := range f.Columns {
		switch {
		case c.Type.IsNumber():
			sum(c.Name, c.Type)
		default:
			column := model.QuoteName(c.Name)
			count := fit("values_of_" + c.Name)
			counted = append(counted, "count("+star+"."+column+") as "+count)
			staged = append(staged, "count("+column+") as "+count)
			proofs = append(proofs, proof{name + " values of " + c.Name, "star." + count, "night." + count})
		}
	}
	return g.prove(model.DWH, []string{
		cte("star", selection(counted, from)), cte("night", selection(staged, "from "+night)),
	}, []string{"star", "night"}, proofs)
}

// proveLoads is the first statement of the verification of staging: landing
// holds one run, all of its tables; and an export without any row, which would
// look like a source from which everything is gone, finds no star.
func (g generator) proveLoads() proving {
	var loads, empty, facts []string
	for _, r := range g.Relations() {
		loads = append(loads, "select run_id, rows from "+g.table(model.ETL, LoadTable(r.Table)))
		empty = append(empty, "select count(*) as rows from "+g.table(model.Mirror, r.Table))
	}
	for _, f := range g.Facts {
		facts = append(facts, "select count(*) as rows from "+g.table(model.DWH, f.Name))
	}
	for _, d := range g.Dimensions {
		if len(g.Facts) == 0 {
			facts = append(facts, "select count(*) as rows from "+g.table(model.DWH, d.Name)+"\nwhere deleted = false and "+model.QuoteName(d.SurrogateKey())+" <> 0")
		}
	}
	all := func(queries []string, as string) string {
		return "from (\n    " + indent(4, strings.Join(queries, "\nunion all\n")) + "\n) as " + as
	}
	ctes := []string{
		cte("loads", selection([]string{"count(*) as tables", "count(distinct run_id) as runs"}, all(loads, "loaded"))),
		cte("others", selection([]string{"count(*) as tables"}, all(loads, "loaded")+"\ncross join "+g.table(model.ETL, windowTable)+" as announced\nwhere loaded.run_id <> announced.run_id")),
		cte("landed", selection([]string{"coalesce(sum(rows), 0) as rows"}, all(empty, "tables"))),
		cte("star", selection([]string{"coalesce(sum(rows), 0) as rows"}, all(facts, "tables"))),
	}
	counts, proofs := []string{"loads", "others", "landed", "star"}, []proof{
		{"landing tables loaded", "loads.tables", strconv.Itoa(len(loads))},
		{"landing tables: runs that loaded them", "loads.runs", "1"},
		{"landing tables that another run loaded", "others.tables", "0"},
		{emptied, "case when landed.rows = 0 and loads.tables > 0 then star.rows else 0 end", "0"},
	}
	if slices.ContainsFunc(g.Dimensions, func(d model.Dimension) bool { return d.Versions }) {
		ctes = append(ctes, cte("announced", selection([]string{"count(exported_to) as moments"}, "from "+g.table(model.ETL, windowTable))))
		counts = append(counts, "announced")
		proofs = append(proofs, proof{"landing has a moment, from which versions of members are valid", "announced.moments", "1"})
	}
	return g.prove(model.Staging, ctes, counts, proofs)
}

// emptied is the name of the proof that an export without items meets no star.
const emptied = "landing has no row, and these rows of dwh would go: if the table was emptied on purpose, delete them first"

// proveContent proves that staging and dwh show the night of one run.
func (g generator) proveContent() proving {
	ctes := []string{cte("held", selection([]string{"count(*) as schemas", "count(distinct run_id) as runs"},
		"from "+g.table(model.ETL, "content")+"\nwhere schema_name in ('staging', 'dwh')"))}
	return g.prove(model.DWH, ctes, []string{"held"}, []proof{
		{"dwh and staging know their run", "held.schemas", "2"},
		{"dwh and staging show one run", "held.runs", "1"},
	})
}
