package progress

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// State is how far a stage is.
type State int

// The states of a stage.
const (
	Waiting State = iota
	Running
	Done
	Failed
)

// Stage is one line of a view.
type Stage struct {
	Name    string
	State   State
	Seconds float64 // so far
	Retries int     // how often a part of it was tried again
	Count   Count
}

// Count is how far a stage is that works through something.
type Count struct {
	Unit  string // what is counted: "items", "files", or "bytes", which are written as a size
	Done  int64
	Total int64 // 0 if it is not known
	Items int64 // that were worked on meanwhile, where the unit is another; 0 if they are not counted
	About bool  // Items is an estimate
}

// slow is how many seconds a stage takes at least that stays on the screen.
const slow = 1

// keeps reports whether a stage stays when the work has ended.
func (s Stage) keeps() bool {
	return s.State == Failed || s.State == Done && (s.Seconds >= slow || s.Retries > 0)
}

// word is the state in one word.
func (s Stage) word() string {
	switch s.State {
	case Running:
		if s.Retries > 0 {
			return "running again"
		}
		return "running"
	case Done:
		return "done"
	case Failed:
		return "failed"
	case Waiting:
	}
	return "waiting"
}

// facts are what a line says about a stage beside its name, the most important
// first: a narrow terminal cuts the rest.
func (s Stage) facts() []string {
	var facts []string
	c := s.Count
	switch {
	case c.Total > 0 && s.State == Running:
		facts = append(facts, c.amount(c.Done, false)+" of "+c.amount(c.Total, true))
	case c.Done > 0:
		facts = append(facts, c.amount(c.Done, true))
	}
	if s.Retries > 0 {
		facts = append(facts, fmt.Sprintf("retried %d×", s.Retries))
	}
	if left, ok := s.left(); ok {
		facts = append(facts, Duration(left)+" left")
	}
	return append(facts, s.rates()...)
}

// amount writes a number of the unit.
func (c Count) amount(n int64, named bool) string {
	if c.Unit == "bytes" {
		return Bytes(n)
	}
	if !named {
		return spell.Int(n)
	}
	if c.Unit == "" {
		return spell.Int(n)
	}
	return spell.Count(n, strings.TrimSuffix(c.Unit, "s"), c.Unit)
}

// rates are what the stage does in a second.
func (s Stage) rates() []string {
	const soon = 0.2 // seconds, before which a rate says nothing
	c := s.Count
	if s.Seconds < soon {
		return nil
	}
	var rates []string
	if c.Unit == "items" && c.Done > 0 {
		rates = append(rates, spell.Int(int64(float64(c.Done)/s.Seconds))+" items/s")
	}
	if c.Items > 0 {
		about := ""
		if c.About {
			about = "~"
		}
		rates = append(rates, about+spell.Int(int64(float64(c.Items)/s.Seconds))+" items/s")
	}
	if c.Unit == "bytes" && c.Done > 0 {
		rates = append(rates, Bytes(int64(float64(c.Done)/s.Seconds))+"/s")
	}
	return rates
}

// left is how many seconds remain if work goes on as before.
func (s Stage) left() (float64, bool) {
	c := s.Count
	if s.State != Running || c.Done <= 0 || c.Total < c.Done || s.Seconds <= 0 {
		return 0, false
	}
	return s.Seconds / float64(c.Done) * float64(c.Total-c.Done), true
}
