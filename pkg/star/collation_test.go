package star_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// TestProcedures_refuseADatabaseThatIgnoresCase, as one column of DuckDB does here;
// every other test runs the phase in databases that do not.
func TestProcedures_refuseADatabaseThatIgnoresCase(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "warehouse.duckdb")
	db, err := sql.Open("duckdb", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "create schema etl; create table etl.collation_probe (value varchar collate nocase not null)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	engine, err := duckdb.Open(t.Context(), file, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	for _, phase := range []string{star.PhaseSchema, star.PhaseProcedures} {
		batches, err := star.Batches(store(t), phase)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := engine.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range slices.Concat(batches...) {
			if _, err = tx.Exec(t.Context(), statement); err != nil {
				break
			}
		}
		if phase == star.PhaseProcedures {
			if err == nil || !strings.Contains(err.Error(), "takes the letters a and A for equal") {
				t.Errorf("phase %s = %v, want a refusal", phase, err)
			}
			_ = tx.Rollback()
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}
