package lake

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// file is a Parquet object while it is written. Its upload begins with the
// first bytes, which come with the first row group, so an object without rows
// never exists.
type file struct {
	*parquet.Writer

	what  string // for errors
	key   string
	begin func(key string) Output
	to    Output // nil until the first bytes
	bytes int64
}

func newFile(
	what, key string, columns []parquet.Column, buffers *parquet.Buffers, begin func(key string) Output,
) (*file, error) {
	f := &file{what: what, key: key, begin: begin}
	writer, err := parquet.NewWriter(sink{f}, columns, parquet.Options{Buffers: buffers, KnownUTF8: true})
	if err != nil {
		return nil, fmt.Errorf("open Parquet file of %s: %w", what, err)
	}
	f.Writer = writer
	return f, nil
}

// sink is where the Parquet writer of a file writes to.
type sink struct{ f *file }

func (s sink) Write(p []byte) (int, error) {
	if s.f.to == nil {
		s.f.to = s.f.begin(s.f.key)
	}
	n, err := s.f.to.Write(p)
	s.f.bytes += int64(n)
	return n, err //nolint:wrapcheck // the output says what and where
}

// flush ends the row group, so that what is buffered goes on its way.
func (f *file) flush() error {
	if err := f.Flush(); err != nil {
		return fmt.Errorf("write row group of %s: %w", f.what, err)
	}
	return nil
}

// close writes the footer.
func (f *file) close() error {
	if err := f.Close(); err != nil {
		return fmt.Errorf("close Parquet file of %s: %w", f.what, err)
	}
	return nil
}

// commit publishes the object, which has been closed, and describes it.
func (f *file) commit(rows string) (lakedoc.Object, error) {
	etag, err := f.to.Commit()
	if err != nil {
		return lakedoc.Object{}, err //nolint:wrapcheck // the output says what and where
	}
	return lakedoc.Object{Type: rows, Key: f.key, Bytes: f.bytes, ETag: etag, Rows: f.Rows()}, nil
}
