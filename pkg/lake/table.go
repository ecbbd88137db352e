package lake

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// table writes the rows of one item type of one data file.
type table struct {
	item   *itemType
	cells  []cell // the row in hand
	writer *parquet.Writer
	key    string
	begin  func(key string) Output
	to     Output // nil until the first bytes
	bytes  int64
	rows   int64
}

func newTable(item *itemType, key string, begin func(key string) Output) (*table, error) {
	t := &table{item: item, cells: make([]cell, len(item.Columns)), key: key, begin: begin}
	writer, err := parquet.NewWriter(lazyOutput{t}, parquetColumns(item.Columns), parquet.Options{})
	if err != nil {
		return nil, fmt.Errorf("open Parquet file of item type %s: %w", item.Name, err)
	}
	t.writer = writer
	return t, nil
}

// lazyOutput begins the table's object with the first byte.
type lazyOutput struct{ t *table }

func (l lazyOutput) Write(p []byte) (int, error) {
	if l.t.to == nil {
		l.t.to = l.t.begin(l.t.key)
	}
	n, err := l.t.to.Write(p)
	l.t.bytes += int64(n)
	return n, err //nolint:wrapcheck // the output says what and where
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

// read converts the attributes of an item to the row in hand.
func (t *table) read(d *ddbjson.Decoder, keys *keyText) *refusal {
	for i, column := range t.item.Columns {
		if why := t.cells[i].read(column, t.item.fields[i], d.Value(t.item.slots[i])); why != nil {
			return why
		}
		if why := t.item.contradicts(i, t.cells[i].text, keys); why != nil {
			return why
		}
	}
	return nil
}

// writeRow writes the row in hand.
func (t *table) writeRow() error {
	for i, column := range t.item.Columns {
		if err := t.append(i, column.Type.Kind); err != nil {
			return fmt.Errorf("write column %s of item type %s: %w", column.Name, t.item.Name, err)
		}
	}
	t.rows++
	if err := t.writer.EndRow(); err != nil {
		return fmt.Errorf("write row %d of item type %s: %w", t.rows, t.item.Name, err)
	}
	return nil
}

func (t *table) append(i int, kind model.Kind) error {
	c := &t.cells[i]
	if c.null {
		return t.writer.AppendNull(i)
	}
	switch kind {
	case model.KindString:
		return t.writer.AppendString(i, c.text)
	case model.KindInteger:
		return t.writer.AppendInt32(i, int32(c.number)) //nolint:gosec // read as an int32
	case model.KindBigInt:
		return t.writer.AppendInt64(i, c.number)
	case model.KindDecimal:
		return t.writer.AppendDecimal(i, c.decimal.High, c.decimal.Low)
	case model.KindBoolean:
		return t.writer.AppendBool(i, c.truth)
	case model.KindTimestamp:
		return t.writer.AppendTimestamp(i, c.number)
	case model.KindDate:
		return t.writer.AppendDate(i, int32(c.number)) //nolint:gosec // read as an int32
	}
	return fmt.Errorf("no encoder for kind %d", kind)
}

func (t *table) buffered() int64 { return int64(t.writer.BufferedBytes()) }

// flush ends the row group, so that what is buffered goes on its way.
func (t *table) flush() error {
	if err := t.writer.Flush(); err != nil {
		return fmt.Errorf("write row group of item type %s: %w", t.item.Name, err)
	}
	return nil
}

// close writes the footer; the object is published by its output.
func (t *table) close() error {
	if err := t.writer.Close(); err != nil {
		return fmt.Errorf("close Parquet file of item type %s: %w", t.item.Name, err)
	}
	return nil
}
