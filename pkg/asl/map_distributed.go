package asl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
)

const (
	// maxLabel is the number of characters that a Label may have.
	maxLabel = 40
	// expressLimit is how long an EXPRESS child execution may run.
	expressLimit = 5 * time.Minute
)

// distributedMap is what a Map in DISTRIBUTED mode has beside the inline
// fields. See https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html.
type distributedMap struct {
	label   string
	express bool
	reader  *itemReader
	writer  *resultWriter
	// tolerated failures: a run fails when either number is exceeded.
	toleratedCount      int
	hasCount            bool
	toleratedPercentage float64
	hasPercentage       bool
}

func (f *fields) distributedMap(b base, execution string) *distributedMap {
	d := &distributedMap{
		label:               f.label(b.name),
		express:             execution == "EXPRESS",
		toleratedCount:      f.integer("ToleratedFailureCount", 0, 0),
		hasCount:            f.has("ToleratedFailureCount"),
		toleratedPercentage: f.float("ToleratedFailurePercentage", 0, 0, 100),
		hasPercentage:       f.has("ToleratedFailurePercentage"),
	}
	if f.parser.express {
		f.refuse("ItemProcessor.ProcessorConfig.Mode", "DISTRIBUTED can not stand within an EXPRESS child")
	}
	if f.has("ItemReader") {
		d.reader = f.child("ItemReader").itemReader()
		f.parser.needObjects = true
		if f.has("ItemsPath") {
			f.refuse("ItemsPath", "stands beside ItemReader")
		}
	}
	if f.has("ResultWriter") {
		d.writer = f.child("ResultWriter").resultWriter()
		f.parser.needObjects = true
	} else if d.toleratedCount > 0 || d.toleratedPercentage > 0 {
		// What the state's result then holds for a failed item is not documented.
		f.refuse("ResultWriter", "is missing; tolerated failures are only supported with one")
	}
	return d
}

// label reads Label, or makes one of the state's name.
func (f *fields) label(name string) string {
	illegal := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`?*<>{}[]:;,\|^~$#%&`+"`\"", r)
	}
	if !f.has("Label") {
		f.get("Label")
		legal := strings.Map(func(r rune) rune {
			if illegal(r) || r == '/' {
				return -1
			}
			return r
		}, name)
		runes := []rune(legal)
		return string(runes[:min(len(runes), maxLabel)])
	}
	label := f.requiredText("Label")
	if len([]rune(label)) > maxLabel || strings.ContainsFunc(label, illegal) {
		f.refuse("Label", "%q is longer than %d characters or has illegal ones", label, maxLabel)
	}
	return label
}

// mapRun is one run of a distributed Map while it runs.
type mapRun struct {
	state    mapState
	run      *run
	id       string
	arn      string
	inputs   []any
	children []*Execution

	mu     sync.Mutex
	counts MapRun
	first  string
}

// runDistributed starts one execution for every item and gathers the results.
func (s mapState) runDistributed(ctx context.Context, v *visit, input any) (any, error) {
	id := newID(v.run.env.Random)
	m := &mapRun{state: s, run: v.run, id: id}
	m.arn = relatedARN(v.run.start, "mapRun", s.distributed.label, id)
	record := func(event Event) error { return v.run.recorder.add(v.thread, event) }
	if err := record(Event{Type: MapStateStarted, State: s.name}); err != nil {
		return nil, err
	}
	if err := record(Event{Type: MapRunStarted, State: s.name, MapRunARN: m.arn}); err != nil {
		return nil, err
	}
	result, err := m.whole(ctx, v, input)
	event := Event{Type: MapRunSucceeded, State: s.name, MapRunARN: m.arn}
	switch failure, ok := errors.AsType[*TaskError](err); {
	case ok:
		event.Type, event.Error, event.Cause = MapRunFailed, failure.Name, failure.Cause
	case err != nil:
		event.Type = MapRunAborted
	}
	return result, orElse(record(event), err)
}

func (m *mapRun) whole(ctx context.Context, v *visit, input any) (any, error) {
	if err := m.prepare(ctx, v, input); err != nil {
		return nil, err
	}
	workers, err := m.state.workers(v, input, len(m.inputs))
	if err != nil {
		return nil, err
	}
	m.runChildren(ctx, workers)
	if ctx.Err() != nil {
		return nil, aborted(ctx)
	}
	written, err := m.write(ctx, v, input)
	if err != nil {
		return nil, err
	}
	if m.exceeded() {
		return nil, failf(ErrorThreshold, "%d of %d items failed, more than tolerated; the first: %s",
			m.counts.Failed, m.counts.Total, m.first)
	}
	if m.state.distributed.writer != nil {
		return written, nil
	}
	outputs := make([]any, len(m.children))
	for i, child := range m.children {
		if outputs[i], err = decodeValue(child.Output); err != nil {
			return nil, failf(ErrorRuntime, "output of item %d: %v", i, err)
		}
	}
	return outputs, nil
}

