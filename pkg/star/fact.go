package star

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/expr"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// loadFact is the body of the procedure that loads a fact.
func (g generator) loadFact(f model.Fact) string {
	var b strings.Builder
	if len(f.Document) > 0 {
		ctes, documents := g.documents(f)
		b.WriteString(g.assignKeys(f.Name, f.SurrogateKey(), f.Document, ctes, documents,
			"New documents, in the order of what identifies them, after the highest key so far."))
	}
	table := g.factTable(model.Staging, f)
	b.WriteString("delete from " + table.String() + ";\n\n")
	b.WriteString(comment("What a fact looks up has one row for each key, and a dimension one for each member, so no join multiplies facts."))
	b.WriteString(g.insertFacts(f, table))
	return b.String()
}

// insertFacts fills a table with facts.
func (g generator) insertFacts(f model.Fact, table Table) string {
	want := demand{roles: f.Roles}
	for _, c := range f.Columns {
		if c.SQL != nil {
			want.exprs = append(want.exprs, c.SQL)
		} else {
			want.refs = append(want.refs, c.Ref)
		}
	}
	if f.Where != nil {
		want.exprs = append(want.exprs, f.Where)
	}
	for _, k := range f.Document {
		want.refs = append(want.refs, k.Ref)
	}
	s := g.source(f.Of, f.With, want)
	var exprs []string
	from := s.from()
	if len(f.Document) > 0 {
		keys := g.table(model.Staging, f.SurrogateKey())
		exprs = append(exprs, keys+"."+model.QuoteName(f.SurrogateKey()))
		on := make([]string, len(f.Document))
		for i, k := range f.Document {
			on[i] = s.keyColumn(k) + " = " + keys + "." + model.QuoteName(k.Name)
		}
		from += "\ninner join " + keys + "\n    on " + strings.Join(on, "\n    and ")
	}
	for _, role := range f.Roles {
		exprs = append(exprs, s.key(role))
	}
	for _, c := range f.Columns {
		exprs = append(exprs, s.column(c))
	}
	return insert(table.String(), table.ColumnNames(), with(s.ctes())+selection(exprs, from+s.filter(f.Where))) + ";\n"
}

// filter spells the condition under which a row is a fact.
func (s *source) filter(e *expr.Expr) string {
	if e == nil {
		return ""
	}
	return where([]string{"(" + s.expr(e) + ")"})
}

// documents spells a query of the business keys of the documents: those of the
// facts, and those of what the facts look up as their document.
func (g generator) documents(f model.Fact) (ctes []string, query string) {
	want := demand{}
	for _, k := range f.Document {
		want.refs = append(want.refs, k.Ref)
	}
	if f.Where != nil {
		want.exprs = append(want.exprs, f.Where)
	}
	s := g.source(f.Of, f.With, want)
	exprs := make([]string, len(f.Document))
	for i, k := range f.Document {
		exprs[i] = as(s.keyColumn(k), k.Name)
	}
	queries := []string{selection(exprs, s.from()+s.filter(f.Where))}
	for _, l := range f.With {
		columns, ok := matching(l, f.Document)
		if !ok {
			continue
		}
		rows, _ := g.Relation(l.Of)
		table := g.table(model.Mirror, rows.Table)
		exprs := make([]string, len(columns))
		var conditions []string
		if g.within != "" { // other documents have keys
			table = g.deltaTable(rows).String()
			conditions = append(conditions, table+"."+model.QuoteName(g.changeColumn(rows))+" = 'put'")
		}
		for i, name := range columns {
			value := table + "." + model.QuoteName(name)
			c, _ := rows.Column(name)
			if !c.Required {
				conditions = append(conditions, value+" is not null")
			}
			if f.Document[i].Optional {
				value = identifying(value)
			}
			exprs[i] = as(value, f.Document[i].Name)
		}
		queries = append(queries, selection(exprs, "from "+table+where(conditions)))
	}
	return s.ctes(), strings.Join(queries, "\nunion all\n")
}

// matching returns the columns of a lookup that the document's columns are
// matched with, if it is matched on exactly these.
func matching(l model.Lookup, document []model.KeyColumn) ([]string, bool) {
	columns := make([]string, len(document))
	for i, k := range document {
		at := slices.IndexFunc(l.On, func(m model.Match) bool { return m.Ref == k.Ref })
		if at < 0 {
			return nil, false
		}
		columns[i] = l.On[at].Column
	}
	return columns, len(l.On) == len(document)
}
