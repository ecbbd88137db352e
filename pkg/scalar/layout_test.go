package scalar_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

func TestNewLayout(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{
		"2006-01-02", "02.01.2006", "01/02/2006", "2 January 2006", "2006-002", "2006-01-02 15", "02/01/2006 15:04", "20060102150405",
		"Jan _2, 2006 3:04:05 PM", "Mon Jan _2 15:04:05 2006", "2006-01-02T15:04:05.000", "2006-01-02T15:04:05Z07:00",
		"02.01.2006 15:04:05 -0700", "02.01.2006 15:04 GMT", time.ANSIC, time.RubyDate, time.RFC1123Z, time.RFC3339, time.DateTime,
	} {
		if _, err := scalar.NewLayout(layout); err != nil {
			t.Errorf("NewLayout(%q): %v", layout, err)
		}
	}
	for layout, want := range map[string]string{
		"":                            "it must say the year",
		"yyyy-MM-dd":                  "it must say the year",
		"2006":                        "it must say the year",
		"2006-01":                     "it must say the year",
		"01-02":                       "it must say the year",
		"15:04:05":                    "it must say the year",
		"02.01.06":                    "it must say the year", // of which century?
		"2006-01-02 03:04:05":         "it must say the year", // in the morning?
		"2006-01-02 15 05":            "it must say the year", // of which minute?
		"2006-01-02 04:05":            "it must say the year",
		time.UnixDate:                 "abbreviations of zones",
		time.RFC1123:                  "abbreviations of zones",
		"2006-01-02 15:04:05 -07 MST": "abbreviations of zones",
	} {
		if _, err := scalar.NewLayout(layout); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewLayout(%q) is %v, want %s", layout, err, want)
		}
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	tests := []struct {
		layout, text string
		want         string
		err          error
	}{
		{"02/01/2006", "31/12/2024", "2024-12-31T00:00:00Z", nil},
		{"02/01/2006 15:04", "31/12/2024 23:59", "2024-12-31T23:59:00Z", nil},
		{"Jan _2, 2006 3:04:05 PM", "Dec  1, 2024 12:00:01 AM", "2024-12-01T00:00:01Z", nil},
		{"2006-01-02 15:04:05 -0700", "2024-12-31 23:59:00 -0130", "2025-01-01T01:29:00Z", nil},
		{"2006-01-02 15:04:05", "2024-12-31 23:59:00.25", "2024-12-31T23:59:00.25Z", nil},
		{"2006-01-02 15:04:05", "2024-12-31 23:59:00.123456000000", "2024-12-31T23:59:00.123456Z", nil},
		{"Mon, 02 Jan 2006", "Tue, 31 Dec 2024", "2024-12-31T00:00:00Z", nil},
		{"Mon, 02 Jan 2006 15:04 -0700", "Tue, 31 Dec 2024 23:00 -0200", "2025-01-01T01:00:00Z", nil},
		{"2006-01-02 15:04:05", "2024-12-31 23:59:00.0000001", "", scalar.ErrInexact},
		{"2006-01-02 15:04:05", "2024-12-31 23:59:00.0000000001", "", scalar.ErrInexact}, // package time ignores the last digit
		{"2006-01-02 15:04:05 -0700", "2024-12-31 23:59:00,0000000001 +0100", "", scalar.ErrInexact},
		{"02/01/2006", "12/31/2024", "", scalar.ErrRange},
		{"02/01/2006", "30/02/2024", "", scalar.ErrRange},
		{"02/01/2006", "01/01/0000", "", scalar.ErrRange},
		{"Mon, 02 Jan 2006", "Wed, 31 Dec 2024", "", scalar.ErrRange}, // it was a Tuesday
		{"02/01/2006", "2024-12-31", "", scalar.ErrSyntax},
		{"02/01/2006", "31/12/2024 23:59", "", scalar.ErrSyntax},
		{"02/01/2006", "", "", scalar.ErrSyntax},
		{"2006.0102150405", "2024.1231235900", "2024-12-31T23:59:00Z", nil}, // no fraction
	}
	for _, test := range tests {
		layout, err := scalar.NewLayout(test.layout)
		if err != nil {
			t.Fatal(err)
		}
		got, err := layout.Timestamp([]byte(test.text))
		if at := time.UnixMicro(got).UTC().Format(time.RFC3339Nano); !errors.Is(err, test.err) || err == nil && at != test.want {
			t.Errorf("%q by %q is %s, %v, want %s, %v", test.text, test.layout, at, err, test.want, test.err)
		}
	}
}

// FuzzLayout: whatever the layout, what it accepts is read by package time as
// the same instant, and a time that is written in it comes back to the second,
// the minute, the hour or the day.
func FuzzLayout(f *testing.F) {
	f.Add("02/01/2006 15:04", "31/12/2024 23:59", int64(1700000000))
	f.Add("Mon Jan _2 3:04:05 PM 2006 -0700", "", int64(-1))
	f.Add("2006-002T15", "2024-366T23", int64(1<<34))
	f.Fuzz(func(t *testing.T, text, value string, seconds int64) {
		layout, err := scalar.NewLayout(text)
		if err != nil {
			return
		}
		if got, err := layout.Timestamp([]byte(value)); err == nil {
			want, err := time.ParseInLocation(text, value, time.UTC)
			if err != nil || got != want.UnixMicro() {
				t.Errorf("%q by %q is %d, package time says %v, %v", value, text, got, want, err)
			}
		}
		const year = 365 * 24 * 3600
		at := time.Unix(seconds%(1900*year), 0).UTC()
		got, err := layout.Timestamp([]byte(at.Format(text)))
		back := time.UnixMicro(got).UTC()
		if err != nil || !back.Equal(at) && !back.Equal(at.Truncate(time.Minute)) && !back.Equal(at.Truncate(time.Hour)) && !back.Equal(at.Truncate(24*time.Hour)) {
			t.Errorf("%v by %q comes back as %v, %v", at, text, back, err)
		}
	})
}
