package scalar

import (
	"fmt"
	"math"
)

// EpochSeconds converts the text of a number of seconds since 1970-01-01 in UTC
// to microseconds. A fraction must be whole microseconds. Years are 0001 to 9999:
// what is out of range is most often a number of milliseconds.
func EpochSeconds(text []byte) (micros int64, err error) {
	return epoch(text, 6, "seconds")
}

// EpochMillis is [EpochSeconds] for a number of milliseconds.
func EpochMillis(text []byte) (micros int64, err error) {
	return epoch(text, 3, "milliseconds")
}

// epoch returns the number times 10^scale.
func epoch(text []byte, scale int, unit string) (int64, error) {
	m, err := scaled(text, scale)
	var micros int64
	if err == nil {
		if m.high > 0 || m.low > math.MaxInt64 {
			err = ErrRange
		} else if micros = int64(m.signed().Low); micros < firstDay*microsPerDay || micros >= (lastDay+1)*microsPerDay {
			err = ErrRange
		}
	}
	if err != nil {
		return 0, fmt.Errorf("parse %s as %s since 1970: %w", quote(text), unit, err)
	}
	return micros, nil
}
