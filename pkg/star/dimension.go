package star

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/expr"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// dimensionNames spells the columns of a dimension in staging.
func (g generator) dimensionNames(d model.Dimension) []string {
	return quoted(model.Names(memberColumns(d)))
}

// assignKeys gives surrogate keys to business keys that have none: the highest
// key so far plus the row number in byte order. Members is a query of business
// keys, whose columns are called as in the table of keys. They need not be
// different: most have a key, so it is cheaper to look for keys first and to
// make what is left distinct.
func (g generator) assignKeys(name, key string, columns []model.KeyColumn, ctes []string, members, about string) string {
	keys, maxkeys := g.table(model.Staging, key), g.table(model.Staging, name+"_maxkey")
	key, maxkey := model.QuoteName(key), model.QuoteName(name+"maxkey")
	var on, order []string
	for _, c := range columns {
		n := model.QuoteName(c.Name)
		on = append(on, "members."+n+" = "+keys+"."+n)
		order = append(order, "new_members."+n)
	}
	var selected []string
	for _, c := range columns {
		selected = append(selected, "members."+model.QuoteName(c.Name))
	}
	ctes = append(slices.Clone(ctes),
		cte("members", members),
		cte("new_members", "select distinct\n"+list(selected)+"\nfrom members"+leftJoin(keys, on)+"\nwhere "+keys+"."+key+" is null"),
		cte("highest_key", selection([]string{"coalesce(max(" + maxkey + "), 0) as highest"}, "from "+maxkeys)))
	number := "cast(highest_key.highest\n    + row_number() over (order by " + strings.Join(order, ", ") + ") as integer)"
	return comment(about) +
		insert(keys, append([]string{key}, quotedKeys(columns)...), with(ctes)+
			selection(append([]string{number}, order...), "from new_members\ncross join highest_key")) + ";\n\n" +
		"delete from " + maxkeys + ";\n\n" +
		insert(maxkeys, []string{maxkey}, selection([]string{"coalesce(max(" + key + "), 0)"}, "from "+keys)) + ";\n\n"
}

func quotedKeys(columns []model.KeyColumn) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = model.QuoteName(c.Name)
	}
	return names
}

// unknownMember empties a dimension in staging and puts the unknown member
// into it.
func (g generator) unknownMember(d model.Dimension) string {
	table := g.table(model.Staging, d.Name)
	row := []string{"0"}
	for _, c := range d.Columns {
		switch {
		case c.Label == "":
			row = append(row, "null")
		case c.Type.Kind == model.KindString:
			row = append(row, text(c.Label))
		default:
			row = append(row, "cast("+text(c.Label)+" as "+c.Type.Redshift()+")")
		}
	}
	if d.Versions {
		row = append(row, "1", always, forever, "true", "false")
	}
	return "delete from " + table + ";\n\n" +
		insert(table, g.dimensionNames(d), values(row)) + ";\n\n"
}

// members is what a dimension is made of.
type members struct {
	*source

	d    model.Dimension
	keys []string // expressions of the business key
}

// members returns the source of a dimension. Described says whether the
// statement reads more than business keys.
func (g generator) members(d model.Dimension, described bool) members {
	want := demand{}
	for _, k := range d.Key {
		want.refs = append(want.refs, k.Ref)
	}
	if d.Where != nil {
		want.exprs = append(want.exprs, d.Where)
	}
	if described {
		for _, c := range d.Columns {
			if c.SQL != nil {
				want.exprs = append(want.exprs, c.SQL)
			} else {
				want.refs = append(want.refs, c.Ref)
			}
		}
		if d.Latest != nil {
			want.refs = append(want.refs, *d.Latest)
		}
	}
	m := members{source: g.source(d.Of, d.With, want), d: d}
	for _, k := range d.Key {
		m.keys = append(m.keys, m.keyColumn(k))
	}
	return m
}

// named spells the expressions of the business key with the names of its
// columns.
func (m members) named() []string {
	named := make([]string, len(m.keys))
	for i, k := range m.d.Key {
		named[i] = as(m.keys[i], k.Name)
	}
	return named
}

