package asl_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// mapRunState is a distributed Map over s3://lake/<$.key>, one call of the
// function f for each item.
func mapRunState(inputType, more string) string {
	return `"A":{"Type":"Map","End":true,"Label":"Files","ItemReader":{"Resource":"arn:aws:states:::s3:getObject",` +
		`"ReaderConfig":{"InputType":"` + inputType + `"},"Parameters":{"Bucket":"lake","Key.$":"$.key"}},` +
		`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},` +
		`"StartAt":"B","States":{` + task("B", "f", "") + `}}` + more + `}`
}

const writer = `,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject",` +
	`"Parameters":{"Bucket":"lake","Prefix.$":"States.Format('runs/{}/map', $$.Execution.Name)"}}`

// failOn is a function that fails for one payload.
func failOn(bad string) func(context.Context, []byte) ([]byte, error) {
	return func(_ context.Context, payload []byte) ([]byte, error) {
		if string(payload) == bad {
			return nil, &asl.TaskError{Name: "Corrupt", Cause: "cannot read " + bad}
		}
		return payload, nil
	}
}

func TestMap_itemReader(t *testing.T) {
	t.Parallel()

	store := &objects{data: map[string][]byte{
		"lake/plan.json":    []byte(` [ {"k":"a","n":1.50}, 2, null ] `),
		"lake/empty.json":   []byte(`[]`),
		"lake/object.json":  []byte(`{"a":1}`),
		"lake/null.json":    []byte(`null`),
		"lake/cut.json":     []byte(`[1,`),
		"lake/two.json":     []byte(`[1] [2]`),
		"lake/plan.jsonl":   []byte("{\"k\":\"a\"}\n\n  2 \r\nnull"),
		"lake/empty.jsonl":  {},
		"lake/broken.jsonl": []byte("1\n{\n3\n"),
	}}
	tests := map[string]struct {
		inputType string
		key       string
		want      string
		cause     string
	}{
		"a JSON array":            {"JSON", "plan.json", `[{"k":"a","n":1.50},2,null]`, ""},
		"an empty array":          {"JSON", "empty.json", `[]`, ""},
		"an object":               {"JSON", "object.json", "", "one JSON array"},
		"a null":                  {"JSON", "null.json", "", "not null"},
		"a cut array":             {"JSON", "cut.json", "", "unexpected EOF"},
		"two arrays":              {"JSON", "two.json", "", "more text"},
		"a missing object":        {"JSON", "none.json", "", "s3://lake/none.json"},
		"JSON lines":              {"JSONL", "plan.jsonl", `[{"k":"a"},2,null]`, ""},
		"no lines":                {"JSONL", "empty.jsonl", `[]`, ""},
		"a line that is not JSON": {"JSONL", "broken.jsonl", "", "line 2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			env := asl.Environment{Clock: instant{}, Objects: store, Invoker: functions{"f": echo}}
			execution := run(t, parse(t, mapRunState(tt.inputType, "")), env, `{"key":"`+tt.key+`"}`)
			if tt.cause == "" {
				wantOutput(t, execution, tt.want)
				return
			}
			wantFailure(t, execution, asl.Failed, asl.ErrorItemReader, tt.cause)
		})
	}

	env := asl.Environment{Clock: instant{}, Objects: store, Invoker: functions{"f": echo}}
	wantFailure(t, run(t, parse(t, mapRunState("JSON", "")), env, `{"key":7}`), asl.Failed, asl.ErrorRuntime, "Key is a number")
	wantFailure(t, run(t, parse(t, mapRunState("JSON", "")), env, `{}`), asl.Failed, asl.ErrorRuntime, "$.key")
}

