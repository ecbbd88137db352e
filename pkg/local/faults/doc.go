// Package faults is a test suite: nights that are disturbed, and what must be
// true after each of them.
//
// Every run of it starts from a copy of one prepared directory, which holds a
// night and a table that has changed since. The night that follows is
// disturbed by the faults of package chaos; then another night, or a redrive of
// the same, runs undisturbed. See TestFaults for what is checked. Some
// scenarios are made of the state machine's definition, so that each of its
// states, retriers and catchers is at work whatever the definition becomes; the
// others are drawn by seed. A fault may start a second execution, and the one
// that was first may be redriven after that; all of them are followed and checked.
//
// The definition is the one that is deployed. Only where a time limit is to
// elapse is that limit a few seconds, until the execution is over.
//
// Each run is a process of its own, because a fault may kill it.
//
// Environment variables of the test: FAULTS_RUNS is how many nights are
// disturbed, FAULTS_SEED the first seed, FAULTS_ONLY part of the names of those
// to play ("seed 17"), and with FAULTS_KEEP the directories of those that fail
// are kept.
package faults
