package postgres

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// converter turns a value of a file that is not null into one that pgx writes.
type converter func(parquet.Value) (any, error)

// match pairs the columns of a file with those of the table, by position, as
// Redshift does. It takes exactly the pairs that are known to load there, and
// refuses the rest:
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
func match(file *parquet.File, targets []target) ([]converter, error) {
	columns := file.Metadata().Schema[1:] // after the root
	if len(columns) != len(targets) {
		return nil, fmt.Errorf("unmatched number of columns between table and file: table columns %d, data columns %d",
			len(targets), len(columns))
	}
	converters := make([]converter, len(columns))
	for i, column := range columns {
		convert := pair(column, targets[i])
		if convert == nil || column.NumChildren.Valid || column.RepetitionType.V == format.Repeated {
			return nil, fmt.Errorf("incompatible Parquet schema for column %q: the file has %s", targets[i].name, spell(column))
		}
		converters[i] = convert
	}
	return converters, nil
}

// spell describes a column of a file.
func spell(c format.SchemaElement) string {
	if !c.Type.Valid {
		return fmt.Sprintf("%q, which is a group", c.Name)
	}
	text := fmt.Sprintf("%q %s", c.Name, c.Type.V)
	if c.ConvertedType.Valid {
		text += fmt.Sprintf(" (converted type %d)", c.ConvertedType.V)
	}
	if c.Type.V == format.FixedLenByteArray {
		text += fmt.Sprintf(" of %d bytes, scale %d", c.TypeLength.V, c.Scale.V)
	}
	return text
}

// pair returns how a column of a file becomes one of a table, or nil.
func pair(c format.SchemaElement, to target) converter {
	if !c.Type.Valid {
		return nil
	}
	physical, logical := c.Type.V, none
	if c.ConvertedType.Valid {
		logical = c.ConvertedType.V
	}
	switch to.oid {
	case pgtype.VarcharOID:
		if physical == format.ByteArray && logical == deprecated.UTF8 {
			return text(to.length())
		}
	case pgtype.Int4OID:
		if physical == format.Int32 && (logical == none || logical == deprecated.Int32) {
			return func(v parquet.Value) (any, error) { return v.Int32(), nil }
		}
	case pgtype.Int8OID:
		if physical == format.Int64 && (logical == none || logical == deprecated.Int64) {
			return func(v parquet.Value) (any, error) { return v.Int64(), nil }
		}
	case pgtype.BoolOID:
		if physical == format.Boolean {
			return func(v parquet.Value) (any, error) { return v.Boolean(), nil }
		}
	case pgtype.NumericOID:
		precision, scale := to.decimal()
		if physical == format.FixedLenByteArray && logical == deprecated.Decimal &&
			int(c.Scale.V) == scale && int(c.TypeLength.V) == decimalBytes(precision) {
			return decimal(scale)
		}
	case pgtype.DateOID:
		if physical == format.Int32 && logical == deprecated.Date {
			return func(v parquet.Value) (any, error) {
				return time.Unix(int64(v.Int32())*secondsOfDay, 0).UTC(), nil
			}
		}
	case pgtype.TimestampOID:
		return timestamp(physical, logical)
	}
	return nil
}

// none stands for a column without a converted type.
const none deprecated.ConvertedType = -1

const secondsOfDay = 24 * 60 * 60

// text refuses what is longer than the column takes, counted in bytes.
func text(limit int) converter {
	return func(v parquet.Value) (any, error) {
		b := v.ByteArray()
		if limit >= 0 && len(b) > limit {
			return nil, fmt.Errorf("string length exceeds DDL length: %d bytes for VARCHAR(%d)", len(b), limit)
		}
		return string(b), nil
	}
}

// decimal reads a big-endian two's complement.
func decimal(scale int) converter {
	return func(v parquet.Value) (any, error) {
		b := v.ByteArray()
		n := new(big.Int).SetBytes(b)
		if len(b) > 0 && b[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
		}
		return pgtype.Numeric{Int: n, Exp: int32(-scale), Valid: true}, nil
	}
}

// decimalBytes is the length that Redshift demands: the least that holds the
// precision.
func decimalBytes(precision int) int {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	return limit.Sub(limit, big.NewInt(1)).BitLen()/8 + 1
}

// timestamp reads microseconds since 1970, or the INT96 of older writers: the
// nanoseconds of a day and its Julian number.
func timestamp(physical format.Type, logical deprecated.ConvertedType) converter {
	switch {
	case physical == format.Int64 && logical == deprecated.TimestampMicros:
		return func(v parquet.Value) (any, error) { return time.UnixMicro(v.Int64()).UTC(), nil }
	case physical == format.Int96:
		return func(v parquet.Value) (any, error) {
			const julianDayOf1970 = 2440588
			b := v.Bytes()
			nanoseconds := int64(binary.LittleEndian.Uint64(b[:8]))
			days := int64(binary.LittleEndian.Uint32(b[8:])) - julianDayOf1970
			return time.Unix(days*secondsOfDay, nanoseconds).UTC(), nil
		}
	}
	return nil
}

// source gives the rows of a file to pgx.
type source struct {
	groups  []parquet.RowGroup
	convert []converter
	rows    parquet.Rows // of the current group
	buffer  []parquet.Row
	pending []parquet.Row // read and not yet given
	row     []any
	err     error
}

// Next moves to the next row.
func (s *source) Next() bool {
	for len(s.pending) == 0 {
		if s.err != nil || !s.read() {
			return false
		}
	}
	s.row, s.err = s.values(s.pending[0])
	s.pending = s.pending[1:]
	return s.err == nil
}

// Values returns the current row.
func (s *source) Values() ([]any, error) { return s.row, nil }

// Err returns why Next stopped early.
func (s *source) Err() error { return s.err }

// read fills pending and reports whether there may be more.
func (s *source) read() bool {
	if s.rows == nil {
		if len(s.groups) == 0 {
			return false
		}
		s.rows, s.groups = s.groups[0].Rows(), s.groups[1:]
	}
	n, err := s.rows.ReadRows(s.buffer)
	if errors.Is(err, io.EOF) {
		err = s.close()
	}
	if err != nil {
		s.err = err
		return false
	}
	s.pending = s.buffer[:n]
	return true
}

func (s *source) close() error {
	if s.rows == nil {
		return nil
	}
	rows := s.rows
	s.rows = nil
	return rows.Close()
}

// values converts one row. A flat row has one value for each column.
func (s *source) values(row parquet.Row) ([]any, error) {
	if len(row) != len(s.convert) {
		return nil, fmt.Errorf("a row has %d values in %d columns", len(row), len(s.convert))
	}
	values := make([]any, len(row))
	for i, v := range row {
		if v.IsNull() {
			continue
		}
		value, err := s.convert[i](v)
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", i+1, err)
		}
		values[i] = value
	}
	return values, nil
}
