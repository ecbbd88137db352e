package lock

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// Input names the execution that wants the lock.
type Input struct {
	RunID     string `json:"runId"`     // its name
	Execution string `json:"execution"` // its ARN
}

// Output tells whom the lock was taken over from.
type Output struct {
	Previous string   `json:"previous"` // run id; empty for the first run of a lake
	Notes    []string `json:"notes"`    // what was odd about that run, for the record of this one; never null
}

type store interface {
	document.Getter
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

type executions interface {
	DescribeExecution(
		context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options),
	) (*sfn.DescribeExecutionOutput, error)
	sfn.ListExecutionsAPIClient
}

// Ended is a run that held the lock and did not succeed, as Step Functions
// describes its execution.
type Ended struct {
	RunID     string
	Execution string // ARN
	Previous  string // run id of the holder before it; empty if it was the first
	ClosedBy  string // run id of the run that found it ended, and wants the lock

	Status    types.ExecutionStatus // FAILED, ABORTED or TIMED_OUT
	Error     string
	Cause     string
	Input     string // JSON
	StartedAt time.Time
	EndedAt   time.Time
}

// closer writes the record of a run that has ended, unless the run has written
// it itself. Closing a run twice must be safe.
type closer interface {
	Close(ctx context.Context, run Ended) error
}

// Taker takes the lock.
type Taker struct {
	store      store
	executions executions
	closer     closer
	bucket     string
}

// NewTaker returns the handler of the step lock, for the lock of a lake bucket.
func NewTaker(store store, executions executions, closer closer, bucket string) *Taker {
	return &Taker{store: store, executions: executions, closer: closer, bucket: bucket}
}

// tries is how often the lock is looked at before the step gives up: whoever
// won in between is a run that is going on, which the next look tells.
const tries = 3

// Take makes the execution the holder of the lock, unless the holder is an
// execution that is still going on: that is Rejected. A lock that names nobody,
// because somebody has changed it, is held by any other execution that is going
// on, and by nobody if there is none: it is then replaced, with a note. A holder that did not
// succeed is closed first, so that whoever finds its successor in the lock finds
// its record in the lake. If another run is faster after that, nothing is lost:
// it finds the record and leaves it. A holder that can't be closed is noted, and
// stops nobody: it is over, and no later try would end otherwise.
//
// Running twice is safe: an execution that holds the lock already keeps it.
func (t *Taker) Take(ctx context.Context, in Input) (Output, error) {
	err := CheckName(in.RunID)
	if err == nil && in.Execution == "" {
		err = fmt.Errorf("run %q has no execution", in.RunID)
	}
	if err != nil {
		return Output{}, fault.New(fault.Invalid, fmt.Errorf("take the lock: %w", err))
	}
	for range tries {
		current, stored, err := read(ctx, t.store, t.bucket)
		var notes []string
		if damaged, ok := errors.AsType[*damagedError](err); ok {
			notes, err = t.settleUnknown(ctx, in.Execution, damaged)
		} else if err == nil && current.Execution == in.Execution {
			return current.output(), nil
		} else if err == nil {
			notes, err = t.settle(ctx, current, in.RunID)
		}
		if err != nil {
			return Output{}, err
		}
		next := holder{RunID: in.RunID, Execution: in.Execution, Previous: current.RunID, Notes: notes}
		won, err := t.write(ctx, next, stored.ETag)
		if err != nil {
			return Output{}, err
		}
		if won {
			return next.output(), nil
		}
	}
	return Output{}, fault.New(fault.Transient, fmt.Errorf("take the lock s3://%s/%s: others took it %d times meanwhile", t.bucket, key, tries))
}

// output is what the holder of the lock is told, again and again.
func (h holder) output() Output {
	return Output{Previous: h.Previous, Notes: append([]string{}, h.Notes...)}
}

