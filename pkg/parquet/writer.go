package parquet

import (
	"errors"
	"fmt"
	"io"

	format "github.com/xitongsys/parquet-go/parquet"
)

// ErrNoRows is returned by [Writer.Close] if no row was written: readers
// disagree about files without rows, so there is none to publish.
var ErrNoRows = errors.New("the file has no rows")

// Options tune a [Writer]. The zero value is right for objects in S3 that
// Redshift loads.
type Options struct {
	// RowGroupBytes is how many bytes of encoded pages are held before a row
	// group is written. Default 32 MiB, as Redshift's UNLOAD writes.
	RowGroupBytes int
	// PageBytes is the size at which a page of plain values is encoded, before
	// compression. Default 256 KiB.
	PageBytes int
	// KnownUTF8 says that all strings come from a decoder that has checked
	// them: they are not looked at a second time.
	KnownUTF8 bool
	// Buffers may be shared by writers of one goroutine. Default: its own.
	Buffers *Buffers
	// Metadata is written into the footer, for people and tools.
	Metadata []KeyValue
}

// KeyValue is an entry of the footer's metadata.
type KeyValue struct{ Key, Value string }

const (
	defaultRowGroupBytes = 32 << 20
	defaultPageBytes     = 256 << 10

	// checkRows is how often, in rows, the bytes held are counted when no page
	// has been finished.
	checkRows = 1024

	magic = "PAR1"

	// createdBy has the form by which readers look for known faults of writers; one
	// without a build can't be parsed by parquet-java, which then logs that for
	// every file and may ignore its statistics. The build is always the same,
	// because the same rows are the same bytes whoever has compiled the writer.
	createdBy = "nightstar version 1.0.0 (build 1)"
)

// Writer writes one file. It isn't safe for concurrent use. After an error of
// the destination every call fails with it.
type Writer struct {
	dst     io.Writer
	opts    Options
	columns []*column
	pager   *pager
	rows    int64 // finished
	given   int   // columns that the row in progress has values for
	due     bool  // a column may have something to do at the end of the row

	offset  int64 // bytes written
	flushed int64 // rows written
	groups  []*format.RowGroup
	err     error
}

// NewWriter returns a Writer of files with these columns to dst. Nothing is
// written before the first row group is complete.
func NewWriter(dst io.Writer, columns []Column, opts Options) (*Writer, error) {
	if err := validateColumns(columns); err != nil {
		return nil, fmt.Errorf("declare parquet columns: %w", err)
	}
	if opts.RowGroupBytes <= 0 {
		opts.RowGroupBytes = defaultRowGroupBytes
	}
	if opts.PageBytes <= 0 {
		opts.PageBytes = defaultPageBytes
	}
	if opts.Buffers == nil {
		opts.Buffers = new(Buffers)
	}
	w := &Writer{dst: dst, opts: opts, pager: newPager(opts.Buffers)}
	for _, c := range columns {
		w.columns = append(w.columns, newColumn(c))
	}
	return w, nil
}

// EndRow finishes the row, if each column has been given a value or a null.
// Otherwise the row stays in progress: complete or discard it.
func (w *Writer) EndRow() error {
	if w.err != nil {
		return w.err
	}
	if w.given != len(w.columns) {
		return w.incomplete()
	}
	w.given = 0
	w.rows++
	if w.due || w.rows%checkRows == 0 {
		return w.settle()
	}
	return nil
}

// incomplete names the first column that has no value.
func (w *Writer) incomplete() error {
	for _, c := range w.columns {
		if c.rows == w.rows {
			return fmt.Errorf("end row %d: column %q has no value", w.rows, c.Name)
		}
	}
	return nil
}

// DiscardRow forgets the values appended since the last EndRow.
func (w *Writer) DiscardRow() {
	if w.given == 0 {
		return
	}
	for _, c := range w.columns {
		if c.rows > w.rows {
			c.undo()
			c.rows--
		}
	}
	w.given = 0
}

// settle closes pages that are full and dictionaries that don't pay, and
// writes the row group if enough bytes are held.
func (w *Writer) settle() error {
	w.due = false
	for _, c := range w.columns {
		if !c.due(w.opts.PageBytes) {
			continue
		}
		if !c.plain && c.wasteful() {
			c.spell(w.opts.PageBytes)
		}
		if c.due(w.opts.PageBytes) {
			if err := w.pager.closePage(c); err != nil {
				w.err = fmt.Errorf("encode column %q: %w", c.Name, err)
				return w.err
			}
		}
	}
	if w.BufferedBytes() >= w.opts.RowGroupBytes {
		return w.Flush()
	}
	return nil
}

// BufferedBytes is how many bytes of values are held in memory, pages that are
// encoded already and those in progress. It looks at each column: ask once in
// a while, not for each row.
func (w *Writer) BufferedBytes() int {
	n := 0
	for _, c := range w.columns {
		n += c.buffered()
	}
	return n
}

// Rows is how many rows have been finished.
func (w *Writer) Rows() int64 { return w.rows }

// Flush writes the rows finished since the last row group as a row group, if
// there are any. Small row groups make large files: it is for callers that
// have to bound memory.
func (w *Writer) Flush() error {
	if w.err != nil {
		return w.err
	}
	if w.given > 0 {
		return fmt.Errorf("flush row %d: the row is not finished", w.rows)
	}
	if w.rows == w.flushed {
		return nil
	}
	if w.err = w.flush(); w.err != nil {
		w.err = fmt.Errorf("write row group %d: %w", len(w.groups), w.err)
	}
	return w.err
}

// Close writes what is held and the footer. Without it there is no file. It
// doesn't close the destination. Closing again is an error.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if w.rows == 0 {
		return ErrNoRows
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := w.writeFooter(); err != nil {
		w.err = fmt.Errorf("write parquet footer: %w", err)
		return w.err
	}
	w.err = errors.New("the parquet file is closed")
	return nil
}

// write writes to the destination and counts.
func (w *Writer) write(p []byte) error {
	n, err := w.dst.Write(p)
	w.offset += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return err
}
