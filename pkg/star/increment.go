package star

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// increment lists the procedures of an increment, in the order in which they are
// called.
func (g generator) increment() []procedure {
	var steps []procedure
	add := func(schema, name, about, body string) {
		if strings.TrimSpace(body) != "" {
			steps = append(steps, procedure{schema: schema, name: name, about: []string{about}, body: body})
		}
	}
	steps = append(steps, g.accept())
	for _, r := range g.Relations() {
		add(model.Delta, "find_"+r.Table, fmt.Sprintf("Finds the rows that %s loses and gets.", g.table(model.Mirror, r.Table)), g.findChanges(r))
	}
	for _, d := range g.Dimensions {
		add(model.Delta, "touch_"+d.Name, fmt.Sprintf("Finds the members of %s that may look different now: before the mirror changes, those that were.", d.Name), g.touchDimension(d))
	}
	for _, f := range g.Facts {
		add(model.Delta, "touch_"+f.Name, fmt.Sprintf("Finds the facts of %s that may look different now, as they were.", f.Name), g.touchFact(f))
	}
	add(model.Mirror, "change", "Brings the changes into the mirror.", g.applyChanges())
	for _, d := range g.Dimensions {
		add(model.Delta, "describe_"+d.Name, fmt.Sprintf("Makes the touched members of %s as they are now.", d.Name), g.describeTouched(d))
	}
	for _, f := range g.Facts {
		add(model.Delta, "late_"+f.Name, fmt.Sprintf("Finds the facts of %s whose members have come or gone, as they were.", f.Name), g.touchLate(f))
	}
	for _, d := range g.Dimensions {
		add(model.Delta, "settle_"+d.Name, fmt.Sprintf("Publishes the touched members of %s.", d.Name), g.settleDimension(d))
	}
	for _, f := range g.Facts {
		add(model.Delta, "settle_"+f.Name, fmt.Sprintf("States the touched facts of %s, and publishes them.", f.Name), g.settleFact(f))
	}
	return steps
}

// touchDimension finds the touched rows, and the business keys that they had.
func (g generator) touchDimension(d model.Dimension) string {
	if d.Versions {
		return g.touchVersions(d)
	}
	keys := g.touchedKeys(d)
	if d.Calendar {
		var b strings.Builder
		b.WriteString("delete from " + keys.String() + ";\n\n")
		for _, day := range d.Days {
			r, _ := g.Relation(day.Of)
			delta := g.deltaTable(r).String()
			b.WriteString(insert(keys.String(), keys.ColumnNames(), "select distinct "+g.dayOf(day, delta)+"\nfrom "+delta+
				"\nwhere "+delta+"."+model.QuoteName(day.Column)+" is not null") + ";\n\n")
		}
		return b.String()
	}
	rows := g.touchedRows(d.Name, d.Of)
	return g.touchRows(rows, d.Of, d.With) + "delete from " + keys.String() + ";\n\n" + g.keysOf(d)
}

// dayOf spells the day of a column.
func (g generator) dayOf(day model.Day, table string) string {
	r, _ := g.Relation(day.Of)
	c, _ := r.Column(day.Column)
	value := table + "." + model.QuoteName(day.Column)
	if c.Type.Kind != model.KindDate {
		value = "cast(" + value + " as date)"
	}
	return value
}

// keysOf adds the business keys of the touched rows.
func (g generator) keysOf(d model.Dimension) string {
	keys := g.touchedKeys(d)
	want := demand{}
	for _, k := range d.Key {
		want.refs = append(want.refs, k.Ref)
	}
	s := g.only(g.touchedRows(d.Name, d.Of)).source(d.Of, d.With, want)
	exprs := make([]string, len(d.Key))
	var conditions []string
	for i, k := range d.Key {
		exprs[i] = s.keyColumn(k)
		if !k.Optional && s.nullable(k.Ref) {
			conditions = append(conditions, s.ref(k.Ref)+" is not null")
		}
	}
	return insert(keys.String(), keys.ColumnNames(), s.withCTEs()+selection(exprs, s.from()+where(conditions))) + ";\n\n"
}

// distinctKeys spells the touched keys, each once.
func (g generator) distinctKeys(t Table) string {
	return "select distinct\n" + list(quoted(model.Names(t.Columns))) + "\nfrom " + t.String()
}

// describeTouched makes the touched members: those that the touched rows have,
// before or now, from all rows that describe them.
func (g generator) describeTouched(d model.Dimension) string {
	if d.Versions {
		return g.describeTouchedVersions(d)
	}
	keys, members, turned := g.touchedKeys(d), g.touchedMembers(d), g.turnedKeys(d)
	given, before := g.table(model.Staging, d.SurrogateKey()), g.table(model.Staging, d.Name)
	key := model.QuoteName(d.SurrogateKey())
	var b strings.Builder
	if d.Calendar {
		within := g.only(keys)
		b.WriteString(within.assignKeys(d.Name, d.SurrogateKey(), d.Key, nil, within.days(d, model.QuoteName(d.Key[0].Name)), "New days, in the order of the calendar, after the highest key so far."))
		b.WriteString("delete from " + members.String() + ";\n\n" + within.describeDays(d) + "\n")
	} else {
		rows := g.touchedRows(d.Name, d.Of)
		b.WriteString(g.keysOf(d))
		h := hits{query: g.distinctKeys(keys), columns: model.Names(keys.Columns), exact: true}
		for _, k := range d.Key {
			h.refs = append(h.refs, k.Ref)
		}
		h.each = func(i int, _ model.Ref, value string) string {
			if d.Key[i].Optional {
				return identifying(value)
			}
			return value
		}
		b.WriteString("delete from " + rows.String() + ";\n\n" + g.touching(rows, d.Of, d.With, h))
		within := g.only(rows)
		m := within.members(d, false)
		b.WriteString(within.assignKeys(d.Name, d.SurrogateKey(), d.Key, m.ctes(), selection(m.named(), m.from()+m.where()),
			"New members, in the order of what identifies them, after the highest key so far."))
		b.WriteString("delete from " + members.String() + ";\n\n" + within.describe(d) + "\n")
	}
	var names []string
	for _, k := range d.Key {
		names = append(names, k.Name)
	}
	b.WriteString("delete from " + turned.String() + ";\n\n")
	b.WriteString(insert(turned.String(), turned.ColumnNames(), selection(named(given, names), "from "+given+
		"\ninner join (\n    "+indent(4, g.distinctKeys(keys))+"\n) as touched\n    on "+strings.Join(same(given, "touched", names), "\n    and ")+
		leftJoin(before+" as was", []string{given + "." + key + " = was." + key})+
		leftJoin(members.String()+" as is_now", []string{given + "." + key + " = is_now." + key})+
		"\nwhere was."+key+" is null and is_now."+key+" is not null\n    or was."+key+" is not null and is_now."+key+" is null")) + ";\n")
	return b.String()
}

