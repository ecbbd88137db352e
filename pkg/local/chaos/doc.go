// Package chaos breaks the local AWS on purpose, as real ones break.
//
// A [Chaos] stands between the services of a local environment and those who
// call them: it is the Interposer that package local lets in. What it does is
// a list of [Fault]s, each of them of one [Kind] and due at one [Point], the
// nth time that is reached; [Draw] makes such a list of a seed. Between two
// runs with the same list only the order of what runs at the same time
// differs.
//
// It speaks AWS: requests to services, invocations of functions, states of an
// execution. It knows nothing of a pipeline, and no production code knows of
// it. What it breaks is broken honestly: a statement that is reported as failed
// has failed and was rolled back, a function that is killed is a process that
// got SIGKILL, an object that is altered is another object.
package chaos
