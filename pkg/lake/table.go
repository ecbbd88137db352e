package lake

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// table writes the rows of one item type of one data file.
type table struct {
	*file

	item    *itemType
	sums    []int64 // of the item type's measures, all rows so far
	values  []int64 // of the row in hand; 0 where it has none
	others  *others
	scratch []byte // for text with escapes
}

// table returns the open table of an item type. It is opened with its first
// item.
func (p *pass) table(index int) (*table, error) {
	if p.tables[index] != nil {
		return p.tables[index], nil
	}
	item := &p.layout.types[index]
	f, err := newFile("item type "+item.Name, itemsKey(item.Name, p.in.RunID, p.in.File.Number),
		parquetColumns(item.Columns), &p.buffers, p.begin)
	if err != nil {
		return nil, err
	}
	p.tables[index] = &table{
		file: f, item: item, sums: make([]int64, len(item.measures)), values: make([]int64, len(item.measures)),
		others: &others{
			item: item, key: unknownKey(item.Name, p.in.RunID, p.in.File.Number),
			buffers: &p.buffers, begin: p.begin, seen: p.unknown,
		},
	}
	return p.tables[index], nil
}

// parquetColumns spells the model's types for Parquet. Timestamps are INT96,
// which COPY surely takes; TIMESTAMP_MICROS is cleaner and unconfirmed.
func parquetColumns(columns []model.Column) []parquet.Column {
	out := make([]parquet.Column, len(columns))
	for i, c := range columns {
		out[i] = parquet.Column{Name: c.Name, Optional: !c.Required}
		switch c.Type.Kind {
		case model.KindString:
			out[i].Kind, out[i].Length = parquet.String, c.Type.Length
		case model.KindInteger:
			out[i].Kind = parquet.Int32
		case model.KindBigInt:
			out[i].Kind = parquet.Int64
		case model.KindDecimal:
			out[i].Kind, out[i].Precision, out[i].Scale = parquet.Decimal, c.Type.Precision, c.Type.Scale
		case model.KindBoolean:
			out[i].Kind = parquet.Boolean
		case model.KindTimestamp:
			out[i].Kind = parquet.Timestamp
		case model.KindDate:
			out[i].Kind = parquet.Date
		}
	}
	return out
}

// addUp adds the measures of the row in hand to the sums.
func (t *table) addUp() error {
	for i, value := range t.values {
		sum, ok := plus(t.sums[i], value)
		if !ok {
			return t.tooLarge(i)
		}
		t.sums[i] = sum
	}
	return nil
}

// tooLarge says that a sum cannot be proven. It is about the whole file: no
// single item is to blame.
func (t *table) tooLarge(measure int) error {
	return contradiction("the sum of column %s of item type %s does not fit 64 bits: give the measure fewer digits in the model",
		t.item.measures[measure].Name, t.item.Name)
}

// plus adds, and reports whether the sum is right.
func plus(a, b int64) (sum int64, ok bool) {
	sum = a + b
	return sum, (sum < a) == (b < 0)
}

// total names the sums.
func (t *table) total() map[string]int64 {
	if len(t.sums) == 0 {
		return nil
	}
	total := make(map[string]int64, len(t.sums))
	for i, measure := range t.item.measures {
		total[measure.Name] = t.sums[i]
	}
	return total
}

// others writes the attributes of one item type that the model does not know,
// beside the rows that have them.
type others struct {
	*file // nil until there are any

	item    *itemType
	key     string
	buffers *parquet.Buffers
	begin   func(key string) Output
	seen    *unknowns
	items   int64 // that have any
	text    []byte
}

// add keeps what the model does not know of the item, which is a row by now.
func (o *others) add(d *ddbjson.Decoder, keys *keyText) error {
	found := false
	o.text = d.AppendOthers(o.text[:0], o.item.group, func(path []ddbjson.Value, v ddbjson.Value) {
		found = true
		o.seen.note(o.item.Name, path, v.Kind())
	})
	if !found {
		return nil
	}
	o.items++
	if o.file == nil {
		var columns []parquet.Column
		for _, c := range model.UnknownGlueColumns() {
			columns = append(columns, parquet.Column{Name: c.Name, Kind: parquet.String})
		}
		f, err := newFile("unknown attributes of item type "+o.item.Name, o.key, columns, o.buffers, o.begin)
		if err != nil {
			return err
		}
		o.file = f
	}
	for i, text := range [][]byte{keys.pk, keys.sk, o.text} {
		if err := o.AppendString(i, text); err != nil {
			return fmt.Errorf("write %s: %w", o.what, err)
		}
	}
	if err := o.EndRow(); err != nil {
		return fmt.Errorf("write %s: %w", o.what, err)
	}
	return nil
}