// settle returns an error unless the holder is over, and has it closed if it did
// not record itself: an execution that was stopped or ran out of time never
// reaches the state that records it. One that succeeded did. It returns notes on
// what kept it from that.
//
// Nothing is known of an execution that Step Functions does not know any more: it
// has been over for 90 days. An ARN that can't be that of an execution has none.
func (t *Taker) settle(ctx context.Context, h holder, by string) ([]string, error) {
	if h.Execution == "" {
		return nil, nil
	}
	out, err := t.executions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &h.Execution})
	if _, gone := errors.AsType[*types.ExecutionDoesNotExist](err); gone {
		return nil, nil
	}
	if _, wrong := errors.AsType[*types.InvalidArn](err); wrong {
		return []string{fmt.Sprintf("run %s, the holder of the lock before, is not recorded by this one: its ARN %q names no execution", h.RunID, h.Execution)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe execution %s, which holds the lock s3://%s/%s: %w", h.Execution, t.bucket, key, awsfault.Classify(err))
	}
	switch out.Status {
	case types.ExecutionStatusRunning, types.ExecutionStatusPendingRedrive:
		return nil, fault.New(fault.Rejected, fmt.Errorf("run %s is %s: one run goes on at a time", h.RunID, out.Status))
	case types.ExecutionStatusSucceeded:
		return nil, nil
	case types.ExecutionStatusFailed, types.ExecutionStatusAborted, types.ExecutionStatusTimedOut:
		return t.close(ctx, Ended{
			RunID: h.RunID, Execution: h.Execution, Previous: h.Previous, ClosedBy: by,
			Status: out.Status, Error: aws.ToString(out.Error), Cause: aws.ToString(out.Cause), Input: aws.ToString(out.Input),
			StartedAt: aws.ToTime(out.StartDate), EndedAt: aws.ToTime(out.StopDate),
		})
	}
	return nil, fmt.Errorf("describe execution %s, which holds the lock s3://%s/%s: status %q is not known", h.Execution, t.bucket, key, out.Status)
}

// settleUnknown returns an error unless no other execution of the machine is going
// on, whoever of them may hold a lock that names nobody.
func (t *Taker) settleUnknown(ctx context.Context, execution string, damaged *damagedError) ([]string, error) {
	parts := strings.SplitN(execution, ":", 8) // arn:aws:states:<region>:<account>:execution:<machine>:<name>
	if len(parts) != 8 || parts[5] != "execution" {
		return nil, fault.New(fault.Invalid, damaged)
	}
	machine := strings.Join(parts[:5], ":") + ":stateMachine:" + parts[6]
	pages := sfn.NewListExecutionsPaginator(t.executions, &sfn.ListExecutionsInput{
		StateMachineArn: &machine, StatusFilter: types.ExecutionStatusRunning,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list running executions of %s, because of the damaged lock s3://%s/%s: %w", machine, t.bucket, key, awsfault.Classify(err))
		}
		for _, running := range page.Executions {
			if arn := aws.ToString(running.ExecutionArn); arn != execution {
				return nil, fault.New(fault.Rejected, fmt.Errorf("run %s is RUNNING, and may hold the lock, which is damaged: %w", aws.ToString(running.Name), damaged))
			}
		}
	}
	return []string{fmt.Sprintf("the lock was damaged, so it is unknown which run held it; no other run was going on, so this one replaced it. "+
		"The run that held it has no record if it was stopped, and the warehouse may lack the rows of runs since the last that has one there; "+
		"objects of all earlier runs are archived nevertheless (%v)", damaged)}, nil
}

// close has a run recorded. What may come right when it is tried again is an
// error, everything else a note: a run that is over must not keep the lock.
func (t *Taker) close(ctx context.Context, run Ended) ([]string, error) {
	err := t.closer.Close(ctx, run)
	switch {
	case err == nil:
		return nil, nil
	case ctx.Err() != nil || fault.KindOf(awsfault.Classify(err)) == fault.Transient:
		return nil, fmt.Errorf("close run %s, which is %s: %w", run.RunID, run.Status, err)
	}
	return []string{fmt.Sprintf("run %s, which is %s, could not be recorded: %v", run.RunID, run.Status, err)}, nil
}

// write stores the new holder if the object is still the one that was read,
// and reports whether it was.
func (t *Taker) write(ctx context.Context, h holder, tag string) (bool, error) {
	body, err := h.encode()
	if err != nil {
		return false, err
	}
	in := &s3.PutObjectInput{
		Bucket: &t.bucket, Key: aws.String(key), Body: body, ContentType: aws.String("application/json"),
	}
	if tag == "" {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = &tag
	}
	_, err = t.store.PutObject(ctx, in)
	if changed(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("put s3://%s/%s: %w", t.bucket, key, awsfault.Classify(err))
	}
	return true, nil
}
