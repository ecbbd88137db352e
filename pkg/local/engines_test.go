package local_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/sample"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// TestNight_enginesAgree loads the lake of a night into a PostgreSQL, runs the
// same phases there, and compares the star with DuckDB's row for row, surrogate
// keys included.
func TestNight_enginesAgree(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 7, Items: 4000, Awkward: true}).Items())
	run := m.mustSucceed(t, execution.Input{})
	before := m.star(t)

	server, err := postgres.Start(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	engine, err := server.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store := m.env.Model()
	for _, phase := range []string{star.PhaseSchema, star.PhaseProcedures} {
		runPhase(t, engine, store, phase)
	}
	transact(t, engine, func(tx sqlengine.Tx) {
		for _, rows := range store.Relations() {
			files, err := filepath.Glob(filepath.Join(m.dir, "s3", local.LakeBucket, "items", "type="+rows.Name, "run="+run.RunID, "*.parquet"))
			if err != nil || len(files) == 0 {
				t.Fatalf("the lake has no files of %s: %v", rows.Name, err)
			}
			landing := star.LandingTable(store, star.Full, rows).String()
			if _, err := tx.CopyParquet(t.Context(), landing, model.Names(rows.Columns), files); err != nil {
				t.Fatal(err)
			}
			load := "insert into etl." + star.LoadTable(rows.Table) + ` (run_id, rows) select 'r', count(*) from ` + landing
			if _, err := tx.Exec(t.Context(), load); err != nil {
				t.Fatal(err)
			}
		}
	})
	runPhase(t, engine, store, star.PhaseFull)
	for _, table := range starTables {
		rows := lines(rowsOf(t, engine, "select * from "+table))
		if len(rows) < 2 {
			t.Errorf("%s has %d rows in PostgreSQL", table, len(rows))
		}
		if diff := cmp.Diff(before[table], rows); diff != "" {
			t.Errorf("%s (-DuckDB +PostgreSQL):\n%s", table, diff)
		}
	}
}

func runPhase(t *testing.T, engine sqlengine.Engine, m model.Model, phase string) {
	t.Helper()
	batches, err := star.Batches(m, phase)
	if err != nil {
		t.Fatal(err)
	}
	transact(t, engine, func(tx sqlengine.Tx) {
		for _, statement := range slices.Concat(batches...) {
			if _, err := tx.Exec(t.Context(), statement); err != nil {
				t.Fatalf("%v in %s", err, statement)
			}
		}
	})
}

func transact(t *testing.T, engine sqlengine.Engine, work func(sqlengine.Tx)) {
	t.Helper()
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	work(tx)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
