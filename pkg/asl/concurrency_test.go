package asl_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// task is a Task state that ends its flow and calls a function.
func task(name, function, more string) string {
	return `"` + name + `":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,` +
		`"Parameters":{"FunctionName":"` + function + `","Payload.$":"$"},"OutputPath":"$.Payload"` + more + `}`
}

func branch(name, function, more string) string {
	return `{"StartAt":"` + name + `","States":{` + task(name, function, more) + `}}`
}

func TestParallel(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		// The outputs keep the order of the branches, whichever ends first.
		after := func(d time.Duration, result string) func(context.Context, []byte) ([]byte, error) {
			return func(ctx context.Context, _ []byte) ([]byte, error) { return []byte(result), wallClock{}.Sleep(ctx, d) }
		}
		machine := parse(t, `"A":{"Type":"Parallel","Parameters":{"in.$":"$.n"},"ResultSelector":{"all.$":"$",`+
			`"second.$":"$[1]"},`+
			`"ResultPath":"$.r","End":true,"Branches":[`+branch("B", "slow", "")+`,`+branch("C", "fast", "")+`,`+
			``+branch("D", "echo", "")+`]}`)
		env := asl.Environment{Invoker: functions{"slow": after(9*time.Second, "1"), "fast": after(time.Second, "2"), "echo": echo}}
		execution := run(t, machine, env, `{"n":0}`)
		wantOutput(t, execution, `{"n":0,"r":{"all":[1,2,{"in":0}],"second":2}}`)
		if got := execution.StopTime.Sub(execution.StartTime); got != 9*time.Second {
			t.Errorf("execution took %v, want 9s", got)
		}
	})
}

func TestParallel_failure(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		machine := parse(t, `"A":{"Type":"Parallel","End":true,"Branches":[`+branch("B", "stuck", "")+`,`+
			``+branch("C", "bad", "")+`],`+
			`"Retry":[{"ErrorEquals":["Corrupt"],"MaxAttempts":1,"IntervalSeconds":4}],`+
			`"Catch":[{"ErrorEquals":["Corrupt"],"ResultPath":"$.e","Next":"Z"}]},"Z":`+pass)
		env := asl.Environment{Invoker: functions{"stuck": stuck, "bad": func(ctx context.Context, _ []byte) ([]byte, error) {
			if err := (wallClock{}).Sleep(ctx, time.Second); err != nil {
				return nil, err
			}
			return nil, &asl.TaskError{Name: "Corrupt", Cause: "bad line"}
		}}}
		execution := run(t, machine, env, `{}`)
		wantOutput(t, execution, `{"e":{"Cause":"bad line","Error":"Corrupt"}}`)
		if got := execution.StopTime.Sub(execution.StartTime); got != 6*time.Second {
			t.Errorf("execution took %v, want twice a second and a pause of 4s", got)
		}
		counts := map[asl.EventType]int{}
		for _, event := range execution.Events {
			counts[event.Type]++
		}
		for kind, want := range map[asl.EventType]int{
			asl.ParallelStateStarted: 2, asl.ParallelStateFailed: 2, asl.ParallelStateSucceeded: 0,
			asl.TaskFailed: 2, "TaskStateAborted": 2, "ParallelStateExited": 1,
		} {
			if counts[kind] != want {
				t.Errorf("%d events %s, want %d", counts[kind], kind, want)
			}
		}
	})
}

func TestParallel_history(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Parallel","Next":"Z","Branches":[{`+inner+`}]},"Z":{"Type":"Succeed"}`)
	want := []string{
		"1<0 ExecutionStarted 1",
		"2<0 ParallelStateEntered A 1",
		"3<2 ParallelStateStarted A",
		"4<3 PassStateEntered I 1",
		"5<4 PassStateExited I 1",
		"6<5 ParallelStateSucceeded A",
		"7<6 ParallelStateExited A [1]",
		"8<7 SucceedStateEntered Z [1]",
		"9<8 SucceedStateExited Z [1]",
		"10<9 ExecutionSucceeded [1]",
	}
	if diff := cmp.Diff(want, summary(run(t, machine, asl.Environment{Clock: instant{}}, `1`))); diff != "" {
		t.Errorf("history mismatch (-want +got):\n%s", diff)
	}
}

