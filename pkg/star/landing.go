package star

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Mode says what a run takes from the table.
type Mode string

// The modes of a run.
const (
	Full      Mode = "full"        // everything: what is loaded replaces the mirror
	Increment Mode = "incremental" // what has changed: what is loaded changes the mirror
)

// LandingTable returns the table that the files of some rows are loaded into.
//
// A full export lands beside the mirror: the two change names, so that its rows
// need not be copied, and Redshift cannot move a table to another schema. An
// increment has columns of its own, see [model.Rows.ChangeColumns].
func LandingTable(m model.Model, mode Mode, rows model.Rows) Table {
	g := generator{Model: m}
	if mode == Increment {
		return g.changesTable(rows)
	}
	return g.nextTable(rows)
}

func (g generator) changesTable(r model.Rows) Table {
	return Table{
		Schema: g.Schema(model.Changes), Name: r.Table, Columns: r.ChangeColumns(),
		Comment: fmt.Sprintf("Changes of %q, in the columns of their Parquet files.", r.Name),
	}
}

func (g generator) mirrorTable(r model.Rows) Table {
	return Table{
		Schema: g.Schema(model.Mirror), Name: r.Table, Columns: r.Columns,
		Comment: sentence(fmt.Sprintf("Every current row of %q.", r.Name), r.Doc),
	}
}

// nextTable is where a full export lands. It becomes the mirror, and the mirror
// becomes it.
func (g generator) nextTable(r model.Rows) Table {
	t := g.mirrorTable(r)
	t.Name = g.beside(r.Table, "next")
	t.Comment = fmt.Sprintf("Rows of %q of a full export, in the columns of their Parquet files.", r.Name)
	return t
}

// beside names a table that stands beside that of some rows.
func (g generator) beside(table, what string) string {
	var taken []string
	for _, r := range g.Relations() {
		taken = append(taken, r.Table)
	}
	return fresh(fit(table+"_"+what), taken...)
}

func (g generator) changesTables() []Table {
	var tables []Table
	for _, r := range g.Relations() {
		tables = append(tables, g.changesTable(r))
	}
	return tables
}

func (g generator) mirrorTables() []Table {
	var tables []Table
	for _, r := range g.Relations() {
		tables = append(tables, g.mirrorTable(r), g.nextTable(r))
	}
	return tables
}
