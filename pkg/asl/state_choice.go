package asl

import (
	"context"
	"fmt"
)

// choiceState goes where the first rule that holds leads.
type choiceState struct {
	base
	dataflow
	rules    []rule
	fallback string
}

// rule is one entry of Choices.
type rule struct {
	test condition
	next string
}

func parseChoice(f *fields, b base) state {
	s := choiceState{base: b, dataflow: f.edges(), fallback: f.text("Default")}
	if f.has("Default") && s.fallback == "" {
		f.refuse("Default", "is empty")
	}
	for _, entry := range f.elements("Choices") {
		s.rules = append(s.rules, rule{next: entry.requiredText("Next"), test: entry.condition()})
	}
	if len(s.rules) == 0 {
		f.refuse("Choices", "is missing or empty")
	}
	return s
}

func (s choiceState) targets() []target {
	var targets []target
	for i, r := range s.rules {
		targets = append(targets, target{field: fmt.Sprintf("Choices[%d].Next", i), name: r.next})
	}
	if s.fallback != "" {
		targets = append(targets, target{field: "Default", name: s.fallback})
	}
	return targets
}

func (s choiceState) run(_ context.Context, v *visit) (outcome, error) {
	next, err := s.choose(v)
	if err != nil {
		return outcome{}, err
	}
	output, err := s.through(v)
	return outcome{output: output, next: next}, err
}

func (s choiceState) choose(v *visit) (string, error) {
	input, err := v.selectPath("InputPath", s.inputPath, v.raw)
	if err != nil {
		return "", err
	}
	sc := v.scope(input)
	for i, r := range s.rules {
		holds, err := r.test(sc)
		if err != nil {
			return "", v.located(failf(ErrorRuntime, "Choices[%d]: %v", i, err))
		}
		if holds {
			return r.next, nil
		}
	}
	if s.fallback == "" {
		return "", v.located(failf(ErrorNoChoice, "no rule holds and there is no Default"))
	}
	return s.fallback, nil
}
