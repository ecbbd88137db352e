package explain_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/explain"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// TestRun_everyFailState has an explanation of its own, and a section of the
// runbook, for each Fail state that is deployed.
func TestRun_everyFailState(t *testing.T) {
	t.Parallel()

	var machine struct {
		States map[string]struct{ Type, Error string }
	}
	if err := json.Unmarshal([]byte(statemachine.Definition()), &machine); err != nil {
		t.Fatal(err)
	}
	runbook, err := os.ReadFile("../../statemachine/RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	places := []explain.Place{
		{RunID: "r1", Command: "nightstar run", Look: "nightstar runs r1"},
		{RunID: "r1", Command: "nightstar run --export ./my-export", Export: "./my-export"},
		{RunID: "r1", Machine: "arn:machine"},
	}
	seen := map[string]bool{}
	for name, state := range machine.States {
		if state.Type != "Fail" {
			continue
		}
		for _, p := range places {
			got := explain.Run("FAILED", state.Error, "x. Reported: Corrupt because", p)
			text := strings.Join(append(got.Next, got.What, got.True), "\n")
			if seen[got.What] && p.Command == "nightstar run" || strings.Contains(got.What, state.Error) || len(got.Next) == 0 {
				t.Errorf("%s is explained as %+v", name, got)
			}
			if !strings.Contains(string(runbook), "\n## "+state.Error+"\n") || got.Section != "statemachine/RUNBOOK.md#"+strings.ToLower(state.Error) {
				t.Errorf("%s has no section %s", name, got.Section)
			}
			if p.Command != "" && (strings.Contains(text, "execution") || strings.Contains(text, "deploy")) {
				t.Errorf("%s is explained in words of AWS to somebody without:\n%s", name, text)
			}
			if strings.Contains(text, "MODEL") || strings.Contains(text, "EXPORT") {
				t.Errorf("%s keeps a placeholder:\n%s", name, text)
			}
			seen[got.What] = true
		}
	}
	if len(seen) < 10 {
		t.Errorf("there are %d Fail states", len(seen))
	}
}

// TestRun_causes takes causes apart as runs have reported them.
func TestRun_causes(t *testing.T) {
	t.Parallel()

	before := "run-0"
	p := explain.Place{
		RunID: "run-1", Command: "nightstar run --export mine --accept table", Export: "mine", Star: &before,
		File: func(url string) string { return filepath.Join("mine", filepath.Base(url)) },
	}
	got := explain.Run("FAILED", "ExportDoesNotAddUp", `Words; see statemachine/RUNBOOK.md#exportdoesnotaddup. Reported: Corrupt `+
		`{"errorMessage":"reconcile run run-1: data file run=run-1/AWSDynamoDB/01/data/a.json.gz: decompress: unexpected EOF","errorType":"Corrupt"}`, p)
	if len(got.Details) != 1 || got.Details[0] != "data file mine/a.json.gz: decompress: unexpected EOF" {
		t.Errorf("details = %q", got.Details)
	}
	if !strings.Contains(got.True, "run run-0, as before") || !strings.Contains(got.Next[0], "into mine: aws s3 sync") {
		t.Errorf("got %+v", got)
	}

	cause := `Words; see statemachine/RUNBOOK.md#typeshrank. Reported: TypeShrank since run run-0, the last that was published: order has 9 rows, before 90. ` +
		`Nothing of this run was loaded. If this is how it should be, accept it by name: start an execution with the input ` +
		`{"accept":["table","order"],"export":{"manifestKey":"k"}}, or on one machine: nightstar run --accept table --accept order (and the same --export DIR, if this run had one)`
	got = explain.Run("FAILED", "TypeShrank", cause, p)
	if got.Details[0] != "since run run-0, the last that was published: order has 9 rows, before 90." {
		t.Errorf("details = %q", got.Details)
	}
	if last := got.Next[len(got.Next)-1]; !strings.HasSuffix(last, "nightstar run --export mine --accept table --accept order") {
		t.Errorf("next = %q", got.Next)
	}
	got = explain.Run("FAILED", "TypeShrank", cause, explain.Place{RunID: "run-1", Machine: "arn:m"})
	if last := got.Next[len(got.Next)-1]; !strings.HasSuffix(last, `--state-machine-arn arn:m --input '{"accept":["table","order"],"export":{"manifestKey":"k"}}'`) {
		t.Errorf("next = %q", got.Next)
	}

	for _, name := range []string{"", "States.Runtime", "TransformFailed"} { // it may have ended after publishing
		if got := explain.Run("ABORTED", name, "x", explain.Place{RunID: "run-1", Machine: "arn:m"}); !strings.Contains(got.True, "etl.content") {
			t.Errorf("%q on AWS: %+v", name, got)
		}
	}

	none := ""
	got = explain.Run("ABORTED", "", "the process ended", explain.Place{Command: "nightstar run", Star: &none})
	if got.Section != "" || !strings.Contains(got.True, "holds no star yet") || got.Details[0] != "the process ended" {
		t.Errorf("a run that was stopped: %+v", got)
	}
}

func FuzzRun(f *testing.F) {
	f.Add("TypeShrank", "a. Reported: X Nothing of this run was loaded. If this is how it should be, accept it by name: ")
	// Whatever is reported, there is a sentence and a next step.
	f.Fuzz(func(t *testing.T, name, cause string) {
		got := explain.Run("FAILED", name, cause, explain.Place{RunID: "r", Command: "nightstar run", File: strings.ToUpper})
		if got.What == "" || got.True == "" || len(got.Next) == 0 {
			t.Errorf("Run(%q, %q) = %+v", name, cause, got)
		}
	})
}
