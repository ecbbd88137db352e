package ddbjson_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// newDecoder selects the paths, written with dots.
func newDecoder(tb testing.TB, paths ...string) *ddbjson.Decoder {
	tb.Helper()
	split := make([][]string, len(paths))
	for i, path := range paths {
		split[i] = strings.Split(path, ".")
	}
	selector, err := ddbjson.NewSelector(split...)
	if err != nil {
		tb.Fatalf("NewSelector(%q) = %v", paths, err)
	}
	return ddbjson.NewDecoder(selector)
}

// show writes a value as kind and text, the way the tables of this file do.
func show(v ddbjson.Value) string {
	var scratch []byte
	switch v.Kind() {
	case ddbjson.String, ddbjson.Number:
		return fmt.Sprintf("%v %s", v.Kind(), v.Text(&scratch))
	case ddbjson.Binary:
		return fmt.Sprintf("B %x", v.AppendBinary(nil))
	case ddbjson.Bool:
		return fmt.Sprintf("BOOL %t", v.Bool())
	case ddbjson.Map:
		var parts []string
		for name, member := range v.Members() {
			parts = append(parts, fmt.Sprintf("%s: %s", name.AppendText(nil), show(member)))
		}
		return "M {" + strings.Join(parts, ", ") + "}"
	case ddbjson.List, ddbjson.StringSet, ddbjson.NumberSet, ddbjson.BinarySet:
		var parts []string
		for element := range v.Elements() {
			parts = append(parts, show(element))
		}
		return fmt.Sprintf("%v [%s]", v.Kind(), strings.Join(parts, ", "))
	default:
		return v.Kind().String()
	}
}

