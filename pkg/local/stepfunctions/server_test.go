package stepfunctions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

// invoker runs the functions "echo", which returns its payload, "fail", and
// "stuck", which ends only with its context.
type invoker struct{}

func (invoker) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	switch name {
	case "echo":
		return payload, nil
	case "stuck":
		<-ctx.Done()
		return nil, ctx.Err()
	default:
		return nil, &asl.TaskError{Name: "Corrupt", Cause: "bad line"}
	}
}

const role = "arn:aws:iam::000000000000:role/nightly"

// task is a definition with one Task state, A, which calls the function named.
func task(function string) string {
	return `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,` +
		`"TimeoutSeconds":60,"Parameters":{"FunctionName":"` + function + `","Payload.$":"$"},"OutputPath":"$.Payload"}}}`
}

// open starts an endpoint and returns a client of it.
func open(t *testing.T, dir string, opts stepfunctions.Options) (*stepfunctions.Server, *sfn.Client) {
	t.Helper()
	server, err := stepfunctions.Open(dir, invoker{}, nil, opts)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		listener.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, sfn.New(sfn.Options{
		BaseEndpoint: aws.String(listener.URL), Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func create(t *testing.T, client *sfn.Client, name, definition string) string {
	t.Helper()
	out, err := client.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String(name), Definition: aws.String(definition), RoleArn: aws.String(role),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.StateMachineArn
}

func start(t *testing.T, client *sfn.Client, machine, name, input string) string {
	t.Helper()
	out, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machine), Name: aws.String(name), Input: aws.String(input),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.ExecutionArn
}

// finish polls an execution until it has ended, as a user of AWS would.
func finish(t *testing.T, client *sfn.Client, execution string) *sfn.DescribeExecutionOutput {
	t.Helper()
	for {
		out, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(execution)})
		if err != nil {
			t.Fatal(err)
		}
		if out.Status != types.ExecutionStatusRunning {
			return out
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(time.Millisecond):
		}
	}
}

func TestServer_execution(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	machine := create(t, client, "nightly", task("echo"))
	execution := start(t, client, machine, "run-1", `{"n":1.50}`)
	if want := "arn:aws:states:us-east-1:000000000000:execution:nightly:run-1"; execution != want {
		t.Errorf("execution = %s, want %s", execution, want)
	}
	out := finish(t, client, execution)
	if out.Status != types.ExecutionStatusSucceeded || aws.ToString(out.Output) != `{"n":1.50}` {
		t.Errorf("execution ended %s with %s", out.Status, aws.ToString(out.Output))
	}
	if *out.Name != "run-1" || *out.StateMachineArn != machine || *out.Input != `{"n":1.50}` {
		t.Errorf("description = %+v", out)
	}
	if age := time.Since(*out.StartDate); age < 0 || age > time.Minute || out.StopDate.Before(*out.StartDate) {
		t.Errorf("started %v, stopped %v", out.StartDate, out.StopDate)
	}

	history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, event := range history.Events {
		got = append(got, fmt.Sprintf("%d<%d %s", event.Id, event.PreviousEventId, event.Type))
	}
	want := []string{
		"1<0 ExecutionStarted", "2<0 TaskStateEntered", "3<2 TaskScheduled", "4<3 TaskStarted",
		"5<4 TaskSucceeded", "6<5 TaskStateExited", "7<6 ExecutionSucceeded",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("history mismatch (-want +got):\n%s", diff)
	}
	events := history.Events
	if d := events[0].ExecutionStartedEventDetails; *d.Input != `{"n":1.50}` || *d.RoleArn != role {
		t.Errorf("event 1 = %+v", d)
	}
	if d := events[1].StateEnteredEventDetails; *d.Name != "A" || *d.Input != `{"n":1.50}` || d.InputDetails.Truncated {
		t.Errorf("event 2 = %+v", d)
	}
	scheduled := events[2].TaskScheduledEventDetails
	if *scheduled.ResourceType != "lambda" || *scheduled.Resource != "invoke" || *scheduled.Region != "us-east-1" ||
		*scheduled.TimeoutInSeconds != 60 || *scheduled.Parameters != `{"FunctionName":"echo","Payload":{"n":1.50}}` {
		t.Errorf("event 3 = %+v", scheduled)
	}
	if d := events[5].StateExitedEventDetails; *d.Name != "A" || *d.Output != `{"n":1.50}` {
		t.Errorf("event 6 = %+v", d)
	}
	if d := events[6].ExecutionSucceededEventDetails; *d.Output != `{"n":1.50}` {
		t.Errorf("event 7 = %+v", d)
	}
}

