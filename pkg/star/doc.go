// Package star generates the SQL of a model: the tables of the warehouse, the
// stored procedures that fill and prove them, and the phases that call these.
//
// [Tables] says which tables there are, [Scripts] spells everything as files,
// for people to read, and [Batches] as the batches of the Redshift Data API
// that a run submits. Nothing here runs SQL.
//
// # Phases
//
//	schema      creates what is missing
//	procedures  creates or replaces the procedures
//	full        landing to mirror, staging and dwh, of a full export
//	increment   likewise, of what has changed
//
// The first two can be repeated at any time and take as many batches as the
// model needs. The others are one batch each, which is one transaction: all of
// it or nothing.
//
// # Proofs
//
// Procedures named prove_… count, and write each number into etl.proof beside
// the number that is expected; null is expected where the count is only
// reported. The procedures named verify raise an exception with the first that
// does not hold.
//
// Everything is written in the SQL that Redshift, PostgreSQL and DuckDB have in
// common, so that tests run what is deployed.
package star
