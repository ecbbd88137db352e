package main

import (
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// pageOf reads a report as people do: with its text unquoted.
func pageOf(t *testing.T, file string) string {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return html.UnescapeString(string(page))
}

// checkReports looks at the report that the last run of a directory has left, and
// at that of an earlier run.
func checkReports(t *testing.T, dir, earlier, last string) {
	t.Helper()
	page := pageOf(t, filepath.Join(dir, reportFile))
	total := nightstar(t, "query", "--dir", dir, "select sum(price) as revenue from dwh.\"order\"")
	fields := strings.Fields(total.out)
	revenue := spell.Digits(fields[len(fields)-1])
	for _, want := range []string{last, revenue, "Sales growth by country", "Compared with run " + earlier, ".json.gz line ", "✓ yes"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report does not have %q", want)
		}
	}
	if _, missing, found := strings.Cut(page, "Not in this report"); found {
		t.Errorf("the report lacks something: %.500s", missing)
	}

	file := filepath.Join(t.TempDir(), "earlier.html")
	got := nightstar(t, "report", "--dir", dir, "--run", earlier, "--out", file)
	if got.code != 0 || !strings.Contains(got.out, file) {
		t.Fatalf("report of an earlier run = %+v", got)
	}
	if page := pageOf(t, file); !strings.Contains(page, "The star shows another run by now") || !strings.Contains(page, earlier) {
		t.Error("the report of an earlier run does not say that its answers are gone")
	}
	for name, args := range map[string][]string{
		"no such run":       {"report", "--dir", dir, "--run", "run-1"},
		"no such directory": {"report", "--dir", filepath.Join(dir, "none")},
		"no capacity":       {"report", "--dir", dir, "--rpu", "0"},
	} {
		if got := nightstar(t, args...); got.code != 1 || got.err == "" || got.out != "" {
			t.Errorf("%s: %+v, want an error", name, got)
		}
	}
}

// checkReportOnAWS asks the endpoints what the command asks of AWS, and expects the
// page that the directory gives.
func checkReportOnAWS(t *testing.T, dir string) {
	t.Helper()
	want := pageOf(t, filepath.Join(dir, reportFile))
	environment, err := local.Open(t.Context(), local.Options{Dir: dir, Lambdas: built, Logs: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := environment.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, line := range environment.ExportLines() {
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		t.Setenv(name, strings.Trim(value, `'"`))
	}
	file := filepath.Join(t.TempDir(), "aws.html")
	args := []string{"report", "--bucket", local.LakeBucket, "--out", file}
	if got := nightstar(t, args...); got.code != 0 {
		t.Fatalf("%v = %+v", args, got)
	}
	if page := pageOf(t, file); !strings.Contains(page, pipeline.RedshiftDatabase+" and "+pipeline.RedshiftWorkgroup) || strings.Contains(page, "Sales growth") {
		t.Error("the report does not say that the warehouse is not named")
	}
	t.Setenv(pipeline.RedshiftDatabase, "nightstar")
	t.Setenv(pipeline.RedshiftWorkgroup, "nightstar")
	if got := nightstar(t, args...); got.code != 0 {
		t.Fatalf("%v = %+v", args, got)
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(pageOf(t, file), "\n")); diff != "" {
		t.Errorf("the report of the bucket differs from that of the directory (-directory +bucket):\n%.3000s", diff)
	}
}
