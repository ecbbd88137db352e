package inspect

import (
	"bytes"
	"strconv"
)

// number is what a column of numbers needs to know of one.
type number struct {
	value float64
	whole int // digits before the point
	scale int // digits behind it that are not zeros at the end
}

// parseNumber reads a number as DynamoDB writes it.
func parseNumber(text []byte) (n number, ok bool) {
	mantissa, exponent := text, 0
	if e := bytes.IndexAny(text, "eE"); e >= 0 {
		var err error
		if exponent, err = strconv.Atoi(string(text[e+1:])); err != nil || exponent > 1000 || exponent < -1000 {
			return n, false
		}
		mantissa = text[:e]
	}
	if len(mantissa) > 0 && (mantissa[0] == '-' || mantissa[0] == '+') {
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	if len(whole)+len(fraction) == 0 || !allDigits(whole) || !allDigits(fraction) {
		return n, false
	}
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return n, false
	}
	fraction = bytes.TrimRight(fraction, "0")
	if len(fraction) == 0 { // 1200E-2 has no scale
		trimmed := bytes.TrimRight(whole, "0")
		n.scale = max(0, -(exponent + len(whole) - len(trimmed)))
		if len(trimmed) == 0 {
			n.scale = 0
		}
	} else {
		n.scale = max(0, len(fraction)-exponent)
	}
	n.value = value
	n.whole = max(0, len(bytes.TrimLeft(whole, "0"))+exponent)
	return n, true
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return true
}
