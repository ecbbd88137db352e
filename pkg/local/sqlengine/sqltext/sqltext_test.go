package sqltext_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

func scan(t *testing.T, text string) []sqltext.Token {
	t.Helper()
	tokens, err := sqltext.Scan(text)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestScan(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want string // kinds and texts, one token a line
	}{
		"folds names, in quotes too":       {`Select "Order"`, "word select\nquoted order"},
		"keeps text after comments":        {"a -- b\n/* c /* d */ e */ f", "word a\nword f"},
		"undoubles quotes":                 {`'it''s' "a""b"`, "string it's\nquoted a\"b"},
		"keeps case and newlines in text":  {"'A\nb'", "string A\nb"},
		"reads dollar quotes with a tag":   {"$x$a $$ b$x$", "dollar a $$ b"},
		"reads numbers":                    {"1 1.5 .5 2e10 3E-2", "number 1\nnumber 1.5\nnumber .5\nnumber 2e10\nnumber 3E-2"},
		"reads a parameter as two tokens":  {"a=:b", "word a\nsymbol =\nsymbol :\nword b"},
		"tells a cast from a parameter":    {"a::b", "word a\nsymbol ::\nword b"},
		"takes a sign off an operator":     {"a=-1", "word a\nsymbol =\nsymbol -\nnumber 1"},
		"keeps a long operator whole":      {"a<>b||c->>d", "word a\nsymbol <>\nword b\nsymbol ||\nword c\nsymbol ->>\nword d"},
		"ends an operator at a comment":    {"a*--b\n1", "word a\nsymbol *\nnumber 1"},
		"reads names with dollar signs":    {"a$1_b é", "word a$1_b\nword é"},
		"gives nothing for an empty text":  {" \n", ""},
		"reads e before a name as a name":  {"e e'", "error"},
		"refuses a literal with backslash": {`'a\b'`, "error"},
		"refuses $1":                       {"$1", "error"},
		"refuses an open string":           {"'a", "error"},
		"refuses an open comment":          {"/* a", "error"},
		"refuses an open dollar quote":     {"$a$ b", "error"},
		"refuses 1_000":                    {"1_000", "error"},
		"refuses 0x10":                     {"0x10", "error"},
		"refuses an empty name":            {`""`, "error"},
		"refuses NUL":                      {"a\x00b", "error"},
		"refuses bytes that are no UTF-8":  {"'\xff'", "error"},
		"refuses a control character":      {"a \x01", "error"},
	}
	kinds := map[sqltext.Kind]string{
		sqltext.Word: "word", sqltext.Quoted: "quoted", sqltext.String: "string",
		sqltext.Dollar: "dollar", sqltext.Number: "number", sqltext.Symbol: "symbol",
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tokens, err := sqltext.Scan(test.text)
			var got []string
			for _, token := range tokens {
				got = append(got, kinds[token.Kind]+" "+token.Text)
			}
			if err != nil {
				got = []string{"error"}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("Scan(%q) (-want +got):\n%s%v", test.text, diff, err)
			}
		})
	}
}

func TestScan_namesTheLine(t *testing.T) {
	t.Parallel()
	_, err := sqltext.Scan("select\n\n  'a")
	if err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("error %v does not name line 3", err)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	statements := sqltext.Split(scan(t, "; select ';' ;; call a.b()"))
	var got []string
	for _, s := range statements {
		got = append(got, sqltext.Render(s))
	}
	if diff := cmp.Diff([]string{"select ';'", "call a.b ( )"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, want string
	}{
		"plain":                 {"landing.customer", `"landing"."customer"`},
		"with quotes and case":  {`Landing."Order"`, `"landing"."order"`},
		"without a schema":      {"t", `"t"`},
		"a reserved word":       {"dwh.order", `"dwh"."order"`},
		"three parts":           {"a.b.c", ""},
		"something after it":    {"a.b; drop", ""},
		"empty":                 {"", ""},
		"a number":              {"a.1", ""},
		"a quote inside quotes": {`"a""b"`, `"a""b"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := sqltext.ParseName(test.text)
			if (err != nil) != (test.want == "") {
				t.Fatalf("ParseName(%q) = %v, %v", test.text, got, err)
			}
			if err == nil && got.SQL() != test.want {
				t.Errorf("ParseName(%q) = %s, want %s", test.text, got.SQL(), test.want)
			}
		})
	}
}

func TestCursor_Identifiers(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		`(a, "B" , c) rest`: {"a", "b", "c"},
		"()":                nil,
		"(a,)":              nil,
		"(a b)":             nil,
		"(a":                nil,
		"a":                 nil,
		"((a))":             nil,
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := sqltext.NewCursor(scan(t, text)).Identifiers()
			if (err != nil) != (want == nil) || !cmp.Equal(got, want) {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
}

// FuzzScan checks that Scan never panics, that tokens lie in order inside the
// text, and that text made of its tokens scans to the same tokens.
func FuzzScan(f *testing.F) {
	f.Add(`select a."B", 'it''s' from t -- x`)
	f.Add("$q$ body $q$ $$ $ $$ :a::int <>- 1.5e3 ..")
	f.Add("a=-1 /* /* */ */ 1 . x")
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := sqltext.Scan(text)
		if err != nil {
			return
		}
		end := 0
		for _, token := range tokens {
			if token.Pos < end || token.End <= token.Pos || token.End > len(text) {
				t.Fatalf("token %+v after %d in %q", token, end, text)
			}
			end = token.End
		}
		rendered := sqltext.Render(tokens)
		again, err := sqltext.Scan(rendered)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, rendered, err)
		}
		for i := range again {
			again[i].Pos, again[i].End = 0, 0
		}
		for i := range tokens {
			tokens[i].Pos, tokens[i].End = 0, 0
		}
		if !slices.Equal(tokens, again) {
			t.Fatalf("%q became %q: %v, then %v", text, rendered, tokens, again)
		}
	})
}
