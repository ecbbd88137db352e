package scalar

import (
	"bytes"
	"fmt"
)

const (
	monthNames   = "JanFebMarAprMayJunJulAugSepOctNovDec"
	weekdayNames = "ThuFriSatSunMonTueWed" // from that of 1970-01-01 on
)

// RFC1123 converts text like "Mon, 02 Jan 2006 15:04:05 GMT", as HTTP and mail
// write it, to microseconds since 1970-01-01 in UTC. The zone is GMT, UTC or an
// offset like +0200, the day can have one digit, and the weekday and the seconds
// can be missing. A weekday that is not the one of that day is [ErrRange].
func RFC1123(text []byte) (micros int64, err error) {
	days, clock, err := mailTime(text)
	if err != nil {
		return 0, fmt.Errorf("parse %s as an RFC 1123 time: %w", quote(text), err)
	}
	return int64(days)*microsPerDay + int64(clock)*microsPerSecond, nil
}

// mailTime returns the day in UTC and the seconds since its midnight.
func mailTime(text []byte) (days int32, clock int, err error) {
	weekday := -1
	if len(text) > 5 && text[3] == ',' && text[4] == ' ' {
		if weekday = indexOf(weekdayNames, text[:3]); weekday < 0 {
			return 0, 0, ErrSyntax
		}
		text = text[5:]
	}
	if len(text) > 1 && text[1] == ' ' { // a day of one digit
		if text[0]-'0' > 9 {
			return 0, 0, ErrSyntax
		}
		days, text, err = mailDay(int(text[0]-'0'), text[1:])
	} else if len(text) > 2 {
		days, text, err = mailDay(pair(text, 0), text[2:])
	} else {
		err = ErrSyntax
	}
	if err != nil {
		return 0, 0, err
	}
	if weekday >= 0 && ((int(days)-weekday)%7) != 0 {
		return 0, 0, ErrRange
	}
	if len(text) < len("15:04") || text[2] != ':' {
		return 0, 0, ErrSyntax
	}
	clock, text, _, err = parseClock(text)
	if err != nil {
		return 0, 0, err
	}
	if len(text) == 0 || text[0] != ' ' {
		return 0, 0, ErrSyntax
	}
	offset := 0
	switch text = text[1:]; string(text) {
	case "GMT", "UTC":
	default:
		if len(text) != len("+1504") {
			return 0, 0, ErrSyntax
		}
		if offset, err = parseOffset(text); err != nil {
			return 0, 0, err
		}
	}
	return toUTC(days, clock, offset)
}

// mailDay reads " Jan 2006 " after a day of the month.
func mailDay(day int, text []byte) (days int32, rest []byte, err error) {
	const month, year, end = len(" "), len(" Jan "), len(" Jan 2006 ")
	if len(text) < end || text[0] != ' ' || text[year-1] != ' ' || text[end-1] != ' ' {
		return 0, nil, ErrSyntax
	}
	m, century, y := indexOf(monthNames, text[month:year-1]), pair(text, year), pair(text, year+2)
	if day < 0 || m < 0 || century < 0 || y < 0 {
		return 0, nil, ErrSyntax
	}
	days, err = dayOf(100*century+y, m+1, day)
	return days, text[end:], err
}

// indexOf returns which of the names of three letters it is, or -1.
func indexOf(names string, name []byte) int {
	for i := 0; i < len(names); i += 3 {
		if bytes.Equal(name, []byte(names[i:i+3])) {
			return i / 3
		}
	}
	return -1
}
