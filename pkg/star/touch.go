package star

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// hits is a query of values. Rows that refer to one of them are touched.
type hits struct {
	query   string
	columns []string
	refs    []model.Ref                                     // what is compared with the columns
	exact   bool                                            // nothing may be touched that does not refer to a value
	each    func(i int, ref model.Ref, value string) string // the value as it is compared; nil if as it is
}

func (h hits) value(i int, value string) string {
	if h.each == nil {
		return value
	}
	return h.each(i, h.refs[i], value)
}

func (h hits) on(name string, value func(ref model.Ref) string) string {
	conditions := make([]string, len(h.refs))
	for i, ref := range h.refs {
		conditions[i] = h.value(i, value(ref)) + " = " + name + "." + model.QuoteName(h.columns[i])
	}
	return "\ninner join (\n    " + indent(4, h.query) + "\n) as " + name + "\n    on " + strings.Join(conditions, "\n    and ")
}

// touching spells the INSERT of the identities of rows that refer to values,
// directly or by what they look up.
//
// Values that are compared with columns of one lookup are followed back to the
// values by which that is looked up, so that only few rows are joined. A lookup
// of the latest row may find another one than was touched, so this takes in a few
// rows too many, which are then made as they were.
func (g generator) touching(into Table, of string, with []model.Lookup, h hits) string {
	rows, _ := g.Relation(of)
	lookup := commonLookup(h.refs)
	if (lookup == "" || h.exact) && slices.ContainsFunc(h.refs, func(r model.Ref) bool { return r.Lookup != "" }) {
		s := g.source(of, with, demand{refs: append(slices.Clone(h.refs), ownRefs(rows.Identity)...)})
		identity := make([]string, len(rows.Identity))
		for i, name := range rows.Identity {
			identity[i] = s.ref(model.Ref{Column: name})
		}
		return insert(into.String(), into.ColumnNames(), s.withCTEs()+selection(identity, s.from()+h.on(fresh("hits", rows.Table), s.ref))) + ";\n\n"
	}
	if lookup != "" {
		l := with[slices.IndexFunc(with, func(l model.Lookup) bool { return l.Name == lookup })]
		return g.touching(into, of, with, g.through(l, h))
	}
	table := g.table(model.Mirror, rows.Table)
	return insert(into.String(), into.ColumnNames(), selection(named(table, rows.Identity), "from "+table+
		h.on(fresh("hits", rows.Table), func(ref model.Ref) string { return table + "." + model.QuoteName(ref.Column) }))) + ";\n\n"
}

func ownRefs(columns []string) []model.Ref {
	refs := make([]model.Ref, len(columns))
	for i, c := range columns {
		refs[i].Column = c
	}
	return refs
}

// through follows values of columns of a lookup back to what it is looked up by.
func (g generator) through(l model.Lookup, h hits) hits {
	rows, _ := g.Relation(l.Of)
	table := g.table(model.Mirror, rows.Table)
	back := byLookup(l)
	back.query = "select distinct\n" + list(named(table, back.columns)) + "\nfrom " + table +
		h.on(fresh("hits", rows.Table), func(ref model.Ref) string { return table + "." + model.QuoteName(ref.Column) })
	return back
}

// byLookup returns hits of what a lookup is looked up by, without their query.
func byLookup(l model.Lookup) hits {
	var h hits
	for _, m := range l.On {
		h.columns, h.refs = append(h.columns, m.Column), append(h.refs, m.Ref)
	}
	return h
}

// touchRows spells the statements that find the rows of a dimension or fact which
// changes of the mirror touch: rows that have changed, and those that look up
// one that has. It is enough to look at the mirror before the changes: a row that
// has not changed, and finds no changed row there, finds the same afterwards.
func (g generator) touchRows(into Table, of string, with []model.Lookup) string {
	rows, _ := g.Relation(of)
	delta := g.deltaTable(rows).String()
	var b strings.Builder
	b.WriteString("delete from " + into.String() + ";\n\n")
	b.WriteString(insert(into.String(), into.ColumnNames(), selection(named(delta, rows.Identity), "from "+delta)) + ";\n\n")
	for _, l := range with {
		looked, _ := g.Relation(l.Of)
		delta := g.deltaTable(looked).String()
		h := byLookup(l)
		h.query = "select distinct\n" + list(named(delta, h.columns)) + "\nfrom " + delta
		b.WriteString(g.touching(into, of, with, h))
	}
	return b.String()
}

// only restricts what is generated to the rows that a table identifies.
func (g generator) only(rows Table) generator {
	g.within = rows.String()
	return g
}

// ownRows is the name of the rows that a statement is about.
func (s *source) ownRows() string {
	switch {
	case s.g.within != "":
		return "touched_rows"
	case s.g.changes:
		return s.g.changesTable(s.rows).String()
	}
	return s.g.table(model.Mirror, s.rows.Table)
}

// restricted spells the common table expression of the rows that the statement
// is restricted to, if it is.
func (s *source) restricted() []string {
	if s.g.within == "" {
		return nil
	}
	table := s.g.table(model.Mirror, s.rows.Table)
	touched := fresh("touched", s.rows.Table)
	return []string{cte("touched_rows", selection(named(table, model.Names(s.rows.Columns)), "from "+table+
		"\ninner join (\n    select distinct\n    "+indent(4, list(quoted(s.rows.Identity)))+"\n    from "+s.g.within+"\n) as "+touched+
		"\n    on "+strings.Join(same(table, touched, s.rows.Identity), "\n    and ")))}
}

// withCTEs spells the WITH clause of what the statement looks up.
func (s *source) withCTEs() string { return with(s.ctes()) }
