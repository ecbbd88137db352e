package infer

import (
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// rows are what a list or map of maps within items becomes.
type rows struct {
	of      *itemType
	name    string
	list    bool
	path    []string
	columns []*column
	comment string
	refs    []*reference
	left    int
}

// full is the name by which dimensions and facts refer to the rows.
func (r *rows) full() string { return r.of.name + "." + r.name }

// nested makes rows of a list or map of maps. It returns false if there would be
// no columns.
func (t *itemType) nested(a *inspect.Attribute, path []string) bool {
	elements, list := a.Elements, true
	if a.Only(ddbjson.Map) {
		elements, list = united(a), false
	}
	if len(t.identity) == 0 || elements == nil {
		return false
	}
	r := &rows{of: t, list: list, path: path}
	name := singular(asName(a.Name))
	for _, o := range t.rows {
		if o.name == name {
			name = asName(strings.Join(path, "_"))
		}
	}
	r.name = name
	taken := names{"position": true, "entry": true}
	for _, c := range t.identity {
		taken[c.name] = true
	}
	// The attributes of the maps become columns as those of items do.
	count := elements.Kinds[ddbjson.Map]
	inner := &itemType{name: r.name, group: &inspect.Group{Items: count, Root: *elements}}
	for _, m := range elements.Sorted() {
		inner.attribute(m, nil, count, taken)
	}
	r.columns, r.left = inner.columns, inner.left
	t.left += inner.left
	if len(r.columns) == 0 {
		return false
	}
	r.comment = spell.Count(count, "row", "rows") + " in " + share(a.Present(), t.group.Items) + " items"
	t.rows = append(t.rows, r)
	return true
}

// united is what the maps in a map hold; nil if they differ too much to be rows.
func united(a *inspect.Attribute) *inspect.Attribute {
	all := &inspect.Attribute{}
	for _, m := range a.Sorted() {
		if !m.Only(ddbjson.Map) || m.Kinds[ddbjson.Null] > 0 || m.Further {
			return nil
		}
		all.Add(m)
	}
	if len(all.Members) == 0 || len(all.Members) > 40 || a.Further {
		return nil
	}
	return all
}
