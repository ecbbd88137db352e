package redshiftdata

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// FuzzParseCopy checks that the parser never panics and that what it accepts
// has a table with a schema, a manifest, and the options that it must have.
func FuzzParseCopy(f *testing.F) {
	f.Add("copy a.b (c, d) from 's3://x/y' iam_role default format as parquet manifest statupdate off")
	f.Add(`copy "a"."b" from 's3://x/y' manifest format parquet iam_role 'arn:aws:iam::1:role/r'`)
	f.Add("copy a.b from 's3://x/y' csv")
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := sqltext.Scan(text)
		if err != nil {
			return
		}
		c, err := parseCopy(tokens)
		if err != nil {
			return
		}
		if c.table.Schema == "" || c.table.Object == "" || c.manifest.bucket == "" || c.manifest.key == "" || slices.Contains(c.columns, "") {
			t.Fatalf("%q became %+v", text, c)
		}
		for _, word := range []string{"manifest", "parquet", "iam_role"} {
			if !slices.ContainsFunc(tokens, func(token sqltext.Token) bool { return token.Is(word) }) {
				t.Fatalf("%q was accepted without %s", text, word)
			}
		}
	})
}

// FuzzParseManifest checks that the decoder never panics and that each entry it
// accepts has a place and a length.
func FuzzParseManifest(f *testing.F) {
	f.Add(`{"entries":[{"url":"s3://a/b","mandatory":true,"meta":{"content_length":5}}]}`)
	f.Add(`{"entries":[null,{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseManifest([]byte(text))
		if err != nil {
			return
		}
		for _, e := range m.Entries {
			if e.location.bucket == "" || e.location.key == "" || e.Meta.ContentLength < 1 {
				t.Fatalf("%q became %+v", text, e)
			}
		}
	})
}

// FuzzBind checks that a bound value is one literal again, with that value, or
// literals joined by backslashes, and that nothing else of the statement changes.
func FuzzBind(f *testing.F) {
	f.Add("select :a, ':a', b::int -- :a", "a", "it's")
	f.Add("select :a:a", "a", "x'; drop table t; --")
	f.Add("select :a_1 || :a_1", "a_1", `\' or \\`)
	f.Add("select :1, :A", "1", "x")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		bound, err := bind([]string{text}, []parameter{{Name: name, Value: value}})
		if err != nil {
			return
		}
		before, err := sqltext.Scan(text)
		if err != nil {
			t.Fatal(err)
		}
		after, err := sqltext.Scan(bound[0])
		if err != nil {
			t.Fatalf("%q with %q became %q: %v", text, value, bound[0], err)
		}
		for i, j := 0, 0; i < len(before) || j < len(after); i, j = i+1, j+1 {
			if i+1 < len(before) && before[i].Is(":") && before[i+1].Pos == before[i].End && text[before[i+1].Pos:before[i+1].End] == name {
				i++
				got, n := valueOf(after[min(j, len(after)):])
				if got != value {
					t.Fatalf("%q with %q became %q", text, value, bound[0])
				}
				j += n - 1
				continue
			}
			if i >= len(before) || j >= len(after) || before[i].Kind != after[j].Kind || before[i].Text != after[j].Text {
				t.Fatalf("%q with %q became %q", text, value, bound[0])
			}
		}
	})
}

// valueOf reads what literal wrote at the start of the tokens: the value, and
// how many tokens it took.
func valueOf(tokens []sqltext.Token) (string, int) {
	var value strings.Builder
	for n, t := range tokens {
		switch {
		case t.Kind == sqltext.String:
			value.WriteString(t.Text)
			if n == 0 {
				return value.String(), 1
			}
		case t.Is("chr"):
			value.WriteString(`\`)
		case t.Is(")") && tokens[n-1].Kind != sqltext.Number:
			return value.String(), n + 1
		}
	}
	return value.String(), len(tokens)
}

// idle is an engine that does nothing.
type idle struct{}

func (idle) Begin(context.Context) (sqlengine.Tx, error) { return idle{}, nil }
func (idle) Close() error                                { return nil }
func (idle) Exec(context.Context, string) (*sqlengine.Result, error) {
	return &sqlengine.Result{}, nil
}

func (idle) CopyParquet(context.Context, string, []string, []string) (int64, error) { return 0, nil }
func (idle) Commit() error                                                          { return nil }
func (idle) Rollback() error                                                        { return nil }

// FuzzServeHTTP checks that no request makes the endpoint panic or answer with
// an internal error.
func FuzzServeHTTP(f *testing.F) {
	f.Add("ExecuteStatement", `{"Sql":"select :a","Database":"d","WorkgroupName":"w","Parameters":[{"name":"a","value":"1"}]}`)
	f.Add("BatchExecuteStatement", `{"Sqls":["select 1"],"Database":"d","ClusterIdentifier":"c","ClientToken":"t"}`)
	f.Add("GetStatementResult", `{"Id":"x:1","NextToken":"y"}`)
	f.Add("ListStatements", `{"MaxResults":1,"Status":"ALL"}`)
	f.Add("DescribeStatement", `{"Id":":"}`)
	f.Add("CancelStatement", `null`)
	f.Fuzz(func(t *testing.T, operation, body string) {
		s := New(idle{}, nil, Options{})
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "RedshiftData."+operation)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError {
			t.Fatalf("%s %q gives %s", operation, body, w.Body)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
