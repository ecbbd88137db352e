package sql_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// update rewrites the files that are rendered from the model: go test ./sql
// -update.
var update = flag.Bool("update", false, "rewrite sql/schema from the model")

func TestSchema_isRenderedFromTheModel(t *testing.T) {
	t.Parallel()

	m := model.Store()
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, script := range m.Schema() {
		want[script.Name] = script.Text
		if *update {
			if err := os.WriteFile(filepath.Join("schema", script.Name), []byte(script.Text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	names, err := filepath.Glob("schema/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got[filepath.Base(name)] = string(text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sql/schema differs from the model, run `make generate` (-model +files):\n%s", diff)
	}
}
