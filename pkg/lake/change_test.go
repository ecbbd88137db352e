package lake_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // reads the lake, and was written by others
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakeview"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// changing has types that share their keys, one without templates, one whose sort key
// has no template, one that is skipped, rows within items, and a column that sets
// items aside.
const changing = `
nightstar: 1
model: changing
table: { partitionKey: PK, sortKey: SK, typeAttribute: type }
items:
  basket:
    keys: { PK: "b#{id}", SK: "#" }
    columns: { id: string(8), note: string(4) }
    rows:
      line:
        list: lines
        columns: { sku: { type: string(8), required: true }, count: integer }
  gift:
    keys: { PK: "b#{id}", SK: "#" }
    columns: { id: string(8), note: string(4) }
  loose:
    columns: { note: string(4) }
  half:
    keys: { PK: "h#{number}" }
    columns: { number: integer, note: string(4) }
  old:
    skip: true
    keys: { PK: "b#{id}", SK: "#" }
`

// bodies are attributes that an item may have beside its keys: of every type, wrong
// ones, and ones of no type.
func bodies() []string {
	return []string{
		`,"type":{"S":"basket"},"lines":{"L":[{"M":{"sku":{"S":"a"},"count":{"N":"2"}}},{"M":{"sku":{"S":"b"}}}]}`,
		`,"type":{"S":"basket"},"lines":{"L":[{"M":{"sku":{"S":"c"}}}]}`,
		`,"type":{"S":"basket"},"note":{"S":"x"}`,
		`,"type":{"S":"basket"},"note":{"S":"too long"}`,
		`,"type":{"S":"gift"},"note":{"S":"y"}`,
		`,"type":{"S":"gift"}`,
		`,"type":{"S":"loose"},"note":{"S":"z"}`,
		`,"type":{"S":"half"},"note":{"S":"z"}`,
		`,"type":{"S":"old"}`,
		`,"type":{"S":"nobody"}`,
		``,
	}
}

// TestPartition_changes lets items of one table change at random, cuts the changes
// into windows, and applies what the lake has of them to what it has
// of the first full export: deletes first, then puts, by the time of writing. The
// result must be what the lake has of a full export at the end.
func TestPartition_changes(t *testing.T) {
	t.Parallel()

	m, err := model.Read("changing.yaml", []byte(changing))
	if err != nil {
		t.Fatal(err)
	}
	keys := [][2]string{{"b#1", "#"}, {"b#2", "#"}, {"h#7", "s"}, {"h#7", "t"}, {"h#x", "s"}, {"free", "1"}}
	for seed := range uint64(24) {
		random := rand.New(rand.NewPCG(seed, 14))
		type version struct{ at, key, body int } // body -1 for a delete
		var history []version
		for at := range 40 {
			body := random.IntN(len(bodies()) + 3)
			if body >= len(bodies()) {
				body = -1
			}
			history = append(history, version{at: at + 1, key: random.IntN(len(keys)), body: body})
		}
		// stateAt returns what each item is right before a time, -1 for nothing.
		stateAt := func(at int) (state []int, written []int) {
			state, written = make([]int, len(keys)), make([]int, len(keys))
			for i := range state {
				state[i] = -1
			}
			for _, v := range history {
				if v.at < at {
					state[v.key], written[v.key] = v.body, v.at
				}
			}
			return state, written
		}
		image := func(key, body int) string {
			return fmt.Sprintf(`{"PK":{"S":%q},"SK":{"S":%q}%s}`, keys[key][0], keys[key][1], bodies()[body])
		}
		full := func(at int) (map[string][]string, export) {
			lines := ""
			state, _ := stateAt(at)
			for key, body := range state {
				if body >= 0 {
					lines += `{"Item":` + image(key, body) + "}\n"
				}
			}
			rows, _, e := partitioned(t, m, "base", lines, false)
			return rows, e
		}
		base := 5 + random.IntN(10)
		folder := t.TempDir()
		got, e := full(base)
		e.copyTo(t, folder)
		current := lakedoc.Current{}.Then("base", false)
		end := base
		for end <= 40 {
			from := end // windows that overlap would miss what came before and went after their ends
			end = min(41, end+1+random.IntN(15))
			lines := ""
			before, _ := stateAt(from)
			after, written := stateAt(end)
			for key := range keys {
				if written[key] < from || before[key] < 0 && after[key] < 0 {
					continue
				}
				line := fmt.Sprintf(`{"Metadata":{"WriteTimestampMicros":{"N":"%d"}},"Keys":{"PK":{"S":%q},"SK":{"S":%q}}`, written[key], keys[key][0], keys[key][1])
				if before[key] >= 0 && seed%2 == 0 { // with and without old images
					line += `,"OldImage":` + image(key, before[key])
				}
				if after[key] >= 0 {
					line += `,"NewImage":` + image(key, after[key])
				}
				lines += line + "}\n"
			}
			run := fmt.Sprintf("i%d", end)
			_, changes, e := partitioned(t, m, run, lines, true)
			apply(m, got, changes)
			e.copyTo(t, folder)
			current = current.Then(run, true)
		}
		want, _ := full(41)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: a full export at the end, and what the windows make (-want +got):\n%s", seed, diff)
		}
		if seed%6 != 0 {
			continue
		}
		runs := ""
		for _, run := range current.Runs() {
			text, err := json.Marshal(run)
			if err != nil {
				t.Fatal(err)
			}
			runs += string(text) + "\n"
		}
		name := filepath.Join(folder, filepath.FromSlash(lakedoc.StateKey))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(runs), 0o644)); err != nil {
			t.Fatal(err)
		}
		failed := filepath.Join(folder, "changes", "type=loose", "run=failed") // a run that was never published
		if stray, _ := filepath.Glob(filepath.Join(folder, "changes", "type=loose", "run=i*", "*")); len(stray) > 0 {
			body, err := os.ReadFile(stray[0])
			if err := errors.Join(err, os.MkdirAll(failed, 0o755), os.WriteFile(filepath.Join(failed, "1.parquet"), body, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, viewed(t, m, folder)); diff != "" {
			t.Fatalf("seed %d: a full export at the end, and what the views show (-want +got):\n%s", seed, diff)
		}
	}
}

