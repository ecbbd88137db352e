// Package changelog keeps the history of one table as an append-only file.
//
// The log is the table: every put and every delete that was acknowledged, in
// order, with its time. Its end is the table's present state, a prefix of it the
// state at an earlier time, which is what point-in-time export reads.
//
// Records carry checksums, and the head of the file says how far they are
// acknowledged: [Log.Sync] notes that after it has synced them. A log that ends
// before that place, or is damaged before it, is refused: what is missing had
// been promised. An incomplete record after that place is the trace of a write
// that nobody had an answer for, and is cut off.
//
// It knows nothing about keys, items or their JSON.
package changelog

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"

	"github.com/nightstar-elt/nightstar/pkg/local/durable"
)

// Kind says what a record did.
type Kind uint8

// The kinds of records.
const (
	Put    Kind = 1 // the body is the whole item
	Delete Kind = 2 // the body is the key of an item that existed
)

// Record is one change of one item.
type Record struct {
	Kind Kind
	Time int64  // in microseconds since 1970, never less than that of the record before
	Size uint32 // of the item in bytes as DynamoDB counts them, 0 for a delete
	Body []byte // compact JSON
}

const (
	magic       = "nightstar-ddb-2\n"
	headBytes   = len(magic) + 8 + 4 + 4 // then the acknowledged end, a checksum of both, and four zeros
	headerBytes = 12                     // length of the payload, its checksum, the checksum of these eight bytes
	fixedBytes  = 13                     // kind, time and size in front of the body
	maxPayload  = 64 << 20
)

// Overhead is the number of bytes that a record takes besides its body.
const Overhead = headerBytes + fixedBytes

// Start is the offset of the first record of every log.
const Start = int64(headBytes)

// Log is an open log. Reading is safe for concurrent use with everything.
type Log struct {
	file *os.File
	path string

	mu     sync.Mutex // guards the fields below
	size   int64
	broken error

	syncing      sync.Mutex // is held while the file is synced, and guards the field below
	acknowledged int64      // the end that the head of the file has
}

// Create makes a log without records, or replaces one. It is durable when its
// directory is.
func Create(path string) error {
	return durable.WriteFile(path, head(Start))
}

// head returns the first bytes of a log.
func head(end int64) []byte {
	b := append(make([]byte, 0, headBytes), magic...)
	b = binary.LittleEndian.AppendUint64(b, uint64(end))
	b = binary.LittleEndian.AppendUint32(b, checksum(b))
	return append(b, 0, 0, 0, 0)
}

// parseHead returns the acknowledged end that a head says.
func parseHead(b []byte) (int64, error) {
	if begin := b[:min(len(b), len(magic))]; string(begin) != magic {
		return 0, fmt.Errorf("it begins with %q, not %q: it is not a change log of this version", begin, magic)
	}
	if len(b) < headBytes {
		return 0, fmt.Errorf("it ends after %d bytes, inside its head", len(b))
	}
	end := int64(binary.LittleEndian.Uint64(b[len(magic):]))
	if end < Start || !bytes.Equal(b, head(end)) {
		return 0, errors.New("the checksum of its head does not match: the file was damaged or altered")
	}
	return end, nil
}

// Open opens the log at path and calls replay for each record in
// order. Replay may read earlier records of the log; the body is valid during
// the call only. An error from replay ends the opening and is returned with the
// place of the record.
func Open(path string, replay func(l *Log, offset int64, r Record) error) (*Log, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open change log: %w", err)
	}
	l := &Log{file: file, path: path}
	if err := l.load(replay); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

