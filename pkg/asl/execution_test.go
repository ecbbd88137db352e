package asl_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

func TestRun_refuses(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":`+pass)
	withReader := parse(t, `"A":{`+distributed+`,`+reader+`}`)
	complete := asl.Environment{Invoker: functions{}, Clock: instant{}}
	tests := map[string]struct {
		machine *asl.Machine
		env     asl.Environment
		input   string
		want    string
	}{
		"an input that is not JSON": {machine, complete, `{`, "not JSON"},
		"two inputs":                {machine, complete, `{} {}`, "more text"},
		"a great input":             {machine, complete, `"` + strings.Repeat("x", asl.MaxPayload) + `"`, "262146 bytes"},
		"no invoker":                {machine, asl.Environment{Clock: instant{}}, `{}`, "no Invoker"},
		"no clock":                  {machine, asl.Environment{Invoker: functions{}}, `{}`, "no Clock"},
		"no objects to read":        {withReader, complete, `{}`, "no Objects"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := tt.machine.Run(t.Context(), tt.env, asl.Start{Name: "run-1", Input: []byte(tt.input)})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `"run-1"`) {
				t.Errorf("Run() error = %v, want …%s…", err, tt.want)
			}
		})
	}
}

func TestRun_payloadLimit(t *testing.T) {
	t.Parallel()

	// Two thirds of the limit are fine once, but not twice.
	input := `{"a":"` + strings.Repeat("é", asl.MaxPayload/3) + `"}`
	machine := parse(t, `"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","End":true,"Parameters":{"x.$":"$.a",`+
		`"y.$":"$.a"}}`)
	execution := run(t, machine, asl.Environment{Clock: instant{}}, input)
	wantFailure(t, execution, asl.Failed, asl.ErrorDataLimit, "the limit is 262144")
	if got := strings.Join(execution.Path(), " "); got != "A B" {
		t.Errorf("Path() = %s, want A B", got)
	}

	// Characters that JSON need not escape count as they are.
	input = `"` + strings.Repeat("<", asl.MaxPayload-2) + `"`
	wantOutput(t, run(t, parse(t, `"A":`+pass), asl.Environment{Clock: instant{}}, input), input)
}

func TestRun_context(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		machine := parse(t, `"A":{"Type":"Wait","Seconds":90,"Next":"B"},`+
			`"B":{"Type":"Pass","End":true,"Parameters":{"x.$":"$$"}}`)
		wantOutput(t, run(t, machine, asl.Environment{}, `{"in":1.0}`), `{"x":{"Execution":{`+
			`"Id":"arn:aws:states:us-east-1:123456789012:execution:nightly:run-1","Input":{"in":1.0},"Name":"run-1",`+
			`"RedriveCount":0,"RoleArn":"arn:aws:iam::123456789012:role/nightly",`+
			`"StartTime":"2000-01-01T00:00:00.000Z"},`+
			`"State":{"EnteredTime":"2000-01-01T00:01:30.000Z","Name":"B"},`+
			`"StateMachine":{"Id":"arn:aws:states:us-east-1:123456789012:stateMachine:nightly","Name":"nightly"}}}`)
	})
}

func TestRun_timeLimit(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		machine, err := asl.Parse([]byte(`{"StartAt":"A","TimeoutSeconds":100,"States":{` +
			`"A":{"Type":"Wait","Seconds":60,"Next":"A"}}}`))
		if err != nil {
			t.Fatal(err)
		}
		execution := run(t, machine, asl.Environment{}, `{}`)
		wantFailure(t, execution, asl.TimedOut, asl.ErrorTimeout, "1m40s")
		if got := execution.StopTime.Sub(execution.StartTime); got != 100*time.Second {
			t.Errorf("execution took %v, want 100s", got)
		}
		want := []string{
			"1<0 ExecutionStarted {}", "2<0 WaitStateEntered A {}", "3<2 WaitStateExited A {}", "4<3 WaitStateEntered A {}",
			"5<4 WaitStateAborted A", "6<5 ExecutionTimedOut States.Timeout execution ran longer than 1m40s",
		}
		if diff := cmp.Diff(want, summary(execution)); diff != "" {
			t.Errorf("history mismatch (-want +got):\n%s", diff)
		}
	})
}

