package lock

import (
	"context"
	"fmt"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// Fence keeps runs out that do not hold the lock.
type Fence struct {
	store  document.Getter
	bucket string
}

// NewFence returns a Fence for the lock of a lake bucket.
func NewFence(store document.Getter, bucket string) *Fence {
	return &Fence{store: store, bucket: bucket}
}

// Pass returns when the run took the lock, by the clock of S3 and to the second.
// It returns an error, which is Rejected, unless the run holds it still.
func (f *Fence) Pass(ctx context.Context, runID string) (time.Time, error) {
	current, stored, err := read(ctx, f.store, f.bucket)
	if err != nil {
		return time.Time{}, err
	}
	switch current.RunID {
	case runID:
		return stored.Modified, nil
	case "":
		return time.Time{}, fault.New(fault.Rejected, fmt.Errorf("check the lock s3://%s/%s: no run has taken it: start a new execution", f.bucket, key))
	}
	return time.Time{}, fault.New(fault.Rejected, fmt.Errorf(
		"check the lock s3://%s/%s: run %s has begun since; run %s is too old to go on", f.bucket, key, current.RunID, runID))
}

// Fenced returns a handler that calls next only for the run that holds the lock.
func Fenced[In, Out any](
	fence *Fence, runID func(In) string, next func(context.Context, In) (Out, error),
) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (Out, error) {
		if _, err := fence.Pass(ctx, runID(in)); err != nil {
			var none Out
			return none, err
		}
		return next(ctx, in)
	}
}
