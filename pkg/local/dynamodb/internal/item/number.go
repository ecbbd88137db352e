package item

import (
	"strconv"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

const (
	maxDigits = 38   // significant digits of a number
	maxPower  = 125  // of ten, of the first significant digit
	minPower  = -130 // likewise
)

// decimal is a number as DynamoDB keeps it: its significant digits without
// leading and trailing zeros, to be read as 0.digits × 10^point. Zero has none.
type decimal struct {
	negative bool
	digits   [maxDigits]byte // '0' to '9'
	count    int
	point    int
}

// parseDecimal reads a number in any spelling that DynamoDB accepts: a sign,
// digits with at most one point among them, an exponent.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
func parseDecimal(text []byte) (decimal, error) {
	var d decimal
	i := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		d.negative = text[0] == '-'
		i = 1
	}
	mantissa, err := d.mantissa(text[i:])
	if err != nil {
		return decimal{}, err
	}
	if mantissa == 0 {
		return decimal{}, notNumeric(text)
	}
	exponent, ok := scalar.ParseExponent(text[i+mantissa:])
	if !ok {
		return decimal{}, notNumeric(text)
	}
	if d.count == 0 {
		return decimal{}, nil
	}
	d.point += int(exponent)
	switch power := d.point - 1; {
	case power > maxPower:
		return decimal{}, invalid("Number overflow. Attempting to store a number with magnitude larger than " +
			"supported range")
	case power < minPower:
		return decimal{}, invalid("Number underflow. Attempting to store a number with magnitude smaller than " +
			"supported range")
	}
	return d, nil
}

// mantissa reads digits and a point, and returns how many bytes they take: 0 if
// there is no digit.
func (d *decimal) mantissa(text []byte) (int, error) {
	seenDigit, seenPoint, zeros := false, false, 0 // zeros are trailing ones unless a digit follows
	i := 0
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && !seenPoint {
			seenPoint = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seenDigit = true
		leading := d.count == 0 && c == '0'
		switch {
		case leading && seenPoint:
			d.point--
		case !leading && !seenPoint:
			d.point++
		}
		if c == '0' {
			if !leading {
				zeros++
			}
			continue
		}
		if d.count+zeros >= maxDigits {
			return 0, invalid("Attempting to store more than %d significant digits in a Number", maxDigits)
		}
		for ; zeros > 0; zeros-- {
			d.digits[d.count] = '0'
			d.count++
		}
		d.digits[d.count] = c
		d.count++
	}
	if !seenDigit {
		return 0, nil
	}
	return i, nil
}

func notNumeric(text []byte) error {
	if len(text) == 0 {
		return invalid("The parameter cannot be converted to a numeric value")
	}
	return invalid("The parameter cannot be converted to a numeric value: %s", shorten(text))
}

// shorten keeps a message readable if somebody sends megabytes as a number.
func shorten(text []byte) string {
	if len(text) > 100 {
		return strconv.Quote(string(text[:100])) + "…"
	}
	return string(text)
}

// appendText appends the number as DynamoDB returns it: plain, without an
// exponent, with no zero that could be left out.
func (d *decimal) appendText(out []byte) []byte {
	if d.count == 0 {
		return append(out, '0')
	}
	if d.negative {
		out = append(out, '-')
	}
	if d.point <= 0 {
		out = appendZeros(append(out, '0', '.'), -d.point)
		return append(out, d.digits[:d.count]...)
	}
	if d.point >= d.count {
		return appendZeros(append(out, d.digits[:d.count]...), d.point-d.count)
	}
	out = append(out, d.digits[:d.point]...)
	out = append(out, '.')
	return append(out, d.digits[d.point:d.count]...)
}

func appendZeros(out []byte, n int) []byte {
	for range n {
		out = append(out, '0')
	}
	return out
}

// size returns how many bytes DynamoDB counts for the number: one for every two
// significant digits, one more, and one for a minus sign.
func (d *decimal) size() int {
	size := (d.count+1)/2 + 1
	if d.negative {
		size++
	}
	return size
}

// appendKey appends bytes that sort as the numbers do and of which none is a
// prefix of another: the sign, the power of ten, the digits, an end mark, all
// of it complemented below zero.
func (d *decimal) appendKey(out []byte) []byte {
	const negative, zero, positive = 1, 2, 3
	if d.count == 0 {
		return append(out, zero)
	}
	flip := byte(0)
	out = append(out, positive)
	if d.negative {
		flip = 0xFF
		out[len(out)-1] = negative
	}
	out = append(out, byte(d.point-1-minPower)^flip)
	for _, digit := range d.digits[:d.count] {
		out = append(out, digit^flip)
	}
	return append(out, 1^flip)
}
