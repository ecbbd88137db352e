package asl_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// document decodes JSON as the interpreter holds it.
func document(t testing.TB, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestParsePath(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		text string
		want string // empty when the path is refused
	}{
		"the document":            {`$`, `$`},
		"the context object":      {`$$`, `$$`},
		"a field":                 {`$.a`, `$.a`},
		"a field of the context":  {`$$.Execution.Name`, `$$.Execution.Name`},
		"fields and elements":     {`$.a[0].b[12]`, `$.a[0].b[12]`},
		"an unusual plain name":   {`$.naïve-name_1`, `$.naïve-name_1`},
		"a quoted plain name":     {`$['a']['b c']`, `$.a['b c']`},
		"quotes in a name":        {`$['it\'s \\ ] here']`, `$['it\'s \\ ] here']`},
		"an empty name":           {`$['']`, `$['']`},
		"no dollar":               {`a.b`, ``},
		"nothing":                 {``, ``},
		"a trailing dot":          {`$.`, ``},
		"a name without dot":      {`$a`, ``},
		"three dollars":           {`$$$`, ``},
		"a wildcard":              {`$.*`, ``},
		"an index wildcard":       {`$[*]`, ``},
		"a slice":                 {`$[0:2]`, ``},
		"a union":                 {`$[0,1]`, ``},
		"a negative index":        {`$[-1]`, ``},
		"a huge index":            {`$[99999999999]`, ``},
		"a filter":                {`$[?(@.a)]`, ``},
		"descent":                 {`$..a`, ``},
		"a space":                 {`$.a b`, ``},
		"double quotes":           {`$["a"]`, ``},
		"an open bracket":         {`$['a'`, ``},
		"an open quote":           {`$['a`, ``},
		"an open index":           {`$[1`, ``},
		"another escape in quote": {`$['\n']`, ``},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path, err := asl.ParsePath(tt.text)
			if tt.want == "" {
				if err == nil {
					t.Fatalf("ParsePath(%q) = %v, want an error", tt.text, path)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := path.String(); got != tt.want {
				t.Errorf("ParsePath(%q) = %v, want %v", tt.text, got, tt.want)
			}
			if got, want := path.IsContext(), strings.HasPrefix(tt.text, "$$"); got != want {
				t.Errorf("ParsePath(%q).IsContext() = %v, want %v", tt.text, got, want)
			}
		})
	}
}

func TestPath_Get(t *testing.T) {
	t.Parallel()

	const text = `{"a":{"b":[10,{"c":null}],"x y":1.50},"n":null}`
	tests := map[string]struct {
		path string
		want string // empty when the path selects nothing
	}{
		"all of it":               {`$`, `{"a":{"b":[10,{"c":null}],"x y":1.50},"n":null}`},
		"an element":              {`$.a.b[0]`, `10`},
		"a number as written":     {`$.a['x y']`, `1.50`},
		"a null":                  {`$.a.b[1].c`, `null`},
		"a missing field":         {`$.b`, ``},
		"a field of a null":       {`$.n.x`, ``},
		"a field of an array":     {`$.a.b.c`, ``},
		"an element of an object": {`$.a[0]`, ``},
		"an element past the end": {`$.a.b[2]`, ``},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path, err := asl.ParsePath(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			got, found := path.Get(document(t, text))
			if found != (tt.want != "") {
				t.Fatalf("Get(%s) found = %v", tt.path, found)
			}
			if found {
				if diff := cmp.Diff(document(t, tt.want), got); diff != "" {
					t.Errorf("Get(%s) mismatch (-want +got):\n%s", tt.path, diff)
				}
			}
		})
	}
}

func TestPath_Set(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		document string
		path     string
		want     string // empty when the value can not be put there
	}{
		"all of it":                  {`{"a":1}`, `$`, `"new"`},
		"a new field":                {`{"a":1}`, `$.b`, `{"a":1,"b":"new"}`},
		"a present field":            {`{"a":1}`, `$.a`, `{"a":"new"}`},
		"fields on the way":          {`{}`, `$.a.b['c d']`, `{"a":{"b":{"c d":"new"}}}`},
		"an element":                 {`{"a":[1,2,3]}`, `$.a[1]`, `{"a":[1,"new",3]}`},
		"a field in an element":      {`[{"a":1}]`, `$[0].b`, `[{"a":1,"b":"new"}]`},
		"an element past the end":    {`{"a":[1]}`, `$.a[1]`, ``},
		"an element of a new field":  {`{}`, `$.a[0]`, ``},
		"a field of a string":        {`{"a":"x"}`, `$.a.b`, ``},
		"a field of a present null":  {`{"a":null}`, `$.a.b`, ``},
		"a field of a null document": {`null`, `$.a`, ``},
		"a field of an array":        {`[]`, `$.a`, ``},
		"a place in the context":     {`{}`, `$$.a`, ``},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path, err := asl.ParsePath(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			original := document(t, tt.document)
			got, err := path.Set(original, "new")
			if (err == nil) != (tt.want != "") {
				t.Fatalf("Set(%s) error = %v", tt.path, err)
			}
			if err == nil {
				if diff := cmp.Diff(document(t, tt.want), got); diff != "" {
					t.Errorf("Set(%s) mismatch (-want +got):\n%s", tt.path, diff)
				}
			}
			if diff := cmp.Diff(document(t, tt.document), original); diff != "" {
				t.Errorf("Set(%s) changed its document (-want +got):\n%s", tt.path, diff)
			}
		})
	}
}

// FuzzPath proves that ParsePath never panics, that a path survives being
// written and parsed again, and that Get returns what Set has put in a place
// while every other part of the document stays as it was.
func FuzzPath(f *testing.F) {
	f.Add(`$`, `{}`)
	f.Add(`$.a.b[0]`, `{"a":{"b":[1]}}`)
	f.Add(`$['it\'s']['\\']`, `{"it's":{"\\":1}}`)
	f.Add(`$$.Execution.Id`, `null`)
	f.Add(`$.a[*]`, `[]`)
	f.Add(`$[2][1]`, `[1,2,[3,4]]`)
	f.Fuzz(func(t *testing.T, text, input string) {
		path, err := asl.ParsePath(text)
		if err != nil {
			return
		}
		again, err := asl.ParsePath(path.String())
		if err != nil || again.String() != path.String() {
			t.Fatalf("ParsePath(%q) = %v, %v after %v", path.String(), again, err, path)
		}
		var original any
		if json.Unmarshal([]byte(input), &original) != nil {
			return
		}
		before, _ := json.Marshal(original)
		changed, err := path.Set(original, "marker")
		if after, _ := json.Marshal(original); string(after) != string(before) {
			t.Errorf("Set(%s) changed %s to %s", path, before, after)
		}
		if err != nil {
			return
		}
		if got, found := path.Get(changed); !found || got != "marker" {
			t.Errorf("Get(%s) = %v, %v after Set in %s", path, got, found, before)
		}
		if old, found := path.Get(original); found {
			restored, err := path.Set(changed, old)
			if err != nil {
				t.Fatal(err)
			}
			if after, _ := json.Marshal(restored); string(after) != string(before) {
				t.Errorf("Set(%s) of the old value gives %s, want %s", path, after, before)
			}
		}
	})
}
