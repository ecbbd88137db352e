// Package report makes one HTML page of a run: whether to trust it, what it did,
// what it set aside, what it costs, and what the data says.
//
// [Gather] reads everything from the record of the run in the lake, the history of
// its execution and the warehouse, by one interface, and changes nothing. What it
// cannot read becomes a sentence in the report. [Report.Write] renders the page: one
// file without scripts, which loads nothing from anywhere.
package report

import (
	"github.com/nightstar-elt/nightstar/pkg/report/chart"
)

// Report is the content of the page.
type Report struct {
	Title    string
	Verdict  Verdict
	Missing  []string // what could not be read, and why: a sentence each
	Sections []Section
}

// Verdict says in one sentence whether to trust the run.
type Verdict struct {
	Outcome  Outcome
	Sentence string
	Detail   []string // more sentences: the cause of a failure, what to do
	Facts    []Fact   // the few numbers that matter
}

// Outcome is how something ended. The page gives it a colour and a sign.
type Outcome string

// The outcomes.
const (
	Good    Outcome = "good"
	Warning Outcome = "warn" // it worked, and somebody should look
	Bad     Outcome = "bad"
	Busy    Outcome = "busy" // it goes on
	Off     Outcome = ""     // it did not come to it
)

// Sign tells an outcome without a colour.
func (o Outcome) Sign() string {
	switch o {
	case Good:
		return "✓"
	case Warning:
		return "!"
	case Bad:
		return "✗"
	case Busy:
		return "…"
	case Off:
	}
	return ""
}

// Fact is a number with its name.
type Fact struct{ Name, Value string }

// Section is a part of the page with a heading.
type Section struct {
	ID     string // of its anchor
	Title  string
	Blocks []Block
}

// Block is a figure with its exact values, or one of both, under a sentence.
type Block struct {
	Title string
	Text  []string // paragraphs
	Chart chart.Chart
	Table *Table
}

// Table has exact values.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]Cell
	Heat    bool // it is read like a figure, so it is never folded
}

// Column is the heading of a column.
type Column struct {
	Name   string
	Number bool // aligned to the right
}

// Cell is a value with an optional class.
type Cell struct {
	Text  string
	Class string // an [Outcome], or a step of a heat map
}

// mostRows bounds a table: a page with more opens slowly on a phone.
const mostRows = 5000

// Shown returns the rows that the page shows.
func (t Table) Shown() [][]Cell { return t.Rows[:min(len(t.Rows), mostRows)] }

// Hidden returns how many rows the page leaves out.
func (t Table) Hidden() int { return len(t.Rows) - len(t.Shown()) }

// unfolded is up to how many rows a table is open.
const unfolded = 12

// Folded reports whether the page shows the table only on demand.
func (t Table) Folded() bool { return len(t.Rows) > unfolded && !t.Heat }

// cells makes a row of text.
func cells(texts ...string) []Cell {
	row := make([]Cell, len(texts))
	for i, text := range texts {
		row[i] = Cell{Text: text}
	}
	return row
}

// shown spells a value for a table.
func shown(v chart.Value) string {
	if v.Text == "" {
		return "–"
	}
	return v.Text
}

func text(name string) Column   { return Column{Name: name} }
func number(name string) Column { return Column{Name: name, Number: true} }
