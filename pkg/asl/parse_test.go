package asl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

const (
	taskHead = `"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",` +
		`"Parameters":{"FunctionName":"echo","Payload.$":"$"}`
	mapHead = `"Type":"Map","End":true`
	pass    = `{"Type":"Pass","End":true}`
	inner   = `"StartAt":"I","States":{"I":` + pass + `}`
	// distributed is a Map in distributed mode, to be continued.
	distributed = mapHead + `,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},` +
		inner + `}`
	reader = `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},` +
		`"Parameters":{"Bucket":"b","Key":"k"}}`
)

func TestParse_refuses(t *testing.T) {
	t.Parallel()

	// Every definition has the state A; each is wrong in one way.
	tests := map[string]struct {
		states string
		state  string
		field  string
		text   string
	}{
		"an unknown field":              {`"A":{"Type":"Pass","End":true,"Assign":{}}`, "A", "Assign", "unknown"},
		"an unknown type":               {`"A":{"Type":"Activity","End":true}`, "A", "Type", "Activity"},
		"a missing type":                {`"A":{"End":true}`, "A", "Type", "missing"},
		"a state that is not an object": {`"A":[]`, "A", "", "an array"},
		"JSONata": {`"A":{"Type":"Pass","End":true,` +
			`"QueryLanguage":"JSONata"}`, "A", "QueryLanguage", "JSONPath"},
		"a dangling Next":      {`"A":{"Type":"Pass","Next":"B"}`, "A", "Next", `no state "B"`},
		"an unreachable state": {`"A":` + pass + `,"B":` + pass, "B", "", "nothing leads"},
		"a long name": {`"A":{"Type":"Pass","Next":"` + strings.Repeat("x", 81) + `"},` +
			`"` + strings.Repeat("x", 81) + `":` + pass, strings.Repeat("x", 81), "", "81 characters"},
		"neither Next nor End":        {`"A":{"Type":"Pass"}`, "A", "Next", "missing"},
		"both Next and End":           {`"A":{"Type":"Pass","Next":"A","End":true}`, "A", "Next", "beside"},
		"End that is false":           {`"A":{"Type":"Pass","End":false}`, "A", "End", "only be true"},
		"a Next that is not a string": {`"A":{"Type":"Pass","Next":1}`, "A", "Next", "a number"},
		"a wildcard in a path": {`"A":{"Type":"Pass","End":true,` +
			`"InputPath":"$.a[*]"}`, "A", "InputPath", "[*]"},
		"a descending path": {`"A":{"Type":"Pass","End":true,` +
			`"OutputPath":"$..a"}`, "A", "OutputPath", "field names"},
		"a ResultPath in the context": {`"A":{"Type":"Pass","End":true,` +
			`"ResultPath":"$$.a"}`, "A", "ResultPath", "context object"},
		"an unknown context path": {`"A":{"Type":"Pass","End":true,` +
			`"InputPath":"$$.Task.Token"}`, "A", "InputPath", "not in the context"},
		"a map item outside selectors": {`"A":{"Type":"Pass","End":true,` +
			`"Parameters":{"x.$":"$$.Map.Item.Value"}}`, "A", "Parameters", "not in the context"},
		"an unknown function": {`"A":{"Type":"Pass","End":true,` +
			`"Parameters":{"x.$":"States.UUID()"}}`, "A", "Parameters", "States.UUID"},
		"a broken function": {`"A":{"Type":"Pass","End":true,` +
			`"Parameters":{"x.$":"States.Array(1"}}`, "A", "Parameters", "want , or )"},
		"a computed field of a number": {`"A":{"Type":"Pass","End":true,` +
			`"Parameters":{"a":[{"x.$":1}]}}`, "A", "Parameters", "a: [0]: x.$: is a number"},
		"a field given twice over": {`"A":{"Type":"Pass","End":true,"Parameters":{"x.$":"$",` +
			`"x":1}}`, "A", "Parameters", "with and without"},
		"Result beside Parameters": {`"A":{"Type":"Pass","End":true,"Parameters":{},` +
			`"Result":1}`, "A", "Result", "beside"},

		"another resource": {`"A":{"Type":"Task","End":true,"Resource":"arn:aws:states:::sqs:sendMessage",` +
			`"Parameters":{"FunctionName":"f","Payload":1}}`, "A", "Resource", "lambda:invoke"},
		"a Task with no input": {`"A":{"Type":"Task","End":true,` +
			`"Resource":"arn:aws:states:::lambda:invoke"}`, "A", "Parameters", "missing"},
		"a Task with no name": {`"A":{"Type":"Task","End":true,"Resource":"arn:aws:states:::lambda:invoke",` +
			`"Parameters":{"Payload":1}}`, "A", "Parameters.FunctionName", "missing"},
		"another parameter": {`"A":{"Type":"Task","End":true,"Resource":"arn:aws:states:::lambda:invoke",` +
			`"Parameters":{"FunctionName":"f","Payload":1,"Qualifier":"x"}}`, "A", "Parameters.Qualifier", "unknown"},
		"a heartbeat": {`"A":{` + taskHead + `,"End":true,` +
			`"HeartbeatSeconds":5}`, "A", "HeartbeatSeconds", "unknown"},
		"a time limit of zero": {`"A":{` + taskHead + `,"End":true,` +
			`"TimeoutSeconds":0}`, "A", "TimeoutSeconds", "1 to"},
		"a broken time limit": {`"A":{` + taskHead + `,"End":true,` +
			`"TimeoutSeconds":1.5}`, "A", "TimeoutSeconds", "1.5"},
		"ALL beside others": {`"A":{` + taskHead + `,"End":true,"Retry":[{"ErrorEquals":["States.ALL",` +
			`"X"]}]}`, "A", "Retry[0].ErrorEquals", "stand alone"},
		"ALL before others": {`"A":{` + taskHead + `,"End":true,"Retry":[{"ErrorEquals":["States.ALL"]},` +
			`{"ErrorEquals":["X"]}]}`, "A", "Retry[0].ErrorEquals", "last"},
		"ALL before in Catch": {`"A":{` + taskHead + `,"End":true,"Catch":[{"ErrorEquals":["States.ALL"],` +
			`"Next":"A"},{"ErrorEquals":["X"],"Next":"A"}]}`, "A", "Catch[0].ErrorEquals", "last"},
		"an unknown States name": {`"A":{` + taskHead + `,"End":true,` +
			`"Retry":[{"ErrorEquals":["States.BranchFailed"]}]}`, "A", "Retry[0].ErrorEquals", "BranchFailed"},
		"no error names": {`"A":{` + taskHead + `,"End":true,` +
			`"Retry":[{"ErrorEquals":[]}]}`, "A", "Retry[0].ErrorEquals", "empty"},
		"a negative count": {`"A":{` + taskHead + `,"End":true,"Retry":[{"ErrorEquals":["X"],` +
			`"MaxAttempts":-1}]}`, "A", "Retry[0].MaxAttempts", "-1"},
		"a shrinking backoff": {`"A":{` + taskHead + `,"End":true,"Retry":[{"ErrorEquals":["X"],` +
			`"BackoffRate":0.5}]}`, "A", "Retry[0].BackoffRate", "0.5"},
		"an unknown jitter": {`"A":{` + taskHead + `,"End":true,"Retry":[{"ErrorEquals":["X"],` +
			`"JitterStrategy":"SOME"}]}`, "A", "Retry[0].JitterStrategy", "SOME"},
		"an unknown retry field": {`"A":{` + taskHead + `,"End":true,"Retry":[{"ErrorEquals":["X"],` +
			`"Max":1}]}`, "A", "Retry[0].Max", "unknown"},
		"a dangling catcher": {`"A":{` + taskHead + `,"End":true,"Catch":[{"ErrorEquals":["X"],` +
			`"Next":"B"}]}`, "A", "Catch[0].Next", `no state "B"`},
		"Retry of a Pass": {`"A":{"Type":"Pass","End":true,"Retry":[]}`, "A", "Retry", "unknown"},

		"a Choice with no rules": {`"A":{"Type":"Choice","Default":"B"},"B":` + pass, "A", "Choices", "missing"},
		"a Choice with Next": {`"A":{"Type":"Choice","Next":"B","Choices":[{"Variable":"$","IsNull":true,` +
			`"Next":"B"}]},"B":` + pass, "A", "Next", "unknown"},
		"a rule with no Next": {`"A":{"Type":"Choice","Choices":[{"Variable":"$",` +
			`"IsNull":true}]}`, "A", "Choices[0].Next", "missing"},
		"a rule with two operators": {`"A":{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,` +
			`"IsString":true,"Next":"B"}]},"B":` + pass, "A", "Choices[0].Variable", "exactly one"},
		"a rule with no variable": {`"A":{"Type":"Choice","Choices":[{"IsNull":true,"Next":"B"}]},` +
			`"B":` + pass, "A", "Choices[0].Variable", "missing"},
		"an unknown operator": {`"A":{"Type":"Choice","Choices":[{"Variable":"$","TimestampEquals":"x",` +
			`"Next":"B"}]},"B":` + pass, "A", "Choices[0].TimestampEquals", "unknown"},
		"an unknown type test": {`"A":{"Type":"Choice","Choices":[{"Variable":"$","IsTimestamp":true,` +
			`"Next":"B"}]},"B":` + pass, "A", "Choices[0].IsTimestamp", "unknown"},
		"an operand of other type": {`"A":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":"1",` +
			`"Next":"B"}]},"B":` + pass, "A", "Choices[0].NumericEquals", "a string"},
		"a Next in a nested rule": {`"A":{"Type":"Choice","Choices":[{"Not":{"Variable":"$","IsNull":true,` +
			`"Next":"B"},"Next":"B"}]},"B":` + pass, "A", "Choices[0].Not.Next", "unknown"},
		"an empty And": {`"A":{"Type":"Choice","Choices":[{"And":[],"Next":"B"}]},` +
			`"B":` + pass, "A", "Choices[0].And", "empty"},

		"a Wait without time": {`"A":{"Type":"Wait","End":true}`, "A", "Seconds", "exactly one"},
		"a Wait with two": {`"A":{"Type":"Wait","End":true,"Seconds":1,` +
			`"SecondsPath":"$"}`, "A", "Seconds", "exactly one"},
		"a Wait until": {`"A":{"Type":"Wait","End":true,` +
			`"Timestamp":"2026-01-01T00:00:00Z"}`, "A", "Timestamp", "unknown"},
		"a negative Wait":        {`"A":{"Type":"Wait","End":true,"Seconds":-1}`, "A", "Seconds", "-1"},
		"a Fail with two causes": {`"A":{"Type":"Fail","Cause":"x","CausePath":"$.x"}`, "A", "CausePath", "beside"},
		"a Fail with a path":     {`"A":{"Type":"Fail","InputPath":"$.x"}`, "A", "InputPath", "unknown"},
		"a Succeed with a Next":  {`"A":{"Type":"Succeed","Next":"A"}`, "A", "Next", "unknown"},
		"a Parallel of nothing":  {`"A":{"Type":"Parallel","End":true,"Branches":[]}`, "A", "Branches", "empty"},
		"a jump out of a branch": {`"A":{"Type":"Parallel","Next":"B","Branches":[{"StartAt":"I",` +
			`"States":{"I":{"Type":"Pass","Next":"B"}}}]},"B":` + pass, "I", "Next", "beside this one"},
		"a name used in a branch": {`"A":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A",` +
			`"States":{"A":` + pass + `}}]}`, "A", "", "used twice"},
		"a branch with no start": {`"A":{"Type":"Parallel","End":true,` +
			`"Branches":[{"States":{"I":` + pass + `}}]}`, "A", "Branches[0].StartAt", "missing"},
		"a dangling start": {`"A":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"X",` +
			`"States":{"I":` + pass + `}}]}`, "A", "Branches[0].StartAt", `"X"`},
		"a branch without states": {`"A":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"X",` +
			`"States":{}}]}`, "A", "Branches[0].States", "empty"},

		"a Map without processor": {`"A":{` + mapHead + `}`, "A", "ItemProcessor", "missing"},
		"an Iterator":             {`"A":{` + mapHead + `,"Iterator":{` + inner + `}}`, "A", "Iterator", "unknown"},
		"Parameters of a Map": {`"A":{` + mapHead + `,"Parameters":{},` +
			`"ItemProcessor":{` + inner + `}}`, "A", "Parameters", "unknown"},
		"a writer inline": {`"A":{` + mapHead + `,"ResultWriter":{},` +
			`"ItemProcessor":{` + inner + `}}`, "A", "ResultWriter", "unknown"},
		"no execution type": {`"A":{` + mapHead + `,` +
			`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"},` +
			`` + inner + `}}`, "A", "ItemProcessor.ProcessorConfig.ExecutionType", "missing"},
		"two limits": {`"A":{` + mapHead + `,"MaxConcurrency":1,"MaxConcurrencyPath":"$.n",` +
			`"ItemProcessor":{` + inner + `}}`, "A", "MaxConcurrencyPath", "beside"},
		"a batcher": {`"A":{` + distributed + `,"ItemBatcher":{}}`, "A", "ItemBatcher", "unknown"},
		"a CSV reader": {`"A":{` + distributed + `,` +
			`"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV"},` +
			`"Parameters":{"Bucket":"b","Key":"k"}}}`, "A", "ItemReader.ReaderConfig.InputType", "CSV"},
		"a listing reader": {`"A":{` + distributed + `,` +
			`"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","ReaderConfig":{"InputType":"JSON"},` +
			`"Parameters":{"Bucket":"b","Key":"k"}}}`, "A", "ItemReader.Resource", "getObject"},
		"a reader of no key": {`"A":{` + distributed + `,` +
			`"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},` +
			`"Parameters":{"Bucket":"b"}}}`, "A", "ItemReader.Parameters.Key", "missing"},
		"a reader and a path": {`"A":{` + distributed + `,` + reader + `,` +
			`"ItemsPath":"$.x"}`, "A", "ItemsPath", "beside"},
		"tolerance without writer": {`"A":{` + distributed + `,` +
			`"ToleratedFailureCount":1}`, "A", "ResultWriter", "missing"},
		"a percentage above 100": {`"A":{` + distributed + `,` +
			`"ToleratedFailurePercentage":101}`, "A", "ToleratedFailurePercentage", "101"},
		"a long label": {`"A":{` + distributed + `,` +
			`"Label":"` + strings.Repeat("x", 41) + `"}`, "A", "Label", "longer"},
		"a label with a space": {`"A":{` + distributed + `,"Label":"a b"}`, "A", "Label", "illegal"},
		"a map run in an EXPRESS": {`"A":{` + mapHead + `,` +
			`"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"M",` +
			`"States":{"M":{` + distributed + `}}}}`, "M", "ItemProcessor.ProcessorConfig.Mode", "EXPRESS"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := asl.Parse([]byte(`{"StartAt":"A","States":{` + tt.states + `}}`))
			refused, ok := errors.AsType[*asl.DefinitionError](err)
			if !ok {
				t.Fatalf("Parse() error = %v, want a DefinitionError", err)
			}
			for _, problem := range refused.Problems {
				if problem.State == tt.state && problem.Field == tt.field && strings.Contains(problem.Message, tt.text) {
					return
				}
			}
			t.Errorf("Parse() error = %v, want state %q field %q: …%s…", err, tt.state, tt.field, tt.text)
		})
	}
}

