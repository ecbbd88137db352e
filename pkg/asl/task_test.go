package asl_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

func TestTask_history(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{`+taskHead+`,"ResultSelector":{"got.$":"$.Payload.n"},"ResultPath":"$.a","Next":"B"},`+
		`"B":{"Type":"Succeed"}`)
	execution := run(t, machine, asl.Environment{Clock: instant{}}, `{"n":1}`)
	want := []string{
		`1<0 ExecutionStarted {"n":1}`,
		`2<0 TaskStateEntered A {"n":1}`,
		`3<2 TaskScheduled {"FunctionName":"echo","Payload":{"n":1}}`,
		`4<3 TaskStarted`,
		`5<4 TaskSucceeded {"ExecutedVersion":"$LATEST","Payload":{"n":1},"StatusCode":200}`,
		`6<5 TaskStateExited A {"a":{"got":1},"n":1}`,
		`7<6 SucceedStateEntered B {"a":{"got":1},"n":1}`,
		`8<7 SucceedStateExited B {"a":{"got":1},"n":1}`,
		`9<8 ExecutionSucceeded {"a":{"got":1},"n":1}`,
	}
	if diff := cmp.Diff(want, summary(execution)); diff != "" {
		t.Errorf("history mismatch (-want +got):\n%s", diff)
	}
}

func TestTask_data(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fields string
		want   string
	}{
		"the whole result": {`"ResultPath":"$"`, `{"ExecutedVersion":"$LATEST","Payload":{"i":{"n":1},` +
			`"k":2},"StatusCode":200}`},
		"a part of the result": {`"ResultSelector":{"x.$":"$.Payload.k"}`, `{"x":2}`},
		"a result beside the input": {`"ResultSelector":{"x.$":"$.Payload.k"},` +
			`"ResultPath":"$.r.s"`, `{"i":{"n":1},"k":2,"r":{"s":{"x":2}}}`},
		"no result":            {`"ResultPath":null`, `{"i":{"n":1},"k":2}`},
		"no output":            {`"OutputPath":null`, `{}`},
		"a part of the output": {`"ResultPath":null,"OutputPath":"$.i"`, `{"n":1}`},
		"a part of the input":  {`"InputPath":"$.i","OutputPath":"$.Payload"`, `{"n":1}`},
		"no input":             {`"InputPath":null,"OutputPath":"$.Payload"`, `{}`},
		"a result beside raw input": {`"InputPath":"$.i","ResultSelector":{"x.$":"$.Payload.n"},` +
			`"ResultPath":"$.r"`, `{"i":{"n":1},"k":2,"r":{"x":1}}`},
		"the context":                {`"OutputPath":"$$.StateMachine.Name"`, `"nightly"`},
		"the context in a selection": {`"ResultSelector":{"x.$":"$$.Execution.RoleArn"}`, `{"x":"arn:aws:iam::123456789012:role/nightly"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{`+taskHead+`,"End":true,`+tt.fields+`}`)
			wantOutput(t, run(t, machine, asl.Environment{Clock: instant{}}, `{"i":{"n":1},"k":2}`), tt.want)
		})
	}
}

func TestTask_fails(t *testing.T) {
	t.Parallel()

	large := `"` + strings.Repeat("é", asl.MaxPayload/2) + `"`
	tests := map[string]struct {
		fields   string
		function func(context.Context, []byte) ([]byte, error)
		name     string
		cause    string
	}{
		"a function's error":        {``, raises("Corrupt", "bad line"), "Corrupt", "bad line"},
		"an error without a name":   {``, func(context.Context, []byte) ([]byte, error) { return nil, errors.New("broken pipe") }, "Lambda.Unknown", "broken pipe"},
		"a result that is not JSON": {``, returns(`{`), asl.ErrorRuntime, "not JSON"},
		"an empty result":           {``, returns(``), asl.ErrorRuntime, "not JSON"},
		"a great result":            {``, returns(large), asl.ErrorDataLimit, "262"},
		"a great output": {`,"ResultSelector":{"a.$":"$.Payload",` +
			`"b.$":"$.Payload"}`, returns(large[:200_000] + `"`), asl.ErrorDataLimit, "output"},
		"a selection of nothing": {`,"ResultSelector":{"a.$":"$.Payload.a"}`, returns(`{}`), asl.ErrorRuntime, "$.Payload.a"},
		"an input of nothing":    {`,"InputPath":"$.a"`, returns(`{}`), asl.ErrorRuntime, "InputPath $.a"},
		"an output of nothing":   {`,"OutputPath":"$.a"`, returns(`{}`), asl.ErrorRuntime, "OutputPath $.a"},
		"a result with no place": {`,"ResultPath":"$.n.x"`, returns(`{}`), asl.ErrorResultPath, "$.n.x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{`+taskHead+`,"End":true`+tt.fields+`}`)
			env := asl.Environment{Clock: instant{}, Invoker: functions{"echo": tt.function}}
			wantFailure(t, run(t, machine, env, `{"n":1}`), asl.Failed, tt.name, tt.cause)
		})
	}
}

