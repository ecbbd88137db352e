package star

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// A dimension with versions remembers in dwh what members looked like. A run adds
// the versions that begin in it: of each item that was written and looks different
// from before. When a version ends follows from when the next one begins. What the
// source no longer holds is marked, and its last version does not end: an item
// that is set aside for a day leaves no hole in which facts have no member.

const (
	always  = "cast('" + model.Always + "' as timestamp)"
	forever = "cast('" + model.Forever + "' as timestamp)"
)

// begunVersions holds the versions of members that a run adds.
func (g generator) begunVersions(d model.Dimension) Table {
	columns := append(dimensionColumns(d), model.HistoryColumns()[:2]...)
	return g.scratch("versions_of", d.Name, "Versions of members of "+d.Name+" that begin in a run.", columns)
}

// versionKey lists what has a surrogate key: members, or their versions.
func versionKey(d model.Dimension) []model.KeyColumn {
	if !d.Versions {
		return d.Key
	}
	return append(slices.Clone(d.Key), model.KeyColumn{Name: model.Version, Type: model.Integer()})
}

func keyNames(d model.Dimension) []string {
	names := make([]string, len(d.Key))
	for i, k := range d.Key {
		names[i] = k.Name
	}
	return names
}

func columnNames(d model.Dimension) []string {
	names := make([]string, len(d.Columns))
	for i, c := range d.Columns {
		names[i] = c.Name
	}
	return names
}

// loadVersions is the body of the procedure that loads a dimension with versions.
func (g generator) loadVersions(d model.Dimension) string {
	return g.beginVersions(d) + g.unknownMember(d) + g.describeVersions(d)
}

// beginVersions finds the versions that begin, and gives them surrogate keys.
func (g generator) beginVersions(d model.Dimension) string {
	begun := g.begunVersions(d)
	keys, columns := keyNames(d), columnNames(d)
	kept := slices.Concat(columns, []string{model.Version, model.ValidFrom})
	place, versions := fresh("place", columns...), fresh("versions", columns...)
	by := "partition by " + strings.Join(quoted(keys), ", ")
	numbered := append(quoted(kept),
		"max("+model.Version+") over ("+by+") as "+versions,
		"row_number() over (\n    "+by+"\n    order by "+model.Version+" desc nulls last, "+model.ValidFrom+"\n) as "+place)
	different := []string{"before." + place + " is null"}
	for _, c := range columns {
		if k := model.QuoteName(c); !slices.Contains(keys, c) {
			different = append(different, "this."+k+" <> before."+k,
				"this."+k+" is null and before."+k+" is not null", "this."+k+" is not null and before."+k+" is null")
		}
	}
	begins := append(named("this", columns),
		"cast(this."+versions+" + row_number() over (\n    partition by "+strings.Join(named("this", keys), ", ")+"\n    order by this."+place+"\n) as integer)",
		"case when this."+place+" = 1 then "+always+" else this."+model.ValidFrom+" end")
	seen := g.seen(d) + "\nunion all\n" + g.remembered(d, true)
	return "delete from " + begun.String() + ";\n\n" +
		comment("What was written after the last version, in its order, where it differs from what was there before. The first version has no beginning.") +
		insert(begun.String(), begun.ColumnNames(), with([]string{
			cte("seen", seen), cte("numbered", selection(numbered, "from seen")),
		})+selection(begins, "from numbered as this"+leftJoin("numbered as before", append(same("this", "before", keys), "this."+place+" = before."+place+" + 1"))+
			"\nwhere this."+model.Version+" = 0\n    and (\n        "+strings.Join(different, "\n        or ")+"\n    )")) + ";\n\n" +
		g.assignKeys(d.Name, d.SurrogateKey(), versionKey(d), nil, selection(quotedKeys(versionKey(d)), "from "+begun.String()),
			"New versions, in the order of what identifies their members, after the highest key so far.")
}

// seen spells a query of what a run shows of members, and when: each put of an
// increment at its time, each item of a full export at the time of the export.
func (g generator) seen(d model.Dimension) string {
	m := g.members(d, true)
	exprs := make([]string, 0, len(d.Columns)+2)
	for _, c := range d.Columns {
		exprs = append(exprs, as(m.column(c), c.Name))
	}
	rows, _ := g.Relation(d.Of)
	if g.changes {
		op, written := g.changesTable(rows).Columns[0].Name, g.changesTable(rows).Columns[1].Name
		of := g.changesTable(rows).String() + "."
		return selection(append(exprs, "0 as "+model.Version, of+model.QuoteName(written)+" as "+model.ValidFrom),
			"from "+g.changesTable(rows).String()+where(append([]string{of + model.QuoteName(op) + " = 'put'"}, m.conditions()...)))
	}
	announced := fresh("announced", rows.Table)
	return selection(append(exprs, "0 as "+model.Version, announced+".exported_to as "+model.ValidFrom),
		m.from()+"\ncross join "+g.table(model.ETL, windowTable)+" as "+announced+m.where())
}

