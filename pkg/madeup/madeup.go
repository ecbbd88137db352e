// Package madeup makes items up that follow a model: their keys match the
// templates, their values have the declared types and formats, and most of
// their references lead to an item that exists. One seed always makes the same
// items.
//
// It is for trying a model before there is an export. The data says nothing of
// what real tables look like, beyond what the model says.
package madeup

import (
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Item is an item as DynamoDB takes it.
type Item = map[string]types.AttributeValue

// Items yields about n items, those that others refer to first. No two have
// the same key.
func Items(m model.Model, seed uint64, n int) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		w := newWorld(m, seed, n)
		seen := map[string]bool{}
		for _, t := range w.types {
			for i := range t.count {
				row := w.row(t, i)
				item := w.item(t, row)
				key := keyOf(m, item)
				if seen[key] {
					continue // a key made of references only
				}
				seen[key] = true
				t.rows = append(t.rows, row)
				if !yield(item) {
					return
				}
			}
		}
	}
}

// keyOf spells the key of an item.
func keyOf(m model.Model, item Item) string {
	var parts []string
	for _, key := range m.Keys {
		switch v := item[key.Name].(type) {
		case *types.AttributeValueMemberS:
			parts = append(parts, v.Value)
		case *types.AttributeValueMemberN:
			parts = append(parts, v.Value)
		case *types.AttributeValueMemberB:
			parts = append(parts, string(v.Value))
		}
	}
	return strings.Join(parts, "\x00")
}

// world is everything that is made up.
type world struct {
	model model.Model
	seed  uint64
	types []*kind // in an order in which references lead backwards
}

// kind is one item type.
type kind struct {
	model.Item
	count      int
	references []reference
	rows       []values // made so far
	index      map[string]map[string][]int
}

// values are the values of a row by column; a column that has none is missing.
type values map[string]value

// reference says that columns of a type repeat those of another.
type reference struct {
	to      *kind
	columns []pair
}

type pair struct{ own, other string }

// growth is how many items refer to one item.
const growth = 4

func newWorld(m model.Model, seed uint64, n int) *world {
	w := &world{model: m, seed: seed}
	left := slices.DeleteFunc(slices.Clone(m.Items), func(i model.Item) bool { return i.Skip })
	depths := map[string]int{}
	for len(left) > 0 {
		next := 0 // of a cycle, the first of the file
		for i, item := range left {
			if !slices.ContainsFunc(left, func(other model.Item) bool { return other.Name != item.Name && len(shared(m, item, other)) > 0 }) {
				next = i
				break
			}
		}
		t := &kind{Item: left[next], index: map[string]map[string][]int{}}
		for _, other := range w.types {
			for _, columns := range shared(m, t.Item, other.Item) {
				t.references = append(t.references, reference{other, columns})
				depths[t.Name] = max(depths[t.Name], depths[other.Name]+1)
			}
		}
		// What says most comes first: the others have to agree with it.
		slices.SortStableFunc(t.references, func(a, b reference) int { return len(b.columns) - len(a.columns) })
		w.types = append(w.types, t)
		left = slices.Delete(left, next, next+1)
	}
	total := 0
	weight := func(t *kind) int {
		x := 1
		for range min(depths[t.Name], 4) {
			x *= growth
		}
		return x
	}
	for _, t := range w.types {
		total += weight(t)
	}
	for _, t := range w.types {
		t.count = max(1, n*weight(t)/max(1, total))
		if !slices.ContainsFunc(t.Keys, func(k model.KeyTemplate) bool { return k.TableKey && len(k.Template.Names()) == 0 }) {
			continue
		}
		if c, _ := t.Column(t.Identity[0]); c.Implicit && len(t.Identity) == 1 {
			t.count = 1 // its keys are words
		}
	}
	return w
}

// shared lists how rows of a type, or those within it, refer to another type:
// by a lookup, by a dimension, or by columns of the names that identify it.
func shared(m model.Model, item, other model.Item) [][]pair {
	if item.Name == other.Name {
		return nil
	}
	var found [][]pair
	add := func(columns []pair) {
		known := slices.ContainsFunc(found, func(have []pair) bool { return slices.Equal(have, columns) })
		for _, c := range columns {
			if _, ok := item.Column(c.own); !ok {
				return
			}
		}
		if len(columns) > 0 && !known {
			found = append(found, columns)
		}
	}
	for _, fact := range m.Facts {
		if fact.Of != item.Name {
			continue
		}
		for _, l := range fact.With {
			if l.Of == other.Name {
				add(matches(l))
			}
		}
		for _, role := range fact.Roles {
			d, _ := m.Dimension(role.Dimension)
			if d.Of != other.Name {
				continue
			}
			var columns []pair
			for i, ref := range role.On {
				if ref.Lookup == "" && d.Key[i].Ref.Lookup == "" {
					columns = append(columns, pair{ref.Column, d.Key[i].Ref.Column})
				}
			}
			if len(columns) == len(d.Key) {
				add(columns)
			}
		}
	}
	var same []pair
	for _, name := range other.Identity {
		same = append(same, pair{name, name})
	}
	if len(same) < len(item.Identity) || !slices.Equal(other.Identity, item.Identity) {
		add(same)
	}
	return found
}

func matches(l model.Lookup) []pair {
	var columns []pair
	for _, on := range l.On {
		if on.Ref.Lookup == "" {
			columns = append(columns, pair{on.Ref.Column, on.Column})
		}
	}
	if len(columns) < len(l.On) {
		return nil
	}
	return columns
}
