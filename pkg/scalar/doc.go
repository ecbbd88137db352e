// Package scalar converts the text of attributes to exact values: numbers to
// decimals and integers, ISO-8601 text to timestamps and dates.
//
// It stands between package ddbjson, which says where the text is, and package
// parquet, which stores the value. DynamoDB numbers have 38 digits and an
// exponent, so nothing passes through floating point, and nothing is rounded,
// cut or wrapped: a value that the target can't hold exactly is an error that
// wraps [ErrSyntax], [ErrInexact] or [ErrRange]. No function allocates unless
// it fails.
//
// The package knows neither the model nor any file format, and formats nothing.
// It imports the standard library only.
package scalar

import "errors"

// Reasons why text has no value of the wanted type.
var (
	// ErrSyntax means that the text isn't written as such a value at all.
	ErrSyntax = errors.New("unknown notation")
	// ErrInexact means that the value has digits which the type can't keep.
	ErrInexact = errors.New("digits would be lost")
	// ErrRange means that the value is too large or does not exist, like the
	// 30th of February.
	ErrRange = errors.New("out of range")
)
