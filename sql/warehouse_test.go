package sql_test

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
	"github.com/nightstar-elt/nightstar/sql"
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
			test(t, newWarehouse(t, open(t)))
		})
	}
}

// warehouse is a database with the schema and the procedures.
type warehouse struct {
	t      *testing.T
	model  model.Model
	engine sqlengine.Engine
}

func newWarehouse(t *testing.T, engine sqlengine.Engine) *warehouse {
	t.Helper()
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &warehouse{t: t, model: model.Store(), engine: engine}
	w.phase(sql.PhaseSchema)
	w.phase(sql.PhaseProcedures)
	return w
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

// try runs a phase.
func (w *warehouse) try(name string) ([]string, error) {
	w.t.Helper()
	statements, err := sql.Statements(name)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.batch(statements...)
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
	w.phase(sql.PhaseStage)
	w.phase(sql.PhasePublish)
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
	for _, table := range w.model.Tables() {
		statements = append(statements, "delete from "+table.String())
	}
	w.exec(statements...)
}

// load replaces the landing tables by the items of a night.
func (w *warehouse) load(n night) {
	w.t.Helper()
	var statements []string
	for _, l := range w.model.Landing {
		statements = append(statements, n.insert(w.t, w.model, l)...)
		statements = append(statements, w.loaded(l.Name, tonight)...)
	}
	w.exec(statements...)
}

// tonight is the run of every night of these tests.
const tonight = "tonight"

// loaded states that a landing table was filled by a run.
func (w *warehouse) loaded(table, run string) []string {
	landing, _ := w.model.Table(model.SchemaLanding, table)
	load, _ := w.model.Table(model.SchemaETL, model.LoadTable(table))
	return []string{
		"delete from " + load.String(),
		fmt.Sprintf("insert into %s (run_id, rows) select '%s', count(*) from %s", load, run, landing),
	}
}

// star returns every row of the staging and dwh tables.
func (w *warehouse) star() map[string][]string {
	w.t.Helper()
	dump := map[string][]string{}
	for _, table := range w.model.Tables() {
		if table.Schema == model.SchemaStaging || table.Schema == model.SchemaDWH {
			dump[table.String()] = w.table(table)
		}
	}
	return dump
}

func (w *warehouse) table(table model.Table) []string {
	w.t.Helper()
	names := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		names[i] = model.QuoteName(c.Name)
	}
	rows := w.exec("select " + strings.Join(names, ", ") + " from " + table.String())
	slices.Sort(rows)
	return rows
}

func firstLine(statement string) string {
	line, _, _ := strings.Cut(statement, "\n")
	return line
}
