package gunzip

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// Flags of a member's header.
const (
	hasHeaderSum = 1 << 1
	hasExtra     = 1 << 2
	hasName      = 1 << 3
	hasComment   = 1 << 4

	// maxText is the longest name or comment, its final zero included.
	maxText = 512
)

// header reads the header of a member. It returns io.EOF if there is none.
func (r *Reader) header() error {
	if r.end == r.pos && !r.over {
		if err := r.fill(); err != nil {
			return err
		}
	}
	if r.end == r.pos {
		return io.EOF
	}
	fixed, err := r.bytes(10)
	if err != nil {
		return err
	}
	if fixed[0] != 0x1f || fixed[1] != 0x8b || fixed[2] != 8 {
		return ErrHeader
	}
	flags := fixed[3]
	sum := crc32.ChecksumIEEE(fixed)
	if flags&hasExtra != 0 {
		if err := r.skipExtra(&sum); err != nil {
			return err
		}
	}
	for _, flag := range [2]byte{hasName, hasComment} {
		if flags&flag != 0 {
			if err := r.skipText(&sum); err != nil {
				return err
			}
		}
	}
	if flags&hasHeaderSum != 0 {
		want, err := r.bytes(2)
		if err != nil {
			return err
		}
		if binary.LittleEndian.Uint16(want) != uint16(sum) { //nolint:gosec // the lower half, by the format
			return ErrHeader
		}
	}
	r.sum, r.size, r.start, r.stage, r.last = 0, 0, r.write, atBlock, false
	return nil
}

func (r *Reader) skipExtra(sum *uint32) error {
	field, err := r.bytes(2)
	if err != nil {
		return err
	}
	*sum = crc32.Update(*sum, crc32.IEEETable, field)
	for rest := int(binary.LittleEndian.Uint16(field)); rest > 0; {
		n := min(rest, padding)
		if field, err = r.bytes(n); err != nil {
			return err
		}
		*sum = crc32.Update(*sum, crc32.IEEETable, field)
		rest -= n
	}
	return nil
}

func (r *Reader) skipText(sum *uint32) error {
	for range maxText {
		c, err := r.bytes(1)
		if err != nil {
			return err
		}
		*sum = crc32.Update(*sum, crc32.IEEETable, c)
		if c[0] == 0 {
			return nil
		}
	}
	return ErrHeader
}

// trailer compares the member with the checksum and the length at its end.
func (r *Reader) trailer() error {
	r.align()
	want, err := r.bytes(8)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(want) != r.sum || binary.LittleEndian.Uint32(want[4:]) != r.size {
		return ErrChecksum
	}
	r.stage = atMember
	return nil
}
