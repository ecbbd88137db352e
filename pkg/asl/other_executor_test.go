package asl_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// night plays all functions of the pipeline. Its state is how often each was
// called; failures names the calls that fail: "function", or "function#2" for
// the second call only. "foreign" is what the plan says of the export, "refusal"
// and "shrunk" what Reconcile says of the night; both hand back the input of the
// run that they are told.
type night struct {
	failures map[string]string

	mu    sync.Mutex
	calls map[string]int
}

func (n *night) Invoke(_ context.Context, name string, payload []byte) ([]byte, error) {
	var in map[string]any
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	call := n.count(name)
	for _, key := range []string{name, fmt.Sprintf("%s#%d", name, call)} {
		if failure := n.failures[key]; failure != "" {
			return nil, &asl.TaskError{Name: failure, Cause: "made to fail"}
		}
	}
	return json.Marshal(n.answer(name, call, in))
}

func (n *night) count(key string) int {
	n.calls[key]++
	return n.calls[key]
}

func (n *night) answer(name string, call int, in map[string]any) map[string]any {
	switch name {
	case "Lock":
		return map[string]any{"previous": "", "notes": []any{}}
	case "ExportWindow":
		windows := []any{map[string]any{"from": "", "to": ""}}
		if isIncremental(in) {
			windows = []any{map[string]any{"from": "a", "to": "b"}, map[string]any{"from": "b", "to": "c"}}
		}
		return map[string]any{"mode": "full", "reason": "it was asked for", "windows": windows}
	case "ExportStart":
		window := fmt.Sprint(in["window"])
		arn, wait := "export of "+window, 0
		if n.count(window) == 1 && strings.Contains(window, "to:c") { // it ends too near to the present
			arn, wait = "", 3
		}
		return map[string]any{"exportArn": arn, "window": in["window"], "attempt": in["attempt"], "wait": wait}
	case "ExportPoll":
		done := n.count(fmt.Sprint(in["exportArn"])) == 3
		return map[string]any{"exportArn": in["exportArn"], "done": done, "manifestKey": "m", "exportTime": "t"}
	case "ExportPlan":
		plan := map[string]any{
			"bucket": "lake", "key": "plan.json", "files": 2, "items": 5, "exportTime": "t", "tableArn": fmt.Sprint(in["input"]), "bytes": 7,
			"refusal": n.failures["foreign"], "mode": "full", "from": "", "tableId": fmt.Sprint(in["exports"]), "manifestKey": "m", "phases": []any{"full"},
		}
		if isIncremental(in) {
			plan["mode"], plan["from"], plan["phases"] = "incremental", "a", []any{"increment"}
		}
		return plan
	case "Partition":
		return map[string]any{"file": in["file"], "items": 1}
	case "Reconcile":
		return map[string]any{
			"items": 5, "rows": map[string]any{"customer": 2}, "setAside": map[string]any{}, "skipped": map[string]any{}, "wrong": map[string]any{},
			"unknown": []any{}, "refusal": n.failures["refusal"], "shrunk": n.failures["shrunk"], "notes": []any{in["input"], in["manifestKey"]},
			"deletes": map[string]any{},
			"tables": []any{
				map[string]any{"table": "landing.customer", "manifest": "c", "files": 1, "rows": 2},
				map[string]any{"table": "landing.order", "manifest": "o", "files": 0, "rows": 0},
			},
		}
	case "LandingLoad", "Transform", "Record":
		if name == "LandingLoad" && in["mode"] == nil || name == "Transform" && in["phase"] != "schema" && in["phase"] != "procedures" && in["window"] == nil {
			return map[string]any{} // the definition finds nothing there
		}
		id := fmt.Sprintf("%s%v%v%v%v", name, in["table"], in["phase"], in["part"], in["attempt"])
		next := 0 // the schema has three parts, and the last reads what the first found
		if part := fmt.Sprint(in["part"]); in["phase"] == "schema" && part != "3" {
			next = map[string]int{"1": 2, "2": 3}[part]
		}
		read := []any{}
		if in["phase"] == "schema" {
			read = append(read, "Transform<nil>schema11")
		}
		return map[string]any{
			"statementId": id, "part": in["part"], "next": next, "attempt": in["attempt"], "read": read,
			"expect": map[string]any{"t": 2}, "wait": 1,
		}
	case "StatementPoll":
		// Every statement is done when it is asked for twice, but one conflicts.
		answer := maps.Clone(in)
		answer["status"], answer["counts"], answer["wait"] = "running", map[string]any{}, 2
		if n.count(fmt.Sprint(in["statementId"])) == 2 {
			answer["status"], answer["counts"] = "done", in["expect"]
			if id := fmt.Sprint(in["statementId"]); strings.HasSuffix(id, "full11") || strings.HasSuffix(id, "schema21") || id == "Record<nil><nil><nil>1" {
				answer["status"], answer["attempt"] = "retry", 2
			}
		}
		return answer
	default: // Archive
		return map[string]any{"done": n.count(fmt.Sprint(in["source"])) == 2, "objects": 7, "bytes": 8, "notes": []any{"odd"}}
	}
}

