package faults_test

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/execution"
)

// disturb runs a night with faults and recovers from it.
func (w *world) disturb(ctx context.Context) {
	var group sync.WaitGroup
	errs := make(chan error, 2)
	w.flood(ctx)
	in := w.input(ctx)
	w.chaos.Begin()
	started := 1
	if w.scenario.Two {
		started = 2
	}
	for i := range started {
		group.Go(func() {
			time.Sleep(time.Duration(i) * 20 * time.Millisecond)
			_, err := w.start(ctx, in)
			errs <- err
		})
	}
	group.Wait()
	for range started {
		must(0, <-errs)
	}
	runs := w.ended(ctx, started)
	w.chaos.Calm()
	for _, run := range runs {
		w.checkOutcome(ctx, run, len(runs) == 1)
	}
	w.checkLock(ctx, runs)
	w.checkLimits(runs)
	w.recover(ctx, runs)
}

// afterKill looks at what a killed process has left, and recovers.
func (w *world) afterKill(ctx context.Context) {
	runs := w.ended(ctx, 0)
	w.checkOneOf(ctx, "after the process was killed")
	w.checkLock(ctx, runs)
	w.recover(ctx, runs)
}

// recover goes on without faults and checks what is there then: with a redrive
// of what did not succeed, if the scenario says so, or with another night.
func (w *world) recover(ctx context.Context, runs []execution.Summary) {
	for _, run := range runs {
		if !w.scenario.Redrive || run.Status == "SUCCEEDED" {
			continue
		}
		w.settle(ctx)
		again := w.redrive(ctx, run.RunID)
		if again.Status == "SUCCEEDED" && len(runs) == 1 {
			w.checkEnd(ctx, again)
			return
		}
		w.checkRedriven(ctx, run, again, len(runs) == 1)
	}
	w.unflood(ctx)
	w.settle(ctx)
	w.unhasten(ctx)
	final := w.run(ctx, execution.Input{Mode: w.scenario.Next})
	if final.Status != "SUCCEEDED" {
		w.problem("the night after %s: %s: %s", final.Status, final.Error, final.Cause)
		return
	}
	w.checkEnd(ctx, final)
}

// checkRedriven checks a redriven execution that did not succeed, or that was
// not the only one. One that had failed fails in the same way; one that was only
// ended from outside has no reason to, but that exports and statements do not
// survive the process that was to finish them (in AWS nobody kills that one),
// and that a hastened time limit may elapse again.
func (w *world) checkRedriven(ctx context.Context, run, again execution.Summary, alone bool) {
	lost := w.scenario.Phase == phaseRecover &&
		(strings.Contains(again.Cause, "DescribeStatement") || again.Error == "ExportFailed")
	onlyStopped := run.Status != "FAILED" && len(w.scenario.Faults) == 1 && alone
	if (run.Status == "FAILED" && again.Error != run.Error) || (onlyStopped && !lost && again.Status != "TIMED_OUT") {
		w.problem("run %s ended as %s %s, and redriven as %s %s: %s",
			run.RunID, run.Status, run.Error, again.Status, again.Error, again.Cause)
		return
	}
	w.checkOutcome(ctx, again, alone)
}
