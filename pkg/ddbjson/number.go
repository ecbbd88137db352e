package ddbjson

import (
	"math/bits"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// Limits of DynamoDB numbers, as powers of ten of the first significant digit:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
const (
	maxDigits   = 38
	minExponent = -130
	maxExponent = 125
)

// checkNumber says what is wrong with the text of a number: a sign, digits
// with at most one point among them, and an exponent. The value has to be one
// that DynamoDB can hold, however it is written.
func checkNumber(text []byte) (problem string) {
	i := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		i = 1
	}
	start, point := i, -1
	for i < len(text) {
		if c := text[i]; c-'0' > 9 {
			if c != '.' || point >= 0 {
				break
			}
			point = i
		}
		i++
	}
	digits := i - start
	if point >= 0 {
		digits--
	}
	if digits == 0 {
		return "not a number: " + quote(text)
	}
	if i == len(text) && digits <= maxDigits {
		return "" // not even 38 digits after the point leave the range
	}
	exponent, ok := scalar.ParseExponent(text[i:])
	if !ok {
		return "not a number: " + quote(text)
	}
	if point < 0 {
		point = i
	}
	return checkRange(text, start, point, i, exponent)
}

// isShortNumber recognises 1 to 8 digits, or 1 to 7 and a point, without a
// loop. The text is the first length bytes of word. Other numbers it leaves to
// checkNumber.
func isShortNumber(word uint64, length int) bool {
	if length < 1 || length > 8 {
		return false
	}
	word = word<<(64-8*length) | '0'*ones>>(8*length) // zeros in front instead of what follows
	digits := word ^ '0'*ones                         // 0 to 9 for digits
	others := (digits + 0x76*ones | digits) & highs   // carries only ever add to them
	if others == 0 {
		return true
	}
	point := bits.TrailingZeros64(others) - 7
	return others&(others-1) == 0 && word>>point&0xff == '.' && length > 1
}

// checkRange checks digits and magnitude of the number whose digits, and
// perhaps a point, are text[start:end]; without a point, point is end.
func checkRange(text []byte, start, point, end int, exponent int64) (problem string) {
	first, last := start, end-1
	for first < end && (text[first] == '0' || text[first] == '.') {
		first++
	}
	if first == end {
		return "" // zero
	}
	for text[last] == '0' || text[last] == '.' {
		last--
	}
	digits := last - first + 1
	if first < point && point < last {
		digits--
	}
	if digits > maxDigits {
		return "number has more than 38 significant digits: " + quote(text)
	}
	magnitude := int64(point-first-1) + exponent
	if first > point {
		magnitude++
	}
	if magnitude < minExponent || magnitude > maxExponent {
		return "number is outside 1E-130 to 9.99E+125: " + quote(text)
	}
	return ""
}
