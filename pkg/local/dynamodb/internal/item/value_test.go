package item_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// parseItem returns the canonical text of an item and its size.
func parseItem(text string) (string, int, error) {
	var p item.Parser
	s := item.NewScanner([]byte(text))
	if err := p.Item(s, nil, nil); err != nil {
		return "", 0, err
	}
	return string(p.Out), p.Size, s.End()
}

func TestParser_Item(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		in, want string
		size     int
	}{
		"drops white space and keeps the order": {
			in:   " { \"b\" : { \"S\" : \"x y\" } ,\n\t\"a\" : { \"N\" : \"1\" } } \r\n",
			want: `{"b":{"S":"x y"},"a":{"N":"1"}}`, size: 1 + 3 + 1 + 2,
		},
		"writes escapes as characters where JSON allows it": {
			in:   `{"\u0061":{"S":"\u00e9\/\"\\\n\u0001\ud83d\ude00"}}`,
			want: `{"a":{"S":"é/\"\\\n\u0001😀"}}`, size: 1 + 2 + 1 + 1 + 1 + 1 + 1 + 4,
		},
		"keeps every type": {
			in: `{"s":{"S":""},"n":{"N":"-12.50"},"b":{"B":"AAE="},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},` +
				`"m":{"M":{"x":{"L":[]}}},"l":{"L":[{"S":"a"},{"M":{}}]},"ss":{"SS":["b","a",""]},"ns":{"NS":["1","2.0"]},"bs":{"BS":["AA==",""]}}`,
			want: `{"s":{"S":""},"n":{"N":"-12.5"},"b":{"B":"AAE="},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},` +
				`"m":{"M":{"x":{"L":[]}}},"l":{"L":[{"S":"a"},{"M":{}}]},"ss":{"SS":["b","a",""]},"ns":{"NS":["1","2"]},"bs":{"BS":["AA==",""]}}`,
			size: 1 + (1 + 4) + (1 + 2) + 2 + 2 + 2 + (1 + 3 + 1 + 1 + 3) + (1 + 3 + 1 + 1 + 1 + 3) + (2 + 2) + (2 + 2 + 2) + (2 + 1),
		},
		"accepts the deepest nesting": {
			in:   `{"a":` + strings.Repeat(`{"L":[`, 31) + `{"S":"x"}` + strings.Repeat(`]}`, 31) + `}`,
			want: `{"a":` + strings.Repeat(`{"L":[`, 31) + `{"S":"x"}` + strings.Repeat(`]}`, 31) + `}`,
			size: 1 + 31*4 + 1,
		},
		"accepts an empty item": {in: `{}`, want: `{}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, size, err := parseItem(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("canonical text (-want +got):\n%s", diff)
			}
			if size != tt.size {
				t.Errorf("size = %d, want %d", size, tt.size)
			}
		})
	}
}

func TestParser_Item_Refuses(t *testing.T) {
	t.Parallel()

	const serialization, validation = "SerializationException", "ValidationException"
	manyMembers := func(last string) string {
		var b strings.Builder
		for i := range 100 {
			fmt.Fprintf(&b, `"%d",`, i)
		}
		return `{"a":{"SS":[` + b.String() + `"` + last + `"]}}`
	}
	tests := map[string]struct{ in, code, message string }{
		"an empty set":             {`{"a":{"SS":[]}}`, validation, "set may not be empty"},
		"an empty number set":      {`{"a":{"NS":[]}}`, validation, "set may not be empty"},
		"duplicates in a set":      {`{"a":{"SS":["x","y","x"]}}`, validation, "contains duplicates"},
		"duplicates in a big set":  {manyMembers("99"), validation, "contains duplicates"},
		"equal numbers in a set":   {`{"a":{"NS":["1","1.0"]}}`, validation, "contains duplicates"},
		"equal binaries in a set":  {`{"a":{"BS":["AA==","AA=="]}}`, validation, "contains duplicates"},
		"no type":                  {`{"a":{}}`, validation, "AttributeValue is empty"},
		"two types":                {`{"a":{"S":"x","N":"1"}}`, validation, "more than one datatypes"},
		"one type twice":           {`{"a":{"S":"x","S":"y"}}`, validation, "more than one datatypes"},
		"an unknown type":          {`{"a":{"T":"x"}}`, serialization, `"T"`},
		"a false NULL":             {`{"a":{"NULL":false}}`, validation, "must have the value of true"},
		"a name twice":             {`{"a":{"S":"x"},"a":{"S":"y"}}`, validation, `"a"`},
		"a name twice, escaped":    {`{"a":{"S":"x"},"\u0061":{"S":"y"}}`, validation, `"a"`},
		"an empty name":            {`{"":{"S":"x"}}`, validation, "name"},
		"a JSON number as N":       {`{"a":{"N":5}}`, serialization, "a string"},
		"a JSON null":              {`{"a":{"S":null}}`, serialization, "a string"},
		"a string as BOOL":         {`{"a":{"BOOL":"true"}}`, serialization, "a boolean"},
		"an array as M":            {`{"a":{"M":[]}}`, serialization, "an object"},
		"an object as L":           {`{"a":{"L":{}}}`, serialization, "an array"},
		"Base64 without padding":   {`{"a":{"B":"AAE"}}`, serialization, "Base64"},
		"Base64 with stray bits":   {`{"a":{"B":"AAF="}}`, serialization, "Base64"},
		"Base64 with a line break": {`{"a":{"B":"AA\nE="}}`, serialization, "Base64"},
		"33 levels": {
			`{"a":` + strings.Repeat(`{"M":{"b":`, 32) + `{"S":"x"}` + strings.Repeat(`}}`, 32) + `}`, validation,
			"Nesting Levels",
		},
		"half a surrogate pair":     {`{"a":{"S":"\ud83d"}}`, serialization, "surrogate"},
		"the wrong half of a pair":  {`{"a":{"S":"\ude00\ud83d"}}`, serialization, "surrogate"},
		"half a pair, then another": {`{"a":{"S":"\ud83d\u0041"}}`, serialization, "surrogate"},
		"bytes that are not UTF-8":  {"{\"a\":{\"S\":\"\xff\"}}", serialization, "UTF-8"},
		"not UTF-8, after escapes":  {"{\"a\":{\"S\":\"\\n\xff\"}}", serialization, "UTF-8"},
		"a raw control character":   {"{\"a\":{\"S\":\"\x01\"}}", serialization, "control character"},
		"an unknown escape":         {`{"a":{"S":"\x41"}}`, serialization, "escape"},
		"a bad \\u":                 {`{"a":{"S":"\u00g1"}}`, serialization, "escape"},
		"a comma too many":          {`{"a":{"S":"x"},}`, serialization, "a string"},
		"an end too early":          {`{"a":{"S":"x"}`, serialization, "unexpected end"},
		"an end in a string":        {`{"a":{"S":"x`, serialization, "unexpected end"},
		"an end in an escape":       {`{"a":{"S":"\u12`, serialization, "unexpected end"},
		"something after":           {`{"a":{"S":"x"}} x`, serialization, "follows"},
		"an array":                  {`[]`, serialization, "an object"},
		"nothing":                   {``, serialization, "unexpected end"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, _, err := parseItem(tt.in)
			refusal, ok := errors.AsType[*awsjson.Error](err)
			if !ok {
				t.Fatalf("parsed as %q, %v", got, err)
			}
			if refusal.Code != tt.code || !strings.Contains(refusal.Message, tt.message) {
				t.Errorf("refused with %v, want %s with %q", refusal, tt.code, tt.message)
			}
		})
	}
}

func TestParser_Item_FindsWantedValues(t *testing.T) {
	t.Parallel()

	values := make([]item.Value, 4)
	var p item.Parser
	text := `{"SK":{"N":"1.50"},"PK":{"S":"a\nb"},"x":{"M":{"SK":{"S":"inner"}}},"bin":{"B":"AAE="}}`
	if err := p.Item(item.NewScanner([]byte(text)), []string{"PK", "SK", "none", "bin"}, values); err != nil {
		t.Fatal(err)
	}
	if p.Count != 4 {
		t.Errorf("Count = %d, want 4", p.Count)
	}
	want := []item.Value{
		{Type: item.String, Bytes: []byte("a\nb")},
		{Type: item.Number, Bytes: []byte("1.5")},
		{},
		{Type: item.Binary, Bytes: []byte{0, 1}},
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	var again item.Parser
	stored := make([]item.Value, 4)
	if err := again.Stored(p.Out, []string{"PK", "SK", "none", "bin"}, stored); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Errorf("values of the stored item (-want +got):\n%s", diff)
	}
}

// FuzzParser_Item checks that the parser never panics and that what it accepts,
// it re-emits with the meaning that encoding/json finds in it, numbers compared
// by value; and that its own output is a fixed point of it.
func FuzzParser_Item(f *testing.F) {
	f.Add(`{"PK":{"S":"CUST#1"},"n":{"N":"-1.50e3"},"m":{"M":{"l":{"L":[{"BOOL":true},{"NULL":true}]}}}}`)
	f.Add(`{"a":{"SS":["x","\u00e9"]},"b":{"NS":["1","2e-5"]},"c":{"BS":["AAE="]},"d":{"B":""}}`)
	f.Add("{ \"a\" : { \"S\" : \"\\ud83d\\ude00 \\\" \x7f\" } }")
	f.Add(`{"a":{"L":[{"L":[{"L":[]}]}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, size, err := parseItem(text)
		if err != nil {
			if _, ok := errors.AsType[*awsjson.Error](err); !ok {
				t.Fatalf("refused with %T: %v", err, err)
			}
			return
		}
		var want, have any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if err := json.Unmarshal([]byte(got), &have); err != nil {
			t.Fatalf("wrote %q: %v", got, err)
		}
		if diff := cmp.Diff(plainNumbers(want), plainNumbers(have)); diff != "" {
			t.Fatalf("meaning changed (-want +got):\n%s", diff)
		}
		again, sizeAgain, err := parseItem(got)
		if err != nil || again != got || sizeAgain != size {
			t.Fatalf("reading %q again gives %q (%d bytes, before %d), %v", got, again, sizeAgain, size, err)
		}
	})
}

// plainNumbers replaces the texts of numbers in a decoded item by the exact
// fractions that they are.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			switch value := value.(type) {
			case string:
				if key == "N" {
					v[key] = fraction(value)
				}
			case []any:
				for i, member := range value {
					if text, ok := member.(string); ok && key == "NS" {
						value[i] = fraction(text)
					} else {
						value[i] = plainNumbers(member)
					}
				}
			default:
				v[key] = plainNumbers(value)
			}
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	}
	return v
}

func fraction(text string) string {
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	if strings.Trim(mantissa, "+-0.") == "" {
		return "0/1"
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return "not a number: " + text
	}
	return r.String()
}

func BenchmarkParser_Item(b *testing.B) {
	text := []byte(`{"PK":{"S":"CUST#user000123"},"SK":{"S":"ORD#0000000000123456"},"GSIpk":{"S":"ORD#0000000000123456"},` +
		`"GSIsk":{"S":"CUST#user000123"},"type":{"S":"order"},"orderid":{"S":"0000000000123456"},"numberofitems":{"N":"3"},` +
		`"orderdate":{"S":"2024-03-05T12:34:56Z"},"amount":{"N":"123.45"}}`)
	wanted := []string{"PK", "SK", "GSIpk", "GSIsk"}
	values := make([]item.Value, len(wanted))
	var p item.Parser
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		p.Out, p.Size = p.Out[:0], 0
		if err := p.Item(item.NewScanner(text), wanted, values); err != nil {
			b.Fatal(err)
		}
	}
}
