package faults_test

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// definedState is a state of the definition, wherever in it.
type definedState struct {
	Name   string
	Parent string // the Map or Parallel state that it is in; empty at the top
	Type   string
	Error  string
	Retry  []handler
	Catch  []handler

	States        map[string]json.RawMessage
	ItemProcessor struct{ States map[string]json.RawMessage }
	Branches      []struct{ States map[string]json.RawMessage }
}

type handler struct {
	ErrorEquals []string
	MaxAttempts int
	Next        string
}

// definedStates reads all states from the definition, by name.
func definedStates() []definedState {
	var states []definedState
	var read func(parent string, group map[string]json.RawMessage)
	read = func(parent string, group map[string]json.RawMessage) {
		for _, name := range slices.Sorted(maps.Keys(group)) {
			var s definedState
			if err := json.Unmarshal(group[name], &s); err != nil {
				panic(err)
			}
			s.Name, s.Parent = name, parent
			states = append(states, s)
			read(name, s.ItemProcessor.States)
			for _, branch := range s.Branches {
				read(name, branch.States)
			}
		}
	}
	var top struct{ States map[string]json.RawMessage }
	if err := json.Unmarshal([]byte(statemachine.Definition()), &top); err != nil {
		panic(err)
	}
	read("", top.States)
	return states
}

// definedStart is the state that an execution begins with.
func definedStart() string {
	var top struct{ StartAt string }
	if err := json.Unmarshal([]byte(statemachine.Definition()), &top); err != nil {
		panic(err)
	}
	return top.StartAt
}

// failStates are the names of the Fail states by their errors.
func failStates() map[string]string {
	names := map[string]string{}
	for _, s := range definedStates() {
		if s.Type == "Fail" {
			names[s.Error] = s.Name
		}
	}
	return names
}

// wantedMarks lists every state, and every retrier and catcher.
func wantedMarks() []asl.Mark {
	var marks []asl.Mark
	for _, s := range definedStates() {
		marks = append(marks, asl.Mark{State: s.Name})
		for i := range s.Retry {
			marks = append(marks, asl.Mark{State: s.Name, Field: "Retry", Index: i})
		}
		for i := range s.Catch {
			marks = append(marks, asl.Mark{State: s.Name, Field: "Catch", Index: i})
		}
	}
	return marks
}
