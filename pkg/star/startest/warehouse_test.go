package startest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/star/startest"
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

// engines open an empty database each. The folder is for its files.
var engines = map[string]func(ctx context.Context, folder string) (sqlengine.Engine, error){
	"duckdb": func(ctx context.Context, folder string) (sqlengine.Engine, error) {
		return duckdb.Open(ctx, filepath.Join(folder, "warehouse.duckdb"), duckdb.Options{Threads: 1})
	},
	"postgres": func(ctx context.Context, _ string) (sqlengine.Engine, error) {
		server, err := cluster()
		if err != nil {
			return nil, err
		}
		return server.Open(ctx)
	},
}

// warehouse is a database with the schema and procedures of a model.
type warehouse struct {
	ctx    context.Context
	m      model.Model
	engine sqlengine.Engine
	folder string // for the files of the lake; empty if rows are inserted
	stage  [][]string
	pub    [][]string
	nights int
}

func newWarehouse(ctx context.Context, m model.Model, engine sqlengine.Engine, folder string) (*warehouse, error) {
	w := &warehouse{ctx: ctx, m: m, engine: engine, folder: folder}
	for _, phase := range []string{star.PhaseSchema, star.PhaseProcedures} {
		batches, err := star.Batches(m, phase)
		if err != nil {
			return nil, err
		}
		if err := w.batches(batches); err != nil {
			return nil, fmt.Errorf("phase %s: %w", phase, err)
		}
	}
	var err error
	if w.stage, err = star.Batches(m, star.PhaseStage); err != nil {
		return nil, err
	}
	w.pub, err = star.Batches(m, star.PhasePublish)
	return w, err
}

func (w *warehouse) batches(batches [][]string) error {
	for _, statements := range batches {
		if err := w.transaction(statements); err != nil {
			return err
		}
	}
	return nil
}

// transaction runs statements, all or nothing.
func (w *warehouse) transaction(statements []string) error {
	tx, err := w.engine.Begin(w.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // says nothing after Commit
	for _, statement := range statements {
		if _, err := tx.Exec(w.ctx, statement); err != nil {
			return fmt.Errorf("%w in\n%s", err, statement)
		}
	}
	return tx.Commit()
}

// night is a night in both forms.
type night struct {
	items []startest.Item
	rows  startest.Landing
}

func newNight(m model.Model, items []startest.Item) night {
	return night{items, startest.Land(m, items)}
}

// load fills landing: PostgreSQL with the rows of the reference, DuckDB with the
// files that the lake makes of the items.
func (w *warehouse) load(n night) error {
	w.nights++
	if w.folder == "" {
		return w.insert(n.rows)
	}
	files, result, err := split(w.ctx, w.m, n.items, w.folder)
	if err != nil {
		return err
	}
	if err := agree(n.rows, result); err != nil {
		return err
	}
	tx, err := w.engine.Begin(w.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, r := range w.m.Relations() {
		rows := int64(0)
		landing := star.LandingTable(w.m, star.Full, r)
		for _, statement := range w.emptied(r) {
			if _, err := tx.Exec(w.ctx, statement); err != nil {
				return err
			}
		}
		if file := files[r.Name]; file != "" {
			if rows, err = tx.CopyParquet(w.ctx, landing.String(), model.Names(r.Columns), []string{file}); err != nil {
				return fmt.Errorf("load %s: %w", landing, err)
			}
		}
		if _, err := tx.Exec(w.ctx, w.loaded(r, rows)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// moment is the time of the export of the night, among the times that facts have.
func (w *warehouse) moment() time.Time {
	return time.Date(2018+w.nights, time.October, 27, 12, 0, 0, 0, time.UTC)
}

// announce says what was loaded.
func (w *warehouse) announce() error {
	return w.transaction(star.Announce(w.m, w.run(), star.Window{Mode: star.Full, To: w.moment()}, nil))
}

// insert fills landing with rows.
func (w *warehouse) insert(night startest.Landing) error {
	var statements []string
	for _, r := range w.m.Relations() {
		landing := star.LandingTable(w.m, star.Full, r)
		var rows []string
		for _, row := range night.Rows[r.Name] {
			var cells []string
			for _, c := range r.Columns {
				cells = append(cells, startest.Literal(c.Type, row.Cells[c.Name]))
			}
			rows = append(rows, "("+strings.Join(cells, ", ")+")")
		}
		statements = append(statements, w.emptied(r)...)
		if len(rows) > 0 {
			statements = append(statements, "insert into "+landing.String()+" ("+strings.Join(landing.ColumnNames(), ", ")+") values\n"+strings.Join(rows, ",\n"))
		}
		statements = append(statements, w.loaded(r, int64(len(rows))))
	}
	return w.transaction(statements)
}

func (w *warehouse) emptied(r model.Rows) []string {
	landing := star.LandingTable(w.m, star.Full, r)
	load, _ := star.Find(w.m, model.ETL, star.LoadTable(r.Table))
	return []string{"delete from " + landing.String(), "delete from " + load.String()}
}

// loaded states which run filled a landing table.
func (w *warehouse) loaded(r model.Rows, rows int64) string {
	load, _ := star.Find(w.m, model.ETL, star.LoadTable(r.Table))
	return fmt.Sprintf("insert into %s (run_id, rows) values ('run%d', %d)", load, w.nights, rows)
}

// read returns the rows of a table of the reference as they are in the
// warehouse.
func (w *warehouse) read(tx sqlengine.Tx, t startest.Table) ([]string, error) {
	found, ok := star.Find(w.m, t.Schema, t.Name)
	if !ok {
		return nil, fmt.Errorf("there is no table %s.%s", t.Schema, t.Name)
	}
	if !slices.Equal(model.Names(found.Columns), model.Names(t.Columns)) {
		return nil, fmt.Errorf("%s has the columns %v, want %v", found, model.Names(found.Columns), model.Names(t.Columns))
	}
	result, err := tx.Exec(w.ctx, "select "+strings.Join(found.ColumnNames(), ", ")+" from "+found.String())
	if err != nil {
		return nil, err
	}
	var rows []string
	for _, row := range result.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			if cells[i], err = text(t.Columns[i].Type, v); err != nil {
				return nil, fmt.Errorf("%s.%s: %w", found, t.Columns[i].Name, err)
			}
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	slices.Sort(rows)
	return rows, nil
}

// text spells a value of an engine as [startest.Text] does.
func text(t model.Type, v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return startest.Text(t, nil), nil
	case int64:
		return fmt.Sprint(v), nil
	case float64:
		return startest.Text(t, v), nil
	case bool:
		return startest.Text(t, v), nil
	case string:
		if t.Kind == model.KindTimestamp {
			at, err := time.Parse("2006-01-02 15:04:05", v)
			return startest.Text(t, at), err
		}
		return v, nil
	}
	return "", errors.ErrUnsupported
}