func TestDecoder_Value(t *testing.T) {
	t.Parallel()
	paths := []string{"PK", "type", "Address", "Address.city", "Address.geo.lat", "a_name_of_more_than_8_bytes", "a_name_of_more_than_9_bytes", "é", ""}
	tests := map[string]struct {
		line string
		want map[string]string // those that aren't missing
	}{
		"finds attributes in one order": {
			`{"Item":{"PK":{"S":"CUST#ann"},"type":{"S":"customer"}}}`,
			map[string]string{"PK": "S CUST#ann", "type": "S customer"},
		},
		"finds attributes in another order": {
			`{"Item":{"type":{"S":"customer"},"x":{"N":"1"},"PK":{"S":"CUST#ann"}}}`,
			map[string]string{"PK": "S CUST#ann", "type": "S customer"},
		},
		"goes through maps": {
			`{"Item":{"Address":{"M":{"geo":{"M":{"lon":{"N":"1"},"lat":{"N":"-59.91"}}},"city":{"S":"Oslo"}}}}}`,
			map[string]string{
				"Address":      "M {geo: M {lon: N 1, lat: N -59.91}, city: S Oslo}",
				"Address.city": "S Oslo", "Address.geo.lat": "N -59.91",
			},
		},
		"says that a path leads through something else than a map": {
			`{"Item":{"Address":{"S":"Oslo"}}}`,
			map[string]string{"Address": "S Oslo", "Address.city": "unreachable", "Address.geo.lat": "unreachable"},
		},
		"says that a path leads through a list": {
			`{"Item":{"Address":{"L":[{"M":{"city":{"S":"Oslo"}}}]}}}`,
			map[string]string{"Address": "L [M {city: S Oslo}]", "Address.city": "unreachable", "Address.geo.lat": "unreachable"},
		},
		"says that a path leads through a number": {
			`{"Item":{"Address":{"M":{"geo":{"N":"1"}}}}}`,
			map[string]string{"Address": "M {geo: N 1}", "Address.geo.lat": "unreachable"},
		},
		"takes null for all that is below it": {
			`{"Item":{"Address":{"NULL":true}}}`,
			map[string]string{"Address": "NULL", "Address.city": "NULL", "Address.geo.lat": "NULL"},
		},
		"leaves members of an empty map missing": {
			`{"Item":{"Address":{"M":{}}}}`,
			map[string]string{"Address": "M {}"},
		},
		"does not find nested names on the top level": {
			`{"Item":{"x":{"M":{"PK":{"S":"no"},"Address":{"M":{"city":{"S":"no"}}}}}}}`,
			map[string]string{},
		},
		"does not take a longer name for a shorter one": {
			`{"Item":{"PKx":{"S":"no"},"P":{"S":"no"},"type\u0000":{"S":"no"}}}`,
			map[string]string{},
		},
		"tells long names apart": {
			`{"Item":{"a_name_of_more_than_9_bytes":{"N":"9"},"a_name_of_more_than_7_bytes":{"N":"7"}}}`,
			map[string]string{"a_name_of_more_than_9_bytes": "N 9"},
		},
		"finds a name with escapes and one beyond ASCII": {
			`{"Item":{"\u0050\u004b":{"S":"k"},"é":{"S":"e"}}}`,
			map[string]string{"PK": "S k", "é": "S e"},
		},
		"finds the empty name": {
			`{"Item":{"":{"S":"nameless"}}}`,
			map[string]string{"": "S nameless"},
		},
		"accepts an empty item": {`{"Item":{}}`, map[string]string{}},
		"accepts white space everywhere": {
			" { \"Item\"\t:\r{ \"PK\" : { \"S\" : \"k\" } , \"Address\" : { \"M\" : { \"city\" : { \"S\" : \"c\" } } } } } \r",
			map[string]string{"PK": "S k", "Address": "M {city: S c}", "Address.city": "S c"},
		},
		"accepts escapes in the wrapper and in type tags": {
			`{"\u0049tem":{"PK":{"\u0053":"k"},"type":{"\u0042OOL":true}}}`,
			map[string]string{"PK": "S k", "type": "BOOL true"},
		},
		"reads every kind": {
			`{"Item":{"PK":{"B":"AP+A"},"type":{"BOOL":false},"Address":{"L":[{"S":""},{"N":"0"},{"B":""},{"BOOL":true},{"NULL":true},` +
				`{"M":{"k":{"SS":["a","b"]}}},{"L":[]},{"NS":["1","2.5"]},{"BS":["AA==","AAE="]}]}}}`,
			map[string]string{
				"PK": "B 00ff80", "type": "BOOL false",
				"Address":      "L [S , N 0, B , BOOL true, NULL, M {k: SS [S a, S b]}, L [], NS [N 1, N 2.5], BS [B 00, B 0001]]",
				"Address.city": "unreachable", "Address.geo.lat": "unreachable",
			},
		},
		"unescapes": {
			`{"Item":{"PK":{"S":"\"\\\/\b\f\n\r\t\u00e9\u0000\ud83d\ude00\uFFFD é😀"},"type":{"N":"\u0031\u0032"},"Address":{"SS":["\u0061"]}}}`,
			map[string]string{
				"PK": "S \"\\/\b\f\n\r\té\x00😀\uFFFD é😀", "type": "N 12", "Address": "SS [S a]",
				"Address.city": "unreachable", "Address.geo.lat": "unreachable",
			},
		},
		"reads base64 with escaped slashes": {
			`{"Item":{"PK":{"B":"\/\/\/\/"}}}`,
			map[string]string{"PK": "B ffffff"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDecoder(t, paths...)
			if err := d.Decode([]byte(test.line)); err != nil {
				t.Fatalf("Decode(%s) = %v", test.line, err)
			}
			got := map[string]string{}
			for slot, path := range paths {
				if v := d.Value(slot); v.Kind() != ddbjson.Missing {
					got[path] = show(v)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Decode(%s): values (-want +got):\n%s", test.line, diff)
			}
		})
	}
}

func TestDecoder_Decode_refuses(t *testing.T) {
	t.Parallel()
	deep := func(levels int) string {
		return `{"Item":{"a":` + strings.Repeat(`{"L":[`, levels) + `{"NULL":true}` + strings.Repeat(`]}`, levels) + `}}`
	}
	tests := map[string]struct{ line, want string }{
		"an empty line":              {``, `decode item at byte 0: the line is empty`},
		"a blank line":               {" \t", `decode item at byte 2: the line is empty`},
		"a byte order mark":          {"\ufeff{\"Item\":{}}", `decode item at byte 0: expected {"Item":{…}}, found "\xef"`},
		"another kind of JSON":       {`[]`, `decode item at byte 0: expected {"Item":{…}}, found "["`},
		"an empty object":            {`{}`, `decode item at byte 1: expected "Item", found "}"`},
		"another member":             {`{"item":{}}`, `decode item at byte 1: expected "Item", found "item"`},
		"a bad first string":         {`{"It`, `decode item at byte 4: the line ends inside a string`},
		"an item without a colon":    {`{"Item" {}}`, `decode item at byte 8: expected ':', found "{"`},
		"an item that is null":       {`{"Item":null}`, `decode item at byte 8: expected '{', found "n"`},
		"a second member":            {`{"Item":{},"Keys":{}}`, `decode item at byte 10: expected '}' after the item, found ","`},
		"an unclosed line":           {`{"Item":{}`, `decode item at byte 10: expected '}' after the item, the line ends`},
		"trailing text":              {`{"Item":{}} {}`, `decode item at byte 12: expected nothing after the item, found "{"`},
		"a name without quotes":      {`{"Item":{a:{"S":""}}}`, `decode item at byte 9: expected an attribute name, found "a"`},
		"a trailing comma":           {`{"Item":{"a":{"S":""},}}`, `decode item at byte 22: expected an attribute name, found "}"`},
		"a missing comma":            {`{"Item":{"a":{"S":""} "b":{"S":""}}}`, `decode item at byte 22: expected ',' or '}' after an attribute, found "\""`},
		"an item that ends early":    {`{"Item":{"a":{"S":"x"}`, `decode item at byte 22: expected ',' or '}' after an attribute, the line ends`},
		"a name that ends early":     {`{"Item":{"a`, `decode item at byte 11: the line ends inside a string`},
		"a name without a value":     {`{"Item":{"a"}}`, `decode attribute a at byte 12: expected ':', found "}"`},
		"a bare value":               {`{"Item":{"a":"x"}}`, `decode attribute a at byte 13: expected '{' of a typed value, found "\""`},
		"an empty value":             {`{"Item":{"a":{}}}`, `decode attribute a at byte 14: expected a type tag, found "}"`},
		"an unknown tag":             {`{"Item":{"a":{"X":"1"}}}`, `decode attribute a at byte 14: unknown type tag "X"`},
		"a tag in lower case":        {`{"Item":{"a":{"s":"1"}}}`, `decode attribute a at byte 14: unknown type tag "s"`},
		"a tag that ends early":      {`{"Item":{"a":{"S`, `decode attribute a at byte 16: the line ends inside a string`},
		"a tag without a colon":      {`{"Item":{"a":{"S","x"}}}`, `decode attribute a at byte 17: expected ':', found ","`},
		"two tags":                   {`{"Item":{"a":{"S":"1","N":"1"}}}`, `decode attribute a at byte 21: a value has more than one type tag`},
		"an unclosed value":          {`{"Item":{"a":{"S":"1"]}}`, `decode attribute a at byte 21: expected '}' after a value, found "]"`},
		"a string that is a number":  {`{"Item":{"a":{"S":1}}}`, `decode attribute a at byte 18: expected a string after the type tag S, found "1"`},
		"a number that is a number":  {`{"Item":{"a":{"N":1}}}`, `decode attribute a at byte 18: expected a string after the type tag N, found "1"`},
		"a number that is text":      {`{"Item":{"a":{"N":"one"}}}`, `decode attribute a at byte 19: not a number: "one"`},
		"an empty number":            {`{"Item":{"a":{"N":""}}}`, `decode attribute a at byte 19: not a number: ""`},
		"a number in hidden escapes": {`{"Item":{"a":{"N":"\u0031x"}}}`, `decode attribute a at byte 19: not a number: "1x"`},
		"BOOL as text":               {`{"Item":{"a":{"BOOL":"true"}}}`, `decode attribute a at byte 21: expected true or false after BOOL, found "\""`},
		"NULL as false":              {`{"Item":{"a":{"NULL":false}}}`, `decode attribute a at byte 21: expected true after NULL, found "f"`},
		"a cut literal":              {`{"Item":{"a":{"NULL":tru`, `decode attribute a at byte 21: expected true after NULL, found "t"`},
		"M as a list":                {`{"Item":{"a":{"M":[]}}}`, `decode attribute a at byte 18: expected '{' after M, found "["`},
		"L as a map":                 {`{"Item":{"a":{"L":{}}}}`, `decode attribute a at byte 18: expected '[' after L, found "{"`},
		"SS as a string":             {`{"Item":{"a":{"SS":"x"}}}`, `decode attribute a at byte 19: expected '[' after SS, found "\""`},
		"an empty set":               {`{"Item":{"a":{"NS":[]}}}`, `decode attribute a at byte 20: an empty set`},
		"a number in a string set":   {`{"Item":{"a":{"SS":["x",1]}}}`, `decode attribute a[1] at byte 24: expected a string in a set, found "1"`},
		"a word in a number set":     {`{"Item":{"a":{"NS":["1","x"]}}}`, `decode attribute a[1] at byte 25: not a number: "x"`},
		"a bad string in a set":      {`{"Item":{"a":{"SS":["\x"]}}}`, `decode attribute a[0] at byte 21: unknown escape sequence "\\x"`},
		"a set without a comma":      {`{"Item":{"a":{"SS":["x" "y"]}}}`, `decode attribute a at byte 24: expected ',' or ']' after an element, found "\""`},
		"a list without a comma":     {`{"Item":{"a":{"L":[{"S":"x"}{"S":"y"}]}}}`, `decode attribute a at byte 28: expected ',' or ']' after an element, found "{"`},
		"a bare list element":        {`{"Item":{"a":{"L":[{"S":"x"},7]}}}`, `decode attribute a[1] at byte 29: expected '{' of a typed value, found "7"`},
		"a fault deep inside":        {`{"Item":{"a":{"M":{"b c":{"L":[{"NULL":true},{"M":{"d":{"N":"x"}}}]}}}}}`, `decode attribute a."b c"[1].d at byte 61: not a number: "x"`},
		"base64 of a wrong length":   {`{"Item":{"a":{"B":"AAA"}}}`, `decode attribute a at byte 19: base64 whose length is not a multiple of four`},
		"base64 of another alphabet": {`{"Item":{"a":{"B":"AA-_"}}}`, `decode attribute a at byte 19: not a base64 digit: "-"`},
		"base64 with a line break":   {`{"Item":{"a":{"B":"AA\nA"}}}`, `decode attribute a at byte 19: not a base64 digit: "\n"`},
		"base64 with padding inside": {`{"Item":{"a":{"B":"AA==AAAA"}}}`, `decode attribute a at byte 19: not a base64 digit: "="`},
		"base64 with spare bits":     {`{"Item":{"a":{"B":"AAB="}}}`, `decode attribute a at byte 19: base64 with bits after its end`},
		"base64 in a set":            {`{"Item":{"a":{"BS":["A"]}}}`, `decode attribute a[0] at byte 21: base64 whose length is not a multiple of four`},
		"a known name twice":         {`{"Item":{"PK":{"S":"a"},"PK":{"S":"a"}}}`, `decode item at byte 24: attribute name "PK" occurs twice`},
		"an unknown name twice":      {`{"Item":{"x":{"S":"a"},"y":{"S":"a"},"x":{"S":"a"}}}`, `decode item at byte 37: attribute name "x" occurs twice`},
		"a name twice, once escaped": {`{"Item":{"x":{"S":"a"},"\u0078":{"S":"a"}}}`, `decode item at byte 23: attribute name "x" occurs twice`},
		"a nested name twice":        {`{"Item":{"x":{"M":{"k":{"S":"a"},"k":{"S":"a"}}}}}`, `decode attribute x at byte 33: attribute name "k" occurs twice`},
		"a selected name twice":      {`{"Item":{"Address":{"M":{"city":{"S":"a"},"city":{"S":"a"}}}}}`, `decode attribute Address at byte 42: attribute name "city" occurs twice`},
		"too many levels":            {deep(64), `decode attribute a` + strings.Repeat("[0]", 63) + ` at byte 396: nested deeper than 64 levels`},
		"too many levels of maps": {
			`{"Item":` + strings.Repeat(`{"a":{"M":`, 64) + `{}` + strings.Repeat(`}}`, 64) + `}`,
			`decode attribute a` + strings.Repeat(".a", 63) + ` at byte 648: nested deeper than 64 levels`,
		},
		"a control character":          {"{\"Item\":{\"a\":{\"S\":\"x\x01\"}}}", `decode attribute a at byte 20: control character in a string; it must be escaped`},
		"a tab in a long string":       {"{\"Item\":{\"a\":{\"S\":\"0123456789abcdef\tx\"}}}", `decode attribute a at byte 35: control character in a string; it must be escaped`},
		"a stray continuation byte":    {"{\"Item\":{\"a\":{\"S\":\"x\x80\"}}}", `decode attribute a at byte 20: invalid UTF-8`},
		"a cut UTF-8 sequence":         {"{\"Item\":{\"a\":{\"S\":\"é\xc3\"}}}", `decode attribute a at byte 21: invalid UTF-8`},
		"an overlong UTF-8 sequence":   {"{\"Item\":{\"a\":{\"S\":\"\xc0\xaf\"}}}", `decode attribute a at byte 19: invalid UTF-8`},
		"a surrogate in UTF-8":         {"{\"Item\":{\"a\":{\"S\":\"\xed\xa0\x80\"}}}", `decode attribute a at byte 19: invalid UTF-8`},
		"invalid UTF-8 in a name":      {"{\"Item\":{\"\xff\":{\"S\":\"x\"}}}", `decode item at byte 10: invalid UTF-8`},
		"a lone high surrogate":        {`{"Item":{"a":{"S":"\ud83d"}}}`, `decode attribute a at byte 19: unpaired surrogate "\\ud83d"`},
		"a lone low surrogate":         {`{"Item":{"a":{"S":"\ude00"}}}`, `decode attribute a at byte 19: unpaired surrogate "\\ude00"`},
		"surrogates in wrong order":    {`{"Item":{"a":{"S":"\ude00\ud83d"}}}`, `decode attribute a at byte 19: unpaired surrogate "\\ude00"`},
		"a surrogate and a character":  {`{"Item":{"a":{"S":"\ud83d\u0041"}}}`, `decode attribute a at byte 19: unpaired surrogate "\\ud83d"`},
		"a short unicode escape":       {`{"Item":{"a":{"S":"\u12"}}}`, `decode attribute a at byte 19: \u must be followed by four hexadecimal digits`},
		"an unknown escape":            {`{"Item":{"a":{"S":"\'"}}}`, `decode attribute a at byte 19: unknown escape sequence "\\'"`},
		"a line that ends in a escape": {`{"Item":{"a":{"S":"\`, `decode attribute a at byte 19: the line ends inside a string`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDecoder(t, "PK", "Address.city", "a")
			err := d.Decode([]byte(test.line))
			if err == nil {
				t.Fatalf("Decode(%s) = nil, want %s", test.line, test.want)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("Decode(%s) (-want +got):\n%s", test.line, diff)
			}
			if _, ok := errors.AsType[*ddbjson.SyntaxError](err); !ok {
				t.Errorf("Decode(%s) = %T, want a *SyntaxError", test.line, err)
			}
			for slot := range 3 {
				if kind := d.Value(slot).Kind(); kind != ddbjson.Missing {
					t.Errorf("after an error slot %d is %v, want missing", slot, kind)
				}
			}
			if kind := d.Item().Kind(); kind != ddbjson.Missing {
				t.Errorf("after an error the item is %v, want missing", kind)
			}
			if err := d.Decode([]byte(`{"Item":{"PK":{"S":"k"}}}`)); err != nil || show(d.Value(0)) != "S k" || d.Value(2).Kind() != ddbjson.Missing {
				t.Errorf("the next line decodes to %v and %v, %v", show(d.Value(0)), show(d.Value(2)), err)
			}
		})
	}
}

func TestDecoder_Decode_depth(t *testing.T) {
	t.Parallel()
	line := `{"Item":` + strings.Repeat(`{"a":{"M":`, 63) + `{}` + strings.Repeat(`}}`, 63) + `}`
	if err := newDecoder(t).Decode([]byte(line)); err != nil {
		t.Errorf("64 levels: %v", err)
	}
}

func TestDecoder_Decode_manyNames(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 40000 {
		fmt.Fprintf(&b, `"n%d":{"M":{"n%d":{"NULL":true}}},`, i, i)
	}
	d := newDecoder(t, "n77")
	for range 2 { // the table of names shrinks between the two
		if err := d.Decode([]byte(`{"Item":{` + b.String() + `"last":{"S":""}}}`)); err != nil {
			t.Fatal(err)
		}
		if d.Value(0).Kind() != ddbjson.Map {
			t.Errorf("n77 is %v, want M", d.Value(0).Kind())
		}
	}
	err := d.Decode([]byte(`{"Item":{` + b.String() + `"n39999":{"S":""}}}`))
	if err == nil || !strings.Contains(err.Error(), `"n39999" occurs twice`) {
		t.Errorf("a name repeated after 40,000 others: %v", err)
	}
}

func TestNewSelector(t *testing.T) {
	t.Parallel()
	if _, err := ddbjson.NewSelector([]string{"PK"}, nil); err == nil {
		t.Error("an empty path is accepted")
	}
	t.Run("serves a path twice", func(t *testing.T) {
		t.Parallel()
		d := newDecoder(t, "a.b", "a", "a.b")
		if err := d.Decode([]byte(`{"Item":{"a":{"M":{"b":{"N":"7"}}}}}`)); err != nil {
			t.Fatal(err)
		}
		got := []string{show(d.Value(0)), show(d.Value(1)), show(d.Value(2)), show(d.Item())}
		want := []string{"N 7", "M {b: N 7}", "N 7", "M {a: M {b: N 7}}"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
	})
	t.Run("holds many names", func(t *testing.T) {
		t.Parallel()
		var paths []string
		var line strings.Builder
		for i := range 1000 {
			paths = append(paths, fmt.Sprintf("attribute%d", i))
			fmt.Fprintf(&line, `,"attribute%d":{"N":"%d"}`, i, i)
		}
		d := newDecoder(t, paths...)
		if err := d.Decode([]byte(`{"Item":{` + line.String()[1:] + `}}`)); err != nil {
			t.Fatal(err)
		}
		for slot := range paths {
			if got, want := show(d.Value(slot)), fmt.Sprintf("N %d", slot); got != want {
				t.Errorf("slot %d is %s, want %s", slot, got, want)
			}
		}
	})
}

func TestValue_wrongKind(t *testing.T) {
	t.Parallel()
	d := newDecoder(t, "s", "n", "m", "missing")
	if err := d.Decode([]byte(`{"Item":{"s":{"S":"QQ=="},"n":{"NULL":true},"m":{"M":{"a":{"S":"x"}}}}}`)); err != nil {
		t.Fatal(err)
	}
	for slot := range 4 {
		v := d.Value(slot)
		var scratch []byte
		if v.Kind() != ddbjson.String && (v.Text(&scratch) != nil || len(v.AppendText(nil)) > 0) {
			t.Errorf("%v has a text", v.Kind())
		}
		if v.Bool() || len(v.AppendBinary(nil)) > 0 {
			t.Errorf("%v has a truth or bytes", v.Kind())
		}
		for range v.Elements() {
			t.Errorf("%v has an element", v.Kind())
		}
		for range v.Members() {
			if v.Kind() != ddbjson.Map {
				t.Errorf("%v has a member", v.Kind())
			}
			break
		}
	}
}

func TestKind_String(t *testing.T) {
	t.Parallel()
	var got []string
	for k := ddbjson.Missing; k <= ddbjson.Unreachable+1; k++ {
		got = append(got, k.String())
	}
	want := []string{"missing", "S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS", "unreachable", "unknown"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names of kinds (-want +got):\n%s", diff)
	}
}

func ExampleDecoder() {
	selector, err := ddbjson.NewSelector([]string{"type"}, []string{"Address", "city"})
	if err != nil {
		fmt.Println(err)
		return
	}
	decoder := ddbjson.NewDecoder(selector)
	reader := ddbjson.NewReader(strings.NewReader(
		`{"Item":{"Address":{"M":{"city":{"S":"Troms\u00f8"}}},"type":{"S":"customer"}}}`+"\n"+
			`{"Item":{"type":{"S":"order"},"amount":{"N":"1,5"}}}`+"\n"), 0)
	var scratch []byte
	for {
		line, err := reader.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := decoder.Decode(line); err != nil {
			fmt.Printf("line %d: %v\n", reader.Line(), err)
			continue
		}
		fmt.Printf("%s", decoder.Value(0).Text(&scratch))
		fmt.Printf(", %s\n", decoder.Value(1).Text(&scratch))
	}
	// Output:
	// customer, Tromsø
	// line 2: decode attribute amount at byte 45: not a number: "1,5"
	// EOF
}
