package scalar

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Layout is a notation of times that a model declares, in the reference layout
// of package time: 02.01.2006 15:04 is a day of a month of a year, with a point
// between them, and a time to the minute.
type Layout struct {
	layout   string
	weekdays bool
}

// NewLayout checks a layout. It must say the day with its full year, and the
// hour by 24 hours or with PM: what it leaves out is zero, never guessed.
// Abbreviations of zones (MST) name no offset and are refused; UTC and GMT can
// stand in the layout as they are. Without an offset the time is UTC.
func NewLayout(layout string) (Layout, error) {
	if err := checkLayout(layout); err != nil {
		return Layout{}, fmt.Errorf("layout %q: %w", layout, err)
	}
	return Layout{layout: layout, weekdays: hasWeekday(layout)}, nil
}

// checkLayout writes and reads times whose fields all differ. Which fields a
// layout has shows in what comes back.
func checkLayout(layout string) error {
	unit, ok := smallestUnit(layout)
	if !ok {
		return errors.New("it must say the year with four digits, the month, the day, and the hour by 24 hours or with PM")
	}
	const east = 5 * time.Hour
	abroad := probes()[0].Truncate(unit).In(time.FixedZone("QQQ", int(east/time.Second)))
	written := abroad.Format(layout)
	if strings.Contains(written, "QQQ") {
		return errors.New("abbreviations of zones name no offset: write -0700, or GMT or UTC if that is what always stands there")
	}
	read, err := time.ParseInLocation(layout, written, time.UTC)
	if err != nil || unit < day && !read.Equal(abroad) && !read.Equal(abroad.Add(east)) {
		return errors.New("it says an offset that can't be read back: write -0700, -07:00 or Z07:00")
	}
	return nil
}

const day = 24 * time.Hour

func probes() []time.Time {
	return []time.Time{
		time.Date(1951, 11, 23, 22, 43, 54, 0, time.UTC), time.Date(2038, 2, 9, 0, 5, 1, 0, time.UTC), time.Date(1904, 7, 14, 12, 31, 8, 0, time.UTC),
	}
}

// smallestUnit returns the unit to which times survive the layout, if it is a
// day or less.
func smallestUnit(layout string) (time.Duration, bool) {
	for _, unit := range []time.Duration{time.Second, time.Minute, time.Hour, day} {
		if keeps(layout, unit) {
			return unit, true
		}
	}
	return 0, false
}

// keeps reports whether times survive the layout to the unit.
func keeps(layout string, unit time.Duration) bool {
	for _, probe := range probes() {
		read, err := time.ParseInLocation(layout, probe.Format(layout), time.UTC)
		if err != nil || !read.Equal(probe.Truncate(unit)) {
			return false
		}
	}
	return true
}

// hasWeekday reports whether times are written with their weekday.
func hasWeekday(layout string) bool {
	for _, probe := range probes() {
		if !saysWeekday(probe.Format(layout), probe) {
			return false
		}
	}
	return true
}

func saysWeekday(text string, at time.Time) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(at.Weekday().String()[:3]))
}

// Timestamp converts text of the layout to microseconds since 1970-01-01 in
// UTC. As everywhere in package time, seconds can have a fraction that the layout
// doesn't mention; its digits below the microsecond must be zeros, or the error is
// [ErrInexact]. A weekday that is not the one of that day is [ErrRange].
func (l Layout) Timestamp(text []byte) (micros int64, err error) {
	at, err := l.parse(string(text))
	if err != nil {
		return 0, fmt.Errorf("parse %s by the layout %q: %w", quote(text), l.layout, err)
	}
	return at.UnixMicro(), nil
}

func (l Layout) parse(text string) (time.Time, error) {
	at, err := time.ParseInLocation(l.layout, text, time.UTC)
	if err != nil {
		if strings.Contains(err.Error(), "out of range") {
			return time.Time{}, ErrRange
		}
		return time.Time{}, ErrSyntax
	}
	if l.weekdays && !saysWeekday(text, at) { // package time would ignore it
		return time.Time{}, ErrRange
	}
	at = at.UTC()
	switch {
	case at.Nanosecond()%1000 != 0 || l.cuts(text, at):
		return time.Time{}, ErrInexact
	case at.Year() < 1 || at.Year() > 9999:
		return time.Time{}, ErrRange
	}
	return at, nil
}

// cuts reports whether package time left digits out: it ignores those after
// the ninth of a fraction. Without them, the text still denotes the same time.
func (l Layout) cuts(text string, at time.Time) bool {
	const kept = 9
	for i := range len(text) {
		if text[i] != '.' && text[i] != ',' {
			continue
		}
		end := i + 1
		for end < len(text) && text[end]-'0' <= 9 {
			end++
		}
		if end-i-1 <= kept || strings.Trim(text[i+1+kept:end], "0") == "" {
			continue
		}
		shorter, err := time.ParseInLocation(l.layout, text[:i+1+kept]+text[end:], time.UTC)
		if err == nil && shorter.Equal(at) {
			return true
		}
	}
	return false
}
