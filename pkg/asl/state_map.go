package asl

import (
	"context"
	"encoding/json"
	"strconv"
	"sync/atomic"
)

// mapState runs its item processor once for every item: inline, as part of
// this execution, or distributed, as executions of their own.
type mapState struct {
	base
	transition
	handlers
	dataflow
	itemsPath      Path
	itemSelector   *template
	maxConcurrency int
	perInput       bool // the limit is in the input, at concurrencyAt
	concurrencyAt  Path
	processor      *flow
	distributed    *distributedMap
}

func parseMap(f *fields, b base) state {
	s := mapState{base: b, transition: f.transition(), handlers: f.handlers(), dataflow: f.edges()}
	s.itemsPath = f.path("ItemsPath")
	s.itemSelector = f.template("ItemSelector", true)
	s.resultSelector = f.template("ResultSelector", false)
	s.resultPath = f.resultPath()
	s.maxConcurrency = f.integer("MaxConcurrency", 0, 0)
	if s.perInput = f.has("MaxConcurrencyPath"); s.perInput && f.has("MaxConcurrency") {
		f.refuse("MaxConcurrencyPath", "stands beside MaxConcurrency")
	}
	s.concurrencyAt = f.path("MaxConcurrencyPath")
	processor := f.child("ItemProcessor")
	processor.text("Comment")
	mode, execution := "INLINE", ""
	if processor.has("ProcessorConfig") {
		config := processor.child("ProcessorConfig")
		mode = config.oneOf("Mode", "INLINE", "DISTRIBUTED")
		if mode == "DISTRIBUTED" {
			config.requiredText("ExecutionType")
			execution = config.oneOf("ExecutionType", "STANDARD", "EXPRESS")
		}
		config.done()
	}
	if mode == "DISTRIBUTED" {
		s.distributed = f.distributedMap(b, execution)
	}
	s.processor = f.parser.itemProcessor(processor, execution)
	processor.done()
	return s
}

// itemProcessor reads the states of a Map. Those of an EXPRESS child may not
// start map runs of their own.
func (p *parser) itemProcessor(f *fields, execution string) *flow {
	outer := p.express
	p.express = outer || execution == "EXPRESS"
	defer func() { p.express = outer }()
	return p.flow(f)
}

func (s mapState) targets() []target {
	return append(s.transition.targets(), s.handlers.targets()...)
}

func (s mapState) run(ctx context.Context, v *visit) (outcome, error) {
	return s.attempt(ctx, v, s.transition, func(ctx context.Context) (any, error) {
		input, err := s.effectiveInput(v)
		if err != nil {
			return nil, err
		}
		result, err := s.runItems(ctx, v, input)
		if err != nil {
			return nil, err
		}
		return s.output(v, result)
	})
}

// runItems runs the processor for all items and records how that ended.
func (s mapState) runItems(ctx context.Context, v *visit, input any) (any, error) {
	result, err := s.startItems(ctx, v, input)
	record := func(kind EventType) error {
		return v.run.recorder.add(v.thread, Event{Type: kind, State: s.name})
	}
	switch {
	case err == nil:
		return result, record(MapStateSucceeded)
	case isAborted(err):
		return nil, err
	default:
		return nil, orElse(record(MapStateFailed), err)
	}
}

func (s mapState) startItems(ctx context.Context, v *visit, input any) (any, error) {
	if s.distributed != nil {
		return s.runDistributed(ctx, v, input)
	}
	items, err := s.listItems(v, input)
	if err != nil {
		return nil, err
	}
	event := Event{Type: MapStateStarted, State: s.name, Length: len(items)}
	if err := v.run.recorder.add(v.thread, event); err != nil {
		return nil, err
	}
	return s.runInline(ctx, v, input, items)
}

// listItems selects the items in the state's own input.
func (s mapState) listItems(v *visit, input any) ([]any, error) {
	value, err := s.itemsPath.eval(v.scope(input))
	if err != nil {
		return nil, v.located(err)
	}
	items, ok := value.([]any)
	if !ok {
		return nil, v.located(failf(ErrorRuntime, "ItemsPath %s gives %s, not an array", s.itemsPath, typeName(value)))
	}
	return items, nil
}

// selectItem makes the input of one iteration.
func (s mapState) selectItem(v *visit, input any, index int, item any) (any, error) {
	if s.itemSelector == nil {
		return item, nil
	}
	value, err := s.itemSelector.eval(v.withItem(input, index, item))
	if err != nil {
		return nil, v.located(err)
	}
	return value, nil
}

// workers is how many iterations run at once.
func (s mapState) workers(v *visit, input any, items int) (int, error) {
	limit := s.maxConcurrency
	if s.perInput {
		value, err := s.concurrencyAt.eval(v.scope(input))
		if err != nil {
			return 0, v.located(err)
		}
		number, ok := value.(json.Number)
		if limit, err = strconv.Atoi(number.String()); !ok || err != nil || limit < 0 {
			return 0, v.located(failf(ErrorRuntime, "MaxConcurrencyPath %s gives %v, not a whole number from 0", s.concurrencyAt, value))
		}
	}
	workers := min(items, v.run.env.MapConcurrency)
	if limit > 0 {
		workers = min(workers, limit)
	}
	return workers, nil
}

// runInline runs the iterations as strands of this execution's history.
func (s mapState) runInline(ctx context.Context, v *visit, input any, items []any) (any, error) {
	workers, err := s.workers(v, input, len(items))
	if err != nil {
		return nil, err
	}
	outputs := make([]any, len(items))
	done := v.done
	v.done = nil // a retry repeats all of them
	var next atomic.Int64
	groupCtx, group := newGroup(ctx, v.thread)
	origin := v.thread.last
	for range workers {
		group.start(func(t *thread) error {
			for {
				index := int(next.Add(1)) - 1
				if index >= len(items) {
					return nil
				}
				if output, ok := done[index]; ok {
					outputs[index] = output
					continue
				}
				t.last = origin
				output, err := s.iterate(groupCtx, v, t, input, index, items[index])
				if err != nil {
					return err
				}
				outputs[index] = output
			}
		})
	}
	if err := group.wait(); err != nil {
		return nil, err
	}
	return outputs, nil
}

// iterate runs one iteration of an inline Map.
func (s mapState) iterate(
	ctx context.Context, v *visit, t *thread, input any, index int, item any,
) (any, error) {
	record := func(kind EventType) error {
		return v.run.recorder.add(t, Event{Type: kind, State: s.name, Index: index})
	}
	if ctx.Err() != nil {
		return nil, aborted(ctx)
	}
	if err := record(MapIterationStarted); err != nil {
		return nil, err
	}
	selected, err := s.selectItem(v, input, index, item)
	if err != nil {
		return nil, orElse(record(MapIterationFailed), err)
	}
	output, err := v.run.walkAll(ctx, t, s.processor, selected)
	switch {
	case err == nil:
		return output, orElse(record(MapIterationSucceeded), s.report(v, index, output))
	case isAborted(err):
		return nil, orElse(record(MapIterationAborted), err)
	default:
		return nil, orElse(record(MapIterationFailed), err)
	}
}

// report tells that an iteration of a state of the machine itself has ended.
func (s mapState) report(v *visit, index int, output any) error {
	if !v.top || v.run.env.DoneFunc == nil {
		return nil
	}
	data, err := encodeValue(output)
	if err == nil {
		v.run.env.DoneFunc(s.name, index, data)
	}
	return err
}
