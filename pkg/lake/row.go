package lake

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// add converts the attributes of an item and appends them, column by column. An
// item that is refused leaves nothing behind, wherever in the row the reason
// was found. The error is about the output.
func (t *table) add(d *ddbjson.Decoder, keys *keyText) (*refusal, error) {
	clear(t.values)
	for i := range t.item.columns {
		c := &t.item.columns[i]
		why, err := t.append(i, c, d.Value(c.slot), keys)
		if why != nil {
			t.DiscardRow()
			return why, nil
		}
		if err != nil {
			return nil, fmt.Errorf("write column %s of item type %s: %w", c.Name, t.item.Name, err)
		}
	}
	if err := t.EndRow(); err != nil {
		return nil, fmt.Errorf("write row %d of item type %s: %w", t.Rows(), t.item.Name, err)
	}
	return nil, t.addUp()
}

// append gives column i its value.
func (t *table) append(i int, c *column, v ddbjson.Value, keys *keyText) (*refusal, error) {
	switch v.Kind() {
	case ddbjson.Missing, ddbjson.Null:
		if c.Required {
			return refuse(MissingAttribute, c.field, "column %s is required, the attribute is %s", c.Name, v.Kind()), nil
		}
		return nil, t.AppendNull(i) //nolint:wrapcheck // add wraps it
	}
	switch c.Type.Kind {
	case model.KindString:
		return t.appendText(i, c, v, keys)
	case model.KindInteger, model.KindBigInt, model.KindDecimal:
		return t.appendNumber(i, c, v)
	case model.KindTimestamp, model.KindDate:
		return t.appendTime(i, c, v)
	case model.KindBoolean:
		return t.appendTruth(i, c, v)
	}
	return refuse(WrongType, c.field, "column %s has a type without a reader", c.Name), nil
}

// appendText appends text. What it takes of other types, if the column
// converts, stands in [model.Type.Conversions].
func (t *table) appendText(i int, c *column, v ddbjson.Value, keys *keyText) (*refusal, error) {
	var text []byte
	switch {
	case v.Kind() == ddbjson.String, v.Kind() == ddbjson.Number && c.Converts:
		text = v.Text(&t.scratch)
	case v.Kind() == ddbjson.Bool && c.Converts:
		text = v.JSON()
	default:
		return c.wrongType("S", v), nil
	}
	if len(text) > c.Type.Length {
		return refuse(ValueTooLong, c.field, "column %s takes %d bytes, the value has %d", c.Name, c.Type.Length, len(text)), nil
	}
	// A NUL must be escaped in JSON, and text that was escaped is shorter now.
	if len(text) < len(v.JSON()) && bytes.IndexByte(text, 0) >= 0 {
		return refuse(NulCharacter, c.field, "column %s takes text without NUL characters", c.Name), nil
	}
	if c.identifies {
		if len(text) > 0 && text[len(text)-1] == ' ' {
			return refuse(TrailingBlank, c.field, "column %s identifies a member, and Redshift ignores blanks at its end", c.Name), nil
		}
		if why := t.item.contradicts(c, text, keys); why != nil {
			return why, nil
		}
	}
	return nil, t.AppendString(i, text) //nolint:wrapcheck // add wraps it
}

// wrongType refuses a value that the column neither takes nor converts.
func (c *column) wrongType(takes string, v ddbjson.Value) *refusal {
	if c.Converts {
		takes += " (or " + strings.Join(c.Type.Conversions(), ", ") + ")"
	}
	return refuse(WrongType, c.field, "column %s takes %s, the attribute is %s", c.Name, takes, v.Kind())
}

