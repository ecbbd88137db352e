package scalar_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

func TestDouble(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"0": 0, "1": 1, "-2.5": -2.5, "1e3": 1000, "+.5": 0.5, "5.": 5,
		"0.1":                    0.1,
		"9007199254740993":       9007199254740992, // halfway between two: to the even one
		"9007199254740993.00001": 9007199254740994,
		"1E-130":                 1e-130,
		"9.9999999999999999999999999999999999999E125":  1e126,
		"-9.9999999999999999999999999999999999999E125": -1e126,
		"1.7976931348623157e308":                       math.MaxFloat64,
		"5e-324":                                       math.SmallestNonzeroFloat64,
	} {
		if got, err := scalar.Double([]byte(text)); got != want || err != nil {
			t.Errorf("Double(%q) = %g, %v, want %g", text, got, err, want)
		}
	}
	if got, err := scalar.Double([]byte("-0.0")); err != nil || math.Signbit(got) {
		t.Errorf("negative zero is %g, %v, want 0", got, err)
	}
	for text, want := range map[string]error{
		"": scalar.ErrSyntax, "NaN": scalar.ErrSyntax, "Infinity": scalar.ErrSyntax, "0x1p4": scalar.ErrSyntax, "1_000": scalar.ErrSyntax,
		"1,5": scalar.ErrSyntax, " 1": scalar.ErrSyntax, "1.8e308": scalar.ErrRange, "-1e400": scalar.ErrRange, "1e-400": scalar.ErrRange,
		"1e99999999999999999999": scalar.ErrRange,
	} {
		if got, err := scalar.Double([]byte(text)); !errors.Is(err, want) {
			t.Errorf("Double(%q) = %g, %v, want %v", text, got, err, want)
		}
	}
}

// FuzzDouble compares with math/big: the value is the nearest one, or refused
// because it is infinite or nothing of it is left.
func FuzzDouble(f *testing.F) {
	f.Add("12.50")
	f.Add("-9007199254740993")
	f.Add("1e-130")
	f.Add(strings.Repeat("9", 38) + "e88")
	f.Fuzz(func(t *testing.T, text string) {
		if !notation.MatchString(text) {
			if got, err := scalar.Double([]byte(text)); err == nil && !strings.ContainsAny(text, "eE") {
				t.Errorf("Double(%q) = %g, which is in no notation", text, got)
			}
			return
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("math/big does not read %q", text)
		}
		want, _ := exact.Float64()
		lost := math.IsInf(want, 0) || want == 0 && exact.Sign() != 0
		got, err := scalar.Double([]byte(text))
		if lost != (err != nil) || !lost && got != want {
			t.Errorf("Double(%q) = %g, %v, want %g", text, got, err, want)
		}
	})
}
