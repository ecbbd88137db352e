package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// account is the part of AWS that the guard talks to: the lock, and the runs
// of the pipeline. before is called once, before the lock is written, as
// somebody else who is faster.
type account struct {
	mu      sync.Mutex
	lock    string            // ARN of the run that the lock names
	runs    map[string]string // status by name
	unseen  int               // how often a run is still described as unknown
	before  func(*account)
	started []string
}

const runPrefix = "arn:aws:states:eu-west-1:111122223333:execution:nightstar"

type failure struct{ Name, Cause string }

func (a *account) serve(w http.ResponseWriter, r *http.Request) {
	var call struct {
		Resource   string
		Parameters map[string]any
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	result, failed := a.call(call.Resource, call.Parameters)
	if failed != nil {
		w.WriteHeader(http.StatusConflict)
		_ = json.NewEncoder(w).Encode(map[string]string{"name": failed.Name, "cause": failed.Cause})
		return
	}
	_ = json.NewEncoder(w).Encode(result)
}

func (a *account) call(resource string, p map[string]any) (any, *failure) {
	switch resource[strings.LastIndex(resource, ":")+1:] {
	case "getItem":
		if a.lock == "" {
			return map[string]any{}, nil
		}
		return map[string]any{"Item": map[string]any{"name": attribute("run"), "run": attribute(a.lock)}}, nil
	case "putItem":
		if a.before != nil {
			a.before(a)
			a.before = nil
		}
		seen := ""
		if values, ok := p["ExpressionAttributeValues"].(map[string]any); ok {
			seen = values[":seen"].(map[string]any)["S"].(string)
		}
		if a.lock != seen {
			return nil, &failure{Name: "DynamoDB.ConditionalCheckFailedException"}
		}
		a.lock = p["Item"].(map[string]any)["run"].(map[string]any)["S"].(string)
		return map[string]any{}, nil
	case "describeExecution":
		name := strings.TrimPrefix(p["ExecutionArn"].(string), runPrefix+":")
		if a.runs[name] == "" || a.unseen > 0 {
			a.unseen--
			return nil, &failure{Name: "Sfn.ExecutionDoesNotExistException"}
		}
		return map[string]any{"Status": a.runs[name]}, nil
	case "listExecutions":
		executions := []any{}
		for name, status := range a.runs {
			if status == p["StatusFilter"] && a.unseen <= 0 {
				executions = append(executions, map[string]any{"Name": name})
			}
		}
		return map[string]any{"Executions": executions}, nil
	case "startExecution":
		name := p["Name"].(string)
		if a.runs[name] != "" {
			return nil, &failure{Name: "Sfn.ExecutionAlreadyExistsException"}
		}
		a.runs[name] = "RUNNING"
		a.started = append(a.started, name+" "+p["Input"].(string))
		return map[string]any{"ExecutionArn": runPrefix + ":" + name}, nil
	}
	return nil, &failure{Name: "Unknown", Cause: resource}
}

func attribute(text string) map[string]any { return map[string]any{"S": text} }

// TestGuard starts runs through the guard as Step Functions would, and counts
// what was started.
func TestGuard(t *testing.T) {
	t.Parallel()

	const scheduled = `{"scheduledTime":"2026-11-22T01:30:00Z"}`
	const tonight = "nightly-2026-11-22T0130"
	tests := map[string]struct {
		account *account
		input   string
		end     string // error, or the last state
		started []string
	}{
		"starts the first night": {
			&account{}, scheduled, "Started", []string{tonight + " {}"},
		},
		"starts a night after one that ended": {
			&account{lock: runPrefix + ":old", runs: map[string]string{"old": "FAILED"}}, scheduled, "Started", []string{tonight + " {}"},
		},
		"starts by hand under its own name, with its input": {
			&account{}, `{"export":{"manifestKey":"run=a/m.json"}}`, "Started", []string{`by-hand {"export":{"manifestKey":"run=a/m.json"}}`},
		},
		"takes a second delivery for the run that is running": {
			&account{lock: runPrefix + ":" + tonight, runs: map[string]string{tonight: "RUNNING"}}, scheduled, "Started already", nil,
		},
		"takes a late second delivery for the run that has ended": {
			&account{lock: runPrefix + ":" + tonight, runs: map[string]string{tonight: "SUCCEEDED"}}, scheduled, "Started already", nil,
		},
		"refuses a night beside a run that was started by hand": {
			&account{lock: runPrefix + ":hand", runs: map[string]string{"hand": "RUNNING"}}, scheduled, "AnotherRunIsRunning", nil,
		},
		"refuses a start by hand beside the night": {
			&account{lock: runPrefix + ":" + tonight, runs: map[string]string{tonight: "RUNNING"}}, `{}`, "AnotherRunIsRunning", nil,
		},
		"refuses beside a run that is about to be redriven": {
			&account{lock: runPrefix + ":old", runs: map[string]string{"old": "PENDING_REDRIVE"}}, scheduled, "AnotherRunIsRunning", nil,
		},
		"refuses beside a run that was started past the guard": {
			&account{runs: map[string]string{"direct": "RUNNING"}}, scheduled, "AnotherRunIsRunning", nil,
		},
		"refuses when another start takes the free lock first": {
			&account{before: func(a *account) { a.lock = runPrefix + ":faster" }}, scheduled, "AnotherRunIsRunning", nil,
		},
		"refuses when another start takes over the lock first": {
			&account{
				lock: runPrefix + ":old", runs: map[string]string{"old": "SUCCEEDED"},
				before: func(a *account) { a.lock = runPrefix + ":faster" },
			}, scheduled, "AnotherRunIsRunning", nil,
		},
		"waits for a holder that is about to start": {
			&account{lock: runPrefix + ":hand", runs: map[string]string{"hand": "RUNNING"}, unseen: 1}, scheduled, "AnotherRunIsRunning", nil,
		},
		"takes the lock of a holder that never started": {
			&account{lock: runPrefix + ":crashed"}, scheduled, "Started", []string{tonight + " {}"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			a := tt.account
			if a.runs == nil {
				a.runs = map[string]string{}
			}
			end := runGuard(t, a, tt.input)
			if end != tt.end {
				t.Errorf("it ended as %q, want %q", end, tt.end)
			}
			if diff := cmp.Diff(tt.started, a.started); diff != "" {
				t.Errorf("runs that were started (-want +got):\n%s", diff)
			}
			if len(a.started) > 0 && !strings.HasPrefix(a.started[0], strings.TrimPrefix(a.lock, runPrefix+":")+" ") {
				t.Errorf("the lock names %s, but %s was started", a.lock, a.started[0])
			}
		})
	}
}

// runGuard executes the deployed definition, with its tokens replaced, and
// returns its error or its last state.
func runGuard(t *testing.T, a *account, input string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(a.serve))
	defer server.Close()
	library, err := filepath.Abs("../.ci/node_modules/aws-local-stepfunctions/build/main.node.esm.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(library); err != nil {
		t.Fatalf("%v; install it with: npm ci --prefix .ci", err)
	}
	definition := strings.NewReplacer("${RunArnPrefix}", runPrefix, "${LockTable}", "lock",
		"${PipelineArn}", "arn:aws:states:eu-west-1:111122223333:stateMachine:nightstar").Replace(guardDefinition)
	message, err := json.Marshal(map[string]any{
		"library": library, "url": server.URL, "definition": json.RawMessage(definition),
		"execution": map[string]any{"name": "by-hand", "input": json.RawMessage(input)},
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "testdata/guard.mjs")
	command.Stdin, command.Stderr = strings.NewReader(string(message)), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("run guard: %v\n%s", err, out)
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

func TestGuard_isValid(t *testing.T) {
	t.Parallel()

	const validator = "../.ci/node_modules/asl-validator/dist/bin/asl-validator.js"
	if out, err := exec.Command("node", validator, "--json-path", "guard.asl.json").CombinedOutput(); err != nil {
		t.Errorf("asl-validator: %v\n%s", err, out)
	}
}

// TestGuard_waitsLongerThanAStartTakes holds the numbers of the definition
// together: who finds a lock whose run does not exist waits until its holder
// has started it or given up.
func TestGuard_waitsLongerThanAStartTakes(t *testing.T) {
	t.Parallel()

	var machine struct {
		States map[string]struct {
			Resource       string
			Seconds        int
			TimeoutSeconds int
			Retry          []struct{ MaxAttempts, MaxDelaySeconds int }
		}
	}
	if err := json.Unmarshal([]byte(guardDefinition), &machine); err != nil {
		t.Fatal(err)
	}
	start := machine.States["Start run"]
	longest := start.TimeoutSeconds
	for _, r := range start.Retry {
		longest += r.MaxAttempts * (start.TimeoutSeconds + r.MaxDelaySeconds)
	}
	if wait := machine.States["Let holder start"].Seconds; wait < longest+30 {
		t.Errorf("a start takes up to %d s, others wait %d s, want half a minute more", longest, wait)
	}
	var resources []string
	for _, state := range machine.States {
		if state.Resource != "" {
			resources = append(resources, state.Resource[strings.LastIndex(state.Resource, ":")+1:])
		}
	}
	slices.Sort(resources)
	want := []string{"describeExecution", "getItem", "listExecutions", "putItem", "startExecution"}
	if diff := cmp.Diff(want, slices.Compact(resources)); diff != "" {
		t.Errorf("calls, which the role's rights follow (-want +got):\n%s", diff)
	}
}
