// Package awstest helps to test the steps without AWS. [S3] is an S3 in memory:
// a server on loopback that answers the REST calls of the SDK's own client.
// [RoundTrip] holds the messages between the steps to written samples.
//
// The server keeps objects, pages its listings, refuses what S3 refuses (a copy of too
// large an object, a batch of more than 1,000 deletions, parts that do not
// match), and fails on request with the errors that S3 is known for, such as
// an error inside a 200 answer. Calls that our code does not make are errors.
//
// It checks no signatures and keeps no versions. It is for tests only; the
// local run has a real object store (package local/s3).
package awstest
