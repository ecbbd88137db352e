package stepfunctions

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// description is what is known about an execution, and what a file keeps.
type description struct {
	ARN             string     `json:"executionArn"`
	Name            string     `json:"name"`
	StateMachineARN string     `json:"stateMachineArn"`
	RoleARN         string     `json:"roleArn"`
	Status          asl.Status `json:"status"`
	StartDate       time.Time  `json:"startDate"`
	StopDate        time.Time  `json:"stopDate,omitzero"`
	Input           string     `json:"input"`
	Output          string     `json:"output,omitempty"`
	Error           string     `json:"error,omitempty"`
	Cause           string     `json:"cause,omitempty"`

	// Definition is the digest of the definition that the execution runs.
	Definition string `json:"definition"`
	// Next is where a redrive would go on; it is nil before the first state.
	Next         *place    `json:"next,omitempty"`
	RedriveCount int       `json:"redriveCount,omitempty"`
	RedriveDate  time.Time `json:"redriveDate,omitzero"`
}

// place is a state of the machine, the input that it has, and the outputs of
// its iterations that have ended well.
type place struct {
	State string         `json:"state"`
	Input string         `json:"input"`
	Done  map[int]string `json:"done,omitempty"`
}

// execution is one execution, running or not. The server's lock guards it.
type execution struct {
	description

	events []historyEvent
	// kept tells that the events are in the file and not in memory.
	kept bool
	// stop ends the execution; it is nil once it has ended.
	stop context.CancelCauseFunc
	done chan struct{}
}

type startInput struct {
	StateMachineARN string `json:"stateMachineArn"`
	Name            string `json:"name"`
	Input           string `json:"input"`
}

type startOutput struct {
	ExecutionARN string    `json:"executionArn"`
	StartDate    timestamp `json:"startDate"`
}

// startExecution starts an execution, or returns the one with the same name
// and input while that runs.
func (s *Server) startExecution(ctx context.Context, in startInput) (startOutput, error) {
	if in.Name == "" {
		in.Name = uuid.NewString()
	}
	if in.Input == "" {
		in.Input = "{}"
	}
	if err := errors.Join(checkName(in.Name), checkInput(in.Input)); err != nil {
		return startOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return startOutput{}, errors.New("start execution: the endpoint is closed")
	}
	m, err := s.machine(in.StateMachineARN)
	if err != nil {
		return startOutput{}, err
	}
	arn := s.executionARN(m.name, in.Name)
	if old := s.executions[arn]; old != nil {
		if old.Status == asl.Running && old.Input == in.Input {
			return startOutput{ExecutionARN: arn, StartDate: timestamp{Time: old.StartDate}}, nil
		}
		return startOutput{}, refuse(codeExecutionExists,
			"execution %s is %s; its name can not be used again", arn, old.Status)
	}
	e := &execution{done: make(chan struct{}), description: description{
		ARN: arn, Name: in.Name, StateMachineARN: m.arn, RoleARN: m.roleARN, Status: asl.Running,
		StartDate: s.opts.Clock.Now(), Input: in.Input, Definition: m.digest(),
	}}
	if err := s.save(e); err != nil {
		return startOutput{}, err
	}
	s.executions[arn] = e
	s.launch(ctx, m, e, nil)
	return startOutput{ExecutionARN: arn, StartDate: timestamp{Time: e.StartDate}}, nil
}

// launch runs an execution in a goroutine; the caller holds the lock. The
// execution outlives the call that starts it.
func (s *Server) launch(ctx context.Context, m *machine, e *execution, redrive *asl.Redrive) {
	ctx, e.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	s.running.Go(func() { s.execute(ctx, m, e, redrive) })
}

func checkInput(input string) error {
	if len(input) > asl.MaxPayload {
		return refuse(codeValidation, "input is %d bytes, the limit is %d", len(input), asl.MaxPayload)
	}
	if !json.Valid([]byte(input)) {
		return refuse(codeInvalidInput, "input is not JSON")
	}
	return nil
}

// execution finds an execution; the caller holds the lock.
func (s *Server) execution(arn string) (*execution, error) {
	if err := checkARN(arn, "execution", 2); err != nil {
		return nil, err
	}
	e, ok := s.executions[arn]
	if !ok {
		return nil, refuse(codeExecutionNotFound, "execution %s does not exist", arn)
	}
	return e, nil
}