// TestRun_limitsHaveTheirOwnClock shows an execution whose waits are skipped
// while time limits pass in real time.
func TestRun_limitsHaveTheirOwnClock(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		machine := parse(t, `"A":{"Type":"Wait","Seconds":3600,"Next":"B"},"B":{`+taskHead+`,"TimeoutSeconds":5,`+
			`"End":true}`)
		env := asl.Environment{Clock: instant{}, Limits: wallClock{}, Invoker: functions{"echo": stuck}}
		start := time.Now()
		wantFailure(t, run(t, machine, env, `{}`), asl.Failed, asl.ErrorTimeout, "5s")
		if got := time.Since(start); got != 5*time.Second {
			t.Errorf("execution took %v, want 5s", got)
		}
	})
}

func TestRun_abort(t *testing.T) {
	t.Parallel()

	catchAll := `"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}]`
	states := map[string]string{
		"a waiting state":       `"A":{"Type":"Wait","Seconds":600,"Next":"Z"},"Z":` + pass,
		"a task that is caught": `"A":{` + taskHead + `,"Next":"Z",` + catchAll + `},"Z":` + pass,
		"a task between retries": `"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",` +
			`"Parameters":{"FunctionName":"bad","Payload":1},"Retry":[{"ErrorEquals":["States.ALL"],` +
			`"IntervalSeconds":600}],"Next":"Z",` + catchAll + `},"Z":` + pass,
		"a branch": `"A":{"Type":"Parallel","Next":"Z",` + catchAll + `,` +
			`"Branches":[{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":600,"End":true}}},` +
			`{` + inner + `}]},"Z":` + pass,
		"an iteration": `"A":{"Type":"Map","ItemsPath":"$.l","Next":"Z",` + catchAll + `,` +
			`"ItemProcessor":{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":600,"End":true}}}},"Z":` + pass,
		"a child execution": `"A":{"Type":"Map","ItemsPath":"$.l","Next":"Z",` + catchAll + `,` +
			`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"W",` +
			`"States":{"W":{"Type":"Wait","Seconds":100,"End":true}}}},"Z":` + pass,
	}
	for name, text := range states {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancelCause(t.Context())
				time.AfterFunc(10*time.Second, func() { stop(&asl.TaskError{Name: "Operator", Cause: "stopped by hand"}) })
				env := asl.Environment{Invoker: functions{"echo": stuck, "bad": raises("X", "")}}
				execution := runContext(ctx, t, parse(t, text), env, `{"l":[1,2]}`)
				wantFailure(t, execution, asl.Aborted, "Operator", "stopped by hand")
				if got := execution.StopTime.Sub(execution.StartTime); got != 10*time.Second {
					t.Errorf("execution took %v, want 10s", got)
				}
				if last := execution.Events[len(execution.Events)-1]; last.Type != asl.ExecutionAborted {
					t.Errorf("last event is %v", last)
				}
				if before := execution.Events[len(execution.Events)-2]; !strings.HasSuffix(string(before.Type), "StateAborted") {
					t.Errorf("event before the last is %v", before)
				}
			})
		})
	}
}

func TestRun_abortWithoutCause(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	execution := runContext(ctx, t, parse(t, `"A":`+pass), asl.Environment{}, `{}`)
	wantFailure(t, execution, asl.Aborted, "", context.Canceled.Error())
	if len(execution.Events) != 2 {
		t.Errorf("history = %v", execution.Events)
	}
}

func TestRun_historyLimit(t *testing.T) {
	t.Parallel()

	// No Catch can save an execution whose history is full.
	loop := `{"StartAt":"L","States":{"L":{"Type":"Pass","Next":"M"},"M":{"Type":"Pass","Next":"L"}}}`
	machine := parse(t, `"A":{"Type":"Parallel","End":true,"Branches":[`+loop+`],`+
		`"Catch":[{"ErrorEquals":["States.Runtime"],"Next":"B"}]},"B":`+pass)
	execution := run(t, machine, asl.Environment{Clock: instant{}}, `{}`)
	wantFailure(t, execution, asl.Failed, asl.ErrorRuntime, "25000")
	if got := len(execution.Events); got != asl.MaxEvents {
		t.Errorf("%d events, want %d", got, asl.MaxEvents)
	}
}

func TestRun_listener(t *testing.T) {
	t.Parallel()

	branch := func(name string) string {
		return `{"StartAt":"` + name + `","States":{"` + name + `":{` + taskHead + `,"End":true}}}`
	}
	machine := parse(t, `"A":{"Type":"Parallel","End":true,"Branches":[`+branch("B")+`,`+branch("C")+`,`+
		``+branch("D")+`]}`)
	var heard []asl.Event
	execution := run(t, machine, asl.Environment{EventFunc: func(e asl.Event) { heard = append(heard, e) }}, `{}`)
	if diff := cmp.Diff(execution.Events, heard); diff != "" {
		t.Errorf("the listener heard another history (-want +got):\n%s", diff)
	}
	for i, event := range execution.Events {
		if event.ID != int64(i)+1 || event.PreviousID >= event.ID || event.Time.IsZero() {
			t.Errorf("event %d is %+v", i, event)
		}
	}
}

