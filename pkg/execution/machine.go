package execution

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/statemachine"
)

// machine is what the reader of a history has to know about the definition: which
// states are stages, and which stage each other state belongs to.
type machine struct {
	stages  []string          // in the order of the definition
	of      map[string]string // the stage that a state within a map or a branch belongs to
	partOf  map[string]string // the stage that a wait or poll serves
	refuses map[string]bool   // states that refuse the work of the stage before
}

// state is the part of a state that matters here.
type state struct {
	Type          string
	Next          string
	ResultPath    string
	ItemProcessor *states
	Iterator      *states
	Branches      []states
}

// states are the states of a machine or a part of one, in the order of the text.
type states struct {
	names []string
	all   map[string]state
}

// UnmarshalJSON reads the member States and keeps the order of its names.
func (s *states) UnmarshalJSON(data []byte) error {
	var object struct{ States json.RawMessage }
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	if err := json.Unmarshal(object.States, &s.all); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(object.States))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		s.names = append(s.names, fmt.Sprint(name))
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return err
		}
	}
	return nil
}

// readMachine reads the definition. Stages are the states of the machine itself
// that take time; states that only route data are none.
func readMachine() (machine, error) {
	var top states
	if err := json.Unmarshal([]byte(statemachine.Definition()), &top); err != nil {
		return machine{}, fmt.Errorf("decode the state machine: %w", err)
	}
	m := machine{of: map[string]string{}, partOf: map[string]string{}, refuses: map[string]bool{}}
	for _, name := range top.names {
		s := top.all[name]
		switch s.Type {
		case "Task", "Map", "Parallel", "Wait":
			m.stages = append(m.stages, name)
			m.of[name] = name
			m.within(name, s)
		case "Pass":
			m.refuses[name] = strings.HasPrefix(s.ResultPath, "$.failed.")
		}
	}
	// A task that is followed by a wait goes on as long as it is polled.
	for _, name := range top.names {
		s := top.all[name]
		wait, ok := top.all[s.Next]
		if s.Type != "Task" || !ok || wait.Type != "Wait" {
			continue
		}
		m.partOf[s.Next], m.partOf[wait.Next] = name, name
	}
	return m, nil
}

// within notes the stage of all states inside a state.
func (m machine) within(stage string, s state) {
	inner := s.Branches
	for _, processor := range []*states{s.ItemProcessor, s.Iterator} {
		if processor != nil {
			inner = append(inner, *processor)
		}
	}
	for _, part := range inner {
		for name, s := range part.all {
			m.of[name] = stage
			m.within(stage, s)
		}
	}
}