func TestTask_computedFunctionName(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,`+
		`"Parameters":{"FunctionName.$":"$.f","Payload":{}},"OutputPath":"$.Payload"}`)
	env := asl.Environment{Clock: instant{}, Invoker: functions{"x": returns("1")}}
	wantOutput(t, run(t, machine, env, `{"f":"x"}`), `1`)
	wantFailure(t, run(t, machine, env, `{"f":"y"}`), asl.Failed, "Lambda.ResourceNotFoundException", "no function y")
	wantFailure(t, run(t, machine, env, `{"f":1}`), asl.Failed, asl.ErrorRuntime, "FunctionName")
}

// until returns a function that fails with an error until it was called often
// enough, and the times of its calls since the first.
func until(calls int, name string) (functions, *[]time.Duration) {
	var (
		first time.Time
		times []time.Duration
	)
	return functions{"echo": func(_ context.Context, payload []byte) ([]byte, error) {
		if first.IsZero() {
			first = time.Now()
		}
		times = append(times, time.Since(first))
		if len(times) < calls {
			return nil, &asl.TaskError{Name: name, Cause: fmt.Sprint("call ", len(times))}
		}
		return payload, nil
	}}, &times
}

func seconds(counts ...float64) []time.Duration {
	times := make([]time.Duration, len(counts))
	for i, count := range counts {
		times[i] = time.Duration(count * float64(time.Second))
	}
	return times
}

func TestRetry_times(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		retrier string
		want    []time.Duration
	}{
		"the defaults":        {``, seconds(0, 1, 3, 7)},
		"a constant interval": {`,"IntervalSeconds":5,"BackoffRate":1,"MaxAttempts":4`, seconds(0, 5, 10, 15, 20)},
		"a limited delay": {`,"IntervalSeconds":10,"BackoffRate":3,"MaxAttempts":4,` +
			`"MaxDelaySeconds":50`, seconds(0, 10, 40, 90, 140)},
		"a fraction":         {`,"IntervalSeconds":2,"BackoffRate":1.5,"MaxAttempts":2`, seconds(0, 2, 5)},
		"half of the jitter": {`,"IntervalSeconds":8,"MaxAttempts":2,"JitterStrategy":"FULL"`, seconds(0, 4, 12)},
		"no attempt":         {`,"MaxAttempts":0`, seconds(0)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				machine := parse(t, `"A":{`+taskHead+`,"End":true,`+
					`"Retry":[{"ErrorEquals":["Transient"]`+tt.retrier+`}]}`)
				invoker, times := until(100, "Transient")
				// A machine that is executed twice starts with all its attempts.
				for range 2 {
					*times = nil
					env := asl.Environment{Invoker: invoker, Random: func() uint64 { return 1 << 63 }}
					start := time.Now()
					wantFailure(t, run(t, machine, env, `{}`), asl.Failed, "Transient", fmt.Sprint("call ", len(tt.want)))
					got := slices.Clone(*times)
					first := got[0]
					for i := range got {
						got[i] -= first
					}
					if diff := cmp.Diff(tt.want, got); diff != "" {
						t.Errorf("calls mismatch (-want +got):\n%s", diff)
					}
					if got, want := time.Since(start), tt.want[len(tt.want)-1]; got != want {
						t.Errorf("execution took %v, want %v", got, want)
					}
				}
			})
		})
	}
}

func TestRetry_countsForEachRetrier(t *testing.T) {
	t.Parallel()

	calls := 0
	names := []string{"X", "Y", "X", "Y", "X"}
	invoker := functions{"echo": func(_ context.Context, payload []byte) ([]byte, error) {
		calls++
		return nil, &asl.TaskError{Name: names[calls-1], Cause: string(payload)}
	}}
	machine := parse(t, `"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,`+
		`"Parameters":{"FunctionName":"echo","Payload.$":"$$.State.RetryCount"},`+
		`"Retry":[{"ErrorEquals":["X"],"MaxAttempts":2},{"ErrorEquals":["States.ALL"],"MaxAttempts":5}]}`)
	execution := run(t, machine, asl.Environment{Invoker: invoker, Clock: instant{}}, `{}`)
	// X is retried twice and not handed on to the retrier behind, which covers it too.
	wantFailure(t, execution, asl.Failed, "X", "4")
	if calls != len(names) {
		t.Errorf("%d calls, want %d", calls, len(names))
	}
}