type executionInput struct {
	ExecutionARN string `json:"executionArn"`
}

// dataDetails tells that data is given in full.
type dataDetails struct {
	Included bool `json:"included"`
}

type describeOutput struct {
	ExecutionARN        string       `json:"executionArn"`
	StateMachineARN     string       `json:"stateMachineArn"`
	Name                string       `json:"name"`
	Status              asl.Status   `json:"status"`
	StartDate           timestamp    `json:"startDate"`
	StopDate            *timestamp   `json:"stopDate,omitempty"`
	Input               string       `json:"input"`
	InputDetails        *dataDetails `json:"inputDetails"`
	Output              string       `json:"output,omitempty"`
	OutputDetails       *dataDetails `json:"outputDetails,omitempty"`
	Error               string       `json:"error,omitempty"`
	Cause               string       `json:"cause,omitempty"`
	RedriveCount        int          `json:"redriveCount"`
	RedriveDate         *timestamp   `json:"redriveDate,omitempty"`
	RedriveStatus       string       `json:"redriveStatus"`
	RedriveStatusReason string       `json:"redriveStatusReason,omitempty"`
}

func (s *Server) describeExecution(_ context.Context, in executionInput) (describeOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return describeOutput{}, err
	}
	out := describeOutput{
		ExecutionARN: e.ARN, StateMachineARN: e.StateMachineARN, Name: e.Name, Status: e.Status,
		StartDate: timestamp{Time: e.StartDate}, StopDate: timestampOrNil(e.StopDate),
		Input: e.Input, InputDetails: &dataDetails{Included: true}, Error: e.Error, Cause: e.Cause,
		RedriveCount: e.RedriveCount, RedriveDate: timestampOrNil(e.RedriveDate), RedriveStatus: "REDRIVABLE",
	}
	if _, err := s.redrivable(e); err != nil {
		out.RedriveStatus, out.RedriveStatusReason = "NOT_REDRIVABLE", err.Error()
	}
	if e.Status == asl.Succeeded {
		out.Output, out.OutputDetails = e.Output, &dataDetails{Included: true}
	}
	return out, nil
}

type stopInput struct {
	ExecutionARN string `json:"executionArn"`
	Error        string `json:"error"`
	Cause        string `json:"cause"`
}

type stopOutput struct {
	StopDate timestamp `json:"stopDate"`
}

// stopExecution aborts an execution and waits until it has ended, which is as
// long as its running functions take to notice. Stopping one that has ended
// changes nothing.
func (s *Server) stopExecution(ctx context.Context, in stopInput) (stopOutput, error) {
	s.mu.Lock()
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		s.mu.Unlock()
		return stopOutput{}, err
	}
	if e.stop != nil {
		e.stop(&asl.TaskError{Name: in.Error, Cause: in.Cause})
	}
	done := e.done // a redrive makes another
	s.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
		return stopOutput{}, fmt.Errorf("wait for execution %s to stop: %w", in.ExecutionARN, ctx.Err())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return stopOutput{StopDate: timestamp{Time: e.StopDate}}, nil
}

type listInput struct {
	StateMachineARN string     `json:"stateMachineArn"`
	StatusFilter    asl.Status `json:"statusFilter"`
	MaxResults      int        `json:"maxResults"`
	NextToken       string     `json:"nextToken"`
}

type listOutput struct {
	Executions []executionItem `json:"executions"`
	NextToken  string          `json:"nextToken,omitempty"`
}

type executionItem struct {
	ExecutionARN    string     `json:"executionArn"`
	StateMachineARN string     `json:"stateMachineArn"`
	Name            string     `json:"name"`
	Status          asl.Status `json:"status"`
	StartDate       timestamp  `json:"startDate"`
	StopDate        *timestamp `json:"stopDate,omitempty"`
	RedriveCount    int        `json:"redriveCount"`
	RedriveDate     *timestamp `json:"redriveDate,omitempty"`
}

