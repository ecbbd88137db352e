package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

// odd are values that formats get wrong easily.
const odd = `select * from (values
	(1, 'a,b "c"', 12.50::decimal(38,2), null, [1, 2], {'x': 1.5::decimal(4,2), 'y': date '2026-01-02'}),
	(9007199254740993, E'line\none | two', -0.01, 'é', [], null)) as t(n, words, price, nothing, list, pair)`

func warehouseDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	engine, err := duckdb.Open(t.Context(), filepath.Join(dir, local.WarehouseFile), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestQuery_formats reads what is printed back with readers that are not ours.
func TestQuery_formats(t *testing.T) {
	dir := warehouseDir(t)
	got := nightstar(t, "query", "--dir", dir, "--csv", odd)
	rows, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
	want := [][]string{
		{"n", "words", "price", "nothing", "list", "pair"},
		{"1", `a,b "c"`, "12.50", "", "[1,2]", `{"x":1.50,"y":"2026-01-02 00:00:00"}`},
		{"9007199254740993", "line\none | two", "-0.01", "é", "[]", ""},
	}
	if err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("CSV = %q, %v, %s", rows, err, got.err)
	}

	got = nightstar(t, "query", "--dir", dir, "--json", odd)
	var objects []map[string]any
	decoder := json.NewDecoder(strings.NewReader(got.out))
	decoder.UseNumber()
	if err := decoder.Decode(&objects); err != nil || len(objects) != 2 {
		t.Fatalf("JSON = %s, %v, %s", got.out, err, got.err)
	}
	if o := objects[1]; o["n"] != json.Number("9007199254740993") || o["price"] != json.Number("-0.01") || o["words"] != "line\none | two" || o["pair"] != nil {
		t.Errorf("JSON = %v", o)
	}
	if !strings.HasPrefix(got.out, "[\n  {\"n\": 1, \"words\": ") {
		t.Errorf("members have not the order of the columns: %s", got.out)
	}
	if got := nightstar(t, "query", "--dir", dir, "--json", "select 1 as n where false"); got.out != "[]\n" {
		t.Errorf("no rows in JSON: %+v", got)
	}
	if got := nightstar(t, "query", "--dir", dir, "--json", "select 1 as n, 2 as n"); got.code != 1 || !strings.Contains(got.err, "one name") {
		t.Errorf("two members of one name: %+v", got)
	}

	got = nightstar(t, "query", "--dir", dir, "--md", odd)
	if !strings.HasPrefix(got.out, "| n | words | price |") || !strings.Contains(got.out, "| ---: | --- | ---: |") || !strings.Contains(got.out, `line<br>one \| two`) {
		t.Errorf("Markdown = %s", got.out)
	}
	got = nightstar(t, "query", "--dir", dir, odd)
	if lines := strings.Split(got.out, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[1], "               1  a,b") || strings.Contains(got.out, "line\n") {
		t.Errorf("table =\n%s", got.out)
	}
}

// TestQuery_anySelect: what DuckDB accepts and Redshift does not, and the other way
// round; nothing else.
func TestQuery_anySelect(t *testing.T) {
	dir := warehouseDir(t)
	for query, want := range map[string]string{
		"from range(3) select max(range) as n": "n\n2\n",
		"select 7 / 2 as n":                    "n\n3\n", // as in Redshift
		"with t as (select 1 as n union all select 2) select sum(n) as n from t;": "n\n3\n",
		"select {'a': [1, null]} as s":                                            "s\n{\"a\":[1,null]}\n",
		"select map {'k': 1} as m":                                                "m\n{\"k\":1}\n",
		"select interval 90 minute as i":                                          "i\nP0M0DT5400S\n",
		"select uuid '00000000-0000-0000-0000-000000000001' as u":                 "u\n00000000-0000-0000-0000-000000000001\n",
		"select 0.1::float as f, 1e300 as d":                                      "  f       d\n0.1  1e+300\n",
		"describe select 1 as n":                                                  "column_name",
		"explain select 1":                                                        "explain",
		"select datediff(day, date '2026-01-01', date '2026-01-03') as n":         "n\n2\n", // Redshift's spelling
	} {
		if got := nightstar(t, "query", "--dir", dir, query); got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("query %s = %+v, want %q", query, got, want)
		}
	}
	target := filepath.Join(t.TempDir(), "x.csv")
	for _, query := range []string{
		"create table t (n int)", "copy (select 1) to '" + target + "'", "select 1; select 2", "copy (select 1) to '" + target + "'; select 1",
		"attach '" + target + "'", "set threads = 1", "select no_such_column", "selekt 1", "install httpfs",
	} {
		if got := nightstar(t, "query", "--dir", dir, query); got.code != 1 || got.out != "" || got.err == "" {
			t.Errorf("query %s = %+v, want a refusal", query, got)
		}
	}
	if found, err := filepath.Glob(target); err != nil || found != nil {
		t.Errorf("a question wrote %s, %v", found, err)
	}
}

// TestAnswer_fits never prints a line that is wider than the terminal, and aligns
// numbers at the right.
func TestAnswer_fits(t *testing.T) {
	t.Parallel()

	var columns []sqlengine.Column
	row := []any{}
	for i := range 12 {
		columns = append(columns, sqlengine.Column{Name: strings.Repeat("n", i+1), Type: map[bool]string{true: "BIGINT", false: "VARCHAR"}[i%2 == 0]})
		row = append(row, map[bool]any{true: int64(1) << (5 * i), false: strings.Repeat("日本 text ", i)}[i%2 == 0])
	}
	for width := 1; width < 300; width += 7 {
		for n := 1; n <= len(columns); n++ {
			var out bytes.Buffer
			a := format{}.answer(&out)
			a.columns, a.rows = columns[:n], [][]any{row[:n]}
			a.table(width)
			for i, line := range strings.Split(out.String(), "\n") {
				if i < 2 && progress.Width(line) > width {
					t.Errorf("at width %d a line of %d columns is %q", width, n, line)
				}
			}
		}
	}
	var out bytes.Buffer
	a := format{}.answer(&out)
	a.columns = []sqlengine.Column{{Name: "count", Type: "BIGINT"}, {Name: "name", Type: "VARCHAR"}}
	a.rows = [][]any{{int64(7), "x\x1b[31m"}, {int64(1234567), nil}}
	a.table(80)
	if want := "  count  name\n      7  x [31m\n1234567\n"; out.String() != want {
		t.Errorf("the table is\n%s", out.String())
	}
}
