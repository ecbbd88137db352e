// Package asl executes state machines written in the Amazon States Language.
//
// It is the laptop's Step Functions: the definition that is deployed is parsed
// by [Parse], started with [Machine.Run], and every Lambda it invokes, every
// object it reads or writes and every second it waits goes through an
// [Environment] that the caller provides. Nothing in here knows which state
// machine it runs.
//
// # The subset
//
// Only the JSONPath query language is understood, and of it only reference
// paths ($.a.b, $.a[0], $['a b'], and the same after $$). All eight state types
// exist; a Task can only be arn:aws:states:::lambda:invoke, a Map may be INLINE
// or DISTRIBUTED with an S3 item reader and result writer. Of the intrinsic
// functions States.Format, States.JsonToString, States.StringToJson,
// States.Array, States.ArrayLength and States.MathAdd are implemented.
//
// Everything else is refused when the definition is parsed: unknown fields,
// unsupported states, functions and paths, states that nothing leads to. A
// definition that Parse accepts is one that Run executes as the service would,
// apart from the differences below.
//
// # Known differences from the service
//
//   - The result of lambda:invoke holds ExecutedVersion, Payload and
//     StatusCode, not the HTTP metadata that the service adds.
//   - A concurrency limit of the [Environment] may hold back iterations of a
//     Map; the service never promises that they overlap.
//   - The service's own throttling and its permissions are not imitated.
//   - States.DataLimitExceeded is not caught by States.ALL, as documented on
//     https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html.
//     The service has been seen to catch it for Lambda results all the same:
//     a definition must not rely on either.
//   - A redrive goes on at a state of the machine itself, or at an iteration of
//     one that is an inline Map, and not within them; see [Redrive].
//
// The package does not run Express machines on their own and keeps nothing on
// disk; package stepfunctions under pkg/local gives it an API and a memory.
package asl
