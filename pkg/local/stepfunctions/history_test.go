package stepfunctions_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

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

// TestServer_describesMapRuns reads the counts of a distributed Map with the SDK.
func TestServer_describesMapRuns(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	for function, want := range map[string]types.MapRunStatus{"echo": types.MapRunStatusSucceeded, "fail": types.MapRunStatusFailed} {
		machine := create(t, client, function, `{"StartAt":"D","States":{"D":{"Type":"Map","Label":"Files","End":true,"MaxConcurrency":1,
			"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"J","States":{"J":{"Type":"Task",
			"Resource":"arn:aws:states:::lambda:invoke","TimeoutSeconds":60,"End":true,"Parameters":{"FunctionName":"`+function+`","Payload.$":"$"}}}}}}}`)
		execution := start(t, client, machine, "run-1", `[1,2,3]`)
		finish(t, client, execution)
		history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range history.Events {
			if event.MapRunStartedEventDetails == nil {
				continue
			}
			run, err := client.DescribeMapRun(t.Context(), &sfn.DescribeMapRunInput{MapRunArn: event.MapRunStartedEventDetails.MapRunArn})
			if err != nil {
				t.Fatal(err)
			}
			done := run.ItemCounts.Succeeded + run.ItemCounts.Failed + run.ItemCounts.Pending
			if run.Status != want || run.ItemCounts.Total != 3 || done != 3 || aws.ToString(run.ExecutionArn) != execution {
				t.Errorf("map run of %s = %s %+v of %s", function, run.Status, *run.ItemCounts, aws.ToString(run.ExecutionArn))
			}
		}
	}
	_, err := client.DescribeMapRun(t.Context(), &sfn.DescribeMapRunInput{MapRunArn: aws.String("arn:aws:states:us-east-1:000000000000:mapRun:m/Files:none")})
	if _, ok := errors.AsType[*types.ResourceNotFound](err); !ok {
		t.Errorf("an unknown map run: %v", err)
	}
}
