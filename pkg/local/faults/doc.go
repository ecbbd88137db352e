// Package faults is a test suite: nights that are disturbed by seed, and what
// must be true after each of them.
//
// Every run of it starts from one prepared directory, which holds a night and
// a table that has changed since. The night that follows is disturbed by the
// faults of package chaos; then another night, or a redrive of the same, runs
// undisturbed. See TestFaults for what is checked.
//
// Each run is a process of its own, because a fault may kill it.
package faults
