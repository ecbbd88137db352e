package lake

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// others writes the attributes of items of one type that the model does not know,
// beside the rows of these items.
type others struct {
	*file // nil until there are any

	of    *itemType
	items int64 // that have any
	text  []byte
}

// keepUnknown keeps what the model does not know of the item in hand, which is a
// row by now.
func (p *pass) keepUnknown(t *itemType) error {
	o := p.others[t.rows.number]
	if o == nil {
		o = &others{of: t}
		p.others[t.rows.number] = o
	}
	found := false
	o.text = p.decoder.AppendOthers(o.text[:0], t.group, func(in *ddbjson.Selector, path []ddbjson.Value, v ddbjson.Value) {
		found = true
		p.unknown.note(t.nameOf(in), path, v.Kind())
	})
	if !found {
		return nil
	}
	o.items++
	if o.file == nil {
		var columns []parquet.Column
		for _, name := range lakedoc.UnknownColumns() {
			columns = append(columns, parquet.Column{Name: name, Kind: parquet.String, Optional: name == lakedoc.UnknownSortKey})
		}
		f, err := newFile("unknown attributes of item type "+t.Name, lakedoc.UnknownKey(t.Name, p.in.RunID, p.in.File.Number),
			columns, &p.buffers, p.begin)
		if err != nil {
			return err
		}
		o.file = f
	}
	if err := o.row(p.keys.texts[:len(p.layout.keys)]); err != nil {
		return fmt.Errorf("write %s: %w", o.what, err)
	}
	return nil
}

// row writes the keys of an item and its text.
//
//nolint:wrapcheck // keepUnknown wraps errors
func (o *others) row(keys [][]byte) error {
	for i, text := range keys {
		if err := o.AppendString(i, text); err != nil {
			return err
		}
	}
	if len(keys) == 1 {
		if err := o.AppendNull(1); err != nil {
			return err
		}
	}
	if err := o.AppendString(2, o.text); err != nil {
		return err
	}
	return o.EndRow()
}
