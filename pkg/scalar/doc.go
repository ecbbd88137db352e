// Package scalar converts the text of attributes to values: numbers to decimals,
// integers and floating point, and the notations of times that common writers
// use to timestamps and dates. All times are microseconds since 1970 in UTC.
//
// It stands between package ddbjson, which says where the text is, and package
// parquet, which stores the value. DynamoDB numbers have 38 digits and an
// exponent, so nothing passes through floating point, and nothing is rounded,
// cut or wrapped: a value that the target can't hold exactly is an error that
// wraps [ErrSyntax], [ErrInexact] or [ErrRange]. The exceptions say so in their
// names: [TimestampTruncated] cuts, and [Double] takes the nearest value. No
// function allocates unless it fails, but for those of a [Layout].
//
// The package knows neither the model nor any file format, and formats nothing.
// It imports the standard library only.
package scalar

import (
	"errors"
	"fmt"
)

// Reasons why text has no value of the wanted type.
var (
	// ErrSyntax means that the text isn't written as such a value at all.
	ErrSyntax = errors.New("unknown notation")
	// ErrInexact means that the value has digits which the type can't keep.
	ErrInexact = errors.New("digits would be lost")
	// ErrTooFine is the [ErrInexact] of times with digits below the microsecond.
	ErrTooFine = fmt.Errorf("it is finer than a microsecond, and the model does not declare that it is truncated: %w", ErrInexact)
	// ErrRange means that the value is too large or does not exist, like the
	// 30th of February.
	ErrRange = errors.New("out of range")
)
