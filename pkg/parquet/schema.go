package parquet

import (
	"errors"
	"fmt"
	"math/bits"

	format "github.com/xitongsys/parquet-go/parquet"
)

// Kind is the type of a column.
type Kind uint8

const (
	// String is UTF-8 text: BYTE_ARRAY, annotated as STRING.
	String Kind = iota + 1
	// Int32 is a signed number of 32 bits.
	Int32
	// Int64 is a signed number of 64 bits.
	Int64
	// Boolean is one bit.
	Boolean
	// Double is a floating-point number of 64 bits.
	Double
	// Decimal is an exact number: FIXED_LEN_BYTE_ARRAY, annotated as DECIMAL.
	Decimal
	// Timestamp is an instant in UTC as INT96, which is deprecated in Parquet
	// and the safest for Redshift. Readers without time zones show it in UTC.
	Timestamp
	// TimestampMicros is an instant in UTC as INT64, annotated as TIMESTAMP in
	// microseconds, adjusted to UTC.
	TimestampMicros
	// Date is a day: INT32, annotated as DATE.
	Date
)

// String returns a word for errors.
func (k Kind) String() string {
	switch k {
	case String:
		return "string"
	case Int32:
		return "int32"
	case Int64:
		return "int64"
	case Boolean:
		return "boolean"
	case Double:
		return "double"
	case Decimal:
		return "decimal"
	case Timestamp, TimestampMicros:
		return "timestamp"
	case Date:
		return "date"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Column declares one column of a file.
type Column struct {
	Name      string
	Kind      Kind
	Optional  bool // may hold nulls
	Length    int  // String: most bytes that a value may have; 0 for no bound
	Precision int  // Decimal: digits, 1 to 38
	Scale     int  // Decimal: digits after the point, 0 to Precision
}

// validate reports why the column can't be written.
func (c Column) validate() error {
	switch {
	case c.Name == "":
		return errors.New("give it a name")
	case c.Kind < String || c.Kind > Date:
		return fmt.Errorf("%v is none of the declared kinds", c.Kind)
	case c.Kind == Decimal && (c.Precision < 1 || c.Precision > 38 || c.Scale < 0 || c.Scale > c.Precision):
		return fmt.Errorf("decimal(%d,%d) is not within precision 1 to 38 and scale 0 to precision", c.Precision, c.Scale)
	case c.Kind != Decimal && (c.Precision != 0 || c.Scale != 0):
		return fmt.Errorf("a %v has neither precision nor scale", c.Kind)
	case c.Length < 0 || c.Kind != String && c.Length != 0:
		return fmt.Errorf("a %v of length %d does not exist", c.Kind, c.Length)
	}
	return nil
}

// width is how many bytes a value has in plain encoding: zero for strings, which
// have a length in front, and for booleans, which are bits.
func (c Column) width() int {
	switch c.Kind {
	case Int32, Date:
		return 4
	case Int64, TimestampMicros, Double:
		return 8
	case Timestamp:
		return 12
	case Decimal:
		limit := powerOfTen(c.Precision)
		digits := bits.Len64(limit.low)
		if limit.high > 0 {
			digits = 64 + bits.Len64(limit.high)
		}
		return digits/8 + 1 // 10^p - 1 has as many bits as 10^p, and a sign bit
	case String, Boolean:
	}
	return 0
}

// unsigned is a number of 128 bits.
type unsigned struct{ high, low uint64 }

// powerOfTen returns 10^n for n up to 38.
func powerOfTen(n int) unsigned {
	p := unsigned{low: 1}
	for range n {
		high, low := bits.Mul64(p.low, 10)
		p = unsigned{high: p.high*10 + high, low: low}
	}
	return p
}

// physical returns the type in which values are stored.
func (c Column) physical() format.Type {
	switch c.Kind {
	case Int32, Date:
		return format.Type_INT32
	case Int64, TimestampMicros:
		return format.Type_INT64
	case Boolean:
		return format.Type_BOOLEAN
	case Double:
		return format.Type_DOUBLE
	case Decimal:
		return format.Type_FIXED_LEN_BYTE_ARRAY
	case Timestamp:
		return format.Type_INT96
	case String:
	}
	return format.Type_BYTE_ARRAY
}

// element returns the column's place in the schema of the file. Annotations
// are written twice, as logical type and as the converted type of old, because
// some readers know only the one or the other.
func (c Column) element() *format.SchemaElement {
	repetition := format.FieldRepetitionType_REQUIRED
	if c.Optional {
		repetition = format.FieldRepetitionType_OPTIONAL
	}
	e := &format.SchemaElement{Name: c.Name, Type: new(c.physical()), RepetitionType: &repetition}
	switch c.Kind {
	case String:
		e.ConvertedType = new(format.ConvertedType_UTF8)
		e.LogicalType = &format.LogicalType{STRING: format.NewStringType()}
	case Decimal:
		precision, scale := int32(c.Precision), int32(c.Scale)
		e.ConvertedType = new(format.ConvertedType_DECIMAL)
		e.LogicalType = &format.LogicalType{DECIMAL: &format.DecimalType{Precision: precision, Scale: scale}}
		e.TypeLength, e.Precision, e.Scale = new(int32(c.width())), &precision, &scale
	case TimestampMicros:
		e.ConvertedType = new(format.ConvertedType_TIMESTAMP_MICROS)
		unit := &format.TimeUnit{MICROS: format.NewMicroSeconds()}
		e.LogicalType = &format.LogicalType{TIMESTAMP: &format.TimestampType{IsAdjustedToUTC: true, Unit: unit}}
	case Date:
		e.ConvertedType = new(format.ConvertedType_DATE)
		e.LogicalType = &format.LogicalType{DATE: format.NewDateType()}
	case Int32, Int64, Boolean, Double, Timestamp:
	}
	return e
}

// schema returns the tree of the file's schema as the format flattens it.
func schema(columns []Column) []*format.SchemaElement {
	elements := []*format.SchemaElement{{Name: "schema", NumChildren: new(int32(len(columns)))}}
	for _, c := range columns {
		elements = append(elements, c.element())
	}
	return elements
}

// validateColumns reports every rule that the declaration breaks.
func validateColumns(columns []Column) error {
	var problems []error
	if len(columns) == 0 {
		problems = append(problems, errors.New("declare at least one column"))
	}
	names := map[string]bool{}
	for _, c := range columns {
		if err := c.validate(); err != nil {
			problems = append(problems, fmt.Errorf("column %q: %w", c.Name, err))
		}
		if names[c.Name] {
			problems = append(problems, fmt.Errorf("column %q is declared twice", c.Name))
		}
		names[c.Name] = true
	}
	return errors.Join(problems...)
}
