package startest

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// convert makes the value of a column of an attribute. It is false if the
// attribute is wrong for the column.
func convert(c model.Column, v Value) (Cell, bool) {
	if v.Kind == "unreachable" {
		return nil, false
	}
	switch c.Type.Kind {
	case model.KindString:
		return convertText(c, v)
	case model.KindInteger, model.KindBigInt, model.KindDecimal, model.KindDouble:
		return convertNumber(c, v)
	case model.KindBoolean:
		return convertTruth(c, v)
	case model.KindTimestamp, model.KindDate:
		return convertTime(c, v)
	case model.KindJSON:
		text := v.Plain()
		return text, len(text) <= model.Text().Length
	}
	return nil, false
}

func convertText(c model.Column, v Value) (Cell, bool) {
	isText := v.Kind == "S" || c.Converts && (v.Kind == "N" || v.Kind == "BOOL")
	blankAtEnd := c.Key && c.Required && strings.HasSuffix(v.Text, " ")
	return v.Text, isText && len(v.Text) <= c.Type.Length && !blankAtEnd
}

// number is how DynamoDB writes numbers.
var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func convertNumber(c model.Column, v Value) (Cell, bool) {
	isNumber := v.Kind == "N" || c.Converts && v.Kind == "S"
	if !isNumber || !number.MatchString(v.Text) {
		return nil, false
	}
	if c.Type.Kind == model.KindDouble {
		nearest, err := strconv.ParseFloat(v.Text, 64)
		return nearest, err == nil
	}
	exact, ok := new(big.Rat).SetString(v.Text)
	return exact, ok && fits(c.Type, exact)
}

// fits reports whether a type holds a number with all its digits.
func fits(t model.Type, exact *big.Rat) bool {
	power := func(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
	units := new(big.Rat).Mul(exact, new(big.Rat).SetInt(power(t.Scale)))
	if !units.IsInt() {
		return false
	}
	switch t.Kind {
	case model.KindInteger:
		return units.Num().IsInt64() && int64(int32(units.Num().Int64())) == units.Num().Int64()
	case model.KindBigInt:
		return units.Num().IsInt64()
	default:
		return units.Num().CmpAbs(power(t.Precision)) < 0
	}
}

func convertTruth(c model.Column, v Value) (Cell, bool) {
	text := v.Kind == "BOOL" || c.Converts && v.Kind == "S"
	if c.Converts && v.Kind == "N" {
		n, ok := new(big.Rat).SetString(v.Text)
		isTruth := ok && (n.Cmp(big.NewRat(0, 1)) == 0 || n.Cmp(big.NewRat(1, 1)) == 0)
		return isTruth && n.Sign() > 0, isTruth
	}
	return v.Text == "true", text && (v.Text == "true" || v.Text == "false")
}

func convertTime(c model.Column, v Value) (Cell, bool) {
	epoch := c.Format == model.FormatSeconds || c.Format == model.FormatMillis
	if v.Kind != "S" && !(epoch && v.Kind == "N") {
		return nil, false
	}
	at, ok := readTime(c, v.Text)
	if !ok {
		return nil, false
	}
	at = at.UTC()
	fine := !at.Equal(at.Truncate(time.Microsecond))
	at = at.Truncate(time.Microsecond)
	midnight := at.Equal(at.Truncate(24 * time.Hour))
	return at, at.Year() >= 1 && at.Year() <= 9999 && (!fine || c.Truncate) && (c.Type.Kind != model.KindDate || midnight)
}

// readTime reads an instant in the format of its column.
func readTime(c model.Column, text string) (time.Time, bool) {
	switch c.Format {
	case model.FormatSeconds, model.FormatMillis:
		n, ok := new(big.Rat).SetString(text)
		if !ok || !number.MatchString(text) {
			return time.Time{}, false
		}
		if c.Format == model.FormatSeconds {
			n.Mul(n, big.NewRat(1000, 1))
		}
		n.Mul(n, big.NewRat(1000, 1))
		return time.UnixMicro(n.Num().Int64()), n.IsInt() && n.Num().IsInt64()
	case model.FormatRFC1123:
		return readLayouts(text, "Mon, 02 Jan 2006 15:04:05 GMT", "Mon, 02 Jan 2006 15:04:05 -0700", "02 Jan 2006 15:04 GMT")
	case model.FormatLayout:
		return readLayouts(text, c.Layout)
	case model.FormatISO:
	}
	return readLayouts(text, "2006-01-02", "20060102", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05",
		"2006-01-02T15:04:05", "20060102T150405Z", "2006-01-02T15:04:05-0700")
}

func readLayouts(text string, layouts ...string) (time.Time, bool) {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
