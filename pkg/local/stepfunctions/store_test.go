package stepfunctions_test

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	kept, err := stepfunctions.KeptHistory(dir, execution)
	if err != nil || len(kept) != len(history.Events) {
		t.Fatalf("KeptHistory() = %+v, %v", kept, err)
	}
	for i, want := range history.Events {
		got := kept[i]
		if got.Id != want.Id || got.PreviousEventId != want.PreviousEventId || got.Type != want.Type || !got.Timestamp.Equal(*want.Timestamp) ||
			(got.StateEnteredEventDetails == nil) != (want.StateEnteredEventDetails == nil) || (got.StateExitedEventDetails == nil) != (want.StateExitedEventDetails == nil) {
			t.Errorf("event %d is kept as %+v, want %+v", i, got, want)
		}
	}
	if name := kept[1].StateEnteredEventDetails.Name; *name != *history.Events[1].StateEnteredEventDetails.Name {
		t.Errorf("the first state is kept as %s", *name)
	}
	if _, err := stepfunctions.KeptHistory(dir, execution+"x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("KeptHistory() of no execution = %v", err)
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

	dir, stuck := t.TempDir(), make(chan struct{}, 1)
	_, client := openWith(t, dir, invoker{stuck: stuck}, stepfunctions.Options{})
	execution := start(t, client, create(t, client, "nightly", task("stuck")), "run-1", `{"n":1}`)
	<-stuck // before that it writes
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "half.json.new"), []byte("{"), 0o600); err != nil {
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

// TestOpen_setsDamageAside damages the file of one of two executions in several
// ways. The other is there all the same, and a new one can run.
func TestOpen_setsDamageAside(t *testing.T) {
	t.Parallel()

	for name, damage := range map[string]func([]byte) []byte{
		"cut in half":  func(text []byte) []byte { return text[:len(text)/2] },
		"empty":        func([]byte) []byte { return nil },
		"no execution": func([]byte) []byte { return []byte("{}") },
		"no end":       func(text []byte) []byte { return bytes.Replace(text, []byte(`"stopDate"`), []byte(`"x"`), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			dir := t.TempDir()
			server, client := open(t, dir, stepfunctions.Options{})
			machine := create(t, client, "nightly", task("echo"))
			whole := start(t, client, machine, "whole", `{}`)
			finish(t, client, whole)
			broken := start(t, client, machine, "broken", `{}`)
			finish(t, client, broken)
			if err := server.Close(); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(dir, "nightly_broken-*.json"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			text, err := os.ReadFile(files[0])
			if err == nil {
				err = os.WriteFile(files[0], damage(text), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []int{1, 0} { // it is said once
				var notices []string
				_, client = open(t, dir, stepfunctions.Options{Notice: func(n string) { notices = append(notices, n) }})
				if len(notices) != want || want == 1 && !strings.Contains(notices[0], files[0]+".damaged") {
					t.Errorf("notices = %q, want %d that names the file", notices, want)
				}
				if out := finish(t, client, whole); out.Status != types.ExecutionStatusSucceeded {
					t.Errorf("the other execution is %+v", out)
				}
				_, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &broken})
				if _, ok := errors.AsType[*types.ExecutionDoesNotExist](err); !ok {
					t.Errorf("DescribeExecution() error = %v, want ExecutionDoesNotExist", err)
				}
			}
			finish(t, client, start(t, client, create(t, client, "nightly", task("echo")), "next", `{}`))
			if _, err := os.Stat(files[0] + ".damaged"); err != nil {
				t.Error(err)
			}
		})
	}
}

// later is a clock that is set forward.
type later struct {
	stepfunctions.Clock

	by time.Duration
}

func (l later) Now() time.Time { return time.Now().Add(l.by) }

func TestOpen_forgetsWhatEndedLongAgo(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	server, client := open(t, dir, stepfunctions.Options{})
	execution := start(t, client, create(t, client, "nightly", task("echo")), "run-1", `{}`)
	finish(t, client, execution)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	_, client = open(t, dir, stepfunctions.Options{Clock: later{by: 89 * day}})
	finish(t, client, execution)
	_, client = open(t, dir, stepfunctions.Options{Clock: later{by: 91 * day}})
	_, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &execution})
	if _, ok := errors.AsType[*types.ExecutionDoesNotExist](err); !ok {
		t.Errorf("DescribeExecution() error = %v, want ExecutionDoesNotExist", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("the directory holds %v, %v, want nothing", left, err)
	}
}

// TestServer_unsaved takes the directory away while an execution runs.
func TestServer_unsaved(t *testing.T) {
	t.Parallel()

	dir := filepath.Join(t.TempDir(), "x")
	stuck := make(chan struct{}, 1)
	server, err := stepfunctions.Open(dir, invoker{stuck: stuck}, nil, stepfunctions.Options{})
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
	<-stuck // before that it writes into the directory
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
