package ddbjson_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// TestDecoder_AppendOthers_within has lists and maps of maps which a selector of
// their own describes.
func TestDecoder_AppendOthers_within(t *testing.T) {
	t.Parallel()

	lines, err := ddbjson.NewSelector([]string{"sku"}, []string{"size", "w"})
	if err != nil {
		t.Fatal(err)
	}
	line := lines.Group(0, 1)
	selector, err := ddbjson.NewSelector([]string{"PK"}, []string{"order", "lines"})
	if err != nil {
		t.Fatal(err)
	}
	order, other := selector.Group(0, 1), selector.Group(0, 1)
	selector.Within(order, 1, lines, line)
	tests := map[string]struct {
		lines string
		group int
		want  string
		each  []string
	}{
		"a list of what is known": {`{"L":[{"M":{"sku":{"S":"a"}}},{"M":{"size":{"M":{"w":{"N":"1"}}}}}]}`, order, `{}`, nil},
		"a list with others": {
			`{"L":[{"M":{"sku":{"S":"a"}}},{"M":{"gift":{"BOOL":true},"size":{"M":{"w":{"N":"1"},"h":{"N":"2"}}}}}]}`, order,
			`{"order":{"M":{"lines":{"L":[{"M":{}},{"M":{"gift":{"BOOL":true},"size":{"M":{"h":{"N":"2"}}}}}]}}}}`, []string{"gift", "size.h"},
		},
		"a map with others": {
			`{"M":{"x":{"M":{"sku":{"S":"a"}}},"y":{"M":{"b":{"S":"c"}}}}}`, order, `{"order":{"M":{"lines":{"M":{"y":{"M":{"b":{"S":"c"}}}}}}}}`, []string{"b"},
		},
		"a group that takes the list whole": {`{"L":[{"M":{"gift":{"BOOL":true}}}]}`, other, `{}`, nil},
		"something else":                    {`{"S":"x"}`, order, `{}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := ddbjson.NewDecoder(selector)
			if err := d.Decode([]byte(`{"Item":{"PK":{"S":"b"},"order":{"M":{"lines":` + tt.lines + `}}}}`)); err != nil {
				t.Fatal(err)
			}
			var each []string
			got := d.AppendOthers(nil, tt.group, func(in *ddbjson.Selector, path []ddbjson.Value, _ ddbjson.Value) {
				text := ""
				for i, name := range path {
					if i > 0 {
						text += "."
					}
					text = string(name.AppendText([]byte(text)))
				}
				if in != lines {
					t.Errorf("%s is not of the selector of lines", text)
				}
				each = append(each, text)
			})
			if string(got) != tt.want || !json.Valid(got) {
				t.Errorf("AppendOthers() = %s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.each, each); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValue_AppendPlain(t *testing.T) {
	t.Parallel()

	for typed, want := range map[string]string{
		`{"S":"a\"b\u00e5\/"}`: `"a\"b\u00e5\/"`, `{"B":"AAE="}`: `"AAE="`, `{"BOOL":false}`: `false`, `{"NULL":true}`: `null`,
		`{"N":"12345678901234567890123456789012345678"}`: `12345678901234567890123456789012345678`, `{"N":"-0012.50"}`: `-12.50`,
		`{"N":"+.5"}`: `0.5`, `{"N":"5."}`: `5`, `{"N":"-.5e-3"}`: `-0.5e-3`, `{"N":"1.E+2"}`: `1E+2`, `{"N":"000"}`: `0`, `{"N":"0.10"}`: `0.10`,
		`{"SS":["a","b"]}`: `["a","b"]`, `{"NS":["1","02"]}`: `[1,2]`, `{"BS":["AA=="]}`: `["AA=="]`, `{"L":[]}`: `[]`, `{"M":{}}`: `{}`,
		`{"L":[{"M":{"a b":{"N":"1"},"":{"NULL":true}}},{"S":""}]}`: `[{"a b":1,"":null},""]`,
	} {
		if got := decodeOne(t, typed).AppendPlain([]byte("x ")); string(got) != "x "+want || !json.Valid(got[2:]) {
			t.Errorf("%s is %s, want %s", typed, got[2:], want)
		}
	}
	if got := (ddbjson.Value{}).AppendPlain(nil); got != nil {
		t.Errorf("no value is %s", got)
	}
}

func decodeOne(t *testing.T, typed string) ddbjson.Value {
	t.Helper()
	selector, err := ddbjson.NewSelector([]string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	d := ddbjson.NewDecoder(selector)
	if err := d.Decode([]byte(`{"Item":{"a":` + typed + `}}`)); err != nil {
		t.Fatal(err)
	}
	return d.Value(0)
}

func TestValue_KeepText(t *testing.T) {
	t.Parallel()

	var arena []byte
	plain := decodeOne(t, `{"S":"plain"}`).KeepText(&arena)
	first := decodeOne(t, `{"S":"on\u0065"}`).KeepText(&arena)
	for range 100 {
		if got := decodeOne(t, `{"S":"tw\u006f"}`).KeepText(&arena); string(got) != "two" {
			t.Fatalf("KeepText() = %s", got)
		}
	}
	if string(plain) != "plain" || string(first) != "one" {
		t.Errorf("earlier texts are now %s and %s", plain, first)
	}
}

// comparePlain checks the plain JSON of an item against encoding/json, which
// reads it as the same values.
func comparePlain(t *testing.T, d *ddbjson.Decoder, line []byte, item map[string]types.AttributeValue) {
	t.Helper()
	text := d.Item().AppendPlain(nil)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var got any
	if err := decoder.Decode(&got); err != nil {
		t.Fatalf("AppendPlain(%q) = %s: %v", line, text, err)
	}
	if diff := cmp.Diff(plainOf(&types.AttributeValueMemberM{Value: item}), rational(got)); diff != "" {
		t.Fatalf("AppendPlain(%q) (-want +got):\n%s", line, diff)
	}
}

// rat is the exact value of a number.
func rat(text string) string {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return "no number: " + text
	}
	return "number " + value.String()
}

func rational(v any) any {
	switch v := v.(type) {
	case json.Number:
		return rat(v.String())
	case []any:
		for i := range v {
			v[i] = rational(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = rational(v[name])
		}
	}
	return v
}

func plainOf(v types.AttributeValue) any {
	list := []any{}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return rat(v.Value)
	case *types.AttributeValueMemberB:
		return base64.StdEncoding.EncodeToString(v.Value)
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberNULL:
		return nil
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			list = append(list, s)
		}
	case *types.AttributeValueMemberNS:
		for _, n := range v.Value {
			list = append(list, rat(n))
		}
	case *types.AttributeValueMemberBS:
		for _, b := range v.Value {
			list = append(list, base64.StdEncoding.EncodeToString(b))
		}
	case *types.AttributeValueMemberL:
		for _, element := range v.Value {
			list = append(list, plainOf(element))
		}
	case *types.AttributeValueMemberM:
		object := map[string]any{}
		for name, value := range v.Value {
			object[name] = plainOf(value)
		}
		return object
	default:
		return fmt.Sprintf("%T", v)
	}
	return list
}

// comparePicker checks that a picker finds in an item what the decoder finds.
func comparePicker(t *testing.T, d *ddbjson.Decoder, line []byte, others bool) {
	t.Helper()
	selector, err := ddbjson.NewSelector(fuzzPaths...)
	if err != nil {
		t.Fatal(err)
	}
	picker := ddbjson.NewPicker(selector, selector.Group(0, 3, 6))
	picker.Pick(decodeOne(t, `{"M":{"orderid":{"N":"1"},"a":{"M":{"b":{"S":"x"}}}}}`)) // to be forgotten
	if got := picker.Pick(d.Item()); got != others {
		t.Fatalf("Pick(%q) finds others: %t", line, got)
	}
	for slot, path := range fuzzPaths {
		want, got := d.Value(slot), picker.Value(slot)
		if want.Kind() != got.Kind() || !bytes.Equal(want.AppendTyped(nil), got.AppendTyped(nil)) {
			t.Fatalf("Pick(%q): %q is %v %s, want %v %s", line, path, got.Kind(), got.JSON(), want.Kind(), want.JSON())
		}
	}
}
