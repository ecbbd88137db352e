package parquet_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/snappy"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// chunkPages is what the pages of a column chunk say about it.
type chunkPages struct {
	Dictionary int64 // where the dictionary page is; 0 if there is none
	Data       int64 // where the first data page is
	Raw        int64 // bytes of headers and content without compression
	Compressed int64 // bytes of headers and content
	Values     int64
	Stats      []string // pages by type and encoding, in order of appearance, with their number
}

// walk reads all page headers from start to end.
func walk(t *testing.T, file []byte, start, end int64) chunkPages {
	t.Helper()
	found := chunkPages{Compressed: end - start}
	counts := map[string]int{}
	var order []string
	for at := start; at < end; {
		var header format.PageHeader
		reader := new(thrift.CompactProtocol).NewReaderFromBytes(file[at:end])
		if err := thrift.NewDecoder(reader).Decode(&header); err != nil {
			t.Fatalf("no page header at %d: %v", at, err)
		}
		content := at + int64(reader.BytesRead())
		raw, err := snappy.DecodeStrict(nil, file[content:content+int64(header.CompressedPageSize)])
		if err != nil || len(raw) != int(header.UncompressedPageSize) {
			t.Fatalf("the page at %d has %d bytes, %v, its header says %d", at, len(raw), err, header.UncompressedPageSize)
		}
		var name string
		switch header.Type {
		case format.DictionaryPage:
			found.Dictionary = at
			name = fmt.Sprint(header.Type, header.DictionaryPageHeader.V.Encoding)
		case format.DataPage:
			if found.Data == 0 {
				found.Data = at
			}
			found.Values += int64(header.DataPageHeader.V.NumValues)
			name = fmt.Sprint(header.Type, header.DataPageHeader.V.Encoding)
		default:
			t.Fatalf("a page of type %v at %d", header.Type, at)
		}
		if counts[name]++; counts[name] == 1 {
			order = append(order, name)
		}
		found.Raw += content - at + int64(len(raw))
		at = content + int64(header.CompressedPageSize)
	}
	for _, name := range order {
		found.Stats = append(found.Stats, fmt.Sprint(name, counts[name]))
	}
	return found
}

// TestWriter_pages compares the footer with the pages that it describes.
func TestWriter_pages(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{
		{Name: "low", Kind: parquet.String},
		{Name: "high", Kind: parquet.String, Optional: true},
		{Name: "mixed", Kind: parquet.Int32, Optional: true},
		{Name: "none", Kind: parquet.Boolean, Optional: true},
	}
	var rows []row
	for i := range 150_000 {
		rows = append(rows, row{fmt.Sprint(i % 5), orNull(i%7 > 0, fmt.Sprint(i*7919%150_000)), int32(i / 2), nil})
	}
	for _, opts := range []parquet.Options{{}, {PageBytes: 5000, RowGroupBytes: 100_000}} {
		file := write(t, columns, rows, opts)
		for g, group := range open(t, file).Metadata().RowGroups {
			for _, chunk := range group.Columns {
				m := chunk.MetaData
				start := m.DataPageOffset
				if m.DictionaryPageOffset > 0 {
					start = m.DictionaryPageOffset
				}
				said := chunkPages{
					Dictionary: m.DictionaryPageOffset, Data: m.DataPageOffset,
					Raw: m.TotalUncompressedSize, Compressed: m.TotalCompressedSize, Values: m.NumValues,
				}
				for _, s := range m.EncodingStats {
					said.Stats = append(said.Stats, fmt.Sprint(fmt.Sprint(s.PageType, s.Encoding), s.Count))
				}
				if diff := cmp.Diff(walk(t, file, start, start+m.TotalCompressedSize), said); diff != "" {
					t.Errorf("group %d, column %v (-pages +footer):\n%s", g, m.PathInSchema, diff)
				}
				if m.NumValues != group.NumRows {
					t.Errorf("group %d, column %v has %d values for %d rows", g, m.PathInSchema, m.NumValues, group.NumRows)
				}
			}
		}
	}
}