// TestServer_details follows an execution through the events that a Task alone
// does not have.
func TestServer_details(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	machine := create(t, client, "nightly", `{"StartAt":"P","States":{
		"P":{"Type":"Parallel","Next":"M","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}]},
		"M":{"Type":"Map","ItemsPath":"$[0]","Next":"D","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}},
		"D":{"Type":"Map","Label":"Files","Next":"F","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
			"StartAt":"J","States":{"J":{"Type":"Pass","End":true}}}},
		"F":{"Type":"Fail","Error":"FailedCleanly","Cause":"start again"}}}`)
	execution := start(t, client, machine, "run-1", `[7]`)
	out := finish(t, client, execution)
	if out.Status != types.ExecutionStatusFailed || *out.Error != "FailedCleanly" || *out.Cause != "start again" || out.Output != nil {
		t.Errorf("description = %+v", out)
	}
	history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
	if err != nil {
		t.Fatal(err)
	}
	byType := map[types.HistoryEventType]types.HistoryEvent{}
	for _, event := range history.Events {
		byType[event.Type] = event
		if !slices.Contains(event.Type.Values(), event.Type) {
			t.Errorf("AWS has no event type %s", event.Type)
		}
	}
	if d := byType[types.HistoryEventTypeMapIterationSucceeded].MapIterationSucceededEventDetails; d == nil || *d.Name != "M" || d.Index != 0 {
		t.Errorf("MapIterationSucceeded = %+v", d)
	}
	if d := byType[types.HistoryEventTypeMapRunStarted].MapRunStartedEventDetails; d == nil ||
		!strings.HasPrefix(*d.MapRunArn, "arn:aws:states:us-east-1:000000000000:mapRun:nightly/Files:") {
		t.Errorf("MapRunStarted = %+v", d)
	}
	if d := byType[types.HistoryEventTypeExecutionFailed].ExecutionFailedEventDetails; d == nil || *d.Error != "FailedCleanly" {
		t.Errorf("ExecutionFailed = %+v", d)
	}
	for _, want := range []types.HistoryEventType{
		types.HistoryEventTypeParallelStateStarted, types.HistoryEventTypeParallelStateSucceeded,
		types.HistoryEventTypeMapStateStarted, types.HistoryEventTypeMapRunSucceeded, types.HistoryEventTypeFailStateEntered,
	} {
		if _, ok := byType[want]; !ok {
			t.Errorf("no event %s", want)
		}
	}
}

func TestServer_failedTask(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	execution := start(t, client, create(t, client, "nightly", task("fail")), "run-1", `{}`)
	out := finish(t, client, execution)
	if out.Status != types.ExecutionStatusFailed || *out.Error != "Corrupt" || *out.Cause != "bad line" {
		t.Errorf("description = %+v", out)
	}
	history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{
		ExecutionArn: &execution, ReverseOrder: true, MaxResults: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := history.Events[1].TaskFailedEventDetails; d == nil || *d.Error != "Corrupt" || *d.Resource != "invoke" {
		t.Errorf("event before the last = %+v", history.Events[1])
	}
}

func TestServer_historyPages(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	execution := start(t, client, create(t, client, "nightly", task("echo")), "run-1", `{}`)
	finish(t, client, execution)
	for _, reverse := range []bool{false, true} {
		var ids []int64
		pages := sfn.NewGetExecutionHistoryPaginator(client, &sfn.GetExecutionHistoryInput{
			ExecutionArn: &execution, MaxResults: 3, ReverseOrder: reverse, IncludeExecutionData: aws.Bool(false),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Events) == 0 || len(page.Events) > 3 {
				t.Errorf("page of %d events", len(page.Events))
			}
			for _, event := range page.Events {
				ids = append(ids, event.Id)
				if d := event.StateEnteredEventDetails; d != nil && (d.Input != nil || *d.Name != "A") {
					t.Errorf("event %d without data = %+v", event.Id, d)
				}
				if d := event.TaskScheduledEventDetails; d != nil && aws.ToString(d.Parameters) != "" {
					t.Errorf("event %d without data = %+v", event.Id, d)
				}
			}
		}
		want := []int64{1, 2, 3, 4, 5, 6, 7}
		if reverse {
			slices.Reverse(want)
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("reverse %v: events mismatch (-want +got):\n%s", reverse, diff)
		}
	}
}

func TestServer_listExecutions(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	machine := create(t, client, "nightly", task("echo"))
	other := create(t, client, "other", task("fail"))
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("run-%d", i)
		finish(t, client, start(t, client, machine, name, `{}`))
		want = append([]string{name}, want...)
	}
	finish(t, client, start(t, client, other, "run-1", `{}`))

	var got []string
	pages := sfn.NewListExecutionsPaginator(client, &sfn.ListExecutionsInput{StateMachineArn: &machine, MaxResults: 3})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Executions {
			got = append(got, *item.Name)
			if item.Status != types.ExecutionStatusSucceeded || item.StopDate == nil || *item.StateMachineArn != machine {
				t.Errorf("item = %+v", item)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("executions mismatch (-want +got):\n%s", diff)
	}
	for status, want := range map[types.ExecutionStatus]int{types.ExecutionStatusFailed: 1, types.ExecutionStatusSucceeded: 0} {
		out, err := client.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &other, StatusFilter: status})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Executions) != want {
			t.Errorf("%d executions are %s, want %d", len(out.Executions), status, want)
		}
	}
}