func TestRetry_startsAfreshOnReentry(t *testing.T) {
	t.Parallel()

	// Each visit fails once and is retried; the loop visits the state three times.
	visits := 0
	invoker := functions{"echo": func(_ context.Context, payload []byte) ([]byte, error) {
		visits++
		if visits%2 == 1 {
			return nil, &asl.TaskError{Name: "X"}
		}
		return fmt.Append(nil, visits/2), nil
	}}
	machine := parse(t, `"A":{`+taskHead+`,"OutputPath":"$.Payload","Next":"B","Retry":[{"ErrorEquals":["X"],`+
		`"MaxAttempts":1}]},`+
		`"B":{"Type":"Choice","Choices":[{"Variable":"$","NumericLessThan":3,"Next":"A"}],"Default":"C"},"C":`+pass)
	execution := run(t, machine, asl.Environment{Invoker: invoker, Clock: instant{}}, `{}`)
	wantOutput(t, execution, `3`)
	if got := strings.Join(execution.Path(), ""); got != "ABABABC" {
		t.Errorf("Path() = %s", got)
	}
}

func TestErrorEquals(t *testing.T) {
	t.Parallel()

	runtime := `,"ResultSelector":{"x.$":"$.missing"}`
	tests := map[string]struct {
		names  string
		fields string
		raised string
		caught bool
	}{
		"its own name":                    {`"Corrupt"`, ``, "Corrupt", true},
		"one of several":                  {`"Invalid","Corrupt"`, ``, "Corrupt", true},
		"another name":                    {`"Invalid"`, ``, "Corrupt", false},
		"ALL":                             {`"States.ALL"`, ``, "Corrupt", true},
		"TaskFailed":                      {`"States.TaskFailed"`, ``, "Corrupt", true},
		"a time-out as ALL":               {`"States.ALL"`, ``, asl.ErrorTimeout, true},
		"a time-out as TaskFailed":        {`"States.TaskFailed"`, ``, asl.ErrorTimeout, false},
		"a time-out by name":              {`"States.Timeout"`, ``, asl.ErrorTimeout, true},
		"too much data as ALL":            {`"States.ALL"`, ``, asl.ErrorDataLimit, false},
		"too much data as TaskFailed":     {`"States.TaskFailed"`, ``, asl.ErrorDataLimit, false},
		"too much data by name":           {`"States.DataLimitExceeded"`, ``, asl.ErrorDataLimit, true},
		"a path to nothing as ALL":        {`"States.ALL"`, runtime, "", false},
		"a path to nothing as TaskFailed": {`"States.TaskFailed"`, runtime, "", false},
		"a path to nothing by name":       {`"States.Runtime"`, runtime, "", true},
		"a result with no place as ALL":   {`"States.ALL"`, `,"ResultPath":"$.n.x"`, "", true},
		"a failing function in a selection": {`"States.IntrinsicFailure"`, `,` +
			`"ResultSelector":{"x.$":"States.ArrayLength($)"}`, "", true},
		"a name that looks like a wildcard":  {`"Lambda.*"`, ``, "Lambda.Unknown", false},
		"a name of Lambda, spelt in another": {`"corrupt"`, ``, "Corrupt", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{`+taskHead+tt.fields+`,"Next":"B",`+
				`"Catch":[{"ErrorEquals":[`+tt.names+`],"ResultPath":"$.e","Next":"C"}]},"B":`+pass+`,"C":`+pass)
			function := raises(tt.raised, "cause")
			if tt.raised == "" {
				function = returns(`{}`)
			}
			execution := run(t, machine, asl.Environment{Clock: instant{}, Invoker: functions{"echo": function}}, `{"n":1}`)
			if got := execution.Status == asl.Succeeded; got != tt.caught {
				t.Errorf("caught = %v, want %v: %s: %s", got, tt.caught, execution.Error, execution.Cause)
			}
		})
	}
}

func TestCatch_output(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fields string
		want   string
	}{
		"alone by default": {``, `{"Cause":"bad line","Error":"Corrupt"}`},
		"beside the raw input": {`,"ResultPath":"$.error"`, `{"error":{"Cause":"bad line",` +
			`"Error":"Corrupt"},"in":{"n":1}}`},
		"dropped": {`,"ResultPath":null`, `{"in":{"n":1}}`},
		"in a place that is absent": {`,"ResultPath":"$.a.b"`, `{"a":{"b":{"Cause":"bad line",` +
			`"Error":"Corrupt"}},"in":{"n":1}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{`+taskHead+`,"InputPath":"$.in","OutputPath":"$.in","End":true,"Catch":[`+
				`{"ErrorEquals":["Invalid"],"Next":"C"},{"ErrorEquals":["States.ALL"]`+tt.fields+`,"Next":"B"}]},`+
				`"B":`+pass+`,"C":{"Type":"Fail"}`)
			env := asl.Environment{Clock: instant{}, Invoker: functions{"echo": raises("Corrupt", "bad line")}}
			wantOutput(t, run(t, machine, env, `{"in":{"n":1}}`), tt.want)
		})
	}
}

func TestCatch_history(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{`+taskHead+`,"End":true,"Retry":[{"ErrorEquals":["X"],"MaxAttempts":1}],`+
		`"Catch":[{"ErrorEquals":["X"],"Next":"B"}]},"B":{"Type":"Fail","Error":"Y","CausePath":"$.Cause"}`)
	env := asl.Environment{Clock: instant{}, Invoker: functions{"echo": raises("X", "why")}}
	want := []string{
		`1<0 ExecutionStarted {}`,
		`2<0 TaskStateEntered A {}`,
		`3<2 TaskScheduled {"FunctionName":"echo","Payload":{}}`,
		`4<3 TaskStarted`,
		`5<4 TaskFailed X why`,
		`6<5 TaskScheduled {"FunctionName":"echo","Payload":{}}`,
		`7<6 TaskStarted`,
		`8<7 TaskFailed X why`,
		`9<8 TaskStateExited A {"Cause":"why","Error":"X"}`,
		`10<9 FailStateEntered B {"Cause":"why","Error":"X"}`,
		`11<10 ExecutionFailed Y why`,
	}
	if diff := cmp.Diff(want, summary(run(t, machine, env, `{}`))); diff != "" {
		t.Errorf("history mismatch (-want +got):\n%s", diff)
	}
}

// stuck is a function that ends only with its context.
func stuck(ctx context.Context, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestTask_timeLimit(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		machine := parse(t, `"A":{`+taskHead+`,"TimeoutSeconds":30,"End":true,`+
			`"Retry":[{"ErrorEquals":["States.Timeout"],"MaxAttempts":1,"IntervalSeconds":10}],`+
			`"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"B"}]},"B":`+pass)
		start := time.Now()
		execution := run(t, machine, asl.Environment{Invoker: functions{"echo": stuck}}, `{}`)
		wantOutput(t, execution, `{"Cause":"state \"A\" ran longer than 30s","Error":"States.Timeout"}`)
		if got := time.Since(start); got != 70*time.Second {
			t.Errorf("execution took %v, want 70s", got)
		}
		if got := execution.Events[4].Type; got != asl.TaskTimedOut {
			t.Errorf("event 5 is %v, want %v", got, asl.TaskTimedOut)
		}
		if got := execution.Events[2].TimeLimit; got != 30*time.Second {
			t.Errorf("TimeLimit of event 3 is %v, want 30s", got)
		}
	})
}

func TestTask_withinItsLimit(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		machine := parse(t, `"A":{`+taskHead+`,"TimeoutSeconds":30,"OutputPath":"$.Payload","End":true}`)
		slow := func(ctx context.Context, _ []byte) ([]byte, error) {
			return []byte(`"done"`), wallClock{}.Sleep(ctx, 29*time.Second)
		}
		wantOutput(t, run(t, machine, asl.Environment{Invoker: functions{"echo": slow}}, `{}`), `"done"`)
	})
}
