package scalar_test

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// wide returns v as a number of any size.
func wide(v scalar.Int128) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(v.High), 64)
	return n.Add(n, new(big.Int).SetUint64(v.Low))
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 38)
	tests := map[string]struct {
		text             string
		precision, scale int
		want             string // the number without its point
		err              error
	}{
		"scales":                                  {"12.5", 18, 2, "1250", nil},
		"keeps all digits":                        {"12.34", 4, 2, "1234", nil},
		"takes whole numbers":                     {"7", 18, 2, "700", nil},
		"keeps the sign":                          {"-0.01", 18, 2, "-1", nil},
		"takes zero":                              {"0", 5, 5, "0", nil},
		"takes negative zero":                     {"-0.00", 5, 2, "0", nil},
		"takes zero with a huge exponent":         {"0E999999999999", 5, 2, "0", nil},
		"ignores zeros at the end":                {"1.5000000000000000000000000000000000000000000", 3, 1, "15", nil},
		"ignores zeros in front":                  {"0000000000000000000000000000000000000000001.5", 3, 1, "15", nil},
		"accepts an exponent":                     {"1.5E3", 18, 2, "150000", nil},
		"accepts a negative exponent":             {"1250e-2", 4, 1, "125", nil},
		"accepts a point at either end":           {".5", 18, 2, "50", nil},
		"accepts a point after the digits":        {"5.", 18, 2, "500", nil},
		"accepts a plus":                          {"+5", 18, 2, "500", nil},
		"keeps what float64 can't":                {"123456789012345.67", 18, 2, "12345678901234567", nil},
		"keeps 38 digits":                         {nines, 38, 0, nines, nil},
		"keeps 38 negative digits after a point":  {"-0." + nines, 38, 38, "-" + nines, nil},
		"keeps 38 digits around a point":          {"99999999999999999999.999999999999999999", 38, 18, nines, nil},
		"keeps 19 digits moved by 19":             {"9999999999999999999", 38, 19, "99999999999999999990000000000000000000", nil},
		"refuses a digit too many after":          {"1.005", 18, 2, "", scalar.ErrInexact},
		"refuses a digit too many far after":      {"0.000000000000000000000000000000000000001", 38, 38, "", scalar.ErrInexact},
		"refuses a tiny exponent":                 {"1e-130", 38, 38, "", scalar.ErrInexact},
		"refuses 39 digits":                       {"1" + nines, 38, 0, "", scalar.ErrInexact},
		"refuses a digit too many in front":       {"1000", 5, 2, "", scalar.ErrRange},
		"refuses a digit too many after scaling":  {"12345678901234567", 18, 2, "", scalar.ErrRange},
		"refuses the lowest that is out of range": {"-1000", 3, 0, "", scalar.ErrRange},
		"refuses what scaling makes too large":    {nines, 38, 2, "", scalar.ErrRange},
		"refuses a large exponent":                {"1e125", 38, 0, "", scalar.ErrRange},
		"refuses an exponent beyond all bounds":   {"1e99999999999999999999", 38, 0, "", scalar.ErrRange},
		"refuses one below all bounds":            {"1e-99999999999999999999", 38, 0, "", scalar.ErrInexact},
		"refuses nothing":                         {"", 18, 2, "", scalar.ErrSyntax},
		"refuses a word":                          {"abc", 18, 2, "", scalar.ErrSyntax},
		"refuses a sign alone":                    {"-", 18, 2, "", scalar.ErrSyntax},
		"refuses a point alone":                   {".", 18, 2, "", scalar.ErrSyntax},
		"refuses two points":                      {"1.2.3", 18, 2, "", scalar.ErrSyntax},
		"refuses two signs":                       {"--1", 18, 2, "", scalar.ErrSyntax},
		"refuses a comma":                         {"1,5", 18, 2, "", scalar.ErrSyntax},
		"refuses a space":                         {" 1", 18, 2, "", scalar.ErrSyntax},
		"refuses an empty exponent":               {"1e", 18, 2, "", scalar.ErrSyntax},
		"refuses a signed empty exponent":         {"1e+", 18, 2, "", scalar.ErrSyntax},
		"refuses an exponent with a point":        {"1e1.5", 18, 2, "", scalar.ErrSyntax},
		"refuses text after 39 digits as no text": {"1" + nines + "x", 38, 0, "", scalar.ErrSyntax},
		"refuses an infinity":                     {"Infinity", 18, 2, "", scalar.ErrSyntax},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := scalar.Decimal([]byte(test.text), test.precision, test.scale)
			if !errors.Is(err, test.err) {
				t.Fatalf("Decimal(%q, %d, %d) = %v, %v, want %v", test.text, test.precision, test.scale, wide(got), err, test.err)
			}
			if err == nil && wide(got).String() != test.want {
				t.Errorf("Decimal(%q, %d, %d) = %v, want %s", test.text, test.precision, test.scale, wide(got), test.want)
			}
		})
	}
	for _, bad := range [][2]int{{0, 0}, {39, 0}, {5, 6}, {5, -1}} {
		if _, err := scalar.Decimal([]byte("0"), bad[0], bad[1]); err == nil {
			t.Errorf("decimal(%d,%d) is accepted", bad[0], bad[1])
		}
	}
	_, err := scalar.Decimal([]byte("1.005"), 18, 2)
	if want := `parse "1.005" as decimal(18,2): digits would be lost`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		want64 int64
		err64  error
		want32 int32
		err32  error
	}{
		"zero":                       {"0", 0, nil, 0, nil},
		"negative zero":              {"-0", 0, nil, 0, nil},
		"whole with a point":         {"5.0", 5, nil, 5, nil},
		"whole with an exponent":     {"1E3", 1000, nil, 1000, nil},
		"whole by its exponent":      {"12.5e1", 125, nil, 125, nil},
		"a fraction":                 {"5.5", 0, scalar.ErrInexact, 0, scalar.ErrInexact},
		"a small fraction":           {"-0.1", 0, scalar.ErrInexact, 0, scalar.ErrInexact},
		"the greatest of 32 bits":    {"2147483647", math.MaxInt32, nil, math.MaxInt32, nil},
		"one beyond 32 bits":         {"2147483648", 1 << 31, nil, 0, scalar.ErrRange},
		"the least of 32 bits":       {"-2147483648", math.MinInt32, nil, math.MinInt32, nil},
		"one below 32 bits":          {"-2147483649", math.MinInt32 - 1, nil, 0, scalar.ErrRange},
		"the greatest of 64 bits":    {"9223372036854775807", math.MaxInt64, nil, 0, scalar.ErrRange},
		"one beyond 64 bits":         {"9223372036854775808", 0, scalar.ErrRange, 0, scalar.ErrRange},
		"the least of 64 bits":       {"-9223372036854775808", math.MinInt64, nil, 0, scalar.ErrRange},
		"one below 64 bits":          {"-9223372036854775809", 0, scalar.ErrRange, 0, scalar.ErrRange},
		"what wraps 64 bits to one":  {"18446744073709551617", 0, scalar.ErrRange, 0, scalar.ErrRange},
		"what wraps 128 bits to one": {"340282366920938463463374607431768211457", 0, scalar.ErrInexact, 0, scalar.ErrInexact},
		"a word":                     {"one", 0, scalar.ErrSyntax, 0, scalar.ErrSyntax},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := scalar.Int64([]byte(test.text)); got != test.want64 || !errors.Is(err, test.err64) {
				t.Errorf("Int64(%q) = %d, %v, want %d, %v", test.text, got, err, test.want64, test.err64)
			}
			if got, err := scalar.Int32([]byte(test.text)); got != test.want32 || !errors.Is(err, test.err32) {
				t.Errorf("Int32(%q) = %d, %v, want %d, %v", test.text, got, err, test.want32, test.err32)
			}
		})
	}
}