func (l *Log) load(replay func(*Log, int64, Record) error) error {
	info, err := l.file.Stat()
	if err != nil {
		return fmt.Errorf("open change log: %w", err)
	}
	begin := make([]byte, min(info.Size(), Start))
	if _, err := l.file.ReadAt(begin, 0); err != nil {
		return fmt.Errorf("read change log %s: %w", l.path, err)
	}
	if l.acknowledged, err = parseHead(begin); err != nil {
		return fmt.Errorf("read change log %s: %w", l.path, err)
	}
	if missing := l.acknowledged - info.Size(); missing > 0 {
		return fmt.Errorf("read change log %s: it ends at byte %d, and changes up to byte %d were acknowledged: "+
			"its last %d bytes are missing", l.path, info.Size(), l.acknowledged, missing)
	}
	l.size, err = l.scan(Start, info.Size(), func(offset int64, r Record) error { return replay(l, offset, r) })
	if invalid, ok := errors.AsType[*invalidError](err); ok && l.size >= l.acknowledged {
		if err := l.file.Truncate(l.size); err != nil {
			return fmt.Errorf("cut off what was not acknowledged (%w): %w", invalid, err)
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if l.size == l.acknowledged {
		return nil
	}
	return l.settle()
}

// Size returns the offset after the last record.
func (l *Log) Size() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// Close syncs and closes the file.
func (l *Log) Close() error {
	return errors.Join(l.settle(), l.file.Close())
}

// settle syncs all records, and then the note that they are acknowledged.
func (l *Log) settle() error {
	err := l.Sync(l.Size())
	if err == nil {
		err = l.file.Sync()
	}
	return err
}

// Sync makes the records before an offset durable and notes in the head of the
// file that they are acknowledged. Nobody may be told of a change before. Calls
// that wait for one another share the work. The note itself becomes durable with
// the next sync, or when the log is closed or opened: until then it can be
// behind, never ahead. After an error the log refuses all writes.
func (l *Log) Sync(end int64) error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	if end <= l.acknowledged {
		return nil
	}
	size := l.Size()
	err := l.file.Sync()
	if err == nil {
		_, err = l.file.WriteAt(head(size), 0)
	}
	if err != nil {
		err = fmt.Errorf("sync change log %s: %w", l.path, err)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.broken = errors.Join(errUnknownState, err)
		return err
	}
	l.acknowledged = size
	return nil
}

var errUnknownState = errors.New("write change log: refused since an earlier write left it in an unknown state; " +
	"start nightstar again")

// AppendRecord appends a record in the form in which the log stores it to buf,
// for [Log.Append].
func AppendRecord(buf []byte, r Record) []byte {
	start := len(buf)
	buf = append(buf, make([]byte, headerBytes)...)
	buf = append(buf, byte(r.Kind))
	buf = binary.LittleEndian.AppendUint64(buf, uint64(r.Time))
	buf = binary.LittleEndian.AppendUint32(buf, r.Size)
	buf = append(buf, r.Body...)
	header, payload := buf[start:start+headerBytes], buf[start+headerBytes:]
	binary.LittleEndian.PutUint32(header, uint32(len(payload)))
	binary.LittleEndian.PutUint32(header[4:], checksum(payload))
	binary.LittleEndian.PutUint32(header[8:], checksum(header[:8]))
	return buf
}

// Append writes records and returns the offset of the first. They are durable
// only after [Log.Sync]. After an error the log is as before, or, if even that
// can't be achieved, refuses all writes.
func (l *Log) Append(records []byte) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return 0, l.broken
	}
	if _, err := l.file.WriteAt(records, l.size); err != nil {
		if undo := l.file.Truncate(l.size); undo != nil {
			l.broken = errors.Join(errUnknownState, undo)
		}
		return 0, fmt.Errorf("write change log %s: %w", l.path, err)
	}
	offset := l.size
	l.size += int64(len(records))
	return offset, nil
}

// Guess is a good guess for [Log.Read] if nothing is known about a record.
const Guess = 1024

