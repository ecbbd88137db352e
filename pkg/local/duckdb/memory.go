package duckdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// errMemory ends a statement before the machine has no memory left.
var errMemory = errors.New("the statement takes too much memory; ask for fewer rows or shorter texts")

// watchEvery is how long a statement goes on between two looks at the memory.
const watchEvery = 50 * time.Millisecond

// watched returns a context that ends when the process holds more memory than
// limit, and a function that ends the watch. DuckDB's own limit does not count the
// texts that an expression makes of the rows in its hands: up to 2,048 texts of 64
// KiB for each place in the statement. A limit of 0 is none.
func watched(ctx context.Context, limit int64, resident func() (int64, bool)) (context.Context, func()) {
	if limit == 0 {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		for tick := time.NewTicker(watchEvery); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
				if bytes, ok := resident(); ok && bytes > limit {
					cancel(fmt.Errorf("%w: %d MiB are in use, the limit is %d MiB", errMemory, bytes>>20, limit>>20))
				}
			}
		}
	})
	return ctx, func() {
		cancel(nil)
		watch.Wait()
	}
}
