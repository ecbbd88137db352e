package evolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lineage"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// before is the name under which the rows of a table wait while it is created
// anew. It is gone when the transaction ends.
const before = "nightstar_before"

// apply adds the statements by which a table follows.
func (p *Plan) apply(t table, wanted, noted []lineage.Column, how way) {
	found, _ := star.Find(p.model, t.schema, t.name)
	name, old := found.String(), p.sql(table{t.schema, before})
	s := step{note: wanted}
	if len(noted) > 0 {
		s.forget = &t
	}
	drop := "drop table if exists " + name
	switch how {
	case keep:
		return
	case create:
		s.statements = []string{found.DDL()}
	case empty:
		s.statements = []string{drop, found.DDL()}
	case copied:
		var names, values []string
		for _, c := range wanted {
			if i := slices.IndexFunc(noted, func(n lineage.Column) bool { return n.Name == c.Name }); i >= 0 {
				names = append(names, model.QuoteName(c.Name))
				values = append(values, fmt.Sprintf("cast(%s as %s)", model.QuoteName(c.Name), c.Type))
			} else if value := star.Before(p.model, t.schema, t.name, c.Name); value != "" {
				names, values = append(names, model.QuoteName(c.Name)), append(values, value)
			}
		}
		s.statements = []string{
			"create table " + old + " as\nselect * from " + name, drop, found.DDL(),
			"insert into " + name + " (" + strings.Join(names, ", ") + ")\nselect " + strings.Join(values, ", ") + "\nfrom " + old,
			"drop table " + old,
		}
	}
	switch {
	case how == create:
		p.now = append(p.now, s)
	case t.schema == model.DWH:
		p.publish = append(p.publish, s)
	case p.owner(t) != "" && t.schema == model.Staging:
		p.stage = append(p.stage, s)
	default:
		p.now = append(p.now, s)
	}
}

// drop removes a table that no longer belongs to the model. What people read goes
// when the new star comes, and surrogate keys when new ones are given.
func (p *Plan) drop(t table) {
	s := step{statements: []string{"drop table if exists " + p.sql(t)}, forget: &t}
	if t.schema == model.DWH {
		p.lose("%s no longer belongs to the model", p.spell(t))
		p.publish = append(p.publish, s)
		return
	}
	p.change("drop %s, which no longer belongs to the model", p.spell(t))
	if t.schema == model.Staging {
		p.stage = append(p.stage, s)
		return
	}
	p.now = append(p.now, s)
}

func (p *Plan) sql(t table) string {
	return star.Table{Schema: p.model.Schema(t.schema), Name: t.name}.String()
}

// Limits of a batch of the Data API:
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
const (
	maxStatements = 40
	maxNoted      = 50 << 10 // bytes of one statement that notes columns, below 100 KB
)

// Batches returns the statements of the phase schema, each batch a transaction
// that leaves the catalog right. The last statements are the procedures that
// change staging and dwh when they are called, see [Calls].
func (p Plan) Batches() [][]string {
	var batches [][]string
	catalog := star.CatalogTable(p.model.Prefix)
	var first []string
	for _, schema := range schemas() {
		first = append(first, "create schema if not exists "+model.QuoteName(p.model.Schema(schema)))
	}
	current := append(first, catalog.DDL())
	procedures := step{statements: []string{p.procedure(model.Staging, p.stage), p.procedure(model.DWH, p.publish)}}
	for _, s := range append(slices.Clone(p.now), procedures) {
		statements := p.statements(s)
		if len(current)+len(statements) > maxStatements {
			batches, current = append(batches, current), nil
		}
		current = append(current, statements...)
	}
	return append(batches, current)
}

// statements spells a step with what it notes.
func (p Plan) statements(s step) []string {
	catalog := star.CatalogTable(p.model.Prefix).String()
	var all []string
	if s.forget != nil {
		all = append(all, fmt.Sprintf("delete from %s where schema_name = %s and table_name = %s",
			catalog, literal(s.forget.schema), literal(s.forget.name)))
	}
	all = append(all, s.statements...)
	var rows []string
	size := 0
	flush := func() {
		if len(rows) > 0 {
			all = append(all, "insert into "+catalog+" ("+strings.Join(star.CatalogTable("").ColumnNames(), ", ")+") values\n"+strings.Join(rows, ",\n"))
		}
		rows, size = nil, 0
	}
	for i, c := range s.note {
		row := note(c, i+1)
		if size += len(row); size > maxNoted {
			flush()
			size = len(row)
		}
		rows = append(rows, row)
	}
	flush()
	return all
}

// Calls spells what a phase calls before its own statements: the procedure that
// changes the tables which it fills and which outlive the night. They change in
// its transaction, so a phase that fails leaves them as they were.
func Calls(m model.Model, phase string) []string {
	if star.ChangesStar(phase) {
		return []string{call(m, model.Staging), call(m, model.DWH)}
	}
	return nil
}

func call(m model.Model, schema string) string {
	return "call " + star.Table{Schema: m.Schema(schema), Name: "follow"}.String() + "()"
}

func (p Plan) procedure(schema string, steps []step) string {
	body := "-- The tables have the structure of the model already.\n"
	if len(steps) > 0 {
		body = ""
	}
	for _, s := range steps {
		for _, statement := range p.statements(s) {
			body += statement + ";\n\n"
		}
	}
	return strings.Replace(call(p.model, schema), "call ", "create or replace procedure ", 1) + "\nas $$\nbegin\n\n" + body + "end;\n$$ language plpgsql"
}
