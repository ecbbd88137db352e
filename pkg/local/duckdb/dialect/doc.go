// Package dialect turns Redshift SQL into the SQL that DuckDB runs with the
// same meaning.
//
// Package duckdb calls it for every statement. It works on tokens and needs no
// database. It accepts an explicit set of statements and functions: those that
// Redshift documents and that DuckDB, after the rewriting below, answers alike.
// Everything else is an error that names the word and its line, because SQL
// that runs on a laptop and fails, or differs, in Redshift is worse than SQL
// that runs nowhere.
//
// # Statements
//
// SELECT and WITH … SELECT, INSERT, UPDATE, DELETE, CREATE SCHEMA, CREATE
// [TEMP] TABLE, CREATE VIEW, CREATE PROCEDURE, DROP of these, ALTER TABLE ADD
// COLUMN or RENAME TO, CALL, and three that change nothing here: GRANT (a DuckDB file has no
// users), ANALYZE and LOCK (both check that their table exists; conflicting
// transactions fail with error 1023 instead of waiting for a lock). TRUNCATE is
// refused because it commits in Redshift, MERGE because DuckDB does not report
// several matches for one row:
// https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
//
// # Rewriting
//
//   - CREATE TABLE loses PRIMARY KEY, UNIQUE, REFERENCES, DISTSTYLE, DISTKEY,
//     SORTKEY, ENCODE and BACKUP, which only inform Redshift's planner. The
//     columns of a primary key become NOT NULL. VARCHAR(n) gets a check of its
//     length in bytes; VARCHAR and TEXT mean VARCHAR(256), DECIMAL means
//     DECIMAL(18,0).
//   - A cast to VARCHAR(n) fails for a longer value, which Redshift would cut
//     silently. A cast of text to an integer fails for anything but digits.
//   - Date parts may be words, as in dateadd(day, 1, d). NVL, LEN, BTRIM,
//     OCTET_LENGTH, CHARINDEX, SUBSTRING, DATE_TRUNC, DATEADD, DATEDIFF,
//     GETDATE, SYSDATE and TO_CHAR get their Redshift meaning.
//   - AVG needs an argument cast to double precision: of integers Redshift
//     gives an integer and others do not.
//   - A window aggregate with ORDER BY needs a ROWS frame, as in Redshift.
//
// # Procedures
//
// [Procedure] is what a CREATE PROCEDURE … LANGUAGE plpgsql declares. A body
// may hold declarations of bigint, integer, numeric and varchar variables,
// SELECT INTO, IF … THEN RAISE EXCEPTION … END IF, CALL and plain statements. Anything else,
// such as a loop, an exception handler, EXECUTE, COMMIT or TRUNCATE, is refused
// when the procedure is created.
package dialect