// keyColumn spells a column of a business key.
func (s *source) keyColumn(k model.KeyColumn) string {
	if k.Optional {
		return identifying(s.ref(k.Ref))
	}
	return s.ref(k.Ref)
}

// where spells the condition under which a row describes a member.
func (m members) where() string { return where(m.conditions()) }

func (m members) conditions() []string {
	var conditions []string
	if m.d.Where != nil {
		conditions = append(conditions, "("+m.expr(m.d.Where)+")")
	}
	if len(m.d.When) > 0 {
		values := make([]string, len(m.d.When))
		for i, name := range m.d.When {
			values[i] = m.ref(model.Ref{Column: name}) + " is not null"
		}
		conditions = append(conditions, "("+strings.Join(values, "\nor ")+")")
	}
	for _, k := range m.d.Key {
		if !k.Optional && m.nullable(k.Ref) {
			conditions = append(conditions, m.ref(k.Ref)+" is not null")
		}
	}
	return conditions
}

// nullable reports whether a column may have no value.
func (s *source) nullable(ref model.Ref) bool {
	c, _ := s.rows.Column(ref.Column)
	return ref.Lookup != "" || !c.Required
}

// column spells a column of the star.
func (s *source) column(c model.StarColumn) string {
	if c.SQL != nil {
		return s.expr(c.SQL)
	}
	return s.ref(c.Ref)
}

// loadDimension is the body of the procedure that loads a dimension.
func (g generator) loadDimension(d model.Dimension) string {
	if d.Calendar {
		return g.loadCalendar(d)
	}
	if d.Versions {
		return g.loadVersions(d)
	}
	m := g.members(d, false)
	return g.assignKeys(d.Name, d.SurrogateKey(), d.Key, m.ctes(), selection(m.named(), m.from()+m.where()),
		"New members, in the order of what identifies them, after the highest key so far.") +
		g.unknownMember(d) + g.describe(d)
}

// describe fills a dimension in staging with the members of the night.
func (g generator) describe(d model.Dimension) string {
	m := g.members(d, true)
	if d.Latest == nil && !d.First {
		return g.describeAll(m)
	}
	keys := g.table(model.Staging, d.SurrogateKey())
	exprs := []string{keys + "." + model.QuoteName(d.SurrogateKey())}
	on := make([]string, len(d.Key))
	from, condition, value, ctes := m.from(), m.where(), func(expr string) string { return expr }, m.ctes()
	if d.Latest != nil && len(m.with) > 0 {
		// The rows are read twice, and what they look up need not be joined twice.
		var described string
		described, value = m.described()
		from, condition, ctes = "from described", "", append(ctes, described)
	}
	group := make([]string, len(m.keys))
	for i, key := range m.keys {
		group[i] = value(key)
	}
	var ranked, order, taken []string
	for _, c := range d.Columns {
		ranked, taken = append(ranked, as(value(m.column(c)), c.Name)), append(taken, c.Name)
		exprs = append(exprs, "ranked."+model.QuoteName(c.Name))
	}
	for i, k := range d.Key {
		name := k.Name
		if j := slices.IndexFunc(d.Columns, func(c model.StarColumn) bool { return c.Name == name }); j >= 0 && m.column(d.Columns[j]) != m.keys[i] {
			name = fresh(name+"_key", taken...)
		}
		if !slices.Contains(taken, name) {
			ranked, taken = append(ranked, as(group[i], name)), append(taken, name)
		}
		on[i] = "ranked." + model.QuoteName(name) + " = " + keys + "." + model.QuoteName(k.Name)
	}
	about := "Of several rows the first by its text describes a member."
	if d.Latest != nil {
		about = fmt.Sprintf("Of several rows the one with the highest %s describes a member.", d.Latest)
		latest, joined := m.latestOf(group, value(m.ref(*d.Latest)), from, condition)
		ctes, from = append(ctes, latest), from+joined
		for _, ref := range m.tiebreaks() {
			order = append(order, value(m.ref(ref))+" desc nulls last")
		}
	}
	for _, c := range d.Columns {
		if !slices.Contains(m.keys, m.column(c)) {
			order = append(order, value(m.column(c)))
		}
	}
	if len(order) == 0 {
		order = group
	}
	place := fresh("place", taken...)
	ranked = append(ranked, rank(group, order)+" as "+place)
	ctes = append(ctes, cte("ranked", selection(ranked, from+condition)))
	return comment(about) + g.intoStaging(d, with(ctes)+selection(exprs,
		"from ranked\ninner join "+keys+"\n    on "+strings.Join(on, "\n    and ")+"\nwhere ranked."+place+" = 1"))
}

