package stepfunctions

import (
	"context"
	"errors"
	"sync"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// Account is the account id in every ARN that the endpoint gives out, unless
// [Options] say otherwise.
const Account = "000000000000"

// Options adjust a [Server]. The zero value is good for use.
type Options struct {
	// Region appears in ARNs. Default "us-east-1".
	Region string
	// Account appears in ARNs. Default [Account].
	Account string
	// Clock dates executions and waits for them. Default: the zero [Clock].
	Clock asl.Clock
	// Limits waits for TimeoutSeconds. Default: the zero [Clock], so that time
	// limits are real even where Clock shortens waits.
	Limits asl.Clock
	// MapConcurrency is the greatest number of iterations of one Map state that
	// run at once. Default: that of [asl.Environment].
	MapConcurrency int
	// Notice, if set, is told in a sentence what was set aside when the directory
	// was opened.
	Notice func(string)
	// EventFunc is called with every event of every execution, in the order of
	// its history. It must be quick and must not call the server.
	EventFunc func(executionARN string, event asl.Event)
	// MarkFunc is called for every state that an execution or a child of it
	// enters, and for every Retry and Catch that takes an error, possibly by
	// several goroutines at once.
	MarkFunc func(executionARN string, mark asl.Mark)
	// MapRunFunc is called whenever the counts of a distributed Map change,
	// possibly by several goroutines at once. It must be quick and must not
	// call the server.
	MapRunFunc func(executionARN string, run asl.MapRun)
}

// Server is the endpoint. Use [Open] to get one. It is safe for concurrent use.
type Server struct {
	dir     string
	invoker asl.Invoker
	objects asl.Objects
	opts    Options
	running sync.WaitGroup

	mu         sync.Mutex
	closed     bool
	machines   map[string]*machine   // by ARN
	executions map[string]*execution // by ARN
	mapRuns    map[string]*mapRun    // by ARN
	unsaved    error
}

// Open returns an endpoint whose Task states call invoker and whose item
// readers and result writers use objects. Executions are kept in dir, which is
// made if needed; an empty dir keeps them in memory only. One process at a time
// may have a directory: a second one would report the executions of the first
// as aborted.
func Open(dir string, invoker asl.Invoker, objects asl.Objects, opts Options) (*Server, error) {
	if opts.Region == "" {
		opts.Region = "us-east-1"
	}
	if opts.Account == "" {
		opts.Account = Account
	}
	if opts.Clock == nil {
		opts.Clock = Clock{}
	}
	if opts.Limits == nil {
		opts.Limits = Clock{}
	}
	if opts.Notice == nil {
		opts.Notice = func(string) {}
	}
	s := &Server{
		dir: dir, invoker: invoker, objects: objects, opts: opts,
		machines: map[string]*machine{}, executions: map[string]*execution{}, mapRuns: map[string]*mapRun{},
	}
	if dir != "" {
		if err := s.load(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Close stops all executions, which become ABORTED, and waits for them. Its
// error reports the executions that could not be kept in the directory.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, e := range s.executions {
		if e.stop != nil {
			e.stop(&asl.TaskError{Cause: "the local Step Functions endpoint was closed"})
		}
	}
	s.mu.Unlock()
	s.running.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unsaved
}

// environment is the world that an execution runs in.
func (s *Server) environment(e *execution) asl.Environment {
	env := asl.Environment{
		Invoker: s.invoker, Objects: s.objects,
		Clock: s.opts.Clock, Limits: s.opts.Limits,
		MapConcurrency: s.opts.MapConcurrency,
		EventFunc: func(event asl.Event) {
			s.record(e, event)
			if s.opts.EventFunc != nil {
				s.opts.EventFunc(e.ARN, event)
			}
		},
		NextFunc: func(state string, input []byte) {
			s.reach(e, func() { e.Next = &place{State: state, Input: string(input), Done: map[int]string{}} })
		},
		DoneFunc: func(_ string, index int, output []byte) {
			s.reach(e, func() { e.Next.Done[index] = string(output) })
		},
	}
	if s.opts.MarkFunc != nil {
		env.MarkFunc = func(mark asl.Mark) { s.opts.MarkFunc(e.ARN, mark) }
	}
	env.MapRunFunc = func(run asl.MapRun) {
		s.countMapRun(run)
		if s.opts.MapRunFunc != nil {
			s.opts.MapRunFunc(e.ARN, run)
		}
	}
	return env
}

// record appends an event to the history that clients see.
func (s *Server) record(e *execution, event asl.Event) {
	converted := s.historyEvent(e, event)
	s.mu.Lock()
	defer s.mu.Unlock()
	e.events = append(e.events, converted)
	s.noteMapRun(e, event)
}

// reach writes down how far an execution has come, so that a process that is
// killed leaves what a redrive needs.
func (s *Server) reach(e *execution, note func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	note()
	s.unsaved = errors.Join(s.unsaved, s.save(e))
}

// execute runs an execution to its end.
func (s *Server) execute(ctx context.Context, m *machine, e *execution, redrive *asl.Redrive) {
	result, err := m.parsed.Run(ctx, s.environment(e), asl.Start{
		ID: e.ARN, Name: e.Name, MachineID: m.arn, MachineName: m.name, RoleARN: m.roleARN,
		Input: []byte(e.Input), Redrive: redrive,
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(e.done)
	e.stop(context.Canceled)
	e.stop = nil
	if err != nil {
		e.Status, e.Error, e.Cause, e.StopDate = asl.Failed, asl.ErrorRuntime, err.Error(), s.opts.Clock.Now()
	} else {
		e.Status, e.Error, e.Cause, e.StopDate = result.Status, result.Error, result.Cause, result.StopTime
		e.Output = string(result.Output)
	}
	s.unsaved = errors.Join(s.unsaved, s.save(e))
}