func TestServer_startExecution(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	machine := create(t, client, "nightly", task("stuck"))
	first := start(t, client, machine, "run-1", `{"a":1}`)
	if again := start(t, client, machine, "run-1", `{"a":1}`); again != first {
		t.Errorf("the same start gives %s and %s", first, again)
	}
	if generated := start(t, client, machine, "", ""); generated == first || strings.HasSuffix(generated, ":") {
		t.Errorf("a start without a name gives %s", generated)
	}

	exists := func(input string) {
		t.Helper()
		_, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{
			StateMachineArn: &machine, Name: aws.String("run-1"), Input: &input,
		})
		if _, ok := errors.AsType[*types.ExecutionAlreadyExists](err); !ok {
			t.Errorf("StartExecution(%s) error = %v, want ExecutionAlreadyExists", input, err)
		}
	}
	exists(`{"a":2}`)
	if _, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &first}); err != nil {
		t.Fatal(err)
	}
	exists(`{"a":1}`)
}

func TestServer_stopExecution(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	execution := start(t, client, create(t, client, "nightly", task("stuck")), "run-1", `{}`)
	stopped, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: &execution, Error: aws.String("Operator"), Cause: aws.String("wrong table"),
	})
	if err != nil {
		t.Fatal(err)
	}
	out := finish(t, client, execution)
	if out.Status != types.ExecutionStatusAborted || *out.Error != "Operator" || *out.Cause != "wrong table" {
		t.Errorf("description = %+v", out)
	}
	if !stopped.StopDate.Equal(*out.StopDate) {
		t.Errorf("stopped %v, described as %v", stopped.StopDate, out.StopDate)
	}
	again, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &execution})
	if err != nil || !again.StopDate.Equal(*out.StopDate) {
		t.Errorf("a second stop gives %+v, %v", again, err)
	}
	history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &execution, ReverseOrder: true})
	if err != nil {
		t.Fatal(err)
	}
	if d := history.Events[0].ExecutionAbortedEventDetails; d == nil || *d.Cause != "wrong table" {
		t.Errorf("last event = %+v", history.Events[0])
	}
}

