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
		for _, phase := range []string{"schema", "procedures", "stage", "publish"} {
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
	for _, want := range []string{"SUCCEEDED", "Fact loan: One row for each loan of a book.", "The last twelve months by date", "members of book"} {
		if demo.code != 0 || !strings.Contains(demo.out, want) {
			t.Fatalf("the demo does not print %q: %+v", want, demo)
		}
	}
	if got := nightstar(t, "run", "--dir", dir, "--lambdas", built); got.code != 0 || !strings.Contains(got.out, "dwh.loan") {
		t.Errorf("run without a model = %+v, want the one of the directory", got)
	}
	got := nightstar(t, "run", "--model", "tickets", "--dir", dir, "--lambdas", built)
	if got.code != 1 || !strings.Contains(got.err, `it holds model "library"; choose another --dir, or replace what it holds with run --rebuild`) {
		t.Errorf("run with another model = %+v, want it refused", got)
	}
}
