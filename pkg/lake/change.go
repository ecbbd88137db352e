package lake

import (
	"bytes"
	"errors"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// addChange writes what a change makes of the rows of its item: the rows that there
// are now, and that all others which the item may have been are gone.
//
// The second does not ask the old image, which an export may lack, and which says
// nothing of what the item was loaded as by a model whose types overlap. So a change
// deletes the row of every type that has keys like the item's, but for that which it
// is now. To delete what is not there changes nothing.
func (p *pass) addChange(line []byte) error {
	p.next()
	p.decoder = p.changes.Keys() // for messages, until there is something better
	if err := p.changes.Decode(line); err != nil {
		why := refuse(lakedoc.NotAnItem, "", "%v", err)
		if syntax, ok := errors.AsType[*ddbjson.SyntaxError](err); ok {
			why = refuse(lakedoc.NotAnItem, syntax.Path, "byte %d of the line: %s", syntax.Offset, syntax.Problem)
		}
		return p.setAside(line, nil, ddbjson.Value{}, why)
	}
	p.written = p.changes.Written()
	if why := p.checkKeys(); why != nil {
		return p.setAside(line, nil, ddbjson.Value{}, why)
	}
	is, err := p.addImage(line)
	if err == nil {
		p.countLost(is)
		err = p.deleteOthers(is)
	}
	if err != nil {
		return err
	}
	return p.bound(len(line))
}

// checkKeys refuses a change without the keys of the table, and one whose images
// have others.
func (p *pass) checkKeys() *refusal {
	keys := p.changes.Keys()
	images := map[string]*ddbjson.Decoder{}
	if old, ok := p.changes.Old(); ok {
		images["OldImage"] = old
	}
	if is, ok := p.changes.New(); ok {
		images["NewImage"] = is
	}
	for i := range p.layout.keys {
		key := &p.layout.keys[i]
		v := keys.Value(key.slot)
		if v.Kind() != key.kind {
			return refuse(lakedoc.MissingKey, key.field, "the key %s is %s, the table has keys %s", key.field, v.Kind(), p.layout.expectKeys())
		}
		for name, image := range images {
			if !bytes.Equal(v.AppendTyped(nil), image.Value(key.slot).AppendTyped(nil)) {
				return refuse(lakedoc.ValueContradictsKey, key.field, "the key %s of %s is not that of Keys", key.field, name)
			}
		}
	}
	return nil
}

// addImage writes the rows of the new image and returns their type; nil if there
// are none, because the item is deleted, skipped or set aside.
func (p *pass) addImage(line []byte) (*itemType, error) {
	image, ok := p.changes.New()
	if !ok {
		p.deletes++
		return nil, nil //nolint:nilnil // there is none
	}
	p.decoder = image
	t, why := p.recognise()
	if why == nil && t.Skip {
		p.skipped[t.Name]++
		return nil, nil //nolint:nilnil // there is none
	}
	if why == nil {
		why = p.build(t)
	}
	if why != nil {
		return nil, p.setAside(line, t, image.Item(), why)
	}
	item := p.values[:len(t.rows.columns)]
	for i := range t.nested {
		if err := p.deleteNested(t, &t.nested[i], item); err != nil {
			return nil, err
		}
	}
	return t, p.write(t)
}

// countLost counts an item that left a type.
func (p *pass) countLost(is *itemType) {
	old, ok := p.changes.Old()
	if !ok {
		return
	}
	p.decoder = old
	if was, why := p.recognise(); why == nil && !was.Skip && was != is {
		if p.lost == nil {
			p.lost = map[string]int64{}
		}
		p.lost[was.Name]++
	}
}

// deleteOthers writes that the item is a row of one type only.
func (p *pass) deleteOthers(is *itemType) error {
	p.decoder, p.keys.escaped = p.changes.Keys(), false
	for i, key := range p.layout.keys {
		v := p.decoder.Value(key.slot)
		p.keys.texts[i] = v.KeepText(&p.arena)
		p.keys.escaped = p.keys.escaped || len(p.keys.texts[i]) < len(v.JSON())
	}
	for i := range p.layout.types {
		t := &p.layout.types[i]
		if t == is || t.Skip || !p.owns(t) {
			continue
		}
		row, ok := p.identify(t)
		if !ok {
			continue // no row of the type has such keys
		}
		to, err := p.table(&t.rows)
		if err == nil {
			err = to.change(model.Delete, p.written, row)
		}
		for i := 0; err == nil && i < len(t.nested); i++ {
			err = p.deleteNested(t, &t.nested[i], row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// identify fills the columns that identify a row of the type whose templates have
// captured the keys in hand, and reports whether all of them have a value.
func (p *pass) identify(t *itemType) ([]value, bool) {
	row := p.row(len(t.rows.columns))
	for i := range t.rows.columns {
		c := &t.rows.columns[i]
		if !slices.Contains(t.rows.Identity, c.Name) {
			continue
		}
		var why *refusal
		captured := slices.IndexFunc(c.captures, func(held capture) bool { return held.template < t.own })
		if captured >= 0 {
			why = p.convert(c, p.keys.captures[c.captures[captured].place], p.keys.escaped, &row[i])
		} else if c.slot >= 0 {
			why = p.attribute(c, p.decoder.Value(c.slot), &row[i])
		}
		if why != nil || !row[i].present {
			return nil, false
		}
	}
	return row, true
}

// deleteNested writes that an item has no rows of one set, before those that it may
// have are written: deletes apply first.
func (p *pass) deleteNested(t *itemType, n *nested, item []value) error {
	row := p.row(len(n.columns))
	for i := range n.columns {
		if c := &n.columns[i]; c.origin == fromItem && slices.Contains(t.rows.Identity, c.Name) {
			row[i] = item[c.place]
		}
	}
	to, err := p.table(&n.relation)
	if err != nil {
		return err
	}
	return to.change(model.Delete, p.written, row)
}
