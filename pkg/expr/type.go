package expr

import (
	"fmt"
	"strconv"
)

// dataType is a type of model files.
type dataType struct {
	name             string
	length           int // bytes of a string
	precision, scale int // of a decimal
}

func typeNames() []string {
	return []string{"string", "text", "integer", "bigint", "decimal", "double", "boolean", "date", "timestamp"}
}

func (t dataType) kind() Kind {
	switch t.name {
	case "string":
		return Text
	case "integer", "bigint":
		return Integer
	case "decimal":
		return Decimal
	case "double":
		return Double
	case "boolean":
		return Bool
	case "date":
		return Date
	case "timestamp":
		return Timestamp
	}
	return Null
}

// String spells the type as a model file does.
func (t dataType) String() string {
	switch t.name {
	case "string":
		return fmt.Sprintf("string(%d)", t.length)
	case "decimal":
		return fmt.Sprintf("decimal(%d,%d)", t.precision, t.scale)
	}
	return t.name
}

// sql spells the type as all engines do.
func (t dataType) sql() string {
	switch t.name {
	case "string":
		return fmt.Sprintf("varchar(%d)", t.length)
	case "double":
		return "double precision"
	}
	return t.String()
}

// dataType reads a type of model files.
func (p *parser) dataType() dataType {
	t := p.next()
	var lengths []int
	if p.accept("(") {
		for {
			n := p.next()
			length, err := strconv.Atoi(n.text)
			if n.kind != numberToken || err != nil {
				p.fail(n, "%s stands where the length of a type is expected", n)
			}
			lengths = append(lengths, length)
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
	}
	typ := dataType{name: t.text}
	switch {
	case t.is("string") && len(lengths) == 1 && lengths[0] >= 1 && lengths[0] <= maxString:
		typ.length = lengths[0]
	case t.is("string"):
		p.fail(t, "string needs its length in bytes, from string(1) to string(%d)", maxString)
	case t.is("text") && lengths == nil:
		typ = dataType{name: "string", length: maxString}
	case t.is("decimal") && len(lengths) == 2 && lengths[0] >= 1 && lengths[0] <= maxDigits && lengths[1] <= lengths[0]:
		typ.precision, typ.scale = lengths[0], lengths[1]
	case t.is("decimal"):
		p.fail(t, "decimal needs its digits, at most %d, and how many of them stand after the point, as in decimal(18,2)", maxDigits)
	case t.is("integer", "bigint", "double", "boolean", "date", "timestamp") && lengths == nil:
	case t.is("integer", "bigint", "double", "boolean", "date", "timestamp", "text"):
		p.fail(t, "%s has no length; leave the parentheses out", t.text)
	default:
		problem := otherTypes(t.text)
		if problem == "" {
			problem = suggest(t.text, typeNames())
		}
		p.fail(t, "%s is not a type of model files%s", t, problem)
	}
	return typ
}

// otherTypes tells what a type of SQL is called in model files.
func otherTypes(name string) string {
	switch name {
	case "varchar", "char", "character", "nvarchar", "bpchar":
		return "; write string(n)"
	case "int", "int4", "smallint", "int2":
		return "; write integer"
	case "int8", "long":
		return "; write bigint"
	case "numeric", "number":
		return "; write decimal(p,s)"
	case "float", "float8", "float4", "real":
		return "; write double"
	case "timestamptz", "datetime", "time":
		return "; write timestamp"
	}
	return ""
}

// Limits of Redshift types:
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
const (
	maxString = 65535
	maxDigits = 38
)
