package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/step/steptest"
)

// The tests that start the endpoints run one after the other, in one process:
// the S3 gateway is one to a process. Each uses the command line as a user does.

// built is where TestMain puts the step executables.
var built string

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	flag.Parse()
	if path := os.Getenv(holdVariable); path != "" {
		os.Exit(hold(path))
	}
	if worker := flag.Lookup("test.fuzzworker"); worker != nil && worker.Value.String() == "true" {
		os.Exit(m.Run()) // fuzzing starts many of these, and runs no step
	}
	os.Exit(steptest.Main(func(dir string) int {
		built = dir
		return m.Run()
	}))
}

// result is what one command line left on the screen.
type result struct {
	code     int
	out, err string
}

func nightstar(t *testing.T, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, output{out: &out, err: &errs})
	return result{code: code, out: out.String(), err: errs.String()}
}

func TestRun_refusesWhatItDoesNotUnderstand(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"an unknown command":            {[]string{"fly"}, 2, "Try: nightstar --help"},
		"an unknown flag":               {[]string{"run", "--fast"}, 2, "--fast"},
		"less than one item":            {[]string{"demo", "--items=-5"}, 2, "--items is -5"},
		"a directory without a name":    {[]string{"run", "--dir", ""}, 1, "--dir is empty"},
		"a number that is none":         {[]string{"demo", "--items", "many"}, 2, "--items"},
		"an export that is not there":   {[]string{"run", "--export", filepath.Join(dir, "none")}, 2, "none"},
		"a query of no name":            {[]string{"query", "--dir", dir, "growth"}, 1, "nightstar query --help"},
		"a query that is misspelled":    {[]string{"query", "--dir", dir, "monthly_revenu"}, 1, "did you mean monthly_revenue?"},
		"a table that is not there":     {[]string{"tables", "--model", "store", "oder"}, 1, "did you mean order?"},
		"a file for a directory":        {[]string{"runs", "--dir", "main.go"}, 1, "--dir names a directory"},
		"a run over no table":           {[]string{"run", "--dir", filepath.Join(dir, "none")}, 1, "nightstar seed"},
		"an ARN that is none":           {[]string{"watch", "run-1"}, 1, "arn:aws:states:"},
		"the ARN of something else":     {[]string{"watch", "arn:aws:states:us-east-1:1:activity:a"}, 1, "activity"},
		"a query before the first run":  {[]string{"query", "--dir", dir, "quarterly_growth"}, 1, "run nightstar demo or nightstar run first"},
		"a file that is not there":      {[]string{"query", "--dir", dir, filepath.Join(dir, "q.sql")}, 1, "q.sql"},
		"a model of no name":            {[]string{"model", "check", "bookings"}, 1, "the models that come with Nightstar are fleet, library, store, tickets"},
		"a model file that is none":     {[]string{"run", "--dir", dir, "--model", filepath.Join(dir, "none.yaml")}, 1, "none.yaml"},
		"step executables that are not": {[]string{"demo", "--dir", dir, "--lambdas", dir}, 1, "make local"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := nightstar(t, tt.args...)
			if got.code != tt.code || !strings.Contains(got.err, tt.want) || got.out != "" {
				t.Errorf("nightstar %v = %+v, want status %d and %q", tt.args, got, tt.code, tt.want)
			}
		})
	}
}

