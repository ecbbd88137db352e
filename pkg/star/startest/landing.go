package startest

import (
	"fmt"
	"slices"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Landing is what a night is to the warehouse: rows by [model.Rows.Name].
type Landing struct {
	Rows    map[string][]Row
	Aside   []int     // items that cannot be loaded, by their places
	Skipped int       // items of types that are counted only
	Wrong   int       // values that are null for that, and nested rows that are left out
	Refused []Refusal // values that cost the night
}

// Land makes rows of the items of a night.
func Land(m model.Model, items []Item) Landing {
	l := Landing{Rows: map[string][]Row{}}
	for i, item := range items {
		t, ok := Recognise(m, item)
		switch {
		case !ok:
			l.Aside = append(l.Aside, i)
			continue
		case t.Skip:
			l.Skipped++
			continue
		}
		one := landing{m: m, t: t, item: item}
		rows := one.rows(i)
		for _, column := range one.refused {
			l.Refused = append(l.Refused, Refusal{"value of " + column, []int{i}})
		}
		if one.aside {
			l.Aside = append(l.Aside, i)
			continue
		}
		l.Wrong += one.wrong
		for name, some := range rows {
			l.Rows[name] = append(l.Rows[name], some...)
		}
	}
	return l
}

// Recognise returns the type of an item. The type attribute decides where the
// item has one, and the keys otherwise; both must agree. Keys tell nothing of a
// type that does not say what they look like.
func Recognise(m model.Model, item Item) (model.Item, bool) {
	for _, key := range m.Keys {
		if v, ok := item.Get([]string{key.Name}); !ok || v.Kind != string(key.Kind) {
			return model.Item{}, false
		}
	}
	var found []model.Item
	for _, t := range m.Items {
		named, ok := saysType(m, t, item)
		byKeys := slices.ContainsFunc(t.Keys, func(k model.KeyTemplate) bool { return k.TableKey })
		if ok && (named || byKeys) && hasKeys(t, item) {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return model.Item{}, false
	}
	return found[0], true
}

// saysType reports whether an item has a type attribute, and whether it names
// the type, if it is there.
func saysType(m model.Model, t model.Item, item Item) (named, ok bool) {
	for _, name := range m.TypeFrom {
		if v, there := item.Get([]string{name}); there {
			return true, v.Kind == "S" && slices.Contains(t.Values, v.Text)
		}
	}
	return false, true
}

// hasKeys reports whether the keys of an item look like those of the type. What
// two of them capture by one name must be the same.
func hasKeys(t model.Item, item Item) bool {
	all := map[string]string{}
	for _, k := range t.Keys {
		if !k.TableKey {
			continue
		}
		v, _ := item.Get([]string{k.Attribute})
		captures, ok := matchTemplate(k.Template.String(), v.Text)
		if !ok {
			return false
		}
		for name, text := range captures {
			if other, twice := all[name]; twice && other != text {
				return false
			}
			all[name] = text
		}
	}
	return true
}

// landing makes rows of one item.
type landing struct {
	m       model.Model
	t       model.Item
	item    Item
	aside   bool
	leftOut bool // the nested row in hand
	wrong   int
	refused []string // columns
}

func (l *landing) rows(place int) map[string][]Row {
	cells := map[string]Cell{}
	for _, c := range l.t.Columns {
		cells[c.Name] = l.cell(c, cells, l.sources(c))
	}
	rows := map[string][]Row{l.t.Name: {{place, cells}}}
	for _, nested := range l.t.Nested {
		for _, e := range l.entries(nested) {
			wrong := l.wrong
			l.leftOut = false
			row := l.nested(nested, cells, e)
			if l.leftOut {
				l.wrong = wrong + 1
				continue
			}
			rows[nested.Name] = append(rows[nested.Name], Row{place, row})
		}
	}
	if l.t.Unknown == model.RefuseUnknown && hasUnknown(l.item, l.known()) {
		l.aside = true
	}
	return rows
}

// source is a place that the value of a column can come from.
type source struct {
	value Value
	there bool // false if nothing is there
	wrong bool // a text that does not follow its template
}

// sources lists what a column of an item is made of: what templates capture,
// and the attribute.
func (l *landing) sources(c model.Column) []source {
	var all []source
	for _, k := range l.t.Keys {
		if !slices.Contains(k.Template.Names(), c.Name) {
			continue
		}
		v, there := l.item.Get([]string{k.Attribute})
		captures, ok := matchTemplate(k.Template.String(), v.Text)
		isText := v.Kind == "S" || k.TableKey
		all = append(all, source{S(captures[c.Name]), there, there && !(ok && isText)})
	}
	if c.From != nil {
		v, there := l.item.Get(c.From)
		all = append(all, source{l.keyText(c, v), there, false})
	}
	return all
}

// keyText returns a binary key as its base64, and other values as they are.
func (l *landing) keyText(c model.Column, v Value) Value {
	for _, key := range l.m.Keys {
		if key.Kind == model.KeyBinary && len(c.From) == 1 && c.From[0] == key.Name {
			return S(v.Text)
		}
	}
	return v
}

// cell returns the value of a column, whose sources must agree.
func (l *landing) cell(c model.Column, row map[string]Cell, sources []source) Cell {
	if c.DayOf != "" {
		return localDay(l.m, row[c.DayOf])
	}
	var value Cell
	for _, s := range sources {
		if !s.there {
			continue
		}
		one, ok := convert(c, s.value)
		if !ok || s.wrong || value != nil && compare(value, one) != 0 {
			l.isWrong(c)
			return nil
		}
		value = one
	}
	if value == nil && c.Required {
		l.isWrong(c)
	}
	return value
}

// isWrong does what a wrong value costs.
func (l *landing) isWrong(c model.Column) { l.costs(c.Wrong, c.Name) }

func (l *landing) costs(policy model.Policy, column string) {
	switch policy {
	case model.WrongItem:
		l.aside = true
	case model.WrongValue:
		l.wrong++
	case model.WrongRow:
		l.leftOut = true
	case model.WrongNight:
		l.aside = true
		l.refused = append(l.refused, column)
	}
}

// localDay is the day of an instant in the time zone of the calendar.
func localDay(m model.Model, at Cell) Cell {
	if at == nil {
		return nil
	}
	zone, err := time.LoadLocation(m.Calendar.TimeZone)
	if err != nil {
		panic(fmt.Sprintf("the model was accepted: %v", err))
	}
	year, month, day := at.(time.Time).In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// entry is what a nested row is made of.
type entry struct {
	position Cell
	value    Value
}

// entries lists what nested rows are made of: maps, or what stands where maps are
// expected.
func (l *landing) entries(r model.Rows) []entry {
	v, there := l.item.Get(r.Path)
	if !there {
		return nil
	}
	position := r.Columns[slices.IndexFunc(r.Columns, func(c model.Column) bool { return c.Position })]
	var all []entry
	switch {
	case position.Type.Kind == model.KindInteger && v.Kind == "L":
		for i, e := range v.Elements {
			all = append(all, entry{whole(i + 1), e})
		}
	case position.Type.Kind == model.KindString && v.Kind == "M":
		for _, a := range v.Members {
			name, _ := convert(position, S(a.Name))
			all = append(all, entry{name, a.Value})
		}
	default:
		all = append(all, entry{nil, v}) // which is no row
	}
	return all
}

// nested makes the row of an entry.
func (l *landing) nested(r model.Rows, item map[string]Cell, e entry) map[string]Cell {
	cells := map[string]Cell{}
	if e.value.Kind != "M" || e.position == nil {
		l.costs(r.Wrong, r.Name)
		return nil
	}
	for _, c := range r.Columns {
		switch {
		case c.Inherits:
			cells[c.Name] = item[c.Name]
		case c.Position:
			cells[c.Name] = e.position
		default:
			v, there := e.value.get(c.From)
			cells[c.Name] = l.cell(c, cells, []source{{v, there, false}})
		}
	}
	return cells
}

// known lists the paths that the model reads or ignores.
func (l *landing) known() [][]string {
	var paths [][]string
	for _, key := range l.m.Keys {
		paths = append(paths, []string{key.Name})
	}
	for _, name := range slices.Concat(l.m.TypeFrom, l.m.Ignored) {
		paths = append(paths, []string{name})
	}
	for _, k := range l.t.Keys {
		paths = append(paths, []string{k.Attribute})
	}
	for _, c := range l.t.Columns {
		if c.From != nil {
			paths = append(paths, c.From)
		}
	}
	for _, r := range l.t.Nested {
		paths = append(paths, r.Path)
	}
	return paths
}

// hasUnknown reports whether there is an attribute that no path leads to or
// through.
func hasUnknown(attributes []Attribute, known [][]string) bool {
	for _, a := range attributes {
		var below [][]string
		isKnown, whole := false, false
		for _, path := range known {
			if path[0] != a.Name {
				continue
			}
			isKnown = true
			if whole = whole || len(path) == 1; len(path) > 1 {
				below = append(below, path[1:])
			}
		}
		if !isKnown || !whole && a.Value.Kind == "M" && hasUnknown(a.Value.Members, below) {
			return true
		}
	}
	return false
}
