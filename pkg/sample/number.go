package sample

import (
	"strconv"
	"strings"
)

// maxDigits is how many digits any number of an int64 may have.
const maxDigits = 18

// unscaled reads a decimal number exactly, as a whole number of its last
// decimal: "12.5" with a scale of 2 is 1250. DynamoDB numbers may have an
// exponent. A number with more decimals than scale, or more digits than
// precision (18 at most), is refused, never rounded.
func unscaled(s string, precision, scale int) (int64, Reason) {
	mantissa, exponent, ok := cutExponent(s)
	if !ok {
		return 0, WrongType
	}
	negative := strings.HasPrefix(mantissa, "-")
	whole, decimals, _ := strings.Cut(strings.TrimLeft(mantissa, "+-"), ".")
	digits := strings.TrimLeft(whole+decimals, "0")
	exponent += scale - len(decimals)
	for strings.HasSuffix(digits, "0") {
		digits = digits[:len(digits)-1]
		exponent++
	}
	switch {
	case digits == "":
		return 0, ""
	case exponent < 0:
		return 0, NumberNotExact
	case len(digits)+exponent > min(precision, maxDigits):
		return 0, NumberOutOfRange
	}
	n, err := strconv.ParseInt(digits+strings.Repeat("0", exponent), 10, 64)
	if err != nil {
		return 0, WrongType
	}
	if negative {
		n = -n
	}
	return n, ""
}

// cutExponent splits "1.25E+1" and checks that what is left is a number.
// Exponents far beyond DynamoDB's own limits (-130 and 125) are not numbers.
func cutExponent(s string) (mantissa string, exponent int, ok bool) {
	mantissa, power, found := strings.Cut(strings.ToUpper(s), "E")
	if found {
		n, err := strconv.Atoi(power)
		if err != nil || n < -1000 || n > 1000 {
			return "", 0, false
		}
		exponent = n
	}
	unsigned := mantissa
	if unsigned != "" && (unsigned[0] == '+' || unsigned[0] == '-') {
		unsigned = unsigned[1:]
	}
	const digits = "0123456789"
	between := strings.Trim(unsigned, digits)
	return mantissa, exponent, strings.ContainsAny(unsigned, digits) && (between == "" || between == ".")
}
