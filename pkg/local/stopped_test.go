package local_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// TestNight_stopped follows two runs that are stopped half-way: the night after
// them leaves a record of all three, in the lake and in the warehouse. Redriven
// after that, a stopped run finds that it is too old, and says so itself.
func TestNight_stopped(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 8, Items: 300}).Items())
	first := m.stop(t, "Export table", "")
	second := m.stop(t, "Partition files", "for the test")
	if diff := cmp.Diff([]string{first + " Stopped by " + second, second + " "}, m.ended(t)); diff != "" {
		t.Errorf("records after two runs that were stopped (-want +got):\n%s", diff)
	}

	third := m.mustSucceed(t, execution.Input{}).RunID
	want := []string{first + " Stopped by " + second, second + " Stopped by " + third, third + " Loaded"}
	if diff := cmp.Diff(want, m.ended(t)); diff != "" {
		t.Errorf("records after the next night (-want +got):\n%s", diff)
	}
	rows := []string{
		fmt.Sprint([]any{first, "Stopped", "somebody stopped the execution, and did not say why", nil}),
		fmt.Sprint([]any{second, "Stopped", "Test: for the test", nil}),
		fmt.Sprint([]any{third, "Loaded", nil, int64(300)}),
	}
	m.warehouse(t, func(query func(string) [][]any) {
		got := lines(query("select run_id, result, cause, rows_loaded from etl.run"))
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Errorf("etl.run after the next night (-want +got):\n%s", diff)
		}
	})

	star := m.star(t)
	again := m.redrive(t, second)
	if again.Status != "FAILED" || again.Error == "" || !strings.Contains(again.Cause, third+" has begun since") {
		t.Fatalf("run %s, redriven: %s %s: %s; want that %s has begun since", second, again.Status, again.Error, again.Cause, third)
	}
	want[1] = second + " " + again.Error
	if diff := cmp.Diff(want, m.ended(t)); diff != "" {
		t.Errorf("records after a run was redriven (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(star, m.star(t)); diff != "" {
		t.Errorf("the star after a run was redriven (-before +after):\n%s", diff)
	}

	// It wakes no warehouse for that: its row follows with the next night.
	fourth := m.mustSucceed(t, execution.Input{}).RunID
	m.warehouse(t, func(query func(string) [][]any) {
		got := lines(query("select run_id, result from etl.run"))
		want := []string{fmt.Sprintf("[%s Stopped]", first), fmt.Sprintf("[%s %s]", second, again.Error), fmt.Sprintf("[%s Loaded]", third), fmt.Sprintf("[%s Loaded]", fourth)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("etl.run a night after a run was redriven (-want +got):\n%s", diff)
		}
	})
}

// TestNight_interrupted closes the endpoints under a run, as the command does
// when it is interrupted.
func TestNight_interrupted(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 9, Items: 300}).Items())
	runID := m.reach(t, "Export table")
	m.close(t)
	m.open(t)
	next := m.mustSucceed(t, execution.Input{}).RunID
	if diff := cmp.Diff([]string{runID + " Stopped by " + next, next + " Loaded"}, m.ended(t)); diff != "" {
		t.Errorf("records after the next night (-want +got):\n%s", diff)
	}
}

// reach starts a run and returns its id when it has entered a state.
func (m *machine) reach(t *testing.T, state string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	api, runID := sfn.NewFromConfig(m.env.Config()), execution.RunID(time.Now())
	arn, err := execution.Start(ctx, api, m.env.StateMachineARN(), runID, execution.Input{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, found := context.WithCancel(ctx)
	defer found()
	reached := false
	summary, err := execution.Follow(ctx, api, arn, 5*time.Millisecond, func(s execution.Summary) {
		if s.Status == "RUNNING" && slices.ContainsFunc(s.Stages, func(s execution.Stage) bool { return s.Name == state && s.State != execution.Waiting }) {
			reached = true
			found()
		}
	})
	if !reached {
		t.Fatalf("run %s did not reach %q: %+v, %v", runID, state, summary, err)
	}
	return runID
}

// stop starts a run and stops it in a state.
func (m *machine) stop(t *testing.T, state, cause string) string {
	t.Helper()
	runID := m.reach(t, state)
	in := &sfn.StopExecutionInput{ExecutionArn: aws.String(m.executionARN(runID))}
	if cause != "" {
		in.Error, in.Cause = aws.String("Test"), &cause
	}
	if _, err := sfn.NewFromConfig(m.env.Config()).StopExecution(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return runID
}

func (m *machine) executionARN(runID string) string {
	return strings.Replace(m.env.StateMachineARN(), ":stateMachine:", ":execution:", 1) + ":" + runID
}

// redrive goes on with a run and follows it to its end.
func (m *machine) redrive(t *testing.T, runID string) execution.Summary {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	api, arn := sfn.NewFromConfig(m.env.Config()), m.executionARN(runID)
	if _, err := api.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &arn}); err != nil {
		t.Fatal(err)
	}
	summary, err := execution.Follow(ctx, api, arn, 50*time.Millisecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// ended tells how each run ended, by the records of the lake, and who closed it.
func (m *machine) ended(t *testing.T) []string {
	t.Helper()
	runs, err := record.List(t.Context(), s3.NewFromConfig(m.env.Config()), local.LakeBucket)
	if err != nil {
		t.Fatal(err)
	}
	var ended []string
	for _, run := range runs {
		text := run.RunID + " " + run.Result
		if run.ClosedBy != "" {
			text += " by " + run.ClosedBy
		}
		ended = append(ended, text)
	}
	slices.Sort(ended) // a run without a record is listed by the time of an object, which is to the second
	return ended
}
