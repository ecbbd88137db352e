package asl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Status is how an execution stands, with the words of the service.
type Status string

// The states of an execution.
const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Aborted   Status = "ABORTED"
)

// Start says which execution to start. Apart from the input, its fields are
// only what the definition sees in the context object.
type Start struct {
	// ID is $$.Execution.Id, an ARN in the cloud.
	ID string
	// Name is $$.Execution.Name.
	Name string
	// MachineID and MachineName are $$.StateMachine.Id and .Name.
	MachineID   string
	MachineName string
	// RoleARN is $$.Execution.RoleArn.
	RoleARN string
	// Input is JSON text; empty means {}.
	Input []byte
	// Redrive, if not nil, goes on with an execution instead of starting one.
	Redrive *Redrive
}

// Redrive says where an execution that did not succeed goes on: at the state
// of the machine itself that did not finish, with the input that this had. Of
// an inline Map only the iterations that did not end well are repeated, each
// from its start, where the service goes on within them; a Parallel state and a
// distributed Map are repeated as a whole, where the service repeats only the
// branches and children that did not succeed:
// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html.
type Redrive struct {
	// Count is $$.Execution.RedriveCount, 1 for the first redrive.
	Count int
	// State is the state to go on with, and Input its input as JSON text. An
	// empty State is the first one with the input of the execution.
	State string
	Input []byte
	// Done holds the outputs of the iterations of an inline Map that ended
	// well, by their index, as JSON text.
	Done map[int][]byte
	// StartTime is when the execution was started.
	StartTime time.Time
	// Events is how many events its history has.
	Events int
}

// Execution is one finished run of a [Machine].
type Execution struct {
	ID     string
	Name   string
	Status Status
	// Input and Output are JSON text. There is an output only if the execution
	// succeeded.
	Input  json.RawMessage
	Output json.RawMessage
	// Error and Cause say why it did not succeed.
	Error     string
	Cause     string
	StartTime time.Time
	StopTime  time.Time
	Events    []Event
}

// Path returns the names of the states in the order they were entered. The
// order between branches and iterations is that in which they happened to run.
func (e *Execution) Path() []string {
	var names []string
	for _, event := range e.Events {
		if strings.HasSuffix(string(event.Type), enteredSuffix) {
			names = append(names, event.State)
		}
	}
	return names
}

// run is one execution while it runs.
type run struct {
	env       Environment
	start     Start
	input     any
	startTime time.Time
	recorder  *recorder
	// done are the outputs of iterations that the first state of a redrive
	// does not repeat.
	done map[int]any
}

// Run executes the machine and returns when the execution has ended, however
// it ended: an execution that failed is not an error of Run. Run returns an error
// only for an execution that can not start: an input that is not a JSON text or is
// larger than [MaxPayload], or an incomplete environment.
//
// When ctx ends the execution is ABORTED. If the cause of ctx is a
// [*TaskError], its name and cause become those of the execution.
func (m *Machine) Run(ctx context.Context, env Environment, start Start) (*Execution, error) {
	env, err := env.complete(m.needObjects)
	if err != nil {
		return nil, fmt.Errorf("start execution %q: %w", start.Name, err)
	}
	if len(start.Input) == 0 {
		start.Input = []byte("{}")
	}
	if len(start.Input) > MaxPayload {
		return nil, fmt.Errorf("start execution %q: input is %d bytes, the limit is %d",
			start.Name, len(start.Input), MaxPayload)
	}
	input, err := decodeValue(start.Input)
	if err != nil {
		return nil, fmt.Errorf("start execution %q: input is not JSON: %w", start.Name, err)
	}
	r := &run{
		env: env, start: start, input: input,
		recorder: &recorder{clock: env.Clock, listen: env.EventFunc, limit: MaxEvents},
	}
	first, data, err := r.firstState(m.flow)
	if err != nil {
		return nil, fmt.Errorf("redrive execution %q: %w", start.Name, err)
	}
	return r.execute(ctx, m.flow, first, data, m.timeLimit), nil
}

// firstState returns the state that the execution begins or goes on with.
func (r *run) firstState(f *flow) (string, any, error) {
	redrive := r.start.Redrive
	if redrive == nil {
		return f.startAt, r.input, nil
	}
	r.recorder.offset = redrive.Events
	if redrive.State == "" {
		return f.startAt, r.input, nil
	}
	if _, ok := f.states[redrive.State]; !ok {
		return "", nil, fmt.Errorf("the machine has no state %q", redrive.State)
	}
	data, err := decodeValue(redrive.Input)
	if err != nil {
		return "", nil, fmt.Errorf("input of state %q is not JSON: %w", redrive.State, err)
	}
	r.done = map[int]any{}
	for index, output := range redrive.Done {
		if r.done[index], err = decodeValue(output); err != nil {
			return "", nil, fmt.Errorf("output of iteration %d of state %q is not JSON: %w", index, redrive.State, err)
		}
	}
	return redrive.State, data, nil
}

// execute walks through a whole flow as one execution, from a state on.
func (r *run) execute(ctx context.Context, f *flow, first string, data any, limit time.Duration) *Execution {
	t := &thread{}
	r.startTime = r.env.Clock.Now()
	begin := Event{Type: ExecutionStarted, Input: string(r.start.Input)}
	if redrive := r.start.Redrive; redrive != nil {
		r.startTime = redrive.StartTime
		begin = Event{Type: ExecutionRedriven, RedriveCount: redrive.Count}
	}
	result := &Execution{
		ID: r.start.ID, Name: r.start.Name, Status: Succeeded,
		Input: r.start.Input, StartTime: r.startTime,
	}
	timeout := failf(ErrorTimeout, "execution ran longer than %v", limit)
	limited, release := r.env.withLimit(ctx, limit, timeout)
	defer release()

	err := r.recorder.add(t, begin)
	var output any
	if err == nil {
		output, err = r.walk(limited, t, f, first, data, r.env.report)
	}
	if err == nil {
		result.Output, err = encodeValue(output)
	}
	if err != nil {
		result.fail(ctx, limited, err, timeout)
	}
	result.Events = r.recorder.end(t, result.lastEvent())
	result.StopTime = result.Events[len(result.Events)-1].Time
	return result
}

// fail fills in why an execution did not succeed.
func (e *Execution) fail(ctx, limited context.Context, err, timeout error) {
	e.Status = Failed
	if isAborted(err) {
		e.Status = Aborted
		err = context.Cause(limited)
		if ctx.Err() == nil && errors.Is(err, timeout) {
			e.Status = TimedOut
		}
	}
	failure, ok := errors.AsType[*TaskError](err)
	switch {
	case ok:
		e.Error, e.Cause = failure.Name, failure.Cause
	case e.Status == Aborted:
		e.Cause = err.Error()
	default:
		e.Error, e.Cause = ErrorRuntime, err.Error()
	}
}

func (e *Execution) lastEvent() Event {
	types := map[Status]EventType{
		Succeeded: ExecutionSucceeded, Failed: ExecutionFailed, TimedOut: ExecutionTimedOut, Aborted: ExecutionAborted,
	}
	return Event{Type: types[e.Status], Output: string(e.Output), Error: e.Error, Cause: e.Cause}
}
