package asl

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"
)

// Invoker calls Lambda functions.
type Invoker interface {
	// Invoke runs a function with a JSON payload and returns its JSON result.
	// The name is what the definition gives as FunctionName: a name or an ARN.
	//
	// A function that reports an error, and a service that refuses the call,
	// are returned as [*TaskError]; any other error is seen by the definition
	// as Lambda.Unknown. Invoke is called from many goroutines, must return
	// soon after ctx ends, and must not change the payload.
	Invoke(ctx context.Context, functionName string, payload []byte) ([]byte, error)
}

// stateKey is the key of the state's name in the context of an invocation.
type stateKey struct{}

// StateName returns the name of the Task state that an [Invoker] is called
// for, given the context of that call.
func StateName(ctx context.Context) string {
	name, _ := ctx.Value(stateKey{}).(string)
	return name
}

// Objects is the store that item readers and result writers use. It must be
// safe for concurrent use.
type Objects interface {
	// Get opens an object; the caller closes it.
	Get(ctx context.Context, bucket, key string) (io.ReadCloser, error)
	// Put writes a whole object, replacing one that exists.
	Put(ctx context.Context, bucket, key string, data []byte) error
}

// Clock tells the time and waits. It must be safe for concurrent use.
type Clock interface {
	Now() time.Time
	// Sleep returns nil after d, or the error of ctx as soon as that ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// Environment is the world outside an execution.
type Environment struct {
	// Invoker runs the functions of Task states. Required.
	Invoker Invoker
	// Objects serves the readers and writers of distributed Map states; only
	// machines that have such a state need it.
	Objects Objects
	// Clock dates the history and waits in Wait states and between retries.
	// Required. A clock that shortens its sleeps makes an execution fast.
	Clock Clock
	// Limits waits for the TimeoutSeconds of tasks and of the machine. It
	// defaults to Clock. Where Clock shortens sleeps, give a clock here that
	// does not: functions do not run faster because waits are shorter.
	Limits Clock
	// Random feeds retry jitter and generated identifiers; it must be safe for
	// concurrent use. Default: the random generator of the standard library.
	Random func() uint64
	// MapConcurrency is the greatest number of iterations of one Map state
	// that run at once, whatever its MaxConcurrency allows. Default: 8.
	MapConcurrency int
	// EventFunc is called with every event of the history as it is recorded,
	// in order. It must be quick and must not call back into the execution.
	EventFunc func(Event)
	// NextFunc is called with each state of the machine itself, and its input,
	// before that is entered: where a redrive would go on. It is not called for
	// the state that a redrive goes on with. It must be quick and must not call
	// back into the execution.
	NextFunc func(state string, input []byte)
	// DoneFunc is called when an iteration of an inline Map of the machine
	// itself has ended well, with its output as JSON text: a redrive does not
	// repeat it. It may be called from several goroutines at once.
	DoneFunc func(state string, index int, output []byte)
	// MapRunFunc is called whenever the counts of a distributed Map change. It
	// may be called from several goroutines at once for different runs.
	MapRunFunc func(MapRun)
	// MarkFunc is called for every state that is entered, and for every entry of
	// Retry or Catch that takes an error, in child executions too. It may be
	// called from several goroutines at once.
	MarkFunc func(Mark)
	// ChildFunc is called with every child execution of a distributed Map when
	// it has ended: their histories are not part of the parent's. It may be
	// called from several goroutines at once.
	ChildFunc func(*Execution)
}

// Mark tells which part of a definition is at work.
type Mark struct {
	// State is the state that is entered, or that an error arose in.
	State string
	// Field is "Retry" or "Catch" where an entry of it takes an error, and
	// empty where the state is entered.
	Field string
	// Index is the position of that entry, from 0.
	Index int
}

// report tells where a redrive would go on to whoever listens.
func (e Environment) report(state string, input []byte) {
	if e.NextFunc != nil {
		e.NextFunc(state, input)
	}
}

// mark reports a mark to whoever listens.
func (e Environment) mark(m Mark) {
	if e.MarkFunc != nil {
		e.MarkFunc(m)
	}
}

// MapRun counts the items of one run of a distributed Map.
type MapRun struct {
	ARN   string
	State string
	// Total is the sum of the other counts.
	Total     int
	Pending   int
	Running   int
	Succeeded int
	Failed    int
	Aborted   int
}

const defaultMapConcurrency = 8

// complete checks what is required and fills in what is not.
func (e Environment) complete(needObjects bool) (Environment, error) {
	var errs []error
	if e.Invoker == nil {
		errs = append(errs, errors.New("environment has no Invoker"))
	}
	if e.Clock == nil {
		errs = append(errs, errors.New("environment has no Clock"))
	}
	if e.Objects == nil && needObjects {
		errs = append(errs, errors.New("environment has no Objects, which an item reader or result writer needs"))
	}
	if e.Limits == nil {
		e.Limits = e.Clock
	}
	if e.Random == nil {
		e.Random = rand.Uint64
	}
	if e.MapConcurrency <= 0 {
		e.MapConcurrency = defaultMapConcurrency
	}
	return e, errors.Join(errs...)
}

// withLimit returns a context that ends with cause after d, and a function
// that releases it. A limit of 0 is none.
func (e Environment) withLimit(
	ctx context.Context, d time.Duration, cause error,
) (context.Context, func()) {
	if d == 0 {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if e.Limits.Sleep(ctx, d) == nil {
			cancel(cause)
		}
	}()
	return ctx, func() {
		cancel(context.Canceled)
		<-done
	}
}
