package infer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/infer/design"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
)

// itemType is an item type of the model, as far as it is known.
type itemType struct {
	name   string
	keys   []string // names of the table's keys
	group  *inspect.Group
	values []string       // of the type attribute
	some   bool           // some of its items have no type attribute
	tight  bool           // words before ids are literals, so that other types' keys do not match
	closed byte           // a delimiter that no id contains, so that longer keys do not match; 0 for none
	entity *design.Entity // of the design; nil if it declares none
	united []string       // forms of keys that could not be told apart

	templates []template
	columns   []*column
	rows      []*rows
	identity  []*column // what the table's keys capture
	left      int       // attributes that became no column

	role     role
	why      string // for the role
	original *itemType
	refs     []*reference
}

// role is what a type is in the star.
type role int

const (
	nothing role = iota
	isDimension
	isFact
	isHeader // looked up by facts
	isCopy
)

// itemTypes makes types of the report's groups, and names the type attribute.
func itemTypes(r *inspect.Report) (types []*itemType, attribute string, notes []string) {
	m := merger{groups: slices.Clone(r.Groups), by: typeAttribute(r), names: map[string]bool{}}
	for _, name := range r.TypeAttributes {
		m.names[name] = true
	}
	m.run()
	if m.by >= 0 {
		attribute = r.TypeAttributes[m.by]
	}
	for _, g := range m.groups {
		t := &itemType{group: g}
		for value := range strings.SplitSeq(m.value(g), "\x00") {
			if value != "" {
				t.values = append(t.values, value)
			}
		}
		types = append(types, t)
	}
	if attribute != "" {
		for _, t := range types {
			a := t.group.Root.Members[attribute]
			t.some = a == nil || a.Present() < t.group.Items
		}
	}
	types = apart(types, r.Delims)
	slices.SortFunc(types, func(a, b *itemType) int {
		return cmp.Or(cmp.Compare(b.group.Items, a.group.Items), cmp.Compare(a.group.Pattern(), b.group.Pattern()), slices.Compare(a.values, b.values))
	})
	slices.Sort(m.loosened)
	return types, attribute, slices.Compact(m.loosened)
}

// apart makes types that no rule tells apart one, unless it is enough to say that
// ids contain no delimiter, or that text in front of them is literal.
func apart(types []*itemType, delims inspect.Delims) []*itemType {
	for i := 0; i < len(types); i++ {
		for j := 0; j < i; j++ {
			a, b := types[j], types[i]
			if !a.meets(b) {
				continue
			}
			if !separate(a, b, delims) {
				a.unite(b)
				types = slices.Delete(types, i, i+1)
			}
			i = 0 // what has changed may meet others
			break
		}
	}
	return types
}

// separate makes the keys of two types stricter until they do not meet.
func separate(a, b *itemType, delims inspect.Delims) bool {
	tight := [2]bool{a.tight, b.tight}
	for _, literal := range []bool{false, true} {
		a.tight, b.tight = literal || tight[0], literal || tight[1]
		if literal && !a.meets(b) {
			return true
		}
		for _, mark := range []byte(delims) {
			closed := [2]byte{a.closed, b.closed}
			for n, t := range []*itemType{a, b} {
				if closed[n] == 0 {
					t.closed = mark
				}
			}
			if !a.meets(b) {
				return true
			}
			a.closed, b.closed = closed[0], closed[1]
		}
	}
	a.tight, b.tight = tight[0], tight[1]
	return false
}

// meets reports whether an item could be of both types.
func (t *itemType) meets(o *itemType) bool {
	if len(t.values) > 0 && len(o.values) > 0 && !t.some && !o.some &&
		!slices.ContainsFunc(t.values, func(v string) bool { return slices.Contains(o.values, v) }) {
		return false
	}
	x, y := t.forms(), o.forms()
	for k := range x {
		if _, common := x[k].parsed().Common(y[k].parsed()); !common {
			return false
		}
	}
	return true
}

// begins returns how many literal segments two keys begin with, and the word that
// both have next. Something is left of each.
func begins(a, b inspect.Pattern) (same int, word string) {
	for same < min(len(a), len(b))-1 && a[same] == b[same] && !a[same].ID {
		same++
	}
	x, y := a[same], b[same]
	word = common(x.Word, y.Word)
	if strings.Trim(word, "-_.") == "" || !strings.ContainsAny(word[len(word)-1:], "-_.") || !x.ID && x.Word == word || !y.ID && y.Word == word {
		word = ""
	}
	return same, word
}

// unite makes one type of two whose keys have other forms. A key whose forms
// differ becomes one capture after the text that both begin with.
func (t *itemType) unite(o *itemType) {
	if len(t.united) == 0 {
		t.united = []string{t.group.Pattern()}
	}
	t.united = append(t.united, o.group.Pattern())
	t.some = t.some || o.some || len(t.values) == 0 != (len(o.values) == 0)
	for _, v := range o.values {
		if !slices.Contains(t.values, v) {
			t.values = append(t.values, v)
		}
	}
	for k := range t.group.Keys {
		if slices.Equal(t.group.Keys[k], o.group.Keys[k]) {
			continue
		}
		same, word := begins(t.group.Keys[k], o.group.Keys[k])
		t.group.Whole(k, same, word)
		o.group.Whole(k, same, word)
	}
	t.group.Merge(o.group)
}