// describeAll fills a dimension whose members have one row each.
func (g generator) describeAll(m members) string {
	keys := g.table(model.Staging, m.d.SurrogateKey())
	exprs := []string{keys + "." + model.QuoteName(m.d.SurrogateKey())}
	on := make([]string, len(m.d.Key))
	for _, c := range m.d.Columns {
		exprs = append(exprs, m.column(c))
	}
	for i, k := range m.d.Key {
		on[i] = m.keys[i] + " = " + keys + "." + model.QuoteName(k.Name)
	}
	return comment("One row describes each member. If there are two, the verification refuses the night.") +
		g.intoStaging(m.d, with(m.ctes())+selection(exprs, m.from()+"\ninner join "+keys+"\n    on "+strings.Join(on, "\n    and ")+m.where()))
}

// intoStaging spells the INSERT of members.
func (g generator) intoStaging(d model.Dimension, query string) string {
	into := g.table(model.Staging, d.Name)
	if g.within != "" {
		into = g.touchedMembers(d).String()
	}
	return insert(into, g.dimensionNames(d), query) + ";\n"
}

// tiebreaks lists the columns that decide between rows of a member which are
// equally late.
func (m members) tiebreaks() []model.Ref {
	var refs []model.Ref
	for _, c := range m.rows.Identity {
		if ref := (model.Ref{Column: c}); !slices.ContainsFunc(m.d.Key, func(k model.KeyColumn) bool { return k.Ref == ref }) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// described spells all that picking the latest row of a member reads, with what
// rows look up. Value spells an expression as a column of it.
func (m members) described() (query string, value func(expr string) string) {
	var columns, taken []string
	named := map[string]string{}
	add := func(expr, name string) {
		if named[expr] != "" {
			return
		}
		name = fresh(name, taken...)
		columns, taken = append(columns, as(expr, name)), append(taken, name)
		named[expr] = "described." + model.QuoteName(name)
	}
	for _, c := range m.d.Columns {
		add(m.column(c), c.Name)
	}
	for i, k := range m.d.Key {
		add(m.keys[i], k.Name)
	}
	for _, ref := range append(m.tiebreaks(), *m.d.Latest) {
		add(m.ref(ref), ref.Column)
	}
	return cte("described", selection(columns, m.from()+m.where())), func(expr string) string { return named[expr] }
}

// latestOf spells the highest value of each member, and the join with it. What
// is left has few rows for each member, so that ranking them costs little.
func (m members) latestOf(group []string, value, from, condition string) (ctes, join string) {
	name := fresh("latest", m.rows.Table) // both may stand in one FROM
	var columns, conditions, taken []string
	for i, k := range m.d.Key {
		columns, taken = append(columns, as(group[i], k.Name)), append(taken, k.Name)
		conditions = append(conditions, group[i]+" = "+name+"."+model.QuoteName(k.Name))
	}
	highest := fresh("highest", taken...)
	columns = append(columns, "max("+value+") as "+highest)
	conditions = append(conditions, "("+value+" = "+name+"."+highest+" or "+name+"."+highest+" is null)")
	return cte(name, selection(columns, from+condition+"\ngroup by "+strings.Join(group, ", "))),
		"\ninner join " + name + "\n    on " + strings.Join(conditions, "\n    and ")
}

// refsOf lists the columns that an expression reads.
func refsOf(e *expr.Expr) []model.Ref {
	var refs []model.Ref
	e.SQL(func(table, column string) string {
		refs = append(refs, model.Ref{Lookup: table, Column: column})
		return column
	})
	return refs
}