// isIncremental reports whether the input of the run asks for changes.
func isIncremental(in map[string]any) bool {
	input, _ := in["input"].(map[string]any)
	return input["mode"] == "incremental"
}

// result is what both executors say about an execution.
type result struct {
	Status string   `json:"status"`
	Output any      `json:"output"`
	Error  string   `json:"error"`
	Cause  string   `json:"cause"`
	Path   []string `json:"path"`
}

// otherExecutor is the definition for aws-local-stepfunctions 3.0.0, which has
// neither map runs nor functions in CausePath: the Map runs inline over
// $.files, and a Fail state hands on the cause it was given.
func otherExecutor(t *testing.T, definition []byte) map[string]any {
	t.Helper()
	machine, ok := document(t, string(definition)).(map[string]any)
	if !ok {
		t.Fatal("definition is not an object")
	}
	for _, value := range machine["States"].(map[string]any) {
		state := value.(map[string]any)
		if _, ok := state["ItemReader"]; ok {
			for _, field := range []string{"ItemReader", "ResultWriter", "Label"} {
				delete(state, field)
			}
			state["ItemsPath"] = "$.input.files"
			state["ItemProcessor"].(map[string]any)["ProcessorConfig"] = map[string]any{"Mode": "INLINE"}
		}
		if _, ok := state["CausePath"]; ok {
			state["CausePath"] = fmt.Sprintf("$.failed.%s.Cause", state["Error"])
		}
	}
	return machine
}

// TestRun_likeAnotherExecutor runs the pipeline in an executor that we did not
// write: the same functions must lead to the same end.
func TestRun_likeAnotherExecutor(t *testing.T) {
	t.Parallel()

	if _, err := os.Stat("../../.ci/node_modules/aws-local-stepfunctions"); errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the other executor is not installed: run `npm ci --prefix .ci` in the top folder")
	}
	definition, err := os.ReadFile("../../statemachine/pipeline.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	definition = regexp.MustCompile(`\$\{(\w+)FunctionArn\}`).ReplaceAll(definition, []byte("$1"))
	definition, err = asl.Substitute(definition, map[string]string{"AwsPartition": "aws", "MapConcurrency": "4"})
	if err != nil {
		t.Fatal(err)
	}
	rewritten, err := json.Marshal(otherExecutor(t, definition))
	if err != nil {
		t.Fatal(err)
	}

	const files = `"files":[{"number":1,"key":"a","items":2},{"number":2,"key":"b","items":3}]`
	tests := map[string]struct {
		input    string
		failures map[string]string
		want     string
	}{
		"a whole night":            {`{` + files + `}`, nil, ""},
		"changes of two windows":   {`{"mode":"incremental",` + files + `}`, nil, ""},
		"changes that are refused": {`{"mode":"incremental",` + files + `}`, map[string]string{"ExportWindow": "Invalid"}, "IncrementNotPossible"},
		"an export that is given":  {`{"export":{"manifestKey":"k"},` + files + `}`, nil, ""},
		"failures that pass": {`{` + files + `}`, map[string]string{
			"Reconcile#1": "Transient", "Reconcile#2": "Lambda.TooManyRequestsException", "Partition#1": "Transient",
		}, ""},
		"an export that is rejected":    {`{` + files + `}`, map[string]string{"ExportStart": "Rejected"}, "ExportFailed"},
		"a poll that never answers":     {`{` + files + `}`, map[string]string{"ExportPoll": "Transient"}, "ExportFailed"},
		"a plan that is corrupt":        {`{` + files + `}`, map[string]string{"ExportPlan": "Corrupt"}, "ExportDoesNotAddUp"},
		"a file that fails":             {`{` + files + `}`, map[string]string{"Partition": "Unknown"}, "PartitionFailed"},
		"counts that do not add up":     {`{` + files + `}`, map[string]string{"Reconcile": "Corrupt"}, "ExportDoesNotAddUp"},
		"a model that has changed":      {`{` + files + `}`, map[string]string{"Transform#2": "ModelChanged"}, "ModelChanged"},
		"procedures that are rejected":  {`{` + files + `}`, map[string]string{"StatementPoll#1": "Rejected"}, "WarehouseNotPrepared"},
		"a COPY that is rejected":       {`{` + files + `}`, map[string]string{"LandingLoad": "Rejected"}, "LandingFailed"},
		"a transform that is rejected":  {`{` + files + `}`, map[string]string{"StatementPoll#15": "Rejected"}, "TransformFailed"},
		"an archive that is incomplete": {`{` + files + `}`, map[string]string{"Archive": "Unknown"}, "ArchiveIncomplete"},
		"a lock that is taken":          {`{` + files + `}`, map[string]string{"Lock": "Rejected"}, "AnotherRunIsRunning"},
		"a lock that does not answer":   {`{` + files + `}`, map[string]string{"Lock": "Transient"}, "LockNotTaken"},
		"too many items set aside":      {`{` + files + `}`, map[string]string{"refusal": "9 of 10"}, "TooManySetAside"},
		"an export of another table":    {`{` + files + `}`, map[string]string{"foreign": "another table"}, "ExportNotUsable"},
		"a type that shrank":            {`{` + files + `}`, map[string]string{"shrunk": "0 of 80"}, "TypeShrank"},
		"set aside, so the type shrank": {`{` + files + `}`, map[string]string{"refusal": "80 of 80", "shrunk": "0 of 80"}, "TooManySetAside"},
		"a type that is accepted":       {`{"accept":["customer"],` + files + `}`, nil, ""},
		"what is not a list, accepted":  {`{"accept":"customer",` + files + `}`, map[string]string{"ExportPlan": "Invalid"}, "ExportNotUsable"},
		"a record that is rejected":     {`{` + files + `}`, map[string]string{"Record": "Rejected"}, "RunNotRecorded"},
		"a failure without a record":    {`{` + files + `}`, map[string]string{"LandingLoad": "Rejected", "Record": "Invalid"}, "LandingFailed"},
		"a rebuild that is no answer":   {`{"rebuild":"yes",` + files + `}`, nil, "ExportNotUsable"},
		"a rebuild that is null":        {`{"rebuild":null,` + files + `}`, nil, ""},
		"an export that is not text":    {`{"export":{"manifestKey":7},` + files + `}`, nil, "ExportNotUsable"},
		"input that looks like failure": {`{"failed":{"ExportFailed":{}},` + files + `}`, nil, ""},
	}
	runs := map[string]otherRun{}
	for name, tt := range tests {
		server := httptest.NewServer(lambdas(t, &night{calls: map[string]int{}, failures: tt.failures}))
		t.Cleanup(server.Close)
		runs[name] = otherRun{Input: json.RawMessage(tt.input), URL: server.URL}
	}
	others := runThere(t, rewritten, runs)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			ours, theirs := runHere(t, rewritten, tt.input, tt.failures), others[name]
			if ours.Error != tt.want {
				t.Errorf("execution ended %s with %q, want %q", ours.Status, ours.Error, tt.want)
			}
			if tt.want != "" {
				// How many siblings of a failed branch had started is chance.
				ours.Path, theirs.Path = nil, nil
			}
			slices.Sort(theirs.Path)
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Errorf("we differ from the other executor (-theirs +ours):\n%s", diff)
			}
			// The definition as it is deployed comes to the same end.
			if whole := runHere(t, definition, tt.input, tt.failures); whole.Error != ours.Error ||
				cmp.Diff(whole.Output, ours.Output) != "" {
				t.Errorf("the deployed definition ends in %+v, the rewritten one in %+v", whole, ours)
			}
		})
	}
}

