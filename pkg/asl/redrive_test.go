package asl_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// marks collects what an execution reports about itself.
type marks struct {
	mu    sync.Mutex
	marks []asl.Mark
}

func (m *marks) add(mark asl.Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.marks = append(m.marks, mark)
}

// TestRun_marks: states of branches and child executions are reported too, and
// each entry of Retry and Catch that takes an error.
func TestRun_marks(t *testing.T) {
	t.Parallel()

	m := parse(t, `
		"A":{"Type":"Map","ItemsPath":"$.items","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
			"StartAt":"B","States":{"B":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
				"Parameters":{"FunctionName":"fail","Payload":{}},"End":true,
				"Retry":[{"ErrorEquals":["Other"]},{"ErrorEquals":["Busy"],"MaxAttempts":1}]}}},
			"Catch":[{"ErrorEquals":["Other"],"Next":"C"},{"ErrorEquals":["States.ALL"],"Next":"C"}],"End":true},
		"C":{"Type":"Succeed"}`)
	var got marks
	var names []string
	e := run(t, m, asl.Environment{
		Clock: instant{}, MarkFunc: got.add,
		Invoker: invokeFunc(func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
			names = append(names, asl.StateName(ctx))
			return nil, &asl.TaskError{Name: "Busy"}
		}),
	}, `{"items":[1]}`)
	if e.Status != asl.Succeeded {
		t.Fatalf("the execution is %+v", e)
	}
	want := []asl.Mark{
		{State: "A"}, {State: "B"}, {State: "B", Field: "Retry", Index: 1}, {State: "A", Field: "Catch", Index: 1}, {State: "C"},
	}
	if diff := cmp.Diff(want, got.marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"B", "B"}, names); diff != "" {
		t.Errorf("states of the invocations (-want +got):\n%s", diff)
	}
}

// invokeFunc is an Invoker.
type invokeFunc func(ctx context.Context, name string, payload []byte) ([]byte, error)

func (f invokeFunc) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	return f(ctx, name, payload)
}

const chain = `
	"A":{"Type":"Pass","Result":{"n":1},"Next":"B"},
	"B":{"Type":"Pass","Parameters":{"n.$":"$.n","count.$":"$$.Execution.RedriveCount"},"Next":"C"},
	"C":{"Type":"Pass","End":true}`

func TestRun_redrive(t *testing.T) {
	t.Parallel()

	var next []string
	env := asl.Environment{
		Invoker: functions{}, Clock: instant{},
		NextFunc: func(state string, input []byte) { next = append(next, state+" "+string(input)) },
	}
	e, err := parse(t, chain).Run(t.Context(), env, asl.Start{Name: "run-1", Redrive: &asl.Redrive{
		Count: 3, State: "B", Input: []byte(`{"n":7}`), StartTime: time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC), Events: 40,
	}})
	if err != nil {
		t.Fatal(err)
	}
	wantOutput(t, e, `{"count":3,"n":7}`)
	if first := e.Events[0]; first.Type != asl.ExecutionRedriven || first.ID != 41 || first.RedriveCount != 3 {
		t.Errorf("the first event is %+v", first)
	}
	if e.StartTime.Day() != 20 {
		t.Errorf("the redriven execution started %v", e.StartTime)
	}
	if len(next) != 1 || next[0] != `C {"count":3,"n":7}` {
		t.Errorf("reported as next: %q", next)
	}
}

// TestRun_redriveOfMap: of an inline Map only what did not end well is repeated.
func TestRun_redriveOfMap(t *testing.T) {
	t.Parallel()

	m := parse(t, `"A":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":1,"End":true,
		"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
			"Parameters":{"FunctionName":"f","Payload.$":"$"},"OutputPath":"$.Payload","End":true}}}}`)
	broken, calls := true, 0
	done := map[int][]byte{}
	var state, input string
	env := asl.Environment{
		Clock:    instant{},
		NextFunc: func(s string, data []byte) { state, input = s, string(data) },
		DoneFunc: func(s string, index int, output []byte) { done[index] = output },
		Invoker: invokeFunc(func(_ context.Context, _ string, payload []byte) ([]byte, error) {
			calls++
			if string(payload) == "2" && broken {
				return nil, &asl.TaskError{Name: "Broken"}
			}
			return payload, nil
		}),
	}
	e, err := m.Run(t.Context(), env, asl.Start{Name: "run-1", Input: []byte(`{"items":[1,2,3]}`)})
	if err != nil || e.Error != "Broken" || state != "A" || input != `{"items":[1,2,3]}` {
		t.Fatalf("the execution ended as %+v, %v, in %s of %s", e, err, state, input)
	}
	if diff := cmp.Diff(map[int][]byte{0: []byte("1")}, done); diff != "" {
		t.Errorf("iterations done (-want +got):\n%s", diff)
	}
	broken = false
	e, err = m.Run(t.Context(), env, asl.Start{Name: "run-1", Input: []byte(`{"items":[1,2,3]}`), Redrive: &asl.Redrive{
		Count: 1, State: state, Input: []byte(input), Done: done, Events: len(e.Events),
	}})
	if err != nil {
		t.Fatal(err)
	}
	wantOutput(t, e, `[1,2,3]`)
	if calls != 2+2 {
		t.Errorf("%d calls, want two before the redrive and two after it", calls)
	}
}

func TestRun_redriveRefuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		redrive asl.Redrive
		want    string
	}{
		"a state that does not exist": {asl.Redrive{State: "X", Input: []byte(`{}`)}, `no state "X"`},
		"an output that is not JSON":  {asl.Redrive{State: "B", Input: []byte(`{}`), Done: map[int][]byte{4: nil}}, "iteration 4"},
		"an input that is not JSON":   {asl.Redrive{State: "B", Input: []byte(`{`)}, `input of state "B"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := asl.Environment{Invoker: functions{}, Clock: instant{}}
			_, err := parse(t, chain).Run(t.Context(), env, asl.Start{Name: "run-1", Redrive: &tt.redrive})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Run() error = %v, want %q", err, tt.want)
			}
		})
	}
	env := asl.Environment{Invoker: functions{}, Clock: instant{}}
	e, err := parse(t, chain).Run(t.Context(), env, asl.Start{Name: "run-1", Redrive: &asl.Redrive{Events: asl.MaxEvents - 2}})
	if err != nil || e.Status != asl.Failed || !strings.Contains(e.Cause, "25000") {
		t.Errorf("a redrive with a full history ended as %+v, %v", e, err)
	}
}