// change is a row of changes.
type change struct {
	rows, op string
	written  int64
	identity string // of the item
	text     string
}

// partitioned returns the rows of a data file: of items, "identity: row" by set of
// rows, or of changes.
func partitioned(t *testing.T, m model.Model, run, lines string, changes bool) (map[string][]string, []change, export) {
	t.Helper()
	e := export{s3: awstest.NewS3(t, "raw", "lake")}
	var err error
	if e.partition, err = lake.NewPartitioner(e.s3.Client(), m, "raw", "lake"); err != nil {
		t.Fatal(err)
	}
	in := e.put(zip(t, lines), int64(strings.Count(lines, "\n")))
	in.RunID, in.File.Changes = run, changes
	result, err := e.partition.Partition(t.Context(), in)
	if err != nil || result.Problem != "" {
		t.Fatalf("Partition() = %+v, %v", result, err)
	}
	reconcile := e.plan(t, run, in.File)
	if reconcile.Plan.Mode = lakedoc.Full; changes {
		reconcile.Plan.Mode = lakedoc.Incremental
	}
	if _, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), reconcile); err != nil {
		t.Fatalf("Reconcile() = %v", err)
	}
	found, all := map[string][]string{}, []change{}
	for _, object := range result.Objects {
		rows, _ := m.Relation(object.Type)
		for _, row := range e.rows(t, object.Key) {
			c := change{rows: object.Type}
			if changes {
				c.op, c.written = fmt.Sprint(row["op"]), micros(row["written"].(deprecated.Int96))
				delete(row, "op")
				delete(row, "written")
			}
			for _, column := range rows.Columns {
				if slices.Contains(rows.Identity, column.Name) && !column.Position {
					c.identity += fmt.Sprint(row[column.Name]) + "|"
				}
			}
			text, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			c.text = c.identity + ": " + string(text)
			found[c.rows] = append(found[c.rows], c.text)
			all = append(all, c)
		}
	}
	for _, rows := range found {
		slices.Sort(rows)
	}
	return found, all, e
}

// copyTo copies what is in the lake into a folder.
func (e export) copyTo(t *testing.T, folder string) {
	t.Helper()
	for _, key := range e.s3.Keys("lake") {
		object, _ := e.s3.Object("lake", key)
		name := filepath.Join(folder, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, object.Body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// viewed returns the rows that DuckDB finds in a folder of the lake with the queries of
// package lakeview.
func viewed(t *testing.T, m model.Model, folder string) map[string][]string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found := map[string][]string{}
	for _, relation := range m.Relations() {
		has := func(prefix string) bool {
			files, _ := filepath.Glob(filepath.Join(folder, prefix, "type="+relation.Name, "*", "*.parquet"))
			return len(files) > 0
		}
		query := lakeview.State(relation, lakeview.DuckDB(relation, folder, has("items"), has("changes")))
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatalf("%v in\n%s", err, query)
		}
		for rows.Next() {
			values := make([]any, len(relation.Columns))
			to := make([]any, len(values))
			for i := range values {
				to[i] = &values[i]
			}
			if err := rows.Scan(to...); err != nil {
				t.Fatal(err)
			}
			row, identity := map[string]any{}, ""
			for i, column := range relation.Columns {
				if row[column.Name] = values[i]; slices.Contains(relation.Identity, column.Name) && !column.Position {
					identity += fmt.Sprint(values[i]) + "|"
				}
			}
			text, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			found[relation.Name] = append(found[relation.Name], identity+": "+string(text))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(found[relation.Name])
	}
	return found
}

// micros reads a timestamp as Parquet's INT96 spells it: nanoseconds of a Julian day.
func micros(t deprecated.Int96) int64 {
	return (int64(t[2])-2440588)*86400e6 + (int64(t[1])<<32|int64(t[0]))/1000
}

// apply applies changes to rows.
func apply(m model.Model, rows map[string][]string, changes []change) {
	slices.SortStableFunc(changes, func(a, b change) int {
		return strings.Compare(fmt.Sprintf("%09d%s", a.written, a.op), fmt.Sprintf("%09d%s", b.written, b.op))
	})
	for _, c := range changes {
		relation, _ := m.Relation(c.rows)
		if c.op == "delete" || relation.Path == nil {
			rows[c.rows] = slices.DeleteFunc(rows[c.rows], func(text string) bool { return strings.HasPrefix(text, c.identity+": ") })
		}
		if c.op == "put" {
			rows[c.rows] = append(rows[c.rows], c.text)
		}
		if slices.Sort(rows[c.rows]); len(rows[c.rows]) == 0 {
			delete(rows, c.rows)
		}
	}
}
