package scalar

import "fmt"

const (
	microsPerSecond = 1_000_000
	secondsPerDay   = 24 * 60 * 60
	microsPerDay    = secondsPerDay * microsPerSecond
)

// Timestamp converts ISO-8601 text to microseconds since 1970-01-01 in UTC.
// It accepts a day, 2021-05-03; a day and a time to the second, with T or a
// space between them; up to nine digits of a fraction, of which those below a
// microsecond must be zeros; and Z or an offset like +02:00 behind a time.
// Without an offset the time is UTC. Years are 0001 to 9999, in UTC.
func Timestamp(text []byte) (micros int64, err error) {
	days, micros, err := instant(text)
	if err != nil {
		return 0, fmt.Errorf("parse %s as a timestamp: %w", quote(text), err)
	}
	return int64(days)*microsPerDay + micros, nil
}

// Date converts ISO-8601 text to days since 1970-01-01. It accepts what
// [Timestamp] does, if the time is midnight in UTC: a time of day would be lost.
func Date(text []byte) (days int32, err error) {
	days, micros, err := instant(text)
	if err == nil && micros != 0 {
		err = ErrInexact
	}
	if err != nil {
		return 0, fmt.Errorf("parse %s as a date: %w", quote(text), err)
	}
	return days, nil
}

// instant returns the day in UTC and the microseconds since its midnight.
func instant(text []byte) (days int32, micros int64, err error) {
	if days, err = parseDay(text); err != nil {
		return 0, 0, err
	}
	const date, seconds = len("2006-01-02"), len("2006-01-02T15:04:05")
	if len(text) == date {
		return days, 0, nil
	}
	if len(text) < seconds || text[date] != 'T' && text[date] != ' ' {
		return 0, 0, ErrSyntax
	}
	clock, err := parseClock(text[date+1 : seconds])
	if err != nil {
		return 0, 0, err
	}
	micros, rest, err := parseFraction(text[seconds:])
	if err != nil {
		return 0, 0, err
	}
	offset, err := parseOffset(rest)
	if err != nil {
		return 0, 0, err
	}
	switch clock -= offset; {
	case clock < 0:
		clock += secondsPerDay
		days--
	case clock >= secondsPerDay:
		clock -= secondsPerDay
		days++
	}
	if days < firstDay || days > lastDay {
		return 0, 0, ErrRange
	}
	return days, int64(clock)*microsPerSecond + micros, nil
}

// The days 0001-01-01 and 9999-12-31.
const (
	firstDay = -719162
	lastDay  = 2932896
)

// parseDay reads a day of the Gregorian calendar, 2006-01-02, at the start of text.
func parseDay(text []byte) (int32, error) {
	if len(text) < len("2006-01-02") || text[4] != '-' || text[7] != '-' {
		return 0, ErrSyntax
	}
	century, year, month, day := pair(text, 0), pair(text, 2), pair(text, 5), pair(text, 8)
	if century < 0 || year < 0 || month < 0 || day < 0 {
		return 0, ErrSyntax
	}
	year += 100 * century
	if year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, ErrRange
	}
	return daysSince1970(year, month, day), nil
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts from March on, so that the day that leap years add is
// the last of its year; 153 days are five months from March on.
func daysSince1970(year, month, day int) int32 {
	if month <= 2 {
		year--
		month += 12
	}
	const marchToEpoch = 719469 // days from 1 March of year 0 to 1970-01-01, and one
	leap := year/4 - year/100 + year/400
	return int32(365*year + leap + (153*(month-3)+2)/5 + day - marchToEpoch)
}

// parseClock reads 15:04:05 and returns seconds. There is no leap second and no 24:00.
func parseClock(text []byte) (seconds int, err error) {
	hour, minute, second := pair(text, 0), pair(text, 3), pair(text, 6)
	switch {
	case text[2] != ':' || text[5] != ':' || hour < 0 || minute < 0 || second < 0:
		return 0, ErrSyntax
	case hour > 23 || minute > 59 || second > 59:
		return 0, ErrRange
	}
	return (hour*60+minute)*60 + second, nil
}

// parseFraction reads a point and one to nine digits, or nothing.
func parseFraction(text []byte) (micros int64, rest []byte, err error) {
	if len(text) == 0 || text[0] != '.' {
		return 0, text, nil
	}
	text = text[1:]
	n, nanos := 0, int64(0)
	for n < len(text) && n < 9 && text[n]-'0' <= 9 {
		nanos = 10*nanos + int64(text[n]-'0')
		n++
	}
	if n == 0 {
		return 0, nil, ErrSyntax
	}
	nanos *= int64(smallPower(9 - n))
	if nanos%1000 != 0 {
		return 0, nil, ErrInexact
	}
	return nanos / 1000, text[n:], nil
}

// parseOffset reads Z, +15:04 or nothing, and returns seconds east of UTC.
func parseOffset(text []byte) (seconds int, err error) {
	switch {
	case len(text) == 0, string(text) == "Z":
		return 0, nil
	case len(text) != len("+15:04") || text[3] != ':' || text[0] != '+' && text[0] != '-':
		return 0, ErrSyntax
	}
	hour, minute := pair(text, 1), pair(text, 4)
	switch {
	case hour < 0 || minute < 0:
		return 0, ErrSyntax
	case hour > 23 || minute > 59:
		return 0, ErrRange
	}
	seconds = (hour*60 + minute) * 60
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, nil
}

// pair reads two digits at i, and returns a negative number if others are there.
func pair(text []byte, i int) int {
	tens, units := text[i]-'0', text[i+1]-'0'
	if tens > 9 || units > 9 {
		return -1 << 16
	}
	return int(tens)*10 + int(units)
}
