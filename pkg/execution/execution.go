// Package execution starts a run of the state machine, follows it and sums it
// up. It talks to Step Functions only, so it works the same against AWS and
// against the local endpoints; it neither prints nor decides what a failure
// means.
package execution

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// API is what this package calls of Step Functions.
type API interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	DescribeExecution(
		context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options),
	) (*sfn.DescribeExecutionOutput, error)
	DescribeMapRun(context.Context, *sfn.DescribeMapRunInput, ...func(*sfn.Options)) (*sfn.DescribeMapRunOutput, error)
	GetExecutionHistory(
		context.Context, *sfn.GetExecutionHistoryInput, ...func(*sfn.Options),
	) (*sfn.GetExecutionHistoryOutput, error)
}

// Input is the input of the state machine. The zero value asks for a new
// export.
type Input struct {
	Export    *Export        `json:"export,omitempty"`
	Accept    lakedoc.Accept `json:"accept,omitempty"`    // what the run may do although it looks like a mistake
	StartedBy string         `json:"startedBy,omitempty"` // for the record of the run
	Rebuild   bool           `json:"rebuild,omitempty"`   // make a new star where the model has changed

	Mode string `json:"mode,omitempty"` // auto, full or incremental; empty for full
	From string `json:"from,omitempty"` // RFC 3339: with To, the changes to load instead of those since the last run
	To   string `json:"to,omitempty"`
}

// Export names an export that is already in the raw bucket.
type Export struct {
	ManifestKey string `json:"manifestKey,omitempty"` // key of its manifest-summary.json
}

// RunID makes a run id of a moment: a legal execution name that sorts by time.
func RunID(at time.Time) string {
	return at.UTC().Format("run-20060102-150405.000")
}

// Start starts the run and returns the ARN of its execution. Starting one run
// twice with one input is one execution.
func Start(ctx context.Context, api API, stateMachineARN, runID string, in Input) (string, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return "", fmt.Errorf("encode input of run %s: %w", runID, err)
	}
	out, err := api.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &stateMachineARN,
		Name:            &runID,
		Input:           aws.String(string(body)),
	})
	if err != nil {
		return "", fmt.Errorf("start execution %s: %w", runID, err)
	}
	return aws.ToString(out.ExecutionArn), nil
}

// Follow waits until the execution has ended, asking every interval. It calls
// observe, if not nil, with each summary so far. A run that failed is no error
// here: its summary says so. With an error, the summary is the last one.
func Follow(
	ctx context.Context, api API, executionARN string, interval time.Duration, observe func(Summary),
) (Summary, error) {
	r, err := newReader(api, executionARN)
	if err != nil {
		return Summary{}, err
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	var summary Summary
	for {
		latest, err := r.read(ctx)
		if err != nil {
			return summary, err
		}
		summary = latest
		if observe != nil {
			observe(summary)
		}
		if summary.Status != string(types.ExecutionStatusRunning) {
			return summary, nil
		}
		select {
		case <-ctx.Done():
			return summary, fmt.Errorf("follow execution %s: %w", executionARN, ctx.Err())
		case <-tick.C:
		}
	}
}
