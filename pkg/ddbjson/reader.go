package ddbjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	// DefaultMaxLine is the most bytes that a line may have unless the caller
	// says otherwise, 30 MiB. No item of 400 KB reaches it. A control character
	// takes six bytes instead of one; the worst are numbers: 1E+125 is stored
	// in two bytes, and is 126 digits and some punctuation when it is spelled
	// out, 27 MB in all.
	DefaultMaxLine = 30 << 20

	// firstBuffer is what a Reader starts with: enough for hundreds of
	// ordinary items, and within a core's cache.
	firstBuffer = 128 << 10

	// maxEmptyReads is how often a source may return nothing, without an
	// error, before the Reader gives up on it.
	maxEmptyReads = 100
)

// ErrLineTooLong is wrapped by the error of [Reader.Next] for a line beyond
// the bound. No export contains one: the file is not what it claims to be.
var ErrLineTooLong = errors.New("line is too long")

// Reader cuts a stream into lines. It tolerates a last line without a newline
// and lines that end in CR LF; an empty stream has no lines. Its one buffer
// grows to the longest line seen. A Reader is not safe for concurrent use.
type Reader struct {
	src     io.Reader
	buf     []byte
	start   int // of the bytes not yet returned
	end     int
	maxLine int
	err     error // what the source said last; delivered after the lines before it

	line   int64
	offset int64 // of the line returned last
	next   int64 // of the line after it
}

// NewReader returns a Reader of src. Lines may have up to maxLine bytes, line
// end not counted; 0 means [DefaultMaxLine].
func NewReader(src io.Reader, maxLine int) *Reader {
	if maxLine <= 0 {
		maxLine = DefaultMaxLine
	}
	return &Reader{src: src, maxLine: maxLine}
}

// Reset makes the Reader read src from its beginning, and keeps the buffer.
func (r *Reader) Reset(src io.Reader) {
	*r = Reader{src: src, buf: r.buf, maxLine: r.maxLine}
}

// Next returns the next line without its line end. The bytes are valid until
// the call after it. The error is [io.EOF] after the last line; every other
// error is final, and a line cut short by it is not returned.
func (r *Reader) Next() ([]byte, error) {
	searched := r.start
	for {
		if n := bytes.IndexByte(r.buf[searched:r.end], '\n'); n >= 0 {
			return r.take(searched+n, 1)
		}
		searched = r.end
		if r.end-r.start > r.maxLine+1 {
			return nil, r.tooLong()
		}
		if r.err != nil {
			return r.last()
		}
		shift := r.start
		r.fill()
		searched -= shift - r.start
	}
}

// Line is the number of the line that Next returned last, from 1.
func (r *Reader) Line() int64 { return r.line }

// Offset is where that line starts in the stream, in bytes from 0.
func (r *Reader) Offset() int64 { return r.offset }

// take returns the line up to end, which a line end of newline bytes follows.
func (r *Reader) take(end, newline int) ([]byte, error) {
	line := r.buf[r.start:end:end]
	if newline > 0 && len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	if len(line) > r.maxLine {
		return nil, r.tooLong()
	}
	r.line++
	r.offset = r.next
	r.next += int64(end + newline - r.start)
	r.start = end + newline
	return line, nil
}

// last ends the stream: with the line that has no newline, if the source
// ended properly, or with the error.
func (r *Reader) last() ([]byte, error) {
	if r.err == io.EOF && r.start < r.end { //nolint:errorlint // io.Reader returns EOF itself, by contract
		return r.take(r.end, 0)
	}
	if r.err == io.EOF { //nolint:errorlint // as above
		return nil, io.EOF
	}
	return nil, fmt.Errorf("read line %d at byte %d: %w", r.line+1, r.next, r.err)
}

func (r *Reader) tooLong() error {
	r.err = fmt.Errorf("%w: more than %d bytes", ErrLineTooLong, r.maxLine)
	r.start, r.end = 0, 0
	return fmt.Errorf("read line %d at byte %d: %w", r.line+1, r.next, r.err)
}

// fill makes room and reads once. What is not yet returned moves to the front
// of the buffer, which doubles when it is full.
func (r *Reader) fill() {
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.start, r.end = 0, r.end-r.start
	}
	if r.end == len(r.buf) {
		grown := make([]byte, max(firstBuffer, 2*len(r.buf)))
		copy(grown, r.buf[:r.end])
		r.buf = grown
	}
	for range maxEmptyReads {
		n, err := r.src.Read(r.buf[r.end:])
		if n < 0 || n > len(r.buf)-r.end {
			r.err = errors.New("the source counted more bytes than it was asked for")
			return
		}
		r.end += n
		r.err = err
		if n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}