func (t *table) appendNumber(i int, c *column, v ddbjson.Value) (*refusal, error) {
	if v.Kind() != ddbjson.Number && !(v.Kind() == ddbjson.String && c.Converts) {
		return c.wrongType("N", v), nil
	}
	text := v.Text(&t.scratch)
	switch c.Type.Kind {
	case model.KindInteger:
		n, err := scalar.Int32(text)
		if err != nil {
			return refuseNumber(c, err), nil
		}
		if c.measure >= 0 {
			t.values[c.measure] = int64(n)
		}
		return nil, t.AppendInt32(i, n) //nolint:wrapcheck // add wraps it
	case model.KindBigInt:
		n, err := scalar.Int64(text)
		if err != nil {
			return refuseNumber(c, err), nil
		}
		if c.measure >= 0 {
			t.values[c.measure] = n
		}
		return nil, t.AppendInt64(i, n) //nolint:wrapcheck // add wraps it
	default:
		n, err := scalar.Decimal(text, c.Type.Precision, c.Type.Scale)
		if err != nil {
			return refuseNumber(c, err), nil
		}
		if c.measure >= 0 {
			t.values[c.measure] = int64(n.Low)
			if t.values[c.measure]>>63 != n.High {
				return nil, t.tooLarge(c.measure)
			}
		}
		return nil, t.AppendDecimal(i, n.High, n.Low) //nolint:wrapcheck // add wraps it
	}
}

func (t *table) appendTruth(i int, c *column, v ddbjson.Value) (*refusal, error) {
	truth := v.Bool()
	if v.Kind() != ddbjson.Bool {
		var known bool
		if truth, known = truthOf(v, &t.scratch); !known || !c.Converts {
			return refuse(NotATruthValue, c.field, "column %s takes BOOL, the attribute is %s", c.Name, v.Kind()), nil
		}
	}
	return nil, t.AppendBool(i, truth) //nolint:wrapcheck // add wraps it
}

// truthOf reads the words true and false, and the numbers 1 and 0.
func truthOf(v ddbjson.Value, scratch *[]byte) (truth, known bool) {
	text := v.Text(scratch)
	switch v.Kind() {
	case ddbjson.String:
		return string(text) == "true", string(text) == "true" || string(text) == "false"
	case ddbjson.Number:
		n, err := scalar.Int32(text)
		return n == 1, err == nil && (n == 0 || n == 1)
	default:
		return false, false
	}
}

func refuseNumber(c *column, err error) *refusal {
	switch {
	case errors.Is(err, scalar.ErrInexact):
		return refuse(NumberNotExact, c.field, "column %s is %s: %v", c.Name, c.Type.Redshift(), scalar.ErrInexact)
	case errors.Is(err, scalar.ErrRange):
		return refuse(NumberOutOfRange, c.field, "column %s is %s: the number does not fit", c.Name, c.Type.Redshift())
	}
	return refuse(WrongType, c.field, "column %s is %s: %v", c.Name, c.Type.Redshift(), scalar.ErrSyntax)
}

func (t *table) appendTime(i int, c *column, v ddbjson.Value) (*refusal, error) {
	if v.Kind() != ddbjson.String {
		return refuse(WrongType, c.field, "column %s takes ISO-8601 text as S, the attribute is %s", c.Name, v.Kind()), nil
	}
	text := v.Text(&t.scratch)
	if c.Type.Kind == model.KindDate {
		days, err := scalar.Date(text)
		if err != nil {
			return refuseTime(c, err), nil
		}
		return nil, t.AppendDate(i, days) //nolint:wrapcheck // add wraps it
	}
	micros, err := scalar.Timestamp(text)
	if err != nil {
		return refuseTime(c, err), nil
	}
	return nil, t.AppendTimestamp(i, micros) //nolint:wrapcheck // add wraps it
}

func refuseTime(c *column, err error) *refusal {
	why := scalar.ErrSyntax
	for _, reason := range []error{scalar.ErrInexact, scalar.ErrRange} {
		if errors.Is(err, reason) {
			why = reason
		}
	}
	return refuse(NotATimestamp, c.field, "column %s takes ISO-8601 text to the microsecond: %v", c.Name, why)
}