func TestServer_stateMachines(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	machine := create(t, client, "nightly", task("echo"))
	if again := create(t, client, "nightly", task("echo")); again != machine {
		t.Errorf("the same machine gives %s and %s", machine, again)
	}
	for i := range 4 {
		create(t, client, fmt.Sprintf("other-%d", i), task("echo"))
	}
	var names []string
	pages := sfn.NewListStateMachinesPaginator(client, &sfn.ListStateMachinesInput{MaxResults: 2})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.StateMachines {
			names = append(names, *item.Name)
		}
	}
	if diff := cmp.Diff([]string{"nightly", "other-0", "other-1", "other-2", "other-3"}, names); diff != "" {
		t.Errorf("machines mismatch (-want +got):\n%s", diff)
	}

	// An execution keeps the definition that it was started with.
	running := start(t, client, machine, "run-1", `{}`)
	finish(t, client, running)
	if _, err := client.UpdateStateMachine(t.Context(), &sfn.UpdateStateMachineInput{
		StateMachineArn: &machine, Definition: aws.String(task("fail")), RoleArn: aws.String(role + "2"),
	}); err != nil {
		t.Fatal(err)
	}
	described, err := client.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &machine})
	if err != nil {
		t.Fatal(err)
	}
	if *described.Definition != task("fail") || *described.RoleArn != role+"2" || *described.Name != "nightly" ||
		described.Status != types.StateMachineStatusActive || described.Type != types.StateMachineTypeStandard {
		t.Errorf("description = %+v", described)
	}
	if out := finish(t, client, start(t, client, machine, "run-2", `{}`)); out.Status != types.ExecutionStatusFailed {
		t.Errorf("the updated machine ended %s", out.Status)
	}

	if _, err := client.DeleteStateMachine(t.Context(), &sfn.DeleteStateMachineInput{StateMachineArn: &machine}); err != nil {
		t.Fatal(err)
	}
	_, err = client.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &machine})
	if _, ok := errors.AsType[*types.StateMachineDoesNotExist](err); !ok {
		t.Errorf("DescribeStateMachine() error = %v, want StateMachineDoesNotExist", err)
	}
	if out := finish(t, client, running); out.Status != types.ExecutionStatusSucceeded {
		t.Errorf("an execution of the deleted machine is %s", out.Status)
	}
}

func TestServer_validate(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	validate := func(definition string) *sfn.ValidateStateMachineDefinitionOutput {
		t.Helper()
		out, err := client.ValidateStateMachineDefinition(t.Context(), &sfn.ValidateStateMachineDefinitionInput{Definition: &definition})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := validate(task("echo")); out.Result != types.ValidateStateMachineDefinitionResultCodeOk || len(out.Diagnostics) != 0 {
		t.Errorf("a good definition gives %+v", out)
	}
	if out := validate(`{`); out.Result != types.ValidateStateMachineDefinitionResultCodeFail || len(out.Diagnostics) != 1 {
		t.Errorf("no JSON gives %+v", out)
	}
	out := validate(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B","X":1}}}`)
	var got []string
	for _, d := range out.Diagnostics {
		got = append(got, *d.Location)
	}
	if diff := cmp.Diff([]string{"A/X", "A/Next"}, got); diff != "" {
		t.Errorf("locations mismatch (-want +got):\n%s", diff)
	}
}

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

func TestServer_listeners(t *testing.T) {
	t.Parallel()

	var (
		mu     sync.Mutex
		events = map[string]int{}
		runs   []asl.MapRun
	)
	_, client := open(t, "", stepfunctions.Options{
		EventFunc:  func(arn string, _ asl.Event) { mu.Lock(); defer mu.Unlock(); events[arn]++ },
		MapRunFunc: func(_ string, run asl.MapRun) { mu.Lock(); defer mu.Unlock(); runs = append(runs, run) },
	})
	machine := create(t, client, "nightly", `{"StartAt":"D","States":{"D":{"Type":"Map","End":true,`+
		`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"J","States":{"J":{"Type":"Pass","End":true}}}}}}`)
	execution := start(t, client, machine, "run-1", `[1,2]`)
	finish(t, client, execution)
	mu.Lock()
	defer mu.Unlock()
	if events[execution] != 8 {
		t.Errorf("%d events were heard, want 8", events[execution])
	}
	if last := runs[len(runs)-1]; last.Succeeded != 2 || last.Total != 2 {
		t.Errorf("the last counts are %+v", last)
	}
}

func TestServer_waitsAreShortened(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{Clock: stepfunctions.Clock{Speed: 1000, Longest: 20 * time.Millisecond}})
	machine := create(t, client, "nightly", `{"StartAt":"A","TimeoutSeconds":3600,"States":{`+
		`"A":{"Type":"Wait","Seconds":5,"Next":"B"},"B":{"Type":"Wait","Seconds":86400,"End":true}}}`)
	out := finish(t, client, start(t, client, machine, "run-1", `{}`))
	if took := out.StopDate.Sub(*out.StartDate); out.Status != types.ExecutionStatusSucceeded || took > 10*time.Second {
		t.Errorf("a day of waiting ended %s after %v", out.Status, took)
	}
}
