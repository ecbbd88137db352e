package stepfunctions_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

// post sends one call and returns the status and the decoded answer.
func post(t *testing.T, server http.Handler, method, target, body string) (int, map[string]any) {
	t.Helper()
	request := httptest.NewRequest(method, "/", strings.NewReader(body))
	request.Header.Set("X-Amz-Target", target)
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	var answer map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatalf("answer %q: %v", recorder.Body, err)
	}
	if got := recorder.Header().Get("Content-Type"); got != "application/x-amz-json-1.0" {
		t.Errorf("Content-Type = %s", got)
	}
	return recorder.Code, answer
}

func TestServer_refuses(t *testing.T) {
	t.Parallel()

	server, client := open(t, "", stepfunctions.Options{})
	create(t, client, "nightly", task("echo"))
	const (
		machine = `"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:nightly"`
		none    = `"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:none"`
		run     = `"executionArn":"arn:aws:states:us-east-1:000000000000:execution:nightly:none"`
	)
	definition, err := json.Marshal(task("echo"))
	if err != nil {
		t.Fatal(err)
	}
	created := `"definition":` + string(definition) + `,"roleArn":"` + role + `"`
	tests := map[string]struct {
		operation string
		body      string
		want      string
	}{
		"an operation of others":   {"StartSyncExecution", `{}`, "UnknownOperationException"},
		"no JSON":                  {"ListStateMachines", `{`, "SerializationException"},
		"a member of another type": {"ListStateMachines", `{"maxResults":"3"}`, "SerializationException"},
		"a member of others":       {"StartExecution", `{` + machine + `,"traceHeader":"x"}`, "ValidationException"},
		"too long a page":          {"ListStateMachines", `{"maxResults":1001}`, "ValidationException"},
		"a token of others":        {"ListStateMachines", `{"nextToken":"?"}`, "InvalidToken"},
		"a machine with no name":   {"CreateStateMachine", `{` + created + `}`, "InvalidName"},
		"a machine with a slash":   {"CreateStateMachine", `{"name":"a/b",` + created + `}`, "InvalidName"},
		"a machine with no role": {"CreateStateMachine", `{"name":"a",` +
			`"definition":` + string(definition) + `}`, "InvalidArn"},
		"a machine of EXPRESS": {"CreateStateMachine", `{"name":"a","type":"EXPRESS",` +
			`` + created + `}`, "StateMachineTypeNotSupported"},
		"a machine of no sense": {"CreateStateMachine", `{"name":"a","definition":"{}",` +
			`"roleArn":"` + role + `"}`, "InvalidDefinition"},
		"a name in use": {"CreateStateMachine", `{"name":"nightly",` +
			`"definition":` + string(definition) + `,"roleArn":"arn:other"}`, "StateMachineAlreadyExists"},
		"an update of nothing":  {"UpdateStateMachine", `{` + machine + `}`, "MissingRequiredParameter"},
		"an update of no sense": {"UpdateStateMachine", `{` + machine + `,"definition":"{}"}`, "InvalidDefinition"},
		"an update to no role":  {"UpdateStateMachine", `{` + machine + `,"roleArn":"x"}`, "InvalidArn"},
		"an update of none": {"UpdateStateMachine", `{` + none + `,` +
			`"roleArn":"arn:x"}`, "StateMachineDoesNotExist"},
		"a machine by no ARN":  {"DescribeStateMachine", `{"stateMachineArn":"nightly"}`, "InvalidArn"},
		"a deletion by no ARN": {"DeleteStateMachine", `{"stateMachineArn":"nightly"}`, "InvalidArn"},
		"a start of none":      {"StartExecution", `{` + none + `}`, "StateMachineDoesNotExist"},
		"a start with a colon": {"StartExecution", `{` + machine + `,"name":"2026-11-21T02:00"}`, "InvalidName"},
		"a start with a space": {"StartExecution", `{` + machine + `,"name":"a b"}`, "InvalidName"},
		"a start with a star":  {"StartExecution", `{` + machine + `,"name":"a*"}`, "InvalidName"},
		"a long name": {"StartExecution", `{` + machine + `,` +
			`"name":"` + strings.Repeat("x", 81) + `"}`, "InvalidName"},
		"an input of no sense": {"StartExecution", `{` + machine + `,"input":"{"}`, "InvalidExecutionInput"},
		"a great input": {"StartExecution", `{` + machine + `,` +
			`"input":"` + strings.Repeat("1", asl.MaxPayload+1) + `"}`, "ValidationException"},
		"no such execution":      {"DescribeExecution", `{` + run + `}`, "ExecutionDoesNotExist"},
		"an execution by no ARN": {"DescribeExecution", `{"executionArn":"run-1"}`, "InvalidArn"},
		"a stop of none":         {"StopExecution", `{` + run + `}`, "ExecutionDoesNotExist"},
		"a history of none":      {"GetExecutionHistory", `{` + run + `}`, "ExecutionDoesNotExist"},
		"a list of none":         {"ListExecutions", `{` + none + `}`, "StateMachineDoesNotExist"},
		"an unknown status": {"ListExecutions", `{` + machine + `,` +
			`"statusFilter":"DONE"}`, "ValidationException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			status, answer := post(t, server, http.MethodPost, stepfunctions.TargetPrefix+tt.operation, tt.body)
			if status != http.StatusBadRequest || answer["__type"] != tt.want || answer["message"] == "" {
				t.Errorf("%s gives %d %v, want %s", tt.operation, status, answer, tt.want)
			}
		})
	}
}

func TestServer_refusesOtherCalls(t *testing.T) {
	t.Parallel()

	server, _ := open(t, "", stepfunctions.Options{})
	for target, method := range map[string]string{
		"DynamoDB_20120810.ListTables":       http.MethodPost,
		"AWSStepFunctions.ListStateMachines": http.MethodGet,
		"":                                   http.MethodPost,
	} {
		if status, answer := post(t, server, method, target, `{}`); status != 400 || answer["__type"] != "UnknownOperationException" {
			t.Errorf("%s %q gives %d %v", method, target, status, answer)
		}
	}
}

func TestServer_refusesForeignTokens(t *testing.T) {
	t.Parallel()

	server, client := open(t, "", stepfunctions.Options{})
	machine := create(t, client, "nightly", task("echo"))
	one, two := start(t, client, machine, "run-1", `{}`), start(t, client, machine, "run-2", `{}`)
	finish(t, client, one)
	finish(t, client, two)
	_, page := post(t, server, http.MethodPost, "AWSStepFunctions.GetExecutionHistory", `{"maxResults":1,`+
		`"executionArn":"`+one+`"}`)
	token, ok := page["nextToken"].(string)
	if !ok {
		t.Fatalf("no token in %v", page)
	}
	if _, answer := post(t, server, http.MethodPost, "AWSStepFunctions.GetExecutionHistory",
		`{"nextToken":"`+token+`","executionArn":"`+two+`"}`); answer["__type"] != "InvalidToken" {
		t.Errorf("the token of another execution gives %v", answer)
	}
}
