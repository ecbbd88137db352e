// Package stepfunctions is a loopback endpoint that answers the protocol of AWS
// Step Functions: AWS JSON 1.0, one [http.Handler].
//
// It is the local run's orchestrator: state machines are created with the
// definition that is deployed, executions are started, followed and stopped
// with any AWS SDK or the aws CLI, and package asl executes them. Where the
// Lambda functions and the objects of a run are is the caller's business; see
// [Open].
//
// # What it supports
//
// CreateStateMachine, UpdateStateMachine, DescribeStateMachine,
// ListStateMachines, DeleteStateMachine, ValidateStateMachineDefinition;
// StartExecution, DescribeExecution, ListExecutions, StopExecution,
// RedriveExecution, GetExecutionHistory, DescribeMapRun. Machines are STANDARD ones. Any other operation, and
// any member of a request that it does not act upon, is refused by name:
// nothing is ignored.
//
// # What it keeps
//
// With a directory, every execution is a JSON file in it with its history,
// written durably when the execution starts, before each state of its machine,
// and when it has ended. A later process lists, describes and redrives them. An
// execution whose process was killed is ABORTED when the directory is opened
// again. State machines are not kept: they are created anew from the
// definition of the day, and an execution of another definition is not redriven.
//
// # What it deliberately does not do
//
// Map runs are known to the process that ran them, not to later ones.
// There are no Express executions, versions, aliases, activities, task tokens,
// or tags, and no check of credentials: it is for a loopback address.
// An execution is forgotten, and its name free again, 90 days after it has
// ended, when the directory is opened the next time.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
package stepfunctions
