package faults_test

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

// lockState is the state that takes the lock.
const lockState = "Take lock"

// shared is what only the run that holds the lock may change.
type shared struct {
	Holder  string // of the lock
	Current string // run that runs/current.json names
	Content string // runs that the schemas of the warehouse hold
}

func (w *world) shared(ctx context.Context) shared {
	return shared{
		Holder:  w.runIn(ctx, "runs/lock.json"),
		Current: w.runIn(ctx, "runs/current.json"),
		Content: strings.Join(w.query(ctx, "select schema_name, run_id from etl.content"), ", "),
	}
}

// runIn returns the run that an object of the lake names.
func (w *world) runIn(ctx context.Context, key string) string {
	var named struct{ RunID string }
	must(0, json.Unmarshal(w.object(ctx, local.LakeBucket, key), &named))
	return named.RunID
}

// tenure is the time in which a run held the lock, or thought so.
type tenure struct {
	runID       string
	taken, over time.Time
}

// tenures lists those of the runs that took the lock, in order.
func (w *world) tenures(ctx context.Context, runs []execution.Summary) []tenure {
	var list []tenure
	for _, run := range runs {
		held := tenure{runID: run.RunID}
		for _, event := range w.history(ctx, run.RunID) {
			exited := event.StateExitedEventDetails
			if exited != nil && aws.ToString(exited.Name) == lockState && len(failures(exited)) == 0 {
				held.taken = aws.ToTime(event.Timestamp)
			}
			held.over = aws.ToTime(event.Timestamp)
		}
		if !held.taken.IsZero() {
			list = append(list, held)
		}
	}
	slices.SortFunc(list, func(a, b tenure) int { return cmp.Compare(a.taken.UnixNano(), b.taken.UnixNano()) })
	return list
}

// failures lists the names that a run has caught failures under when it leaves a
// state. The output of a state within another need not have the data of the run.
func failures(exited *types.StateExitedEventDetails) []string {
	var output struct{ Failed map[string]any }
	if err := json.Unmarshal([]byte(aws.ToString(exited.Output)), &output); err != nil {
		return nil
	}
	return slices.Collect(maps.Keys(output.Failed))
}

// checkLock checks that a run took the lock only when the one before it was over.
func (w *world) checkLock(ctx context.Context, runs []execution.Summary) {
	held := w.tenures(ctx, runs)
	for i := 1; i < len(held); i++ {
		if before, after := held[i-1], held[i]; after.taken.Before(before.over) {
			w.problem("run %s took the lock at %v, when run %s went on until %v", after.runID, after.taken, before.runID, before.over)
		}
	}
}

// checkLimits checks, where nothing else goes wrong, that the time limit that
// was to elapse is what ended the execution, or was retried.
func (w *world) checkLimits(runs []execution.Summary) {
	if len(w.scenario.Faults) != 1 || len(runs) != 1 {
		return
	}
	fault, run := w.scenario.Faults[0], runs[0]
	switch {
	case w.chaos.Injected()[fault.Kind] == 0:
	case fault.Kind == chaos.ExecutionTimeout && run.Status != "TIMED_OUT":
		w.problem("run %s ended as %s %s, want it timed out", run.RunID, run.Status, run.Error)
	case fault.Kind == chaos.StateTimeout && w.retried(strings.TrimPrefix(string(fault.Point), "invoke ")) == 0:
		w.problem("run %s did not retry what had timed out", run.RunID)
	}
}

// retried counts the errors of a state that a retrier took.
func (w *world) retried(state string) int {
	count := 0
	for mark, n := range w.chaos.Marks() {
		if mark.State == state && mark.Field == "Retry" {
			count += n
		}
	}
	return count
}
