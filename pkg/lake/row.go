package lake

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// add converts the attributes of an item and appends them, column by column. An
// item that is refused leaves nothing behind, wherever in the row the reason
// was found. The error is about the output.
func (t *table) add(d *ddbjson.Decoder, keys *keyText) (*refusal, error) {
	for i, slot := range t.item.slots {
		why, err := t.append(i, d.Value(slot), keys)
		if why != nil {
			t.writer.DiscardRow()
			return why, nil
		}
		if err != nil {
			return nil, fmt.Errorf("write column %s of item type %s: %w", t.item.Columns[i].Name, t.item.Name, err)
		}
	}
	t.rows++
	if err := t.writer.EndRow(); err != nil {
		return nil, fmt.Errorf("write row %d of item type %s: %w", t.rows, t.item.Name, err)
	}
	return nil, nil //nolint:nilnil // neither refused nor failed
}

// append gives column i its value.
func (t *table) append(i int, v ddbjson.Value, keys *keyText) (*refusal, error) {
	column, field := &t.item.Columns[i], t.item.fields[i]
	switch v.Kind() {
	case ddbjson.Missing, ddbjson.Null:
		if column.Required {
			return refuse(MissingAttribute, field, "column %s is required, the attribute is %s", column.Name, v.Kind()), nil
		}
		return nil, t.writer.AppendNull(i) //nolint:wrapcheck // add wraps it
	}
	switch column.Type.Kind {
	case model.KindString:
		return t.appendText(i, v, keys)
	case model.KindInteger, model.KindBigInt, model.KindDecimal:
		return t.appendNumber(i, column, field, v)
	case model.KindTimestamp, model.KindDate:
		return t.appendTime(i, column, field, v)
	case model.KindBoolean:
		if v.Kind() != ddbjson.Bool {
			return refuse(NotATruthValue, field, "column %s takes BOOL, the attribute is %s", column.Name, v.Kind()), nil
		}
		return nil, t.writer.AppendBool(i, v.Bool()) //nolint:wrapcheck // add wraps it
	}
	return refuse(WrongType, field, "column %s has a type without a reader", column.Name), nil
}

func (t *table) appendText(i int, v ddbjson.Value, keys *keyText) (*refusal, error) {
	column, field := &t.item.Columns[i], t.item.fields[i]
	if v.Kind() != ddbjson.String {
		return refuse(WrongType, field, "column %s takes S, the attribute is %s", column.Name, v.Kind()), nil
	}
	text := v.Text(&t.scratch)
	if len(text) > column.Type.Length {
		return refuse(ValueTooLong, field, "column %s takes %d bytes, the value has %d", column.Name, column.Type.Length, len(text)), nil
	}
	// A NUL must be escaped in JSON, and text that was escaped is shorter now.
	if len(text) < len(v.JSON()) && bytes.IndexByte(text, 0) >= 0 {
		return refuse(NulCharacter, field, "column %s takes text without NUL characters", column.Name), nil
	}
	if why := t.item.contradicts(i, text, keys); why != nil {
		return why, nil
	}
	return nil, t.writer.AppendString(i, text) //nolint:wrapcheck // add wraps it
}

func (t *table) appendNumber(i int, column *model.Column, field string, v ddbjson.Value) (*refusal, error) {
	if v.Kind() != ddbjson.Number {
		return refuse(WrongType, field, "column %s takes N, the attribute is %s", column.Name, v.Kind()), nil
	}
	text := v.Text(&t.scratch)
	switch column.Type.Kind {
	case model.KindInteger:
		n, err := scalar.Int32(text)
		if err != nil {
			return refuseNumber(column, field, err), nil
		}
		return nil, t.writer.AppendInt32(i, n) //nolint:wrapcheck // add wraps it
	case model.KindBigInt:
		n, err := scalar.Int64(text)
		if err != nil {
			return refuseNumber(column, field, err), nil
		}
		return nil, t.writer.AppendInt64(i, n) //nolint:wrapcheck // add wraps it
	default:
		n, err := scalar.Decimal(text, column.Type.Precision, column.Type.Scale)
		if err != nil {
			return refuseNumber(column, field, err), nil
		}
		return nil, t.writer.AppendDecimal(i, n.High, n.Low) //nolint:wrapcheck // add wraps it
	}
}

func refuseNumber(column *model.Column, field string, err error) *refusal {
	switch {
	case errors.Is(err, scalar.ErrInexact):
		return refuse(NumberNotExact, field, "column %s is %s: %v", column.Name, column.Type.Redshift(), scalar.ErrInexact)
	case errors.Is(err, scalar.ErrRange):
		return refuse(NumberOutOfRange, field, "column %s is %s: the number does not fit", column.Name, column.Type.Redshift())
	}
	return refuse(WrongType, field, "column %s is %s: %v", column.Name, column.Type.Redshift(), scalar.ErrSyntax)
}

func (t *table) appendTime(i int, column *model.Column, field string, v ddbjson.Value) (*refusal, error) {
	if v.Kind() != ddbjson.String {
		return refuse(WrongType, field, "column %s takes ISO-8601 text as S, the attribute is %s", column.Name, v.Kind()), nil
	}
	text := v.Text(&t.scratch)
	if column.Type.Kind == model.KindDate {
		days, err := scalar.Date(text)
		if err != nil {
			return refuseTime(column, field, err), nil
		}
		return nil, t.writer.AppendDate(i, days) //nolint:wrapcheck // add wraps it
	}
	micros, err := scalar.Timestamp(text)
	if err != nil {
		return refuseTime(column, field, err), nil
	}
	return nil, t.writer.AppendTimestamp(i, micros) //nolint:wrapcheck // add wraps it
}

func refuseTime(column *model.Column, field string, err error) *refusal {
	why := scalar.ErrSyntax
	for _, reason := range []error{scalar.ErrInexact, scalar.ErrRange} {
		if errors.Is(err, reason) {
			why = reason
		}
	}
	return refuse(NotATimestamp, field, "column %s takes ISO-8601 text to the microsecond: %v", column.Name, why)
}
