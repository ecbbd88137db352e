package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// runs is the part of Step Functions that the machine talks to.
type runs struct {
	ended   []string // names that are taken
	broken  int      // calls that go wrong before one works
	started []string
}

func (r *runs) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var call struct {
		Resource   string
		Parameters struct{ StateMachineArn, Name, Input string }
	}
	if err := json.NewDecoder(request.Body).Decode(&call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fail := func(name string) {
		w.WriteHeader(http.StatusConflict)
		_ = json.NewEncoder(w).Encode(map[string]string{"name": name})
	}
	p := call.Parameters
	switch {
	case r.broken > 0:
		r.broken--
		fail("Sfn.SfnException")
	case strings.Contains(strings.Join(r.ended, " "), p.Name):
		fail("Sfn.ExecutionAlreadyExistsException")
	default:
		r.started = append(r.started, strings.Join([]string{call.Resource, p.StateMachineArn, p.Name, p.Input}, "\n"))
		_ = json.NewEncoder(w).Encode(map[string]string{"ExecutionArn": p.Name})
	}
}

// TestNightly executes the deployed definition, with its tokens replaced, in an
// executor that is not ours.
func TestNightly(t *testing.T) {
	t.Parallel()

	const night = "arn:aws:states:::aws-sdk:sfn:startExecution\npipeline\nnightly-2026-11-22T0130\n" + `{"mode":"auto","startedBy":"schedule 2026-11-22T01:30:00Z"}`
	tests := map[string]struct {
		runs    runs
		end     string // error, or the last state
		started []string
	}{
		"starts the run of the scheduled time":              {runs{}, "Started", []string{night}},
		"takes a late second delivery for the run that was": {runs{ended: []string{"nightly-2026-11-22T0130"}}, "Started already", nil},
		"tries again":           {runs{broken: 5}, "Started", []string{night}},
		"gives up, and says so": {runs{broken: 6}, "Sfn.SfnException", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if end := runNightly(t, &tt.runs); end != tt.end {
				t.Errorf("it ended as %q, want %q", end, tt.end)
			}
			if diff := cmp.Diff(tt.started, tt.runs.started); diff != "" {
				t.Errorf("runs that were started (-want +got):\n%s", diff)
			}
		})
	}
}

func runNightly(t *testing.T, r *runs) string {
	t.Helper()
	server := httptest.NewServer(r)
	defer server.Close()
	library, err := filepath.Abs("../.ci/node_modules/aws-local-stepfunctions/build/main.node.esm.js")
	if err != nil {
		t.Fatal(err)
	}
	message, err := json.Marshal(map[string]any{
		"library": library, "url": server.URL, "input": map[string]string{"scheduledTime": "2026-11-22T01:30:00Z"},
		"definition": json.RawMessage(nightlyDeployed()),
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "testdata/nightly.mjs")
	command.Stdin, command.Stderr = strings.NewReader(string(message)), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("run it, after npm ci --prefix .ci: %v\n%s", err, out)
	}
	var result struct {
		Status, Error string
		Path          []string
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatal(err)
	}
	if result.Status == "FAILED" {
		return result.Error
	}
	return result.Path[len(result.Path)-1]
}

// nightlyDeployed is the definition with its tokens replaced.
func nightlyDeployed() string {
	return strings.NewReplacer("${PipelineArn}", "pipeline", "${AwsPartition}", "aws").Replace(nightlyDefinition)
}

func TestNightly_isValid(t *testing.T) {
	t.Parallel()

	const validator = "../.ci/node_modules/asl-validator/dist/bin/asl-validator.js"
	deployed := filepath.Join(t.TempDir(), "nightly.asl.json")
	if err := os.WriteFile(deployed, []byte(nightlyDeployed()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("node", validator, "--json-path", deployed).CombinedOutput(); err != nil {
		t.Errorf("asl-validator: %v\n%s", err, out)
	}
}
