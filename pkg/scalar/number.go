package scalar

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// MaxPrecision is the most digits that a decimal can have here, in DynamoDB, in
// Parquet's 16 bytes and in Redshift.
const MaxPrecision = 38

// Int128 is a signed 128-bit number in two's complement.
type Int128 struct {
	High int64
	Low  uint64
}

// Decimal converts the text of a number to a decimal with precision digits,
// scale of them after the point, and returns it without the point: 12.5 is
// 1250 at scale 2. Zeros after the last digit don't count, and an exponent is
// welcome. The precision is 1 to [MaxPrecision], the scale 0 to precision;
// anything else is a mistake of the caller and fails too.
func Decimal(text []byte, precision, scale int) (Int128, error) {
	if precision < 1 || precision > MaxPrecision || scale < 0 || scale > precision {
		return Int128{}, fmt.Errorf("parse %s: decimal(%d,%d) does not exist", quote(text), precision, scale)
	}
	m, err := scaled(text, scale)
	if err == nil && !m.below(powerOfTen(precision)) {
		err = ErrRange
	}
	if err != nil {
		return Int128{}, fmt.Errorf("parse %s as decimal(%d,%d): %w", quote(text), precision, scale, err)
	}
	return m.signed(), nil
}

// Int64 converts the text of a number that is whole, however it is written:
// 5, 5.0 and 5E0.
func Int64(text []byte) (int64, error) {
	v, err := integer(text, math.MaxInt64)
	if err != nil {
		return 0, fmt.Errorf("parse %s as a 64-bit integer: %w", quote(text), err)
	}
	return v, nil
}

// Int32 is [Int64] for 32 bits.
func Int32(text []byte) (int32, error) {
	v, err := integer(text, math.MaxInt32)
	if err != nil {
		return 0, fmt.Errorf("parse %s as a 32-bit integer: %w", quote(text), err)
	}
	return int32(v), nil
}

// integer converts to a number between -limit-1 and limit.
func integer(text []byte, limit uint64) (int64, error) {
	m, err := scaled(text, 0)
	switch {
	case err != nil:
		return 0, err
	case m.high > 0 || m.low > limit && (!m.negative || m.low > limit+1):
		return 0, ErrRange
	}
	return int64(m.signed().Low), nil
}

// magnitude is a number of up to 38 digits with its sign beside it.
type magnitude struct {
	high, low uint64
	negative  bool
}

func (m magnitude) below(limit magnitude) bool {
	return m.high < limit.high || m.high == limit.high && m.low < limit.low
}

func (m magnitude) signed() Int128 {
	if !m.negative {
		return Int128{High: int64(m.high), Low: m.low}
	}
	low, borrow := bits.Sub64(0, m.low, 0)
	high, _ := bits.Sub64(0, m.high, borrow)
	return Int128{High: int64(high), Low: low}
}

// times multiplies by a power of ten; the product must have at most 38 digits.
func (m magnitude) times(factor magnitude) magnitude {
	high, low := bits.Mul64(m.low, factor.low)
	m.high, m.low = high+m.high*factor.low+m.low*factor.high, low
	return m
}

// wordDigits is how many digits always fit 64 bits.
const wordDigits = 19

// powerOfTen returns 10^n for n up to 38.
func powerOfTen(n int) magnitude {
	if n <= wordDigits {
		return magnitude{low: smallPower(n)}
	}
	high, low := bits.Mul64(smallPower(wordDigits), smallPower(n-wordDigits))
	return magnitude{high: high, low: low}
}

// smallPower returns 10^n for n up to 19.
func smallPower(n int) uint64 {
	power, base := uint64(1), uint64(10)
	for ; n > 0; n >>= 1 {
		if n&1 > 0 {
			power *= base
		}
		base *= base
	}
	return power
}

// scaled returns the number times 10^scale, if that is whole and has at most
// 38 digits. Ordinary numbers are done in one pass here.
func scaled(text []byte, scale int) (magnitude, error) {
	m := magnitude{negative: len(text) > 0 && text[0] == '-'}
	digits := text
	if m.negative {
		digits = text[1:]
	}
	point := len(digits)
	for i, c := range digits {
		switch {
		case c-'0' <= 9:
			m.low = m.low*10 + uint64(c-'0')
		case c == '.' && point == len(digits):
			point = i
		default:
			return scaledOdd(text, scale)
		}
	}
	fraction := len(digits) - point - 1
	if point == len(digits) {
		fraction = 0
	}
	shift := scale - fraction
	if len(digits) < 2 && point < len(digits) || len(digits) == 0 || len(digits) > wordDigits || shift < 0 || shift > wordDigits {
		return scaledOdd(text, scale)
	}
	m.high, m.low = bits.Mul64(m.low, smallPower(shift)) // at most 19 digits and 19 more
	return m, nil
}

// scaledOdd is scaled for numbers in every notation.
func scaledOdd(text []byte, scale int) (magnitude, error) {
	n, err := parse(text)
	if err != nil || n.digits == 0 {
		return magnitude{}, err
	}
	shift := n.exponent + int64(scale)
	switch {
	case shift < 0:
		return magnitude{}, ErrInexact
	case int64(n.digits)+shift > MaxPrecision:
		return magnitude{}, ErrRange
	}
	return n.times(powerOfTen(int(shift))), nil
}

// number is magnitude × 10^exponent. The magnitude's last digit isn't zero,
// unless there are no digits.
type number struct {
	magnitude
	digits   int
	exponent int64
}

// parse reads a sign, digits with at most one point among them, and an
// exponent. Zeros around the significant digits only move the exponent.
func parse(text []byte) (number, error) {
	var n number
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		n.negative = text[0] == '-'
		text = text[1:]
	}
	zeros := 0 // since the last other digit
	seen, point, long := false, false, false
	i := 0
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c-'0' > 9 {
			break
		}
		seen = true
		if point {
			n.exponent--
		}
		if c == '0' {
			if n.digits > 0 {
				zeros++
			}
			continue
		}
		if long = long || n.digits+zeros+1 > MaxPrecision; long {
			continue
		}
		n.magnitude = n.times(powerOfTen(zeros + 1))
		var carry uint64
		n.low, carry = bits.Add64(n.low, uint64(c-'0'), 0)
		n.high += carry
		n.digits += zeros + 1
		zeros = 0
	}
	exponent, ok := ParseExponent(text[i:])
	if !seen || !ok {
		return number{}, ErrSyntax
	}
	if long {
		return number{}, ErrInexact
	}
	n.exponent += int64(zeros) + exponent
	return n, nil
}

// farExponent is where exponents stop being counted: no text is long enough
// to shift its digits back from there.
const farExponent = 1 << 48

// ParseExponent reads the exponent of a number: e, a sign and digits, or nothing.
// One that is far beyond every range is cut to one that still is.
func ParseExponent(text []byte) (exponent int64, ok bool) {
	if len(text) == 0 {
		return 0, true
	}
	if text[0]|0x20 != 'e' {
		return 0, false
	}
	text = text[1:]
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	for _, c := range text {
		if c-'0' > 9 {
			return 0, false
		}
		exponent = min(10*exponent+int64(c-'0'), farExponent)
	}
	if negative {
		exponent = -exponent
	}
	return exponent, len(text) > 0
}

// quote repeats input in an error, cut to a bearable length.
func quote(text []byte) string {
	const enough = 64
	if len(text) > enough {
		return strconv.Quote(string(text[:enough])) + "…"
	}
	return strconv.Quote(string(text))
}
