// Package sqlengine is the seam between the local Redshift Data API endpoint
// and the database that stands in for Redshift behind it.
//
// The endpoint (package redshiftdata) speaks only these types; package duckdb
// implements them for the warehouse on a laptop, package postgres for the tests
// that compare both engines. An engine runs Redshift SQL and loads Parquet
// files from local paths. It knows nothing about S3, manifests or the Data
// API, and this package holds types only, and the one bound
// that all of them keep.
package sqlengine

import (
	"context"
	"fmt"
)

// Engine is a database that runs Redshift SQL. It is safe for concurrent use.
type Engine interface {
	// Begin opens a transaction on a connection of its own. The context
	// limits the start only; each call of the transaction takes its own.
	Begin(ctx context.Context) (Tx, error)

	// Close ends the engine. Transactions must have ended before.
	Close() error
}

// Tx is one transaction. It serves one goroutine at a time and must be ended
// by Commit or Rollback. After any error except one of Commit only Rollback is
// allowed, as in Redshift, where a failed statement aborts its transaction.
type Tx interface {
	// Exec runs exactly one statement. A statement that the engine does not
	// run as Redshift would is an error that names it. Cancelling the context
	// interrupts the statement and the error wraps ctx.Err().
	Exec(ctx context.Context, sql string) (*Result, error)

	// CopyParquet appends the rows of Parquet files to a table, as COPY …
	// FORMAT AS PARQUET does: file columns go to the named columns by
	// position, or to all columns of the table if none are named. Table is
	// "schema.table" in Redshift spelling, quotes allowed; columns are plain
	// names; files are local paths. One bad file fails the whole load.
	CopyParquet(ctx context.Context, table string, columns []string, files []string) (rows int64, err error)

	// Commit makes the work of the transaction visible. After an error the
	// transaction is over and nothing of it is visible.
	Commit() error

	// Rollback discards the transaction. It does nothing after Commit or
	// Rollback, so it can be deferred.
	Rollback() error
}

// Result is what one statement returned. Columns is empty for a statement
// without a result set, and only then.
type Result struct {
	Columns  []Column
	Rows     [][]any // nil, bool, int64, float64 or string; decimals, dates and timestamps are strings
	Affected int64   // rows inserted, updated or deleted; 0 for other statements
}

// MaxResult is about how many bytes of values a result has at most. The service
// has 500 MB, compressed; here a result is kept in memory.
const MaxResult = 100 << 20

// Budget keeps a result that is being read from becoming larger than
// [MaxResult]. The zero value is full.
type Budget struct {
	rows, bytes int64
}

// Spend takes the size of a row away, or tells that the result is too large.
func (b *Budget) Spend(row []any) error {
	b.rows++
	for _, value := range row {
		b.bytes += 16 // of the value itself
		if text, ok := value.(string); ok {
			b.bytes += int64(len(text))
		}
	}
	if b.bytes > MaxResult {
		return fmt.Errorf("the result has more than %d MiB at row %d: ask for fewer rows or columns, such as by limit",
			MaxResult>>20, b.rows)
	}
	return nil
}

// Column describes one column of a result.
type Column struct {
	Name string
	Type string // as Redshift names it, without length: "varchar", "int8", "numeric", "timestamp"
}