// listExecutions lists the executions of a machine, the latest first. The
// machine need not exist any more if it has executions: they may be those that
// an earlier process has kept.
func (s *Server) listExecutions(_ context.Context, in listInput) (listOutput, error) {
	size, err := pageSize(in.MaxResults)
	if err != nil {
		return listOutput{}, err
	}
	after, err := decodeToken(in.NextToken)
	if err != nil {
		return listOutput{}, err
	}
	statuses := []asl.Status{"", asl.Running, asl.Succeeded, asl.Failed, asl.TimedOut, asl.Aborted}
	if !slices.Contains(statuses, in.StatusFilter) {
		return listOutput{}, refuse(codeValidation, "statusFilter is %q, want one of %q", in.StatusFilter, statuses[1:])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ofMachine := slices.DeleteFunc(slices.Collect(maps.Values(s.executions)), func(e *execution) bool {
		return e.StateMachineARN != in.StateMachineARN
	})
	if _, err := s.machine(in.StateMachineARN); err != nil && len(ofMachine) == 0 {
		return listOutput{}, err
	}
	slices.SortFunc(ofMachine, func(a, b *execution) int { return cmp.Compare(b.place(), a.place()) })
	ofMachine = slices.DeleteFunc(ofMachine, func(e *execution) bool {
		return (after != "" && e.place() >= after) || (in.StatusFilter != "" && e.Status != in.StatusFilter)
	})
	out := listOutput{Executions: []executionItem{}}
	ofMachine, out.NextToken = page(ofMachine, size, (*execution).place)
	for _, e := range ofMachine {
		out.Executions = append(out.Executions, executionItem{
			ExecutionARN: e.ARN, StateMachineARN: e.StateMachineARN, Name: e.Name, Status: e.Status,
			StartDate: timestamp{Time: e.StartDate}, StopDate: timestampOrNil(e.StopDate),
			RedriveCount: e.RedriveCount, RedriveDate: timestampOrNil(e.RedriveDate),
		})
	}
	return out, nil
}

// place orders executions by their start.
func (e *execution) place() string {
	return fmt.Sprintf("%020d %s", e.StartDate.UnixNano(), e.ARN)
}

type historyInput struct {
	ExecutionARN         string `json:"executionArn"`
	IncludeExecutionData *bool  `json:"includeExecutionData"`
	MaxResults           int    `json:"maxResults"`
	NextToken            string `json:"nextToken"`
	ReverseOrder         bool   `json:"reverseOrder"`
}

type historyOutput struct {
	Events    []historyEvent `json:"events"`
	NextToken string         `json:"nextToken,omitempty"`
}

// executionHistory returns the events so far.
func (s *Server) executionHistory(_ context.Context, in historyInput) (historyOutput, error) {
	size, err := pageSize(in.MaxResults)
	if err != nil {
		return historyOutput{}, err
	}
	events, err := s.eventsOf(in.ExecutionARN)
	if err != nil {
		return historyOutput{}, err
	}
	if in.ReverseOrder {
		slices.Reverse(events)
	}
	if in.NextToken != "" {
		last, err := historyToken(in)
		if err != nil {
			return historyOutput{}, err
		}
		// A history only grows, so what the client has got is up to that event.
		got := slices.IndexFunc(events, func(e historyEvent) bool { return e.ID == last })
		events = events[got+1:]
	}
	if in.IncludeExecutionData != nil && !*in.IncludeExecutionData {
		for i := range events {
			events[i] = events[i].withoutData()
		}
	}
	var out historyOutput
	out.Events, out.NextToken = page(events, size, func(e historyEvent) string {
		return strconv.FormatInt(e.ID, 10) + " " + in.ExecutionARN
	})
	return out, nil
}

// historyToken returns the last event that the client has got.
func historyToken(in historyInput) (int64, error) {
	place, err := decodeToken(in.NextToken)
	if err != nil {
		return 0, err
	}
	id, arn, _ := strings.Cut(place, " ")
	last, err := strconv.ParseInt(id, 10, 64)
	if err != nil || arn != in.ExecutionARN {
		return 0, refuse(codeInvalidToken, "token %q belongs to another listing", in.NextToken)
	}
	return last, nil
}

// eventsOf returns a copy of the events of an execution.
func (s *Server) eventsOf(arn string) ([]historyEvent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(arn)
	if err != nil {
		return nil, err
	}
	if e.kept {
		kept, err := readFile(s.file(e.ARN))
		return kept.Events, err
	}
	return slices.Clone(e.events), nil
}