var notation = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)

// FuzzDecimal compares with exact arithmetic of math/big: the value is right
// to the last digit, or refused for the right reason. Exponents that math/big
// would take too long for are left out.
func FuzzDecimal(f *testing.F) {
	f.Add("12.50", uint8(18), uint8(2))
	f.Add("-99999999999999999999999999999999999999", uint8(38), uint8(0))
	f.Add("1.5e-3", uint8(9), uint8(9))
	f.Add("0.000", uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, text string, p, s uint8) {
		precision := 1 + int(p)%38
		scale := int(s) % (precision + 1)
		got, err := scalar.Decimal([]byte(text), precision, scale)
		whole, err64 := scalar.Int64([]byte(text))
		if !notation.MatchString(text) {
			if regexp.MustCompile(`[eE][+-]?[0-9]{4,}$`).MatchString(text) {
				return
			}
			if !errors.Is(err, scalar.ErrSyntax) || !errors.Is(err64, scalar.ErrSyntax) {
				t.Fatalf("%q: %v, %v", text, err, err64)
			}
			return
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("math/big does not read %q", text)
		}
		if exact.IsInt() && exact.Num().IsInt64() != (err64 == nil) || err64 == nil && exact.Cmp(new(big.Rat).SetInt64(whole)) != 0 {
			t.Fatalf("Int64(%q) = %d, %v", text, whole, err64)
		}
		power := func(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
		exact.Mul(exact, new(big.Rat).SetInt(power(scale)))
		fits := exact.IsInt() && exact.Num().CmpAbs(power(precision)) < 0
		switch {
		case fits && (err != nil || wide(got).Cmp(exact.Num()) != 0):
			t.Fatalf("Decimal(%q, %d, %d) = %v, %v, want %v", text, precision, scale, wide(got), err, exact)
		case !fits && !errors.Is(err, scalar.ErrInexact) && !errors.Is(err, scalar.ErrRange):
			t.Fatalf("Decimal(%q, %d, %d) = %v, %v, want a refusal", text, precision, scale, wide(got), err)
		}
	})
}

func BenchmarkDecimal(b *testing.B) {
	texts := [][]byte{[]byte("12.50"), []byte("1999.9"), []byte("7"), []byte("123456789.01")}
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			if _, err := scalar.Decimal(text, 18, 2); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkInt32(b *testing.B) {
	text := []byte("12345")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scalar.Int32(text); err != nil {
			b.Fatal(err)
		}
	}
}

func TestParseExponent(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]int64{
		"": 0, "e0": 0, "E5": 5, "e+5": 5, "e-5": -5, "e007": 7, "e281474976710655": 1<<48 - 1,
		"e99999999999999999999999": 1 << 48, "e-99999999999999999999999": -1 << 48,
	} {
		if got, ok := scalar.ParseExponent([]byte(text)); !ok || got != want {
			t.Errorf("ParseExponent(%q) = %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"e", "E+", "e-", "5", "x5", "e5x", "e5.0", "e--5", "e 5", "ee5"} {
		if got, ok := scalar.ParseExponent([]byte(text)); ok {
			t.Errorf("ParseExponent(%q) = %d, want it refused", text, got)
		}
	}
}
