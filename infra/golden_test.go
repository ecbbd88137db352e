package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/statemachine"
)

var update = flag.Bool("update", false, "write the golden templates anew")

// TestTemplate_golden shows every change of what is deployed as a difference
// to review. Hashes of assets are left out: they change with every build. So is
// the definition of the pipeline, which other tests hold to its file.
func TestTemplate_golden(t *testing.T) {
	definition, err := json.Marshal(statemachine.Definition())
	if err != nil {
		t.Fatal(err)
	}
	for env := range environments(t) {
		s := environment(t, env)
		got := regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAll(s.text, []byte("ASSET"))
		got = bytes.ReplaceAll(got, definition, []byte(`"statemachine/pipeline.asl.json"`))
		got = append(bytes.TrimSpace(got), '\n')
		golden := filepath.Join("testdata", env+".template.json")
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("environment %s (-golden +got); if it is meant, go test ./infra -update:\n%s",
				env, cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
		}
	}
}
