package asl

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// handlers are the Retry and Catch fields of a state.
type handlers struct {
	retriers []retrier
	catchers []catcher
}

// retrier is one entry of Retry.
type retrier struct {
	names       []string
	interval    time.Duration
	maxAttempts int
	backoff     float64
	maxDelay    time.Duration
	fullJitter  bool
}

// catcher is one entry of Catch.
type catcher struct {
	names      []string
	next       string
	resultPath dataPath
}

// matchable are the names starting with "States." that ErrorEquals may hold.
// The service has more; these are the ones that a definition of the supported
// subset can meet.
func matchable() []string {
	return []string{
		ErrorAll, ErrorTaskFailed, ErrorTimeout, ErrorDataLimit, ErrorRuntime, ErrorResultPath,
		ErrorNoChoice, ErrorIntrinsic, ErrorThreshold, ErrorItemReader, ErrorResultWriter,
		errorHeartbeat, errorPermissions,
	}
}

func (f *fields) handlers() handlers {
	var h handlers
	retry := f.elements("Retry")
	for i, entry := range retry {
		h.retriers = append(h.retriers, entry.retrier(i == len(retry)-1))
	}
	catch := f.elements("Catch")
	for i, entry := range catch {
		h.catchers = append(h.catchers, catcher{
			names:      entry.errorEquals(i == len(catch)-1),
			next:       entry.requiredText("Next"),
			resultPath: entry.resultPath(),
		})
		entry.text("Comment")
		entry.done()
	}
	return h
}

func (f *fields) retrier(last bool) retrier {
	r := retrier{
		names:       f.errorEquals(last),
		interval:    time.Second,
		maxAttempts: f.integer("MaxAttempts", 3, 0),
		backoff:     f.float("BackoffRate", 2, 1, math.MaxFloat64),
		maxDelay:    f.seconds("MaxDelaySeconds", 1),
		fullJitter:  f.oneOf("JitterStrategy", "NONE", "FULL") == "FULL",
	}
	if interval := f.seconds("IntervalSeconds", 1); interval > 0 {
		r.interval = interval
	}
	f.text("Comment")
	f.done()
	return r
}

func (f *fields) errorEquals(last bool) []string {
	var names []string
	for i, value := range f.list("ErrorEquals") {
		name, ok := value.(string)
		if !ok {
			f.refuse(fmt.Sprintf("ErrorEquals[%d]", i), "is %s, want a string", typeName(value))
		} else if strings.HasPrefix(name, "States.") && !slices.Contains(matchable(), name) {
			f.refuse("ErrorEquals", "%q is not a supported error name", name)
		}
		names = append(names, name)
	}
	if len(names) == 0 && f.values != nil {
		f.refuse("ErrorEquals", "is missing or empty")
	}
	if slices.Contains(names, ErrorAll) && (len(names) > 1 || !last) {
		f.refuse("ErrorEquals", "%s must stand alone and in the last entry", ErrorAll)
	}
	return names
}

func (h handlers) targets() []target {
	var targets []target
	for i, c := range h.catchers {
		targets = append(targets, target{field: fmt.Sprintf("Catch[%d].Next", i), name: c.next})
	}
	return targets
}

// matches reports whether an ErrorEquals list covers an error.
func matches(names []string, name string) bool {
	terminal := name == ErrorRuntime || name == ErrorDataLimit
	for _, pattern := range names {
		switch {
		case pattern == name,
			pattern == ErrorAll && !terminal,
			pattern == ErrorTaskFailed && !terminal && name != ErrorTimeout:
			return true
		}
	}
	return false
}

// delay is the wait before retry number attempt, counted from 0.
func (r retrier) delay(attempt int, random func() uint64) time.Duration {
	longest := float64(maxSeconds * time.Second)
	if r.maxDelay > 0 {
		longest = float64(r.maxDelay)
	}
	delay := min(float64(r.interval)*math.Pow(r.backoff, float64(attempt)), longest)
	if r.fullJitter {
		// The top 53 bits make a fraction in [0, 1).
		delay *= float64(random()>>11) / (1 << 53)
	}
	return time.Duration(delay)
}

// attempt runs work until it succeeds, no retrier covers its error, or their
// attempts are spent; then the first catcher that covers the error decides
// where to go. work returns the state's output.
func (h handlers) attempt(
	ctx context.Context, v *visit, next transition, work func(context.Context) (any, error),
) (outcome, error) {
	spent := make([]int, len(h.retriers))
	for {
		output, err := work(ctx)
		if err == nil {
			return outcome{output: output, next: next.next}, nil
		}
		failure, ok := errors.AsType[*TaskError](err)
		if !ok {
			return outcome{}, err
		}
		index := slices.IndexFunc(h.retriers, func(r retrier) bool { return matches(r.names, failure.Name) })
		if index < 0 || spent[index] >= h.retriers[index].maxAttempts {
			return h.catch(v, failure)
		}
		delay := h.retriers[index].delay(spent[index], v.run.env.Random)
		spent[index]++
		v.run.env.mark(Mark{State: v.state.name, Field: "Retry", Index: index})
		v.retries++
		if v.run.env.Clock.Sleep(ctx, delay) != nil {
			return outcome{}, aborted(ctx)
		}
	}
}

func (h handlers) catch(v *visit, failure *TaskError) (outcome, error) {
	for i, c := range h.catchers {
		if !matches(c.names, failure.Name) {
			continue
		}
		v.run.env.mark(Mark{State: v.state.name, Field: "Catch", Index: i})
		output, err := v.place(c.resultPath, map[string]any{"Error": failure.Name, "Cause": failure.Cause})
		if err != nil {
			return outcome{}, err
		}
		return outcome{output: output, next: c.next}, nil
	}
	return outcome{}, failure
}
