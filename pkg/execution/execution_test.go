package execution_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

var start = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)

// service is a Step Functions with one execution, whose history grows by a
// page with every look at it.
type service struct {
	input  string
	pages  [][]types.HistoryEvent
	looks  int
	given  int  // events
	refuse bool // to describe map runs
	status types.ExecutionStatus
	err    string
}

func (s *service) StartExecution(
	_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options),
) (*sfn.StartExecutionOutput, error) {
	s.input = aws.ToString(in.Input)
	return &sfn.StartExecutionOutput{ExecutionArn: aws.String("arn:" + aws.ToString(in.Name))}, nil
}

func (s *service) DescribeExecution(
	context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options),
) (*sfn.DescribeExecutionOutput, error) {
	s.looks++
	out := &sfn.DescribeExecutionOutput{Name: aws.String("r1"), StartDate: &start, Status: types.ExecutionStatusRunning}
	if s.looks >= len(s.pages) {
		out.Status = s.status
		if s.err != "" {
			out.Error, out.Cause = &s.err, aws.String("because")
		}
	}
	return out, nil
}

// GetExecutionHistory gives the history so far, two events a page. Events that
// say nothing else follow the one before them.
func (s *service) GetExecutionHistory(
	_ context.Context, in *sfn.GetExecutionHistoryInput, _ ...func(*sfn.Options),
) (*sfn.GetExecutionHistoryOutput, error) {
	events := slices.Concat(s.pages[:min(s.looks, len(s.pages))]...)
	for i := range events {
		events[i].Id = int64(i) + 1
		if events[i].PreviousEventId == 0 {
			events[i].PreviousEventId = int64(i)
		}
	}
	if in.ReverseOrder {
		slices.Reverse(events)
	}
	from := 0
	if in.NextToken != nil {
		from, _ = strconv.Atoi(*in.NextToken)
	}
	to := min(from+2, len(events))
	out := &sfn.GetExecutionHistoryOutput{Events: events[from:to]}
	s.given += to - from
	if to < len(events) {
		out.NextToken = aws.String(strconv.Itoa(to))
	}
	return out, nil
}

func (s *service) DescribeMapRun(
	_ context.Context, in *sfn.DescribeMapRunInput, _ ...func(*sfn.Options),
) (*sfn.DescribeMapRunOutput, error) {
	if s.refuse {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	}
	return &sfn.DescribeMapRunOutput{
		Status: types.MapRunStatusRunning, MapRunArn: in.MapRunArn, ItemCounts: &types.MapRunItemCounts{Total: 8, Succeeded: 3, Running: 2},
	}, nil
}

func entered(name string, seconds int) types.HistoryEvent {
	return types.HistoryEvent{
		Timestamp:                aws.Time(start.Add(time.Duration(seconds) * time.Second)),
		StateEnteredEventDetails: &types.StateEnteredEventDetails{Name: &name},
	}
}

func exited(name string, seconds int, output any) types.HistoryEvent {
	body, _ := json.Marshal(output)
	return types.HistoryEvent{
		Timestamp:               aws.Time(start.Add(time.Duration(seconds) * time.Second)),
		StateExitedEventDetails: &types.StateExitedEventDetails{Name: &name, Output: aws.String(string(body))},
	}
}

type object = map[string]any