// remembered spells a query of the versions that dwh holds: all of them, or the
// last one of each member.
func (g generator) remembered(d model.Dimension, last bool) string {
	star := g.table(model.DWH, d.Name)
	from := "from " + star
	if g.changes {
		from += g.joinTouched(star, d)
	}
	conditions := []string{star + "." + model.QuoteName(d.SurrogateKey()) + " <> 0"}
	if last {
		conditions = append(conditions, star+"."+model.Current)
	}
	return selection(named(star, append(columnNames(d), model.Version, model.ValidFrom)), from+where(conditions))
}

func (g generator) joinTouched(table string, d model.Dimension) string {
	return "\ninner join (\n    " + indent(4, g.distinctKeys(g.touchedKeys(d))) + "\n) as touched\n    on " + strings.Join(same(table, "touched", keyNames(d)), "\n    and ")
}

// describeVersions fills a dimension with all versions of its members, or of
// those that an increment touches.
func (g generator) describeVersions(d model.Dimension) string {
	columns, keys := columnNames(d), keyNames(d)
	kept := slices.Concat(columns, []string{model.Version, model.ValidFrom})
	next := fresh("next_from", columns...)
	given := g.table(model.Staging, d.SurrogateKey())
	begun := g.begunVersions(d).String()
	into := g.table(model.Staging, d.Name)
	mirror := g
	mirror.changes = false
	m := mirror.members(d, false)
	present := m.from()
	if g.changes {
		into = g.touchedMembers(d).String()
		on := make([]string, len(d.Key))
		for i, k := range d.Key {
			on[i] = m.keys[i] + " = touched." + model.QuoteName(k.Name)
		}
		present += "\ninner join (\n    " + indent(4, g.distinctKeys(g.touchedKeys(d))) + "\n) as touched\n    on " + strings.Join(on, "\n    and ")
	}
	exprs := slices.Concat(named(given, []string{d.SurrogateKey()}), named("followed", kept), []string{
		"coalesce(followed." + next + ", " + forever + ")",
		"case when followed." + next + " is null then true else false end",
		"case when present." + model.QuoteName(keys[0]) + " is null then true else false end",
	})
	return comment("A version ends when the next one begins. Members that the source no longer holds are marked.") +
		insert(into, g.dimensionNames(d), with([]string{
			cte("versions", g.remembered(d, false)+"\nunion all\n"+selection(quoted(kept), "from "+begun)),
			cte("followed", selection(append(quoted(kept), "lead("+model.ValidFrom+") over (\n    partition by "+strings.Join(quoted(keys), ", ")+
				"\n    order by "+model.Version+"\n) as "+next), "from versions")),
			cte("present", selection(m.named(), present+m.where())),
		})+selection(exprs, "from followed\ninner join "+given+"\n    on "+strings.Join(same("followed", given, slices.Concat(keys, []string{model.Version})), "\n    and ")+
			leftJoin("present", same("followed", "present", keys)))) + ";\n"
}

// publishVersions is the body of the procedure that brings all versions into dwh.
func (g generator) publishVersions(d model.Dimension) string {
	night, star := g.table(model.Staging, d.Name), g.table(model.DWH, d.Name)
	return "delete from " + star + ";\n\n" +
		insert(star, g.dimensionNames(d), selection(g.dimensionNames(d), "from "+night)) + ";\n"
}

// touchVersions finds the members whose items changes put or delete.
func (g generator) touchVersions(d model.Dimension) string {
	keys := g.touchedKeys(d)
	rows, _ := g.Relation(d.Of)
	columns := make([]string, len(d.Key))
	for i, k := range d.Key {
		columns[i] = k.Ref.Column
	}
	changes := g.changesTable(rows).String()
	return "delete from " + keys.String() + ";\n\n" +
		insert(keys.String(), keys.ColumnNames(), "select distinct\n"+list(named(changes, columns))+"\nfrom "+changes) + ";\n"
}

// describeTouchedVersions makes the versions of touched members. Facts are stated
// anew if their member has a new version.
func (g generator) describeTouchedVersions(d model.Dimension) string {
	members, turned := g.touchedMembers(d), g.turnedKeys(d)
	g.changes = true
	return g.beginVersions(d) + "delete from " + members.String() + ";\n\n" + g.describeVersions(d) + "\n" +
		"delete from " + turned.String() + ";\n\n" +
		insert(turned.String(), turned.ColumnNames(), "select distinct\n"+list(quoted(keyNames(d)))+"\nfrom "+g.begunVersions(d).String()) + ";\n"
}

