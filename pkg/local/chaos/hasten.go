package chaos

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The time limits that [Hasten] sets, in seconds: more than what a step, or a
// few of them, need on one machine.
const (
	stateSeconds     = 2
	executionSeconds = 4
)

// Hasten returns a definition whose time limits elapse while somebody waits:
// the TimeoutSeconds of each state that a StateTimeout strikes at, and those of
// the machine if an ExecutionTimeout is among the faults. Nothing else changes;
// without such faults the definition stays as it is, to the byte.
func Hasten(definition string, faults []Fault) (string, error) {
	states, whole := map[string]bool{}, false
	for _, f := range faults {
		switch f.Kind {
		case StateTimeout:
			states[strings.TrimPrefix(string(f.Point), "invoke ")] = true
		case ExecutionTimeout:
			whole = true
		default:
		}
	}
	if len(states) == 0 && !whole {
		return definition, nil
	}
	machine := decode([]byte(definition))
	if machine == nil {
		return "", errors.New("hasten definition: it is not a JSON object")
	}
	if whole {
		machine["TimeoutSeconds"] = executionSeconds
	}
	hasten(machine, states)
	if len(states) > 0 {
		return "", fmt.Errorf("hasten definition: it has no states %q", slices.Sorted(maps.Keys(states)))
	}
	changed, err := json.Marshal(machine)
	if err != nil {
		return "", fmt.Errorf("hasten definition: %w", err)
	}
	return string(changed), nil
}

// hasten changes the states in part of a definition, and takes those that it
// has found out of the list.
func hasten(part any, states map[string]bool) {
	switch part := part.(type) {
	case map[string]any:
		group, _ := part["States"].(map[string]any)
		for name := range group {
			if state, ok := group[name].(map[string]any); ok && states[name] {
				state["TimeoutSeconds"] = stateSeconds
				delete(states, name)
			}
		}
		for _, inner := range part {
			hasten(inner, states)
		}
	case []any:
		for _, inner := range part {
			hasten(inner, states)
		}
	}
}