func TestMap_distributedHistory(t *testing.T) {
	t.Parallel()

	env := asl.Environment{
		Clock: instant{}, Invoker: functions{"f": echo}, Random: func() uint64 { return 1<<64 - 1 },
		Objects: &objects{data: map[string][]byte{"lake/k": []byte(`[1]`)}},
	}
	execution := run(t, parse(t, mapRunState("JSON", "")), env, `{"key":"k"}`)
	want := []string{
		`1<0 ExecutionStarted {"key":"k"}`,
		`2<0 MapStateEntered A {"key":"k"}`,
		`3<2 MapStateStarted A`,
		`4<3 MapRunStarted A`,
		`5<4 MapRunSucceeded A`,
		`6<5 MapStateSucceeded A`,
		`7<6 MapStateExited A [1]`,
		`8<7 ExecutionSucceeded [1]`,
	}
	if diff := cmp.Diff(want, summary(execution)); diff != "" {
		t.Errorf("history mismatch (-want +got):\n%s", diff)
	}
	const arn = "arn:aws:states:us-east-1:123456789012:mapRun:nightly/Files:ffffffff-ffff-4fff-bfff-ffffffffffff"
	if got := execution.Events[3].MapRunARN; got != arn {
		t.Errorf("MapRunARN = %s, want %s", got, arn)
	}
}

// TestMap_childContext shows that a child execution has a name of its own: a
// definition has to hand the run's name down in its ItemSelector.
func TestMap_childContext(t *testing.T) {
	t.Parallel()

	env := asl.Environment{Clock: instant{}, Objects: &objects{data: map[string][]byte{"b/k": []byte(`["x"]`)}}}
	machine := parse(t, `"A":{"Type":"Map","End":true,"Label":"L",`+reader+`,`+
		`"ItemSelector":{"run.$":"$$.Execution.Name","v.$":"$$.Map.Item.Value","i.$":"$$.Map.Item.Index"},`+
		`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},`+
		`"StartAt":"B","States":{"B":{"Type":"Pass","End":true,"Parameters":{"in.$":"$","x.$":"$$"}}}}}`)
	execution := run(t, machine, env, `{}`)
	var got []struct {
		In struct {
			Run, V string
			I      int
		}
		X struct {
			Execution    struct{ ID, Name string }
			StateMachine struct{ ID, Name string }
		}
	}
	if err := json.Unmarshal(execution.Output, &got); err != nil || len(got) != 1 {
		t.Fatalf("output %s: %v", execution.Output, err)
	}
	child := got[0]
	if child.In.Run != "run-1" || child.In.V != "x" || child.In.I != 0 {
		t.Errorf("child input = %+v", child.In)
	}
	if name := child.X.Execution.Name; len(name) != 36 || name == "run-1" {
		t.Errorf("child name = %q, want a new identifier", name)
	}
	if want := "arn:aws:states:us-east-1:123456789012:execution:nightly/L:" + child.X.Execution.Name; child.X.Execution.ID != want {
		t.Errorf("child ARN = %s, want %s", child.X.Execution.ID, want)
	}
	if child.X.StateMachine.Name != "nightly/L" || child.X.StateMachine.ID != machineARN+"/L" {
		t.Errorf("child machine = %+v", child.X.StateMachine)
	}
}

func TestMap_tolerance(t *testing.T) {
	t.Parallel()

	const items = `[0,"bad",2,"bad",4,5,6,7,8,9]` // 2 of 10 fail
	tests := map[string]struct {
		fields string
		fails  bool
	}{
		"none by default":           {``, true},
		"none with a writer":        {writer, true},
		"enough by count":           {writer + `,"ToleratedFailureCount":2`, false},
		"too few by count":          {writer + `,"ToleratedFailureCount":1`, true},
		"enough by percentage":      {writer + `,"ToleratedFailurePercentage":20`, false},
		"too few by percentage":     {writer + `,"ToleratedFailurePercentage":19.9`, true},
		"too few by either of both": {writer + `,"ToleratedFailurePercentage":100,"ToleratedFailureCount":1`, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			env := asl.Environment{
				Clock: instant{}, Invoker: functions{"f": failOn(`"bad"`)},
				Objects: &objects{data: map[string][]byte{"lake/k": []byte(items)}},
			}
			execution := run(t, parse(t, mapRunState("JSON", tt.fields)), env, `{"key":"k"}`)
			if !tt.fails {
				if execution.Status != asl.Succeeded {
					t.Errorf("execution failed: %s: %s", execution.Error, execution.Cause)
				}
				return
			}
			wantFailure(t, execution, asl.Failed, asl.ErrorThreshold, `Corrupt: cannot read "bad"`)
			if got := execution.Events[4]; got.Type != asl.MapRunFailed || got.Error != asl.ErrorThreshold {
				t.Errorf("event 5 is %+v", got)
			}
		})
	}
}

