package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/models"
)

func TestModel_commandsOfEveryModel(t *testing.T) {
	for _, name := range models.Names() {
		file := filepath.Join("../../models", name+".yaml")
		for _, model := range []string{name, file} {
			if got := nightstar(t, "model", "check", model); got.code != 0 || !strings.Contains(got.out, "model "+name+" is right") {
				t.Errorf("model check %s = %+v", model, got)
			}
		}
		whole := nightstar(t, "model", "sql", file)
		length := 0
		for _, phase := range []string{"schema", "procedures", "full", "repair", "increment"} {
			part := nightstar(t, "model", "sql", file, phase)
			if part.code != 0 || !strings.Contains(whole.out, strings.TrimSpace(part.out)) || len(part.out) < 100 {
				t.Errorf("model sql %s %s = %d, %d bytes, not part of all", name, phase, part.code, len(part.out))
			}
			length += len(strings.TrimSpace(part.out))
		}
		if len(whole.out) < length {
			t.Errorf("model sql %s has %d bytes, its phases %d", name, len(whole.out), length)
		}
		explained := nightstar(t, "model", "explain", file)
		if explained.code != 0 || strings.Count(explained.out, "\n") < 10 || !strings.Contains(explained.out, "surrogate key of ") {
			t.Errorf("model explain %s = %+v", name, explained)
		}
	}
	if got := nightstar(t, "model", "schema"); got.code != 0 || !json.Valid([]byte(got.out)) {
		t.Errorf("model schema = %+v, want JSON", got)
	}
}

// Everything that is wrong is reported at once, each with its place.
func TestModelCheck_reportsEverything(t *testing.T) {
	file := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(file, []byte("nightstar: 1\nmodel: broken\ntabel: {}\nitems:\n  a: { keys: { PK: \"A#{id\" } }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := nightstar(t, "model", "check", file)
	if got.code != 1 || !strings.Contains(got.err, "broken.yaml:1:1") || !strings.Contains(got.err, "broken.yaml:3:1") {
		t.Errorf("model check = %+v, want both lines", got)
	}
}

// The directory remembers its model, and does not take another one for it.
func TestRun_ofAnotherModel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "night")
	demo := nightstar(t, "demo", "--model", "library", "--dir", dir, "--lambdas", built, "--items", "300")
	for _, want := range []string{"succeeded in", "Fact loan: One row for each loan of a book.", "The last twelve months by date", "members of book"} {
		if demo.code != 0 || !strings.Contains(demo.out, want) {
			t.Fatalf("the demo does not print %q: %+v", want, demo)
		}
	}
	if _, missing, found := strings.Cut(pageOf(t, filepath.Join(dir, reportFile)), "Not in this report"); found {
		t.Errorf("the report lacks something: %.500s", missing)
	}
	if got := nightstar(t, "run", "--dir", dir, "--lambdas", built); got.code != 0 || !strings.Contains(got.out, "loan: ") {
		t.Errorf("run without a model = %+v, want the one of the directory", got)
	}
	got := nightstar(t, "run", "--model", "tickets", "--dir", dir, "--lambdas", built)
	if got.code != 1 || !strings.Contains(got.err, `it holds model "library"; choose another --dir, or replace what it holds with run --rebuild`) {
		t.Errorf("run with another model = %+v, want it refused", got)
	}
}

// A plan says what a run would do, and does nothing.
func TestPlan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "night")
	got := nightstar(t, "plan", "--model", "library", "--dir", dir)
	if got.code != 0 || !strings.Contains(got.out, "create library_dwh.loan") {
		t.Errorf("plan before the first run = %+v, want tables to create", got)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Errorf("the plan has made %s", dir)
	}
	if demo := nightstar(t, "demo", "--model", "library", "--dir", dir, "--lambdas", built, "--items", "100"); demo.code != 0 {
		t.Fatalf("demo = %+v", demo)
	}
	if got := nightstar(t, "plan", "--dir", dir); got.code != 0 || !strings.Contains(got.out, "The warehouse follows model library already.") {
		t.Errorf("plan after a run = %+v", got)
	}
	library, err := os.ReadFile("../../models/library.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "library.yaml")
	edit := strings.NewReplacer("language: string(20)", "language: string(10)", "title: { type: string(200)", "title: { type: string(300)")
	if err := os.WriteFile(file, []byte(edit.Replace(string(library))), 0o600); err != nil {
		t.Fatal(err)
	}
	got = nightstar(t, "plan", "--model", file, "--dir", dir)
	for _, want := range []string{
		"widen library_dwh.book.title from varchar(200) to varchar(300)",
		"library_dwh.book.language is varchar(20) and would be varchar(10)", "nightstar run --rebuild",
	} {
		if got.code != 1 || !strings.Contains(got.out, want) {
			t.Errorf("plan of a changed model does not print %q: %+v", want, got)
		}
	}
	stopped := nightstar(t, "run", "--model", file, "--dir", dir, "--lambdas", built)
	if stopped.code != 1 || !strings.Contains(stopped.out, "ModelChanged") {
		t.Errorf("run of a changed model = %+v, want ModelChanged", stopped)
	}
	if rebuilt := nightstar(t, "run", "--rebuild", "--dir", dir, "--lambdas", built); rebuilt.code != 0 || !strings.Contains(rebuilt.out, "loan: ") {
		t.Errorf("run --rebuild = %+v", rebuilt)
	}
	if got := nightstar(t, "plan", "--dir", dir); got.code != 0 || !strings.Contains(got.out, "already") {
		t.Errorf("plan after a rebuild = %+v", got)
	}
}
