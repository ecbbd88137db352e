package asl_test

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

func TestChoice(t *testing.T) {
	t.Parallel()

	const input = `{"s":"abc","n":10,"f":1.5,"big":9007199254740993,"t":true,"z":null,"same":"abc","ten":10,"no":false}`
	tests := map[string]struct {
		rule string
		want bool
	}{
		"equal strings":              {`"Variable":"$.s","StringEquals":"abc"`, true},
		"unequal strings":            {`"Variable":"$.s","StringEquals":"abd"`, false},
		"a string that is a number":  {`"Variable":"$.n","StringEquals":"10"`, false},
		"a lesser string":            {`"Variable":"$.s","StringLessThan":"abd"`, true},
		"a greater string":           {`"Variable":"$.s","StringGreaterThan":"ABC"`, true},
		"a string at most":           {`"Variable":"$.s","StringLessThanEquals":"abc"`, true},
		"a string at least":          {`"Variable":"$.s","StringGreaterThanEquals":"abd"`, false},
		"the same string":            {`"Variable":"$.s","StringEqualsPath":"$.same"`, true},
		"a string beside a number":   {`"Variable":"$.s","StringEqualsPath":"$.n"`, false},
		"a prefix":                   {`"Variable":"$.s","StringMatches":"a*"`, true},
		"a middle":                   {`"Variable":"$.s","StringMatches":"*b*"`, true},
		"two stars that differ":      {`"Variable":"$.s","StringMatches":"*c*a"`, false},
		"a literal star":             {`"Variable":"$.s","StringMatches":"a\\*"`, false},
		"a pattern without star":     {`"Variable":"$.s","StringMatches":"ab"`, false},
		"a pattern after the text":   {`"Variable":"$.s","StringMatches":"abc**"`, true},
		"equal numbers":              {`"Variable":"$.n","NumericEquals":10.0`, true},
		"a number that is a string":  {`"Variable":"$.s","NumericEquals":0`, false},
		"a lesser number":            {`"Variable":"$.f","NumericLessThan":2`, true},
		"a number at most":           {`"Variable":"$.n","NumericLessThanEquals":9.99`, false},
		"a greater number":           {`"Variable":"$.n","NumericGreaterThan":9`, true},
		"a number at least":          {`"Variable":"$.n","NumericGreaterThanEquals":1e1`, true},
		"beyond floating point":      {`"Variable":"$.big","NumericEquals":9007199254740992`, false},
		"beyond any number":          {`"Variable":"$.n","NumericLessThan":1e999`, true},
		"the same number":            {`"Variable":"$.n","NumericEqualsPath":"$.ten"`, true},
		"a true":                     {`"Variable":"$.t","BooleanEquals":true`, true},
		"a false":                    {`"Variable":"$.t","BooleanEqualsPath":"$.no"`, false},
		"something present":          {`"Variable":"$.z","IsPresent":true`, true},
		"something absent":           {`"Variable":"$.q.r","IsPresent":true`, false},
		"something absent, asked so": {`"Variable":"$.q.r","IsPresent":false`, true},
		"a null":                     {`"Variable":"$.z","IsNull":true`, true},
		"no null":                    {`"Variable":"$.s","IsNull":false`, true},
		"a string type":              {`"Variable":"$.s","IsString":true`, true},
		"a number type":              {`"Variable":"$.s","IsNumeric":true`, false},
		"a boolean type":             {`"Variable":"$.t","IsBoolean":true`, true},
		"a variable of the context":  {`"Variable":"$$.State.Name","StringEquals":"A"`, true},
		"all of several": {`"And":[{"Variable":"$.n","NumericEquals":10},{"Variable":"$.t",` +
			`"BooleanEquals":true}]`, true},
		"not all of several": {`"And":[{"Variable":"$.n","NumericEquals":10},{"Variable":"$.t",` +
			`"BooleanEquals":false}]`, false},
		"any of several": {`"Or":[{"Variable":"$.n","NumericEquals":11},{"Variable":"$.t",` +
			`"BooleanEquals":true}]`, true},
		"none of several": {`"Or":[{"Variable":"$.n","NumericEquals":11},{"Variable":"$.t",` +
			`"BooleanEquals":false}]`, false},
		"a negation": {`"Not":{"Or":[{"Variable":"$.z","IsNull":true}]}`, false},
		"a guard before a missing": {`"And":[{"Variable":"$.q","IsPresent":true},{"Variable":"$.q",` +
			`"IsNull":true}]`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{"Type":"Choice","Choices":[{`+tt.rule+`,"Next":"Yes"}],"Default":"No"},`+
				`"Yes":{"Type":"Pass","Result":true,"End":true},"No":{"Type":"Pass","Result":false,"End":true}`)
			want := "false"
			if tt.want {
				want = "true"
			}
			wantOutput(t, run(t, machine, asl.Environment{Clock: instant{}}, input), want)
		})
	}
}

func TestChoice_fails(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		rule string
		name string
	}{
		"nothing holds":      {`"Variable":"$.s","StringEquals":"x"`, asl.ErrorNoChoice},
		"a missing variable": {`"Variable":"$.q","StringEquals":"x"`, asl.ErrorRuntime},
		"a missing operand":  {`"Variable":"$.s","StringEqualsPath":"$.q"`, asl.ErrorRuntime},
		"a missing type":     {`"Variable":"$.q","IsNull":true`, asl.ErrorRuntime},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			machine := parse(t, `"A":{"Type":"Choice","Choices":[{`+tt.rule+`,"Next":"B"}]},"B":`+pass)
			wantFailure(t, run(t, machine, asl.Environment{Clock: instant{}}, `{"s":"abc"}`), asl.Failed, tt.name, `state "A"`)
		})
	}
}

func TestChoice_takesTheFirstRule(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Choice","InputPath":"$.in","OutputPath":"$.out","Choices":[`+
		`{"Variable":"$.n","NumericGreaterThan":5,"Next":"B"},{"Variable":"$.n","NumericGreaterThan":1,"Next":"C"}]},`+
		`"B":`+pass+`,"C":`+pass)
	execution := run(t, machine, asl.Environment{Clock: instant{}}, `{"in":{"n":7,"out":"x"}}`)
	wantOutput(t, execution, `"x"`)
	if got := strings.Join(execution.Path(), " "); got != "A B" {
		t.Errorf("Path() = %s, want A B", got)
	}
}

// TestChoice_patternTime keeps a pattern of many stars from taking forever.
func TestChoice_patternTime(t *testing.T) {
	t.Parallel()

	machine := parse(t, `"A":{"Type":"Choice","Choices":[{"Variable":"$","StringMatches":"`+
		strings.Repeat("*a", 40)+`b","Next":"B"}],"Default":"C"},"B":`+pass+`,"C":`+pass)
	execution := run(t, machine, asl.Environment{Clock: instant{}}, `"`+strings.Repeat("a", 10_000)+`"`)
	if got := strings.Join(execution.Path(), " "); got != "A C" {
		t.Errorf("Path() = %s, want A C", got)
	}
}
