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
}

// Run executes the machine and returns when the execution has ended, however
// it ended: that an execution failed is no error of Run. Run returns an error
// only for an execution that can not start: an input that is no JSON text or is
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
	return r.execute(ctx, m.flow, m.timeLimit), nil
}

// execute walks through a whole flow as one execution.
func (r *run) execute(ctx context.Context, f *flow, limit time.Duration) *Execution {
	t := &thread{}
	r.startTime = r.env.Clock.Now()
	result := &Execution{
		ID: r.start.ID, Name: r.start.Name, Status: Succeeded,
		Input: r.start.Input, StartTime: r.startTime,
	}
	timeout := failf(ErrorTimeout, "execution ran longer than %v", limit)
	limited, release := r.env.withLimit(ctx, limit, timeout)
	defer release()

	// The history of a new execution has room for its first event.
	_ = r.recorder.add(t, Event{Type: ExecutionStarted, Input: string(r.start.Input)})
	output, err := r.walk(limited, t, f, r.input)
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
