package sample_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// table is a table that keeps its items and takes as much of each batch as it
// is told. It refuses what DynamoDB refuses: too many items, and one twice.
type table struct {
	answer func(call, items int) (taken int, err error) // nil takes everything
	delay  time.Duration

	mu              sync.Mutex
	items           map[string]sample.Item
	calls           int
	underWay, worst int
}

func (f *table) BatchWriteItem(
	ctx context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchWriteItemOutput, error) {
	f.enter(1)
	defer f.enter(-1)
	time.Sleep(f.delay)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	requests := in.RequestItems["store"]
	taken := len(requests)
	if f.answer != nil {
		var err error
		if taken, err = f.answer(f.calls, len(requests)); err != nil {
			return nil, err
		}
	}
	batch := map[string]sample.Item{}
	for _, r := range requests {
		batch[keyOf(r.PutRequest.Item)] = r.PutRequest.Item
	}
	if len(requests) > 25 || len(requests) == 0 || len(batch) != len(requests) {
		return nil, &invalidRequest{}
	}
	if f.items == nil {
		f.items = map[string]sample.Item{}
	}
	for _, r := range requests[:taken] {
		f.items[keyOf(r.PutRequest.Item)] = r.PutRequest.Item
	}
	out := &dynamodb.BatchWriteItemOutput{}
	if taken < len(requests) {
		arn := "arn:aws:dynamodb:eu-west-1:123456789012:table/store" // not as it was asked
		out.UnprocessedItems = map[string][]types.WriteRequest{arn: requests[taken:]}
	}
	return out, nil
}

func (f *table) enter(change int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underWay += change
	f.worst = max(f.worst, f.underWay)
}

// invalidRequest is an error as the SDK reports it that no repetition cures.
type invalidRequest struct {
	types.ResourceNotFoundException
}

func (*invalidRequest) Error() string     { return "one or more parameter values were invalid" }
func (*invalidRequest) ErrorCode() string { return "ValidationException" }

func keyOf(item sample.Item) string { return textOf(item["PK"]) + " " + textOf(item["SK"]) }

func items(n int) iter.Seq[sample.Item] {
	return sample.New(sample.Options{Seed: 1, Items: n}).Items()
}

func noSleep(context.Context, time.Duration) error { return nil }

func wantLoaded(t *testing.T, f *table, done int, err error, want iter.Seq[sample.Item]) {
	t.Helper()
	if err != nil {
		t.Fatalf("Load() = %v", err)
	}
	count := 0
	for item := range want {
		count++
		if encode(f.items[keyOf(item)]) != encode(item) {
			t.Fatalf("the table has not got item %s as it is", keyOf(item))
		}
	}
	if done != count || len(f.items) != count {
		t.Errorf("Load() = %d and the table has %d items, want %d", done, len(f.items), count)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()

	throttled := &types.ProvisionedThroughputExceededException{}
	tests := map[string]func(call, items int) (int, error){
		"a table that takes everything": nil,
		"a table that takes a third of each batch": func(call, items int) (int, error) {
			return max(items/3, b2i(call%2 == 0)), nil
		},
		"a table that takes one item of each batch": func(int, int) (int, error) { return 1, nil },
		"a table that takes nothing in five of six calls": func(call, items int) (int, error) {
			return items * b2i(call%6 == 0), nil
		},
		"a table that throttles two of three calls": func(call, items int) (int, error) {
			if call%3 > 0 {
				return 0, throttled
			}
			return items, nil
		},
	}
	for name, answer := range tests {
		t.Run("fills "+name, func(t *testing.T) {
			t.Parallel()
			f := &table{answer: answer}
			var told []int
			done, err := sample.Load(t.Context(), f, "store", items(260), sample.LoadOptions{
				Concurrency: 3, Sleep: noSleep, Progress: func(done int) { told = append(told, done) },
			})
			wantLoaded(t, f, done, err, items(260))
			if !slices.IsSorted(told) || told[len(told)-1] != 260 {
				t.Errorf("progress = %v, want it to rise to 260", told)
			}
		})
	}

	t.Run("takes no items at all", func(t *testing.T) {
		t.Parallel()
		f := &table{}
		done, err := sample.Load(t.Context(), f, "store", items(0), sample.LoadOptions{})
		wantLoaded(t, f, done, err, items(0))
		if f.calls != 0 {
			t.Errorf("%d calls for no items, want none", f.calls)
		}
	})

	t.Run("fills batches", func(t *testing.T) {
		t.Parallel()
		f := &table{}
		done, err := sample.Load(t.Context(), f, "store", items(101), sample.LoadOptions{})
		wantLoaded(t, f, done, err, items(101))
		if f.calls != 5 {
			t.Errorf("101 items in %d calls, want 5", f.calls)
		}
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestLoad_concurrency(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ asked, want int }{
		"keeps to one": {1, 1}, "keeps to seven": {7, 7}, "has four of its own accord": {0, 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &table{delay: time.Second}
				options := sample.LoadOptions{Concurrency: tt.asked}
				done, err := sample.Load(t.Context(), f, "store", items(1000), options)
				wantLoaded(t, f, done, err, items(1000))
				if f.worst != tt.want {
					t.Errorf("%d batches under way at once, want %d", f.worst, tt.want)
				}
			})
		})
	}
}

