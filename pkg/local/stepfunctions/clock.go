package stepfunctions

import (
	"context"
	"time"
)

// Clock is the clock of local executions. The zero value keeps real time.
//
// A definition waits for services that take minutes in the cloud and
// milliseconds on one machine. A Clock that shortens waits makes the same
// definition fit for both: Wait states and the pauses before retries pass
// faster, while Now tells the real time and the TimeoutSeconds of tasks and
// machines keep their real length (see [Options]): functions need the time
// they need.
type Clock struct {
	// Speed divides every wait: at 60 a minute takes a second. Values of 1 and
	// below change nothing.
	Speed float64
	// Longest is the longest that any wait takes. 0 is no limit.
	Longest time.Duration
}

// Now returns the real time.
func (c Clock) Now() time.Time {
	return time.Now()
}

// Sleep waits for d, shortened, or until ctx ends.
func (c Clock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(c.shorten(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c Clock) shorten(d time.Duration) time.Duration {
	if c.Speed > 1 {
		d = time.Duration(float64(d) / c.Speed)
	}
	if c.Longest > 0 {
		d = min(d, c.Longest)
	}
	return d
}
