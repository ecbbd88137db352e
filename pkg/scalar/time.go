package scalar

import "fmt"

const (
	microsPerSecond = 1_000_000
	secondsPerDay   = 24 * 60 * 60
	microsPerDay    = secondsPerDay * microsPerSecond
)

// Timestamp converts ISO-8601 text to microseconds since 1970-01-01 in UTC.
// It accepts what common writers produce, as long as it is one exact instant:
//
//   - a day, 2021-05-03 or 20210503, alone or followed by a time;
//   - T, t or a space between the two;
//   - a time, 10:11:12 or 101112, with or without its seconds;
//   - a fraction of the seconds after a point or a comma, whose digits below
//     the microsecond must be zeros, or the error is [ErrTooFine];
//   - Z, z, UTC, or an offset like +02:00, +0200 or +02, also after a space.
//
// Without an offset the time is UTC. Years are 0001 to 9999, in UTC. There is
// no leap second and no 24:00.
func Timestamp(text []byte) (micros int64, err error) {
	return timestamp(text, false)
}

// TimestampTruncated is [Timestamp] for columns that declare truncation: it
// cuts what is below the microsecond off, towards the earlier one.
func TimestampTruncated(text []byte) (micros int64, err error) {
	return timestamp(text, true)
}

func timestamp(text []byte, truncate bool) (int64, error) {
	days, micros, fine, err := instant(text)
	if err == nil && fine && !truncate {
		err = ErrTooFine
	}
	if err != nil {
		return 0, fmt.Errorf("parse %s as a timestamp: %w", quote(text), err)
	}
	return int64(days)*microsPerDay + micros, nil
}

// Date converts ISO-8601 text to days since 1970-01-01. It accepts what
// [Timestamp] does, if the time is midnight in UTC: a time of day would be lost.
func Date(text []byte) (days int32, err error) {
	days, micros, fine, err := instant(text)
	if err == nil && (micros != 0 || fine) {
		err = ErrInexact
	}
	if err != nil {
		return 0, fmt.Errorf("parse %s as a date: %w", quote(text), err)
	}
	return days, nil
}

// Day converts a timestamp, in microseconds since 1970-01-01 in UTC, to days.
// It fails with [ErrInexact] unless the timestamp is a midnight.
func Day(micros int64) (days int32, err error) {
	day := micros / microsPerDay
	switch {
	case micros%microsPerDay != 0:
		return 0, fmt.Errorf("parse a timestamp as a date: %w", ErrInexact)
	case day < firstDay || day > lastDay:
		return 0, fmt.Errorf("parse a timestamp as a date: %w", ErrRange)
	}
	return int32(day), nil
}

// instant returns the day in UTC and the microseconds since its midnight, and
// whether digits below the microsecond were cut off.
func instant(text []byte) (days int32, micros int64, fine bool, err error) {
	days, rest, err := parseDay(text)
	if err != nil || len(rest) == 0 {
		return days, 0, false, err
	}
	if rest[0]|0x20 != 't' && rest[0] != ' ' {
		return 0, 0, false, ErrSyntax
	}
	clock, rest, seconds, err := parseClock(rest[1:])
	if err != nil {
		return 0, 0, false, err
	}
	if seconds {
		if micros, fine, rest, err = parseFraction(rest); err != nil {
			return 0, 0, false, err
		}
	}
	offset, err := parseZone(rest)
	if err != nil {
		return 0, 0, false, err
	}
	days, clock, err = toUTC(days, clock, offset)
	return days, int64(clock)*microsPerSecond + micros, fine, err
}

// The days 0001-01-01 and 9999-12-31.
const (
	firstDay = -719162
	lastDay  = 2932896
)

// toUTC takes the offset, in seconds east of UTC, from a local day and its clock.
func toUTC(days int32, clock, offset int) (utcDays int32, utcClock int, err error) {
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
	return days, clock, nil
}

// parseDay reads a day of the Gregorian calendar, 2006-01-02 or 20060102.
func parseDay(text []byte) (days int32, rest []byte, err error) {
	const extended, basic = len("2006-01-02"), len("20060102")
	month, day, end := 5, 8, extended
	if len(text) >= basic && text[4] != '-' {
		if len(text) > basic && text[basic]-'0' <= 9 { // a longer number, like seconds since 1970
			return 0, nil, ErrSyntax
		}
		month, day, end = 4, 6, basic
	} else if len(text) < extended || text[7] != '-' {
		return 0, nil, ErrSyntax
	}
	century, y, m, d := pair(text, 0), pair(text, 2), pair(text, month), pair(text, day)
	if century < 0 || y < 0 || m < 0 || d < 0 {
		return 0, nil, ErrSyntax
	}
	days, err = dayOf(100*century+y, m, d)
	return days, text[end:], err
}

// dayOf returns the days since 1970-01-01 of a day that exists.
func dayOf(year, month, day int) (int32, error) {
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

// parseClock reads 15:04:05, 15:04, 150405 or 1504, and returns the seconds since
// midnight and whether the text has them.
func parseClock(text []byte) (clock int, rest []byte, seconds bool, err error) {
	colon := 0
	if len(text) > 2 && text[2] == ':' {
		colon = 1
	}
	end := 4 + colon
	if len(text) < end {
		return 0, nil, false, ErrSyntax
	}
	hour, minute, second := pair(text, 0), pair(text, 2+colon), 0
	if at := end + colon; len(text) > at && text[at]-'0' <= 9 && (colon == 0 || text[end] == ':') {
		if seconds, end = true, at+2; len(text) < end {
			return 0, nil, false, ErrSyntax
		}
		second = pair(text, at)
	}
	switch {
	case hour < 0 || minute < 0 || second < 0:
		return 0, nil, false, ErrSyntax
	case hour > 23 || minute > 59 || second > 59:
		return 0, nil, false, ErrRange
	}
	return (hour*60+minute)*60 + second, text[end:], seconds, nil
}

// parseFraction reads a point or a comma and any number of digits, or nothing,
// and reports whether digits below the microsecond say something.
func parseFraction(text []byte) (micros int64, fine bool, rest []byte, err error) {
	if len(text) == 0 || text[0] != '.' && text[0] != ',' {
		return 0, false, text, nil
	}
	text = text[1:]
	n := 0
	for ; n < len(text) && text[n]-'0' <= 9; n++ {
		if n < 6 {
			micros = 10*micros + int64(text[n]-'0')
		} else if text[n] != '0' {
			fine = true
		}
	}
	if n == 0 {
		return 0, false, nil, ErrSyntax
	}
	return micros * int64(smallPower(max(6-n, 0))), fine, text[n:], nil
}

// parseZone reads UTC or an offset, also after a space, or nothing, and
// returns seconds east of UTC.
func parseZone(text []byte) (seconds int, err error) {
	if len(text) == 0 {
		return 0, nil
	}
	if text[0] == ' ' {
		text = text[1:]
	}
	switch string(text) {
	case "Z", "z", "UTC":
		return 0, nil
	}
	return parseOffset(text)
}

// parseOffset reads +15:04, +1504 or +15.
func parseOffset(text []byte) (seconds int, err error) {
	if len(text) < len("+15") || text[0] != '+' && text[0] != '-' {
		return 0, ErrSyntax
	}
	hour, minute := pair(text, 1), 0
	switch {
	case len(text) == len("+15"):
	case len(text) == len("+1504"):
		minute = pair(text, 3)
	case len(text) == len("+15:04") && text[3] == ':':
		minute = pair(text, 4)
	default:
		return 0, ErrSyntax
	}
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
