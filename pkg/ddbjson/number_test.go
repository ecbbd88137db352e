package ddbjson_test

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

func TestDecoder_numbers(t *testing.T) {
	t.Parallel()
	nines, zeros := strings.Repeat("9", 38), strings.Repeat("0", 38)
	accepted := []string{
		"0", "-0", "+0", "1", "-1", "+1", "007", "1.", ".5", "1.50", "12345678", "1234567.8", ".1234567", "123456789",
		nines, "-" + nines, nines + zeros, "0." + zeros + zeros + nines, nines + ".", "." + nines, nines + ".000", "000" + nines,
		"1e0", "1E5", "1e+5", "1e-5", "1e-130", "9.99E+125", nines + "E88", "0e999999999999999999999999", "0.00e-9999",
		"1" + strings.Repeat("0", 200) + "e-200", "0." + strings.Repeat("0", 200) + "1e200",
	}
	refused := []string{
		"", "-", "+", ".", "-.", "--1", "1-", "1 ", " 1", "1..2", "1.2.3", "1,5", "0x1F", "NaN", "Infinity", "one", "1_000", "١",
		"e5", ".e5", "1e", "1e+", "1e5.0", "1e5e5", "1e 5", "12:45678", "1234567/",
		"1" + nines, nines + ".1", nines + "000001", "1e126", "-1e126", "1e-131", nines + "e89", "1e99999999999999999999999", "1e-99999999999999999999999",
	}
	check := func(text string, ok bool) {
		for _, line := range []string{
			`{"Item":{"a":{"N":"` + text + `"}}}`,
			`{"Item":{"a":{"N":"` + text + `"},"another attribute":{"S":"so that the number is not at the end"}}}`,
			`{"Item":{"a":{"NS":["` + text + `"]}}}`,
		} {
			d := newDecoder(t, "a")
			if err := d.Decode([]byte(line)); (err == nil) != ok {
				t.Errorf("Decode(%s) = %v", line, err)
			} else if ok && d.Value(0).Kind() == ddbjson.Number && show(d.Value(0)) != "N "+text {
				t.Errorf("Decode(%s): %s", line, show(d.Value(0)))
			}
		}
	}
	for _, text := range accepted {
		check(text, true)
	}
	for _, text := range refused {
		check(text, false)
	}
}