// prepare reads the items and makes the inputs of the children.
func (m *mapRun) prepare(ctx context.Context, v *visit, input any) error {
	var (
		items []any
		err   error
	)
	if reader := m.state.distributed.reader; reader != nil {
		items, err = reader.read(ctx, v, input)
	} else {
		items, err = m.state.listItems(v, input)
	}
	if err != nil {
		return err
	}
	m.inputs = make([]any, len(items))
	m.children = make([]*Execution, len(items))
	for i, item := range items {
		if m.inputs[i], err = m.state.selectItem(v, input, i, item); err != nil {
			return err
		}
	}
	m.counts = MapRun{ARN: m.arn, State: m.state.name, Total: len(items), Pending: len(items)}
	m.count(func(*MapRun) {})
	return nil
}

// runChildren works through the inputs until all are done, too many have
// failed, or ctx ends.
func (m *mapRun) runChildren(ctx context.Context, workers int) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(errThreshold)
	var (
		wg   sync.WaitGroup
		next atomic.Int64
	)
	for range workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				index := int(next.Add(1)) - 1
				if index >= len(m.inputs) {
					return
				}
				m.count(func(c *MapRun) { c.Pending--; c.Running++ })
				m.finish(index, m.child(ctx, index))
				if m.exceeded() {
					stop(errThreshold)
				}
			}
		})
	}
	wg.Wait()
}

// child runs one item as an execution with a history of its own.
func (m *mapRun) child(ctx context.Context, index int) *Execution {
	d := m.state.distributed
	name := newID(m.run.env.Random)
	child := &run{env: m.run.env, input: m.inputs[index]}
	child.env.EventFunc, child.env.NextFunc, child.env.DoneFunc = nil, nil, nil // for the machine itself
	child.start = Start{
		ID:          relatedARN(m.run.start, "execution", d.label, name),
		Name:        name,
		MachineID:   m.run.start.MachineID + "/" + d.label,
		MachineName: m.run.start.MachineName + "/" + d.label,
		RoleARN:     m.run.start.RoleARN,
	}
	child.recorder = &recorder{clock: m.run.env.Clock, limit: MaxEvents}
	limit := time.Duration(0)
	if d.express {
		child.recorder.limit, limit = 0, expressLimit
	}
	data, err := encodeLimited(m.inputs[index], fmt.Sprintf("input of item %d", index))
	if failure, ok := errors.AsType[*TaskError](err); ok {
		now := m.run.env.Clock.Now()
		return &Execution{
			ID: child.start.ID, Name: name, Status: Failed, Input: json.RawMessage("{}"),
			Error: failure.Name, Cause: failure.Cause, StartTime: now, StopTime: now,
		}
	}
	child.start.Input = data
	return child.execute(ctx, m.state.processor, m.state.processor.startAt, child.input, limit)
}

// finish files one child execution.
func (m *mapRun) finish(index int, child *Execution) {
	if m.run.env.ChildFunc != nil {
		m.run.env.ChildFunc(child)
	}
	m.count(func(c *MapRun) {
		m.children[index] = child
		c.Running--
		switch child.Status {
		case Succeeded:
			c.Succeeded++
		case Aborted:
			c.Aborted++
		default:
			c.Failed++
			if m.first == "" {
				m.first = fmt.Sprintf("item %d: %s: %s", index, child.Error, child.Cause)
			}
		}
	})
}

// count changes the counts and reports them, one change at a time.
func (m *mapRun) count(change func(*MapRun)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.counts)
	if m.run.env.MapRunFunc != nil {
		m.run.env.MapRunFunc(m.counts)
	}
}

// exceeded reports whether more items failed than the definition tolerates.
func (m *mapRun) exceeded() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, failed := m.state.distributed, m.counts.Failed
	if failed == 0 {
		return false
	}
	if !d.hasCount && !d.hasPercentage {
		return true
	}
	percentage := 100 * float64(failed) / float64(m.counts.Total)
	return (d.hasCount && failed > d.toleratedCount) || (d.hasPercentage && percentage > d.toleratedPercentage)
}

// relatedARN makes the ARN of something that belongs to an execution of a
// machine: arn:aws:states:region:account:<kind>:machine/label:id.
func relatedARN(start Start, kind, label, id string) string {
	prefix, _, ok := strings.Cut(start.ID, ":execution:")
	if !ok {
		return fmt.Sprintf("%s:%s/%s:%s", start.ID, kind, label, id)
	}
	return fmt.Sprintf("%s:%s:%s/%s:%s", prefix, kind, start.MachineName, label, id)
}

// newID makes an identifier of the form of a random UUID.
func newID(random func() uint64) string {
	high := random()&^0xf000 | 0x4000
	low := random()&^(3<<62) | 1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x",
		high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}
