package gunzip

import (
	"encoding/binary"
	"io"
)

// inflate decodes until the block ends, the output is full, or more input is
// needed, which it reads.
func (r *Reader) inflate() error {
	from := r.write
	ended, err := r.codes()
	if err == nil && r.overrun() {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		if r.overrun() {
			err = io.ErrUnexpectedEOF
			r.write = from // some of it was made of what isn't there
		}
		return err
	}
	if ended {
		r.stage = atBlock
		return nil
	}
	if outputBytes-r.write >= matchRoom {
		return r.fill()
	}
	return nil
}

// codes is the loop that everything else is there for. It decodes while there
// are sixteen bytes of input, of which a turn uses fourteen at most, and room
// for a match. After a refill there are 56 bits: enough for three literals of
// the first level and a length, or for a distance.
func (r *Reader) codes() (ended bool, err error) { //nolint:funlen // the hot loop keeps its state in registers
	const literalMask, distanceMask = 1<<literalBits - 1, 1<<distanceBits - 1
	const inMask, outMask = inputBytes + padding - 1, outputBytes - 1
	in, out := &r.in, &r.out
	lastPos := r.limit() - 16
	pos, write, bits, count := r.pos, r.write, r.bits, r.count
	literals, distances := &r.literals, &r.distances
	for pos <= lastPos && write <= outputBytes-matchRoom {
		bits |= binary.LittleEndian.Uint64(in[pos&inMask:][:8]) << (count & 63)
		pos += int((63 - count) >> 3) //nolint:gosec // at most 7
		count |= 56

		e := literals[bits&literalMask]
		if e&isLiteral != 0 {
			binary.LittleEndian.PutUint16(out[write&outMask:][:2], uint16(e>>16))
			write += 1 + int(e>>pairBit&1)
			bits >>= e & bitsMask
			count -= uint(e & bitsMask)
			if e = literals[bits&literalMask]; e&isLiteral != 0 {
				binary.LittleEndian.PutUint16(out[write&outMask:][:2], uint16(e>>16))
				write += 1 + int(e>>pairBit&1)
				bits >>= e & bitsMask
				count -= uint(e & bitsMask)
				if e = literals[bits&literalMask]; e&isLiteral != 0 {
					binary.LittleEndian.PutUint16(out[write&outMask:][:2], uint16(e>>16))
					write += 1 + int(e>>pairBit&1)
					bits >>= e & bitsMask
					count -= uint(e & bitsMask)
					if e = literals[bits&literalMask]; e&isLiteral != 0 {
						binary.LittleEndian.PutUint16(out[write&outMask:][:2], uint16(e>>16))
						write += 1 + int(e>>pairBit&1)
						bits >>= e & bitsMask
						count -= uint(e & bitsMask)
						continue
					}
				}
			}
		}
		if e&isSpecial != 0 {
			if e&isLink != 0 {
				bits >>= literalBits
				count -= literalBits
				e = literals[e>>16&baseMask+uint32(bits&(1<<(e>>8&codeMask)-1))]
			}
			if e&(isLiteral|isSpecial) != 0 {
				bits >>= e & bitsMask
				count -= uint(e & bitsMask)
				if e&isLiteral != 0 {
					out[write&outMask] = byte(e >> 16)
					write++
					continue
				}
				r.pos, r.write, r.bits, r.count = pos, write, bits, count
				if e&isEnd == 0 {
					return false, corrupt("an unknown code of a literal or length")
				}
				return true, nil
			}
		}
		length := int(e>>16) + int(bits&(1<<(e&bitsMask)-1)>>(e>>8&codeMask)) //nolint:gosec // at most 258
		bits >>= e & bitsMask
		count -= uint(e & bitsMask)

		bits |= binary.LittleEndian.Uint64(in[pos&inMask:][:8]) << (count & 63)
		pos += int((63 - count) >> 3) //nolint:gosec // at most 7
		count |= 56
		if e = distances[bits&distanceMask]; e&isSpecial != 0 {
			if e&isLink != 0 {
				bits >>= distanceBits
				count -= distanceBits
				e = distances[e>>16&baseMask+uint32(bits&(1<<(e>>8&codeMask)-1))]
			}
			if e&isSpecial != 0 {
				r.pos, r.write, r.bits, r.count = pos, write, bits, count
				return false, corrupt("an unknown code of a distance")
			}
		}
		distance := int(e>>16) + int(bits&(1<<(e&bitsMask)-1)>>(e>>8&codeMask)) //nolint:gosec // at most 32768
		bits >>= e & bitsMask
		count -= uint(e & bitsMask)
		if distance > write-r.start {
			r.pos, r.write, r.bits, r.count = pos, write, bits, count
			return false, corrupt("a distance beyond the beginning")
		}
		repeat(out, write, distance, length)
		write += length
	}
	r.pos, r.write, r.bits, r.count = pos, write, bits, count
	return false, nil
}

// repeat copies length bytes from distance before write, byte by byte in
// effect: a match may reach into itself. It may write up to 31 bytes more.
func repeat(out *[outputBytes + spill]byte, write, distance, length int) {
	from := write - distance
	switch {
	case distance >= 16:
		// Most matches are of at most 32 bytes, and nothing could guess which.
		copy16(out, write, from)
		copy16(out, write+16, from+16)
		for i := 32; i < length; i += 32 {
			copy16(out, write+i, from+i)
			copy16(out, write+i+16, from+i+16)
		}
	case distance >= 8:
		for i := 0; i < length; i += 8 {
			binary.LittleEndian.PutUint64(out[write+i:], binary.LittleEndian.Uint64(out[from+i:]))
		}
	default:
		for i := range length {
			out[write+i] = out[from+i]
		}
	}
}

func copy16(out *[outputBytes + spill]byte, to, from int) {
	const mask = outputBytes - 1
	d, s := out[to&mask:][:16], out[from&mask:][:16]
	low, high := binary.LittleEndian.Uint64(s[:8]), binary.LittleEndian.Uint64(s[8:])
	binary.LittleEndian.PutUint64(d[:8], low)
	binary.LittleEndian.PutUint64(d[8:], high)
}
