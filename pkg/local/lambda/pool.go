package lambda

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
)

// outcome is the end of one invocation: an answer or an error.
type outcome struct {
	payload []byte
	err     error
}

// pool holds the environments of one function.
type pool struct {
	service  *Service
	function Function
	// places has one element per invocation under way.
	places  chan struct{}
	waiting atomic.Int64

	lock sync.Mutex
	idle []*environment
}

func newPool(s *Service, f Function) *pool {
	return &pool{service: s, function: f, places: make(chan struct{}, max(f.MaxConcurrency, 0))}
}

// enter takes a place, and waits for one if it has to.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.places <- struct{}{}:
		return nil
	default:
	}
	defer p.waiting.Add(-1)
	if p.waiting.Add(1) > maxWaiting {
		return &APIError{"TooManyRequestsException", "Rate Exceeded.", http.StatusTooManyRequests}
	}
	select {
	case p.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.service.closing:
		return errClosed
	}
}

func (p *pool) leave() { <-p.places }

// invoke runs one event in a warm environment, or in a new one. An environment
// that turns out to have died while it was idle has not seen the event, so the
// next one gets it.
func (p *pool) invoke(payload []byte) outcome {
	for {
		in := newInvocation(p.service.arn(p.function.Name), payload, p.function.Timeout)
		e := p.take()
		if e == nil {
			started, err := p.service.startEnvironment(p.function, in.id)
			if err != nil {
				return outcome{err: err}
			}
			e = started
		}
		o, state := e.run(in, p.service.closing)
		switch state {
		case stateWarm:
			p.put(e)
		case stateNeverRan:
			continue
		case stateGone:
		}
		return o
	}
}

// take returns the environment that was used last, or nil.
func (p *pool) take() *environment {
	p.lock.Lock()
	defer p.lock.Unlock()
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		e := p.idle[last]
		p.idle = p.idle[:last]
		if !e.hasExited() {
			return e
		}
	}
	return nil
}

func (p *pool) put(e *environment) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.idle = append(p.idle, e)
}

// close kills the idle environments. No invocation runs any more.
func (p *pool) close() error {
	p.lock.Lock()
	defer p.lock.Unlock()
	var problems []error
	for _, e := range p.idle {
		problems = append(problems, e.kill())
	}
	p.idle = nil
	return errors.Join(problems...)
}
