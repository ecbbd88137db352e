package asl_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// evaluate returns the output of a Pass state whose parameter x is computed by
// an expression.
func evaluate(t testing.TB, expression, input string) (*asl.Execution, error) {
	t.Helper()
	quoted, err := json.Marshal(expression)
	if err != nil {
		t.Fatal(err)
	}
	machine, err := asl.Parse(fmt.Appendf(nil,
		`{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Parameters":{"x.$":%s}}}}`, quoted))
	if err != nil {
		return nil, err
	}
	return run(t, machine, asl.Environment{Clock: instant{}}, input), nil
}

func TestExpression(t *testing.T) {
	t.Parallel()

	const input = `{"s":"it's","n":1.50,"b":true,"z":null,"o":{"k":[1]},"l":[1,2,3],"j":"{\"a\":[1.10]}","a,b)":7}`
	tests := map[string]struct {
		expression string
		want       string
	}{
		"a path":                {`$.n`, `1.50`},
		"a path of the context": {`$$.Execution.Name`, `"run-1"`},
		"a format of strings":   {`States.Format('{} and {}', $.s, 'x')`, `"it's and x"`},
		"a format of others": {`States.Format('{} {} {} {} {}', $.n, $.b, $.z, $.o,` +
			` 2)`, `"1.50 true null {\"k\":[1]} 2"`},
		"a format of none":         {`States.Format('plain')`, `"plain"`},
		"escapes in a format":      {`States.Format('\'{}\' \\ \{\} \{', 1)`, `"'1' \\ {} {"`},
		"UTF-8 in a format":        {`States.Format('é{}ß', '漢')`, `"é漢ß"`},
		"JSON as a string":         {`States.JsonToString($.o)`, `"{\"k\":[1]}"`},
		"a string as JSON":         {`States.StringToJson($.j)`, `{"a":[1.10]}`},
		"an array":                 {`States.Array($.n, 'x', null, true, -2)`, `[1.50,"x",null,true,-2]`},
		"an empty array":           {`States.Array()`, `[]`},
		"escapes outside a format": {`States.Array('\{\}', 'a\\b', '\'')`, `["{}","a\\b","'"]`},
		"the length of an array":   {`States.ArrayLength($.l)`, `3`},
		"a sum":                    {`States.MathAdd(States.ArrayLength($.l), -4)`, `-1`},
		"nested functions":         {`States.Format('{}', States.JsonToString(States.Array($.s)))`, `"[\"it's\"]"`},
		"a quoted path":            {`States.Array( $['a,b)'] , $.b )`, `[7,true]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			execution, err := evaluate(t, tt.expression, input)
			if err != nil {
				t.Fatal(err)
			}
			wantOutput(t, execution, `{"x":`+tt.want+`}`)
		})
	}
}

func TestExpression_refused(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		expression string
		want       string
	}{
		"a literal":               {`x`, "neither a path nor"},
		"another function":        {`States.Hash($.a, 'SHA-1')`, "not supported"},
		"text after the function": {`States.Array() x`, "follows"},
		"an open function":        {`States.Array(1`, "want , or )"},
		"an open string":          {`States.Array('a`, "not closed"},
		"no comma":                {`States.Array(1 'a')`, "not an argument"},
		"a trailing comma":        {`States.Array(1,)`, "not an argument"},
		"no argument":             {`States.Array(`, "missing"},
		"an object literal":       {`States.Array({"a":1})`, "not an argument"},
		"a bare word":             {`States.Array(abc)`, "not an argument"},
		"another escape":          {`States.Array('\n')`, "escaped"},
		"too few values":          {`States.Format('{} {}', 1)`, "2 {} and 1 values"},
		"too many values":         {`States.Format('{}', 1, 2)`, "1 {} and 2 values"},
		"a lone brace":            {`States.Format('{a}', 1)`, "escaped"},
		"a computed pattern":      {`States.Format($.a, 1)`, "literal"},
		"a number as pattern":     {`States.Format(1)`, "literal"},
		"no pattern":              {`States.Format()`, "literal"},
		"one number to add":       {`States.MathAdd(1)`, "two arguments"},
		"two values to write":     {`States.JsonToString(1, 2)`, "one argument"},
		"deep nesting":            {strings.Repeat("States.Array(", 11) + strings.Repeat(")", 11), "nested deeper"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if _, err := evaluate(t, tt.expression, `{}`); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: error = %v, want …%s…", tt.expression, err, tt.want)
			}
		})
	}
}

func TestExpression_fails(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		expression string
		name       string
		cause      string
	}{
		"a path to nothing":       {`$.missing`, asl.ErrorRuntime, "$.missing"},
		"an argument of nothing":  {`States.Array($.missing)`, asl.ErrorRuntime, "$.missing"},
		"text that is not JSON":   {`States.StringToJson('{')`, asl.ErrorIntrinsic, "not JSON"},
		"JSON that is not text":   {`States.StringToJson($)`, asl.ErrorIntrinsic, "an object"},
		"a length of an object":   {`States.ArrayLength($)`, asl.ErrorIntrinsic, "an object"},
		"a sum of a string":       {`States.MathAdd(1, '1')`, asl.ErrorIntrinsic, "a string"},
		"a sum of a fraction":     {`States.MathAdd(1, 1.5)`, asl.ErrorIntrinsic, "1.5"},
		"a sum beyond the limits": {`States.MathAdd(2147483647, 1)`, asl.ErrorIntrinsic, "2147483648"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			execution, err := evaluate(t, tt.expression, `{}`)
			if err != nil {
				t.Fatal(err)
			}
			wantFailure(t, execution, asl.Failed, tt.name, tt.cause)
			wantFailure(t, execution, asl.Failed, tt.name, `state "A" (entered at event 2)`)
		})
	}
}

// FuzzExpression proves that the parser of intrinsic functions never panics
// and that what it accepts evaluates without a panic.
func FuzzExpression(f *testing.F) {
	f.Add(`States.Format('a{}\{\'', $.a)`)
	f.Add(`States.MathAdd(States.ArrayLength($['a,b']), -1)`)
	f.Add(`States.StringToJson(States.JsonToString(States.Array(1, null, true)))`)
	f.Add(`$$.State.Name`)
	f.Add(`States.Format('{}`)
	f.Fuzz(func(t *testing.T, expression string) {
		if execution, err := evaluate(t, expression, `{"a":[1,"x"],"a,`+
			`b":[]}`); err == nil && execution.Status == asl.Running {
			t.Errorf("%q left the execution running", expression)
		}
	})
}