func TestParse_refusesText(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		definition string
		want       string
	}{
		"no JSON":   {`{`, "unexpected EOF"},
		"more text": {`{} {}`, "more text"},
		"no object": {`[]`, "is an array, want an object"},
		"a state name twice": {`{"StartAt":"A","States":{"A":` + pass + `,` +
			`"A":` + pass + `}}`, `key "A" appears twice`},
		"deep nesting":         {strings.Repeat("[", 200), "nested deeper"},
		"broken UTF-8":         {"\"\xff\"", "UTF-8"},
		"a great definition":   {strings.Repeat(" ", asl.MaxDefinition+1), "limit"},
		"an unknown top field": {`{"StartAt":"A","States":{"A":` + pass + `},"Start":1}`, "Start: unknown"},
		"another version":      {`{"Version":"2.0","StartAt":"A","States":{"A":` + pass + `}}`, `"2.0"`},
		"no states":            {`{"StartAt":"A"}`, "States: is missing"},
		"JSONata": {`{"QueryLanguage":"JSONata","StartAt":"A",` +
			`"States":{"A":` + pass + `}}`, "QueryLanguage"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if _, err := asl.Parse([]byte(tt.definition)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse() error = %v, want …%s…", err, tt.want)
			}
		})
	}
}

func TestParse_reportsEveryProblem(t *testing.T) {
	t.Parallel()

	_, err := asl.Parse([]byte(`{"StartAt":"A","TimeoutSeconds":-1,"States":{` +
		`"A":{"Type":"Pass","Next":"C","X":1},"B":{"Type":"Wait","Seconds":"1","End":true}}}`))
	want := `definition refused: TimeoutSeconds: is -1, want an integer from 1 to 99999999; ` +
		`state "A": X: unknown or unsupported field; ` +
		`state "B": Seconds: is a string, want an integer; ` +
		`state "A": Next: no state "C" beside this one; ` +
		`state "B": nothing leads to this state`
	if err == nil || err.Error() != want {
		t.Errorf("Parse() error = %v\nwant %s", err, want)
	}
}

