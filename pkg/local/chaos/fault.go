package chaos

import (
	"fmt"
	"strings"
)

// Kind is a way in which something breaks.
type Kind string

// The kinds that concern requests to services.
const (
	Throttled    Kind = "throttled"           // refused with the service's own code for too many requests
	ServerError  Kind = "server error"        // refused with status 500
	Hang         Kind = "hang"                // never answered: the function runs into its time-out
	CutRequest   Kind = "request cut"         // the connection breaks in the middle of the body
	CutAnswer    Kind = "answer cut"          // carried out, but the connection breaks in the answer
	KillFunction Kind = "function killed"     // the calling process gets SIGKILL
	AlteredFile  Kind = "data file altered"   // a data file of an export is overwritten before it is read
	SlowPoll     Kind = "slow poll"           // not ready yet, some times more
	ExportFailed Kind = "export FAILED"       // the export ends as FAILED
	Failed       Kind = "statement FAILED"    // a batch fails at its end and is rolled back
	Aborted      Kind = "statement ABORTED"   // the same, reported as cancelled
	Unserialised Kind = "serialisation error" // the same, with Redshift's error for concurrent transactions
)

// The kinds that concern invocations of functions.
const (
	Refused         Kind = "invocation refused"       // Lambda refuses to run the function
	FunctionError   Kind = "function error"           // the function reports an error without doing anything
	LostResult      Kind = "result lost"              // the function runs, but its result never arrives
	Duplicate       Kind = "duplicate delivery"       // the function gets its event twice, one after the other
	DuplicateAtOnce Kind = "duplicate at once"        // the function gets its event twice at the same time
	DuplicateLate   Kind = "duplicate after the next" // the function gets its event again while the run goes on
	StateTimeout    Kind = "state timed out"          // no answer ever comes: the TimeoutSeconds of the state elapse
)

// The kinds that concern whole executions.
const (
	KillProcess      Kind = "process killed"      // the whole local AWS gets SIGKILL
	StopExecution    Kind = "execution stopped"   // somebody calls StopExecution
	ExecutionTimeout Kind = "execution timed out" // an invocation lasts until the TimeoutSeconds of the machine elapse
	SecondExecution  Kind = "second execution"    // somebody starts another execution of the machine
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{
		Throttled, ServerError, Hang, CutRequest, CutAnswer, KillFunction, AlteredFile, SlowPoll, ExportFailed,
		Failed, Aborted, Unserialised, Refused, FunctionError, LostResult, Duplicate, DuplicateAtOnce,
		DuplicateLate, StateTimeout, KillProcess, StopExecution, ExecutionTimeout, SecondExecution,
	}
}

// Point is where a fault can strike:
//
//	function s3:PutObject     a request of a function
//	service s3:PutObject      a request of one service to another
//	invoke Partition file     an invocation for a state
//	enter Partition file      a state
//
// GetObject of a data file of an export is called s3:GetObject(data).
type Point string

// Fault is something that breaks.
type Fault struct {
	Kind  Kind
	Point Point
	// Nth is the first time at this point that it happens, from 1.
	Nth int
	// Times is how often in a row it happens; 0 is once.
	Times int `json:",omitzero"`
	// After has what was asked for carried out before things break, where the
	// kind leaves that open. A second execution is started once the one that has
	// reached the point is over; otherwise while that goes on.
	After bool `json:",omitzero"`
	// Error is the name of a FunctionError or Refused.
	Error string `json:",omitzero"`
}

// String says what happens where.
func (f Fault) String() string {
	text := fmt.Sprintf("%s at %s #%d", f.Kind, f.Point, f.Nth)
	if f.Times > 1 {
		text += fmt.Sprintf(" ×%d", f.Times)
	}
	if f.Error != "" {
		text += " " + f.Error
	}
	switch {
	case f.After && f.Kind == SecondExecution:
		text += ", once the first is over"
	case f.After:
		text += ", carried out"
	}
	return text
}

// fits reports whether a kind can strike at a point.
func (k Kind) fits(p Point) bool {
	where, what, _ := strings.Cut(string(p), " ")
	request := where == "function" || where == "service"
	switch k {
	case Throttled, ServerError, CutAnswer:
		return request
	case Hang, KillFunction:
		return where == "function"
	case CutRequest:
		return request && (what == "s3:PutObject" || what == "s3:UploadPart" || what == "s3:DeleteObjects")
	case AlteredFile:
		return what == "s3:GetObject(data)" && where == "function"
	case SlowPoll:
		return where == "function" && (what == "dynamodb:DescribeExport" || what == "redshift-data:DescribeStatement")
	case ExportFailed:
		return where == "function" && what == "dynamodb:DescribeExport"
	case Failed, Aborted, Unserialised:
		return where == "function" && what == "redshift-data:BatchExecuteStatement" // or an invocation that submits one
	case Refused, FunctionError, LostResult, Duplicate, DuplicateAtOnce, DuplicateLate, StateTimeout, ExecutionTimeout:
		return where == "invoke"
	case StopExecution, SecondExecution:
		return where == "enter"
	case KillProcess:
		return true
	default:
		return false
	}
}
