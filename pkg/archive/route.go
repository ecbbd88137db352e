package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// route moves objects from one bucket to another for one run.
type route struct {
	api      client
	options  Options
	runID    string
	from, to string
	since    time.Time             // when the run took the lock
	keeps    func(run string) bool // whether objects of a run stay where they are
	// before are earlier runs that may have copied what they did not delete.
	before []string
	// parts counts the parts that were copied.
	parts atomic.Int64
	notes notes
}

// object is one object of the source bucket, as its listing describes it.
type object struct {
	key  string
	size int64  // bytes
	etag string // with the quotes that S3 puts around it
}

// target is the key of the object in the archive bucket.
func (r *route) target(o object) string { return targetOf(r.runID, o) }

// targetOf is the key that a run archives an object under.
func targetOf(runID string, o object) string { return "run=" + runID + "/" + o.key }

// earlier reports whether a key belongs to a run, and to none that keeps its objects.
func earlier(key string, keeps func(run string) bool) bool {
	found := false
	for element := range strings.SplitSeq(key, "/") {
		run, ok := strings.CutPrefix(element, "run=")
		if ok && keeps(run) {
			return false
		}
		found = found || ok
	}
	return found
}

// isOwn reports whether a run is the one that archives.
func (r *route) isOwn(run string) bool { return run == r.runID }

// mayTouch reports whether something that was written then may be of a run
// before this one. The lock is known to the second.
func (r *route) mayTouch(written *time.Time) bool {
	return written != nil && !written.Truncate(time.Second).After(r.since)
}

// move works off the listing below a prefix, page by page: what is deleted is
// behind the listing, so it does not disturb it. Listing and copying end with
// working; deleting what was copied may use the rest of ctx.
func (r *route) move(ctx, working context.Context, prefix string, out *Output) error {
	pages := s3.NewListObjectsV2Paginator(r.api, &s3.ListObjectsV2Input{Bucket: &r.from, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(working)
		if stopped(working, err) {
			out.Done = false
			return nil
		}
		if err != nil {
			return fmt.Errorf("list: %w", awsfault.Classify(err))
		}
		copied, err := r.copyAll(working, r.choose(page.Contents))
		// What is copied is moved, even if the rest is not.
		removed := r.remove(ctx, copied)
		if err != nil && !stopped(working, err) {
			return err
		}
		if removed != nil {
			return removed
		}
		out.Done = out.Done && err == nil
		for _, o := range copied {
			out.Objects++
			out.Bytes += o.size
		}
	}
	return nil
}

// stopped reports whether err came of the end of working, and of nothing else:
// that is no failure.
func stopped(working context.Context, err error) bool {
	return errors.Is(context.Cause(working), errTime) &&
		(errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled))
}

func (r *route) choose(contents []types.Object) []object {
	var chosen []object
	for _, listed := range contents {
		if key := aws.ToString(listed.Key); earlier(key, r.keeps) && r.mayTouch(listed.LastModified) {
			chosen = append(chosen, object{key: key, size: aws.ToInt64(listed.Size), etag: aws.ToString(listed.ETag)})
		}
	}
	return chosen
}

// copyAll copies objects, several at a time, and returns those whose copies
// are verified, also when it returns an error. The first error stops it.
func (r *route) copyAll(ctx context.Context, objects []object) ([]object, error) {
	var mu sync.Mutex
	var copied []object
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(r.options.Objects)
	for _, o := range objects {
		group.Go(func() error {
			if err := groupCtx.Err(); err != nil {
				return err //nolint:wrapcheck // not reported: another error came first, or time is up
			}
			if err := r.copyVerified(groupCtx, o); err != nil {
				return fmt.Errorf("copy %q: %w", o.key, err)
			}
			mu.Lock()
			defer mu.Unlock()
			copied = append(copied, o)
			return nil
		})
	}
	err := group.Wait()
	return copied, err //nolint:wrapcheck // wrapped where it arose
}

// maxBatch is how many objects one DeleteObjects may name.
const maxBatch = 1000

// remove deletes objects from the source bucket. S3 answers a batch with 200
// even if it deleted nothing, so the answer is read:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
func (r *route) remove(ctx context.Context, objects []object) error {
	for batch := range slices.Chunk(objects, maxBatch) {
		identifiers := make([]types.ObjectIdentifier, len(batch))
		for i := range batch {
			identifiers[i].Key = &batch[i].key
		}
		out, err := r.api.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &r.from, Delete: &types.Delete{Objects: identifiers, Quiet: aws.Bool(true)},
		})
		if err != nil {
			return fmt.Errorf("delete %d objects: %w", len(batch), awsfault.Classify(err))
		}
		if len(out.Errors) > 0 {
			first := out.Errors[0]
			err := &smithy.GenericAPIError{Code: aws.ToString(first.Code), Message: aws.ToString(first.Message)}
			return fmt.Errorf("delete %d of %d objects, first %q: %w",
				len(out.Errors), len(batch), aws.ToString(first.Key), awsfault.Classify(err))
		}
	}
	return nil
}
