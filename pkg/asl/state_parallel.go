package asl

import (
	"context"
	"sync"
)

// parallelState runs branches side by side; its result is the list of their
// outputs. The first branch to fail stops the others and its error is that of
// the state.
type parallelState struct {
	base
	transition
	handlers
	dataflow
	branches []*flow
}

func parseParallel(f *fields, b base) state {
	s := parallelState{base: b, transition: f.transition(), handlers: f.handlers(), dataflow: f.edges()}
	s.parameters = f.template("Parameters", false)
	s.resultSelector = f.template("ResultSelector", false)
	s.resultPath = f.resultPath()
	for _, branch := range f.elements("Branches") {
		branch.text("Comment")
		s.branches = append(s.branches, f.parser.flow(branch))
		branch.done()
	}
	if len(s.branches) == 0 {
		f.refuse("Branches", "is missing or empty")
	}
	return s
}

func (s parallelState) targets() []target {
	return append(s.transition.targets(), s.handlers.targets()...)
}

func (s parallelState) run(ctx context.Context, v *visit) (outcome, error) {
	return s.attempt(ctx, v, s.transition, func(ctx context.Context) (any, error) {
		input, err := s.effectiveInput(v)
		if err != nil {
			return nil, err
		}
		result, err := s.runBranches(ctx, v, input)
		if err != nil {
			return nil, err
		}
		return s.output(v, result)
	})
}

func (s parallelState) runBranches(ctx context.Context, v *visit, input any) (any, error) {
	record := func(event Event) error { return v.run.recorder.add(v.thread, event) }
	if err := record(Event{Type: ParallelStateStarted, State: s.name}); err != nil {
		return nil, err
	}
	outputs := make([]any, len(s.branches))
	groupCtx, group := newGroup(ctx, v.thread)
	for i, branch := range s.branches {
		group.start(func(t *thread) error {
			output, err := v.run.walkAll(groupCtx, t, branch, input)
			outputs[i] = output
			return err
		})
	}
	if err := group.wait(); err != nil {
		if isAborted(err) {
			return nil, err
		}
		return nil, orElse(record(Event{Type: ParallelStateFailed, State: s.name}), err)
	}
	return outputs, record(Event{Type: ParallelStateSucceeded, State: s.name})
}

// orElse returns err, unless recording its event failed: a full history ends
// the execution and nothing may catch it.
func orElse(recordErr, err error) error {
	if recordErr != nil {
		return recordErr
	}
	return err
}

// group runs strands of one execution side by side until the first error.
type group struct {
	stop   context.CancelCauseFunc
	origin *thread
	wg     sync.WaitGroup

	mu   sync.Mutex
	err  error
	last int64
}

// newGroup returns a group and the context that its strands work in.
func newGroup(ctx context.Context, origin *thread) (context.Context, *group) {
	ctx, stop := context.WithCancelCause(ctx)
	return ctx, &group{stop: stop, origin: origin, last: origin.last}
}

// start runs work in a goroutine with a thread that continues the origin.
func (g *group) start(work func(*thread) error) {
	t := &thread{last: g.origin.last}
	g.wg.Go(func() {
		err := work(t)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.last = max(g.last, t.last)
		if err != nil && g.err == nil {
			g.err = err
			g.stop(errSibling)
		}
	})
}

// wait returns the first error once all strands have ended.
func (g *group) wait() error {
	g.wg.Wait()
	g.stop(errSibling)
	g.origin.last = g.last
	return g.err
}
