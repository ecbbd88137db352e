package faults_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

// run runs a night to its end, whatever that is.
func (w *world) run(ctx context.Context, in execution.Input) execution.Summary {
	return w.follow(ctx, must(w.start(ctx, in)))
}

// start starts an execution and returns its ARN.
func (w *world) start(ctx context.Context, in execution.Input) (string, error) {
	return execution.Start(ctx, sfn.NewFromConfig(w.clients), w.env.StateMachineARN(), execution.RunID(time.Now()), in)
}

// redrive goes on with an execution. One that has lost the lock must not change
// anything; one that never had it may still take it.
func (w *world) redrive(ctx context.Context, runID string) execution.Summary {
	w.report.Redriven = true
	had := len(w.tenures(ctx, []execution.Summary{{RunID: runID}})) > 0
	before := w.shared(ctx)
	arn := w.arn(runID)
	must(sfn.NewFromConfig(w.clients).RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &arn}))
	again := w.follow(ctx, arn)
	if after := w.shared(ctx); had && before.Holder != runID && before != after {
		w.problem("run %s has lost the lock; redriven, it made %+v of %+v", runID, after, before)
	}
	return again
}

// follow waits for the end of an execution and sums it up.
func (w *world) follow(ctx context.Context, arn string) execution.Summary {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	api := sfn.NewFromConfig(w.clients)
	for {
		out := must(api.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn}))
		if out.Status != types.ExecutionStatusRunning {
			return must(execution.Follow(ctx, api, arn, time.Second, nil))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// ended waits until all executions that were started, by the suite or by chaos,
// are over, and sums them up in the order of their starts.
func (w *world) ended(ctx context.Context, started int) []execution.Summary {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	for {
		arns, running := w.executions(ctx)
		if len(arns) >= started+w.chaos.Injected()[chaos.SecondExecution] && !running {
			var runs []execution.Summary
			for _, arn := range arns {
				run := w.follow(ctx, arn)
				w.report.Ends = append(w.report.Ends, strings.TrimSpace(run.Status+" "+run.Error))
				runs = append(runs, run)
			}
			return runs
		}
		if ctx.Err() != nil {
			panic(fatal{fmt.Errorf("executions %q do not end, or others do not start: %w", arns, ctx.Err())})
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// executions lists the executions since the base, the first of them first, and
// reports whether one is running.
func (w *world) executions(ctx context.Context) (arns []string, running bool) {
	pages := sfn.NewListExecutionsPaginator(sfn.NewFromConfig(w.clients), &sfn.ListExecutionsInput{
		StateMachineArn: aws.String(w.env.StateMachineARN()),
	})
	for pages.HasMorePages() {
		for _, e := range must(pages.NextPage(ctx)).Executions {
			if aws.ToString(e.Name) != w.scenario.Expect.BaseRun {
				arns = append(arns, aws.ToString(e.ExecutionArn))
				running = running || e.Status == types.ExecutionStatusRunning
			}
		}
	}
	slices.Reverse(arns)
	return arns, running
}

func (w *world) arn(runID string) string {
	return strings.Replace(w.env.StateMachineARN(), ":stateMachine:", ":execution:", 1) + ":" + runID
}

// history returns the events of an execution.
func (w *world) history(ctx context.Context, runID string) []types.HistoryEvent {
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(w.clients), &sfn.GetExecutionHistoryInput{
		ExecutionArn: aws.String(w.arn(runID)),
	})
	for pages.HasMorePages() {
		events = append(events, must(pages.NextPage(ctx)).Events...)
	}
	return events
}

// hasten shortens the time limits of the machine that the faults wait for. An
// execution can only be redriven with the definition that it was started with.
func (w *world) hasten(ctx context.Context) {
	w.setDefinition(ctx, must(chaos.Hasten(w.definition(ctx), w.scenario.Faults)))
}

func (w *world) definition(ctx context.Context) string {
	out := must(sfn.NewFromConfig(w.clients).DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{
		StateMachineArn: aws.String(w.env.StateMachineARN()),
	}))
	w.deployed = aws.ToString(out.Definition)
	return w.deployed
}

// unhasten brings the deployed definition back.
func (w *world) unhasten(ctx context.Context) { w.setDefinition(ctx, w.deployed) }

func (w *world) setDefinition(ctx context.Context, definition string) {
	must(sfn.NewFromConfig(w.clients).UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{
		StateMachineArn: aws.String(w.env.StateMachineARN()), Definition: &definition,
	}))
}
