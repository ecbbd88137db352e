package sample

import (
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// BatchWriter is the DynamoDB call that loads items. It must be safe for
// concurrent use, as the client of the SDK is.
type BatchWriter interface {
	BatchWriteItem(
		context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchWriteItemOutput, error)
}

// LoadOptions tune Load. The zero value works.
type LoadOptions struct {
	// Keys are the key attributes of the table, which name an item in errors.
	Keys []string
	// Concurrency is how many batches are under way at once; 4 if it is below 1.
	Concurrency int
	// Progress is told how many items the table has, after each batch; never
	// twice at once, and never a smaller number than before.
	Progress func(done int)
	// Sleep waits before a repetition and returns early with the context's
	// error. It is time itself if it is nil.
	Sleep func(context.Context, time.Duration) error
}

// batchSize is the most items that one call takes:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const batchSize = 25

// A batch is sent maxTries times without any item of it being taken; the
// pauses in between add up to two and a half minutes at most. A table that
// takes something is waited for as long as it needs.
const (
	maxTries   = 16
	firstPause = 50 * time.Millisecond
	maxPause   = 20 * time.Second
)

// Load puts items into a table and returns how many it has put. Items that a
// call leaves unprocessed, and calls that fail for a reason that passes, are
// repeated after a growing random pause. Load returns without an error only
// when every item is in the table; no item may occur twice. It keeps
// Concurrency+1 batches in memory.
//
// After an error, other batches than the one that it names may be missing as
// well. Loading the same items again is safe: each replaces itself.
func Load(ctx context.Context, api BatchWriter, table string, items iter.Seq[Item], o LoadOptions) (int, error) {
	if o.Concurrency < 1 {
		o.Concurrency = 4
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	l := loader{api: api, table: table, options: o}
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(o.Concurrency)
	stopped := false
	for batch := range batches(items) {
		if stopped = working.Err() != nil; stopped {
			break
		}
		group.Go(func() error { return l.put(working, batch) })
	}
	err := group.Wait()
	if err == nil && stopped {
		err = fmt.Errorf("load table %s: %w", table, context.Cause(ctx))
	}
	return l.done, err
}

// batches cuts items into pieces that one call takes.
func batches(items iter.Seq[Item]) iter.Seq[[]types.WriteRequest] {
	return func(yield func([]types.WriteRequest) bool) {
		var batch []types.WriteRequest
		for item := range items {
			batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
			if len(batch) == batchSize {
				if !yield(batch) {
					return
				}
				batch = make([]types.WriteRequest, 0, batchSize)
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

// loader is one call of Load.
type loader struct {
	api     BatchWriter
	table   string
	options LoadOptions

	mu   sync.Mutex
	done int
}

// put sends a batch until the table has all of it.
func (l *loader) put(ctx context.Context, batch []types.WriteRequest) error {
	stuck := 0
	for try := 1; ; try++ {
		left, err := l.send(ctx, batch)
		if err == nil && len(left) == 0 {
			return nil
		}
		stuck++
		if len(left) < len(batch) {
			stuck = 0
		}
		batch = left
		if err == nil && stuck == maxTries {
			err = fault.New(fault.Transient, fmt.Errorf("none taken in %d tries", maxTries))
		}
		passes := fault.KindOf(err) == fault.Transient && stuck < maxTries && ctx.Err() == nil
		if err == nil || passes {
			err = l.options.Sleep(ctx, pause(try))
		}
		if err != nil {
			return fmt.Errorf("put %d items from %s on into table %s: %w", len(batch), l.key(batch[0]), l.table, err)
		}
	}
}

// send calls once and returns what the table has not taken. That is counted
// over all table names of the answer: it may spell ours in another way.
func (l *loader) send(ctx context.Context, batch []types.WriteRequest) ([]types.WriteRequest, error) {
	out, err := l.api.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{l.table: batch},
	})
	if err != nil {
		return batch, awsfault.Classify(err)
	}
	var left []types.WriteRequest
	for _, unprocessed := range out.UnprocessedItems {
		left = append(left, unprocessed...)
	}
	if len(left) < len(batch) {
		l.count(len(batch) - len(left))
	}
	return left, nil
}

func (l *loader) count(items int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done += items
	if l.options.Progress != nil {
		l.options.Progress(l.done)
	}
}

// key names the item of a request, for errors.
func (l *loader) key(request types.WriteRequest) string {
	if request.PutRequest == nil {
		return "an unnamed item"
	}
	var parts []string
	for _, attribute := range l.options.Keys {
		switch value := request.PutRequest.Item[attribute].(type) {
		case *types.AttributeValueMemberS:
			parts = append(parts, strconv.Quote(value.Value))
		case *types.AttributeValueMemberN:
			parts = append(parts, value.Value)
		case *types.AttributeValueMemberB:
			parts = append(parts, base64.StdEncoding.EncodeToString(value.Value))
		}
	}
	return "item " + strings.Join(parts, ", ")
}

// pause doubles with every try, up to a limit, and is drawn from the upper
// half of that, so that batches that failed together do not return together.
func pause(try int) time.Duration {
	limit := maxPause
	if try < 10 {
		limit = min(firstPause<<(try-1), maxPause)
	}
	return limit/2 + rand.N(limit/2) //nolint:gosec // a pause is not a secret
}

// sleep waits, unless the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
