package item_test

import (
	"bytes"
	"errors"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// parseNumber returns the normalised text of a number attribute.
func parseNumber(t *testing.T, text string) (item.Value, error) {
	t.Helper()

	var p item.Parser
	return p.Value(item.NewScanner([]byte(`{"N":` + strconv.Quote(text) + `}`)))
}

func TestParser_NormalisesNumbers(t *testing.T) {
	t.Parallel()

	tests := map[string]string{
		"0": "0", "00": "0", "-0": "0", "-0.0": "0", "+0": "0", "0e5": "0", "0.0e-3": "0", "0e126": "0",
		"0e-99999999999": "0",
		"1":              "1", "-5": "-5", "100": "100", "007": "7", "001.23": "1.23", "+3": "3", "+1.5": "1.5",
		"1.0": "1", "1.10": "1.1", "100.000": "100", "0.10": "0.1", "5.": "5", ".5": "0.5", "-.5": "-0.5",
		"1e3": "1000", "1E+3": "1000", "-3e2": "-300", "1.5e2": "150", "1.23e4": "12300",
		"1e-3": "0.001", "123e-2": "1.23", "1.23e-1": "0.123", "1.00e2": "100", "0.00012e3": "0.12",
		"1e125":   "1" + strings.Repeat("0", 125),
		"0.1e126": "1" + strings.Repeat("0", 125),
		"-1e-130": "-0." + strings.Repeat("0", 129) + "1",
		"3.1415926535897932384626433832795028841":   "3.1415926535897932384626433832795028841",
		"31415926535897932384626433832795028841000": "31415926535897932384626433832795028841000",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			got, err := parseNumber(t, text)
			if err != nil || string(got.Bytes) != want {
				t.Errorf("number %q = %q, %v, want %q", text, got.Bytes, err, want)
			}
		})
	}
}

func TestParser_RefusesNumbers(t *testing.T) {
	t.Parallel()

	tests := map[string]string{
		"": "numeric", "dog": "numeric", "NaN": "numeric", "Infinity": "numeric", " 1": "numeric", "1 ": "numeric",
		"1e": "numeric", "e5": "numeric", ".": "numeric", "-": "numeric", "1.2.3": "numeric", "1e5.5": "numeric",
		"--1": "numeric", "1_000": "numeric", "0x10": "numeric", "1e+-5": "numeric",
		"1e126": "overflow", "-11e125": "overflow", "1e100000000000000000000": "overflow",
		"1e-131": "underflow", "0.9e-130": "underflow", "1e-100000000000000000000": "underflow",
		"3.14159265358979323846264338327950288419": "38 significant",
		"1" + strings.Repeat("0", 60) + "1":        "38 significant",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			_, err := parseNumber(t, text)
			refusal, ok := errors.AsType[*awsjson.Error](err)
			if !ok || refusal.Code != "ValidationException" || !strings.Contains(refusal.Message, want) {
				t.Errorf("number %q: %v, want a ValidationException with %q", text, err, want)
			}
		})
	}
}

// TestAppendKey_SortsNumbersByValue compares with the order of big.Rat.
func TestAppendKey_SortsNumbersByValue(t *testing.T) {
	t.Parallel()

	rnd := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		a, b := randomNumber(rnd), randomNumber(rnd)
		x, ok := new(big.Rat).SetString(a)
		if !ok {
			t.Fatalf("big.Rat refuses %q", a)
		}
		y, _ := new(big.Rat).SetString(b)
		if got, want := bytes.Compare(numberKey(t, a), numberKey(t, b)), x.Cmp(y); got != want {
			t.Fatalf("keys of %s and %s compare as %d, want %d", a, b, got, want)
		}
	}
}

func randomNumber(rnd *rand.Rand) string {
	sign := []string{"", "-"}[rnd.IntN(2)]
	digits := strconv.Itoa(rnd.IntN(1000))
	exponent := rnd.IntN(5) - 2
	if rnd.IntN(3) == 0 {
		digits += strconv.Itoa(rnd.IntN(1_000_000))
		exponent = rnd.IntN(200) - 100
	}
	return sign + digits + "e" + strconv.Itoa(exponent)
}

func numberKey(t *testing.T, text string) []byte {
	t.Helper()

	v, err := parseNumber(t, text)
	if err != nil {
		t.Fatal(err)
	}
	key, err := item.AppendKey(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
