package record

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lock"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// Closer writes the records of runs that were ended from outside and so
// never reached their last state.
type Closer struct {
	api        writer
	lakeBucket string
}

// NewCloser returns a Closer for a lake.
func NewCloser(api writer, lakeBucket string) *Closer {
	return &Closer{api: api, lakeBucket: lakeBucket}
}

// Close writes the record of a run that has ended, unless it has one: what a
// run has written itself says more. Such a record has no counts, because nobody
// knows how far the run had come.
//
// Running twice is safe: the first record stays.
func (c *Closer) Close(ctx context.Context, ended lock.Ended) error {
	run, err := closed(ended)
	if err != nil {
		return fault.New(fault.Invalid, fmt.Errorf("record run %q: %w", ended.RunID, err))
	}
	err = run.put(ctx, c.api, c.lakeBucket, aws.String("*"))
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		switch api.ErrorCode() {
		case "PreconditionFailed":
			return nil
		case "ConditionalRequestConflict":
			// Another write is at work, which may come to nothing yet:
			// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
			return fault.New(fault.Transient, err)
		}
	}
	return err
}

// closed assembles the record of a run from what Step Functions says of it.
func closed(ended lock.Ended) (Run, error) {
	if err := lock.CheckName(ended.RunID); err != nil {
		return Run{}, err //nolint:wrapcheck // names the run
	}
	if ended.ClosedBy == "" {
		return Run{}, errors.New("the run that closes it is missing")
	}
	if ended.StartedAt.IsZero() && ended.EndedAt.IsZero() {
		return Run{}, errors.New("neither its start nor its end is known")
	}
	reported := Failure{Error: ended.Error, Cause: ended.Cause}
	run := Run{
		RunID: ended.RunID, Execution: ended.Execution, StartedBy: startedBy([]byte(ended.Input)), ClosedBy: ended.ClosedBy, Previous: ended.Previous,
	}
	var otherwise string
	switch ended.Status {
	case types.ExecutionStatusAborted:
		run.Result, otherwise = Stopped, "somebody stopped the execution, and did not say why"
	case types.ExecutionStatusTimedOut:
		run.Result, otherwise = TimedOut, "the execution took longer than the state machine may"
	case types.ExecutionStatusFailed:
		run.Result, otherwise = ended.Error, "Step Functions gives no cause"
		if run.Result == "" {
			run.Result = Failed
		}
		reported.Error = "" // it is the result
	default:
		return Run{}, fmt.Errorf("an execution that is %q is not over", ended.Status)
	}
	if run.Cause = reported.String(); run.Cause == "" {
		run.Cause = otherwise
	}
	run.Accept, _ = lakedoc.ParseAccept([]byte(ended.Input)) //nolint:errcheck // the steps that ask for it refuse another shape
	run.lasted(ended.StartedAt, ended.EndedAt)
	return run, nil
}

// mostBefore bounds the runs that are submitted with a run: each is one of the
// 40 statements of a batch. Of more in a row the lake has the records.
const mostBefore = 10

// before returns the rows of the runs that held the lock before this one, the
// last of them first, for the warehouse to take: of runs that were closed from
// outside or failed before it was awake, and have none, and of those that ended
// otherwise than their row says, or whose statement came to nothing, with what it
// carried.
//
// A record that is not there has expired, and one that can't be read was
// changed by somebody. Either ends the search, and with it what is known; that
// is no reason not to record the run that asks, which notes the second.
func (s *Step) before(ctx context.Context, in Input) (rows []warehouse.RunRow, notes []string, err error) {
	seen := []string{in.RunID}
	name := in.State.Lock.Previous
	for len(rows) < mostBefore && lock.CheckName(name) == nil && !slices.Contains(seen, name) {
		run, err := fetch(ctx, s.api, s.lakeBucket, name)
		if document.Missing(err) {
			break
		}
		if ctx.Err() != nil || fault.KindOf(err) == fault.Transient {
			return nil, nil, err
		}
		row, whole := run.rowIfWhole()
		if err == nil && !whole {
			err = fmt.Errorf("s3://%s/%s lacks its start, its end or the time of its export", s.lakeBucket, recordKey(name))
		}
		if err != nil {
			notes = append(notes, fmt.Sprintf("the warehouse may lack run %s and those before it, because its record is damaged: %v", name, err))
			break
		}
		rows, seen = append(rows, row), append(seen, name)
		name = run.Previous
	}
	return rows, notes, nil
}

// rowIfWhole returns the row of a record that was read back, and false if the
// record does not have what a row needs.
func (r Run) rowIfWhole() (warehouse.RunRow, bool) {
	if r.StartedAt.IsZero() || r.EndedAt.IsZero() {
		return warehouse.RunRow{}, false
	}
	row, err := r.row()
	row.Own = r.ClosedBy == ""
	return row, err == nil
}