// TestParallel_noChoice shows an error of a branch's Choice reaching the Catch
// of the Parallel state.
func TestParallel_noChoice(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Parallel","End":true,"Catch":[{"ErrorEquals":["States.NoChoiceMatched"],`+
		`"ResultPath":null,"Next":"Z"}],`+
		`"Branches":[{"StartAt":"B","States":{"B":{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,`+
		`"Next":"C"}]},"C":`+pass+`}}]},"Z":`+pass)
	wantOutput(t, run(t, machine, asl.Environment{Clock: instant{}}, `1`), `1`)
}

func TestMap_inline(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fields string
		want   string
	}{
		"the items themselves": {`"ItemsPath":"$.l"`, `[10,11,12]`},
		"a selection": {
			`"ItemsPath":"$.l","ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","k.$":"$.k",` +
				`"run.$":"$$.Execution.Name"}`,
			`[{"i":0,"k":"x","run":"run-1","v":10},{"i":1,"k":"x","run":"run-1","v":11},{"i":2,"k":"x",` +
				`"run":"run-1","v":12}]`,
		},
		"no items":            {`"ItemsPath":"$.none"`, `[]`},
		"a part of the input": {`"InputPath":"$.in","ItemsPath":"$.m"`, `[1]`},
		"a selected result": {`"ItemsPath":"$.l","ResultSelector":{"first.$":"$[0]"},` +
			`"ResultPath":"$.in"`, `{"in":{"first":10},"k":"x","l":[10,11,12],"none":[]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{"Type":"Map","End":true,`+tt.fields+`,"ItemProcessor":{`+inner+`}}`)
			wantOutput(t, run(t, machine, asl.Environment{Clock: instant{}}, `{"l":[10,11,12],"k":"x","none":[],`+
				`"in":{"m":[1]}}`), tt.want)
		})
	}
}

func TestMap_inlineHistory(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Map","MaxConcurrency":1,"End":true,"ItemProcessor":{`+inner+`}}`)
	want := []string{
		"1<0 ExecutionStarted [7,8]",
		"2<0 MapStateEntered A [7,8]",
		"3<2 MapStateStarted A",
		"4<3 MapIterationStarted A",
		"5<4 PassStateEntered I 7",
		"6<5 PassStateExited I 7",
		"7<6 MapIterationSucceeded A",
		"8<3 MapIterationStarted A",
		"9<8 PassStateEntered I 8",
		"10<9 PassStateExited I 8",
		"11<10 MapIterationSucceeded A",
		"12<11 MapStateSucceeded A",
		"13<12 MapStateExited A [7,8]",
		"14<13 ExecutionSucceeded [7,8]",
	}
	execution := run(t, machine, asl.Environment{Clock: instant{}}, `[7,8]`)
	if diff := cmp.Diff(want, summary(execution)); diff != "" {
		t.Errorf("history mismatch (-want +got):\n%s", diff)
	}
	if got := execution.Events[2].Length; got != 2 {
		t.Errorf("Length = %d, want 2", got)
	}
	if got := execution.Events[7].Index; got != 1 {
		t.Errorf("Index = %d, want 1", got)
	}
}

func TestMap_fails(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fields string
		name   string
		cause  string
	}{
		"no items":               {`"ItemsPath":"$.q"`, asl.ErrorRuntime, "$.q"},
		"items that are no list": {`"ItemsPath":"$.o"`, asl.ErrorRuntime, "an object, not an array"},
		"a selection of nothing": {`"ItemsPath":"$.l",` +
			`"ItemSelector":{"x.$":"$$.Map.Item.Value.q"}`, asl.ErrorRuntime, "Value.q"},
		"a failing item": {`"ItemsPath":"$.l"`, "Corrupt", "item 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{"Type":"Map","End":true,"MaxConcurrency":1,`+tt.fields+`,`+
				`"ItemProcessor":`+branch("B", "f", "")+`}`)
			env := asl.Environment{Clock: instant{}, Invoker: functions{"f": func(_ context.Context, payload []byte) ([]byte, error) {
				if string(payload) == "1" {
					return nil, &asl.TaskError{Name: "Corrupt", Cause: "item 1"}
				}
				return payload, nil
			}}}
			execution := run(t, machine, env, `{"l":[0,1,2],"o":{}}`)
			wantFailure(t, execution, asl.Failed, tt.name, tt.cause)
			wanted := `MapStateFailed A`
			if got := summary(execution)[len(execution.Events)-2]; !strings.HasSuffix(got, wanted) {
				t.Errorf("event before the last is %q, want %q", got, wanted)
			}
			for _, event := range execution.Events {
				if event.Type == asl.MapIterationStarted && event.Index == 2 {
					t.Error("item 2 was started after item 1 had failed")
				}
			}
		})
	}
}

