package lake

import (
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// reading makes rows of the item in hand: one of the item, and any number of those
// within it. Nothing is written before all of them are known to be right, so that
// an item that is set aside leaves nothing behind.
type reading struct {
	layout     *layout
	decoder    *ddbjson.Decoder
	keys       keys
	faults     []*refusal // by template of other attributes than keys: why it captures nothing
	values     []value    // of all rows, one after the other
	within     []span     // rows within the item
	wrong      []wrongValue
	moreWithin bool // rows within the item have attributes that the model does not know
	arena      []byte
	pickers    map[*nested]*ddbjson.Picker
}

// value is the value of a column.
type value struct {
	present bool
	text    []byte        // of string and json
	number  scalar.Int128 // of all others; a double as its bits, a timestamp in microseconds, a day since 1970
}

func (v *value) set(n int64) {
	v.number, v.present = scalar.Int128{High: n >> 63, Low: uint64(n)}, true
}

// span is a row within an item, as a range of reading.values.
type span struct {
	of    *nested
	start int
}

// wrongValue is a value that is null in its row, or a row within the item that is
// left out.
type wrongValue struct {
	of     *relation
	column string
	why    *refusal
}

// next takes the next item in hand.
func (r *reading) next() {
	r.arena, r.values, r.within, r.wrong, r.moreWithin = r.arena[:0], r.values[:0], r.within[:0], r.wrong[:0], false
	r.faults = r.faults[:0]
}

// build makes the rows of the item in hand.
func (r *reading) build(t *itemType) *refusal {
	if len(t.templates) > t.own {
		r.captureOthers(t)
	}
	if why := r.item(t); why != nil {
		return why
	}
	for i := range t.nested {
		if why := r.nested(&t.nested[i]); why != nil {
			return why
		}
	}
	if t.Unknown == model.RefuseUnknown && (r.moreWithin || !r.decoder.Covers(t.group)) {
		return r.refuseUnknown(t)
	}
	return nil
}

// captureOthers matches the templates of attributes that are no keys of the
// table. An item may lack such an attribute.
func (r *reading) captureOthers(t *itemType) {
	r.faults = append(r.faults[:0], make([]*refusal, len(t.templates))...)
	for i := t.own; i < len(t.templates); i++ {
		k := &t.templates[i]
		v := r.decoder.Value(k.slot)
		ok := false
		switch v.Kind() {
		case ddbjson.Missing, ddbjson.Null:
		case ddbjson.String, ddbjson.Number, ddbjson.Binary:
			text := v.KeepText(&r.arena)
			r.keys.escaped = r.keys.escaped || len(text) < len(v.JSON())
			if r.keys.captures, ok = k.Match(text, r.keys.captures); !ok {
				r.faults[i] = refuse(lakedoc.WrongForm, k.field, "%s does not have the form %s", k.field, k.String()).with(v)
			}
		default:
			r.faults[i] = refuse(lakedoc.WrongType, k.field, "%s is %s, not text of the form %s", k.field, v.Kind(), k.String()).with(v)
		}
		if !ok {
			r.keys.captures = append(r.keys.captures, make([][]byte, k.count)...)
		}
	}
}

// row makes room for the values of a row.
func (r *reading) row(columns int) []value {
	start := len(r.values)
	r.values = slices.Grow(r.values, columns)[:start+columns]
	clear(r.values[start:])
	return r.values[start:]
}

// item makes the row of the item itself.
func (r *reading) item(t *itemType) *refusal {
	row := r.row(len(t.rows.columns))
	for i := range t.rows.columns {
		c := &t.rows.columns[i]
		var why *refusal
		switch c.origin {
		case fromAttribute:
			why = r.attribute(c, r.decoder.Value(c.slot), &row[i])
			if why != nil && why.reason == lakedoc.WrongType {
				why = blockedBy(c, why, r.decoder.Value)
			}
		case fromCapture:
			why = r.captured(c, &row[i])
		default:
			continue
		}
		if why == nil && row[i].present {
			continue // nearly always
		}
		if why = r.settle(&t.rows, c, &row[i], why); why != nil {
			return why
		}
	}
	return r.days(&t.rows, row)
}

// blockedBy says of a value that cannot be reached which attribute on the way is
// no map.
func blockedBy(c *column, why *refusal, at func(slot int) ddbjson.Value) *refusal {
	if at(c.slot).Kind() != ddbjson.Unreachable {
		return why
	}
	for _, parent := range c.parents {
		if v := at(parent.slot); v.Kind() != ddbjson.Map {
			return refuse(lakedoc.WrongType, parent.field, "%s is %s, not M: column %s reads %s", parent.field, v.Kind(), c.Name, c.field).with(v)
		}
	}
	return why
}

// settle does with a column what its policy says: the item may be refused, or the
// value kept beside the row.
func (r *reading) settle(of *relation, c *column, v *value, why *refusal) *refusal {
	if why == nil && (v.present || !c.Required) {
		return nil
	}
	if why == nil {
		why = refuse(lakedoc.MissingAttribute, c.field, "column %s is required, and %s is missing or NULL", c.Name, c.field)
	}
	*v = value{}
	if c.Wrong == model.WrongValue && !c.Required {
		r.wrong = append(r.wrong, wrongValue{of: of, column: c.Name, why: why})
		return nil
	}
	return why.costs(c.Wrong)
}

// days fills the columns that are the day of another one.
func (r *reading) days(of *relation, row []value) *refusal {
	if !of.days {
		return nil
	}
	for i := range of.columns {
		c := &of.columns[i]
		if c.origin != fromDay {
			continue
		}
		var why *refusal
		if at := &row[c.place]; at.present {
			why = r.day(c, int64(at.number.Low), &row[i])
		}
		if why = r.settle(of, c, &row[i], why); why != nil {
			return why
		}
	}
	return nil
}

// captured gives a column what the templates of the item type capture. Attributes
// that say the same must not differ.
func (r *reading) captured(c *column, to *value) *refusal {
	var text []byte
	var holder *capture
	for i := range c.captures {
		capture := &c.captures[i]
		if capture.template < len(r.faults) && r.faults[capture.template] != nil {
			return r.faults[capture.template]
		}
		switch other := r.keys.captures[capture.place]; {
		case other == nil: // the attribute is missing
		case text == nil:
			text, holder = other, capture
		case string(other) != string(text):
			return refuse(lakedoc.ValueContradictsKey, capture.field, "column %s stands in %s, and %s says something else",
				c.Name, holder.field, capture.field).with(r.decoder.Value(capture.slot))
		}
	}
	var repeated ddbjson.Value
	if c.slot >= 0 {
		repeated = r.decoder.Value(c.slot)
	}
	missing := repeated.Kind() == ddbjson.Missing || repeated.Kind() == ddbjson.Null
	switch {
	case text == nil && missing:
		return nil
	case text == nil:
		return r.attribute(c, repeated, to)
	}
	if why := r.convert(c, text, r.keys.escaped, to); why != nil {
		held := *c
		held.field = holder.field
		return r.convert(&held, text, r.keys.escaped, to).with(r.decoder.Value(holder.slot))
	}
	if missing {
		return nil
	}
	if c.Type.Kind == model.KindString && repeated.Kind() == ddbjson.String && string(text) == string(repeated.JSON()) {
		return nil // nearly always
	}
	var other value
	why := r.attribute(c, repeated, &other)
	if why == nil && (string(other.text) != string(to.text) || other.number != to.number) {
		why = refuse(lakedoc.ValueContradictsKey, "", "column %s stands in %s, and %s says something else", c.Name, holder.field, spell(c.From))
	}
	if why != nil {
		why.field = spell(c.From)
		return why.with(repeated)
	}
	return nil
}
