package main

import (
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/report/chart"
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
	revenue := chart.Group(fields[len(fields)-1])
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