func TestMap_concurrency(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		field       string
		environment int
		want        int64
	}{
		"the state's limit":                    {`"MaxConcurrency":3,`, 10, 3},
		"the environment's limit":              {`"MaxConcurrency":300,`, 5, 5},
		"the environment's limit without one":  {``, 6, 6},
		"the default limit":                    {``, 0, 8},
		"as many as there are items, at most":  {``, 1000, 20},
		"one after the other":                  {`"MaxConcurrency":1,`, 10, 1},
		"zero is no limit but the environment": {`"MaxConcurrency":0,`, 4, 4},
		"a limit that the input says":          {`"MaxConcurrencyPath":"$[2]",`, 10, 3},
	}
	for name, tt := range tests {
		for _, mode := range []string{`{"Mode":"INLINE"}`, `{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}`} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()

				synctest.Test(t, func(t *testing.T) {
					var now, most atomic.Int64
					env := asl.Environment{MapConcurrency: tt.environment, Invoker: functions{"f": func(ctx context.Context, payload []byte) ([]byte, error) {
						running := now.Add(1)
						defer now.Add(-1)
						for seen := most.Load(); running > seen && !most.CompareAndSwap(seen, running); seen = most.Load() {
						}
						return payload, wallClock{}.Sleep(ctx, time.Second)
					}}}
					machine := parse(t, `"A":{"Type":"Map","End":true,`+
						``+tt.field+`"ItemProcessor":{"ProcessorConfig":`+mode+`,`+
						`"StartAt":"B","States":{`+task("B", "f", "")+`}}}`)
					items := strings.Trim(strings.Repeat("3,", 20), ",")
					wantOutput(t, run(t, machine, env, `[`+items+`]`), `[`+items+`]`)
					if got := most.Load(); got != tt.want {
						t.Errorf("%d iterations at once, want %d", got, tt.want)
					}
				})
			})
		}
	}
}

func TestMap_concurrencyThatIsNone(t *testing.T) {
	t.Parallel()

	for _, limit := range []string{`"3"`, `-1`, `1.5`, `null`, `1e1000`} {
		machine := parse(t, `"A":{"Type":"Map","End":true,"ItemsPath":"$.items","MaxConcurrencyPath":"$.limit",`+
			`"ItemProcessor":{"StartAt":"B","States":{`+task("B", "echo", "")+`}}}`)
		execution := run(t, machine, asl.Environment{Clock: instant{}}, `{"items":[1],"limit":`+limit+`}`)
		wantFailure(t, execution, asl.Failed, asl.ErrorRuntime, "not a whole number from 0")
	}
	machine := parse(t, `"A":{"Type":"Map","End":true,"ItemsPath":"$.items","MaxConcurrencyPath":"$.limit",`+
		`"ItemProcessor":{"StartAt":"B","States":{`+task("B", "echo", "")+`}}}`)
	wantFailure(t, run(t, machine, asl.Environment{Clock: instant{}}, `{"items":[1]}`), asl.Failed, asl.ErrorRuntime, "$.limit")
}

// TestRun_race runs one machine many times at once with nested concurrency;
// the race detector does the checking.
func TestRun_race(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Parallel","End":true,"Branches":[`+
		branch("B", "flaky", `,"Retry":[{"ErrorEquals":["X"],"JitterStrategy":"FULL"}]`)+`,`+
		`{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.l","End":true,`+
		`"ItemProcessor":`+branch("C", "echo", "")+`}}},`+
		`{"StartAt":"D","States":{"D":{"Type":"Map","ItemsPath":"$.l","End":true,`+
		`"ItemSelector":{"v.$":"$$.Map.Item.Value"},`+
		`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"E",`+
		`"States":{`+task("E", "echo", "")+`}}}}}]}`)
	var calls atomic.Int64
	env := asl.Environment{Clock: instant{}, Invoker: functions{"echo": echo, "flaky": func(context.Context, []byte) ([]byte, error) {
		if calls.Add(1)%2 == 1 {
			return nil, &asl.TaskError{Name: "X"}
		}
		return []byte("0"), nil
	}}}
	// A clock that ends limits at once would time the children out.
	env.Limits = wallClock{}
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()

			wantOutput(t, run(t, machine, env, `{"l":[1,2,3,4,5,6,7,8,9]}`),
				`[0,[1,2,3,4,5,6,7,8,9],[{"v":1},{"v":2},{"v":3},{"v":4},{"v":5},{"v":6},{"v":7},{"v":8},{"v":9}]]`)
		})
	}
}