func TestLoad_pauses(t *testing.T) {
	t.Parallel()

	t.Run("grow, are not all alike, and end", func(t *testing.T) {
		t.Parallel()
		f := &table{answer: func(int, int) (int, error) { return 0, nil }}
		var pauses []time.Duration
		done, err := sample.Load(t.Context(), f, "store", items(30), sample.LoadOptions{
			Concurrency: 1, Sleep: func(_ context.Context, d time.Duration) error {
				pauses = append(pauses, d)
				return nil
			},
		})
		if fault.KindOf(err) != fault.Transient || done != 0 {
			t.Errorf("Load() = %d, %v, want a transient error", done, err)
		}
		limit := 50 * time.Millisecond
		for i, pause := range pauses[:15] {
			if pause < limit/2 || pause >= limit {
				t.Errorf("pause %d = %v, want from %v to %v", i+1, pause, limit/2, limit)
			}
			limit = min(2*limit, 20*time.Second)
		}
	})

	t.Run("pass by the clock", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := &table{answer: func(call, items int) (int, error) { return items * b2i(call > 5), nil }}
			start := time.Now()
			done, err := sample.Load(t.Context(), f, "store", items(25), sample.LoadOptions{})
			wantLoaded(t, f, done, err, items(25))
			if waited := time.Since(start); waited < 775*time.Millisecond || waited > 1550*time.Millisecond {
				t.Errorf("waited %v for five repetitions, want between 0.775 s and 1.55 s", waited)
			}
		})
	})
}

func TestLoad_errors(t *testing.T) {
	t.Parallel()

	t.Run("name the first item of the batch and are not repeated", func(t *testing.T) {
		t.Parallel()
		f := &table{answer: func(call, items int) (int, error) {
			if call == 3 {
				return 0, &invalidRequest{}
			}
			return items, nil
		}}
		options := sample.LoadOptions{Concurrency: 1, Keys: []string{"PK", "SK"}, Sleep: noSleep}
		done, err := sample.Load(t.Context(), f, "store", items(500), options)
		first := textOf(slices.Collect(items(500))[50]["SK"])
		if err == nil || !strings.Contains(err.Error(), first) || !strings.Contains(err.Error(), "store") {
			t.Errorf("Load() = %v, want the table and the key %s in it", err, first)
		}
		if _, ok := errors.AsType[*invalidRequest](err); !ok || fault.KindOf(err) != fault.Invalid {
			t.Errorf("Load() = %v, want the cause, marked as invalid", err)
		}
		if done != 50 || len(f.items) != 50 || f.calls != 3 {
			t.Errorf("Load() = %d after %d calls, want it to stop at once", done, f.calls)
		}
	})

	t.Run("come after a table has throttled for long enough", func(t *testing.T) {
		t.Parallel()
		f := &table{answer: func(int, int) (int, error) { return 0, &types.RequestLimitExceeded{} }}
		_, err := sample.Load(t.Context(), f, "store", items(10), sample.LoadOptions{Sleep: noSleep})
		if _, ok := errors.AsType[*types.RequestLimitExceeded](err); !ok || f.calls != 16 {
			t.Errorf("Load() = %v after %d calls, want the throttling after 16", err, f.calls)
		}
	})

	t.Run("name what is left of a batch", func(t *testing.T) {
		t.Parallel()
		f := &table{answer: func(_, items int) (int, error) { return b2i(items > 20), nil }}
		done, err := sample.Load(t.Context(), f, "store", items(25), sample.LoadOptions{Keys: []string{"PK", "SK"}, Sleep: noSleep})
		left := textOf(slices.Collect(items(25))[5]["SK"])
		if err == nil || !strings.Contains(err.Error(), "20 items") || !strings.Contains(err.Error(), left) {
			t.Errorf("Load() = %v, want 20 items from %s on", err, left)
		}
		if done != 5 {
			t.Errorf("Load() = %d, want the 5 that the table took", done)
		}
	})
}

func TestLoad_cancellation(t *testing.T) {
	t.Parallel()

	t.Run("stops while items are made", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		f := &table{}
		done, err := sample.Load(ctx, f, "store", items(100_000), sample.LoadOptions{
			Concurrency: 1, Progress: func(done int) {
				if done == 75 {
					cancel()
				}
			},
		})
		if !errors.Is(err, context.Canceled) || done != 75 || len(f.items) != 75 {
			t.Errorf("Load() = %d, %v with %d items in the table, want 75, canceled", done, err, len(f.items))
		}
	})

	t.Run("stops during a pause", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			f := &table{answer: func(int, int) (int, error) { return 0, nil }}
			start := time.Now()
			done, err := sample.Load(ctx, f, "store", items(25), sample.LoadOptions{})
			if !errors.Is(err, context.DeadlineExceeded) || done != 0 || time.Since(start) != 10*time.Millisecond {
				t.Errorf("Load() = %d, %v after %v, want the deadline", done, err, time.Since(start))
			}
		})
	})

	t.Run("does nothing when there is no time to begin with", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		f := &table{}
		done, err := sample.Load(ctx, f, "store", items(100), sample.LoadOptions{})
		if !errors.Is(err, context.Canceled) || done != 0 || f.calls != 0 {
			t.Errorf("Load() = %d, %v after %d calls, want the cancellation and none", done, err, f.calls)
		}
	})
}
