package startest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Changes is what an increment brings, by [model.Rows.Name].
type Changes struct {
	Rows map[string][]Change
}

// Change is a row of an increment.
type Change struct {
	Op      string
	Written time.Time
	Cells   map[string]Cell // of a delete only those that identify
}

// identify spells what identifies a row, or its item.
func identify(r model.Rows, cells map[string]Cell, item bool) string {
	var parts []string
	for _, name := range r.Identity {
		if c, _ := r.Column(name); !c.Position || !item {
			parts = append(parts, Text(c.Type, cells[name]))
		}
	}
	return strings.Join(parts, "|")
}

// Distinct leaves items out that have the identity of another: their keys differ
// in writing only.
func Distinct(m model.Model, items []Item) []Item {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(items), func(item Item) bool {
		for name, rows := range Land(m, []Item{item}).Rows {
			r, _ := m.Relation(name)
			for _, row := range rows {
				id := name + " " + identify(r, row.Cells, false)
				if seen[id] {
					return true
				}
				seen[id] = true
			}
		}
		return false
	})
}

// Add adds what happened between two states of the table. Some changes come
// though nothing has changed: windows may overlap.
func (c *Changes) Add(m model.Model, random *rand.Rand, before, after Landing, at time.Time) {
	if c.Rows == nil {
		c.Rows = map[string][]Change{}
	}
	for _, item := range m.Items {
		if item.Skip {
			continue
		}
		c.item(item, random, before, after, at)
	}
}

// states groups the rows of a type and those nested in it by item: relation →
// item → rows.
func states(item model.Item, l Landing) map[string]map[string][]map[string]Cell {
	all := map[string]map[string][]map[string]Cell{}
	for _, r := range append([]model.Rows{item.Rows}, item.Nested...) {
		all[r.Name] = map[string][]map[string]Cell{}
		for _, row := range l.Rows[r.Name] {
			id := identify(r, row.Cells, true)
			all[r.Name][id] = append(all[r.Name][id], row.Cells)
		}
	}
	return all
}

func (c *Changes) item(item model.Item, random *rand.Rand, before, after Landing, at time.Time) {
	was, is := states(item, before), states(item, after)
	ids := slices.Collect(maps.Keys(was[item.Name]))
	for id := range is[item.Name] {
		if _, known := was[item.Name][id]; !known {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	relations := append([]model.Rows{item.Rows}, item.Nested...)
	for _, id := range ids {
		same := true
		for _, r := range relations {
			same = same && spelled(r, was[r.Name][id]) == spelled(r, is[r.Name][id])
		}
		if same && random.IntN(8) > 0 {
			continue
		}
		one := was
		if len(is[item.Name][id]) > 0 {
			one = is
		}
		key := map[string]Cell{}
		for _, name := range item.Identity {
			key[name] = one[item.Name][id][0][name]
		}
		for _, r := range relations {
			if r.Name != item.Name || len(is[item.Name][id]) == 0 {
				c.Rows[r.Name] = append(c.Rows[r.Name], Change{model.Delete, at, key})
			}
			for _, cells := range is[r.Name][id] {
				c.Rows[r.Name] = append(c.Rows[r.Name], Change{model.Put, at, cells})
			}
		}
	}
	for _, r := range relations {
		random.Shuffle(len(c.Rows[r.Name]), func(i, j int) {
			c.Rows[r.Name][i], c.Rows[r.Name][j] = c.Rows[r.Name][j], c.Rows[r.Name][i]
		})
	}
}

func spelled(r model.Rows, rows []map[string]Cell) string {
	var all []string
	for _, cells := range rows {
		var parts []string
		for _, c := range r.Columns {
			parts = append(parts, Text(c.Type, cells[c.Name]))
		}
		all = append(all, fmt.Sprint(parts))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}
