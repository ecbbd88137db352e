package scalar_test

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

func TestRFC1123(t *testing.T) {
	t.Parallel()
	at := time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC).UnixMicro()
	const second = int64(time.Second / time.Microsecond)
	for text, want := range map[string]int64{
		"Mon, 02 Jan 2006 15:04:05 GMT":   at,
		"Mon, 02 Jan 2006 15:04:05 UTC":   at,
		"Mon, 02 Jan 2006 15:04:05 +0000": at,
		"Mon, 02 Jan 2006 15:04:05 -0000": at,
		"Mon, 2 Jan 2006 15:04:05 GMT":    at,
		"02 Jan 2006 15:04:05 GMT":        at,
		"Mon, 02 Jan 2006 15:04 GMT":      at - 5*second,
		"Mon, 02 Jan 2006 15:04:05 +0530": at - (5*60+30)*60*second,
		"Sun, 01 Jan 2006 23:04:05 -0800": at - 8*3600*second,
	} {
		if got, err := scalar.RFC1123([]byte(text)); got != want || err != nil {
			t.Errorf("RFC1123(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"":                                    scalar.ErrSyntax,
		"Mon, ":                               scalar.ErrSyntax,
		"2006-01-02T15:04:05Z":                scalar.ErrSyntax,
		"Mon, 02 Jan 2006 15:04:05":           scalar.ErrSyntax,
		"Mon, 02 Jan 2006 15:04:05 ":          scalar.ErrSyntax,
		"Mon, 02 Jan 2006 15:04:05 MST":       scalar.ErrSyntax, // names no offset
		"Mon, 02 Jan 2006 15:04:05 +01":       scalar.ErrSyntax,
		"Mon, 02 Jan 2006 150405 GMT":         scalar.ErrSyntax,
		"Mon, 02 Jan 2006 15:04:05.5 GMT":     scalar.ErrSyntax,
		"Mon, 02 Foo 2006 15:04:05 GMT":       scalar.ErrSyntax,
		"Mon, 02 anF 2006 15:04:05 GMT":       scalar.ErrSyntax,
		"Foo, 02 Jan 2006 15:04:05 GMT":       scalar.ErrSyntax,
		"Monday, 02-Jan-06 15:04:05 GMT":      scalar.ErrSyntax,
		"Mon, 002 Jan 2006 15:04:05 GMT":      scalar.ErrSyntax,
		"Mon, x Jan 2006 15:04:05 GMT":        scalar.ErrSyntax,
		"Tue, 02 Jan 2006 15:04:05 GMT":       scalar.ErrRange, // it was a Monday
		"Thu, 30 Feb 2006 15:04:05 GMT":       scalar.ErrRange,
		"Mon, 02 Jan 2006 24:04:05 GMT":       scalar.ErrRange,
		"Mon, 02 Jan 2006 15:04:05 +2400":     scalar.ErrRange,
		"Mon, 01 Jan 0001 00:00:00 +0001":     scalar.ErrRange,
		"Mon, 02 Jan 2006 15:04:05 GMT extra": scalar.ErrSyntax,
	} {
		if got, err := scalar.RFC1123([]byte(text)); !errors.Is(err, want) {
			t.Errorf("RFC1123(%q) = %d, %v, want %v", text, got, err, want)
		}
	}
}

// FuzzRFC1123 compares with package time: text in a documented notation is the
// instant that package time reads, or refused where package time refuses it or
// ignores a wrong weekday; all other text is refused.
func FuzzRFC1123(f *testing.F) {
	f.Add("Mon, 02 Jan 2006 15:04:05 GMT", int64(0))
	f.Add("2 Jan 2006 15:04 +0200", int64(-1<<40))
	f.Add("Sun, 31 Dec 1969 23:59:59 -0030", int64(1<<40))
	notation := regexp.MustCompile(`^([A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}(:[0-9]{2})? (GMT|UTC|[+-]([01][0-9]|2[0-3])[0-5][0-9])$`)
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		got, err := scalar.RFC1123([]byte(text))
		want, known := time.Time{}, false
		for _, layout := range []string{"Mon, 2 Jan 2006 15:04:05 ", "Mon, 2 Jan 2006 15:04 ", "2 Jan 2006 15:04:05 ", "2 Jan 2006 15:04 "} {
			for _, zone := range []string{"GMT", "UTC", "-0700"} {
				at, err := time.Parse(layout+zone, text)
				if err == nil && notation.MatchString(text) && (layout[0] != 'M' || at.Weekday().String()[:3] == text[:3]) {
					want, known = at.UTC(), true
				}
			}
		}
		known = known && want.Year() >= 1 && want.Year() <= 9999
		if known != (err == nil) || known && got != want.UnixMicro() {
			t.Errorf("RFC1123(%q) = %d, %v, package time says %v, %t", text, got, err, want, known)
		}
		const year = 365 * 24 * 3600
		written := time.Unix(seconds%(1900*year), 0).In(time.FixedZone("", int(seconds%1440)*60))
		for _, text := range []string{written.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), written.Format(time.RFC1123Z)} {
			if got, err := scalar.RFC1123([]byte(text)); err != nil || got != written.UnixMicro() {
				t.Errorf("RFC1123(%q) = %d, %v, want %d", text, got, err, written.UnixMicro())
			}
		}
	})
}
