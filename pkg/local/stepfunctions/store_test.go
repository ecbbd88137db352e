package stepfunctions_test

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

func TestServer_reopened(t *testing.T) {
	t.Parallel()

	dir := filepath.Join(t.TempDir(), "stepfunctions")
	server, client := open(t, dir, stepfunctions.Options{})
	machine := create(t, client, "nightly", task("echo"))
	execution := start(t, client, machine, "run-1", `{"n":1}`)
	before := finish(t, client, execution)
	stuck := start(t, client, create(t, client, "other", task("stuck")), "Über", `{}`)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &machine}); err == nil {
		t.Error("a closed server starts an execution")
	}

	// No machine has been created yet: what was kept can be read all the same.
	_, client = open(t, dir, stepfunctions.Options{})
	after := finish(t, client, execution)
	if diff := cmp.Diff([]string{*before.Output, *before.Input, string(before.Status)}, []string{*after.Output, *after.Input, string(after.Status)}); diff != "" {
		t.Errorf("description mismatch (-want +got):\n%s", diff)
	}
	if !after.StartDate.Equal(*before.StartDate) || !after.StopDate.Equal(*before.StopDate) {
		t.Errorf("started %v and stopped %v, before %v and %v", after.StartDate, after.StopDate, before.StartDate, before.StopDate)
	}
	history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
	if err != nil {
		t.Fatal(err)
	}
	if len(history.Events) != 7 || *history.Events[1].StateEnteredEventDetails.Input != `{"n":1}` {
		t.Errorf("history = %+v", history.Events)
	}
	list, err := client.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &machine})
	if err != nil || len(list.Executions) != 1 {
		t.Errorf("ListExecutions() = %+v, %v", list, err)
	}
	closed := finish(t, client, stuck)
	if closed.Status != types.ExecutionStatusAborted || !strings.Contains(*closed.Cause, "closed") {
		t.Errorf("the execution that Close stopped is %+v", closed)
	}
	if _, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &execution}); err != nil {
		t.Errorf("StopExecution() of a kept execution: %v", err)
	}
	// The name is taken for good.
	create(t, client, "nightly", task("echo"))
	_, err = client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &machine, Name: aws.String("run-1"), Input: aws.String(`{"n":1}`),
	})
	if _, ok := errors.AsType[*types.ExecutionAlreadyExists](err); !ok {
		t.Errorf("StartExecution() error = %v, want ExecutionAlreadyExists", err)
	}
}

// TestServer_killed copies the directory of a running process, which is what a
// killed one leaves behind.
func TestServer_killed(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	_, client := open(t, dir, stepfunctions.Options{})
	execution := start(t, client, create(t, client, "nightly", task("stuck")), "run-1", `{"n":1}`)
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "half.json.tmp"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is read from the file as it was rewritten
		_, client = open(t, left, stepfunctions.Options{})
		out := finish(t, client, execution)
		if out.Status != types.ExecutionStatusAborted || !strings.Contains(*out.Cause, "ended before it did") || out.StopDate == nil {
			t.Errorf("description = %+v", out)
		}
		history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
		if err != nil {
			t.Fatal(err)
		}
		if len(history.Events) != 2 || *history.Events[0].ExecutionStartedEventDetails.Input != `{"n":1}` ||
			!strings.Contains(*history.Events[1].ExecutionAbortedEventDetails.Cause, "ended before it did") {
			t.Errorf("history = %+v", history.Events)
		}
	}
}

func TestOpen_refusesDamage(t *testing.T) {
	t.Parallel()

	for name, text := range map[string]string{"no JSON": "{", "no execution": "{}"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := stepfunctions.Open(dir, invoker{}, nil, stepfunctions.Options{}); err == nil || !strings.Contains(err.Error(), "a.json") {
			t.Errorf("%s: Open() error = %v, want one that names the file", name, err)
		}
	}
}

// TestServer_unsaved takes the directory away while an execution runs.
func TestServer_unsaved(t *testing.T) {
	t.Parallel()

	dir := filepath.Join(t.TempDir(), "x")
	server, err := stepfunctions.Open(dir, invoker{}, nil, stepfunctions.Options{})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server)
	defer listener.Close()
	client := sfn.New(sfn.Options{
		BaseEndpoint: aws.String(listener.URL), Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	machine := create(t, client, "nightly", task("stuck"))
	start(t, client, machine, "run-1", `{}`)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &machine}); err == nil {
		t.Error("an execution is started that can not be kept")
	}
	if err := server.Close(); err == nil || !strings.Contains(err.Error(), "nightly:run-1") {
		t.Errorf("Close() error = %v, want one that names the execution", err)
	}
}
