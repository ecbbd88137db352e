package sample

import (
	"math/big"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestNumber(t *testing.T) {
	t.Parallel()

	tests := map[string]int{
		"0": 0, "0.01": 1, "0.1": 10, "0.99": 99, "1": 100, "12.9": 1290, "12.09": 1209, "9999999.99": 999_999_999,
		"-19.99": -1999, "-0.5": -50, "100": 10_000,
	}
	for want, cents := range tests {
		if got, _ := number(cents).(*types.AttributeValueMemberN); got.Value != want {
			t.Errorf("number(%d) = %s, want %s", cents, got.Value, want)
		}
	}
}

func TestUnscaled(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		text   string
		want   int64
		reason Reason
	}{
		"reads a whole number":              {text: "12", want: 1200},
		"reads decimals":                    {text: "-12.5", want: -1250},
		"reads an exponent":                 {text: "1.25E+1", want: 1250},
		"reads a negative exponent":         {text: "1250e-2", want: 1250},
		"reads zero with decimals":          {text: "-0.000", want: 0},
		"ignores zeros at the end":          {text: "12.500", want: 1250},
		"reads the largest number":          {text: "9999999999999999.99", want: 999_999_999_999_999_999},
		"refuses one digit more":            {text: "10000000000000000", reason: NumberOutOfRange},
		"refuses a large exponent":          {text: "1E+30", reason: NumberOutOfRange},
		"refuses a third decimal":           {text: "12.345", reason: NumberNotExact},
		"refuses a small exponent":          {text: "1E-30", reason: NumberNotExact},
		"refuses words":                     {text: "two", reason: WrongType},
		"refuses two signs":                 {text: "+-1", reason: WrongType},
		"refuses two points":                {text: "1.2.3", reason: WrongType},
		"refuses a point alone":             {text: ".", reason: WrongType},
		"refuses nothing":                   {text: "", reason: WrongType},
		"refuses an exponent without power": {text: "1E", reason: WrongType},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, reason := unscaled(tt.text, 18, 2); got != tt.want || reason != tt.reason {
				t.Errorf("unscaled(%q) = %d, %q, want %d, %q", tt.text, got, reason, tt.want, tt.reason)
			}
		})
	}
}

// FuzzUnscaled compares with exact rational arithmetic: a number that is read
// is the number that was written, and one that is refused does not fit.
func FuzzUnscaled(f *testing.F) {
	for _, seed := range []string{"0", "12.50", "-1.25E+1", "1E-2", "1E+16", "9999999999999999.99", "0.001", ".5", "+7"} {
		f.Add(seed)
	}
	limit := new(big.Rat).SetInt64(1e18)
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "_/xXbBoOpP") {
			return // spellings that only the rational numbers know
		}
		want, ok := new(big.Rat).SetString(s)
		got, reason := unscaled(s, 18, 2)
		if reason == WrongType {
			return
		}
		if !ok {
			t.Fatalf("unscaled(%q) = %d, %q, but it is not a number", s, got, reason)
		}
		want.Mul(want, new(big.Rat).SetInt64(100))
		fits := want.IsInt() && new(big.Rat).Abs(want).Cmp(limit) < 0
		if fits != (reason == "") {
			t.Fatalf("unscaled(%q) = %q, but the number fits: %v", s, reason, fits)
		}
		if fits && want.Cmp(new(big.Rat).SetInt64(got)) != 0 {
			t.Fatalf("unscaled(%q) = %d, want %s", s, got, want.RatString())
		}
	})
}