func TestRun_aFirstWeekOfUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "night")
	demo := nightstar(t, "demo", "--dir", dir, "--lambdas", built, "--items", "1500", "--awkward")
	if demo.code != 0 {
		t.Fatalf("demo = %+v", demo)
	}
	for _, want := range []string{"succeeded in", " items are in the star", "wrong_type", "Example: ", "Sales growth of Q4 2024 against Q4 2023", "Netherlands"} {
		if !strings.Contains(strings.Join(strings.Fields(demo.out), " "), want) {
			t.Errorf("the demo does not print %q:\n%s", want, demo.out)
		}
	}

	again := nightstar(t, "run", "--dir", dir, "--lambdas", built, "--json")
	var summary execution.Summary
	if err := json.Unmarshal([]byte(again.out), &summary); err != nil {
		t.Fatalf("run --json printed %q and %q: %v", again.out, again.err, err)
	}
	if again.code != 0 || summary.Status != "SUCCEEDED" || summary.Items < 1500 || summary.Tables["dwh.order"] == (scalar.Sum{}) ||
		len(summary.Stages) < 8 || summary.SetAside["product: wrong_type"] == 0 {
		t.Errorf("run --json = %d %+v", again.code, summary)
	}

	listed := nightstar(t, "runs", "--dir", dir)
	if listed.code != 0 || strings.Count(listed.out, "Loaded") != 2 || !strings.Contains(listed.out, summary.RunID) {
		t.Errorf("runs = %+v, want both runs", listed)
	}
	one := nightstar(t, "runs", "--dir", dir, summary.RunID)
	for _, want := range []string{summary.RunID + ": Loaded", "started by       nightstar", "wrong_type", "dwh.order"} {
		if one.code != 0 || !strings.Contains(one.out, want) {
			t.Errorf("runs %s does not print %q: %+v", summary.RunID, want, one)
		}
	}
	if got := nightstar(t, "runs", "--dir", dir, "run-1"); got.code != 1 || !strings.Contains(got.err, "see nightstar runs") {
		t.Errorf("runs run-1 = %+v, want that there is none", got)
	}

	t.Run("report on AWS", func(t *testing.T) { checkReportOnAWS(t, dir) })
	checkReports(t, dir, strings.Fields(strings.Split(listed.out, "\n")[1])[0], summary.RunID)

	t.Run("without rights to write", func(t *testing.T) { checkReadOnly(t, dir) })

	file := filepath.Join(t.TempDir(), "count.sql")
	if err := os.WriteFile(file, []byte("select count(*) as facts from dwh.\"order\";\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"monthly_revenue", file, "select count(*) as facts from dwh.\"order\""} {
		if got := nightstar(t, "query", "--dir", dir, query); got.code != 0 || strings.Count(got.out, "\n") < 2 {
			t.Errorf("query %s = %+v, want a heading and rows", query, got)
		}
	}
	if got := nightstar(t, "query", "--dir", dir, "delete from dwh.customer where 1 = 1"); got.code != 1 {
		t.Errorf("a query changed the warehouse: %+v", got)
	}

	exported := filepath.Join(dir, "s3", "nightstar-raw", "run="+summary.RunID)
	other := filepath.Join(t.TempDir(), "other")
	given := nightstar(t, "run", "--dir", other, "--lambdas", built, "--export", exported)
	if given.code != 0 || !strings.Contains(given.out, "succeeded in") {
		t.Errorf("run --export = %+v", given)
	}

	manifests, err := filepath.Glob(filepath.Join(exported, "AWSDynamoDB", "*", "manifest-files.json"))
	if err != nil || len(manifests) != 1 {
		t.Fatalf("manifests %v, %v", manifests, err)
	}
	if err := os.Truncate(manifests[0], 10); err != nil {
		t.Fatal(err)
	}
	broken := nightstar(t, "run", "--dir", other, "--lambdas", built, "--export", exported)
	flat := strings.Join(strings.Fields(broken.out), " ")
	for _, want := range []string{
		"failed (ExportDoesNotAddUp)", manifests[0], "The warehouse holds run run-", "Start again: nightstar run --dir " + other,
		"statemachine/RUNBOOK.md#exportdoesnotaddup",
	} {
		if broken.code != 1 || !strings.Contains(flat, want) {
			t.Errorf("run --export of a broken export = %+v, want status 1 and %q", broken, want)
		}
	}
}

func TestRun_jsonIsOneDocumentWhateverHappens(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my [odd] folder")
	if err := os.MkdirAll(filepath.Join(dir, "AWSDynamoDB", "one"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"no executables": {"--lambdas", dir},
		"no export":      {"--lambdas", built, "--export", dir},
	} {
		t.Run(name, func(t *testing.T) {
			got := nightstar(t, append([]string{"run", "--json", "--dir", t.TempDir()}, args...)...)
			var summary execution.Summary
			if err := json.Unmarshal([]byte(got.out), &summary); err != nil {
				t.Fatalf("stdout is %q: %v", got.out, err)
			}
			if got.code != 1 || summary.Status != "FAILED" || summary.Cause == "" {
				t.Errorf("run --json = %d %+v, want status 1 and a cause", got.code, summary)
			}
		})
	}
	if err := os.WriteFile(filepath.Join(dir, "AWSDynamoDB", "one", "manifest-summary.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := nightstar(t, "run", "--dir", t.TempDir(), "--lambdas", built, "--export", dir)
	if got.code != 1 || !strings.Contains(got.out, "Export") || !strings.Contains(got.out, "RUNBOOK.md#") {
		t.Errorf("run --export of an export without content = %+v, want a Fail state: the folder's name is no pattern", got)
	}
}

// TestRun_ofNothing: what people try first ends well.
func TestRun_ofNothing(t *testing.T) {
	for _, args := range [][]string{{}, {"help"}, {"--help"}, {"help", "run"}, {"version"}, {"completion", "bash"}} {
		if got := nightstar(t, args...); got.code != 0 || got.out == "" || got.err != "" {
			t.Errorf("nightstar %v = %+v, want status 0", args, got)
		}
	}
	if got := nightstar(t, "help", "fly"); got.code != 1 || !strings.Contains(got.err, "fly") {
		t.Errorf("help of an unknown command = %+v", got)
	}
}

// TestPlace_misspelled names the directory that is meant.
func TestPlace_misspelled(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"night", "other", "nothing"} {
		if err := os.Mkdir(filepath.Join(parent, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"night", "other"} {
		if err := os.WriteFile(filepath.Join(parent, name, "model.yaml"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	misspelled := filepath.Join(parent, "nigth")
	for _, args := range [][]string{{"runs"}, {"query", "select 1"}, {"tables"}, {"run"}} {
		got := nightstar(t, append(args, "--dir", misspelled)...)
		if got.code != 1 || !strings.Contains(got.err, "did you mean --dir "+filepath.Join(parent, "night")+"?") {
			t.Errorf("nightstar %v = %+v, want the name that is meant", args, got)
		}
	}
	if _, err := os.Stat(misspelled); !os.IsNotExist(err) {
		t.Errorf("a misspelled directory was made: %v", err)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()

	info := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.time", Value: "2026-11-28T09:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	got := versionText(info)
	if !strings.HasPrefix(got, "nightstar v1.2.3, commit 0123456789ab of 2026-11-28T09:00:00Z, with changes that are not committed, go") {
		t.Errorf("the version is %q", got)
	}
	if got := versionText(&debug.BuildInfo{}); !strings.HasPrefix(got, "nightstar of unknown version, go") {
		t.Errorf("without information it is %q", got)
	}
}
