package faults_test

import (
	"context"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/record"
)

// checkRecords checks that every run that took the lock has a record in the lake
// and a row in the warehouse, and that both say how it ended. Who wrote them, the
// run itself or one after it, is the same to whoever reads them. A row says what
// became of the star, and is written before the night is archived.
func (w *world) checkRecords(ctx context.Context) {
	arns, _ := w.executions(ctx)
	runs := map[string]execution.Summary{w.scenario.Expect.BaseRun: w.follow(ctx, w.arn(w.scenario.Expect.BaseRun))}
	for _, arn := range arns {
		run := w.follow(ctx, arn)
		runs[run.RunID] = run
	}
	held := w.tenures(ctx, slices.Collect(maps.Values(runs)))
	objects := w.list(ctx, local.LakeBucket, "runs/")
	rows := w.query(ctx, "select run_id, result from etl.run")
	for _, t := range slices.Backward(held) {
		run := runs[t.runID]
		key := path.Join("runs", run.RunID, "run.json")
		if objects[key] == "" {
			w.problem("run %s, which ended as %s %s, has no record in the lake", run.RunID, run.Status, run.Error)
			continue
		}
		var recorded record.Run
		must(0, json.Unmarshal(w.object(ctx, local.LakeBucket, key), &recorded))
		if !tellsTruth(recorded, run) {
			w.problem("run %s ended as %s %s; its record, closed by %q, says %q", run.RunID, run.Status, run.Error, recorded.ClosedBy, recorded.Result)
		}
		has := resultsOf(run.RunID, rows)
		stoppedLater := recorded.ClosedBy != "" && slices.Equal(has, []string{record.Loaded})
		if !slices.Equal(has, []string{recorded.Result}) && !stoppedLater {
			w.problem("etl.run says %q of run %s, which ended as %s %s; its record, closed by %q, says %q",
				has, run.RunID, run.Status, run.Error, recorded.ClosedBy, recorded.Result)
		}
	}
}

// resultsOf picks the results of a run out of rows of etl.run.
func resultsOf(runID string, rows []string) []string {
	var results []string
	for _, row := range rows {
		if result, ok := strings.CutPrefix(row, runID+"|"); ok {
			results = append(results, result)
		}
	}
	return results
}

// tellsTruth reports whether a record says how an execution ended. One that was
// ended from outside after it had recorded itself has said what it knew then;
// one that was redriven may have been closed before that.
func tellsTruth(recorded record.Run, run execution.Summary) bool {
	itself := recorded.ClosedBy == ""
	known := recorded.Result == record.Loaded || failStates()[recorded.Result] != ""
	switch {
	case run.Status == "SUCCEEDED":
		return itself && recorded.Result == record.Loaded
	case run.Status == "FAILED" && run.Error == "RunNotRecorded":
		return !itself || known
	case run.Status == "FAILED":
		return recorded.Result == run.Error
	case itself:
		return known
	default: // a redrive may have ended otherwise than what it went on with
		return recorded.Result == record.Stopped || recorded.Result == record.TimedOut
	}
}
