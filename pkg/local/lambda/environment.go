package lambda

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
)

// environment is one process of a function and the Runtime API that it polls.
//
// The process asks for an event and blocks until [environment.run] has one. It
// posts the answer and asks for the next event, which is the sign that it is
// ready. Between those two it belongs to one invocation.
type environment struct {
	service  *Service
	function Function
	command  *exec.Cmd
	runtime  *http.Server
	// ready gets an element each time the process asks for an event.
	ready chan struct{}
	// work carries the event to the request that asks for it.
	work chan *invocation
	// exited is closed when the process is gone; exit then says how it went.
	exited chan struct{}
	exit   string
	// cleared is closed when nothing of it is left on disk either.
	cleared chan struct{}

	lock sync.Mutex
	// current is the event that the process works on.
	current *invocation
	// initError is the error that the process reported before its first event.
	initError *FunctionError
}

// invocation is one event on its way through an environment.
type invocation struct {
	id      string
	arn     string
	payload []byte
	timeout time.Duration
	// done receives the answer that the process posts, at most one.
	done chan outcome
}

func newInvocation(arn string, payload []byte, timeout time.Duration) *invocation {
	return &invocation{
		id: uuid.NewString(), arn: arn, payload: payload, timeout: timeout, done: make(chan outcome, 1),
	}
}

// state says what is left of an environment after an invocation.
type state int

const (
	// stateWarm waits for the next event.
	stateWarm state = iota
	// stateGone has died, or was killed, during the event.
	stateGone
	// stateNeverRan had died before it got the event.
	stateNeverRan
)

// startEnvironment starts a process and waits until it asks for an event. The
// error is a [*FunctionError] when the process came up and failed.
func (s *Service) startEnvironment(f Function, requestID string) (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, unavailable(fmt.Errorf("listen for the runtime of %q: %w", f.Name, err))
	}
	scratch, err := os.MkdirTemp(s.opts.TempDir, f.Name+"-")
	if err != nil {
		return nil, unavailable(errors.Join(err, listener.Close()))
	}
	e := &environment{
		service: s, function: f,
		ready: make(chan struct{}, 1), work: make(chan *invocation), exited: make(chan struct{}), cleared: make(chan struct{}),
	}
	lines := &lineWriter{emit: func(line string) { s.log(f.Name, line) }}
	e.command = &exec.Cmd{
		Path: f.Executable, Args: []string{"bootstrap"}, Dir: filepath.Dir(f.Executable),
		Env:    s.environ(f, listener.Addr().String(), uuid.NewString(), scratch),
		Stdout: lines, Stderr: lines,
		// A grandchild that has inherited the pipe must not keep Wait waiting.
		WaitDelay: time.Second, SysProcAttr: attributes(),
	}
	if err := s.spawner.start(e.command); err != nil {
		err = fmt.Errorf("start %q: %w", f.Executable, err)
		return nil, unavailable(errors.Join(err, listener.Close(), os.RemoveAll(scratch)))
	}
	e.runtime = &http.Server{Handler: e.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = e.runtime.Serve(listener) }()
	go e.reap(lines, scratch)
	return e, e.awaitInit(requestID)
}

// reap waits for the end of the process and clears up after it.
func (e *environment) reap(lines *lineWriter, scratch string) {
	// What Wait reports is the exit status, which ProcessState also has.
	_ = e.command.Wait()
	_ = e.runtime.Close()
	lines.flush()
	e.exit = e.command.ProcessState.String()
	close(e.exited)
	_ = os.RemoveAll(scratch)
	close(e.cleared)
}

// awaitInit returns when the process has asked for its first event. A process
// that fails or takes too long is gone when it returns.
func (e *environment) awaitInit(requestID string) error {
	timer := time.NewTimer(e.service.opts.InitTimeout)
	defer timer.Stop()
	select {
	case <-e.ready:
		return nil
	case <-e.exited:
		e.lock.Lock()
		defer e.lock.Unlock()
		if e.initError != nil {
			return e.initError
		}
		return exitError(requestID, e.exit)
	case <-timer.C:
		message := fmt.Sprintf("Init timed out after %.2f seconds", e.service.opts.InitTimeout.Seconds())
		return errors.Join(functionError(typeTimedOut, requestID, message), e.kill())
	case <-e.service.closing:
		return errors.Join(errClosed, e.kill())
	}
}

// run gives the process one event and returns its outcome.
func (e *environment) run(in *invocation, closing <-chan struct{}) (outcome, state) {
	timer := time.NewTimer(in.timeout)
	defer timer.Stop()
	select {
	case e.work <- in:
	case <-e.exited:
		return outcome{}, stateNeverRan
	case <-timer.C:
		return e.timedOut(in), stateGone
	}
	select {
	case o := <-in.done:
		return o, e.awaitNext(timer, closing)
	case <-e.exited:
		select {
		case o := <-in.done:
			return o, stateGone
		default:
			return outcome{err: exitError(in.id, e.exit)}, stateGone
		}
	case <-timer.C:
		return e.timedOut(in), stateGone
	case <-closing:
		return outcome{err: errors.Join(errClosed, e.kill())}, stateGone
	}
}

// awaitNext waits, after the answer, until the process asks for its next event.
// The answer stands whatever happens; only the environment may be lost.
func (e *environment) awaitNext(timer *time.Timer, closing <-chan struct{}) state {
	select {
	case <-e.ready:
		return stateWarm
	case <-e.exited:
	case <-timer.C:
	case <-closing:
	}
	_ = e.kill()
	return stateGone
}

// timedOut kills the process, as AWS resets the environment without a warning.
func (e *environment) timedOut(in *invocation) outcome {
	message := fmt.Sprintf("Task timed out after %.2f seconds", in.timeout.Seconds())
	if err := e.kill(); err != nil {
		return outcome{err: unavailable(err)}
	}
	return outcome{err: functionError(typeTimedOut, in.id, message)}
}

// kill ends the process and waits until it is gone.
func (e *environment) kill() error {
	if err := killAll(e.command.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill process %d of function %q: %w", e.command.Process.Pid, e.function.Name, err)
	}
	<-e.cleared
	return nil
}

func (e *environment) hasExited() bool {
	select {
	case <-e.exited:
		return true
	default:
		return false
	}
}

// exitError is the failure of a process that ended without an answer.
func exitError(requestID, exit string) *FunctionError {
	if exit == "exit status 0" {
		return functionError(typeExit, requestID, "Runtime exited without providing a reason")
	}
	return functionError(typeExit, requestID, "Runtime exited with error: "+exit)
}