func runHere(t *testing.T, definition []byte, input string, failures map[string]string) result {
	t.Helper()
	machine, err := asl.Parse(definition)
	if err != nil {
		t.Fatal(err)
	}
	var files struct {
		Files json.RawMessage `json:"files"`
	}
	if err := json.Unmarshal([]byte(input), &files); err != nil {
		t.Fatal(err)
	}
	execution := run(t, machine, asl.Environment{
		Invoker: &night{calls: map[string]int{}, failures: failures},
		Objects: &objects{data: map[string][]byte{"lake/plan.json": files.Files}},
		Clock:   instant{}, Limits: wallClock{},
	}, input)
	got := result{Status: string(execution.Status), Error: execution.Error, Cause: execution.Cause, Path: execution.Path()}
	slices.Sort(got.Path)
	if execution.Output != nil {
		if err := json.Unmarshal(execution.Output, &got.Output); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// lambdas serves functions to the other executor: a call is posted with its
// parameters, an error is answered with status 500.
func lambdas(t *testing.T, functions asl.Invoker) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			FunctionName string
			Payload      json.RawMessage
		}
		err := json.NewDecoder(r.Body).Decode(&call)
		if err == nil {
			var answer []byte
			if answer, err = functions.Invoke(r.Context(), call.FunctionName, call.Payload); err == nil {
				_, err = w.Write(answer)
			}
		}
		if failure, ok := errors.AsType[*asl.TaskError](err); ok {
			w.WriteHeader(http.StatusInternalServerError)
			err = json.NewEncoder(w).Encode(failure)
		}
		if err != nil {
			t.Error(err)
		}
	})
}

// otherRun is one run for .ci/run-asl.mjs.
type otherRun struct {
	Input json.RawMessage `json:"input"`
	URL   string          `json:"url"`
}

func runThere(t *testing.T, definition []byte, runs map[string]otherRun) map[string]result {
	t.Helper()
	request, err := json.Marshal(map[string]any{
		"definition": json.RawMessage(definition), "runs": runs,
		"context": map[string]any{
			"Execution": map[string]any{"Name": "run-1", "Id": "arn:run-1"},
			"State":     map[string]any{"EnteredTime": "2026-11-22T02:00:00.000Z"}, // it knows no times of states
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "run-asl.mjs")
	cmd.Dir = "../../.ci"
	cmd.Stdin = bytes.NewReader(request)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("node .ci/run-asl.mjs: %v\n%s", err, stderr.String())
	}
	var results map[string]result
	if err := json.Unmarshal(output, &results); err != nil {
		t.Fatalf("answer %q: %v", output, err)
	}
	return results
}
