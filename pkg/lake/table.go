package lake

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// table writes the rows of one item type of one data file.
type table struct {
	item    *itemType
	writer  *parquet.Writer
	key     string
	begin   func(key string) Output
	to      Output // nil until the first bytes
	bytes   int64
	rows    int64
	scratch []byte // for text with escapes
}

func newTable(item *itemType, key string, buffers *parquet.Buffers, begin func(key string) Output) (*table, error) {
	t := &table{item: item, key: key, begin: begin}
	writer, err := parquet.NewWriter(lazyOutput{t}, parquetColumns(item.Columns), parquet.Options{Buffers: buffers})
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
