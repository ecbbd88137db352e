package lake

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a Lambda function has no time zones of its own

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// layout is the model compiled for decoding: one selector for the paths of all
// item types, because the type may stand last in a line.
type layout struct {
	model     model.Model
	selector  *ddbjson.Selector
	keys      []tableKey
	typeFrom  []attribute // that name an item's type, the first that an item has decides
	values    []typeValue // of these
	types     []itemType
	relations int            // how many sets of rows there are
	zone      *time.Location // of calendar days; nil for UTC
}

// tableKey is a key attribute of the table.
type tableKey struct {
	attribute

	kind ddbjson.Kind
}

// typeValue is a value of the attribute that names an item's type.
type typeValue struct {
	text string
	of   *itemType
}

// attribute is a place in an item.
type attribute struct {
	field string // path, as people write it
	slot  int
}

// itemType is one item type, compiled.
type itemType struct {
	model.Item

	templates []template // those of the table's keys first
	own       int        // how many are of the table's keys
	same      [][2]int   // captures of the table's keys that have one name
	rows      relation
	nested    []nested
	group     int // of the slots that its items have
}

// template is what an attribute looks like, compiled.
type template struct {
	model.Template
	attribute

	key    int    // place among the table's keys; -1 for another attribute
	prefix string // of a template that is literal text and one capture after it, as most are
	simple bool   // it is such a template
	first  int    // place of its first capture among those of the item type
	count  int    // of captures
}

// relation is a set of rows, compiled.
type relation struct {
	model.Rows

	number   int // among all
	columns  []column
	days     bool           // a column is the day of another
	measures []model.Column // in the order of column.measure
}

// nested is a set of rows within items, compiled. The slots of its columns are
// those of a selector of its own.
type nested struct {
	relation
	attribute

	list     bool        // of maps; a map of maps otherwise
	parents  []attribute // maps that lead to it
	selector *ddbjson.Selector
	group    int
}

// origin says where the value of a column comes from.
type origin int

const (
	fromAttribute origin = iota
	fromCapture
	fromDay
	fromItem
	fromPosition
)

// column is one column, compiled.
type column struct {
	model.Column
	attribute // slot -1 if there is none

	origin   origin
	parents  []attribute // maps that lead to the attribute, outermost first
	captures []capture   // of its name
	place    int         // of the column that it is the day of, or repeats
	measure  int         // place in relation.measures; -1 if it is none
	binary   bool        // the attribute is a key of type B
	layout   scalar.Layout
}

// capture is where a template captures a column's value.
type capture struct {
	attribute // of the template

	place    int // among the captures of the item type
	template int // among its templates
}

// slots numbers the paths of a selector.
type slots struct{ paths [][]string }

func (s *slots) add(path []string) attribute {
	s.paths = append(s.paths, path)
	return attribute{field: spell(path), slot: len(s.paths) - 1}
}

// parents adds what leads to the last name of a path.
func (s *slots) parents(path []string) []attribute {
	var all []attribute
	for n := 1; n < len(path); n++ {
		all = append(all, s.add(path[:n]))
	}
	return all
}

// spell writes a path as the model file does: a name with a dot in it has quotes.
func spell(path []string) string {
	names := slices.Clone(path)
	for i, name := range names {
		if strings.Contains(name, ".") {
			names[i] = `"` + name + `"`
		}
	}
	return strings.Join(names, ".")
}

func newLayout(m model.Model) (*layout, error) {
	l := &layout{model: m}
	if m.Calendar.TimeZone != "" && m.Calendar.TimeZone != "UTC" {
		zone, err := time.LoadLocation(m.Calendar.TimeZone)
		if err != nil {
			return nil, fmt.Errorf("look up the time zone of the calendar: %w", err)
		}
		l.zone = zone
	}
	var paths slots
	kinds := map[model.KeyKind]ddbjson.Kind{
		model.KeyString: ddbjson.String, model.KeyNumber: ddbjson.Number, model.KeyBinary: ddbjson.Binary,
	}
	for _, key := range m.Keys {
		l.keys = append(l.keys, tableKey{attribute: paths.add([]string{key.Name}), kind: kinds[key.Kind]})
	}
	for _, name := range m.TypeFrom {
		l.typeFrom = append(l.typeFrom, paths.add([]string{name}))
	}
	for _, name := range m.Ignored {
		paths.add([]string{name})
	}
	common := len(paths.paths)
	for _, item := range m.Items {
		t, err := l.itemType(item, &paths)
		if err != nil {
			return nil, fmt.Errorf("item type %q: %w", item.Name, err)
		}
		l.types = append(l.types, t)
	}
	selector, err := ddbjson.NewSelector(paths.paths...)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller names the model
	}
	l.selector = selector
	for i := range l.types {
		t := &l.types[i]
		t.join(selector, common)
		for _, text := range t.Values {
			l.values = append(l.values, typeValue{text: text, of: t})
		}
	}
	return l, nil
}

// join declares the attributes of an item type to the selector: the common ones
// come first.
func (t *itemType) join(selector *ddbjson.Selector, common int) {
	var known []int
	for slot := range common {
		known = append(known, slot)
	}
	for _, k := range t.templates {
		known = append(known, k.slot)
	}
	known = append(known, t.rows.slots()...)
	for _, n := range t.nested {
		known = append(known, n.slot)
	}
	t.group = selector.Group(known...)
	for _, n := range t.nested {
		selector.Within(t.group, n.slot, n.selector, n.group)
	}
}

