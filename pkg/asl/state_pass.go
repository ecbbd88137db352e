package asl

import "context"

// passState hands its input on, or a result that is written in the definition.
type passState struct {
	base
	transition
	dataflow
	result    any
	hasResult bool
}

func parsePass(f *fields, b base) state {
	s := passState{base: b, transition: f.transition(), dataflow: f.edges()}
	s.result, s.hasResult = f.get("Result")
	s.parameters = f.template("Parameters", false)
	s.resultPath = f.resultPath()
	if s.hasResult && f.has("Parameters") {
		f.refuse("Result", "stands beside Parameters")
	}
	return s
}

func (s passState) run(_ context.Context, v *visit) (outcome, error) {
	result := s.result
	if !s.hasResult {
		var err error
		if result, err = s.effectiveInput(v); err != nil {
			return outcome{}, err
		}
	}
	output, err := s.output(v, result)
	return outcome{output: output, next: s.next}, err
}
