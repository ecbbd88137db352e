package report

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/statemachine"
)

// visit is one time that an execution was in a state of the machine itself.
type visit struct {
	state    string
	from, to time.Time // to is zero while it goes on
	failed   bool      // it ended by a failure
	retries  int       // how often it, or something within it, was tried again
}

// history is what the events of an execution tell: the states in the order in which
// they were entered.
type history struct {
	visits []visit
	end    time.Time // of the last event
}

// read follows the events. Events of maps and branches belong to the state around
// them: each event says which one came before it.
func read(events []types.HistoryEvent, top map[string]statemachine.State) history {
	var h history
	in := map[int64]int{}          // event → visit, counted from 1
	unanswered := map[int64]bool{} // events that report a failure, and those that only lead on from them
	for _, event := range events {
		at := aws.ToTime(event.Timestamp)
		h.end = at
		current := in[event.PreviousEventId]
		name := stateOf(event)
		_, own := top[name]
		kind := string(event.Type)
		switch {
		case own && strings.HasSuffix(kind, "StateEntered"):
			h.visits = append(h.visits, visit{state: name, from: at})
			current = len(h.visits)
		case own && strings.HasSuffix(kind, "StateExited"):
			if i := h.open(name); i >= 0 {
				h.visits[i].to, h.visits[i].failed = at, unanswered[event.PreviousEventId]
			}
		case failure(kind):
			unanswered[event.Id] = true
		case kind == "TaskScheduled" || kind == "MapStateStarted" || kind == "ParallelStateStarted" || kind == "MapRunStarted":
			if current > 0 && unanswered[event.PreviousEventId] {
				h.visits[current-1].retries++
			}
		}
		in[event.Id] = current
	}
	if len(events) > 0 && strings.HasPrefix(string(events[len(events)-1].Type), "Execution") {
		h.close()
	}
	return h
}

// failure reports whether a kind of event says that something failed.
func failure(kind string) bool {
	return !strings.HasPrefix(kind, "Execution") &&
		(strings.HasSuffix(kind, "Failed") || strings.HasSuffix(kind, "TimedOut") || strings.HasSuffix(kind, "Aborted"))
}

func stateOf(event types.HistoryEvent) string {
	switch {
	case event.StateEnteredEventDetails != nil:
		return aws.ToString(event.StateEnteredEventDetails.Name)
	case event.StateExitedEventDetails != nil:
		return aws.ToString(event.StateExitedEventDetails.Name)
	}
	return ""
}

// open returns the visit of a state that goes on, or -1.
func (h *history) open(state string) int {
	for i, v := range slices.Backward(h.visits) {
		if v.state == state && v.to.IsZero() {
			return i
		}
	}
	return -1
}

// close ends the state that an execution has ended in.
func (h *history) close() {
	if i := len(h.visits) - 1; i >= 0 && h.visits[i].to.IsZero() {
		h.visits[i].to, h.visits[i].failed = h.end, true
	}
}

// outcome returns how the last visit of a state ended.
func (h *history) outcome(state string) Outcome {
	found := Off
	for _, v := range h.visits {
		switch {
		case v.state != state:
		case v.failed:
			found = Bad
		case v.to.IsZero():
			found = Busy
		case v.retries > 0 || found == Warning:
			found = Warning
		default:
			found = Good
		}
	}
	return found
}

// took reports whether the execution went from one state to another.
func (h *history) took(from, to string) bool {
	for i := 1; i < len(h.visits); i++ {
		if h.visits[i-1].state == from && h.visits[i].state == to {
			return true
		}
	}
	return false
}
