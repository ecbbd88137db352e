// Package lambda is the AWS Lambda of the local AWS: it runs the executables
// that are deployed, unchanged, as child processes behind the Lambda Runtime
// API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
//
// A [Service] holds registered functions. [Service.Invoke] is the face for the
// local Step Functions; [Service.ServeHTTP] is the Lambda API for SDKs and the
// aws command. Both run the function in an environment, which is one child
// process with a Runtime API on a loopback port of its own, so that the
// invocations of two environments cannot mix. Environments start on demand, up
// to the function's concurrency, and stay warm until [Service.Close]. One that
// exceeds the timeout is killed; one that exits is replaced.
//
// A child sees the environment variables that Lambda would set, those of its
// function, and a private TMPDIR and HOME; nothing of this process's own
// environment. It dies with this process: on Linux by a signal from the kernel,
// elsewhere because its Runtime API is gone when it asks for the next event.
//
// # Differences from AWS
//
// Where AWS throttles, an invocation beyond the concurrency waits for a free
// environment for as long as its context allows; only when a thousand wait is
// it refused with TooManyRequestsException. Memory is a number that the
// function can read, not a limit. Asynchronous invocations, versions, aliases,
// client contexts, log tails and response streaming are refused. Invoke
// returns when the runtime has asked for its next event, so an invocation that
// follows finds the environment warm.
package lambda
