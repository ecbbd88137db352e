package scalar_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

func TestTimestamp(t *testing.T) {
	t.Parallel()
	const layout = "2006-01-02T15:04:05.999999"
	tests := map[string]struct {
		text string
		want string // in UTC
		err  error
	}{
		"a day":                         {"2021-05-03", "2021-05-03T00:00:00", nil},
		"the epoch":                     {"1970-01-01", "1970-01-01T00:00:00", nil},
		"a time":                        {"2021-05-03T10:11:12", "2021-05-03T10:11:12", nil},
		"a space":                       {"2021-05-03 10:11:12", "2021-05-03T10:11:12", nil},
		"UTC":                           {"2021-05-03T10:11:12Z", "2021-05-03T10:11:12", nil},
		"an offset east":                {"2021-05-03T01:11:12+02:00", "2021-05-02T23:11:12", nil},
		"an offset west":                {"2021-12-31T23:11:12-05:30", "2022-01-01T04:41:12", nil},
		"an offset of nothing":          {"2021-05-03T10:11:12-00:00", "2021-05-03T10:11:12", nil},
		"a tenth":                       {"2021-05-03T10:11:12.5", "2021-05-03T10:11:12.5", nil},
		"milliseconds":                  {"2021-05-03T10:11:12.123Z", "2021-05-03T10:11:12.123", nil},
		"microseconds":                  {"2021-05-03T10:11:12.123456+00:00", "2021-05-03T10:11:12.123456", nil},
		"nanoseconds that are zero":     {"2021-05-03T10:11:12.123456000", "2021-05-03T10:11:12.123456", nil},
		"a leap day":                    {"2024-02-29", "2024-02-29T00:00:00", nil},
		"a leap day of a leap century":  {"2000-02-29", "2000-02-29T00:00:00", nil},
		"a day before 1970":             {"1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999", nil},
		"the first day":                 {"0001-01-01", "0001-01-01T00:00:00", nil},
		"the last microsecond":          {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999", nil},
		"before the first day, in UTC":  {"0001-01-01T00:00:00+00:01", "", scalar.ErrRange},
		"after the last day, in UTC":    {"9999-12-31T23:59:59-00:01", "", scalar.ErrRange},
		"the year zero":                 {"0000-01-01", "", scalar.ErrRange},
		"nanoseconds":                   {"2021-05-03T10:11:12.123456001", "", scalar.ErrInexact},
		"seven digits":                  {"2021-05-03T10:11:12.1234561", "", scalar.ErrInexact},
		"ten digits":                    {"2021-05-03T10:11:12.1234560000", "", scalar.ErrSyntax},
		"a point without digits":        {"2021-05-03T10:11:12.Z", "", scalar.ErrSyntax},
		"a comma":                       {"2021-05-03T10:11:12,5", "", scalar.ErrSyntax},
		"a month that does not exist":   {"2021-13-03", "", scalar.ErrRange},
		"the month zero":                {"2021-00-03", "", scalar.ErrRange},
		"the day zero":                  {"2021-05-00", "", scalar.ErrRange},
		"a day that does not exist":     {"2021-04-31", "", scalar.ErrRange},
		"a leap day of a plain year":    {"2021-02-29", "", scalar.ErrRange},
		"a leap day of a plain century": {"1900-02-29", "", scalar.ErrRange},
		"the hour 24":                   {"2021-05-03T24:00:00", "", scalar.ErrRange},
		"the minute 60":                 {"2021-05-03T10:60:00", "", scalar.ErrRange},
		"a leap second":                 {"2016-12-31T23:59:60Z", "", scalar.ErrRange},
		"an offset of a day":            {"2021-05-03T10:11:12+24:00", "", scalar.ErrRange},
		"an offset of 60 minutes":       {"2021-05-03T10:11:12+01:60", "", scalar.ErrRange},
		"nothing":                       {"", "", scalar.ErrSyntax},
		"a word":                        {"yesterday!", "", scalar.ErrSyntax},
		"seconds since 1970":            {"1620036672", "", scalar.ErrSyntax},
		"other separators":              {"2021/05/03", "", scalar.ErrSyntax},
		"another order":                 {"03-05-2021", "", scalar.ErrSyntax},
		"a short year":                  {"21-05-03", "", scalar.ErrSyntax},
		"a short month":                 {"2021-5-03", "", scalar.ErrSyntax},
		"letters for digits":            {"2021-0x-03", "", scalar.ErrSyntax},
		"letters for the year":          {"20a1-05-03", "", scalar.ErrSyntax},
		"a lower-case t":                {"2021-05-03t10:11:12", "", scalar.ErrSyntax},
		"a lower-case z":                {"2021-05-03T10:11:12z", "", scalar.ErrSyntax},
		"a day with Z":                  {"2021-05-03Z", "", scalar.ErrSyntax},
		"no seconds":                    {"2021-05-03T10:11", "", scalar.ErrSyntax},
		"no colons":                     {"2021-05-03T10-11-12", "", scalar.ErrSyntax},
		"letters in the time":           {"2021-05-03T1x:11:12", "", scalar.ErrSyntax},
		"an offset without a colon":     {"2021-05-03T10:11:12+0200", "", scalar.ErrSyntax},
		"an offset without minutes":     {"2021-05-03T10:11:12+02", "", scalar.ErrSyntax},
		"letters in the offset":         {"2021-05-03T10:11:12+0x:00", "", scalar.ErrSyntax},
		"text behind Z":                 {"2021-05-03T10:11:12Z ", "", scalar.ErrSyntax},
		"text behind the seconds":       {"2021-05-03T10:11:123", "", scalar.ErrSyntax},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := scalar.Timestamp([]byte(test.text))
			if !errors.Is(err, test.err) {
				t.Fatalf("Timestamp(%q) = %d, %v, want %v", test.text, got, err, test.err)
			}
			if text := time.UnixMicro(got).UTC().Format(layout); err == nil && text != test.want {
				t.Errorf("Timestamp(%q) = %s, want %s", test.text, text, test.want)
			}
		})
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int32{
		"1970-01-01": 0, "1969-12-31": -1, "2021-05-03": 18750, "2021-05-03T00:00:00.000Z": 18750, "2021-05-03T02:00:00+02:00": 18750,
		"2021-05-02T23:30:00-00:30": 18750, "0001-01-01": -719162, "9999-12-31": 2932896,
	} {
		if got, err := scalar.Date([]byte(text)); got != want || err != nil {
			t.Errorf("Date(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	_, err := scalar.Date([]byte("2021-05-03T00:00:00.000001Z"))
	if want := `parse "2021-05-03T00:00:00.000001Z" as a date: digits would be lost`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	if _, err := scalar.Date([]byte("2021-02-30")); !errors.Is(err, scalar.ErrRange) {
		t.Errorf("the 30th of February is %v", err)
	}
}

// TestDate_everyDay compares each day of ten thousand years with package time.
func TestDate_everyDay(t *testing.T) {
	t.Parallel()
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; day.Year() < 10000; day = day.AddDate(0, 0, 1) {
		got, err := scalar.Date(day.AppendFormat(nil, time.DateOnly))
		if want := int32(day.Unix() / 86400); err != nil || got != want {
			t.Fatalf("Date(%s) = %d, %v, want %d", day.Format(time.DateOnly), got, err, want)
		}
	}
}

// FuzzTimestamp compares with package time: what is accepted is the same
// instant there, and what package time writes is accepted.
func FuzzTimestamp(f *testing.F) {
	f.Add("2021-05-03T10:11:12.5+02:00", int64(0))
	f.Add("2021-05-03 10:11:12", int64(-1))
	f.Add("2021-05-03", int64(1<<50))
	f.Fuzz(func(t *testing.T, text string, micros int64) {
		if got, err := scalar.Timestamp([]byte(text)); err == nil {
			want, err := parse(text)
			if err != nil || got != want.UnixMicro() {
				t.Errorf("Timestamp(%q) = %d, package time says %v, %v", text, got, want, err)
			}
		}
		const year = 365 * 24 * int64(time.Hour/time.Microsecond)
		written := time.UnixMicro(micros % (1900 * year)).In(time.FixedZone("", int(micros%1440)*60))
		text = written.Format("2006-01-02T15:04:05.999999-07:00")
		if got, err := scalar.Timestamp([]byte(text)); err != nil || got != written.UnixMicro() {
			t.Errorf("Timestamp(%q) = %d, %v, want %d", text, got, err, written.UnixMicro())
		}
	})
}

// parse tries the notations that are documented with package time.
func parse(text string) (time.Time, error) {
	for _, layout := range []string{
		"2006-01-02", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z", "2006-01-02 15:04:05Z",
		"2006-01-02T15:04:05-07:00", "2006-01-02 15:04:05-07:00",
	} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("no layout fits %q", text)
}

func BenchmarkTimestamp(b *testing.B) {
	text := []byte("2021-05-03T10:11:12.123Z")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scalar.Timestamp(text); err != nil {
			b.Fatal(err)
		}
	}
}
