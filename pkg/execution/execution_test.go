package execution_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
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

func (s *service) GetExecutionHistory(
	_ context.Context, in *sfn.GetExecutionHistoryInput, _ ...func(*sfn.Options),
) (*sfn.GetExecutionHistoryOutput, error) {
	page := 0
	if in.NextToken != nil {
		page = int((*in.NextToken)[0] - '0')
	}
	out := &sfn.GetExecutionHistoryOutput{Events: s.pages[page]}
	if page+1 < min(s.looks, len(s.pages)) {
		out.NextToken = aws.String(string(rune('0' + page + 1)))
	}
	return out, nil
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
			{Name: "Wait for row", Seconds: 6, Done: true},
			{Name: "Poll row", Seconds: 1, Done: true},
			{Name: "Land tables", Seconds: 2, Done: true},
			{Name: "Transform", Seconds: 3, Done: true},
		},
		Rows:     map[string]int64{"order": 7},
		SetAside: map[string]int64{"order: wrong_type": 3},
		Skipped:  map[string]int64{"note": 2},
		Wrong:    map[string]int64{"order.city: value_too_long": 4},
		Unknown:  map[string]int64{"order.gift": 3},
		Tables:   map[string]scalar.Sum{"landing.order": scalar.SumOf(7), "dwh.order": scalar.SumOf(5)},
		Archived: map[string]int64{"raw": 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Follow() (-want +got):\n%s", diff)
	}
	if len(seen) != 3 || seen[0].Status != "RUNNING" || seen[0].Stages[0].Done {
		t.Errorf("observed %+v, want three summaries that grow", seen)
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
	want := []execution.Stage{{Name: "Export table", Done: true}, {Name: "Poll row", Seconds: 1, Done: true}}
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
