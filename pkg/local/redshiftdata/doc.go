// Package redshiftdata is a Redshift Data API endpoint on loopback.
//
// It answers what the warehouse steps and the aws CLI ask of the Data API, and
// runs the statements on a [sqlengine.Engine]: DuckDB on a laptop, PostgreSQL in
// tests. COPY it executes itself: it reads the manifest and the Parquet files
// from S3 and hands local files to the engine.
//
//	https://docs.aws.amazon.com/redshift-data/latest/APIReference/Welcome.html
//
// # Operations
//
// ExecuteStatement, BatchExecuteStatement, DescribeStatement,
// GetStatementResult, CancelStatement and ListStatements, in AWS JSON 1.1. A
// field that the endpoint does not know, and a known one that it can not honour
// (CSV results, sessions, events), is a ValidationException. Statements run
// asynchronously, the statements of a batch one after another in one
// transaction. A failing statement is not an API error: its status becomes FAILED
// and its error holds the engine's text after "ERROR: ".
//
// # Limits
//
// Those of the service where they matter to a caller: 200 KB for a statement, 40
// statements in a batch, 500 active statements, 24 hours for a statement and for
// its result, 8 hours for a client token. There are no rates and no sessions,
// and no signature is checked: the endpoint serves loopback only. Any database,
// cluster and workgroup name is accepted and leads to the one engine. Statements
// are kept in memory and end with the process; tables and procedures are kept by
// the engine.
//
// # COPY
//
//	COPY schema.table [(columns)] FROM 's3://bucket/manifest'
//	IAM_ROLE default|'arn' FORMAT [AS] PARQUET MANIFEST [STATUPDATE [ON|OFF]]
//
// Every other option and format is an error. So is a COPY without MANIFEST,
// which Redshift would take: its FROM is a prefix that can match files of
// another table or run.
package redshiftdata
