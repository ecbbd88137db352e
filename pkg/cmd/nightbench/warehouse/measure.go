package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// The sides of the comparison.
const (
	ours = iota
	theBare
	sides
)

// The phases of a night that are measured. The proofs are a part of the
// transformation.
const (
	load      = "load"
	transform = "transform"
	proofs    = "proofs"
)

// cost is what something took, in seconds.
type cost struct{ cpu, wall float64 }

// bench is a comparison: what the phases of the nights took, in every round.
type bench struct {
	m      model.Model
	nights []night
	bare   []string
	costs  [sides]map[string][]cost // by phase and night
	detail map[string][]cost        // by statement
}

// phaseOf names a phase of a night, counted from 0.
func phaseOf(phase string, night int) string { return fmt.Sprintf("%s, night %d", phase, night+1) }

// opener opens a database, which is empty the first time.
type opener func(ctx context.Context) (sqlengine.Engine, error)

func compare(ctx context.Context, s settings, m model.Model, engine string, nights []night) (_ *bench, err error) {
	b := &bench{m: m, nights: nights, detail: map[string][]cost{}}
	for i := range b.costs {
		b.costs[i] = map[string][]cost{}
	}
	if b.bare, err = bareStatements(m); err != nil {
		return nil, err
	}
	var server *postgres.Server
	switch engine {
	case "duckdb":
	case "postgres":
		if server, err = postgres.Start(ctx); err != nil {
			return nil, err //nolint:wrapcheck // says enough
		}
		defer func() { err = errors.Join(err, server.Close()) }()
	default:
		return nil, fmt.Errorf("look up engine %q: it is none of duckdb, postgres", engine)
	}
	for round := range s.rounds {
		var dbs [sides]*database
		for side := range dbs {
			open, err := b.fresh(ctx, s, server, side)
			if err != nil {
				return nil, err
			}
			dbs[side] = &database{open: open, postgres: server != nil, explain: s.explain, detail: b.detail}
		}
		if err := b.round(ctx, round, dbs); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// fresh makes an empty database of a side: a file of DuckDB, or a database of
// the server.
func (b *bench) fresh(ctx context.Context, s settings, server *postgres.Server, side int) (opener, error) {
	if server != nil {
		engine, err := server.Open(ctx)
		return func(context.Context) (sqlengine.Engine, error) { return engine, nil }, err //nolint:wrapcheck // says enough
	}
	path := filepath.Join(s.dir, fmt.Sprintf("side%d.duckdb", side))
	for _, old := range []string{path, path + ".wal"} {
		if err := os.RemoveAll(old); err != nil {
			return nil, err //nolint:wrapcheck // names the file
		}
	}
	return func(ctx context.Context) (sqlengine.Engine, error) {
		return duckdb.Open(ctx, path, duckdb.Options{Threads: s.threads})
	}, nil
}

// round runs both nights on both sides. Who comes first changes with every
// round and every night.
func (b *bench) round(ctx context.Context, round int, dbs [sides]*database) error {
	for _, db := range dbs { // the same tables, which only one side proves
		for _, phase := range []string{star.PhaseSchema, star.PhaseProcedures} {
			batches, err := star.Batches(b.m, phase)
			if err != nil {
				return err //nolint:wrapcheck // names the phase
			}
			if _, err := db.session(ctx, "", batches, nil); err != nil {
				return err
			}
		}
	}
	for nth, n := range b.nights {
		for turn := range sides {
			side := (turn + round + nth) % sides
			step := b.ours
			if side == theBare {
				step = b.theirs
			}
			costs, err := step(ctx, dbs[side], nth, n)
			if err != nil {
				return fmt.Errorf("night %d, side %d: %w", nth+1, side, err)
			}
			for phase, c := range costs {
				name := phaseOf(phase, nth)
				b.costs[side][name] = append(b.costs[side][name], c)
			}
		}
		if err := b.agree(ctx, dbs); err != nil {
			return fmt.Errorf("night %d: %w", nth+1, err)
		}
	}
	if err := b.change(ctx, dbs[ours]); err != nil {
		return fmt.Errorf("increment: %w", err)
	}
	return nil
}

// ours runs a night as the pipeline does: the batches of landing-load for each
// table, stage and publish.
func (b *bench) ours(ctx context.Context, db *database, nth int, n night) (map[string]cost, error) {
	var loads, changes [][]string
	var files [][]string
	for _, r := range b.m.Relations() {
		statements, err := b.loading(ctx, r, nth, n)
		if err != nil {
			return nil, err
		}
		loads, files = append(loads, statements), append(files, n.Files[r.Name])
	}
	for _, phase := range []string{star.PhaseFull} {
		batches, err := star.Batches(b.m, phase)
		if err != nil {
			return nil, err //nolint:wrapcheck // names the phase
		}
		if db.explain {
			if batches[0], err = expand(b.m, batches[0]); err != nil {
				return nil, err
			}
		}
		announced := star.Announce(b.m, fmt.Sprintf("run%d", nth+1), star.Window{Mode: star.Full, To: moment(nth)}, nil)
		changes = append(changes, append(announced, batches[0]...))
	}
	return db.night(ctx, fmt.Sprintf("night %d ours ", nth+1), loads, files, changes)
}

// theirs runs a night with the bare SQL.
func (b *bench) theirs(ctx context.Context, db *database, nth int, n night) (map[string]cost, error) {
	var loads, files [][]string
	for _, r := range b.m.Relations() {
		landing := star.LandingTable(b.m, star.Full, r)
		statements := []string{"delete from " + landing.String()}
		if len(n.Files[r.Name]) > 0 {
			statements = append(statements, "copy "+landing.String()+" ("+strings.Join(landing.ColumnNames(), ", ")+")")
		}
		loads, files = append(loads, statements), append(files, n.Files[r.Name])
	}
	return db.night(ctx, fmt.Sprintf("night %d bare ", nth+1), loads, files, [][]string{b.bare})
}

// recorder takes the batches that the pipeline would submit.
type recorder struct{ statements []string }

func (r *recorder) BatchExecuteStatement(
	_ context.Context, in *redshiftdata.BatchExecuteStatementInput, _ ...func(*redshiftdata.Options),
) (*redshiftdata.BatchExecuteStatementOutput, error) {
	r.statements = in.Sqls
	return &redshiftdata.BatchExecuteStatementOutput{Id: aws.String("recorded")}, nil
}

// loading returns the statements that the step landing-load submits.
func (b *bench) loading(ctx context.Context, r model.Rows, nth int, n night) ([]string, error) {
	var recorded recorder
	_, err := warehouse.NewLoader(&recorded, warehouse.Target{Database: "bench", Workgroup: "bench"}, b.m).Load(ctx, warehouse.LoadInput{
		RunID: fmt.Sprintf("run%d", nth+1), Table: r.Table, Manifest: "s3://lake/manifest", Files: len(n.Files[r.Name]),
		Rows: n.Rows[r.Name], Attempt: 1, Entered: "now",
	})
	return recorded.statements, err //nolint:wrapcheck // names the table
}

// agree compares the rows of the dwh tables of both sides, without unknown
// members, which the bare side has not.
func (b *bench) agree(ctx context.Context, dbs [sides]*database) error {
	var names, counts []string
	for _, t := range star.Tables(b.m) {
		if t.Schema != b.m.Schema(model.DWH) {
			continue
		}
		query := "select count(*) from " + t.String()
		if d, ok := b.m.Dimension(t.Name); ok {
			query += " where " + model.QuoteName(d.SurrogateKey()) + " <> 0"
		}
		names, counts = append(names, t.String()), append(counts, "("+query+")")
	}
	var rows [sides][]any
	for side, db := range dbs {
		var err error
		if rows[side], err = db.row(ctx, "select "+strings.Join(counts, ", ")); err != nil {
			return err
		}
	}
	for i, name := range names {
		here, ok := rows[ours][i].(int64)
		there, also := rows[theBare][i].(int64)
		// An inner join loses facts without a member, such as without an address.
		if !ok || !also || here == 0 || there > here || there < here-here/50 {
			return fmt.Errorf("%s has %v rows, and %v with the bare SQL, so they do not do the same", name, rows[ours][i], rows[theBare][i])
		}
	}
	return nil
}

// database is a database of one side.
type database struct {
	open     opener
	postgres bool
	explain  bool
	detail   map[string][]cost
}

// night loads and changes.
func (db *database) night(ctx context.Context, who string, loads, files, changes [][]string) (map[string]cost, error) {
	loaded, err := db.session(ctx, who, loads, files)
	if err != nil {
		return nil, err
	}
	changed, err := db.session(ctx, who, changes, nil)
	return map[string]cost{load: loaded.all, transform: changed.all, proofs: changed.proofs}, err
}

// session runs batches, with the files of their COPYs, and closes the database:
// DuckDB then moves its log into the file, which it would do at some later
// time, and in another phase, otherwise.
func (db *database) session(ctx context.Context, who string, batches, files [][]string) (spent, error) {
	var all spent
	engine, err := db.open(ctx)
	if err != nil {
		return all, fmt.Errorf("open database: %w", err)
	}
	for i, statements := range batches {
		var of []string
		if files != nil {
			of = files[i]
		}
		s, err := db.batch(ctx, engine, who, statements, of)
		if err != nil {
			return all, errors.Join(err, engine.Close())
		}
		all.all, all.proofs = all.all.plus(s.all), all.proofs.plus(s.proofs)
	}
	c := &clock{}
	if _, err := c.lap(); err != nil {
		return all, errors.Join(err, engine.Close())
	}
	if err := engine.Close(); err != nil {
		return all, fmt.Errorf("close database: %w", err)
	}
	closed, err := c.lap()
	all.all = all.all.plus(closed)
	db.note(who+"close", closed)
	return all, err
}

func (db *database) note(name string, c cost) { db.detail[name] = append(db.detail[name], c) }

// spent is what a batch took, and what its proofs took.
type spent struct{ all, proofs cost }

// batch runs statements in one transaction. A COPY loads the files.
func (db *database) batch(ctx context.Context, engine sqlengine.Engine, who string, statements, files []string) (spent, error) {
	var s spent
	tx, err := engine.Begin(ctx)
	if err != nil {
		return s, err //nolint:wrapcheck // says enough
	}
	defer func() { _ = tx.Rollback() }() //nolint:errcheck // says nothing after Commit
	c, err := startClock(ctx, tx, db.postgres)
	if err != nil {
		return s, err
	}
	for _, statement := range statements {
		if strings.HasPrefix(statement, "copy ") {
			_, err = copyFiles(ctx, tx, statement, files)
		} else {
			_, err = tx.Exec(ctx, statement)
		}
		if err != nil {
			return s, fmt.Errorf("%w in\n%s", err, statement)
		}
		lap, err := c.lap()
		if err != nil {
			return s, err
		}
		s.all = s.all.plus(lap)
		if strings.Contains(statement, "verify()") || strings.Contains(statement, "etl.proof") {
			s.proofs = s.proofs.plus(lap)
		}
		db.note(who+statement, lap)
	}
	if db.postgres { // with its connection goes the count of its CPU time, and a commit takes next to none
		return s, tx.Commit() //nolint:wrapcheck // says enough
	}
	if err := tx.Commit(); err != nil {
		return s, err //nolint:wrapcheck // says enough
	}
	lap, err := c.lap()
	s.all = s.all.plus(lap)
	db.note(who+"commit", lap)
	return s, err
}

// copyFiles does what COPY does, with local files.
func copyFiles(ctx context.Context, tx sqlengine.Tx, statement string, files []string) (int64, error) {
	head, list, _ := strings.Cut(strings.TrimPrefix(statement, "copy "), " (")
	list, _, _ = strings.Cut(list, ")")
	columns := strings.Split(strings.ReplaceAll(list, `"`, ""), ", ")
	return tx.CopyParquet(ctx, head, columns, files) //nolint:wrapcheck // names the table
}

// row runs a query and returns its first row.
func (db *database) row(ctx context.Context, query string) (_ []any, err error) {
	engine, err := db.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	tx, err := engine.Begin(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // says enough
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	result, err := tx.Exec(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", query, err)
	}
	return result.Rows[0], nil
}

func (c cost) plus(d cost) cost { return cost{c.cpu + d.cpu, c.wall + d.wall} }

// clock measures the wall time and the CPU time of this process and, with
// PostgreSQL, of the server's process for the transaction.
type clock struct {
	backend string // its id; empty without one
	wall    time.Time
	cpu     time.Duration
}

func startClock(ctx context.Context, tx sqlengine.Tx, postgres bool) (*clock, error) {
	c := &clock{}
	if postgres {
		result, err := tx.Exec(ctx, "select pg_backend_pid()")
		if err != nil {
			return nil, fmt.Errorf("ask for the server's process: %w", err)
		}
		c.backend = fmt.Sprint(result.Rows[0][0])
	}
	_, err := c.lap()
	return c, err
}

// lap returns what passed since the lap before.
func (c *clock) lap() (cost, error) {
	cpu, err := processTime()
	if err == nil && c.backend != "" {
		var server time.Duration
		server, err = backendTime(c.backend)
		cpu += server
	}
	now := time.Now()
	passed := cost{cpu: (cpu - c.cpu).Seconds(), wall: now.Sub(c.wall).Seconds()}
	c.cpu, c.wall = cpu, now
	return passed, err
}
