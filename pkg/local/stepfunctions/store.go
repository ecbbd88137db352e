package stepfunctions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/durable"
)

// keptExecution is what a file holds. Of a running execution it has the events
// up to the state of the machine that it has reached.
type keptExecution struct {
	Description description    `json:"description"`
	Events      []historyEvent `json:"events"`
}

// file names the file of an execution: by machine and name, made safe for any
// file system, and a hash that keeps different names apart.
func (s *Server) file(arn string) string {
	_, name, _ := strings.Cut(arn, ":execution:")
	safe := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || ('0' <= r && r <= '9') || ('A' <= r && r <= 'Z') || ('a' <= r && r <= 'z') {
			return r
		}
		return '_'
	}, name)
	hash := sha256.Sum256([]byte(arn))
	return filepath.Join(s.dir, safe+"-"+hex.EncodeToString(hash[:4])+".json")
}

// save writes the file of an execution, all or nothing and durably; the caller
// holds the lock.
func (s *Server) save(e *execution) error {
	if s.dir == "" {
		return nil
	}
	data, err := json.Marshal(keptExecution{Description: e.description, Events: e.events})
	if err == nil {
		err = durable.WriteFile(s.file(e.ARN), data)
	}
	if err != nil {
		return fmt.Errorf("keep execution %s: %w", e.ARN, err)
	}
	return nil
}

const (
	// keptFor is how long AWS keeps an execution that has ended:
	// https://docs.aws.amazon.com/step-functions/latest/dg/limits-overview.html
	keptFor = 90 * 24 * time.Hour
	// damaged ends the name of a file that could not be read.
	damaged = ".damaged"
)

// load reads what earlier processes have kept. An execution that was running
// when its process ended is aborted: nobody goes on with it. One that ended long
// ago is forgotten, as in AWS, and one that can't be read is set aside: no later
// execution needs it.
func (s *Server) load() error {
	if err := durable.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("open local Step Functions: %w", err)
	}
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("open local Step Functions: %w", err)
	}
	var errs []error
	for _, file := range files {
		path := filepath.Join(s.dir, file.Name())
		switch filepath.Ext(path) {
		case durable.Temporary: // it was not written to its end, and nobody was told of it
			errs = append(errs, os.Remove(path))
		case ".json":
			errs = append(errs, s.loadFile(path))
		}
	}
	return errors.Join(errs...)
}

func (s *Server) loadFile(path string) error {
	kept, err := readFile(path)
	if err != nil {
		s.opts.Notice(fmt.Sprintf("%v; the execution is forgotten, and its file is kept as %s", err, path+damaged))
		return durable.Rename(path, path+damaged)
	}
	e := &execution{description: kept.Description, kept: true, done: make(chan struct{})}
	close(e.done)
	switch {
	case e.Status == asl.Running:
		if err := s.abandon(e, kept.Events); err != nil {
			return err
		}
	case s.opts.Clock.Now().Sub(e.StopDate) > keptFor:
		return os.Remove(path)
	}
	s.executions[e.ARN] = e
	return nil
}

func readFile(path string) (keptExecution, error) {
	var kept keptExecution
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &kept)
	}
	if d := kept.Description; err == nil && (d.ARN == "" || d.Status != asl.Running && d.StopDate.IsZero()) {
		err = errors.New("no execution in it")
	}
	if err != nil {
		return kept, fmt.Errorf("read kept execution %s: %w", path, err)
	}
	return kept, nil
}

// abandon turns a running execution of a process that is gone into an aborted
// one, with the history that it has and an event that says so.
func (s *Server) abandon(e *execution, events []historyEvent) error {
	e.Status, e.StopDate = asl.Aborted, s.opts.Clock.Now()
	e.Cause = "the process that ran this execution ended before it did"
	add := func(at time.Time, of asl.EventType) {
		last := int64(len(events))
		events = append(events, s.historyEvent(e, asl.Event{
			ID: last + 1, PreviousID: last, Time: at, Type: of, Cause: e.Cause, Input: e.Input,
		}))
	}
	if len(events) == 0 {
		add(e.StartDate, asl.ExecutionStarted)
	}
	add(e.StopDate, asl.ExecutionAborted)
	e.events = events
	err := s.save(e)
	e.events = nil
	return err
}