func TestMap_children(t *testing.T) {
	t.Parallel()

	var children []*asl.Execution
	env := asl.Environment{
		Clock: instant{}, MapConcurrency: 1, Invoker: functions{"f": echo},
		Objects:   &objects{data: map[string][]byte{"lake/k": []byte(`[1,2]`)}},
		ChildFunc: func(child *asl.Execution) { children = append(children, child) },
	}
	run(t, parse(t, mapRunState("JSON", "")), env, `{"key":"k"}`)
	if len(children) != 2 {
		t.Fatalf("%d children, want 2", len(children))
	}
	want := []string{
		`1<0 ExecutionStarted 2`,
		`2<0 TaskStateEntered B 2`,
		`3<2 TaskScheduled {"FunctionName":"f","Payload":2}`,
		`4<3 TaskStarted`,
		`5<4 TaskSucceeded {"ExecutedVersion":"$LATEST","Payload":2,"StatusCode":200}`,
		`6<5 TaskStateExited B 2`,
		`7<6 ExecutionSucceeded 2`,
	}
	if diff := cmp.Diff(want, summary(children[1])); diff != "" {
		t.Errorf("history mismatch (-want +got):\n%s", diff)
	}
}

func TestMap_distributedLimits(t *testing.T) {
	t.Parallel()

	large := `"` + strings.Repeat("x", 200_000) + `"`
	store := &objects{data: map[string][]byte{
		"lake/two": []byte(`[` + large + `,` + large + `]`),
		"lake/one": []byte(`["` + strings.Repeat("x", asl.MaxPayload) + `"]`),
	}}
	env := asl.Environment{Clock: instant{}, Invoker: functions{"f": returns(large)}, Objects: store}
	// Two outputs do not fit into the state's output, unless they are written.
	wantFailure(t, run(t, parse(t, mapRunState("JSON", "")), env, `{"key":"two"}`), asl.Failed, asl.ErrorDataLimit, "output")
	if got := run(t, parse(t, mapRunState("JSON", writer)), env, `{"key":"two"}`); got.Status != asl.Succeeded {
		t.Errorf("with a writer: %s", got.Cause)
	}
	// An item that is too large fails its own child only.
	wantFailure(t, run(t, parse(t, mapRunState("JSON", "")), env, `{"key":"one"}`), asl.Failed, asl.ErrorThreshold, asl.ErrorDataLimit)
}

func TestMap_expressTimeLimit(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		machine := parse(t, `"A":{"Type":"Map","End":true,`+
			`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},`+
			`"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":301,"End":true}}}}`)
		execution := run(t, machine, asl.Environment{}, `[1]`)
		wantFailure(t, execution, asl.Failed, asl.ErrorThreshold, "States.Timeout: execution ran longer than 5m0s")
		if got := execution.StopTime.Sub(execution.StartTime); got != 5*time.Minute {
			t.Errorf("execution took %v, want 5m", got)
		}
	})
}

func TestMap_progress(t *testing.T) {
	t.Parallel()

	var seen []asl.MapRun
	env := asl.Environment{
		Clock: instant{}, MapConcurrency: 1, Invoker: functions{"f": failOn(`"bad"`)},
		Objects:    &objects{data: map[string][]byte{"lake/k": []byte(`[1,"bad",3]`)}},
		MapRunFunc: func(r asl.MapRun) { r.ARN = ""; seen = append(seen, r) },
	}
	run(t, parse(t, mapRunState("JSON", "")), env, `{"key":"k"}`)
	want := []asl.MapRun{
		{State: "A", Total: 3, Pending: 3},
		{State: "A", Total: 3, Pending: 2, Running: 1},
		{State: "A", Total: 3, Pending: 2, Succeeded: 1},
		{State: "A", Total: 3, Pending: 1, Running: 1, Succeeded: 1},
		{State: "A", Total: 3, Pending: 1, Succeeded: 1, Failed: 1},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("counts mismatch (-want +got):\n%s", diff)
	}
}
