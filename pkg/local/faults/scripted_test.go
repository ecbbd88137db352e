package faults_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

// scripted are the scenarios that are made of the definition, so that every
// part of it is at work at least once, whatever the seeds draw.
func scripted(census chaos.Census) []scenario {
	return slices.Concat(retriers(), catchers(), again(), stops(census), seconds(census), timeouts(census), specials())
}

// retriers lets every Task fail once, with each error of each retrier in turn.
func retriers() []scenario {
	type place struct{ entry, name int } // in Retry, and in ErrorEquals of that
	faults := map[place][]chaos.Fault{}
	for _, state := range definedStates() {
		for entry, retrier := range state.Retry {
			for name, text := range retrier.ErrorEquals {
				at := place{entry, name}
				faults[at] = append(faults[at], raise(taskIn(state), text))
			}
		}
	}
	var scenarios []scenario
	for at, together := range faults {
		scenarios = append(scenarios, scenario{Name: fmt.Sprintf("retrier %d, error %d", at.entry, at.name), Faults: together})
	}
	slices.SortFunc(scenarios, func(a, b scenario) int { return strings.Compare(a.Name, b.Name) })
	return scenarios
}

// catchers makes an error for every catcher; half of the time the process is
// killed where it leads to.
func catchers() []scenario {
	var scenarios []scenario
	for _, state := range definedStates() {
		for i, catcher := range state.Catch {
			task := taskIn(state)
			name := catcher.ErrorEquals[0]
			if strings.HasPrefix(name, "States.") {
				name = "Unknown" // no retrier takes it, and no other catcher
			}
			fault := raise(task, name)
			fault.Times = 20 // more than are retried
			s := scenario{Name: fmt.Sprintf("catcher %d of %s", i, state.Name), Faults: []chaos.Fault{fault}, Redrive: true}
			scenarios = append(scenarios, s)
			s.Name += ", killed behind it"
			s.Faults = []chaos.Fault{fault, {
				Kind: chaos.KillProcess, Point: chaos.Point("enter " + catcher.Next), Nth: 1,
			}}
			scenarios = append(scenarios, s)
		}
	}
	return scenarios
}

// raise lets a Task fail.
func raise(task definedState, name string) chaos.Fault {
	kind := chaos.FunctionError
	if strings.HasPrefix(name, "Lambda.") {
		kind = chaos.Refused
	}
	return chaos.Fault{Kind: kind, Point: chaos.Point("invoke " + task.Name), Nth: 1, Error: name}
}

// taskIn is the state itself, or the first Task in it.
func taskIn(state definedState) definedState {
	if state.Type == "Task" {
		return state
	}
	for _, other := range definedStates() {
		if other.Parent == state.Name && (other.Type == "Task" || other.Type == "Map" || other.Type == "Parallel") {
			return taskIn(other)
		}
	}
	return state
}

// again lets the statements of every state fail in the ways that there are.
func again() []scenario {
	var scenarios []scenario
	for _, kind := range []chaos.Kind{chaos.Unserialised, chaos.Failed, chaos.Aborted} {
		s := scenario{Name: string(kind) + " everywhere"}
		for _, state := range definedStates() {
			if state.Type == "Task" {
				s.Faults = append(s.Faults, chaos.Fault{Kind: kind, Point: chaos.Point("invoke " + state.Name), Nth: 1})
			}
		}
		scenarios = append(scenarios, s)
	}
	return scenarios
}

// stops kills the process, or stops the execution, at every state that an
// undisturbed night enters, and has it redriven or started anew.
func stops(census chaos.Census) []scenario {
	var scenarios []scenario
	for i, state := range definedStates() {
		point := chaos.Point("enter " + state.Name)
		if census[point] == 0 {
			continue
		}
		for j, kind := range []chaos.Kind{chaos.KillProcess, chaos.StopExecution} {
			scenarios = append(scenarios, scenario{
				Name:   string(kind) + " at " + state.Name,
				Faults: []chaos.Fault{{Kind: kind, Point: point, Nth: census[point]}}, Redrive: (i+j)%3 != 0,
			})
		}
	}
	return scenarios
}

// seconds starts another execution at every state that does something: while the
// first goes on, and as soon as the first, which is stopped there, is over. That
// one is then redriven although its lock is gone.
func seconds(census chaos.Census) []scenario {
	var scenarios []scenario
	for i, state := range definedStates() {
		point := chaos.Point("enter " + state.Name)
		if census[point] == 0 || slices.Contains([]string{"Choice", "Pass", "Wait"}, state.Type) {
			continue
		}
		scenarios = append(scenarios, scenario{
			Name: "second execution at " + state.Name, Redrive: i%2 == 0,
			Faults: []chaos.Fault{{Kind: chaos.SecondExecution, Point: point, Nth: 1}},
		}, scenario{
			Name: "taken over at " + state.Name, Redrive: true,
			Faults: []chaos.Fault{{Kind: chaos.StopExecution, Point: point, Nth: 1}, takeOver()},
		})
	}
	return scenarios
}

// takeOver starts another execution as soon as the first is over.
func takeOver() chaos.Fault {
	first := chaos.Point("enter " + definedStart())
	return chaos.Fault{Kind: chaos.SecondExecution, Point: first, Nth: 1, After: true}
}

// timeouts lets every time limit elapse: that of each Task, once, and that of the
// machine during each, half of the time with another execution at once.
func timeouts(census chaos.Census) []scenario {
	var scenarios []scenario
	for i, state := range definedStates() {
		point := chaos.Point("invoke " + state.Name)
		if census[point] == 0 {
			continue
		}
		fault := chaos.Fault{Kind: chaos.StateTimeout, Point: point, Nth: 1, After: i%2 == 0}
		scenarios = append(scenarios, scenario{Name: "time-out of " + state.Name, Faults: []chaos.Fault{fault}})
		fault = chaos.Fault{Kind: chaos.ExecutionTimeout, Point: point, Nth: census[point], After: i%2 != 0}
		s := scenario{Name: "execution timed out in " + state.Name, Faults: []chaos.Fault{fault}, Redrive: i%3 != 0}
		scenarios = append(scenarios, s)
		s.Name, s.Faults = s.Name+", taken over", []chaos.Fault{fault, takeOver()}
		if i%2 == 0 {
			scenarios = append(scenarios, s)
		}
	}
	return scenarios
}

// specials reach what no fault leads to.
func specials() []scenario {
	return []scenario{
		{Name: "two at once", Two: true},
		{Name: "two at once, redriven", Two: true, Redrive: true},
		{Name: "the statement with two rows fails", Faults: []chaos.Fault{
			{Kind: chaos.StopExecution, Point: "enter Reconcile", Nth: 1}, takeOver(),
			{Kind: chaos.Failed, Point: "invoke Submit row", Nth: 1, Times: 20},
		}},
		{Name: "given export", Given: true},
		{Name: "given export without a key", Keyless: true},
		{Name: "too many set aside", Refused: 1000},
		{Name: "a mode that is none", Mode: "sometimes"},
		{Name: "an increment", Mode: "incremental"},
		{Name: "two increments at once", Mode: "incremental", Two: true},
	}
}
