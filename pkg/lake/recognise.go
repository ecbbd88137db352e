package lake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// keys are the key attributes of the item in hand, and what the templates of its
// type take of them.
type keys struct {
	texts    [2][]byte // of the partition key and the sort key
	escaped  bool      // one of them was written with escapes
	captures [][]byte  // of the item type's templates
	spare    [][]byte
}

// recognise returns the type of an item. The type attribute decides where the
// item has one, and the keys must agree with it; they decide otherwise. Together
// with a refusal it returns the type that the item says it has, if it does.
func (r *reading) recognise() (*itemType, *refusal) {
	l, k := r.layout, &r.keys
	k.captures, k.escaped = k.captures[:0], false
	for i := range l.keys {
		key := &l.keys[i]
		v := r.decoder.Value(key.slot)
		if v.Kind() != key.kind {
			return nil, refuse(lakedoc.MissingKey, key.field, "the key %s is %s, the table has keys %s", key.field, v.Kind(), l.expectKeys())
		}
		k.texts[i] = v.KeepText(&r.arena)
		k.escaped = k.escaped || len(k.texts[i]) < len(v.JSON())
	}
	for i := range l.typeFrom {
		switch v := r.decoder.Value(l.typeFrom[i].slot); v.Kind() {
		case ddbjson.Missing, ddbjson.Null:
		case ddbjson.String:
			return r.byName(v.KeepText(&r.arena), l.typeFrom[i].field)
		default:
			return nil, refuse(lakedoc.WrongType, l.typeFrom[i].field, "the type attribute is %s, not S", v.Kind())
		}
	}
	return r.byKeys()
}

// byName looks for the type with that value of the type attribute.
func (r *reading) byName(value []byte, field string) (*itemType, *refusal) {
	var named *itemType
	for i := range r.layout.values {
		v := &r.layout.values[i]
		if string(value) != v.text {
			continue
		}
		if r.owns(v.of) {
			return v.of, nil
		}
		named = v.of
	}
	if named == nil {
		return nil, refuse(lakedoc.UnknownType, field, "the model declares no item type with this value of %s, it has %s", field, r.layout.expectValues())
	}
	if a, b, differ := r.differ(named); differ {
		return named, refuse(lakedoc.TypeContradictsKey, field, "an item of type %s has one %s in %s and %s, this one has two",
			named.Name, a.Names()[0], a.field, b.field)
	}
	return named, refuse(lakedoc.TypeContradictsKey, field, "an item of type %s has keys like %s, this one has %s",
		named.Name, named.expect(), r.pattern())
}

// byKeys looks for the one type whose keys the item has.
func (r *reading) byKeys() (*itemType, *refusal) {
	var found *itemType
	for i := range r.layout.types {
		t := &r.layout.types[i]
		if t.own == 0 || !r.owns(t) {
			continue
		}
		if found != nil {
			return nil, refuse(lakedoc.AmbiguousType, "", "the keys are those of item types %s and %s, and the item has none of the attributes that name its type: %s",
				found.Name, t.Name, r.layout.typeAttributes())
		}
		found = t
	}
	if found == nil {
		return nil, refuse(lakedoc.UnknownType, "", "no item type has keys like %s; the model has %s", r.pattern(), r.layout.expect())
	}
	return found, nil
}

// owns reports whether the keys are those of the item type, and keeps what its
// templates take of them if they are.
func (r *reading) owns(t *itemType) bool {
	captures := r.keys.spare[:0]
	for i := range t.templates[:t.own] {
		k := &t.templates[i]
		var ok bool
		if captures, ok = k.match(r.keys.texts[k.key], captures); !ok {
			r.keys.spare = captures
			return false
		}
	}
	r.keys.spare = captures
	for _, pair := range t.same {
		if string(captures[pair[0]]) != string(captures[pair[1]]) {
			return false
		}
	}
	r.keys.captures, r.keys.spare = captures, r.keys.captures
	return true
}

// match is [model.Template.Match].
func (k *template) match(text []byte, captures [][]byte) ([][]byte, bool) {
	if !k.simple {
		return k.Match(text, captures)
	}
	if len(text) <= len(k.prefix) || string(text[:len(k.prefix)]) != k.prefix {
		return captures, false
	}
	return append(captures, text[len(k.prefix):]), true
}

// differ finds two templates that match the keys, but take different texts for
// one capture.
func (r *reading) differ(t *itemType) (a, b *template, differ bool) {
	var captures [][]byte
	for i := range t.templates[:t.own] {
		k := &t.templates[i]
		var ok bool
		if captures, ok = k.Match(r.keys.texts[k.key], captures); !ok {
			return nil, nil, false
		}
	}
	of := func(place int) *template {
		return &t.templates[slices.IndexFunc(t.templates, func(k template) bool { return place >= k.first && place < k.first+k.count })]
	}
	for _, pair := range t.same {
		if string(captures[pair[0]]) != string(captures[pair[1]]) {
			return of(pair[0]), of(pair[1]), true
		}
	}
	return nil, nil, false
}

// maxExpected bounds how many item types a message lists.
const maxExpected = 10

// expect lists what the keys of the item types look like.
func (l *layout) expect() string {
	var all []string
	for i := range l.types {
		if t := &l.types[i]; t.own > 0 {
			all = append(all, fmt.Sprintf("%s (%s)", t.expect(), t.Name))
		}
	}
	if len(all) == 0 {
		return "no item type with templates of keys"
	}
	return enough(all, "; ", maxExpected)
}

// expect says what the keys of the item type look like.
func (t *itemType) expect() string {
	var all []string
	for _, k := range t.templates[:t.own] {
		all = append(all, k.field+" "+k.String())
	}
	return strings.Join(all, ", ")
}

// expectKeys lists the key attributes with their types.
func (l *layout) expectKeys() string {
	var all []string
	for _, k := range l.keys {
		all = append(all, k.field+" ("+k.kind.String()+")")
	}
	return strings.Join(all, " and ")
}

// expectValues lists the values of the type attribute.
func (l *layout) expectValues() string {
	var all []string
	for i := range l.types {
		all = append(all, l.types[i].Values...)
	}
	return enough(all, ", ", maxExpected)
}

func (l *layout) typeAttributes() string {
	var all []string
	for _, from := range l.typeFrom {
		all = append(all, from.field)
	}
	return strings.Join(all, ", ")
}

// enough joins the first entries of a list and counts the rest.
func enough(all []string, separator string, most int) string {
	if len(all) > most {
		return fmt.Sprintf("%s%sand %d more", strings.Join(all[:most], separator), separator, len(all)-most)
	}
	return strings.Join(all, separator)
}