func TestMachine_StateNames(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Parallel","Next":"B","Branches":[{`+inner+`}]},"B":{"Type":"Succeed"}`)
	if diff := cmp.Diff([]string{"A", "B", "I"}, machine.StateNames()); diff != "" {
		t.Errorf("StateNames() mismatch (-want +got):\n%s", diff)
	}
}

// FuzzParse proves that Parse never panics and that a machine it accepts runs
// to an end without a panic, whatever it does.
func FuzzParse(f *testing.F) {
	for _, states := range []string{
		`"A":` + pass,
		`"A":{` + taskHead + `,"End":true,"Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}]}`,
		`"A":{"Type":"Choice","Choices":[{"Variable":"$.a","StringMatches":"a*","Next":"B"}],"Default":"B"},` +
			`"B":` + pass,
		`"A":{"Type":"Parallel","End":true,"Branches":[{` + inner + `}]}`,
		`"A":{` + mapHead + `,"ItemsPath":"$.list","ItemProcessor":{` + inner + `}}`,
		`"A":{` + distributed + `,` + reader + `}`,
		`"A":{"Type":"Fail","ErrorPath":"$.a","CausePath":"States.Format('{}', $$.State.Name)"}`,
		`"A":{"Type":"Wait","SecondsPath":"$.n","End":true}`,
	} {
		f.Add([]byte(`{"StartAt":"A","States":{` + states + `}}`))
	}
	f.Fuzz(func(t *testing.T, definition []byte) {
		machine, err := asl.Parse(definition)
		if err != nil {
			return
		}
		env := asl.Environment{Objects: &objects{data: map[string][]byte{"b/k": []byte(`[1,` +
			`{"a":2}]`)}}, Clock: instant{}}
		execution := run(t, machine, env, `{"a":"abc","n":3,"list":[1,"x",{"b":null}]}`)
		if last := len(execution.Events) - 1; last < 1 || !strings.HasPrefix(string(execution.Events[last].Type), "Execution") {
			t.Errorf("history ends in %v", execution.Events)
		}
	})
}
