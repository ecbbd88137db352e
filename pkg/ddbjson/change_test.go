package ddbjson_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

func changeDecoder(t testing.TB) *ddbjson.ChangeDecoder {
	t.Helper()
	selector, err := ddbjson.NewSelector([]string{"PK"}, []string{"a"}, []string{"m", "x"})
	if err != nil {
		t.Fatal(err)
	}
	return ddbjson.NewChangeDecoder(selector)
}

func TestChangeDecoder(t *testing.T) {
	t.Parallel()

	const keys = `"Keys":{"PK":{"S":"k"}}`
	tests := map[string]struct {
		line     string
		written  int64
		old, new string // value of a; "-" without an image
	}{
		"an update": {`{"Metadata":{"WriteTimestampMicros":{"N":"1716791050804459"}},` + keys + `,"OldImage":{"PK":{"S":"k"},"a":{"S":"x"}},"NewImage":{"PK":{"S":"k"},"a":{"S":"y"}}}`,
			1716791050804459, "x", "y"},
		"an insert, with the time as a number": {`{"Metadata":{"WriteTimestampMicros":1716791050804459},` + keys + `,"NewImage":{"a":{"S":"y"}}}`, 1716791050804459, "-", "y"},
		"a delete, with the time as text":      {` { "Metadata" : { "WriteTimestampMicros" : "17" } , ` + keys + ` } `, 17, "-", "-"},
		"another order, and more metadata":     {`{"NewImage":{},` + keys + `,"OldImage":{"a":{"N":"1"}},"Metadata":{"More":[{"a":1}],"WriteTimestampMicros":{"N":"1"}}}`, 1, "1", ""},
		"names with escapes":                   {`{"\u004detadata":{"WriteTimestampMicros":1},"Key\u0073":{"PK":{"S":"k"}}}`, 1, "-", "-"},
	}
	d := changeDecoder(t)
	for name, tt := range tests {
		if err := d.Decode([]byte(tt.line)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		image := func(d *ddbjson.Decoder, ok bool) string {
			if !ok {
				return "-"
			}
			return string(d.Value(1).AppendText(nil))
		}
		if old, is := image(d.Old()), image(d.New()); d.Written() != tt.written || old != tt.old || is != tt.new {
			t.Errorf("%s: written %d, old %q, new %q", name, d.Written(), old, is)
		}
		if key := string(d.Keys().Value(0).AppendText(nil)); key != "k" {
			t.Errorf("%s: key %q", name, key)
		}
	}
}

func TestChangeDecoder_Refuses(t *testing.T) {
	t.Parallel()

	const meta, keys = `"Metadata":{"WriteTimestampMicros":{"N":"1"}}`, `"Keys":{"PK":{"S":"k"}}`
	tests := map[string]struct{ line, path, problem string }{
		"an item":               {`{"Item":{"PK":{"S":"k"}}}`, "", `no field "Item"`},
		"nothing":               {``, "", "the line ends"},
		"no keys":               {`{` + meta + `}`, "", "and Keys"},
		"no metadata":           {`{` + keys + `}`, "", "a change has Metadata"},
		"no time":               {`{"Metadata":{},` + keys + `}`, "", "WriteTimestampMicros"},
		"no number":             {`{"Metadata":{"WriteTimestampMicros":{"S":"1"}},` + keys + `}`, "", "WriteTimestampMicros"},
		"a fraction":            {`{"Metadata":{"WriteTimestampMicros":1.5},` + keys + `}`, "", "WriteTimestampMicros"},
		"a negative time":       {`{"Metadata":{"WriteTimestampMicros":"-1"},` + keys + `}`, "", "WriteTimestampMicros"},
		"the year 10000":        {`{"Metadata":{"WriteTimestampMicros":253402300800000000},` + keys + `}`, "", "WriteTimestampMicros"},
		"metadata cut off":      {`{"Metadata":{"WriteTimestampMicros":`, "", "not a JSON object"},
		"keys twice":            {`{` + meta + `,` + keys + `,` + keys + `}`, "", `"Keys" occurs twice`},
		"metadata twice":        {`{` + meta + `,` + meta + `,` + keys + `}`, "", `"Metadata" occurs twice`},
		"more after it":         {`{` + meta + `,` + keys + `} x`, "", "nothing after the change"},
		"a fault in an image":   {`{` + meta + `,` + keys + `,"NewImage":{"m":{"M":{"x":{"N":"one"}}}}}`, "NewImage.m.x", ""},
		"an image that is text": {`{` + meta + `,` + keys + `,"NewImage":"x"}`, "", "'{' of attributes"},
		"an image cut off":      {`{` + meta + `,` + keys + `,"OldImage":{"a":{"S":"x"}`, "OldImage", "the line ends"},
	}
	d := changeDecoder(t)
	for name, tt := range tests {
		err := d.Decode([]byte(tt.line))
		syntax, ok := errors.AsType[*ddbjson.SyntaxError](err)
		if !ok || syntax.Path != tt.path || !strings.Contains(syntax.Problem, tt.problem) || syntax.Offset > len(tt.line) {
			t.Errorf("%s: %v, want path %q and %q", name, err, tt.path, tt.problem)
		}
		if _, has := d.New(); has || d.Keys().Value(0).Kind() != ddbjson.Missing {
			t.Errorf("%s: something is left of it", name)
		}
	}
}

// FuzzChangeDecoder compares what is accepted with what encoding/json and the
// decoder of items make of the same line.
func FuzzChangeDecoder(f *testing.F) {
	f.Add([]byte(`{"Metadata":{"WriteTimestampMicros":{"N":"1716791050804459"}},"Keys":{"PK":{"S":"k"}},"OldImage":{"PK":{"S":"k"}},"NewImage":{"PK":{"S":"k"},"a":{"L":[{"NULL":true}]}}}`))
	f.Add([]byte(`{"Metadata":{"WriteTimestampMicros":1},"Keys":{"PK":{"N":"1"}}}`))
	f.Add([]byte(`{"Keys":{},"Metadata":{"WriteTimestampMicros":"9","x":null}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		d := changeDecoder(t)
		if err := d.Decode(line); err != nil {
			syntax, ok := errors.AsType[*ddbjson.SyntaxError](err)
			if !ok || syntax.Offset < 0 || syntax.Offset > len(line) || syntax.Problem == "" {
				t.Fatalf("%q: %#v", line, err)
			}
			return
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatalf("%q is accepted, and no JSON: %v", line, err)
		}
		check := func(name string, image *ddbjson.Decoder, has bool) {
			raw, there := fields[name]
			if there != has {
				t.Fatalf("%q: %s is there: %t, want %t", line, name, has, there)
			}
			if !has {
				return
			}
			selector, err := ddbjson.NewSelector([]string{"PK"})
			if err != nil {
				t.Fatal(err)
			}
			item := ddbjson.NewDecoder(selector)
			if err := item.Decode(append(append([]byte(`{"Item":`), raw...), '}')); err != nil {
				t.Fatalf("%q: %s is accepted, and no item: %v", line, name, err)
			}
			if want, got := treeOfMap(item.Item()), treeOfMap(image.Item()); !reflect.DeepEqual(want, got) {
				t.Fatalf("%q: %s is %v, the item is %v", line, name, got, want)
			}
		}
		check("Keys", d.Keys(), true)
		old, hasOld := d.Old()
		check("OldImage", old, hasOld)
		is, hasNew := d.New()
		check("NewImage", is, hasNew)
		if d.Written() < 1 {
			t.Fatalf("%q: written %d", line, d.Written())
		}
	})
}
