package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// factReports prints, for each fact, its measures by the members of its largest
// dimension, and by month.
func factReports(ctx context.Context, to output, dir string, m model.Model) error {
	for _, f := range m.Facts {
		if err := factReport(ctx, to, dir, m, f); err != nil {
			return err
		}
	}
	fmt.Fprintf(to.out, "\nAsk more: nightstar query \"select count(*) from %s\"\n", tableName(m, m.Facts[0].Name))
	return nil
}

func factReport(ctx context.Context, to output, dir string, m model.Model, f model.Fact) error {
	largest, members := model.Role{}, int64(-1)
	var calendar *model.Role
	for _, role := range f.Roles {
		d, _ := m.Dimension(role.Dimension)
		if d.Calendar {
			if calendar == nil {
				calendar = &role
			}
			continue
		}
		count := "select count(*) as members from " + tableName(m, role.Dimension)
		if d.Versions {
			count += " where " + model.Current
		}
		result, err := ask(ctx, dir, count)
		if err != nil {
			return err
		}
		if n, ok := result.Rows[0][0].(int64); ok && n > members && len(d.Columns) > 0 {
			largest, members = role, n
		}
	}
	fmt.Fprintf(to.out, "\nFact %s: %s\n", f.Name, f.Grain)
	if members >= 0 {
		d, _ := m.Dimension(largest.Dimension)
		var labels []string
		for _, c := range d.Columns[:min(len(d.Columns), shownLabels)] {
			labels = append(labels, "d."+model.QuoteName(c.Name))
		}
		title := fmt.Sprintf("The largest of %s of %s", spell.Count(members, "member", "members"), largest.Name)
		if err := factTable(ctx, to, dir, title, factQuery(m, f, largest, labels, "facts desc, 1")); err != nil {
			return err
		}
	}
	if calendar != nil {
		labels := []string{"d.year", "d.month"}
		return factTable(ctx, to, dir, "The last twelve months by "+calendar.Name, factQuery(m, f, *calendar, labels, "1 desc, 2 desc"))
	}
	return nil
}

// A report shows few columns, so that it fits a terminal.
const (
	shownLabels   = 2
	shownMeasures = 3
)

// factQuery counts a fact and adds its measures up by columns of a dimension.
func factQuery(m model.Model, f model.Fact, role model.Role, labels []string, order string) string {
	selected := append(slices.Clone(labels), "count(*) as facts")
	for _, c := range f.Columns {
		if c.Measure && len(selected) < len(labels)+1+shownMeasures {
			name := model.QuoteName(c.Name)
			selected = append(selected, "sum(f."+name+") as "+name)
		}
	}
	d, _ := m.Dimension(role.Dimension)
	return fmt.Sprintf("select %s\nfrom %s as f\ninner join %s as d\n    on f.%s = d.%s\ngroup by %s\norder by %s nulls last\nlimit 12",
		strings.Join(selected, ", "), tableName(m, f.Name), tableName(m, d.Name), model.QuoteName(role.SurrogateKey()),
		model.QuoteName(d.SurrogateKey()), strings.Join(labels, ", "), order)
}

func factTable(ctx context.Context, to output, dir, title, query string) error {
	result, err := ask(ctx, dir, query)
	if err != nil {
		return fmt.Errorf("%w in %s", err, query)
	}
	fmt.Fprintf(to.out, "\n%s\n\n", title)
	return table(to.out, &sqlengine.Result{Columns: result.Columns, Rows: result.Rows[:min(len(result.Rows), shownRows)]})
}

const shownRows = 12

func tableName(m model.Model, name string) string {
	return model.QuoteName(m.Schema(model.DWH)) + "." + model.QuoteName(name)
}
