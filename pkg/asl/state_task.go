package asl

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

const (
	lambdaInvoke = "arn:aws:states:::lambda:invoke"
	// TaskResourceType is the service of the only resource that a Task can
	// have, as the history names it.
	TaskResourceType = "lambda"
	// TaskResource is the call of that service.
	TaskResource = "invoke"
)

// taskState invokes a Lambda function. See
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html.
type taskState struct {
	base
	transition
	handlers
	dataflow
	timeLimit time.Duration
}

func parseTask(f *fields, b base) state {
	s := taskState{
		base:       b,
		transition: f.transition(),
		handlers:   f.handlers(),
		dataflow:   f.edges(),
		timeLimit:  f.seconds("TimeoutSeconds", 1),
	}
	s.resultSelector = f.template("ResultSelector", false)
	s.resultPath = f.resultPath()
	if resource := f.requiredText("Resource"); resource != "" && resource != lambdaInvoke {
		f.refuse("Resource", "is %q, supported is %q", resource, lambdaInvoke)
	}
	if s.parameters = f.template("Parameters", false); s.parameters == nil {
		if !f.has("Parameters") {
			f.refuse("Parameters", "is missing")
		}
		return s
	}
	for _, name := range []string{"FunctionName", "Payload"} {
		if _, ok := s.parameters.object[name]; !ok {
			f.refuse("Parameters."+name, "is missing")
		}
	}
	for _, name := range sortedKeys(s.parameters.object) {
		if name != "FunctionName" && name != "Payload" {
			f.refuse("Parameters."+name, "unknown or unsupported field")
		}
	}
	return s
}

func (s taskState) targets() []target {
	return append(s.transition.targets(), s.handlers.targets()...)
}

func (s taskState) run(ctx context.Context, v *visit) (outcome, error) {
	return s.attempt(ctx, v, s.transition, func(ctx context.Context) (any, error) {
		parameters, err := s.effectiveInput(v)
		if err != nil {
			return nil, err
		}
		result, err := s.invoke(ctx, v, parameters)
		if err != nil {
			return nil, err
		}
		return s.output(v, result)
	})
}

// invoke calls the function and records the call's four possible ends.
func (s taskState) invoke(ctx context.Context, v *visit, parameters any) (any, error) {
	function, payload, err := s.request(v, parameters)
	if err != nil {
		return nil, err
	}
	if err := v.run.recorder.add(v.thread, Event{Type: TaskStarted}); err != nil {
		return nil, err
	}
	timeout := failf(ErrorTimeout, "state %q ran longer than %v", s.name, s.timeLimit)
	limited, release := v.run.env.withLimit(ctx, s.timeLimit, timeout)
	data, err := v.run.env.Invoker.Invoke(context.WithValue(limited, stateKey{}, s.name), function, payload)
	timedOut := err != nil && context.Cause(limited) == timeout //nolint:errorlint // this very limit, not one like it
	release()
	var result any
	switch {
	case err == nil:
		result, data, err = lambdaResult(data)
	case ctx.Err() != nil:
		return nil, aborted(ctx)
	case timedOut:
		err = timeout
	}
	if err != nil {
		return nil, s.failedTask(v, err, timedOut)
	}
	return result, v.run.recorder.add(v.thread, Event{Type: TaskSucceeded, Output: string(data)})
}

// request splits the parameters into a function name and a payload, and
// records the task as scheduled.
func (s taskState) request(v *visit, parameters any) (string, []byte, error) {
	data, err := encodeLimited(parameters, "task parameters")
	if err != nil {
		return "", nil, v.located(err)
	}
	event := Event{Type: TaskScheduled, Input: string(data), TimeLimit: s.timeLimit}
	if err := v.run.recorder.add(v.thread, event); err != nil {
		return "", nil, err
	}
	object, ok := parameters.(map[string]any)
	if !ok {
		return "", nil, v.located(failf(ErrorRuntime, "parameters are %s", typeName(parameters)))
	}
	function, ok := object["FunctionName"].(string)
	if !ok || function == "" {
		return "", nil, v.located(failf(ErrorRuntime, "FunctionName is not a name"))
	}
	payload, err := encodeValue(object["Payload"])
	return function, payload, err
}

// lambdaResult wraps what the function returned as lambda:invoke does, and
// returns the wrapped value and its JSON text.
func lambdaResult(data []byte) (any, []byte, error) {
	payload, err := decodeValue(data)
	if err != nil {
		return nil, nil, failf(ErrorRuntime, "function result is not JSON: %v", err)
	}
	result := map[string]any{
		"ExecutedVersion": "$LATEST",
		"Payload":         payload,
		"StatusCode":      json.Number("200"),
	}
	text, err := encodeLimited(result, "task result")
	return result, text, err
}

// failedTask records a failed call and returns its error as the definition
// sees it.
func (s taskState) failedTask(v *visit, err error, timedOut bool) error {
	failure, ok := errors.AsType[*TaskError](err)
	if !ok {
		failure = &TaskError{Name: errorLambdaUnknown, Cause: err.Error()}
	}
	event := Event{Type: TaskFailed, Error: failure.Name, Cause: failure.Cause}
	if timedOut {
		event.Type = TaskTimedOut
	}
	if err := v.run.recorder.add(v.thread, event); err != nil {
		return err
	}
	return failure
}
