package lake

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// attribute converts an attribute to the value of a column. What a column takes of
// other DynamoDB types than its own stands in [model.Type.Conversions].
func (r *reading) attribute(c *column, v ddbjson.Value, to *value) *refusal {
	kind := v.Kind()
	if kind == ddbjson.String && c.Type.Kind == model.KindString { // nearly always
		text := v.KeepText(&r.arena)
		if why := c.checkText(text, len(text) < len(v.JSON()), to); why != nil {
			return why.with(v)
		}
		return nil
	}
	if kind == ddbjson.Missing || kind == ddbjson.Null {
		return nil
	}
	var ok bool
	switch c.Type.Kind {
	case model.KindJSON:
		return r.json(c, v, to)
	case model.KindBoolean:
		return r.truth(c, v, to)
	case model.KindString:
		if kind == ddbjson.Bool && c.Converts {
			return r.convert(c, v.JSON(), false, to).with(v)
		}
		ok = kind == ddbjson.String || kind == ddbjson.Number && c.Converts || kind == ddbjson.Binary && c.binary
	case model.KindTimestamp, model.KindDate:
		ok = kind == ddbjson.String || kind == ddbjson.Number && c.counts()
	default:
		ok = kind == ddbjson.Number || kind == ddbjson.String && c.Converts
	}
	if !ok {
		return c.wrongType(v)
	}
	text := v.KeepText(&r.arena)
	if why := r.convert(c, text, len(text) < len(v.JSON()), to); why != nil {
		return why.with(v)
	}
	return nil
}

// counts reports whether the column's times are written as numbers.
func (c *column) counts() bool {
	return c.Format == model.FormatSeconds || c.Format == model.FormatMillis
}

// takes says which DynamoDB types the column takes.
func (c *column) takes() string {
	takes := "N"
	switch c.Type.Kind {
	case model.KindJSON:
		return "any attribute"
	case model.KindBoolean:
		takes = "BOOL"
	case model.KindString:
		takes = "S"
	case model.KindTimestamp, model.KindDate:
		takes = "S, " + c.notation()
		if c.counts() {
			takes = "N or S, " + c.notation()
		}
	default:
	}
	if conversions := c.Type.Conversions(); c.Converts && len(conversions) > 0 {
		takes += " (or " + strings.Join(conversions, ", ") + ")"
	}
	return takes
}

// wrongType refuses a value that the column neither takes nor converts.
func (c *column) wrongType(v ddbjson.Value) *refusal {
	return refuse(lakedoc.WrongType, c.field, "%s is %s, column %s takes %s", c.field, v.Kind(), c.Name, c.takes()).with(v)
}

// convert converts text to the value of a column: that of an attribute, or what a
// template captures. Text that was written with escapes may hold a NUL.
func (r *reading) convert(c *column, text []byte, escaped bool, to *value) *refusal {
	switch c.Type.Kind {
	case model.KindString:
		return c.checkText(text, escaped, to)
	case model.KindInteger:
		n, err := scalar.Int32(text)
		if err != nil {
			return c.wrongNumber(err)
		}
		to.set(int64(n))
	case model.KindBigInt:
		n, err := scalar.Int64(text)
		if err != nil {
			return c.wrongNumber(err)
		}
		to.set(n)
	case model.KindDecimal:
		n, err := scalar.Decimal(text, c.Type.Precision, c.Type.Scale)
		if err != nil {
			return c.wrongNumber(err)
		}
		to.number, to.present = n, true
	case model.KindDouble:
		n, err := scalar.Double(text)
		if err != nil {
			return c.wrongNumber(err)
		}
		to.set(int64(math.Float64bits(n))) //nolint:gosec // bits
	case model.KindTimestamp, model.KindDate:
		n, err := c.instant(text)
		if err != nil {
			return c.wrongTime(err)
		}
		to.set(n)
	case model.KindBoolean:
		if string(text) != "true" && string(text) != "false" {
			return refuse(lakedoc.NotATruthValue, c.field, "%s is neither true nor false, column %s takes BOOL", c.field, c.Name)
		}
		to.set(int64(len("false") - len(text)))
	default:
		return refuse(lakedoc.WrongType, c.field, "column %s has a type that text is not converted to", c.Name)
	}
	return nil
}

func (c *column) checkText(text []byte, escaped bool, to *value) *refusal {
	if len(text) > c.Type.Length {
		return refuse(lakedoc.ValueTooLong, c.field, "%s has %d bytes, column %s takes %d", c.field, len(text), c.Name, c.Type.Length)
	}
	if escaped && bytes.IndexByte(text, 0) >= 0 { // JSON has no other way to write one
		return refuse(lakedoc.NulCharacter, c.field, "%s has a NUL character, column %s takes text without", c.field, c.Name)
	}
	if c.Key && c.Required && len(text) > 0 && text[len(text)-1] == ' ' {
		return refuse(lakedoc.TrailingBlank, c.field, "%s ends in a blank: column %s identifies rows, and Redshift ignores blanks at the end", c.field, c.Name)
	}
	to.text, to.present = text, true
	return nil
}

