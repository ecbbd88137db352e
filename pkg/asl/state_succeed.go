package asl

import "context"

// succeedState ends the flow with its input as the output.
type succeedState struct {
	base
	dataflow
}

func parseSucceed(f *fields, b base) state {
	return succeedState{base: b, dataflow: f.edges()}
}

func (s succeedState) targets() []target { return nil }

func (s succeedState) run(_ context.Context, v *visit) (outcome, error) {
	output, err := s.through(v)
	return outcome{output: output}, err
}
