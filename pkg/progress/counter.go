package progress

import (
	"sync"
	"time"
)

// Counter is a stage of its own that counts.
type Counter struct {
	view    *View
	started time.Time

	mu    sync.Mutex
	stage Stage
}

// Count starts a stage that counts a unit: "items", "files" or "bytes".
func (v *View) Count(name, unit string, total int64) *Counter {
	c := &Counter{view: v, started: time.Now(), stage: Stage{Name: name, State: Running, Count: Count{Unit: unit, Total: total}}}
	v.Show("", []Stage{c.stage})
	return c
}

// Set says how much is done. A total of 0 leaves the one that is known.
func (c *Counter) Set(done, total, items int64) {
	c.change(func(s *Stage) {
		s.Count.Done, s.Count.Items = max(s.Count.Done, done), max(s.Count.Items, items)
		if total > 0 {
			s.Count.Total = total
		}
	})
}

// End ends the stage, well or not.
func (c *Counter) End(err error) {
	c.change(func(s *Stage) {
		s.State = Done
		if err != nil {
			s.State = Failed
		}
	})
	c.view.Keep()
}

func (c *Counter) change(change func(*Stage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.stage)
	c.stage.Seconds = time.Since(c.started).Seconds()
	c.view.Show("", []Stage{c.stage})
}