// json keeps an attribute of any kind as JSON.
func (r *reading) json(c *column, v ddbjson.Value, to *value) *refusal {
	if v.Kind() == ddbjson.Unreachable {
		return c.wrongType(v)
	}
	start := len(r.arena)
	r.arena = v.AppendPlain(r.arena)
	text := r.arena[start:len(r.arena):len(r.arena)]
	if most := c.Parquet().Length; len(text) > most {
		return refuse(lakedoc.ValueTooLong, c.field, "%s has %d bytes as JSON, column %s takes %d", c.field, len(text), c.Name, most).with(v)
	}
	to.text, to.present = text, true
	return nil
}

// truth reads BOOL and, where the column converts, the words true and false, and
// the numbers 1 and 0.
func (r *reading) truth(c *column, v ddbjson.Value, to *value) *refusal {
	switch {
	case v.Kind() == ddbjson.Bool:
		return r.convert(c, v.JSON(), false, to).with(v)
	case v.Kind() == ddbjson.String && c.Converts:
		return r.convert(c, v.KeepText(&r.arena), false, to).with(v)
	case v.Kind() == ddbjson.Number && c.Converts:
		if n, err := scalar.Int32(v.KeepText(&r.arena)); err == nil && (n == 0 || n == 1) {
			to.set(int64(n))
			return nil
		}
		return refuse(lakedoc.NotATruthValue, c.field, "%s is a number other than 0 and 1, column %s takes BOOL", c.field, c.Name).with(v)
	case v.Kind() == ddbjson.Unreachable:
		return c.wrongType(v)
	}
	return refuse(lakedoc.NotATruthValue, c.field, "%s is %s, column %s takes BOOL", c.field, v.Kind(), c.Name).with(v)
}

func (c *column) wrongNumber(err error) *refusal {
	switch {
	case errors.Is(err, scalar.ErrInexact):
		return refuse(lakedoc.NumberNotExact, c.field, "%s has more decimal places than column %s, which is %s", c.field, c.Name, c.Type.Redshift())
	case errors.Is(err, scalar.ErrRange):
		return refuse(lakedoc.NumberOutOfRange, c.field, "%s is too large for column %s, which is %s", c.field, c.Name, c.Type.Redshift())
	}
	return refuse(lakedoc.WrongType, c.field, "%s is text that is not a number, column %s is %s", c.field, c.Name, c.Type.Redshift())
}

// instant reads a timestamp in microseconds, or a date in days.
func (c *column) instant(text []byte) (int64, error) {
	var micros int64
	var err error
	switch c.Format {
	case model.FormatRFC1123:
		micros, err = scalar.RFC1123(text)
	case model.FormatSeconds:
		micros, err = scalar.EpochSeconds(text)
	case model.FormatMillis:
		micros, err = scalar.EpochMillis(text)
	case model.FormatLayout:
		micros, err = c.layout.Timestamp(text)
	case model.FormatISO:
		if c.Type.Kind == model.KindTimestamp && c.Truncate {
			return scalar.TimestampTruncated(text) //nolint:wrapcheck // wrongTime tells it
		}
		if c.Type.Kind == model.KindTimestamp {
			return scalar.Timestamp(text) //nolint:wrapcheck // wrongTime tells it
		}
		days, err := scalar.Date(text)
		return int64(days), err //nolint:wrapcheck // wrongTime tells it
	default:
		return 0, fmt.Errorf("read time: format %d is none of the declared ones", c.Format)
	}
	if err != nil || c.Type.Kind == model.KindTimestamp {
		return micros, err //nolint:wrapcheck // wrongTime tells it
	}
	days, err := scalar.Day(micros)
	return int64(days), err //nolint:wrapcheck // wrongTime tells it
}

// notation says how the column's times are written.
func (c *column) notation() string {
	switch c.Format {
	case model.FormatRFC1123:
		return "RFC 1123"
	case model.FormatSeconds:
		return "seconds since 1970"
	case model.FormatMillis:
		return "milliseconds since 1970"
	case model.FormatLayout:
		return fmt.Sprintf("the layout %q", c.Layout)
	case model.FormatISO:
	}
	return "ISO 8601"
}

func (c *column) wrongTime(err error) *refusal {
	if errors.Is(err, scalar.ErrTooFine) && !c.Truncate {
		return refuse(lakedoc.NotATimestamp, c.field,
			"%s is finer than a microsecond, and column %s would lose digits: to have them cut off, give the column \"truncate: true\"", c.field, c.Name)
	}
	why := scalar.ErrSyntax
	for _, reason := range []error{scalar.ErrInexact, scalar.ErrRange} {
		if errors.Is(err, reason) {
			why = reason
			break
		}
	}
	return refuse(lakedoc.NotATimestamp, c.field, "%s is not a time that column %s takes, %s: %v", c.field, c.Name, c.notation(), why)
}

// The days 0001-01-01 and 9999-12-31, which every warehouse has.
const (
	firstDay = -719162
	lastDay  = 2932896
)

// day gives a column the calendar day of an instant, where the model's calendar
// is kept.
func (r *reading) day(c *column, micros int64, to *value) *refusal {
	const perSecond, perDay = 1_000_000, 24 * 60 * 60 * 1_000_000
	if zone := r.layout.zone; zone != nil {
		_, offset := time.UnixMicro(micros).In(zone).Zone()
		micros += int64(offset) * perSecond
	}
	days := micros / perDay
	if micros%perDay < 0 {
		days--
	}
	if days < firstDay || days > lastDay {
		return refuse(lakedoc.NotATimestamp, c.field, "the day of column %s is beyond the years 1 to 9999", c.DayOf)
	}
	to.set(days)
	return nil
}
