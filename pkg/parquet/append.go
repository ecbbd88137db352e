package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// take returns the column that a value of that kind is for, if the row in
// progress has none yet.
func (w *Writer) take(column int, kind Kind) (*column, error) {
	if w.err != nil {
		return nil, w.err
	}
	if uint(column) >= uint(len(w.columns)) {
		return nil, fmt.Errorf("append to column %d: there are %d columns", column, len(w.columns))
	}
	c := w.columns[column]
	if c.Kind != kind {
		return nil, c.refuse(fmt.Errorf("a %v does not take a %v", c.Kind, kind))
	}
	if c.rows != w.rows {
		return nil, c.refuse(errTwice)
	}
	return c, nil
}

// took notes that a column has its value for the row in progress.
func (w *Writer) took(c *column) {
	c.rows++
	w.given++
	if c.due(w.opts.PageBytes) {
		w.due = true
	}
}

func (c *column) refuse(err error) error {
	return fmt.Errorf("append to column %q: %w", c.Name, err)
}

var (
	errTwice    = errors.New("the row has a value for it already")
	errRequired = errors.New("a required column does not take a null")
	errUTF8     = errors.New("the string is not valid UTF-8")
)

// AppendNull gives the column no value.
func (w *Writer) AppendNull(column int) error {
	if w.err != nil {
		return w.err
	}
	if uint(column) >= uint(len(w.columns)) {
		return fmt.Errorf("append to column %d: there are %d columns", column, len(w.columns))
	}
	c := w.columns[column]
	if c.rows != w.rows {
		return c.refuse(errTwice)
	}
	if !c.Optional {
		return c.refuse(errRequired)
	}
	c.addNull()
	w.took(c)
	return nil
}

// AppendString gives a [String] column its text, which is copied.
func (w *Writer) AppendString(column int, value []byte) error {
	c, err := w.take(column, String)
	if err != nil {
		return err
	}
	if c.Length > 0 && len(value) > c.Length {
		return c.refuse(fmt.Errorf("a string of %d bytes is longer than %d", len(value), c.Length))
	}
	if len(value) > maxString {
		return c.refuse(fmt.Errorf("a string of %d bytes is longer than any page", len(value)))
	}
	if w.opts.KnownUTF8 {
		c.add(value)
	} else if !c.addString(value) {
		return c.refuse(errUTF8)
	}
	w.took(c)
	return nil
}

// maxString keeps a page with one long string within what its header can say.
const maxString = 1 << 30

// AppendInt32 gives an [Int32] column its value.
func (w *Writer) AppendInt32(column int, value int32) error {
	return w.append32(column, Int32, uint32(value))
}

// AppendDate gives a [Date] column its day, counted from 1970-01-01.
func (w *Writer) AppendDate(column int, days int32) error {
	return w.append32(column, Date, uint32(days))
}

// AppendInt64 gives an [Int64] column its value.
func (w *Writer) AppendInt64(column int, value int64) error {
	return w.append64(column, Int64, uint64(value))
}

// AppendDouble gives a [Double] column its value.
func (w *Writer) AppendDouble(column int, value float64) error {
	return w.append64(column, Double, math.Float64bits(value))
}

// AppendBool gives a [Boolean] column its value.
func (w *Writer) AppendBool(column int, value bool) error {
	c, err := w.take(column, Boolean)
	if err != nil {
		return err
	}
	c.addBit(value)
	w.took(c)
	return nil
}

// AppendTimestamp gives a [Timestamp] or [TimestampMicros] column its instant, in
// microseconds since 1970-01-01 in UTC.
func (w *Writer) AppendTimestamp(column int, micros int64) error {
	if uint(column) < uint(len(w.columns)) && w.columns[column].Kind == TimestampMicros {
		return w.append64(column, TimestampMicros, uint64(micros))
	}
	c, err := w.take(column, Timestamp)
	if err != nil {
		return err
	}
	const microsPerDay, epoch = 24 * 60 * 60 * 1_000_000, 2440588 // the Julian day 1970-01-01
	days, rest := micros/microsPerDay, micros%microsPerDay
	if rest < 0 {
		days, rest = days-1, rest+microsPerDay
	}
	var value [12]byte
	binary.LittleEndian.PutUint64(value[:], uint64(rest)*1000)
	binary.LittleEndian.PutUint32(value[8:], uint32(int32(days+epoch)))
	c.add(value[:])
	w.took(c)
	return nil
}

// AppendDecimal gives a [Decimal] column its value without the point, as a
// number of 128 bits in two's complement: 12.50 at scale 2 is 1250.
func (w *Writer) AppendDecimal(column int, high int64, low uint64) error {
	c, err := w.take(column, Decimal)
	if err != nil {
		return err
	}
	magnitude := unsigned{high: uint64(high), low: low}
	if high < 0 {
		var borrow uint64
		magnitude.low, borrow = bits.Sub64(0, low, 0)
		magnitude.high, _ = bits.Sub64(0, uint64(high), borrow)
	}
	if magnitude.high > c.limit.high || magnitude.high == c.limit.high && magnitude.low >= c.limit.low {
		return c.refuse(fmt.Errorf("the value has more than %d digits", c.Precision))
	}
	var value [16]byte
	binary.BigEndian.PutUint64(value[:], uint64(high))
	binary.BigEndian.PutUint64(value[8:], low)
	c.add(value[len(value)-c.size:])
	w.took(c)
	return nil
}

func (w *Writer) append32(column int, kind Kind, value uint32) error {
	c, err := w.take(column, kind)
	if err != nil {
		return err
	}
	var plain [4]byte
	binary.LittleEndian.PutUint32(plain[:], value)
	c.add(plain[:])
	w.took(c)
	return nil
}

func (w *Writer) append64(column int, kind Kind, value uint64) error {
	c, err := w.take(column, kind)
	if err != nil {
		return err
	}
	var plain [8]byte
	binary.LittleEndian.PutUint64(plain[:], value)
	c.add(plain[:])
	w.took(c)
	return nil
}
