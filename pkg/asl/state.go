package asl

import (
	"context"
	"errors"
	"time"
)

// state is one parsed state. It is shared by all executions and never changes.
type state interface {
	// id returns the name and the type, such as "Task".
	id() base
	// targets lists the states that this one can lead to.
	targets() []target
	// run does what the state is for. The failures it returns are *TaskError.
	run(ctx context.Context, v *visit) (outcome, error)
}

// target is a transition, with the field that names it.
type target struct {
	field string
	name  string
}

// base identifies a state.
type base struct {
	name string
	kind string
}

func (b base) id() base { return b }

// transition is where a state leads: exactly one of Next and End is given.
type transition struct {
	next string
	end  bool
}

func (f *fields) transition() transition {
	t := transition{next: f.text("Next")}
	if end, ok := f.get("End"); ok {
		t.end = end == true
		if !t.end {
			f.refuse("End", "can only be true")
		}
	}
	switch {
	case f.has("Next") && t.end:
		f.refuse("Next", "stands beside End")
	case !f.has("Next") && !f.has("End"):
		f.refuse("Next", "is missing, and so is End")
	case f.has("Next") && t.next == "":
		f.refuse("Next", "is empty")
	}
	return t
}

func (t transition) targets() []target {
	if t.next == "" {
		return nil
	}
	return []target{{field: "Next", name: t.next}}
}

// outcome is how a state was left. No next state ends the flow.
type outcome struct {
	output any
	next   string
}

// visit is one entry into a state. It belongs to one goroutine.
type visit struct {
	run    *run
	thread *thread
	state  base
	// raw is the input as it came, before InputPath.
	raw       any
	entered   time.Time
	enteredID int64
	// top tells that the state is one of the machine itself, and done are
	// the outputs of its iterations that are not repeated.
	top  bool
	done map[int]any
	// retries counts what $$.State.RetryCount shows; retries belong to the
	// visit and never to the definition.
	retries int
}

// walkAll runs the states of f one after the other until one ends it.
func (r *run) walkAll(ctx context.Context, t *thread, f *flow, input any) (any, error) {
	return r.walk(ctx, t, f, f.startAt, input, nil)
}

// walk begins with a state of f and reports each state before it is entered.
func (r *run) walk(
	ctx context.Context, t *thread, f *flow, name string, input any, report func(state string, input []byte),
) (any, error) {
	for {
		v := &visit{run: r, thread: t, raw: input, top: report != nil}
		switch {
		case v.top && r.done != nil: // redriven: whoever listens told us to go on here
			v.done, r.done = r.done, nil
		case v.top:
			data, err := encodeValue(input)
			if err != nil {
				return nil, err
			}
			report(name, data)
		}
		done, err := r.visit(ctx, v, f.states[name])
		if err != nil {
			return nil, err
		}
		if done.next == "" {
			return done.output, nil
		}
		name, input = done.next, done.output
	}
}

// visit enters one state, runs it and leaves it. The visit has its input.
func (r *run) visit(ctx context.Context, v *visit, s state) (outcome, error) {
	t, input := v.thread, v.raw
	if ctx.Err() != nil {
		return outcome{}, aborted(ctx)
	}
	id := s.id()
	data, err := encodeLimited(input, "input of state "+id.name)
	if err != nil {
		return outcome{}, err
	}
	event := Event{Type: EventType(id.kind + enteredSuffix), State: id.name, Input: string(data)}
	if err := r.recorder.add(t, event); err != nil {
		return outcome{}, err
	}
	r.env.mark(Mark{State: id.name})
	v.state, v.entered, v.enteredID = id, r.env.Clock.Now(), t.last
	done, err := s.run(ctx, v)
	if err != nil {
		return outcome{}, v.failed(ctx, err)
	}
	if data, err = encodeLimited(done.output, "output of state "+id.name); err != nil {
		return outcome{}, err
	}
	event = Event{Type: EventType(id.kind + exitedSuffix), State: id.name, Output: string(data)}
	return done, r.recorder.add(t, event)
}

// failed records that a state was stopped, if it was, and returns err.
func (v *visit) failed(ctx context.Context, err error) error {
	if !isAborted(err) {
		return err
	}
	switch v.state.kind {
	case "Task", "Wait", "Parallel", "Map":
		event := Event{Type: EventType(v.state.kind + abortedSuffix), State: v.state.name}
		if recordErr := v.run.recorder.add(v.thread, event); recordErr != nil {
			return recordErr
		}
		return aborted(ctx)
	default:
		return err
	}
}

// scope returns what an expression of this state sees around data.
func (v *visit) scope(data any) scope {
	return scope{data: data, context: v.run.contextObject(v)}
}

// located adds to the cause of a failure which state reports it.
func (v *visit) located(err error) error {
	failure, ok := errors.AsType[*TaskError](err)
	if !ok {
		return err
	}
	return failf(failure.Name, "state %q (entered at event %d): %s", v.state.name, v.enteredID, failure.Cause)
}

// selectPath applies an InputPath or OutputPath; null selects an empty object.
func (v *visit) selectPath(field string, path dataPath, data any) (any, error) {
	switch {
	case path.null:
		return map[string]any{}, nil
	case path.whole():
		return data, nil
	}
	value, err := path.path.eval(v.scope(data))
	if err != nil {
		return nil, v.located(failf(ErrorRuntime, "%s %s selects nothing", field, path.path))
	}
	return value, nil
}

// fill evaluates a template, or returns data as it is without one.
func (v *visit) fill(field string, t *template, data any) (any, error) {
	if t == nil {
		return data, nil
	}
	value, err := t.eval(v.scope(data))
	if failure, ok := errors.AsType[*TaskError](err); ok {
		return nil, v.located(failf(failure.Name, "%s: %s", field, failure.Cause))
	}
	return value, err
}

// place puts a result into the raw input at a ResultPath; null drops it.
func (v *visit) place(path dataPath, result any) (any, error) {
	if path.null {
		return v.raw, nil
	}
	output, err := path.path.Set(v.raw, result)
	if err != nil {
		return nil, v.located(failf(ErrorResultPath, "ResultPath: %v", err))
	}
	return output, nil
}
