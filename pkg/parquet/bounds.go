package parquet

import (
	"bytes"
	"encoding/binary"
	"math"
)

// maxBound is the longest minimum or maximum that is written. A cut one would
// have to be marked as such, in a field that older readers don't know.
const maxBound = 256

// bounds are the least and the greatest value of a column chunk, in plain
// encoding without a length.
type bounds struct {
	kind  Kind
	least []byte
	most  []byte
	known bool
}

func (b *bounds) reset() { b.known = false }

// include widens the bounds to a value.
func (b *bounds) include(value []byte) {
	if b.kind == Timestamp {
		return // the format defines no order for INT96
	}
	if b.kind == Double && math.IsNaN(double(value)) {
		return // no bound can hold it
	}
	if !b.known {
		b.least = append(b.least[:0], value...)
		b.most = append(b.most[:0], value...)
		b.known = true
		return
	}
	if b.less(value, b.least) {
		b.least = append(b.least[:0], value...)
	} else if b.less(b.most, value) {
		b.most = append(b.most[:0], value...)
	}
}

// less compares in the order that the format defines for the type.
func (b *bounds) less(x, y []byte) bool {
	switch b.kind {
	case Int32, Date:
		return int32(binary.LittleEndian.Uint32(x)) < int32(binary.LittleEndian.Uint32(y))
	case Int64, TimestampMicros:
		return int64(binary.LittleEndian.Uint64(x)) < int64(binary.LittleEndian.Uint64(y))
	case Double:
		return double(x) < double(y)
	case Decimal:
		if x[0] != y[0] {
			return int8(x[0]) < int8(y[0])
		}
	case String, Boolean, Timestamp:
	}
	return bytes.Compare(x, y) < 0
}

// values returns least and greatest, or nil if they are not to be written.
func (b *bounds) values() (least, most []byte) {
	if !b.known || len(b.least) > maxBound || len(b.most) > maxBound {
		return nil, nil
	}
	least, most = append([]byte{}, b.least...), append([]byte{}, b.most...)
	if b.kind == Double {
		// Zero has two signs, and a reader may look for either.
		if double(least) == 0 {
			binary.LittleEndian.PutUint64(least, math.Float64bits(math.Copysign(0, -1)))
		}
		if double(most) == 0 {
			binary.LittleEndian.PutUint64(most, 0)
		}
	}
	return least, most
}

func double(value []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(value)) }