// slots lists the slots of all columns that have one.
func (r *relation) slots() []int {
	var all []int
	for _, c := range r.columns {
		if c.slot >= 0 {
			all = append(all, c.slot)
		}
	}
	return all
}

func (l *layout) itemType(item model.Item, paths *slots) (itemType, error) {
	t := itemType{Item: item}
	var names []string
	for _, own := range []bool{true, false} {
		for _, k := range item.Keys {
			key := slices.IndexFunc(l.keys, func(key tableKey) bool { return key.field == spell([]string{k.Attribute}) })
			if k.TableKey != own || own && key < 0 {
				continue
			}
			captures := k.Template.Names()
			compiled := template{Template: k.Template, key: -1, first: len(names), count: len(captures)}
			if len(captures) == 1 {
				compiled.prefix = k.Template.Fill([]string{""})
				compiled.simple = strings.HasSuffix(k.Template.String(), "{"+captures[0]+"}")
			}
			if own {
				compiled.key, compiled.attribute = key, l.keys[key].attribute
				t.own++
			} else {
				compiled.attribute = paths.add([]string{k.Attribute})
			}
			for i, name := range captures {
				if j := slices.Index(names, name); own && j >= 0 {
					t.same = append(t.same, [2]int{j, compiled.first + i})
				}
			}
			names = append(names, captures...)
			t.templates = append(t.templates, compiled)
		}
	}
	if item.Skip {
		return t, nil
	}
	var err error
	if t.rows, err = l.relation(item.Rows, &t, paths); err != nil {
		return itemType{}, err
	}
	for _, rows := range item.Nested {
		inner := &slots{}
		n := nested{attribute: paths.add(rows.Path), parents: paths.parents(rows.Path)}
		if n.relation, err = l.relation(rows, &t, inner); err != nil {
			return itemType{}, fmt.Errorf("rows %q: %w", rows.Name, err)
		}
		n.list = !slices.ContainsFunc(rows.Columns, func(c model.Column) bool { return c.Position && c.Type.Kind == model.KindString })
		if n.selector, err = ddbjson.NewSelector(inner.paths...); err != nil {
			return itemType{}, fmt.Errorf("rows %q: %w", rows.Name, err)
		}
		n.group = n.selector.Group(n.slots()...)
		t.nested = append(t.nested, n)
	}
	return t, nil
}

// relation compiles a set of rows of an item type.
func (l *layout) relation(rows model.Rows, t *itemType, paths *slots) (relation, error) {
	r := relation{Rows: rows, number: l.relations, measures: rows.Measured()}
	l.relations++
	for _, declared := range rows.Columns {
		c, err := l.column(declared, rows, t, paths)
		if err != nil {
			return relation{}, fmt.Errorf("column %q: %w", declared.Name, err)
		}
		c.measure = slices.IndexFunc(r.measures, func(other model.Column) bool { return other.Name == c.Name })
		r.days = r.days || c.origin == fromDay
		r.columns = append(r.columns, c)
	}
	return r, nil
}

func (l *layout) column(declared model.Column, rows model.Rows, t *itemType, paths *slots) (column, error) {
	c := column{Column: declared, attribute: attribute{field: declared.Name, slot: -1}, place: -1}
	find := func(columns []model.Column, name string) int {
		return slices.IndexFunc(columns, func(other model.Column) bool { return other.Name == name })
	}
	switch {
	case declared.Inherits:
		c.origin, c.place = fromItem, find(t.Columns, declared.Name)
	case declared.Position:
		c.origin = fromPosition
		return c, nil
	case declared.DayOf != "":
		c.origin, c.place = fromDay, find(rows.Columns, declared.DayOf)
	case declared.Captured:
		c.origin = fromCapture
		for i, k := range t.templates {
			if j := slices.Index(k.Names(), declared.Name); j >= 0 {
				c.captures = append(c.captures, capture{attribute: k.attribute, place: k.first + j, template: i})
			}
		}
		if len(c.captures) == 0 {
			return column{}, fmt.Errorf("no template captures it")
		}
	}
	if c.origin == fromItem || c.origin == fromDay {
		if c.place < 0 {
			return column{}, fmt.Errorf("the column that it is made of is not declared")
		}
		return c, nil
	}
	if declared.Format == model.FormatLayout {
		compiled, err := scalar.NewLayout(declared.Layout)
		if err != nil {
			return column{}, fmt.Errorf("layout %q: %w", declared.Layout, err)
		}
		c.layout = compiled
	}
	if len(declared.From) > 0 {
		c.attribute, c.parents = paths.add(declared.From), paths.parents(declared.From)
		c.binary = len(declared.From) == 1 && slices.Contains(l.model.Keys, model.Key{Name: declared.From[0], Kind: model.KeyBinary})
	}
	if c.origin == fromCapture { // a complaint is about the template's attribute
		c.field = c.captures[0].field
	} else if len(declared.From) == 0 {
		return column{}, fmt.Errorf("its value comes from nowhere")
	}
	return c, nil
}
