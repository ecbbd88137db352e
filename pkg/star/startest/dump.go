package startest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Table is a table of the warehouse with all of its rows.
type Table struct {
	Schema, Name string
	Columns      []model.Column // names and types, in order
	Rows         []string       // the cells of a row, as [Text] spells them, with bars between; sorted
}

// Tables returns every table of dwh, and those of staging that hold the keys
// given so far.
func (s *Star) Tables() []Table {
	var all []Table
	add := func(t Table) {
		slices.Sort(t.Rows)
		all = append(all, t)
	}
	for _, d := range s.m.Dimensions {
		key, columns := d.Key, membersColumns(d)
		if d.Versions {
			key = append(slices.Clone(key), model.KeyColumn{Name: model.Version, Type: model.Integer()})
		}
		add(s.keyTable(d.Name, d.SurrogateKey(), key))
		t := Table{Schema: model.DWH, Name: d.Name, Columns: []model.Column{keyColumn(d.SurrogateKey())}}
		t.Columns = append(t.Columns, columns...)
		t.Columns = append(t.Columns, model.Column{Name: model.Deleted, Type: model.Boolean()})
		for key, member := range s.members[d.Name] {
			cells := []string{fmt.Sprint(key)}
			for i, c := range columns {
				cells = append(cells, Text(c.Type, member.Cells[i]))
			}
			t.Rows = append(t.Rows, strings.Join(append(cells, fmt.Sprint(member.Deleted)), "|"))
		}
		add(t)
	}
	for _, f := range s.m.Facts {
		if len(f.Document) > 0 {
			add(s.keyTable(f.Name, f.SurrogateKey(), f.Document))
		}
		t := Table{Schema: model.DWH, Name: f.Name}
		for _, name := range FactColumns(f)[:len(FactColumns(f))-len(f.Columns)] {
			t.Columns = append(t.Columns, keyColumn(name))
		}
		for _, c := range f.Columns {
			t.Columns = append(t.Columns, model.Column{Name: c.Name, Type: c.Type})
		}
		for _, fact := range s.facts[f.Name] {
			t.Rows = append(t.Rows, strings.Join(fact.cells(f), "|"))
		}
		add(t)
	}
	return all
}

// membersColumns lists the columns of members.
func membersColumns(d model.Dimension) []model.Column {
	var columns []model.Column
	for _, c := range d.Columns {
		columns = append(columns, model.Column{Name: c.Name, Type: c.Type})
	}
	if d.Versions {
		columns = append(columns, model.HistoryColumns()...)
	}
	return columns
}

func keyColumn(name string) model.Column { return model.Column{Name: name, Type: model.Integer()} }

func (s *Star) keyTable(name, key string, business []model.KeyColumn) Table {
	t := Table{Schema: model.Staging, Name: key, Columns: []model.Column{keyColumn(key)}}
	for _, k := range business {
		t.Columns = append(t.Columns, model.Column{Name: k.Name, Type: k.Type})
	}
	for _, given := range s.keys[name] {
		cells := []string{fmt.Sprint(given.Key)}
		for i, k := range business {
			cells = append(cells, Text(k.Type, given.Business[i]))
		}
		t.Rows = append(t.Rows, strings.Join(cells, "|"))
	}
	return t
}

// LandingTables returns the rows of a night, table by table.
func LandingTables(m model.Model, night Landing) []Table {
	var all []Table
	for _, r := range m.Relations() {
		t := Table{Schema: model.Mirror, Name: r.Table, Columns: r.Columns}
		for _, row := range night.Rows[r.Name] {
			var cells []string
			for _, c := range r.Columns {
				cells = append(cells, Text(c.Type, row.Cells[c.Name]))
			}
			t.Rows = append(t.Rows, strings.Join(cells, "|"))
		}
		slices.Sort(t.Rows)
		all = append(all, t)
	}
	return all
}
