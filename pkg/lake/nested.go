package lake

import (
	"fmt"
	"strconv"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// nested makes the rows of a list or map of maps within the item in hand. An item
// without it has none. What cannot be made a row costs what the model says.
func (r *reading) nested(n *nested) *refusal {
	v := r.decoder.Value(n.slot)
	if v.Kind() == ddbjson.Missing || v.Kind() == ddbjson.Null {
		return nil
	}
	if n.list != (v.Kind() == ddbjson.List) || n.list == (v.Kind() == ddbjson.Map) {
		return r.leave(n, r.misplaced(n, v).costs(n.Wrong))
	}
	if n.list {
		place := int64(0)
		for element := range v.Elements() {
			place++
			if why := r.entry(n, element, strconv.AppendInt(nil, place, 10), false, func() string { return fmt.Sprintf("%s[%d]", n.field, place-1) }); why != nil {
				return why
			}
		}
		return nil
	}
	for name, element := range v.Members() {
		text := name.KeepText(&r.arena)
		if why := r.entry(n, element, text, len(text) < len(name.JSON()), func() string { return n.field + "." + spell([]string{string(text)}) }); why != nil {
			return why
		}
	}
	return nil
}

// misplaced says what stands where a list or map of maps is expected, or on the way
// to it.
func (r *reading) misplaced(n *nested, v ddbjson.Value) *refusal {
	for _, parent := range n.parents {
		if at := r.decoder.Value(parent.slot); at.Kind() != ddbjson.Map {
			return refuse(lakedoc.WrongType, parent.field, "%s is %s, not M: the rows %s stand in %s", parent.field, at.Kind(), n.Name, n.field).with(at)
		}
	}
	wants, holds := "L", "list"
	if !n.list {
		wants, holds = "M", "map"
	}
	return refuse(lakedoc.WrongType, n.field, "%s is %s, not %s: the rows %s stand in a %s of maps", n.field, v.Kind(), wants, n.Name, holds).with(v)
}

// leave keeps what costs no more than rows within the item, and returns what costs
// more.
func (r *reading) leave(n *nested, why *refusal) *refusal {
	if why == nil || !why.row {
		return why
	}
	r.wrong = append(r.wrong, wrongValue{of: &n.relation, column: lakedoc.WholeRow, why: why})
	return nil
}

// entry makes the row of one map, or leaves it out.
func (r *reading) entry(n *nested, m ddbjson.Value, place []byte, escaped bool, path func() string) *refusal {
	values, within, wrong := len(r.values), len(r.within), len(r.wrong)
	why := r.nestedRow(n, m, place, escaped, path)
	if why != nil && why.row {
		r.values, r.within, r.wrong = r.values[:values], r.within[:within], r.wrong[:wrong]
		why.value = m
	}
	return r.leave(n, why)
}

// nestedRow makes the row of one map. The path leads to it, for messages. A refusal
// that costs more than the row comes before one that does not.
func (r *reading) nestedRow(n *nested, m ddbjson.Value, place []byte, escaped bool, path func() string) *refusal {
	if m.Kind() != ddbjson.Map {
		return refuse(lakedoc.WrongType, path(), "it is %s, not M: each of the rows %s is a map", m.Kind(), n.Name).with(m).costs(n.Wrong)
	}
	picker := r.picker(n)
	if picker.Pick(m) {
		r.moreWithin = true
	}
	r.within = append(r.within, span{of: n, start: len(r.values)})
	row := r.row(len(n.columns))
	var first *refusal
	for i := range n.columns {
		c := &n.columns[i]
		var why *refusal
		switch c.origin {
		case fromItem:
			row[i] = r.values[c.place]
			continue
		case fromPosition:
			why = r.convert(c, place, escaped, &row[i])
		case fromAttribute:
			why = r.attribute(c, picker.Value(c.slot), &row[i])
			if why != nil && why.reason == lakedoc.WrongType {
				why = blockedBy(c, why, picker.Value)
			}
		default:
			continue
		}
		before := len(r.wrong)
		if why = r.settle(&n.relation, c, &row[i], why); why != nil {
			why.field = path() + "." + why.field
			if !why.row {
				return why
			}
			if first == nil {
				first = why
			}
		}
		if len(r.wrong) > before {
			r.wrong[before].why.field = path() + "." + r.wrong[before].why.field
		}
	}
	if why := r.days(&n.relation, row); first == nil || why != nil && !why.row {
		return why
	}
	return first
}

// picker returns what reads the maps of the rows.
func (r *reading) picker(n *nested) *ddbjson.Picker {
	if r.pickers[n] == nil {
		if r.pickers == nil {
			r.pickers = map[*nested]*ddbjson.Picker{}
		}
		r.pickers[n] = ddbjson.NewPicker(n.selector, n.group)
	}
	return r.pickers[n]
}

// refuseUnknown refuses an item for the first of its attributes that the model
// does not declare, if there is one.
func (r *reading) refuseUnknown(t *itemType) *refusal {
	var why *refusal
	r.decoder.AppendOthers(nil, t.group, func(in *ddbjson.Selector, path []ddbjson.Value, v ddbjson.Value) {
		if why != nil {
			return
		}
		names := make([]string, len(path))
		for i, name := range path {
			names[i] = string(name.AppendText(nil))
		}
		of := t.nameOf(in)
		why = refuse(lakedoc.UnknownAttribute, spell(names), "the model declares no such attribute of %s, and refuses items that have others (%s)",
			of, v.Kind()).with(v)
	})
	return why
}

// nameOf returns the name of the rows whose attributes a selector knows.
func (t *itemType) nameOf(selector *ddbjson.Selector) string {
	for i := range t.nested {
		if t.nested[i].selector == selector {
			return t.nested[i].Name
		}
	}
	return t.Name
}
