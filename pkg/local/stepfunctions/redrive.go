package stepfunctions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

type redriveInput struct {
	ExecutionARN string `json:"executionArn"`
	// ClientToken makes a call idempotent in AWS. Here a second call finds the
	// execution running, or ended again.
	ClientToken string `json:"clientToken"`
}

type redriveOutput struct {
	RedriveDate timestamp `json:"redriveDate"`
}

// redriveExecution goes on with an execution that did not succeed: at the state
// of the machine that did not finish, with the input that this had. See
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html.
func (s *Server) redriveExecution(ctx context.Context, in redriveInput) (redriveOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return redriveOutput{}, errors.New("redrive execution: the endpoint is closed")
	}
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return redriveOutput{}, err
	}
	m, err := s.redrivable(e)
	if err != nil {
		return redriveOutput{}, err
	}
	if e.kept {
		kept, err := readFile(s.file(e.ARN))
		if err != nil {
			return redriveOutput{}, err
		}
		e.events, e.kept = kept.Events, false
	}
	e.RedriveCount++
	e.RedriveDate = s.opts.Clock.Now()
	redrive := &asl.Redrive{Count: e.RedriveCount, StartTime: e.StartDate, Events: len(e.events)}
	if e.Next != nil {
		if e.Next.Done == nil {
			e.Next.Done = map[int]string{}
		}
		redrive.State, redrive.Input, redrive.Done = e.Next.State, []byte(e.Next.Input), map[int][]byte{}
		for index, output := range e.Next.Done {
			redrive.Done[index] = []byte(output)
		}
	}
	e.Status, e.Error, e.Cause = asl.Running, "", ""
	e.StopDate = time.Time{}
	e.done = make(chan struct{})
	if err := s.save(e); err != nil {
		return redriveOutput{}, err
	}
	s.launch(ctx, m, e, redrive)
	return redriveOutput{RedriveDate: timestamp{Time: e.RedriveDate}}, nil
}

// redrivable returns the machine of an execution that can be redriven, or why
// it cannot; the caller holds the lock. Where AWS goes on with the definition
// that the execution was started with, this endpoint keeps no old ones: it
// refuses an execution whose machine has changed.
func (s *Server) redrivable(e *execution) (*machine, error) {
	refused := func(format string, args ...any) error {
		return refuse(codeNotRedrivable, "execution %s can not be redriven: %s", e.ARN, fmt.Sprintf(format, args...))
	}
	if e.Status == asl.Running || e.Status == asl.Succeeded {
		return nil, refused("it is %s", e.Status)
	}
	m, err := s.machine(e.StateMachineARN)
	if err != nil {
		return nil, refused("its state machine does not exist")
	}
	if e.Definition != m.digest() {
		return nil, refused("its state machine has another definition now")
	}
	return m, nil
}
