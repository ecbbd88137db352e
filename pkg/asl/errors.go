package asl

import (
	"context"
	"errors"
	"fmt"
)

// Error names that the interpreter itself reports. Retriers and catchers match
// them like any other name. See
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html.
const (
	// ErrorAll is the wildcard for every error but the terminal ones,
	// [ErrorRuntime] and [ErrorDataLimit].
	ErrorAll = "States.ALL"
	// ErrorTaskFailed is the wildcard for every error but [ErrorTimeout] and
	// the terminal ones.
	ErrorTaskFailed = "States.TaskFailed"
	// ErrorTimeout reports a task that ran longer than its TimeoutSeconds.
	ErrorTimeout = "States.Timeout"
	// ErrorDataLimit reports a payload above [MaxPayload].
	ErrorDataLimit = "States.DataLimitExceeded"
	// ErrorRuntime reports data that the definition can not be applied to,
	// such as a path that selects nothing.
	ErrorRuntime = "States.Runtime"
	// ErrorResultPath reports a ResultPath that does not fit the state's input.
	ErrorResultPath = "States.ResultPathMatchFailure"
	// ErrorNoChoice reports a Choice state without a matching rule and Default.
	ErrorNoChoice = "States.NoChoiceMatched"
	// ErrorIntrinsic reports an intrinsic function that its arguments break.
	ErrorIntrinsic = "States.IntrinsicFailure"
	// ErrorThreshold reports a distributed Map with too many failed items.
	ErrorThreshold = "States.ExceedToleratedFailureThreshold"
	// ErrorItemReader reports items that could not be read.
	ErrorItemReader = "States.ItemReaderFailed"
	// ErrorResultWriter reports results that could not be written.
	ErrorResultWriter = "States.ResultWriterFailed"

	errorHeartbeat   = "States.HeartbeatTimeout"
	errorPermissions = "States.Permissions"

	// errorLambdaUnknown is the name of an invocation error that the
	// [Invoker] left without one.
	errorLambdaUnknown = "Lambda.Unknown"
)

// TaskError is a failure as the States Language sees it: a name that Retry and
// Catch match, and a free text. An [Invoker] returns one for a function that
// reported an error; the interpreter reports its own failures in the same way.
type TaskError struct {
	// Name is what ErrorEquals is compared with. For a Lambda function it is
	// the errorType of its response.
	Name string
	// Cause explains the failure. For a Lambda function the service puts the
	// whole error response here, as JSON text.
	Cause string
}

// Error returns the name and the cause.
func (e *TaskError) Error() string {
	return e.Name + ": " + e.Cause
}

func failf(name, format string, args ...any) error {
	return &TaskError{Name: name, Cause: fmt.Sprintf(format, args...)}
}

// abortedError ends a branch because its context ended. It deliberately does
// not unwrap: the cause of a cancelled context may be a [TaskError], and
// Retry and Catch must not see it.
type abortedError struct {
	cause error
}

func (e *abortedError) Error() string {
	return "stopped: " + e.cause.Error()
}

func aborted(ctx context.Context) error {
	return &abortedError{cause: context.Cause(ctx)}
}

func isAborted(err error) bool {
	_, ok := errors.AsType[*abortedError](err)
	return ok
}

// fullError ends an execution whose history is full. No Catch applies to it.
type fullError struct{}

func (fullError) Error() string {
	return fmt.Sprintf("execution reached the limit of %d history events", MaxEvents)
}

var (
	// errSibling stops the branches beside one that failed.
	errSibling = errors.New("another branch failed")
	// errThreshold stops the items of a map run that has already failed.
	errThreshold = errors.New("too many items failed")
)
