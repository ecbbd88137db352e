package main

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/infer/infertest"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/record"
)

var (
	inferredDesigns = flag.String("inferred", "lists of maps,chess server", "parts of the names of designs that TestInferred_loads loads, or all")
	inferredItems   = flag.Int("inferred-items", 300, "items of each design that TestInferred_loads loads")
)

// TestInferred_loads infers models of generated designs, and runs a night with each:
// nothing is set aside, and counts and sums of facts are those of the export.
func TestInferred_loads(t *testing.T) {
	loaded := 0
	wanted := func(name string) bool {
		return slices.ContainsFunc(strings.Split(*inferredDesigns, ","), func(part string) bool { return part == "all" || strings.Contains(name, part) })
	}
	for d := range infertest.Designs(*inferredItems, 1, wanted) {
		loaded++
		t.Run(d.Name, func(t *testing.T) { loadInferred(t, d) })
	}
	if loaded == 0 {
		t.Fatalf("no design is called %q", *inferredDesigns)
	}
}

func loadInferred(t *testing.T, d infertest.Design) {
	lines := make([]string, len(d.Items))
	items := map[string][]map[string]any{} // by true type
	for i, item := range d.Items {
		lines[i] = item.JSON
		var one map[string]any
		if err := json.Unmarshal([]byte(item.JSON), &one); err != nil {
			t.Fatal(err)
		}
		items[item.Type] = append(items[item.Type], one)
	}
	export := filepath.Dir(filepath.Dir(inspecttest.Export(t, 3, lines...)))
	file, dir := filepath.Join(t.TempDir(), "inferred.yaml"), filepath.Join(t.TempDir(), "star")
	for _, args := range [][]string{
		{"infer", export, "-o", file},
		{"run", "--model", file, "--export", export, "--dir", dir, "--lambdas", built},
	} {
		if got := nightstar(t, args...); got.code != 0 {
			t.Fatalf("nightstar %q = %+v", args, got)
		}
	}
	var runs []record.Run
	if got := nightstar(t, "runs", "--json", "--dir", dir); json.Unmarshal([]byte(got.out), &runs) != nil || len(runs) != 1 {
		t.Fatalf("runs = %+v, want one", got)
	}
	run := runs[0]
	if run.SetAside.Total() > 0 || run.Wrong.Total() > 0 || run.Items == nil || run.RowsLoaded == nil || *run.Items != int64(len(d.Items)) {
		t.Errorf("set aside %v, wrong %v, items %v of %d", run.SetAside, run.Wrong, run.Items, len(d.Items))
	}
	m, err := models.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Facts) == 0 {
		t.Error("the model has no fact")
	}
	for _, f := range m.Facts {
		checkFact(t, m, f, dir, items)
	}
}

// checkFact compares a fact with the export. One of the true types must have as many
// rows as the fact, with the same sums.
func checkFact(t *testing.T, m model.Model, f model.Fact, dir string, items map[string][]map[string]any) {
	t.Helper()
	rows, _ := m.Relation(f.Of)
	query, paths := "select count(*)", [][]string(nil)
	for _, c := range f.Columns {
		from, known := rows.Column(c.Ref.Column)
		if c.Measure && c.SQL == nil && c.Ref.Lookup == "" && known && len(from.From) > 0 {
			query += fmt.Sprintf(", sum(%s)", model.QuoteName(c.Name))
			paths = append(paths, from.From)
		}
	}
	got := nightstar(t, "query", "--csv", "--dir", dir, query+" from "+model.QuoteName(m.Schema(model.DWH))+"."+model.QuoteName(f.Name))
	table, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
	if err != nil || len(table) != 2 {
		t.Fatalf("query of fact %s = %+v", f.Name, got)
	}
	var seen []string
	for name, of := range items {
		want := sumsOf(of, rows.Path, paths)
		same := len(want) == len(table[1])
		for i := 0; same && i < len(want); i++ {
			have, ok := new(big.Rat).SetString(table[1][i])
			same = ok && have.Cmp(want[i]) == 0 || table[1][i] == "" && want[i].Sign() == 0
		}
		if same {
			return
		}
		seen = append(seen, fmt.Sprint(name, " ", want))
	}
	slices.Sort(seen)
	t.Errorf("fact %s has %v; the export has\n%s", f.Name, table[1], strings.Join(seen, "\n"))
}

// sumsOf counts the rows that items hold, and adds up what their attributes say.
func sumsOf(items []map[string]any, nested []string, paths [][]string) []*big.Rat {
	sums := []*big.Rat{new(big.Rat)}
	for range paths {
		sums = append(sums, new(big.Rat))
	}
	row := func(attributes map[string]any) {
		sums[0].Add(sums[0], big.NewRat(1, 1))
		for i, path := range paths {
			value, _ := valueAt(attributes, path).(map[string]any)
			for _, kind := range []string{"N", "S"} {
				text, _ := value[kind].(string)
				if n, ok := new(big.Rat).SetString(text); ok {
					sums[i+1].Add(sums[i+1], n)
				}
			}
		}
	}
	for _, item := range items {
		if nested == nil {
			row(item)
			continue
		}
		value, _ := valueAt(item, nested).(map[string]any)
		list, _ := value["L"].([]any)
		for _, element := range list {
			if in, ok := element.(map[string]any)["M"].(map[string]any); ok {
				row(in)
			}
		}
		members, _ := value["M"].(map[string]any)
		for _, member := range members {
			if in, ok := member.(map[string]any)["M"].(map[string]any); ok {
				row(in)
			}
		}
	}
	return sums
}

// valueAt returns the value at a path of attributes, through maps.
func valueAt(attributes map[string]any, path []string) any {
	var value any = map[string]any{"M": attributes}
	for _, name := range path {
		within, _ := value.(map[string]any)
		members, _ := within["M"].(map[string]any)
		value = members[name]
	}
	return value
}
