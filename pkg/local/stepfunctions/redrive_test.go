package stepfunctions_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

// invokeFunc is an Invoker.
type invokeFunc func(ctx context.Context, name string, payload []byte) ([]byte, error)

func (f invokeFunc) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	return f(ctx, name, payload)
}

// twoTasks calls the functions first and second, and tells the second how
// often the execution was redriven.
const twoTasks = `{"StartAt":"One","States":{
	"One":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"first","Payload":{}},
		"ResultSelector":{"n.$":"$.Payload.n"},"Next":"Two"},
	"Two":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","OutputPath":"$.Payload","End":true,
		"Parameters":{"FunctionName":"second","Payload":{"n.$":"$.n","redrives.$":"$$.Execution.RedriveCount"}}}}}`

func redrive(t *testing.T, client *sfn.Client, execution string) error {
	t.Helper()
	_, err := client.RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &execution})
	return err
}

func eventTypes(t *testing.T, client *sfn.Client, execution string) []string {
	t.Helper()
	history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for i, event := range history.Events {
		if event.Id != int64(i)+1 {
			t.Errorf("event %d has id %d", i+1, event.Id)
		}
		kinds = append(kinds, string(event.Type))
	}
	return kinds
}

// TestServer_redrive redrives in a later process and in the same one.
func TestServer_redrive(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	calls, mended := map[string]int{}, false
	functions := invokeFunc(func(_ context.Context, name string, payload []byte) ([]byte, error) {
		calls[name]++
		if name == "second" && !mended {
			return nil, &asl.TaskError{Name: "Rejected", Cause: "not yet"}
		}
		if name == "first" {
			return []byte(`{"n":7}`), nil
		}
		return payload, nil
	})
	server, client := openWith(t, dir, functions, stepfunctions.Options{})
	execution := start(t, client, create(t, client, "nightly", twoTasks), "run-1", `{"n":1}`)
	if out := finish(t, client, execution); out.RedriveStatus != types.ExecutionRedriveStatusRedrivable || *out.Error != "Rejected" {
		t.Fatalf("the failed execution is %+v", out)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}

	_, client = openWith(t, dir, functions, stepfunctions.Options{})
	create(t, client, "nightly", twoTasks)
	if err := redrive(t, client, execution); err != nil {
		t.Fatal(err)
	}
	if out := finish(t, client, execution); out.Status != types.ExecutionStatusFailed || *out.RedriveCount != 1 {
		t.Fatalf("the execution is %+v after a redrive in vain", out)
	}
	mended = true
	if err := redrive(t, client, execution); err != nil {
		t.Fatal(err)
	}
	out := finish(t, client, execution)
	if out.Status != types.ExecutionStatusSucceeded || aws.ToString(out.Output) != `{"n":7,"redrives":2}` || out.Error != nil {
		t.Errorf("the redriven execution is %+v", out)
	}
	if out.RedriveDate == nil || !out.StartDate.Before(*out.StopDate) || !strings.Contains(aws.ToString(out.RedriveStatusReason), "SUCCEEDED") {
		t.Errorf("the redriven execution is %+v", out)
	}
	if diff := cmp.Diff(map[string]int{"first": 1, "second": 3}, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	want := []string{
		"ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited",
		"TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed", "ExecutionFailed",
		"ExecutionRedriven", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed", "ExecutionFailed",
		"ExecutionRedriven", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited",
		"ExecutionSucceeded",
	}
	if diff := cmp.Diff(want, eventTypes(t, client, execution)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

// TestServer_redriveAfterKill redrives what a killed process has left.
func TestServer_redriveAfterKill(t *testing.T) {
	t.Parallel()

	dir, reached := t.TempDir(), make(chan struct{})
	_, client := openWith(t, dir, invokeFunc(func(ctx context.Context, name string, _ []byte) ([]byte, error) {
		if name == "first" {
			return []byte(`{"n":7}`), nil
		}
		close(reached)
		<-ctx.Done()
		return nil, ctx.Err()
	}), stepfunctions.Options{})
	execution := start(t, client, create(t, client, "nightly", twoTasks), "run-1", `{}`)
	<-reached
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}

	_, client = openWith(t, left, invokeFunc(func(_ context.Context, name string, payload []byte) ([]byte, error) {
		if name == "first" {
			t.Error("the finished state is repeated")
		}
		return payload, nil
	}), stepfunctions.Options{})
	create(t, client, "nightly", twoTasks)
	if out := finish(t, client, execution); out.Status != types.ExecutionStatusAborted {
		t.Fatalf("the killed execution is %+v", out)
	}
	if err := redrive(t, client, execution); err != nil {
		t.Fatal(err)
	}
	if out := finish(t, client, execution); aws.ToString(out.Output) != `{"n":7,"redrives":1}` {
		t.Errorf("the redriven execution is %+v", out)
	}
}

func TestServer_redriveRefused(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	server, client := open(t, dir, stepfunctions.Options{})
	running := start(t, client, create(t, client, "stuck", task("stuck")), "run-1", `{}`)
	done := start(t, client, create(t, client, "echo", task("echo")), "run-1", `{}`)
	failed := start(t, client, create(t, client, "fail", task("fail")), "run-1", `{}`)
	finish(t, client, done)
	finish(t, client, failed)
	refused := func(execution, reason string) {
		t.Helper()
		err := redrive(t, client, execution)
		if _, ok := errors.AsType[*types.ExecutionNotRedrivable](err); !ok || !strings.Contains(err.Error(), reason) {
			t.Errorf("RedriveExecution() error = %v, want ExecutionNotRedrivable because %s", err, reason)
		}
	}
	refused(running, "it is RUNNING")
	refused(done, "it is SUCCEEDED")
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}

	_, client = open(t, dir, stepfunctions.Options{})
	refused(failed, "does not exist")
	create(t, client, "fail", task("echo"))
	refused(failed, "another definition")
	unknown := strings.Replace(failed, "run-1", "run-2", 1)
	err := redrive(t, client, unknown)
	if _, ok := errors.AsType[*types.ExecutionDoesNotExist](err); !ok {
		t.Errorf("RedriveExecution() error = %v, want ExecutionDoesNotExist", err)
	}
}