func TestFollow(t *testing.T) {
	t.Parallel()

	plan := object{"items": 10}
	night := object{"rows": object{"order": 7}, "setAside": object{"order": object{"wrong_type": 3}}, "skipped": object{"note": 2},
		"wrong": object{"order": object{"city": object{"value_too_long": 4}}}, "unknown": []object{
			{"type": "order", "attribute": "gift", "kind": "BOOL", "items": 2}, {"type": "order", "attribute": "gift", "kind": "S", "items": 1},
		}}
	api := &service{status: types.ExecutionStatusSucceeded, pages: [][]types.HistoryEvent{
		{
			entered("Wait for row", 0), exited("Wait for row", 2, object{}), entered("Poll row", 2), exited("Poll row", 3, object{}),
			entered("Wait for row", 3),
		},
		{
			exited("Wait for row", 7, object{}),
			entered("Land tables", 7), entered("Copy table", 7), exited("Copy table", 8, object{"night": object{"items": 99}}),
			exited("Land tables", 9, object{"plan": plan, "night": night, "landed": []object{{"counts": object{"landing.order": 7}}}}),
		},
		{
			entered("Transform", 9),
			exited("Transform", 12, object{
				"plan": plan, "night": night, "landed": []object{{"counts": object{"landing.order": 7}}},
				"transformed": []object{{"counts": object{"dwh.order": 5}}},
				"lock":        object{"notes": []string{"a clock is odd"}},
				"archived":    []object{{"source": "raw", "objects": 4, "notes": []string{"an object is odd"}}},
			}),
		},
	}}
	var seen []execution.Summary
	got, err := execution.Follow(t.Context(), api, "arn:r1", time.Millisecond, func(s execution.Summary) { seen = append(seen, s) })
	if err != nil {
		t.Fatal(err)
	}
	want := execution.Summary{
		RunID: "r1", Status: "SUCCEEDED", Seconds: 12, Items: 10, Notes: []string{"a clock is odd", "an object is odd"},
		Stages: []execution.Stage{
			{Name: "Land tables", State: execution.Done, Seconds: 2, Visits: 1},
			{Name: "Transform", State: execution.Done, Seconds: 3, Visits: 1},
			{Name: "Wait for row", State: execution.Done, Seconds: 6, Visits: 2, PartOf: "Submit row"},
			{Name: "Poll row", State: execution.Done, Seconds: 1, Visits: 1, PartOf: "Submit row"},
		},
		Rows:     map[string]int64{"order": 7},
		SetAside: map[string]int64{"order: wrong_type": 3},
		Skipped:  map[string]int64{"note": 2},
		Wrong:    map[string]int64{"order.city: value_too_long": 4},
		LeftOut:  map[string]int64{},
		Unknown:  map[string]int64{"order.gift": 3},
		Tables:   map[string]scalar.Sum{"landing.order": scalar.SumOf(7), "dwh.order": scalar.SumOf(5)},
		Archived: map[string]int64{"raw": 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Follow() (-want +got):\n%s", diff)
	}
	wait, _ := seen[0].Stage("Wait for row")
	land, _ := seen[0].Stage("Archive earlier runs")
	if len(seen) != 3 || seen[0].Status != "RUNNING" || wait.State != execution.Running || land.State != execution.Waiting {
		t.Errorf("observed %+v, want three summaries that grow", seen)
	}
	if events := len(slices.Concat(api.pages...)); api.given > events+2*len(api.pages) {
		t.Errorf("%d events were asked for, of %d", api.given, events)
	}
}

func TestFollow_reportsAFailedRunAsASummary(t *testing.T) {
	t.Parallel()

	api := &service{status: types.ExecutionStatusFailed, err: "ExportFailed", pages: [][]types.HistoryEvent{{entered("Export table", 0)}}}
	got, err := execution.Follow(t.Context(), api, "arn:r1", time.Millisecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != "FAILED" || got.Error != "ExportFailed" || got.Cause != "because" {
		t.Errorf("Follow() = %+v, want the error and its cause", got)
	}
}

func TestFollow_whenTheClockGoesBack(t *testing.T) {
	t.Parallel()

	api := &service{status: types.ExecutionStatusSucceeded, pages: [][]types.HistoryEvent{{
		entered("Export table", 0), exited("Export table", -2, object{}), entered("Poll row", -2), exited("Poll row", -1, object{}),
	}}}
	got, err := execution.Follow(t.Context(), api, "arn:r1", time.Millisecond, nil)
	want := []execution.Stage{
		{Name: "Export table", State: execution.Done, Visits: 1},
		{Name: "Poll row", State: execution.Done, Seconds: 1, Visits: 1, PartOf: "Submit row"},
	}
	if diff := cmp.Diff(want, got.Stages); err != nil || diff != "" || got.Seconds != 0 {
		t.Errorf("Follow() = %v s, %v, stages (-want +got):\n%s", got.Seconds, err, diff)
	}
}

func TestFollow_stopsWithItsContext(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	api := &service{pages: make([][]types.HistoryEvent, 9)}
	_, err := execution.Follow(ctx, api, "arn:r1", time.Hour, func(execution.Summary) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Follow() = %v, want context.Canceled", err)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		in   execution.Input
		want string
	}{
		"asks for a new export":        {want: `{}`},
		"names an export that's there": {in: execution.Input{Export: &execution.Export{ManifestKey: "k"}}, want: `{"export":{"manifestKey":"k"}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &service{}
			arn, err := execution.Start(t.Context(), api, "machine", execution.RunID(start), tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if api.input != tt.want || arn != "arn:run-20261122-010000.000" {
				t.Errorf("Start() sent %s and returned %s, want %s and the execution's ARN", api.input, arn, tt.want)
			}
		})
	}
}

func event(kind types.HistoryEventType, seconds int) types.HistoryEvent {
	return types.HistoryEvent{Type: kind, Timestamp: aws.Time(start.Add(time.Duration(seconds) * time.Second))}
}

// TestFollow_statesOfStages has one stage in each state.
func TestFollow_statesOfStages(t *testing.T) {
	t.Parallel()

	mapRun := event(types.HistoryEventTypeMapRunStarted, 20)
	mapRun.MapRunStartedEventDetails = &types.MapRunStartedEventDetails{MapRunArn: aws.String("run")}
	for _, refuse := range []bool{false, true} {
		api := &service{refuse: refuse, status: types.ExecutionStatusRunning, pages: [][]types.HistoryEvent{{
			entered("Plan partition", 0), event(types.HistoryEventTypeTaskScheduled, 0), event(types.HistoryEventTypeTaskFailed, 1),
			event(types.HistoryEventTypeTaskScheduled, 3), event(types.HistoryEventTypeTaskTimedOut, 4),
			event(types.HistoryEventTypeTaskScheduled, 8), event(types.HistoryEventTypeTaskSucceeded, 9), exited("Plan partition", 9, object{}),
			entered("Partition files", 20), event(types.HistoryEventTypeMapStateStarted, 20), mapRun,
		}}}
		ctx, cancel := context.WithCancel(t.Context())
		got, err := execution.Follow(ctx, api, "arn:r1", time.Hour, func(execution.Summary) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		export, _ := got.Stage("Plan partition")
		files, _ := got.Stage("Partition files")
		transform, _ := got.Stage("Transform")
		if export.State != execution.Done || export.Retries != 2 || export.Seconds != 9 {
			t.Errorf("export = %+v, want two retries", export)
		}
		if files.State != execution.Running || (files.Parts == 8 && files.Ended == 3) == refuse {
			t.Errorf("files = %+v, with counts if they may be asked for", files)
		}
		if transform.State != execution.Waiting || got.Stages[0].Name != "Plan partition" {
			t.Errorf("stages = %+v, want those that wait, and none that was passed by", got.Stages)
		}
	}
}

// TestFollow_failedStages: an error that is caught, in a stage or within a map, and
// work that is refused.
func TestFollow_failedStages(t *testing.T) {
	t.Parallel()

	iteration := event(types.HistoryEventTypeMapIterationFailed, 2)
	iteration.MapIterationFailedEventDetails = &types.MapIterationEventDetails{Name: aws.String("Land tables")}
	tests := map[string][]types.HistoryEvent{
		"Plan partition": {entered("Plan partition", 0), event(types.HistoryEventTypeTaskScheduled, 0), event(types.HistoryEventTypeTaskFailed, 1)},
		"Land tables": {
			entered("Land tables", 0), event(types.HistoryEventTypeMapStateStarted, 0), entered("Copy table", 0),
			event(types.HistoryEventTypeTaskScheduled, 0), event(types.HistoryEventTypeTaskFailed, 1), iteration,
			event(types.HistoryEventTypeMapStateFailed, 2),
		},
	}
	for stage, events := range tests {
		api := &service{status: types.ExecutionStatusFailed, err: "X", pages: [][]types.HistoryEvent{append(events,
			exited(stage, 3, object{}), entered("Record run", 3), exited("Record run", 4, object{}))}}
		got, err := execution.Follow(t.Context(), api, "arn:r1", time.Millisecond, nil)
		if err != nil {
			t.Fatal(err)
		}
		failed, _ := got.Stage(stage)
		recorded, _ := got.Stage("Record run")
		if len(got.Stages) != 2 || failed.State != execution.Failed || recorded.State != execution.Done {
			t.Errorf("stages = %+v, want that %s failed", got.Stages, stage)
		}
	}
	api := &service{status: types.ExecutionStatusFailed, err: "TypeShrank", pages: [][]types.HistoryEvent{{
		entered("Reconcile", 0), exited("Reconcile", 1, object{}), entered("Within the limit?", 1), entered("Refuse shrunk night", 1),
		entered("Record run", 1), exited("Record run", 2, object{}),
	}}}
	got, err := execution.Follow(t.Context(), api, "arn:r1", time.Millisecond, nil)
	if refused, _ := got.Stage("Reconcile"); err != nil || refused.State != execution.Failed {
		t.Errorf("stages = %+v, %v, want that the work was refused", got.Stages, err)
	}
}

// TestSummary_inJSON has no null, and no number with digits that mean nothing.
func TestSummary_inJSON(t *testing.T) {
	t.Parallel()

	api := &service{status: types.ExecutionStatusSucceeded, pages: [][]types.HistoryEvent{{
		{Timestamp: aws.Time(start.Add(time.Second / 10)), StateEnteredEventDetails: &types.StateEnteredEventDetails{Name: aws.String("Transform")}},
		{Timestamp: aws.Time(start.Add(time.Second/10 + 200*time.Millisecond + 7)), StateExitedEventDetails: &types.StateExitedEventDetails{Name: aws.String("Transform"), Output: aws.String("{}")}},
	}}}
	ran, err := execution.Follow(t.Context(), api, "arn:r1", time.Millisecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, summary := range []execution.Summary{ran, execution.Empty()} {
		text, err := json.Marshal(summary)
		if err != nil || strings.Contains(string(text), "null") {
			t.Errorf("%s, %v", text, err)
		}
	}
	if ran.Seconds != 0.3 || ran.Stages[0].Seconds != 0.2 {
		t.Errorf("%v s in all, %v s of a stage", ran.Seconds, ran.Stages[0].Seconds)
	}
}
