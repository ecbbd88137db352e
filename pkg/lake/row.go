package lake

import (
	"bytes"
	"errors"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// cell is the value of one column of the row in hand.
type cell struct {
	null    bool
	text    []byte        // of a String; a window into the line or into scratch
	number  int64         // of an Integer or BigInt; days of a Date; microseconds of a Timestamp
	decimal scalar.Int128 // of a Decimal, without its point
	truth   bool          // of a Boolean
	scratch []byte        // for text with escapes
}

// read takes the value of a column. All columns of an item are read before the
// first is written, so a refused item leaves no half row behind.
func (c *cell) read(column model.Column, field string, v ddbjson.Value) *refusal {
	c.null = false
	switch v.Kind() {
	case ddbjson.Missing, ddbjson.Null:
		if column.Required {
			return refuse(MissingAttribute, field, "column %s is required, the attribute is %s", column.Name, v.Kind())
		}
		c.null = true
		return nil
	}
	switch column.Type.Kind {
	case model.KindString:
		return c.readText(column, field, v)
	case model.KindInteger, model.KindBigInt, model.KindDecimal:
		return c.readNumber(column, field, v)
	case model.KindTimestamp, model.KindDate:
		return c.readTime(column, field, v)
	case model.KindBoolean:
		if v.Kind() != ddbjson.Bool {
			return refuse(NotATruthValue, field, "column %s takes BOOL, the attribute is %s", column.Name, v.Kind())
		}
		c.truth = v.Bool()
		return nil
	}
	return refuse(WrongType, field, "column %s has a type without a reader", column.Name)
}

func (c *cell) readText(column model.Column, field string, v ddbjson.Value) *refusal {
	if v.Kind() != ddbjson.String {
		return refuse(WrongType, field, "column %s takes S, the attribute is %s", column.Name, v.Kind())
	}
	c.text = v.Text(&c.scratch)
	if len(c.text) > column.Type.Length {
		return refuse(ValueTooLong, field, "column %s takes %d bytes, the value has %d", column.Name, column.Type.Length, len(c.text))
	}
	if bytes.IndexByte(c.text, 0) >= 0 {
		return refuse(NulCharacter, field, "column %s takes text without NUL characters", column.Name)
	}
	return nil
}

func (c *cell) readNumber(column model.Column, field string, v ddbjson.Value) *refusal {
	if v.Kind() != ddbjson.Number {
		return refuse(WrongType, field, "column %s takes N, the attribute is %s", column.Name, v.Kind())
	}
	var err error
	text := v.Text(&c.scratch)
	switch column.Type.Kind {
	case model.KindInteger:
		var n int32
		n, err = scalar.Int32(text)
		c.number = int64(n)
	case model.KindBigInt:
		c.number, err = scalar.Int64(text)
	default:
		c.decimal, err = scalar.Decimal(text, column.Type.Precision, column.Type.Scale)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, scalar.ErrInexact):
		return refuse(NumberNotExact, field, "column %s is %s: %v", column.Name, column.Type.Redshift(), scalar.ErrInexact)
	case errors.Is(err, scalar.ErrRange):
		return refuse(NumberOutOfRange, field, "column %s is %s: the number does not fit", column.Name, column.Type.Redshift())
	}
	return refuse(WrongType, field, "column %s is %s: %v", column.Name, column.Type.Redshift(), scalar.ErrSyntax)
}

func (c *cell) readTime(column model.Column, field string, v ddbjson.Value) *refusal {
	if v.Kind() != ddbjson.String {
		return refuse(WrongType, field, "column %s takes ISO-8601 text as S, the attribute is %s", column.Name, v.Kind())
	}
	text := v.Text(&c.scratch)
	var err error
	if column.Type.Kind == model.KindDate {
		var days int32
		days, err = scalar.Date(text)
		c.number = int64(days)
	} else {
		c.number, err = scalar.Timestamp(text)
	}
	if err == nil {
		return nil
	}
	why := scalar.ErrSyntax
	for _, reason := range []error{scalar.ErrInexact, scalar.ErrRange} {
		if errors.Is(err, reason) {
			why = reason
		}
	}
	return refuse(NotATimestamp, field, "column %s takes ISO-8601 text to the microsecond: %v", column.Name, why)
}
