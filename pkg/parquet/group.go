package parquet

import (
	"encoding/binary"
	"fmt"
	"math"

	format "github.com/xitongsys/parquet-go/parquet"
)

// flush writes all columns of the rows that are held, one after the other.
func (w *Writer) flush() error {
	if w.offset == 0 {
		if err := w.write([]byte(magic)); err != nil {
			return err
		}
	}
	group := &format.RowGroup{NumRows: w.rows - w.flushed, FileOffset: new(w.offset), TotalCompressedSize: new(int64)}
	if len(w.groups) <= math.MaxInt16 {
		group.Ordinal = new(int16(len(w.groups)))
	}
	for _, c := range w.columns {
		chunk, err := w.writeChunk(c)
		if err != nil {
			return fmt.Errorf("column %q: %w", c.Name, err)
		}
		group.Columns = append(group.Columns, chunk)
		group.TotalByteSize += chunk.MetaData.TotalUncompressedSize
		*group.TotalCompressedSize += chunk.MetaData.TotalCompressedSize
	}
	w.groups = append(w.groups, group)
	w.flushed = w.rows
	return nil
}

// writeChunk writes the dictionary and the pages of a column.
func (w *Writer) writeChunk(c *column) (*format.ColumnChunk, error) {
	if err := w.pager.closePage(c); err != nil {
		return nil, err
	}
	start := w.offset
	meta := &format.ColumnMetaData{
		Type:           c.physical(),
		Encodings:      c.encodings(),
		PathInSchema:   []string{c.Name},
		Codec:          format.CompressionCodec_SNAPPY,
		NumValues:      c.total,
		DataPageOffset: start,
		EncodingStats:  c.encodingStats(),
	}
	if c.dataPages[1] > 0 {
		if err := w.writeDictionary(c); err != nil {
			return nil, err
		}
		c.includeDictionary()
		meta.DictionaryPageOffset = &start
		meta.DataPageOffset = w.offset
	}
	if err := c.pages.writeTo(w.write); err != nil {
		return nil, err
	}
	meta.Statistics = c.statistics()
	meta.TotalUncompressedSize = c.raw
	meta.TotalCompressedSize = w.offset - start
	c.nextChunk(w.pager.buffers)
	return &format.ColumnChunk{FileOffset: start, MetaData: meta}, nil
}

func (w *Writer) writeDictionary(c *column) error {
	header, err := w.pager.dictionaryPage(c.dictionary)
	if err != nil {
		return err
	}
	c.raw += int64(len(header) + len(c.dictionary.data))
	if err := w.write(header); err != nil {
		return err
	}
	return w.write(w.pager.compressed)
}

// encodingStats counts the chunk's pages by kind.
func (c *column) encodingStats() []*format.PageEncodingStats {
	var stats []*format.PageEncodingStats
	add := func(page format.PageType, encoding format.Encoding, count int32) {
		if count > 0 {
			stats = append(stats, &format.PageEncodingStats{PageType: page, Encoding: encoding, Count: count})
		}
	}
	add(format.PageType_DICTIONARY_PAGE, format.Encoding_PLAIN_DICTIONARY, min(1, c.dataPages[1]))
	add(format.PageType_DATA_PAGE, format.Encoding_PLAIN_DICTIONARY, c.dataPages[1])
	add(format.PageType_DATA_PAGE, format.Encoding_PLAIN, c.dataPages[0])
	return stats
}

// writeFooter writes the metadata of the file after its row groups.
func (w *Writer) writeFooter() error {
	meta := &format.FileMetaData{
		Version:   1, // what the format tells writers to say, whatever they use of it
		NumRows:   w.rows,
		RowGroups: w.groups,
		CreatedBy: new(createdBy),
	}
	columns := make([]Column, len(w.columns))
	for i, c := range w.columns {
		columns[i] = c.Column
		meta.ColumnOrders = append(meta.ColumnOrders, &format.ColumnOrder{TYPE_ORDER: format.NewTypeDefinedOrder()})
	}
	meta.Schema = schema(columns)
	for _, entry := range w.opts.Metadata {
		meta.KeyValueMetadata = append(meta.KeyValueMetadata, &format.KeyValue{Key: entry.Key, Value: new(entry.Value)})
	}
	footer, err := w.pager.serialise(meta)
	if err != nil {
		return err
	}
	if len(footer) > math.MaxInt32 {
		return fmt.Errorf("the metadata has %d bytes", len(footer))
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	return w.write(append(footer, magic...))
}
