package spell_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/spell"
)

func TestInt(t *testing.T) {
	t.Parallel()

	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 123456: "123,456", -1 << 63: "-9,223,372,036,854,775,808"} {
		if got := spell.Int(n); got != want {
			t.Errorf("Int(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()

	for n, want := range map[int64]string{0: "0 rows", 1: "1 row", 2: "2 rows", 12040: "12,040 rows"} {
		if got := spell.Count(n, "row", "rows"); got != want {
			t.Errorf("Count(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()

	for in, want := range map[string]string{
		"": "", "0": "0", "999": "999", "1000": "1,000", "-1234567.8901": "-1,234,567.8901", "+12345": "+12,345", "1e+21": "1e+21", "2026-11": "2026-11", "NaN": "NaN",
		"1234.50": "1,234.50", "-0.05": "-0.05", "-999": "-999", "12345678901234567890.1": "12,345,678,901,234,567,890.1",
	} {
		if got := spell.Digits(in); got != want {
			t.Errorf("Digits(%q) = %q, want %q", in, got, want)
		}
	}
}
