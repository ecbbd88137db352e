// Package duckdb is the warehouse of a laptop: DuckDB, made to answer Redshift
// SQL as Redshift would.
//
// It implements [sqlengine.Engine] over one file, which the local Data API
// endpoint (package redshiftdata) runs statements on. Package dialect decides
// which SQL is accepted and how it is spelled; this package keeps procedures
// and runs them, loads Parquet by the rules of COPY, reports conflicts between
// transactions, and turns values and errors into Redshift's. It knows no S3 and
// no Data API. It is the only package that links DuckDB, which takes cgo and
// seventy megabytes, so nothing that is deployed may import it.
//
// The file stays readable by any DuckDB. Next to the warehouse's schemas it has
// nightstar_local, with the text of the procedures and the macros that views
// may call, and public, for names without a schema.
//
// # What is made equal
//
//   - Division of integers truncates and division by zero is an error; DuckDB
//     alone gives a double, and NULL.
//   - Nulls sort last, in descending order first; in windows too.
//   - Text compares byte by byte, which is DuckDB's default.
//   - VARCHAR(n) counts bytes and is enforced; DuckDB alone ignores n.
//   - The time zone is UTC. Dates, timestamps and decimals come back as
//     Redshift prints them.
//   - COPY checks names, count, physical and logical types of a file's columns.
//   - A transaction sees the warehouse as it was when it began. A table that
//     another transaction has changed since, or is changing, can not be changed:
//     error 1023, as under Redshift's serializable isolation. DuckDB alone would
//     let two transactions load the same table twice.
//   - A failed statement ends its transaction.
//
// # What differs and stays
//
//   - Blanks at the end of a text count when texts are compared. Redshift
//     ignores them: https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
//   - Text and numbers compare, and text enters columns of other types, without
//     a cast, and round on the way; PostgreSQL refuses both. Write casts.
//   - SUM of BIGINT comes back as int8, of Redshift as numeric(38,0). A sum
//     beyond 64 bits is an error.
//   - ROUND of a double takes halves away from zero.
//   - The scale of a product of decimals may be another. Division of decimals
//     is refused.
//   - A column without a name is called by DuckDB's text of its expression.
//   - CREATE TABLE AS gives its VARCHAR columns no length.
//   - EXTRACT gives a bigint, of Redshift an integer.
//   - LOCK takes no lock: whoever comes second fails with error 1023.
//   - GETDATE is the start of the transaction, not of the statement.
package duckdb
