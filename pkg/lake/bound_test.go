package lake_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// endless is a text that repeats for as long as it is read.
type endless struct {
	text string
	at   int
	read int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], e.text[e.at:])
		e.at = (e.at + c) % len(e.text)
		n += c
	}
	e.read += int64(n)
	return n, nil
}

// TestSplitter_givesUpOnAGzipBomb unpacks a file that never ends. What is read
// of it is bounded by what its manifest says, not by what it holds.
func TestSplitter_givesUpOnAGzipBomb(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		text  string
		items int64
		most  int64 // MiB that may be unpacked
		want  string
	}{
		"more items than the manifest counts": {order + "\n", 1000, 8, "it holds more than the 1000 items that the manifest counts"},
		"items where none should be":          {order + "\n", 0, 8, "it holds more than the 0 items that the manifest counts"},
		"blank lines without end":             {" \t\n", 1000, 8, "it has more than 2000 blank lines"},
		"empty lines without end":             {"\n", 1000, 8, "it has more than 2000 blank lines"},
		"a line without end":                  {" ", 1, 64, "more than 31457280 bytes"},
		"lines that are no items":             {"0\n", 5, 8, "it holds more than the 5 items"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := &endless{text: tt.text}
			splitter, err := lake.NewSplitter(store(t))
			if err != nil {
				t.Fatal(err)
			}
			var began int
			_, err = splitter.Split(t.Context(), lake.PartitionInput{RunID: "r1", File: lakedoc.File{Number: 1, Items: tt.items}}, "bomb",
				packed(t, source), func(string) lake.Output { began++; return &scrap{} })
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Split() = %v, want %q", err, tt.want)
			}
			if source.read > tt.most<<20 {
				t.Errorf("%d bytes were unpacked, want at most %d MiB", source.read, tt.most)
			}
		})
	}
}

// packed compresses a source while it is read.
func packed(t *testing.T, from io.Reader) io.Reader {
	t.Helper()
	reader, writer := io.Pipe()
	t.Cleanup(func() { _ = reader.Close() })
	go func() {
		zipper := gzip.NewWriter(writer)
		_, err := io.CopyBuffer(struct{ io.Writer }{zipper}, from, make([]byte, 64<<10))
		_ = writer.CloseWithError(err)
	}()
	return reader
}

// scrap is an output that must not be committed.
type scrap struct{ bytes.Buffer }

func (*scrap) Commit() (string, error) { panic("an object of a file that was given up is published") }
func (*scrap) Abandon()                {}

func TestPartition_blankLinesAreNoItems(t *testing.T) {
	t.Parallel()

	e := setup(t)
	text := "\n \n\t\r\n" + order + "\n\r\n   \n" + product + "\r\n \t "
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, text), 2))
	if err != nil || got.Problem != "" || got.Items != 2 || len(got.SetAside) != 0 || len(got.Rows) != 2 {
		t.Errorf("Partition() = %+v, %v; want two rows and nothing set aside", got, err)
	}
}
