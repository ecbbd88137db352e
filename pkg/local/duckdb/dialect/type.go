package dialect

import (
	"fmt"
	"strconv"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// Limits of Redshift types:
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
const (
	maxVarchar      = 65535
	defaultVarchar  = 256
	maxPrecision    = 38
	defaultDecimals = 18
)

// dataType is a Redshift type as DuckDB spells it.
type dataType struct {
	sql     string // DuckDB's spelling
	bytes   int    // longest value of a VARCHAR in bytes, 0 for other types
	integer bool
	numeric bool // DECIMAL
}

// readType reads a type name with its lengths.
func readType(c *sqltext.Cursor) (dataType, error) {
	at := c.Peek(0)
	if at.Kind != sqltext.Word {
		return dataType{}, refuse(at, "%s stands where a type is expected", c.Describe())
	}
	switch word := c.Next().Text; word {
	case "smallint", "int2":
		return dataType{sql: "smallint", integer: true}, nil
	case "integer", "int", "int4":
		return dataType{sql: "integer", integer: true}, nil
	case "bigint", "int8":
		return dataType{sql: "bigint", integer: true}, nil
	case "decimal", "numeric":
		return readDecimal(c)
	case "real", "float4":
		return dataType{sql: "real"}, nil
	case "double":
		if err := c.Expect("precision"); err != nil {
			return dataType{}, locate(c.Peek(0), err)
		}
		return dataType{sql: "double"}, nil
	case "float", "float8":
		return dataType{sql: "double"}, nil
	case "boolean", "bool":
		return dataType{sql: "boolean"}, nil
	case "date":
		return dataType{sql: "date"}, nil
	case "timestamp":
		if c.Accept("with", "time", "zone") {
			return dataType{}, refuse(at, "type timestamp with time zone is refused: the local engine stores timestamps in UTC without a zone")
		}
		c.Accept("without", "time", "zone")
		return dataType{sql: "timestamp"}, nil
	case "varchar", "nvarchar":
		return readVarchar(c)
	case "character":
		if !c.Accept("varying") {
			return dataType{}, refuse(at, "type character is refused: it pads with blanks; use varchar")
		}
		return readVarchar(c)
	case "text":
		return dataType{sql: "varchar", bytes: defaultVarchar}, nil
	default:
		return dataType{}, refuse(at, "type %s is refused: the local engine has the types of the landing profile, smallint, integer, bigint, decimal, real, double precision, boolean, date, timestamp and varchar", word)
	}
}

func readDecimal(c *sqltext.Cursor) (dataType, error) {
	at := c.Peek(0)
	precision, scale := defaultDecimals, 0
	if at.Is("(") {
		lengths, err := readLengths(c)
		if err != nil {
			return dataType{}, err
		}
		precision = lengths[0]
		if len(lengths) == 2 {
			scale = lengths[1]
		}
		if len(lengths) > 2 || precision < 1 || precision > maxPrecision || scale > precision {
			return dataType{}, refuse(at, "decimal%v is not within precision 1 to %d and scale 0 to precision", lengths, maxPrecision)
		}
	}
	return dataType{sql: fmt.Sprintf("decimal ( %d , %d )", precision, scale), numeric: true}, nil
}

func readVarchar(c *sqltext.Cursor) (dataType, error) {
	at := c.Peek(0)
	if c.Accept("(", "max", ")") {
		return dataType{sql: "varchar", bytes: maxVarchar}, nil
	}
	if !at.Is("(") {
		return dataType{sql: "varchar", bytes: defaultVarchar}, nil
	}
	lengths, err := readLengths(c)
	if err != nil {
		return dataType{}, err
	}
	if len(lengths) != 1 || lengths[0] < 1 || lengths[0] > maxVarchar {
		return dataType{}, refuse(at, "varchar%v is not between 1 and %d bytes", lengths, maxVarchar)
	}
	return dataType{sql: "varchar", bytes: lengths[0]}, nil
}

// readLengths reads "(n, …)", which has one number at least.
func readLengths(c *sqltext.Cursor) ([]int, error) {
	if err := c.Expect("("); err != nil {
		return nil, locate(c.Peek(0), err)
	}
	var lengths []int
	for {
		at := c.Next()
		n, err := strconv.Atoi(at.Text)
		if at.Kind != sqltext.Number || err != nil {
			return nil, refuse(at, "%q is not the length of a type", at.Text)
		}
		lengths = append(lengths, n)
		if c.Accept(")") {
			return lengths, nil
		}
		if err := c.Expect(","); err != nil {
			return nil, locate(c.Peek(0), err)
		}
	}
}
