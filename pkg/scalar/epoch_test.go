package scalar_test

import (
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

func TestEpoch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text                string
		seconds             int64
		errSeconds          error
		millis              int64
		errMillis           error
		secondsAt, millisAt string
	}{
		"zero":                  {text: "0", secondsAt: "1970-01-01T00:00:00Z", millisAt: "1970-01-01T00:00:00Z"},
		"seconds":               {text: "1700000000", seconds: 1700000000_000000, millis: 1700000_000000, secondsAt: "2023-11-14T22:13:20Z"},
		"milliseconds":          {text: "1700000000123", errSeconds: scalar.ErrRange, millis: 1700000000_123000, millisAt: "2023-11-14T22:13:20.123Z"},
		"before 1970":           {text: "-1.5", seconds: -1_500000, millis: -1500, secondsAt: "1969-12-31T23:59:58.5Z"},
		"microseconds":          {text: "1.000001", seconds: 1_000001, errMillis: scalar.ErrInexact},
		"an exponent":           {text: "17E8", seconds: 1700000000_000000, millis: 1700000_000000},
		"zeros after the point": {text: "5.000000000000", seconds: 5_000000, millis: 5000},
		"nanoseconds":           {text: "1.000000001", errSeconds: scalar.ErrInexact, errMillis: scalar.ErrInexact},
		"the last second":       {text: "253402300799.999999", seconds: 253402300799_999999, errMillis: scalar.ErrInexact, secondsAt: "9999-12-31T23:59:59.999999Z"},
		"a second too late":     {text: "253402300800", errSeconds: scalar.ErrRange, millis: 253402300_800000},
		"the first second":      {text: "-62135596800", seconds: -62135596800_000000, millis: -62135596_800000, secondsAt: "0001-01-01T00:00:00Z"},
		"a second too early":    {text: "-62135596801", errSeconds: scalar.ErrRange, millis: -62135596_801000},
		"beyond 64 bits":        {text: "18446744073709551616", errSeconds: scalar.ErrRange, errMillis: scalar.ErrRange},
		"what wraps 64 bits":    {text: "18446744073709.551617", errSeconds: scalar.ErrRange, errMillis: scalar.ErrInexact},
		"beyond 38 digits":      {text: "1e40", errSeconds: scalar.ErrRange, errMillis: scalar.ErrRange},
		"nothing":               {text: "", errSeconds: scalar.ErrSyntax, errMillis: scalar.ErrSyntax},
		"a word":                {text: "now", errSeconds: scalar.ErrSyntax, errMillis: scalar.ErrSyntax},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(got int64, err error, want int64, wantErr error, at string) {
				if got != want || !errors.Is(err, wantErr) {
					t.Errorf("%q is %d, %v, want %d, %v", test.text, got, err, want, wantErr)
				}
				if written := time.UnixMicro(got).UTC().Format(time.RFC3339Nano); at != "" && written != at {
					t.Errorf("%q is %s, want %s", test.text, written, at)
				}
			}
			seconds, err := scalar.EpochSeconds([]byte(test.text))
			check(seconds, err, test.seconds, test.errSeconds, test.secondsAt)
			millis, err := scalar.EpochMillis([]byte(test.text))
			check(millis, err, test.millis, test.errMillis, test.millisAt)
		})
	}
	_, err := scalar.EpochSeconds([]byte("1700000000123"))
	if want := `parse "1700000000123" as seconds since 1970: out of range`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

// FuzzEpoch compares with exact arithmetic of math/big: the value is right to
// the microsecond and of a year from 0001 to 9999, or refused.
func FuzzEpoch(f *testing.F) {
	f.Add("1700000000.5")
	f.Add("-62135596800.000001")
	f.Add("253402300799999.999")
	f.Add("1E-3")
	first, last := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro(), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	f.Fuzz(func(t *testing.T, text string) {
		if !notation.MatchString(text) {
			return // FuzzDecimal holds the notation
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("math/big does not read %q", text)
		}
		for scale, convert := range map[int64]func([]byte) (int64, error){1e6: scalar.EpochSeconds, 1e3: scalar.EpochMillis} {
			want := new(big.Rat).Mul(exact, new(big.Rat).SetInt64(scale))
			fits := want.IsInt() && want.Num().IsInt64() && want.Num().Int64() >= first && want.Num().Int64() < last
			got, err := convert([]byte(text))
			if fits != (err == nil) || fits && got != want.Num().Int64() {
				t.Errorf("%q times %d is %d, %v, want %v", text, scale, got, err, want)
			}
		}
	})
}

// TestNothingAllocates holds the promise of the package for the hot paths.
func TestNothingAllocates(t *testing.T) {
	iso, epoch, mail, double := []byte("20240131T101500,123456789+0130"), []byte("1700000000.5"), []byte("Mon, 02 Jan 2006 15:04:05 GMT"), []byte("-12.75")
	allocated := testing.AllocsPerRun(100, func() {
		_, err1 := scalar.TimestampTruncated(iso)
		_, err2 := scalar.EpochSeconds(epoch)
		_, err3 := scalar.RFC1123(mail)
		_, err4 := scalar.Double(double)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Error(err)
		}
	})
	if allocated != 0 {
		t.Errorf("the conversions allocate %v times", allocated)
	}
}