func TestWait(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fields string
		want   time.Duration
	}{
		"a number of seconds": {`"Seconds":90`, 90 * time.Second},
		"no time":             {`"Seconds":0`, 0},
		"seconds by a path":   {`"SecondsPath":"$.n"`, 7 * time.Second},
		"a path in the input": {`"InputPath":"$.in","SecondsPath":"$.n"`, 8 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				machine := parse(t, `"A":{"Type":"Wait",`+tt.fields+`,"OutputPath":"$.n","End":true}`)
				execution := run(t, machine, asl.Environment{}, `{"n":7,"in":{"n":8}}`)
				if execution.Status != asl.Succeeded {
					t.Fatalf("execution failed: %s", execution.Cause)
				}
				if got := execution.StopTime.Sub(execution.StartTime); got != tt.want {
					t.Errorf("waited %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestWait_fails(t *testing.T) {
	t.Parallel()

	for _, input := range []string{`{}`, `{"n":"7"}`, `{"n":-1}`, `{"n":1.5}`, `{"n":1e300}`} {
		machine := parse(t, `"A":{"Type":"Wait","SecondsPath":"$.n","End":true}`)
		wantFailure(t, run(t, machine, asl.Environment{Clock: instant{}}, input), asl.Failed, asl.ErrorRuntime, `state "A"`)
	}
}

func TestFail(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fields string
		name   string
		cause  string
	}{
		"literal texts":     {`,"Error":"FailedCleanly","Cause":"start again"`, "FailedCleanly", "start again"},
		"nothing at all":    {``, "", ""},
		"paths":             {`,"ErrorPath":"$.e","CausePath":"$$.State.Name"`, "E", "A"},
		"functions":         {`,"Error":"X","CausePath":"States.Format('{}: {}', $.e, $.n)"`, "X", "E: 1"},
		"a cause no string": {`,"Error":"X","CausePath":"$.n"`, asl.ErrorRuntime, "a number, not a string"},
		"a missing error":   {`,"ErrorPath":"$.q"`, asl.ErrorRuntime, "$.q"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			execution := run(t, parse(t, `"A":{"Type":"Fail"`+tt.fields+`}`), asl.Environment{Clock: instant{}}, `{"e":"E","n":1}`)
			wantFailure(t, execution, asl.Failed, tt.name, tt.cause)
		})
	}
}

func TestPass(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fields string
		want   string
	}{
		"its input":     {``, `{"a":{"b":1}}`},
		"a result":      {`,"Result":{"x.$":"$.a"}`, `{"x.$":"$.a"}`},
		"a null result": {`,"Result":null,"ResultPath":"$.r"`, `{"a":{"b":1},"r":null}`},
		"parameters in a place": {`,"Parameters":{"x.$":"$.a.b","y":[{"z.$":"$.a"}]},` +
			`"ResultPath":"$.a"`, `{"a":{"x":1,"y":[{"z":{"b":1}}]}}`},
		"a part of the input":    {`,"InputPath":"$.a"`, `{"b":1}`},
		"a part beside the rest": {`,"InputPath":"$.a.b","ResultPath":"$.c"`, `{"a":{"b":1},"c":1}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{"Type":"Pass","End":true`+tt.fields+`}`)
			wantOutput(t, run(t, machine, asl.Environment{Clock: instant{}}, `{"a":{"b":1}}`), tt.want)
		})
	}
}

func TestSucceed(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Succeed","InputPath":"$.a","OutputPath":"$.b"}`)
	wantOutput(t, run(t, machine, asl.Environment{Clock: instant{}}, `{"a":{"b":1}}`), `1`)
	wantFailure(t, run(t, machine, asl.Environment{Clock: instant{}}, `{}`), asl.Failed, asl.ErrorRuntime, "InputPath")
}

func TestTaskError(t *testing.T) {
	t.Parallel()

	var err error = &asl.TaskError{Name: "Corrupt", Cause: "bad line"}
	if got := err.Error(); got != "Corrupt: bad line" {
		t.Errorf("Error() = %q", got)
	}
	if _, ok := errors.AsType[*asl.TaskError](err); !ok {
		t.Error("a TaskError is not found by its type")
	}
}
