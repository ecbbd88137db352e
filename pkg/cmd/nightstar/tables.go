package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lineage"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

type tablesCommand struct {
	place
	modelled
	format

	Name string `arg:"" optional:"" help:"Show the columns of this table: customer, or landing.customer."`
	All  bool   `help:"List the tables of landing, staging and etl too, which people do not read."`
}

// Help has examples.
func (tablesCommand) Help() string {
	return `The meaning of tables and columns comes from the model that the directory remembers, or that of --model.

Examples:
  nightstar tables
  nightstar tables order
  nightstar tables --all --csv
  nightstar tables --model tickets`
}

// Run lists the tables, or the columns of one.
func (c tablesCommand) Run(to output) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	found := tablesOf(m)
	if c.Name != "" {
		t, err := find(found, c.Name)
		if err != nil {
			return err
		}
		return c.print(to.out, t.full(m)+": "+t.meaning, []string{"column", "type", "meaning"}, t.columns)
	}
	var rows [][]any
	for _, t := range found {
		if c.All || t.schema == model.DWH {
			rows = append(rows, []any{t.full(m), t.kind, t.meaning})
		}
	}
	return c.print(to.out, "", []string{"table", "kind", "meaning"}, rows)
}

// model returns the model of the flag or the directory.
func (c tablesCommand) model() (model.Model, error) {
	if c.Model != "" {
		return models.Open(c.Model)
	}
	if err := c.mustExist(firstRun); err != nil {
		return model.Model{}, err
	}
	m, known, err := local.ReadModel(c.Dir)
	if err == nil && !known {
		err = fmt.Errorf("find the model of %s: it remembers none; name one by --model", c.Dir)
	}
	return m, err
}

// warehouseTable is a table of the warehouse in words.
type warehouseTable struct {
	schema, name, kind, meaning string
	columns                     [][]any // name, type and meaning
}

func (t warehouseTable) full(m model.Model) string { return m.Schema(t.schema) + "." + t.name }

// tablesOf returns the tables of a model, those that people read first.
func tablesOf(m model.Model) []warehouseTable {
	var all []warehouseTable
	for _, c := range lineage.Columns(m) {
		last := len(all) - 1
		if last < 0 || all[last].schema != c.Schema || all[last].name != c.Table {
			t := warehouseTable{schema: c.Schema, name: c.Table}
			t.kind, t.meaning = describe(m, c.Schema, c.Table)
			all = append(all, t)
			last++
		}
		all[last].columns = append(all[last].columns, []any{c.Name, c.Type, meaning(m, c)})
	}
	slices.SortStableFunc(all, func(a, b warehouseTable) int { return rank(a) - rank(b) })
	return all
}

func rank(t warehouseTable) int {
	order := []string{model.DWH + "fact", model.DWH + "dimension", model.Landing + "items", model.Staging}
	for i, prefix := range order {
		if strings.HasPrefix(t.schema+t.kind, prefix) {
			return i
		}
	}
	return len(order)
}

// describe says what a table is and what its rows mean.
func describe(m model.Model, schema, table string) (kind, text string) {
	for _, f := range m.Facts {
		if f.Name == table && schema == model.DWH {
			return "fact", sentence(f.Grain, f.Doc)
		}
	}
	for _, d := range m.Dimensions {
		if d.Name != table || schema != model.DWH {
			continue
		}
		switch {
		case d.Doc != "" && d.Versions:
			return "dimension", d.Doc + " One row for each version."
		case d.Doc != "":
			return "dimension", d.Doc
		case d.Calendar:
			return "dimension", "One row for each day."
		}
		each := d.Name
		if d.Versions {
			each = "version of each " + d.Name
		}
		return "dimension", "One row for each " + each + ", from items of type " + d.Of + "."
	}
	if schema == model.Landing {
		for _, r := range m.Relations() {
			if r.Table == table {
				return "items", sentence(r.Doc, "The "+r.Name+" rows of the export, as they were loaded.")
			}
		}
	}
	return schema, "Kept by Nightstar."
}

func sentence(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// meaning is the description of a column that the model has, and where its value
// comes from.
func meaning(m model.Model, c lineage.Column) string {
	doc := ""
	if c.Schema == model.DWH {
		var columns []model.StarColumn
		if d, ok := m.Dimension(c.Table); ok {
			columns = d.Columns
		}
		for _, f := range m.Facts {
			if f.Name == c.Table {
				columns = f.Columns
			}
		}
		for _, column := range columns {
			if column.Name == c.Name {
				doc = column.Doc
			}
		}
	}
	if doc == "" {
		return c.From
	}
	return strings.TrimSuffix(doc, ".") + ". From " + c.From
}

// find returns the table of a name, with or without its schema.
func find(all []warehouseTable, name string) (warehouseTable, error) {
	var names []string
	for _, t := range all {
		for _, spelled := range []string{t.name, t.schema + "." + t.name} {
			if spelled == name {
				return t, nil
			}
			names = append(names, spelled)
		}
	}
	return warehouseTable{}, fmt.Errorf("find table %q: the model has none of that name%s; see nightstar tables --all", name, didYouMean(name, names))
}

// print prints rows whose last cell is a sentence, which is wrapped and not cut.
func (c tablesCommand) print(to io.Writer, title string, names []string, rows [][]any) error {
	if c.CSV || c.JSON || c.MD {
		a := c.answer(to)
		var columns []sqlengine.Column
		for _, name := range names {
			columns = append(columns, sqlengine.Column{Name: name, Type: "varchar"})
		}
		if err := a.head(columns); err != nil {
			return err
		}
		for _, row := range rows {
			if err := a.row(row); err != nil {
				return err
			}
		}
		return a.end()
	}
	width := progress.Columns(to)
	if title != "" {
		fmt.Fprintf(to, "%s\n\n", progress.Wrap(title, width))
	}
	const most = 30
	widths := []int{0, 0}
	for _, row := range rows {
		for i := range widths {
			widths[i] = min(max(widths[i], progress.Width(fmt.Sprint(row[i]))), most)
		}
	}
	indent := widths[0] + widths[1] + 4
	for _, row := range rows {
		head := progress.Pad(fmt.Sprint(row[0]), widths[0]) + "  " + progress.Pad(fmt.Sprint(row[1]), widths[1]) + "  "
		for i, line := range strings.Split(progress.Wrap(fmt.Sprint(row[2]), max(20, width-indent)), "\n") {
			if i > 0 {
				head = strings.Repeat(" ", indent)
			}
			fmt.Fprintln(to, strings.TrimRight(head+line, " "))
		}
	}
	return nil
}