// settleVersions publishes the versions of touched members.
func (g generator) settleVersions(d model.Dimension) string {
	members, key := g.touchedMembers(d).String(), model.QuoteName(d.SurrogateKey())
	var b strings.Builder
	for _, table := range []string{g.table(model.Staging, d.Name), g.table(model.DWH, d.Name)} {
		b.WriteString("delete from " + table + "\nwhere " + key + " in (select " + key + " from " + members + ");\n\n" +
			insert(table, g.dimensionNames(d), selection(g.dimensionNames(d), "from "+members)) + ";\n\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// proveVersions spells what the versions of a table have to be: of each member
// one is the last, and each ends when the next one begins.
func (g generator) proveVersions(d model.Dimension, table string) (ctes, counts []string, proofs []proof) {
	keys, columns := keyNames(d), columnNames(d)
	last := fresh("current_versions", columns...)
	name := logical(model.DWH, d.Name)
	members := selection(append(quoted(keys), tally(model.Current)+" as "+last), "from "+table+"\ngroup by "+strings.Join(quoted(keys), ", "))
	ctes = []string{
		cte("members", selection([]string{"count(*) as members", tally("each."+last+" = 1") + " as with_one"}, "from (\n    "+indent(4, members)+"\n) as each")),
		cte("ends", selection([]string{
			tally("next."+model.Version+" is null and not this."+model.Current+
				"\nor next."+model.Version+" is not null and (this."+model.Current+" or this."+model.ValidTo+" <> next."+model.ValidFrom+")") + " as wrong",
			tally("this."+model.ValidFrom+" > this."+model.ValidTo) + " as early",
		}, "from "+table+" as this"+leftJoin(table+" as next", append(same("this", "next", keys), "this."+model.Version+" + 1 = next."+model.Version)))),
	}
	return ctes, []string{"members", "ends"}, []proof{
		{name + " members with one current version", "members.with_one", "members.members"},
		{name + " versions that begin before the one before them, because what was loaded is older than the star", "ends.early", "0"},
		{name + " versions that do not end where the next one begins", "ends.wrong", "0"},
	}
}

// shownMoment returns the column of a fact that shows the moment of a role.
func shownMoment(f model.Fact, role model.Role) (model.StarColumn, bool) {
	i := slices.IndexFunc(f.Columns, func(c model.StarColumn) bool { return role.AsOf != nil && c.SQL == nil && c.Ref == *role.AsOf })
	if i < 0 {
		return model.StarColumn{}, false
	}
	return f.Columns[i], true
}

// proveMoment counts facts that refer to a version which was not valid at the
// moment that they show.
func (g generator) proveMoment(f model.Fact, role model.Role, facts string) (column string, p proof, ok bool) {
	c, ok := shownMoment(f, role)
	if !ok {
		return "", proof{}, false
	}
	count := fit("misdated_" + role.Name)
	moment := facts + "." + model.QuoteName(c.Name)
	if c.Type.Kind == model.KindDate {
		moment = "cast(" + moment + " as timestamp)"
	}
	return tally(g.member(role)+"."+g.surrogate(role)+" <> 0 and not ("+strings.Join(validThen(moment, g.member(role)), " and ")+")") + " as " + count,
		proof{logical(model.DWH, f.Name) + " on another version of " + role.Name + " than was valid", count, "0"}, true
}

// joinStar joins the member of dwh that a fact refers to. One that is deleted
// counts only if it has versions, which facts keep.
func (g generator) joinStar(role model.Role, facts string) string {
	on := []string{facts + "." + model.QuoteName(role.SurrogateKey()) + " = " + g.member(role) + "." + g.surrogate(role)}
	if role.AsOf == nil {
		on = append(on, g.member(role)+".deleted = false")
	}
	return leftJoin(g.table(model.DWH, role.Dimension)+" as "+g.member(role), on)
}

// validThen spells the conditions under which a version was valid at a moment.
func validThen(moment, version string) []string {
	return []string{moment + " >= " + version + "." + model.ValidFrom, moment + " < " + version + "." + model.ValidTo}
}

// Before returns what rows have in a column that history adds: the value, as SQL
// writes it, with which members go on as their own first versions. It is empty
// for all other columns.
func Before(m model.Model, schema, table, column string) string {
	for _, d := range m.Dimensions {
		isKeys := schema == model.Staging && table == d.SurrogateKey()
		if !d.Versions || !isKeys && !(schema == model.DWH && table == d.Name) {
			continue
		}
		switch column {
		case model.Version:
			return "1"
		case model.ValidFrom:
			return always
		case model.ValidTo:
			return forever
		case model.Current:
			return "true"
		}
	}
	return ""
}
