package warehouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// What a poll reports.
const (
	StatusRunning = "running" // ask again later
	StatusDone    = "done"    // committed, and the counts are as expected
	StatusRetry   = "retry"   // rolled back by a conflict that passes: submit again, with the new attempt
)

// PollOutput is how far a batch has come. Every field is always there, because
// a path of the state machine may not lead to nothing.
//
// Wait is about a quarter of the statement's age, within 2 and 300 seconds, so
// that a short statement is found finished at once and a long one is not asked
// about in vain. Polling every few seconds would end a long night: an execution
// has at most 25,000 events
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html),
// and each poll is about ten of them. This way ten hours of one statement take
// less than 150 polls.
type PollOutput struct {
	Submitted

	Status string                `json:"status"`
	Counts map[string]scalar.Sum `json:"counts"` // rows and sums by name, as the last statement selected them, but not [ofRun]; {} until done
}

// The bounds of Wait, in seconds.
const (
	shortestWait = 2
	longestWait  = 300
)

// maxAttempts is how often the same work is submitted in one run.
const maxAttempts = 3

type reader interface {
	DescribeStatement(
		context.Context, *redshiftdata.DescribeStatementInput, ...func(*redshiftdata.Options),
	) (*redshiftdata.DescribeStatementOutput, error)
	resultReader
}

// Poller reports the progress of statements.
type Poller struct{ api reader }

// NewPoller returns the handler of the step statement-poll. Its role must be
// the one that submits: nobody else may describe a statement.
func NewPoller(api reader) *Poller { return &Poller{api: api} }

// Poll reports how far a batch has come. When it has finished, the result of
// its last statement, if that has one, is read as names and rows, and must hold
// all that is expected; anything else is Corrupt. A batch that failed by a
// conflict with another transaction, or with its connection, is to be submitted
// again, at most three times in all. One that failed otherwise is Rejected: a
// failing statement is not an error of the Data API, so this is where it shows.
//
// Running twice is safe: it only reads. Results are kept for 24 hours.
func (p *Poller) Poll(ctx context.Context, in Submitted) (PollOutput, error) {
	statement, err := p.api.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: &in.StatementID})
	if err != nil {
		return PollOutput{}, fmt.Errorf("describe statement %s: %w", in.StatementID, awsfault.Classify(err))
	}
	out := PollOutput{Submitted: in, Status: StatusRunning, Counts: map[string]scalar.Sum{}}
	out.Wait = wait(statement.CreatedAt)
	if out.Read == nil {
		out.Read = []string{}
	}
	if out.Expect == nil {
		out.Expect = map[string]scalar.Sum{}
	}
	switch statement.Status {
	case types.StatusStringSubmitted, types.StatusStringPicked, types.StatusStringStarted:
		return out, nil
	case types.StatusStringFinished:
		out.Status = StatusDone
		if id, ok := lastResult(statement); ok {
			if out.Counts, err = p.counts(ctx, id); err != nil {
				return PollOutput{}, err
			}
		}
		err = compare(in, out.Counts)
		maps.DeleteFunc(out.Counts, func(name string, _ scalar.Sum) bool { return strings.Contains(name, ofRun) })
		return out, err
	case types.StatusStringFailed:
		failure := explain(statement)
		if !failure.passes() || in.Attempt >= maxAttempts {
			return PollOutput{}, fault.New(fault.Rejected, failure.err)
		}
		out.Status, out.Attempt = StatusRetry, in.Attempt+1
		return out, nil
	case types.StatusStringAborted:
		return PollOutput{}, fault.New(fault.Rejected, fmt.Errorf("it was cancelled: %w", explain(statement).err))
	}
	return PollOutput{}, fmt.Errorf("describe statement %s: status %q is not known", in.StatementID, statement.Status)
}

// wait is how many seconds to leave a statement alone that was created then.
func wait(created *time.Time) int {
	if created == nil {
		return shortestWait
	}
	return min(max(int(time.Since(*created).Seconds()/4), shortestWait), longestWait)
}

// lastResult returns the id to read the result by: that of the last statement
// of the batch, if it selected anything.
func lastResult(statement *redshiftdata.DescribeStatementOutput) (string, bool) {
	if len(statement.SubStatements) == 0 {
		return aws.ToString(statement.Id), aws.ToBool(statement.HasResultSet)
	}
	last := statement.SubStatements[0]
	for _, sub := range statement.SubStatements[1:] {
		if position(sub) > position(last) {
			last = sub
		}
	}
	return aws.ToString(last.Id), aws.ToBool(last.HasResultSet)
}

// compare proves that what was counted is what was expected, all of it.
func compare(in Submitted, counts map[string]scalar.Sum) error {
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(in.Expect)) {
		got, ok := counts[name]
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("%s was not counted", name))
		case got != in.Expect[name]:
			problems = append(problems, fmt.Sprintf("%s is %s instead of %s", name, got, in.Expect[name]))
		}
	}
	if len(problems) > 0 {
		return fault.New(fault.Corrupt, fmt.Errorf("compare counts of statement %s: %s",
			in.StatementID, strings.Join(problems, "; ")))
	}
	return nil
}
