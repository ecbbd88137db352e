package asl

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// waitState lets time pass.
type waitState struct {
	base
	transition
	dataflow
	duration time.Duration
	path     Path
	hasPath  bool
}

func parseWait(f *fields, b base) state {
	s := waitState{
		base:       b,
		transition: f.transition(),
		dataflow:   f.edges(),
		duration:   f.seconds("Seconds", 0),
		path:       f.path("SecondsPath"),
		hasPath:    f.has("SecondsPath"),
	}
	if s.hasPath == f.has("Seconds") {
		f.refuse("Seconds", "exactly one of Seconds and SecondsPath is needed")
	}
	return s
}

func (s waitState) run(ctx context.Context, v *visit) (outcome, error) {
	duration, err := s.wanted(v)
	if err != nil {
		return outcome{}, err
	}
	if v.run.env.Clock.Sleep(ctx, duration) != nil {
		return outcome{}, aborted(ctx)
	}
	output, err := s.through(v)
	return outcome{output: output, next: s.next}, err
}

func (s waitState) wanted(v *visit) (time.Duration, error) {
	if !s.hasPath {
		return s.duration, nil
	}
	input, err := v.selectPath("InputPath", s.inputPath, v.raw)
	if err != nil {
		return 0, err
	}
	value, err := s.path.eval(v.scope(input))
	if err != nil {
		return 0, v.located(err)
	}
	number, ok := value.(json.Number)
	if !ok {
		return 0, v.located(failf(ErrorRuntime, "SecondsPath gives %s, not a number", typeName(value)))
	}
	seconds, err := strconv.Atoi(number.String())
	if err != nil || seconds < 0 || seconds > maxSeconds {
		return 0, v.located(failf(ErrorRuntime, "SecondsPath gives %s, want 0 to %d", number, maxSeconds))
	}
	return time.Duration(seconds) * time.Second, nil
}
