package scalar_test

import (
	"errors"
	"fmt"
	"regexp"
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
		"a day":                           {"2021-05-03", "2021-05-03T00:00:00", nil},
		"the epoch":                       {"1970-01-01", "1970-01-01T00:00:00", nil},
		"a time":                          {"2021-05-03T10:11:12", "2021-05-03T10:11:12", nil},
		"a space":                         {"2021-05-03 10:11:12", "2021-05-03T10:11:12", nil},
		"UTC":                             {"2021-05-03T10:11:12Z", "2021-05-03T10:11:12", nil},
		"an offset east":                  {"2021-05-03T01:11:12+02:00", "2021-05-02T23:11:12", nil},
		"an offset west":                  {"2021-12-31T23:11:12-05:30", "2022-01-01T04:41:12", nil},
		"an offset of nothing":            {"2021-05-03T10:11:12-00:00", "2021-05-03T10:11:12", nil},
		"a tenth":                         {"2021-05-03T10:11:12.5", "2021-05-03T10:11:12.5", nil},
		"milliseconds":                    {"2021-05-03T10:11:12.123Z", "2021-05-03T10:11:12.123", nil},
		"microseconds":                    {"2021-05-03T10:11:12.123456+00:00", "2021-05-03T10:11:12.123456", nil},
		"nanoseconds that are zero":       {"2021-05-03T10:11:12.123456000", "2021-05-03T10:11:12.123456", nil},
		"a leap day":                      {"2024-02-29", "2024-02-29T00:00:00", nil},
		"a leap day of a leap century":    {"2000-02-29", "2000-02-29T00:00:00", nil},
		"a day before 1970":               {"1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999", nil},
		"the first day":                   {"0001-01-01", "0001-01-01T00:00:00", nil},
		"the last microsecond":            {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999", nil},
		"before the first day, in UTC":    {"0001-01-01T00:00:00+00:01", "", scalar.ErrRange},
		"after the last day, in UTC":      {"9999-12-31T23:59:59-00:01", "", scalar.ErrRange},
		"the year zero":                   {"0000-01-01", "", scalar.ErrRange},
		"no seconds":                      {"2021-05-03T10:11", "2021-05-03T10:11:00", nil},
		"no seconds, in UTC":              {"2021-05-03T10:11Z", "2021-05-03T10:11:00", nil},
		"no seconds, with an offset":      {"2021-05-03T10:11+02:00", "2021-05-03T08:11:00", nil},
		"an offset without a colon":       {"2021-05-03T10:11:12.767998+0200", "2021-05-03T08:11:12.767998", nil},
		"an offset without minutes":       {"2021-05-03 10:11:12-02", "2021-05-03T12:11:12", nil},
		"an offset after a space":         {"2021-05-03 10:11:12 +0200", "2021-05-03T08:11:12", nil},
		"UTC after a space":               {"2021-05-03 10:11:12 UTC", "2021-05-03T10:11:12", nil},
		"lower-case letters":              {"2021-05-03t10:11:12z", "2021-05-03T10:11:12", nil},
		"a comma":                         {"2021-05-03T10:11:12,5Z", "2021-05-03T10:11:12.5", nil},
		"twelve digits, the last zeros":   {"2021-05-03T10:11:12.123456000000", "2021-05-03T10:11:12.123456", nil},
		"the basic notation":              {"20240131T101500Z", "2024-01-31T10:15:00", nil},
		"a basic day":                     {"20240131", "2024-01-31T00:00:00", nil},
		"basic, with all it can have":     {"20240131T101500,25-0130", "2024-01-31T11:45:00.25", nil},
		"basic, without seconds":          {"20240131t1015+02", "2024-01-31T08:15:00", nil},
		"a basic time of a plain day":     {"2024-01-31 101500", "2024-01-31T10:15:00", nil},
		"nanoseconds":                     {"2021-05-03T10:11:12.123456001", "", scalar.ErrTooFine},
		"picoseconds":                     {"2021-05-03T10:11:12.123456000001Z", "", scalar.ErrTooFine},
		"seven digits":                    {"2021-05-03T10:11:12.1234561", "", scalar.ErrInexact},
		"seven digits and a word":         {"2021-05-03T10:11:12.1234561x", "", scalar.ErrSyntax},
		"a fraction of a minute":          {"2021-05-03T10:11.5", "", scalar.ErrSyntax},
		"the hour alone":                  {"2021-05-03T10", "", scalar.ErrSyntax},
		"a T alone":                       {"2021-05-03T", "", scalar.ErrSyntax},
		"a colon alone":                   {"2021-05-03T10:11:", "", scalar.ErrSyntax},
		"one digit of the seconds":        {"2021-05-03T10:11:1", "", scalar.ErrSyntax},
		"one basic digit of the seconds":  {"20210503T10111", "", scalar.ErrSyntax},
		"colons in part":                  {"2021-05-03T10:1112", "", scalar.ErrSyntax},
		"hyphens in part":                 {"2021-0503", "", scalar.ErrSyntax},
		"a colon at the end":              {"2021-05-03T10:11:12+02:", "", scalar.ErrSyntax},
		"two spaces":                      {"2021-05-03 10:11:12  +02", "", scalar.ErrSyntax},
		"another zone by name":            {"2021-05-03 10:11:12 CET", "", scalar.ErrSyntax},
		"milliseconds since 1970":         {"1620036672000", "", scalar.ErrSyntax},
		"a basic time without its T":      {"20210503101112", "", scalar.ErrSyntax},
		"a basic day that does not exist": {"20210431", "", scalar.ErrRange},
		"a point without digits":          {"2021-05-03T10:11:12.Z", "", scalar.ErrSyntax},
		"a month that does not exist":     {"2021-13-03", "", scalar.ErrRange},
		"the month zero":                  {"2021-00-03", "", scalar.ErrRange},
		"the day zero":                    {"2021-05-00", "", scalar.ErrRange},
		"a day that does not exist":       {"2021-04-31", "", scalar.ErrRange},
		"a leap day of a plain year":      {"2021-02-29", "", scalar.ErrRange},
		"a leap day of a plain century":   {"1900-02-29", "", scalar.ErrRange},
		"the hour 24":                     {"2021-05-03T24:00:00", "", scalar.ErrRange},
		"the minute 60":                   {"2021-05-03T10:60:00", "", scalar.ErrRange},
		"a leap second":                   {"2016-12-31T23:59:60Z", "", scalar.ErrRange},
		"an offset of a day":              {"2021-05-03T10:11:12+24:00", "", scalar.ErrRange},
		"an offset of 60 minutes":         {"2021-05-03T10:11:12+01:60", "", scalar.ErrRange},
		"nothing":                         {"", "", scalar.ErrSyntax},
		"a word":                          {"yesterday!", "", scalar.ErrSyntax},
		"seconds since 1970":              {"1620036672", "", scalar.ErrSyntax},
		"other separators":                {"2021/05/03", "", scalar.ErrSyntax},
		"another order":                   {"03-05-2021", "", scalar.ErrSyntax},
		"a short year":                    {"21-05-03", "", scalar.ErrSyntax},
		"a short month":                   {"2021-5-03", "", scalar.ErrSyntax},
		"letters for digits":              {"2021-0x-03", "", scalar.ErrSyntax},
		"letters for the year":            {"20a1-05-03", "", scalar.ErrSyntax},
		"a day with Z":                    {"2021-05-03Z", "", scalar.ErrSyntax},
		"no colons":                       {"2021-05-03T10-11-12", "", scalar.ErrSyntax},
		"letters in the time":             {"2021-05-03T1x:11:12", "", scalar.ErrSyntax},
		"letters in the offset":           {"2021-05-03T10:11:12+0x:00", "", scalar.ErrSyntax},
		"text after Z":                    {"2021-05-03T10:11:12Z ", "", scalar.ErrSyntax},
		"text after the seconds":          {"2021-05-03T10:11:123", "", scalar.ErrSyntax},
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

func TestTimestampTruncated(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2024-05-06T07:08:09.123456789Z":      "2024-05-06T07:08:09.123456",
		"2024-05-06T07:08:09.9999999+02":      "2024-05-06T05:08:09.999999",
		"1969-12-31T23:59:59.9999999":         "1969-12-31T23:59:59.999999", // the earlier one
		"2024-05-06T07:08:09.123456":          "2024-05-06T07:08:09.123456",
		"20240506T070809.00000000000000001Z":  "2024-05-06T07:08:09",
		"2024-05-06T07:08:09.12345678901234Z": "2024-05-06T07:08:09.123456",
	} {
		got, err := scalar.TimestampTruncated([]byte(text))
		if at := time.UnixMicro(got).UTC().Format("2006-01-02T15:04:05.999999"); err != nil || at != want {
			t.Errorf("TimestampTruncated(%q) = %s, %v, want %s", text, at, err, want)
		}
	}
	if got, err := scalar.TimestampTruncated([]byte("2024-05-06T07:08:09.Z")); !errors.Is(err, scalar.ErrSyntax) {
		t.Errorf("a point without digits is %d, %v", got, err)
	}
	_, err := scalar.Timestamp([]byte("2024-05-06T07:08:09.1234567Z"))
	const want = `parse "2024-05-06T07:08:09.1234567Z" as a timestamp: it is finer than a microsecond, ` +
		`and the model does not declare that it is truncated: digits would be lost`
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestDay(t *testing.T) {
	t.Parallel()
	const day = int64(24 * time.Hour / time.Microsecond)
	for _, days := range []int32{0, 1, -1, 18750, -719162, 2932896} {
		if got, err := scalar.Day(int64(days) * day); got != days || err != nil {
			t.Errorf("Day(%d days) = %d, %v", days, got, err)
		}
	}
	for micros, want := range map[int64]error{
		1: scalar.ErrInexact, -1: scalar.ErrInexact, 2932897 * day: scalar.ErrRange, -719163 * day: scalar.ErrRange,
	} {
		if got, err := scalar.Day(micros); !errors.Is(err, want) {
			t.Errorf("Day(%d) = %d, %v, want %v", micros, got, err, want)
		}
	}
}

// notationOfTimes is what [scalar.Timestamp] documents.
var notationOfTimes = regexp.MustCompile(
	`^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})([Tt ]([0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?|[0-9]{4}([0-9]{2}([.,][0-9]+)?)?)( ?(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?)?$`)

// FuzzTimestamp compares with package time: text in a documented notation is
// the instant that package time reads, or refused where package time refuses it,
// where it is finer than a microsecond or where its offset is a day or more; and
// all other text is refused. What package time writes is accepted.
func FuzzTimestamp(f *testing.F) {
	f.Add("2021-05-03T10:11:12.5+02:00", int64(0))
	f.Add("2021-05-03 10:11:12", int64(-1))
	f.Add("2021-05-03", int64(1<<50))
	f.Add("20240131T101500,25-0130", int64(1))
	f.Add("2024-01-31t1015 UTC", int64(1))
	f.Add("2024-01-31t10:15z", int64(1))
	f.Add("2024-05-06T07:08:09.1234567891234+02", int64(1))
	f.Fuzz(func(t *testing.T, text string, micros int64) {
		exact, errExact := scalar.Timestamp([]byte(text))
		cut, errCut := scalar.TimestampTruncated([]byte(text))
		want, err := parse(text)
		fine := regexp.MustCompile(`[.,][0-9]{6}0*[1-9]`).MatchString(text)
		switch {
		case err != nil || want.UTC().Year() < 1 || want.UTC().Year() > 9999:
			if errExact == nil || errCut == nil {
				t.Errorf("%q is accepted: %d, %d, package time says %v, %v", text, exact, cut, want, err)
			}
		case errCut != nil || cut != want.Truncate(time.Microsecond).UnixMicro():
			t.Errorf("TimestampTruncated(%q) = %d, %v, want %v", text, cut, errCut, want)
		case fine && !errors.Is(errExact, scalar.ErrTooFine), !fine && (errExact != nil || exact != cut):
			t.Errorf("Timestamp(%q) = %d, %v, want %v", text, exact, errExact, want)
		}
		const year = 365 * 24 * int64(time.Hour/time.Microsecond)
		written := time.UnixMicro(micros % (1900 * year)).In(time.FixedZone("", int(micros%1440)*60))
		text = written.Format("2006-01-02T15:04:05.999999-07:00")
		if got, err := scalar.Timestamp([]byte(text)); err != nil || got != written.UnixMicro() {
			t.Errorf("Timestamp(%q) = %d, %v, want %d", text, got, err, written.UnixMicro())
		}
	})
}

// parse reads the documented notations with package time.
func parse(text string) (time.Time, error) {
	if !notationOfTimes.MatchString(text) {
		return time.Time{}, fmt.Errorf("%q is in no documented notation", text)
	}
	if regexp.MustCompile(`[T t].*[+-](2[4-9]|[0-9]{2}:?[6-9][0-9]$)`).MatchString(text) {
		return time.Time{}, fmt.Errorf("%q has an offset of a day or an hour of 60 minutes", text)
	}
	for _, date := range []string{"2006-01-02", "20060102"} {
		if at, err := time.Parse(date, text); err == nil {
			return at, nil
		}
		for _, separator := range []string{"T", "t", " "} {
			for _, clock := range []string{"15:04:05", "15:04", "150405", "1504"} {
				for _, zone := range []string{"", "Z", "z", "UTC", "-07:00", "-0700", "-07", " Z", " z", " UTC", " -07:00", " -0700", " -07"} {
					if at, err := time.Parse(date+separator+clock+zone, text); err == nil {
						return at, nil
					}
				}
			}
		}
	}
	return time.Time{}, fmt.Errorf("package time does not read %q", text)
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
