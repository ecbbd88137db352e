package dynamodb

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
)

// staleBytes is how much of a log must be stale before it is compacted.
const staleBytes = 1 << 20

// horizon is the last time of a change that nobody can ask for apart from what was
// before it, in microseconds: right before the recovery window, because a period of
// changes may begin with that. It is the end of time if recovery is off.
func (t *table) horizon(now time.Time) int64 {
	if t.recovery.Enabled == nil {
		return math.MaxInt64
	}
	return t.recovery.earliest(now).UnixMicro() - 1
}

// staleBy returns how many bytes of the log a change makes stale.
func staleBy(r changelog.Record, prior prior) (bytes int64) {
	if prior.found {
		bytes = changelog.Overhead + int64(len(prior.body))
	}
	if r.Kind == changelog.Delete {
		bytes += changelog.Overhead + int64(len(r.Body))
	}
	return bytes
}

// compact rewrites the log without what is stale, and closes the table. Every
// state in the recovery window stays as it was.
func (t *table) compact(now time.Time) error {
	horizon := t.horizon(now)
	if t.recovery.Enabled != nil {
		// The window can be made longer later, but not longer than what is kept.
		r := t.recovery
		r.Enabled = &timestamp{Time: r.earliest(now)}
		if err := t.setRecovery(r); err != nil {
			return errors.Join(err, t.close())
		}
	}
	partitions, _, err := t.snapshot(context.Background(), 0, horizon, 1)
	if err != nil {
		return errors.Join(err, t.close())
	}
	var kept []int64
	for _, places := range partitions {
		if places, err = t.latestPlaces(places); err != nil {
			return errors.Join(err, t.close())
		}
		for _, p := range places {
			kept = append(kept, p.offset())
		}
	}
	slices.Sort(kept)
	err = t.log.Compact(func(offset int64, r changelog.Record) bool {
		if r.Time > horizon {
			return true
		}
		_, found := slices.BinarySearch(kept, offset)
		return found
	})
	return errors.Join(err, t.close())
}
