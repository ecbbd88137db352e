package execution

import (
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// StageState is how far a stage is, in the words of the Step Functions console.
type StageState string

// The states of a stage.
const (
	Waiting StageState = "waiting" // not entered yet
	Running StageState = "running"
	Done    StageState = "done"
	Failed  StageState = "failed" // it failed, or its work was refused
)

// Stage is one state of the machine.
type Stage struct {
	Name    string     `json:"name"`
	State   StageState `json:"state"`
	Seconds float64    `json:"seconds"` // summed over all visits
	Visits  int        `json:"visits"`  // how often it was entered
	Retries int        `json:"retries"` // how often a part of it was tried again
	PartOf  string     `json:"partOf"`  // the stage that it waits or polls for; empty for a stage of its own
	Parts   int64      `json:"parts"`   // of a stage that works through files, tables or phases: how many there are; 0 if none are counted
	Ended   int64      `json:"ended"`   // parts that are finished
}

// history turns the events of an execution into stages.
type history struct {
	machine machine
	stages  []Stage
	entered map[string]time.Time
	links   map[int64]link
	runs    map[string]string // map runs that go on, by stage
	last    string            // the stage that was left last
	output  string            // what it left
	at      time.Time         // of the latest event
}

// link is what an event tells those that follow it.
type link struct {
	state  string // the innermost state that the event belongs to
	failed bool   // the event reports a failure that nothing has answered yet
}

func newHistory(m machine) *history {
	h := &history{machine: m, entered: map[string]time.Time{}, links: map[int64]link{}, runs: map[string]string{}}
	for _, name := range m.stages {
		h.stages = append(h.stages, Stage{Name: name, State: Waiting, PartOf: m.partOf[name]})
	}
	return h
}

// stage returns the stage that a state belongs to, nil for states that only
// route data.
func (h *history) stage(state string) *Stage {
	name, ok := h.machine.of[state]
	if !ok {
		return nil
	}
	return &h.stages[slices.IndexFunc(h.stages, func(s Stage) bool { return s.Name == name })]
}

// add takes one event more, in the order of the history.
func (h *history) add(event types.HistoryEvent) {
	before := h.links[event.PreviousEventId]
	now := link{state: before.state}
	at := aws.ToTime(event.Timestamp)
	h.at = at
	switch {
	case event.StateEnteredEventDetails != nil:
		now.state = aws.ToString(event.StateEnteredEventDetails.Name)
		h.enter(now.state, at)
	case event.StateExitedEventDetails != nil:
		now.state = aws.ToString(event.StateExitedEventDetails.Name)
		h.exit(now.state, before.failed, at, aws.ToString(event.StateExitedEventDetails.Output))
	case event.MapIterationStartedEventDetails != nil:
		now.state = aws.ToString(event.MapIterationStartedEventDetails.Name)
	case event.MapIterationSucceededEventDetails != nil:
		now.state = aws.ToString(event.MapIterationSucceededEventDetails.Name)
		h.part(now.state)
	case event.MapIterationFailedEventDetails != nil:
		now = link{aws.ToString(event.MapIterationFailedEventDetails.Name), true}
	}
	h.work(event, before, &now)
	h.links[event.Id] = now
}

// work follows what a state does between its entry and its exit.
func (h *history) work(event types.HistoryEvent, before link, now *link) {
	stage := h.stage(now.state)
	switch event.Type {
	case types.HistoryEventTypeTaskFailed, types.HistoryEventTypeTaskTimedOut, types.HistoryEventTypeTaskStartFailed,
		types.HistoryEventTypeTaskSubmitFailed, types.HistoryEventTypeMapStateFailed, types.HistoryEventTypeMapRunFailed,
		types.HistoryEventTypeParallelStateFailed:
		now.failed = true
	case types.HistoryEventTypeTaskScheduled, types.HistoryEventTypeMapStateStarted, types.HistoryEventTypeParallelStateStarted:
		if stage == nil {
			return
		}
		if before.failed {
			stage.Retries++
		}
		if event.MapStateStartedEventDetails != nil && stage.Name == now.state {
			stage.Ended, stage.Parts = 0, int64(event.MapStateStartedEventDetails.Length)
		}
	case types.HistoryEventTypeMapRunStarted:
		if stage != nil && event.MapRunStartedEventDetails != nil {
			h.runs[stage.Name] = aws.ToString(event.MapRunStartedEventDetails.MapRunArn)
		}
	}
}

func (h *history) enter(state string, at time.Time) {
	if h.machine.refuses[state] && h.last != "" {
		h.stage(h.last).State = Failed
	}
	if stage := h.stage(state); stage != nil && stage.Name == state {
		h.entered[state] = at
		stage.State = Running
		stage.Visits++
	}
}

func (h *history) exit(state string, failed bool, at time.Time, output string) {
	stage := h.stage(state)
	if stage == nil || stage.Name != state {
		return
	}
	stage.Seconds += max(0, at.Sub(h.entered[state]).Seconds()) // none if the clock went back
	stage.State = Done
	if failed {
		stage.State = Failed
	}
	h.last, h.output = state, output
}

// part counts an iteration of a map that is a stage.
func (h *history) part(state string) {
	if stage := h.stage(state); stage != nil && stage.Name == state {
		stage.Ended++
	}
}

// milliseconds rounds, so that no digits are printed that mean nothing.
func milliseconds(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }

// snapshot returns the stages as they are at a moment. Stages that the execution
// has gone past without entering them are left out; so are all that wait, once it
// has ended.
func (h *history) snapshot(now time.Time, status types.ExecutionStatus) []Stage {
	stages := slices.Clone(h.stages)
	latest := -1
	for i := range stages {
		s := &stages[i]
		if s.Visits > 0 {
			latest = i
		}
		if s.State != Running {
			continue
		}
		s.Seconds += max(0, now.Sub(h.entered[s.Name]).Seconds())
		if status != types.ExecutionStatusRunning {
			s.State = Failed
		}
	}
	for i := range stages {
		stages[i].Seconds = milliseconds(stages[i].Seconds)
	}
	ended := status != types.ExecutionStatusRunning
	i := -1
	return slices.DeleteFunc(stages, func(s Stage) bool {
		i++
		return s.Visits == 0 && (ended || i < latest)
	})
}
