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
)

// keptExecution is what a file holds. Of a running execution it has the events
// up to the state of the machine that it has come to.
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

// save writes the file of an execution, all or nothing; the caller holds the
// lock.
func (s *Server) save(e *execution) error {
	if s.dir == "" {
		return nil
	}
	data, err := json.MarshalIndent(keptExecution{Description: e.description, Events: e.events}, "", "  ")
	if err != nil {
		return fmt.Errorf("keep execution %s: %w", e.ARN, err)
	}
	path := s.file(e.ARN)
	if err := os.WriteFile(path+".tmp", data, 0o600); err != nil {
		return fmt.Errorf("keep execution %s: %w", e.ARN, err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("keep execution %s: %w", e.ARN, err)
	}
	return nil
}

// load reads what earlier processes have kept. An execution that was running
// when its process ended is aborted: nobody goes on with it.
func (s *Server) load() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("open local Step Functions: %w", err)
	}
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("open local Step Functions: %w", err)
	}
	var errs []error
	for _, file := range files {
		// A file of another name is one that was not written to its end.
		if filepath.Ext(file.Name()) != ".json" {
			continue
		}
		kept, err := readFile(filepath.Join(s.dir, file.Name()))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		e := &execution{description: kept.Description, kept: true, done: make(chan struct{})}
		close(e.done)
		if e.Status == asl.Running {
			errs = append(errs, s.abandon(e, kept.Events))
		}
		s.executions[e.ARN] = e
	}
	return errors.Join(errs...)
}

func readFile(path string) (keptExecution, error) {
	var kept keptExecution
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &kept)
	}
	if err == nil && kept.Description.ARN == "" {
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
