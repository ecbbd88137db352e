package gunzip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// The ways in which a stream can be wrong. An end that comes too early is
// [io.ErrUnexpectedEOF].
var (
	// ErrHeader says that there is no gzip member where one should begin.
	ErrHeader = errors.New("invalid gzip header")
	// ErrChecksum says that a member's content isn't what its end says it is.
	ErrChecksum = errors.New("invalid gzip checksum")
	// ErrCorrupt is wrapped by errors about the compressed data itself.
	ErrCorrupt = errors.New("corrupt deflate data")
)

const (
	// inputBytes and padding are a power of two together, and so is outputBytes:
	// the loop in codes masks its indexes with them, which the compiler can see
	// to be within the array, and which changes nothing.
	inputBytes = 64<<10 - padding

	// padding is how many zeros follow the last byte of the source, so that
	// whole words can be read up to the end. What is decoded from them is
	// thrown away.
	padding = 32

	// window is how far back a match may reach.
	window = 32 << 10
	// outputBytes is the window and what is decoded at a time; both stay in the
	// second-level cache.
	outputBytes = window + 96<<10
	// matchRoom is what the longest match, copied in words, and the literals
	// before it may take.
	matchRoom = 258 + 32 + 8
	// spill is after the output for the masks only.
	spill = 16
)

// stage is what comes next in the stream.
type stage uint8

const (
	atMember stage = iota
	atBlock
	inStored
	inCodes
	atTrailer
)

// Reader decompresses one stream. It is not safe for concurrent use.
type Reader struct {
	src io.Reader
	err error // delivered when what was decoded before it has been read

	in   [inputBytes + padding + 8]byte // in[pos:end] is not yet in bits; zeros follow after the end of the source
	pos  int
	end  int
	over bool // the source has ended

	bits  uint64 // not yet used, the next one lowest
	count uint   // how many; bits above may be set, and are those that follow

	out   [outputBytes + spill]byte
	read  int // out[read:write] is decoded and not yet handed out
	write int
	start int // of the member in out, or of what out holds of it

	stage  stage
	last   bool // the block is the last one of its member
	stored int  // bytes of a stored block to come
	sum    uint32
	size   uint32

	literals  [literalEntries]uint32
	distances [distanceEntries]uint32
	lengths   [maxLiterals + maxDistances]uint8
}

// NewReader returns a Reader of src, and reads the header of its first member.
// It returns [io.EOF] for a source without a byte. The Reader reads ahead.
func NewReader(src io.Reader) (*Reader, error) {
	r := new(Reader)
	return r, r.Reset(src)
}

// Reset makes the Reader read another source, as NewReader does.
func (r *Reader) Reset(src io.Reader) error {
	r.src, r.err, r.over = src, nil, false
	r.pos, r.end, r.bits, r.count = 0, 0, 0, 0
	r.read, r.write, r.start = 0, 0, 0
	r.stage = atMember
	r.err = r.header()
	return r.err
}

// Read reads decompressed bytes.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.read == r.write {
		if r.err != nil {
			return 0, r.err
		}
		r.decode()
	}
	n := copy(p, r.out[r.read:r.write])
	r.read += n
	return n, nil
}

// decode fills the output, or sets err.
func (r *Reader) decode() {
	if outputBytes-r.write < matchRoom {
		r.slide()
	}
	from := r.write
	for r.err == nil && outputBytes-r.write >= matchRoom {
		switch r.stage {
		case atMember:
			r.err = r.header()
		case atBlock:
			r.err = r.block()
		case inStored:
			r.err = r.copyStored()
		case inCodes:
			r.err = r.inflate()
		case atTrailer:
			r.account(from)
			from = r.write
			r.err = r.trailer()
		}
	}
	r.account(from)
}

// account adds what was decoded to the checksum of the member.
func (r *Reader) account(from int) {
	r.sum = crc32.Update(r.sum, crc32.IEEETable, r.out[from:r.write])
	r.size += uint32(r.write - from)
}

// slide keeps the window and makes room after it. Everything has been read.
func (r *Reader) slide() {
	shift := r.write - window
	copy(r.out[:], r.out[shift:r.write])
	r.write, r.read = window, window
	r.start = max(0, r.start-shift)
}

// fill reads until there are enough bytes to decode something from, or zeros
// after the last ones.
func (r *Reader) fill() error {
	if r.over {
		if r.pos > r.end+padding/2 {
			return io.ErrUnexpectedEOF
		}
		return nil
	}
	keep := min(r.pos, 8) // what align may give back
	r.end = copy(r.in[:], r.in[r.pos-keep:r.end])
	r.pos = keep
	const maxEmptyReads = 100
	for empty := 0; r.end-r.pos < padding; {
		n, err := r.src.Read(r.in[r.end:inputBytes])
		if n < 0 || n > inputBytes-r.end {
			return errors.New("the source counted more bytes than it was asked for")
		}
		r.end += n
		switch {
		case err == io.EOF: //nolint:errorlint // io.Reader returns EOF itself, by contract
			r.over = true
			clear(r.in[r.end : r.end+padding])
			return nil
		case err != nil:
			return err //nolint:wrapcheck // the source's own
		case n > 0:
			empty = 0
		default:
			if empty++; empty == maxEmptyReads {
				return io.ErrNoProgress
			}
		}
	}
	return nil
}

// limit is the end of what may be read in words.
func (r *Reader) limit() int {
	if r.over {
		return r.end + padding
	}
	return r.end
}

// overrun reports whether bits after the end of the source have been used.
func (r *Reader) overrun() bool {
	return r.over && r.pos-int(r.count>>3) > r.end
}

// refill puts at least 56 bits into bits.
func (r *Reader) refill() error {
	if r.limit()-r.pos < 8 {
		if err := r.fill(); err != nil {
			return err
		}
		if r.limit()-r.pos < 8 {
			return io.ErrUnexpectedEOF
		}
	}
	r.bits |= binary.LittleEndian.Uint64(r.in[r.pos:]) << (r.count & 63)
	r.pos += int((63 - r.count) >> 3)
	r.count |= 56
	return nil
}

// take returns the next n bits, which have been refilled.
func (r *Reader) take(n uint) uint {
	value := uint(r.bits & (1<<n - 1))
	r.bits >>= n
	r.count -= n
	return value
}

// align gives back the bits that belong to bytes after the current one.
func (r *Reader) align() {
	r.pos -= int(r.count >> 3)
	r.bits, r.count = 0, 0
}

// bytes returns the next n bytes, of at most padding, when bits is empty.
func (r *Reader) bytes(n int) ([]byte, error) {
	if r.end-r.pos < n && !r.over {
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	if r.end-r.pos < n {
		return nil, io.ErrUnexpectedEOF
	}
	r.pos += n
	return r.in[r.pos-n : r.pos], nil
}

// corrupt wraps what is wrong with the compressed data.
func corrupt(what string) error { return fmt.Errorf("%w: %s", ErrCorrupt, what) }
