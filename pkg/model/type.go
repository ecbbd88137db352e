package model

import "fmt"

// Kind is a family of logical types.
type Kind int

// The logical types that a column can have. A new one needs a spelling in
// every method of [Type] and an encoder in package lake.
const (
	KindString Kind = iota + 1
	KindInteger
	KindBigInt
	KindDecimal
	KindBoolean
	KindTimestamp
	KindDate
	KindDouble
	KindJSON
)

// Type is a logical type. It knows its spelling in each dialect, and nothing
// else does.
type Type struct {
	Kind      Kind
	Length    int // bytes of UTF-8 that a String may have
	Precision int // digits of a Decimal
	Scale     int // digits of a Decimal after the point
}

// String is text of at most length bytes of UTF-8, as Redshift counts VARCHAR.
func String(length int) Type { return Type{Kind: KindString, Length: length} }

// Integer is a 32-bit number.
func Integer() Type { return Type{Kind: KindInteger} }

// BigInt is a 64-bit number.
func BigInt() Type { return Type{Kind: KindBigInt} }

// Decimal is an exact number with precision digits, scale of them after the
// point. A value with more digits is set aside, never rounded.
func Decimal(precision, scale int) Type {
	return Type{Kind: KindDecimal, Precision: precision, Scale: scale}
}

// Boolean is true or false.
func Boolean() Type { return Type{Kind: KindBoolean} }

// Timestamp is an instant in UTC with microseconds, read from ISO-8601 text.
func Timestamp() Type { return Type{Kind: KindTimestamp} }

// Date is a calendar day.
func Date() Type { return Type{Kind: KindDate} }

// Text is text as long as Redshift takes it.
func Text() Type { return String(maxVarchar) }

// Double is a floating-point number of 64 bits. A DynamoDB number becomes the
// nearest one.
func Double() Type { return Type{Kind: KindDouble} }

// JSON is an attribute of any kind as JSON text: sets and lists as arrays, maps
// as objects, numbers with all their digits, binary values as base64.
func JSON() Type { return Type{Kind: KindJSON} }

// IsNumber reports whether values are numbers that add up exactly.
func (t Type) IsNumber() bool {
	return t.Kind == KindInteger || t.Kind == KindBigInt || t.Kind == KindDecimal
}

// Redshift spells the type in DDL. PostgreSQL and DuckDB read the same words.
func (t Type) Redshift() string {
	switch t.Kind {
	case KindString:
		return fmt.Sprintf("varchar(%d)", t.Length)
	case KindInteger:
		return "integer"
	case KindBigInt:
		return "bigint"
	case KindDecimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case KindBoolean:
		return "boolean"
	case KindTimestamp:
		return "timestamp"
	case KindDate:
		return "date"
	case KindDouble:
		return "double precision"
	case KindJSON:
		return fmt.Sprintf("varchar(%d)", maxVarchar)
	}
	return ""
}

// Glue spells the type in the Data Catalog, for Athena and Spectrum.
func (t Type) Glue() string {
	switch t.Kind {
	case KindString, KindJSON:
		return "string"
	case KindInteger:
		return "int"
	case KindDouble:
		return "double"
	case KindBigInt, KindDecimal, KindBoolean, KindTimestamp, KindDate:
		return t.Redshift()
	}
	return ""
}

// Conversions lists what a column of this type takes, if it says Converts,
// beside the DynamoDB type that it is for. Every conversion is exact; what is
// not, such as a text that is not a number or a number with more decimals than
// the column, is set aside as it would be without. Text is taken as it is, so
// blanks and capitals make a difference.
//
//	text               N, as DynamoDB writes the number; BOOL, as true or false
//	integer, decimal   S that is a number as DynamoDB writes it
//	boolean            S that is true or false; N that is 0 or 1
//	timestamp, date    nothing: a number does not say what it counts
//
// Binary values, sets, lists and maps are never converted.
func (t Type) Conversions() []string {
	switch t.Kind {
	case KindString:
		return []string{"N", "BOOL"}
	case KindInteger, KindBigInt, KindDecimal, KindDouble:
		return []string{"S"}
	case KindBoolean:
		return []string{"S", "N"}
	case KindTimestamp, KindDate, KindJSON:
	}
	return nil
}

// validate reports why the type cannot be stored everywhere.
func (t Type) validate() error {
	switch t.Kind {
	case KindString:
		if t.Length < 1 || t.Length > maxVarchar {
			return fmt.Errorf("length %d is not between 1 and %d bytes", t.Length, maxVarchar)
		}
	case KindDecimal:
		if t.Precision < 1 || t.Precision > maxPrecision || t.Scale < 0 || t.Scale > t.Precision {
			return fmt.Errorf("decimal(%d,%d) is not within precision 1 to %d and scale 0 to precision",
				t.Precision, t.Scale, maxPrecision)
		}
	case KindInteger, KindBigInt, KindBoolean, KindTimestamp, KindDate, KindDouble, KindJSON:
	default:
		return fmt.Errorf("kind %d is none of the declared logical types", t.Kind)
	}
	return nil
}

// Limits of Redshift columns:
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
const (
	maxVarchar   = 65535
	maxPrecision = 38
)
