package asl

import (
	"sync"
	"time"
)

// MaxEvents is the number of history events after which an execution fails.
// See https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html.
const MaxEvents = 25_000

// EventType names what an [Event] reports, with the words of GetExecutionHistory.
//
// Entering and leaving a state is reported as "<Type>StateEntered" and
// "<Type>StateExited", such as "TaskStateEntered"; the constants below are the
// remaining ones.
type EventType string

// The events that are not plain entries and exits of states.
const (
	ExecutionStarted   EventType = "ExecutionStarted"
	ExecutionRedriven  EventType = "ExecutionRedriven"
	ExecutionSucceeded EventType = "ExecutionSucceeded"
	ExecutionFailed    EventType = "ExecutionFailed"
	ExecutionTimedOut  EventType = "ExecutionTimedOut"
	ExecutionAborted   EventType = "ExecutionAborted"

	TaskScheduled EventType = "TaskScheduled"
	TaskStarted   EventType = "TaskStarted"
	TaskSucceeded EventType = "TaskSucceeded"
	TaskFailed    EventType = "TaskFailed"
	TaskTimedOut  EventType = "TaskTimedOut"

	ParallelStateStarted   EventType = "ParallelStateStarted"
	ParallelStateSucceeded EventType = "ParallelStateSucceeded"
	ParallelStateFailed    EventType = "ParallelStateFailed"

	MapStateStarted       EventType = "MapStateStarted"
	MapStateSucceeded     EventType = "MapStateSucceeded"
	MapStateFailed        EventType = "MapStateFailed"
	MapIterationStarted   EventType = "MapIterationStarted"
	MapIterationSucceeded EventType = "MapIterationSucceeded"
	MapIterationFailed    EventType = "MapIterationFailed"
	MapIterationAborted   EventType = "MapIterationAborted"
	MapRunStarted         EventType = "MapRunStarted"
	MapRunSucceeded       EventType = "MapRunSucceeded"
	MapRunFailed          EventType = "MapRunFailed"
	MapRunAborted         EventType = "MapRunAborted"
)

// Suffixes of the events that report a state by its type.
const (
	enteredSuffix = "StateEntered"
	exitedSuffix  = "StateExited"
	abortedSuffix = "StateAborted"
)

// Event is one entry of an execution's history. Which fields are set depends
// on the type; the others are empty.
type Event struct {
	// ID counts from 1 within the execution.
	ID int64
	// PreviousID is the event that led to this one, or 0 for the first event
	// and for the first state.
	PreviousID int64
	// Time is when it happened, by the clock of the [Environment].
	Time time.Time
	Type EventType
	// State names the state that is entered, left or stopped, or the Map
	// state of an iteration.
	State string
	// Input is JSON text: of the execution, of the entered state, or the
	// parameters of a scheduled task.
	Input string
	// Output is JSON text: of the execution, of the left state or of the task.
	Output string
	// Error and Cause are set by events that report a failure.
	Error string
	Cause string
	// TimeLimit is the TimeoutSeconds of a scheduled task, 0 without one.
	TimeLimit time.Duration
	// Index is the position of an iteration's item, from 0.
	Index int
	// Length is the number of items of a started Map state.
	Length int
	// MapRunARN identifies the run of a distributed Map.
	MapRunARN string
	// RedriveCount counts the redrives up to this one.
	RedriveCount int
}

// thread is one strand of events: the execution, a branch or an iteration. It
// belongs to one goroutine.
type thread struct {
	last int64
}

// recorder collects the events of one execution from all its threads.
type recorder struct {
	clock  Clock
	listen func(Event)
	limit  int
	// offset is how many events the history had before.
	offset int

	mu     sync.Mutex
	events []Event
}

// add appends event after the last one of t. When the history is full it
// records nothing and returns a [fullError].
func (r *recorder) add(t *thread, event Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	// One place stays free for the event that ends the execution.
	if r.limit > 0 && r.offset+len(r.events) >= r.limit-1 {
		return fullError{}
	}
	r.append(t, event)
	return nil
}

// end appends the event that closes the execution; there is always room for it.
func (r *recorder) end(t *thread, event Event) []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.append(t, event)
	return r.events
}

func (r *recorder) append(t *thread, event Event) {
	event.ID = int64(r.offset+len(r.events)) + 1
	event.PreviousID = t.last
	event.Time = r.clock.Now()
	r.events = append(r.events, event)
	// The service gives the first state no predecessor.
	if event.Type != ExecutionStarted {
		t.last = event.ID
	}
	if r.listen != nil {
		r.listen(event)
	}
}
