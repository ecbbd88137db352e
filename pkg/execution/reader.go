package execution

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
)

// reader reads how far an execution has come. It remembers what it has read, so
// that each look at a long history takes the new events only.
type reader struct {
	api     API
	arn     string
	history *history
	seen    int64 // the last event that was read
	uncount bool  // map runs may not be described
}

func newReader(api API, arn string) (*reader, error) {
	m, err := readMachine()
	if err != nil {
		return nil, err
	}
	return &reader{api: api, arn: arn, history: newHistory(m)}, nil
}

// read looks at the execution once.
func (r *reader) read(ctx context.Context) (Summary, error) {
	described, err := r.api.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &r.arn})
	if err != nil {
		return Summary{}, fmt.Errorf("describe execution %s: %w", r.arn, err)
	}
	events, err := r.news(ctx)
	if err != nil {
		return Summary{}, err
	}
	for _, event := range events {
		r.history.add(event)
		r.seen = event.Id
	}
	if err := r.count(ctx); err != nil {
		return Summary{}, err
	}
	at := r.history.at
	if described.Status == types.ExecutionStatusRunning {
		at = time.Now()
	}
	summary := Empty()
	summary.RunID, summary.Status = aws.ToString(described.Name), string(described.Status)
	summary.Error, summary.Cause = aws.ToString(described.Error), aws.ToString(described.Cause)
	summary.Seconds = milliseconds(max(0, at.Sub(aws.ToTime(described.StartDate)).Seconds())) // none if the clock went back
	summary.Stages = r.history.snapshot(at, described.Status)
	if err := summary.fill(r.history.output); err != nil {
		return Summary{}, fmt.Errorf("sum up execution %s: %w", r.arn, err)
	}
	return summary, nil
}

// news returns the events that were not read yet. They are listed from the end, so
// that those which were read are not listed again.
func (r *reader) news(ctx context.Context) ([]types.HistoryEvent, error) {
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(historyOnly{r.api}, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &r.arn, MaxResults: 100, ReverseOrder: true, IncludeExecutionData: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read history of execution %s: %w", r.arn, err)
		}
		for _, event := range page.Events {
			if event.Id <= r.seen {
				slices.Reverse(events)
				return events, nil
			}
			events = append(events, event)
		}
	}
	slices.Reverse(events)
	return events, nil
}

// count asks how far the map runs are whose stages go on. Who may not ask that
// sees the stages without it.
func (r *reader) count(ctx context.Context) error {
	for name, arn := range r.history.runs {
		if r.uncount {
			return nil
		}
		run, err := r.api.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: &arn})
		if api, ok := errors.AsType[smithy.APIError](err); ok && (api.ErrorCode() == "AccessDeniedException" || api.ErrorCode() == "ResourceNotFound") {
			r.uncount = true
			continue
		}
		if err != nil {
			return fmt.Errorf("describe map run %s: %w", arn, err)
		}
		stage := r.history.stage(name)
		stage.Parts, stage.Ended = run.ItemCounts.Total, run.ItemCounts.Succeeded
		if run.Status != types.MapRunStatusRunning {
			delete(r.history.runs, name)
		}
	}
	return nil
}

// historyOnly narrows API to what the SDK's paginator asks for.
type historyOnly struct{ API }
