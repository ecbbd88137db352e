package stepfunctions

import (
	"context"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// mapRun is one run of a distributed Map. It is kept in memory only: it tells how
// far work has come, and a later process has no work that goes on.
type mapRun struct {
	counts         asl.MapRun
	execution      string
	status         asl.Status
	started, ended time.Time
}

// mapRunStatus is the status that an event gives a map run; empty if it is about
// something else.
func mapRunStatus(event asl.EventType) asl.Status {
	switch event {
	case asl.MapRunStarted:
		return asl.Running
	case asl.MapRunSucceeded:
		return asl.Succeeded
	case asl.MapRunFailed:
		return asl.Failed
	case asl.MapRunAborted:
		return asl.Aborted
	}
	return ""
}

// noteMapRun follows a map run by the events of its execution; the caller holds
// the lock.
func (s *Server) noteMapRun(e *execution, event asl.Event) {
	status := mapRunStatus(event.Type)
	if status == "" {
		return
	}
	run := s.mapRun(event.MapRunARN)
	run.execution, run.status = e.ARN, status
	if event.Type == asl.MapRunStarted {
		run.started = event.Time
	} else {
		run.ended = event.Time
	}
}

// countMapRun notes how far a map run has come.
func (s *Server) countMapRun(counts asl.MapRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mapRun(counts.ARN).counts = counts
}

func (s *Server) mapRun(arn string) *mapRun {
	if s.mapRuns[arn] == nil {
		s.mapRuns[arn] = &mapRun{}
	}
	return s.mapRuns[arn]
}

type mapRunInput struct {
	MapRunARN string `json:"mapRunArn"`
}

type mapRunCounts struct {
	Pending   int `json:"pending"`
	Running   int `json:"running"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	TimedOut  int `json:"timedOut"`
	Aborted   int `json:"aborted"`
	Total     int `json:"total"`
	Written   int `json:"resultsWritten"`
}

type mapRunOutput struct {
	MapRunARN       string       `json:"mapRunArn"`
	ExecutionARN    string       `json:"executionArn"`
	Status          asl.Status   `json:"status"`
	StartDate       timestamp    `json:"startDate"`
	StopDate        *timestamp   `json:"stopDate,omitempty"`
	ItemCounts      mapRunCounts `json:"itemCounts"`
	ExecutionCounts mapRunCounts `json:"executionCounts"`
}

// describeMapRun tells how far a map run has come. Each item has a child
// execution of its own, so both counts are the same.
func (s *Server) describeMapRun(_ context.Context, in mapRunInput) (mapRunOutput, error) {
	if err := checkARN(in.MapRunARN, "mapRun", 2); err != nil {
		return mapRunOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	run, ok := s.mapRuns[in.MapRunARN]
	if !ok {
		return mapRunOutput{}, refuse(codeResourceNotFound, "map run %s does not exist", in.MapRunARN)
	}
	c := run.counts
	counts := mapRunCounts{
		Pending: c.Pending, Running: c.Running, Succeeded: c.Succeeded, Failed: c.Failed, Aborted: c.Aborted, Total: c.Total,
	}
	if run.status == asl.Succeeded {
		counts.Written = c.Succeeded + c.Failed
	}
	return mapRunOutput{
		MapRunARN: in.MapRunARN, ExecutionARN: run.execution, Status: run.status, StartDate: timestamp{Time: run.started},
		StopDate: timestampOrNil(run.ended), ItemCounts: counts, ExecutionCounts: counts,
	}, nil
}
