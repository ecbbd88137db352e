package modeltest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/model/modeltest"
	"github.com/nightstar-elt/nightstar/sql"
)

// update rewrites the files that are rendered from the model: go test
// ./pkg/model/modeltest -update.
var update = flag.Bool("update", false, "rewrite sql/schema from the model")

func TestSchema_isRenderedFromTheModel(t *testing.T) {
	t.Parallel()

	m := modeltest.Fleet()
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, script := range m.Schema() {
		path := filepath.Join("sql", "schema", script.Name)
		if *update {
			if err := os.WriteFile(path, []byte(script.Text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(script.Text, string(text)); diff != "" {
			t.Errorf("%s differs from the model, run `make generate` (-model +file):\n%s", path, diff)
		}
	}
}

// Two nights on each engine: the second has a trip of a vehicle that is gone.
func TestFleet_becomesAStar(t *testing.T) {
	t.Parallel()

	engines := localtest.Engines()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			engine := open(t)
			run(t, engine, sql.PhaseSchema, sql.PhaseProcedures)
			exec(t, engine,
				`insert into landing.vehicle (pk, plate, maker, batterykwh, electric) values
					('VEH#1A', 'UL-A 1', 'Acme', 77.4, true), ('VEH#2B', null, 'Bolt', null, false)`,
				`insert into landing.trip (pk, sk, startedat, metres, kwh) values
					('VEH#1A', 'TRIP#1', cast('2023-12-31 23:50:00' as timestamp), 5000000000, 1.250),
					('VEH#2B', 'TRIP#1', cast('2024-01-01 00:10:00' as timestamp), 700, null)`)
			loaded(t, engine, "r1")
			run(t, engine, sql.PhaseStage, sql.PhasePublish)
			check(t, engine, []string{"Acme|2023|1|5000000000|1.250", "Bolt|2024|1|700|null"})

			exec(t, engine,
				`insert into landing.vehicle (pk, plate, maker, batterykwh, electric) values ('VEH#2B', null, 'Bolt', null, false)`,
				`insert into landing.trip (pk, sk, startedat, metres, kwh) values
					('VEH#1A', 'TRIP#0', cast('2023-12-31 08:00:00' as timestamp), 30, 0.005),
					('VEH#2B', 'TRIP#1', cast('2024-01-01 00:10:00' as timestamp), 700, null)`)
			loaded(t, engine, "r2")
			counts := run(t, engine, sql.PhaseStage, sql.PhasePublish)
			want := []string{"dwh of run r2|1", "dwh.day|3", "dwh.trip|2", "dwh.trip on unknown vehicle|1", "dwh.vehicle|3"}
			if diff := cmp.Diff(want, counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			check(t, engine, []string{"Bolt|2024|1|700|null", "unknown|2023|1|30|0.005"})
			keys := exec(t, engine, `select staging.tripkey.tripkey, vin, tripid, metres from staging.tripkey
				left join dwh.trip on staging.tripkey.tripkey = dwh.trip.tripkey order by staging.tripkey.tripkey`)
			if diff := cmp.Diff([]string{"1|1A|1|null", "2|2B|1|700", "3|1A|0|30"}, keys); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			gone := exec(t, engine, `select vin, batterykwh, deleted from dwh.vehicle where vehiclekey <> 0 order by vin`)
			if diff := cmp.Diff([]string{"1A|77.4|true", "2B|null|false"}, gone); diff != "" {
				t.Errorf("vehicles (-want +got):\n%s", diff)
			}
		})
	}
}

// loaded states that a run has filled the landing tables.
func loaded(t *testing.T, engine sqlengine.Engine, run string) {
	t.Helper()
	for _, l := range modeltest.Fleet().Landing {
		exec(t, engine, fmt.Sprintf("insert into etl.%s (run_id, rows) select '%s', count(*) from landing.%s", model.LoadTable(l.Name), run, l.Name))
	}
}

func closeAfter(t *testing.T, c interface{ Close() error }) {
	t.Helper()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

// run runs phases, each in its transaction, and returns the last counts.
func run(t *testing.T, engine sqlengine.Engine, phases ...string) []string {
	t.Helper()
	scripts, err := modeltest.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	var counts []string
	for _, phase := range phases {
		statements, err := scripts.Statements(phase)
		if err != nil {
			t.Fatal(err)
		}
		counts = exec(t, engine, statements...)
	}
	return counts
}

// check asks the query of the fleet.
func check(t *testing.T, engine sqlengine.Engine, want []string) {
	t.Helper()
	scripts, err := modeltest.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	queries, err := scripts.Queries()
	if err != nil || len(queries) != 1 {
		t.Fatalf("Queries() = %v, %v, want one query", queries, err)
	}
	if diff := cmp.Diff(want, exec(t, engine, queries[0].SQL)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", queries[0].Question, diff)
	}
}

// exec runs statements in one transaction and returns the rows of the last.
func exec(t *testing.T, engine sqlengine.Engine, statements ...string) []string {
	t.Helper()
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // says nothing after Commit
	var last *sqlengine.Result
	for _, statement := range statements {
		if last, err = tx.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v:\n%s", err, statement)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return localtest.Lines(last)
}
