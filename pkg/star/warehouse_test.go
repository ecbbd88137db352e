package star_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// cluster is the one PostgreSQL of this test binary, started when the first
// test needs it and stopped by TestMain.
var cluster = sync.OnceValues(func() (*postgres.Server, error) {
	clusterStarted = true
	return postgres.Start(context.Background())
})

var clusterStarted bool

func TestMain(m *testing.M) {
	code := m.Run()
	if clusterStarted {
		if server, err := cluster(); err == nil {
			if err := server.Close(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// engines are the databases that every statement must mean the same in.
func engines() map[string]func(*testing.T) sqlengine.Engine {
	return map[string]func(*testing.T) sqlengine.Engine{
		"duckdb":   openDuckDB,
		"postgres": openPostgres,
	}
}

func openDuckDB(t *testing.T) sqlengine.Engine {
	t.Helper()
	engine, err := duckdb.Open(t.Context(), filepath.Join(t.TempDir(), "warehouse.duckdb"), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func openPostgres(t *testing.T) sqlengine.Engine {
	t.Helper()
	server, err := cluster()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := server.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// onEveryEngine runs test on an empty warehouse of each engine.
func onEveryEngine(t *testing.T, test func(t *testing.T, w *warehouse)) {
	t.Helper()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newWarehouse(t, store(t), open(t)))
		})
	}
}

// warehouse is a database with the schema and the procedures.
type warehouse struct {
	t      *testing.T
	model  model.Model
	engine sqlengine.Engine
}

func newWarehouse(t *testing.T, m model.Model, engine sqlengine.Engine) *warehouse {
	t.Helper()
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &warehouse{t: t, model: m, engine: engine}
	w.phase(star.PhaseSchema)
	w.phase(star.PhaseProcedures)
	return w
}

// store reads the model of the store.
func store(t *testing.T) model.Model {
	t.Helper()
	m, err := models.Read("store")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// batch runs statements in one transaction, as the Data API does, and returns
// the rows of the last.
func (w *warehouse) batch(statements ...string) ([]string, error) {
	w.t.Helper()
	tx, err := w.engine.Begin(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // says nothing after Commit
	var last *sqlengine.Result
	for _, statement := range statements {
		if last, err = tx.Exec(w.t.Context(), statement); err != nil {
			return nil, fmt.Errorf("%s: %w", firstLine(statement), err)
		}
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	return localtest.Lines(last), nil
}

// phase runs a phase, which must succeed.
func (w *warehouse) phase(name string) []string {
	w.t.Helper()
	rows, err := w.try(name)
	if err != nil {
		w.t.Fatalf("phase %s: %v", name, err)
	}
	return rows
}

// statements returns the statements of a phase that is one batch.
func (w *warehouse) statements(phase string) []string {
	w.t.Helper()
	batches, err := star.Batches(w.model, phase)
	if err != nil || len(batches) != 1 {
		w.t.Fatalf("phase %s has %d batches, %v", phase, len(batches), err)
	}
	return batches[0]
}

// try runs a phase.
func (w *warehouse) try(name string) ([]string, error) {
	w.t.Helper()
	batches, err := star.Batches(w.model, name)
	if err != nil {
		w.t.Fatal(err)
	}
	var rows []string
	for _, statements := range batches {
		if rows, err = w.batch(statements...); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// exec runs statements that a test needs, which must succeed.
func (w *warehouse) exec(statements ...string) []string {
	w.t.Helper()
	rows, err := w.batch(statements...)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// run loads a night, stages and publishes it.
func (w *warehouse) run(n night) {
	w.t.Helper()
	w.load(n)
	w.phase(star.PhaseStage)
	w.phase(star.PhasePublish)
}

// in is the same warehouse for a subtest.
func (w *warehouse) in(t *testing.T) *warehouse {
	t.Helper()
	return &warehouse{t: t, model: w.model, engine: w.engine}
}

// empty makes the warehouse as good as new, which is quicker than a new one.
func (w *warehouse) empty() {
	w.t.Helper()
	var statements []string
	for _, table := range star.Tables(w.model) {
		statements = append(statements, "delete from "+table.String())
	}
	w.exec(statements...)
}

// load replaces the landing tables by the items of a night.
func (w *warehouse) load(n night) {
	w.t.Helper()
	var statements []string
	for _, r := range w.model.Relations() {
		statements = append(statements, n.insert(w.t, w.model, r)...)
		statements = append(statements, w.loaded(r.Table, tonight)...)
	}
	w.exec(statements...)
}

// tonight is the run of every night of these tests.
const tonight = "tonight"

// loaded states that a landing table was filled by a run.
func (w *warehouse) loaded(table, run string) []string {
	landing := w.landing(table)
	load, _ := star.Find(w.model, model.ETL, star.LoadTable(table))
	return []string{
		"delete from " + load.String(),
		fmt.Sprintf("insert into %s (run_id, rows) select '%s', count(*) from %s", load, run, landing),
	}
}

// landing is the table of that name that a full export lands in.
func (w *warehouse) landing(table string) star.Table {
	w.t.Helper()
	for _, r := range w.model.Relations() {
		if r.Table == table {
			return star.LandingTable(w.model, star.Full, r)
		}
	}
	w.t.Fatalf("there is no landing table %s", table)
	return star.Table{}
}

// star returns every row of the staging and dwh tables.
func (w *warehouse) star() map[string][]string {
	w.t.Helper()
	dump := map[string][]string{}
	for _, table := range star.Tables(w.model) {
		if table.Schema == model.Staging || table.Schema == model.DWH {
			dump[table.String()] = w.table(table)
		}
	}
	return dump
}

func (w *warehouse) table(table star.Table) []string {
	w.t.Helper()
	rows := w.exec("select " + strings.Join(table.ColumnNames(), ", ") + " from " + table.String())
	slices.Sort(rows)
	return rows
}

func firstLine(statement string) string {
	line, _, _ := strings.Cut(statement, "\n")
	return line
}