// Read reads the record at offset. Guess is the length that the record probably
// has, in bytes: a right one saves a second read. Read uses buf as far as that is
// large enough and returns the buffer to use the next time; the body points into
// it.
func (l *Log) Read(offset int64, guess int, buf []byte) (Record, []byte, error) {
	guess = max(guess, headerBytes)
	if cap(buf) < guess {
		buf = make([]byte, guess)
	}
	buf = buf[:cap(buf)]
	n, err := l.file.ReadAt(buf[:guess], offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return Record{}, buf, fmt.Errorf("read change log %s at %d: %w", l.path, offset, err)
	}
	length, err := parseHeader(buf[:min(n, headerBytes)])
	if err != nil {
		return Record{}, buf, l.corrupt(offset, err)
	}
	if total := headerBytes + length; total > n {
		if total > len(buf) {
			buf = append(buf, make([]byte, total-len(buf))...) //nolint:makezero // grows a buffer that is full
		}
		if _, err := l.file.ReadAt(buf[n:total], offset+int64(n)); err != nil {
			return Record{}, buf, fmt.Errorf("read change log %s at %d: %w", l.path, offset, err)
		}
	}
	r, err := parsePayload(buf[:headerBytes+length])
	if err != nil {
		return Record{}, buf, l.corrupt(offset, err)
	}
	return r, buf, nil
}

// Scan calls visit for the records that begin in [from, to), which must be
// offsets of records, in order. The body is valid during the call only.
func (l *Log) Scan(from, to int64, visit func(offset int64, r Record) error) error {
	_, err := l.scan(from, to, visit)
	return err
}

// invalidError says that no record begins at an offset.
type invalidError struct{ cause error }

func (e *invalidError) Error() string { return e.cause.Error() }

func invalid(format string, args ...any) error {
	return &invalidError{cause: fmt.Errorf(format, args...)}
}

var errTorn = invalid("the record is incomplete")

// scan is Scan; it also returns the offset after the last complete record.
func (l *Log) scan(from, to int64, visit func(int64, Record) error) (int64, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(l.file, from, to-from), int(min(to-from, 1<<20)))
	var buf []byte
	for offset := from; offset < to; {
		if to-offset < headerBytes {
			return offset, l.corrupt(offset, errTorn)
		}
		header, err := in.Peek(headerBytes)
		if err != nil {
			return offset, fmt.Errorf("read change log %s at %d: %w", l.path, offset, err)
		}
		length, err := parseHeader(header)
		if err != nil {
			return offset, l.corrupt(offset, err)
		}
		total := headerBytes + length
		if int64(total) > to-offset {
			return offset, l.corrupt(offset, errTorn)
		}
		if cap(buf) < total {
			buf = make([]byte, 2*total)
		}
		if _, err := io.ReadFull(in, buf[:total]); err != nil {
			return offset, fmt.Errorf("read change log %s at %d: %w", l.path, offset, err)
		}
		r, err := parsePayload(buf[:total])
		if err == nil {
			err = visit(offset, r)
		}
		if err != nil {
			return offset, l.corrupt(offset, err)
		}
		offset += int64(total)
	}
	return to, nil
}

func (l *Log) corrupt(offset int64, err error) error {
	return fmt.Errorf("change log %s, record at offset %d: %w", l.path, offset, err)
}

// parseHeader returns the length of the payload.
func parseHeader(header []byte) (int, error) {
	if len(header) < headerBytes {
		return 0, errTorn
	}
	if binary.LittleEndian.Uint32(header[8:]) != checksum(header[:8]) {
		return 0, invalid("the checksum of its header does not match: the file was damaged or altered")
	}
	length := binary.LittleEndian.Uint32(header)
	if length < fixedBytes || length > maxPayload {
		return 0, invalid("its length of %d bytes is impossible", length)
	}
	return int(length), nil
}

// parsePayload reads a whole record whose header has been checked.
func parsePayload(record []byte) (Record, error) {
	payload := record[headerBytes:]
	if binary.LittleEndian.Uint32(record[4:]) != checksum(payload) {
		return Record{}, invalid("the checksum of its content does not match: the file was damaged or altered")
	}
	r := Record{
		Kind: Kind(payload[0]),
		Time: int64(binary.LittleEndian.Uint64(payload[1:])),
		Size: binary.LittleEndian.Uint32(payload[9:]),
		Body: payload[fixedBytes:],
	}
	if r.Kind != Put && r.Kind != Delete {
		return Record{}, fmt.Errorf("its kind %d is unknown", r.Kind)
	}
	return r, nil
}

func checksum(b []byte) uint32 {
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
}
