package chaos

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// invoker disturbs invocations.
type invoker struct {
	chaos     *Chaos
	functions asl.Invoker
}

// Invoker puts this chaos in front of the functions.
func (c *Chaos) Invoker(functions asl.Invoker) asl.Invoker {
	return invoker{chaos: c, functions: functions}
}

// Invoke calls the function, more or less.
func (i invoker) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	fault, due := i.chaos.reach(Point("invoke " + asl.StateName(ctx)))
	call := func(ctx context.Context) ([]byte, error) {
		answer, err := i.functions.Invoke(ctx, function, payload)
		return answer, i.chaos.timedOut(err)
	}
	if !due {
		return call(ctx)
	}
	switch fault.Kind {
	case Refused, FunctionError:
		return nil, &asl.TaskError{Name: fault.Error, Cause: "chaos: " + string(fault.Kind)}
	case LostResult:
		if _, err := call(ctx); err != nil {
			return nil, err
		}
		return nil, &asl.TaskError{Name: fault.Error, Cause: "chaos: the result was lost"}
	case Duplicate:
		if answer, err := call(ctx); err != nil {
			return answer, err
		}
		return call(ctx)
	case DuplicateAtOnce:
		return twice(ctx, call, fault.After)
	case DuplicateLate:
		answer, err := call(ctx)
		i.chaos.late.Go(func() {
			time.Sleep(30 * time.Millisecond) // long enough for the run to have gone on
			_, _ = call(context.WithoutCancel(ctx))
		})
		return answer, err
	case Failed, Aborted, Unserialised:
		judged := verdictOf(fault.Kind)
		i.chaos.setDoom(&judged)
		defer i.chaos.setDoom(nil)
	case StateTimeout, ExecutionTimeout:
		return nil, i.chaos.hold(ctx, call, fault)
	case KillProcess:
		_, _ = call(ctx)
		end()
	default:
	}
	return call(ctx)
}

// hold returns when a time limit of the definition has elapsed. Step Functions
// does not stop a function then, so one whose execution is over may still run:
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html. One
// whose state has timed out does not: its own time-out is shorter.
func (c *Chaos) hold(ctx context.Context, call func(context.Context) ([]byte, error), fault Fault) error {
	if fault.After {
		_, _ = call(ctx)
	}
	<-ctx.Done()
	if fault.Kind == ExecutionTimeout && !fault.After {
		c.late.Go(func() { _, _ = call(context.WithoutCancel(ctx)) })
	}
	return ctx.Err() //nolint:wrapcheck // the interpreter asks for the cause
}

// timedOut reports the death of a process that hung as Lambda does.
func (c *Chaos) timedOut(err error) error {
	failed, ok := errors.AsType[*asl.TaskError](err)
	if !ok || failed.Name != "Runtime.ExitError" {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hung == 0 {
		return err
	}
	c.hung--
	return &asl.TaskError{Name: "Sandbox.Timedout", Cause: "chaos: the function hung"}
}

// twice calls at the same time and returns the first answer or the last, once
// both are there.
func twice(ctx context.Context, call func(context.Context) ([]byte, error), last bool) ([]byte, error) {
	type result struct {
		answer []byte
		err    error
	}
	results := make(chan result, 2)
	var group sync.WaitGroup
	for range cap(results) {
		group.Go(func() {
			answer, err := call(ctx)
			results <- result{answer, err}
		})
	}
	group.Wait()
	first, second := <-results, <-results
	if last {
		first = second
	}
	return first.answer, first.err
}
