// Package lock lets one run at a time change the lake and the warehouse.
//
// The lock is one small object of the lake bucket, runs/lock.json, that names
// the execution which took it last. It is taken under a condition, so of two
// executions that try at once one sees that it was second:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
//
// Nobody releases it. Whether its holder is over is asked of Step Functions,
// so a run that was killed, aborted or timed out leaves nothing to clean up,
// and there is no lease that could end too early. Such a run leaves no record
// either: the run that takes over from it has one written, of what Step
// Functions knows.
//
// [Taker] takes it, as the first step of a run. [Fence] asks later, before a
// step changes what runs share, whether its run is still the holder: an
// execution that is redriven after a newer one has begun is not.
package lock
