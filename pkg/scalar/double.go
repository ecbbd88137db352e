package scalar

import (
	"errors"
	"fmt"
	"strconv"
)

// Double converts the text of a number to the nearest value of 64-bit floating
// point. It is the one conversion that rounds, for columns that are declared so.
// What is too large, or so small that only zero would be left of it, is [ErrRange];
// DynamoDB's numbers, 1E-130 to 1E126, all have a value.
func Double(text []byte) (float64, error) {
	v, err := double(text)
	if err != nil {
		return 0, fmt.Errorf("parse %s as floating point: %w", quote(text), err)
	}
	return v, nil
}

func double(text []byte) (float64, error) {
	n, err := parse(text) // strconv also takes words, underscores and hexadecimal digits
	switch {
	case errors.Is(err, ErrSyntax):
		return 0, ErrSyntax
	case err == nil && n.digits == 0:
		return 0, nil // never -0, which would be a second zero to group by
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || v == 0 {
		return 0, ErrRange
	}
	return v, nil
}
