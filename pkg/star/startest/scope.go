package startest

import (
	"math/big"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/expr"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// scope is a row with the rows that it looks up.
type scope struct {
	own    map[string]Cell
	item   int
	looked map[string]map[string]Cell // by the name of the lookup; nil where there is no row
}

// scopes looks up what each row of a relation needs.
func scopes(m model.Model, night Landing, of string, with []model.Lookup) []scope {
	var all []scope
	for _, row := range night.Rows[of] {
		s := scope{own: row.Cells, item: row.Item, looked: map[string]map[string]Cell{}}
		for _, l := range with {
			s.looked[l.Name] = s.find(m, night, l)
		}
		all = append(all, s)
	}
	return all
}

// find returns the row that a lookup finds, or nil. Of several it is the latest
// one; of those, the one whose key is the highest, and then the first by its
// text.
func (s scope) find(m model.Model, night Landing, l model.Lookup) map[string]Cell {
	relation, _ := m.Relation(l.Of)
	var best map[string]Cell
	for _, row := range night.Rows[l.Of] {
		matches := true
		for _, on := range l.On {
			matches = matches && equal(row.Cells[on.Column], s.value(on.Ref))
		}
		if matches && (best == nil || isBefore(relation, l.Latest, row.Cells, best)) {
			best = row.Cells
		}
	}
	return best
}

func isBefore(relation model.Rows, latest string, a, b map[string]Cell) bool {
	for _, column := range append([]string{latest}, relation.Identity...) {
		if order := highestFirst(a[column], b[column]); order != 0 {
			return order < 0
		}
	}
	for _, c := range relation.Columns {
		if order := nullsLast(a[c.Name], b[c.Name]); order != 0 {
			return order < 0
		}
	}
	return false
}

// value returns the value of a column of the row, or of what it looks up.
func (s scope) value(ref model.Ref) Cell {
	if ref.Lookup != "" {
		return s.looked[ref.Lookup][ref.Column]
	}
	return s.own[ref.Column]
}

// is reports whether a condition is true; one that is not there always is.
func (s scope) is(condition *expr.Expr) bool {
	return condition == nil || s.compute(condition) == true
}

func (s scope) compute(e *expr.Expr) Cell {
	return evaluate(e.String(), func(table, column string) Cell { return s.value(model.Ref{Lookup: table, Column: column}) })
}

// column returns the value of a column of the star.
func (s scope) column(c model.StarColumn) Cell {
	if c.SQL == nil {
		return s.value(c.Ref)
	}
	return cast(c.Type, s.compute(c.SQL))
}

// cast makes a number one of the column's type. Half of the last place is
// rounded away from zero.
func cast(t model.Type, c Cell) Cell {
	exact, ok := c.(*big.Rat)
	switch {
	case !ok:
		return c
	case t.Kind == model.KindDouble:
		return double(exact)
	}
	rounded, _ := new(big.Rat).SetString(exact.FloatString(t.Scale))
	return rounded
}

// businessKey returns what a row says of a key. It is false where a part that
// must be there is missing.
func (s scope) businessKey(key []model.KeyColumn, refs []model.Ref) ([]Cell, bool) {
	var parts []Cell
	for i, k := range key {
		part := s.value(refs[i])
		switch {
		case k.Optional && part == nil:
			part = ""
		case k.Optional:
			part = strings.TrimRight(part.(string), " ")
		case part == nil:
			return nil, false
		}
		parts = append(parts, part)
	}
	return parts, true
}

func refs(key []model.KeyColumn) []model.Ref {
	var all []model.Ref
	for _, k := range key {
		all = append(all, k.Ref)
	}
	return all
}

// compareKeys orders business keys by their columns.
func compareKeys(a, b []Cell) int { return slices.CompareFunc(a, b, compare) }

// KeyTable is every surrogate key given so far.
type KeyTable []Given

// Given is a surrogate key with the business key that has it.
type Given struct {
	Key      int
	Business []Cell
}

// Of returns the surrogate key of a business key, or 0.
func (t KeyTable) Of(business []Cell) int {
	for _, g := range t {
		if compareKeys(g.Business, business) == 0 {
			return g.Key
		}
	}
	return 0
}

// With gives keys to those business keys that have none: from the highest key
// on, in their order.
func (t KeyTable) With(business [][]Cell) KeyTable {
	sorted := slices.Clone(business)
	slices.SortFunc(sorted, compareKeys)
	given := slices.Clone(t)
	for _, b := range sorted {
		if given.Of(b) == 0 {
			given = append(given, Given{len(given) + 1, b})
		}
	}
	return given
}
