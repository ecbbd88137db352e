// Package sql holds the SQL of the warehouse as it is written in this folder,
// and nothing that runs it.
//
// The files are embedded, so the bytes that are deployed are the bytes that
// the tests and the local run execute:
//
//	schema/      what is rendered from package model, never edited by hand
//	procedures/  one stored procedure in each file
//	phases/      what the stage and the publish phase call, in order
//	queries/     questions that people ask of the star, each with its answer
//
// A phase is one batch of the Redshift Data API and so one transaction of at
// most 40 statements
// (https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html).
//
// Everything is written in the SQL that Redshift, PostgreSQL and DuckDB have
// in common; README.md beside this file says which that is.
package sql
