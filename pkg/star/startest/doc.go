// Package startest tests the star against random models: [Generate] writes a
// model file, [NewSource] makes the items of its table, night after night, and
// [Star] says in plain Go, over slices and maps, what the warehouse must hold
// after each.
//
// [Land] and [Star] follow what package model documents, and share no code with
// the lake or with the SQL that they are compared with. They are slow and
// obvious on purpose: every row is compared with every other. Nothing but tests
// imports the package.
package startest
