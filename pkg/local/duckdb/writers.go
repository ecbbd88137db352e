package duckdb

import (
	"fmt"
	"sync"
)

// writers knows which transactions change which tables. DuckDB reports a
// conflict when two transactions change the same row. It sees none when both
// empty and fill a table that was empty before, and the table then holds
// everything twice. Redshift reports that for the table:
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_DB_ISOLATION_LEVEL.html
type writers struct {
	mu        sync.Mutex
	commits   int                // how many transactions that changed tables have committed
	committed map[string]int     // by table: the number of the last commit that changed it
	active    map[string]*writer // by table: the open transaction that changes it
}

// writer is one transaction.
type writer struct {
	start  int // commits before it began
	tables []string
}

func newWriters() *writers {
	return &writers{committed: map[string]int{}, active: map[string]*writer{}}
}

func (w *writers) begin() *writer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &writer{start: w.commits}
}

// write counts a table among those that a transaction changes, or reports
// that another transaction changed it first.
func (w *writers) write(by *writer, table string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch other := w.active[table]; {
	case other == by:
		return nil
	case other != nil:
		return conflict(table, "another transaction is changing it")
	case w.committed[table] > by.start:
		return conflict(table, "another transaction has changed it since this one began")
	}
	w.active[table] = by
	by.tables = append(by.tables, table)
	return nil
}

// end forgets a transaction, after its commit or rollback.
func (w *writers) end(by *writer, committed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if committed && len(by.tables) > 0 {
		w.commits++
	}
	for _, table := range by.tables {
		delete(w.active, table)
		if committed {
			w.committed[table] = w.commits
		}
	}
	by.tables = nil
}

// conflict is the error that Redshift reports when transactions can not be put
// in an order. The whole transaction may be repeated.
func conflict(table, detail string) error {
	return fmt.Errorf("1023 DETAIL: Serializable isolation violation on table %s: %s", table, detail)
}
