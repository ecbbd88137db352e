package execution

import (
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

// readMachine reads the definition. Stages are the states of the machine itself
// that take time; states that only route data are none.
func readMachine() (machine, error) {
	top, err := statemachine.Read()
	if err != nil {
		return machine{}, err
	}
	m := machine{of: map[string]string{}, partOf: map[string]string{}, refuses: map[string]bool{}}
	for _, name := range top.Names {
		s := top.All[name]
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
	for _, name := range top.Names {
		s := top.All[name]
		wait, ok := top.All[s.Next]
		if s.Type != "Task" || !ok || wait.Type != "Wait" {
			continue
		}
		m.partOf[s.Next], m.partOf[wait.Next] = name, name
	}
	return m, nil
}

// within notes the stage of all states inside a state.
func (m machine) within(stage string, s statemachine.State) {
	inner := s.Branches
	for _, processor := range []*statemachine.States{s.ItemProcessor, s.Iterator} {
		if processor != nil {
			inner = append(inner, *processor)
		}
	}
	for _, part := range inner {
		for name, s := range part.All {
			m.of[name] = stage
			m.within(stage, s)
		}
	}
}
