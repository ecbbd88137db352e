package parquet

import "encoding/binary"

// The RLE/bit-packing hybrid stores small numbers as runs: a number and how
// often it occurs, or a stretch of numbers packed into as few bits as the
// largest needs (https://parquet.apache.org/docs/file-format/data-pages/encodings/).

// appendRun appends count times the same value of at most width bits.
func appendRun(dst []byte, value uint16, count, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(count)<<1)
	dst = append(dst, byte(value))
	if width > 8 {
		dst = append(dst, byte(value>>8))
	}
	return dst
}

// appendBits appends count bits, the first one lowest, as one packed stretch.
// Bits after them in the last byte must be zero.
func appendBits(dst, packed []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(packed))<<1|1)
	return append(dst, packed...)
}

// appendIndexes appends values of at most width bits, 1 to 16. Values that
// occur eight times or more in a row, from a multiple of eight on, become runs.
func appendIndexes(dst []byte, values []uint16, width int) []byte {
	packed := 0 // start of the values not yet written
	for i := 0; i+8 <= len(values); {
		count := runLength(values[i:])
		if count < 8 {
			i += 8
			continue
		}
		dst = appendPacked(dst, values[packed:i], width)
		dst = appendRun(dst, values[i], count, width)
		i += count
		packed = i
	}
	return appendPacked(dst, values[packed:], width)
}

// runLength counts how often the first value stands there in a row.
func runLength(values []uint16) int {
	for i, v := range values {
		if v != values[0] {
			return i
		}
	}
	return len(values)
}

// appendPacked appends values as one packed stretch, filled up with zeros to a
// multiple of eight values.
func appendPacked(dst []byte, values []uint16, width int) []byte {
	if len(values) == 0 {
		return dst
	}
	groups := (len(values) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	for ; len(values) >= 8; values = values[8:] {
		dst = appendGroup(dst, (*[8]uint16)(values), width)
	}
	if len(values) > 0 {
		var last [8]uint16
		copy(last[:], values)
		dst = appendGroup(dst, &last, width)
	}
	return dst
}

// appendGroup packs eight values into width bytes.
func appendGroup(dst []byte, v *[8]uint16, width int) []byte {
	w := uint(width)
	low := uint64(v[0]) | uint64(v[1])<<w | uint64(v[2])<<(2*w) | uint64(v[3])<<(3*w)
	high := uint64(v[4]) | uint64(v[5])<<w | uint64(v[6])<<(2*w) | uint64(v[7])<<(3*w)
	n := len(dst)
	dst = binary.LittleEndian.AppendUint64(dst, low|high<<(4*w))
	if width > 8 {
		dst = binary.LittleEndian.AppendUint64(dst, high>>(64-4*w))
	}
	return dst[:n+width]
}
