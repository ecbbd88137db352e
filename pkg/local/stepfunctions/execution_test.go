package stepfunctions_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

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
		`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"J",`+
		`"States":{"J":{"Type":"Pass","End":true}}}}}}`)
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
