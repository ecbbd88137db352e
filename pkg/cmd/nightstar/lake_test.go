package main

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	_ "github.com/duckdb/duckdb-go/v2" // reads the lake

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/record"
)

// TestLakeReplayAndTable takes one directory through the commands that read what a
// run left: the views of the lake, a replay after the model was corrected, what a run
// costs, and a model that is inferred from the table itself.
func TestLakeReplayAndTable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "night")
	if got := nightstar(t, "lake", "--model", "library", "--dir", dir); got.code != 1 || !strings.Contains(got.err, "run nightstar run first") {
		t.Errorf("lake before the first run = %+v", got)
	}
	if demo := nightstar(t, "demo", "--model", "library", "--dir", dir, "--lambdas", built, "--items", "300"); demo.code != 0 {
		t.Fatalf("demo = %+v", demo)
	}
	checkLake(t, dir)

	var items string
	inEnvironment(t, dir, func(e *local.Environment) {
		put(t, e, `Film7`)
		items = checkTable(t, e)
	})
	run := nightstar(t, "run", "--mode", "auto", "--dir", dir, "--lambdas", built)
	if run.code != 0 || !strings.Contains(run.out, "Set aside: 1 item: ") {
		t.Fatalf("run with an item of no type = %+v", run)
	}
	if !strings.Contains(run.err, "Run of the mode auto: on AWS $") {
		t.Errorf("the run does not say what it costs on AWS: %s", run.err)
	}
	checkReplay(t, dir, items)
}

// inEnvironment opens the directory, and points the AWS SDK at it.
func inEnvironment(t *testing.T, dir string, use func(e *local.Environment)) {
	t.Helper()
	e, err := local.Open(t.Context(), local.Options{Dir: dir, Lambdas: built, Logs: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, line := range e.ExportLines() {
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		t.Setenv(name, strings.Trim(value, `'"`))
	}
	use(e)
}

func put(t *testing.T, e *local.Environment, id string) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(e.Config()).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(e.Table()), Item: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkLake creates the views in a DuckDB, which reads what the model says.
func checkLake(t *testing.T, dir string) {
	t.Helper()
	views := nightstar(t, "lake", "--dir", dir)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // in memory
	if _, err := db.ExecContext(t.Context(), views.out); views.code != 0 || err != nil {
		t.Fatalf("lake = %+v: %v", views, err)
	}
	for _, table := range []string{"book", "reader", "reader_loan"} {
		var rows int64
		if err := db.QueryRowContext(t.Context(), "select count(*) from "+table+"_current").Scan(&rows); err != nil {
			t.Fatalf("%v; the views are\n%s", err, views.out)
		}
		want := nightstar(t, "query", "--csv", "--dir", dir, "select count(*) from library_mirror."+table)
		if !strings.HasSuffix(strings.TrimSpace(want.out), fmt.Sprint("\n", rows)) || rows == 0 {
			t.Errorf("the view of %s has %d rows, the mirror %+v", table, rows, want)
		}
	}
	if got := nightstar(t, "lake", "--dir", dir, "--athena", "nightstar_dev_spectrum"); got.code != 0 || !strings.Contains(got.out, "nightstar_dev_spectrum") || strings.Contains(got.out, dir) {
		t.Errorf("lake --athena = %+v", got)
	}
}

// checkTable infers a model of the table as the local endpoint has it, and returns
// how many items that are.
func checkTable(t *testing.T, e *local.Environment) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scanned.yaml")
	if got := nightstar(t, "infer", "dynamodb://"+e.Table(), "-o", file); got.code != 0 || !strings.Contains(got.out, "Book{") {
		t.Fatalf("infer dynamodb://%s = %+v", e.Table(), got)
	}
	for _, args := range [][]string{{"model", "check", file}, {"infer", "dynamodb://" + e.Table(), "--against", file}} {
		if got := nightstar(t, args...); got.code != 0 {
			t.Errorf("nightstar %q = %+v", args, got)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := dynamodb.NewFromConfig(e.Config()).Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(e.Table()), Select: types.SelectCount})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), fmt.Sprintf("from %d items", out.Count)) || !strings.Contains(string(text), "partitionKey: id\n") {
		t.Errorf("the table has %d items and the key id; the model begins %.300s", out.Count, text)
	}
	if got := nightstar(t, "infer", "dynamodb://none", "-o", file+"2"); got.code != 1 || !strings.Contains(got.err, "none") {
		t.Errorf("infer of no table = %+v", got)
	}
	return fmt.Sprint(out.Count)
}

// checkReplay corrects the model, and loads what was set aside.
func checkReplay(t *testing.T, dir, items string) {
	t.Helper()
	library, err := os.ReadFile("../../models/library.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "library.yaml")
	text := strings.Replace(string(library), "items:\n", "items:\n  film:\n    keys: { id: \"Film{filmid}\" }\n    columns:\n      filmid: bigint\n", 1)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	runs, err := runsCommand{place: place{Dir: dir}}.list(t.Context())
	if err != nil || len(runs) != 2 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	aside := runs[1].RunID
	for name, tt := range map[string]struct{ args, want []string }{
		"the old model": {[]string{"--dry"}, []string{"set 1 item aside. Model library now loads 0, skips 0 and sets 1 aside"}},
		"the new model": {[]string{"--dry", "--model", file}, []string{"Model library now loads 1, skips 0 and sets 0 aside"}},
	} {
		got := nightstar(t, append([]string{"replay", "--run", aside, "--dir", dir, "--lambdas", built}, tt.args...)...)
		for _, want := range tt.want {
			if got.code != 0 || !strings.Contains(got.out, want) {
				t.Errorf("replay with %s = %+v, want %q", name, got, want)
			}
		}
	}
	if got := nightstar(t, "replay", "--run", runs[0].RunID, "--dir", dir, "--lambdas", built); got.code != 1 || !strings.Contains(got.err, "has set nothing aside") {
		t.Errorf("replay of a run that set nothing aside = %+v", got)
	}
	got := nightstar(t, "replay", "--run", aside, "--dir", dir, "--lambdas", built, "--model", file)
	if got.code != 0 || !strings.Contains(got.out, "all "+items+" items are in the star") || !strings.Contains(got.err, "Full run of "+items+" items") {
		t.Errorf("replay = %+v, want all %s items", got, items)
	}
	if runs, err := (runsCommand{place: place{Dir: dir}}).list(t.Context()); err != nil || len(runs) != 3 || runs[2].Mode != "full" || runs[2].Result != record.Loaded {
		t.Errorf("after the replay there are %d runs, %v", len(runs), err)
	}
}