// touchFact finds the touched rows, and the facts that were made of them.
func (g generator) touchFact(f model.Fact) string {
	rows, gone := g.touchedRows(f.Name, f.Of), g.goneFacts(f)
	return g.touchRows(rows, f.Of, f.With) + "delete from " + gone.String() + ";\n\n" + g.only(rows).insertFacts(f, gone)
}

// touchLate finds rows that refer to members which have come or gone, and the
// facts that were made of them. The members are still the ones from before.
func (g generator) touchLate(f model.Fact) string {
	rows, late := g.touchedRows(f.Name, f.Of), g.lateRows(f)
	r, _ := g.Relation(f.Of)
	var b strings.Builder
	b.WriteString("delete from " + late.String() + ";\n\n")
	for _, role := range f.Roles {
		d, _ := g.Dimension(role.Dimension)
		turned := g.turnedKeys(d)
		h := hits{query: g.distinctKeys(turned), columns: model.Names(turned.Columns), refs: role.On}
		h.each = func(i int, ref model.Ref, value string) string {
			switch {
			case d.Calendar && !g.isDate(f, ref):
				return "cast(" + value + " as date)"
			case d.Key[i].Optional:
				return identifying(value)
			}
			return value
		}
		b.WriteString(g.touching(late, f.Of, f.With, h))
	}
	b.WriteString(deleteMatching(late.String(), rows.String(), same(late.String(), rows.String(), r.Identity)) + ";\n\n")
	b.WriteString(g.only(late).insertFacts(f, g.goneFacts(f)) + "\n")
	b.WriteString(insert(rows.String(), rows.ColumnNames(), selection(late.ColumnNames(), "from "+late.String())) + ";\n")
	return b.String()
}

// isDate reports whether a column that a fact refers to is a date.
func (g generator) isDate(f model.Fact, ref model.Ref) bool {
	of := f.Of
	if i := slices.IndexFunc(f.With, func(l model.Lookup) bool { return l.Name == ref.Lookup }); i >= 0 {
		of = f.With[i].Of
	}
	r, _ := g.Relation(of)
	c, _ := r.Column(ref.Column)
	return c.Type.Kind == model.KindDate
}

// settleDimension publishes the touched members. Those that are gone are marked.
func (g generator) settleDimension(d model.Dimension) string {
	if d.Versions {
		return g.settleVersions(d)
	}
	keys, members := g.touchedKeys(d), g.touchedMembers(d)
	given, night, star := g.table(model.Staging, d.SurrogateKey()), g.table(model.Staging, d.Name), g.table(model.DWH, d.Name)
	key := model.QuoteName(d.SurrogateKey())
	var names []string
	for _, k := range d.Key {
		names = append(names, k.Name)
	}
	touched := "select " + given + "." + key + "\nfrom " + given + "\ninner join (\n    " + indent(4, g.distinctKeys(keys)) + "\n) as touched\n    on " +
		strings.Join(same(given, "touched", names), "\n    and ")
	inTouched := key + " in (\n    " + indent(4, touched) + "\n)"
	columns := g.dimensionNames(d)
	return "delete from " + night + "\nwhere " + inTouched + ";\n\n" +
		insert(night, columns, selection(columns, "from "+members.String())) + ";\n\n" +
		"delete from " + star + "\nwhere " + key + " in (select " + key + " from " + members.String() + ");\n\n" +
		comment("A touched member whose row is left is gone.") +
		"update " + model.QuoteName(g.Schema(model.DWH)) + ".\"" + d.Name + "\"\nset deleted = true\nwhere deleted = false\n    and " + indent(4, inTouched) + ";\n\n" +
		insert(star, append(g.dimensionNames(d), model.Deleted), selection(append(g.dimensionNames(d), "false"), "from "+members.String())) + ";\n"
}

// settleFact takes facts away and adds those that there are now.
func (g generator) settleFact(f model.Fact) string {
	rows, gone := g.touchedRows(f.Name, f.Of), g.goneFacts(f)
	night, star := g.factTable(model.Staging, f), g.factTable(model.DWH, f)
	return g.only(rows).loadFact(f) + "\n" +
		deleteMatching(star.String(), gone.String(), same(star.String(), gone.String(), f.Key)) + ";\n\n" +
		insert(star.String(), star.ColumnNames(), selection(night.ColumnNames(), "from "+night.String())) + ";\n"
}
