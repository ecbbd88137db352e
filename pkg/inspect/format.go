package inspect

import (
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// Format is a form that values of text and numbers have.
type Format int

// The formats that are counted. A value may have several: every day is a time.
const (
	Timestamp     Format = iota // ISO 8601, at most microseconds
	FineTimestamp               // ISO 8601 with any number of digits
	Day                         // ISO 8601, without a time of day
	RFC1123
	EpochSeconds // a whole number between the years 2001 and 2100
	EpochMillis
	Number // text or N
	Whole  // a number without decimals
	Coded  // digits that are no quantity: they begin with a zero
	Truth  // text that is true or false
	UUID
	ULID
	Email
	formats // how many there are
)

// String names the format for people.
func (f Format) String() string {
	return [formats]string{
		"ISO 8601 time", "ISO 8601 time", "ISO 8601 day", "RFC 1123 time", "epoch seconds", "epoch milliseconds",
		"number", "whole number", "digits", "true or false", "UUID", "ULID", "e-mail address",
	}[f]
}

// The first and the last second of the years 2001 to 2100: numbers outside are
// rarely times.
const (
	firstEpoch = 978307200
	lastEpoch  = 4133980799
)

// formatsOf finds the formats of a text, as bits. Each is proved by the function
// that will read it.
func formatsOf(text []byte) (found uint32) {
	n := len(text)
	if n == 0 || n > 64 {
		return 0
	}
	first := text[0]
	switch {
	case n >= 10 && like(text, "dddd-dd-dd"):
		if _, err := scalar.TimestampTruncated(text); err != nil {
			return 0
		}
		found = 1 << FineTimestamp
		if _, err := scalar.Timestamp(text); err == nil {
			found |= 1 << Timestamp
		}
		if n == 10 {
			found |= 1 << Day
		}
		return found
	case n >= 25 && text[3] == ',':
		if _, err := scalar.RFC1123(text); err == nil {
			found = 1 << RFC1123
		}
		return found
	case isDigit(first), first == '-', first == '+', first == '.':
		found = numberFormats(text)
	case string(text) == "true", string(text) == "false":
		return 1 << Truth
	}
	switch {
	case found != 0:
	case isUUID(text):
		found = 1 << UUID
	case isULID(text):
		found = 1 << ULID
	case isEmail(text):
		found = 1 << Email
	}
	return found
}

func numberFormats(text []byte) (found uint32) {
	num, ok := parseNumber(text)
	if !ok {
		return 0
	}
	found = 1 << Number
	digits := text
	if digits[0] == '-' || digits[0] == '+' {
		digits = digits[1:]
	}
	if text[0] == '+' || len(digits) > 1 && digits[0] == '0' && isDigit(digits[1]) {
		found |= 1 << Coded
	}
	if num.scale > 0 {
		return found
	}
	found |= 1 << Whole
	switch {
	case num.value >= firstEpoch && num.value <= lastEpoch:
		found |= 1 << EpochSeconds
	case num.value >= firstEpoch*1000 && num.value <= lastEpoch*1000:
		found |= 1 << EpochMillis
	}
	return found
}
