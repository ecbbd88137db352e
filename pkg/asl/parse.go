package asl

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// MaxDefinition is the size in bytes that a definition may have (1 MiB).
const MaxDefinition = 1 << 20

// maxStateName is the number of characters that a state name may have.
const maxStateName = 80

// Machine is a parsed definition. It never changes, so any number of
// executions may run on one Machine at once.
type Machine struct {
	comment     string
	timeLimit   time.Duration
	flow        *flow
	names       []string
	needObjects bool
}

// flow is a set of states with a start: the machine's own, a branch of a
// Parallel state or the item processor of a Map.
type flow struct {
	startAt string
	states  map[string]state
}

// Parse reads a definition in which all ${Token}s have been replaced (see
// [Substitute]). The error of a definition that is JSON, but not a state
// machine of the supported subset, is a [*DefinitionError] with every problem.
func Parse(definition []byte) (*Machine, error) {
	if len(definition) > MaxDefinition {
		return nil, fmt.Errorf("parse definition: %d bytes, the limit is %d", len(definition), MaxDefinition)
	}
	value, err := decodeStrict(definition)
	if err != nil {
		return nil, fmt.Errorf("parse definition: %w", err)
	}
	p := &parser{seen: map[string]bool{}}
	top := p.fields("", "", value)
	machine := &Machine{
		comment:   top.text("Comment"),
		timeLimit: top.seconds("TimeoutSeconds", 1),
	}
	top.oneOf("Version", "1.0")
	top.oneOf("QueryLanguage", "JSONPath")
	machine.flow = p.flow(top)
	top.done()
	if len(p.problems) > 0 {
		return nil, &DefinitionError{Problems: p.problems}
	}
	machine.names = sortedKeys(p.seen)
	machine.needObjects = p.needObjects
	return machine, nil
}

// Comment returns the machine's own Comment.
func (m *Machine) Comment() string {
	return m.comment
}

// StateNames lists all states, those of branches and item processors
// included, in alphabetical order.
func (m *Machine) StateNames() []string {
	return slices.Clone(m.names)
}

// parser is the state of one call of Parse.
type parser struct {
	problems    []Problem
	seen        map[string]bool
	needObjects bool
	// express is set within the item processor of an EXPRESS map.
	express bool
}

func (p *parser) refuse(state, field, format string, args ...any) {
	p.problems = append(p.problems, Problem{State: state, Field: field, Message: fmt.Sprintf(format, args...)})
}

// flow reads StartAt and States, which stand side by side with other fields.
func (p *parser) flow(f *fields) *flow {
	result := &flow{startAt: f.requiredText("StartAt"), states: map[string]state{}}
	states := f.child("States")
	for _, name := range sortedKeys(states.values) {
		if parsed := p.state(name, states.values[name]); parsed != nil {
			result.states[name] = parsed
		}
	}
	if states.values != nil && len(states.values) == 0 {
		f.refuse("States", "is empty")
	}
	if len(result.states) == len(states.values) && f.has("StartAt") {
		p.checkGraph(f, result)
	}
	return result
}

func (p *parser) state(name string, value any) state {
	if p.seen[name] {
		p.refuse(name, "", "the name is used twice; names are unique over the whole machine")
	}
	p.seen[name] = true
	if count := utf8.RuneCountInString(name); count == 0 || count > maxStateName {
		p.refuse(name, "", "the name has %d characters, want 1 to %d", count, maxStateName)
	}
	f := p.fields(name, "", value)
	if f.values == nil {
		return nil
	}
	kind := f.requiredText("Type")
	f.text("Comment")
	f.oneOf("QueryLanguage", "JSONPath")
	b := base{name: name, kind: kind}
	parsed := p.stateOfKind(f, b)
	if parsed == nil {
		return nil
	}
	f.done()
	return parsed
}

func (p *parser) stateOfKind(f *fields, b base) state {
	switch b.kind {
	case "Task":
		return parseTask(f, b)
	case "Choice":
		return parseChoice(f, b)
	case "Wait":
		return parseWait(f, b)
	case "Pass":
		return parsePass(f, b)
	case "Succeed":
		return parseSucceed(f, b)
	case "Fail":
		return parseFail(f, b)
	case "Parallel":
		return parseParallel(f, b)
	case "Map":
		return parseMap(f, b)
	default:
		if b.kind != "" {
			f.refuse("Type", "%q is not a supported type", b.kind)
		}
		return nil
	}
}

// checkGraph refuses transitions to nowhere and states nothing leads to. A
// branch is closed: its states lead to each other only.
func (p *parser) checkGraph(f *fields, g *flow) {
	if _, ok := g.states[g.startAt]; !ok {
		f.refuse("StartAt", "no state %q", g.startAt)
		return
	}
	reached := map[string]bool{g.startAt: true}
	queue := []string{g.startAt}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for _, target := range g.states[name].targets() {
			if _, ok := g.states[target.name]; !ok {
				p.refuse(name, target.field, "no state %q beside this one", target.name)
			} else if !reached[target.name] {
				reached[target.name] = true
				queue = append(queue, target.name)
			}
		}
	}
	for _, name := range sortedKeys(g.states) {
		if !reached[name] {
			p.refuse(name, "", "nothing leads to this state")
		}
	}
}
