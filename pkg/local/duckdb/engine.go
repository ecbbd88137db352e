package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	duck "github.com/duckdb/duckdb-go/v2"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb/dialect"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// Options are the optional settings of an engine. The zero value works.
type Options struct {
	// ReadOnly opens the file so that other processes can read it too.
	// It must have been written by this package before.
	ReadOnly bool

	// MemoryLimit is how many bytes DuckDB may keep in memory, half of the
	// machine's if it is 0. What is above goes to files beside the warehouse. A
	// statement that finds the process above one and a half times the limit ends.
	MemoryLimit int64

	// Threads is how many threads a statement may use, one for each core if
	// it is 0.
	Threads int
}

// Engine is a warehouse file. It is safe for concurrent use.
type Engine struct {
	db       *sql.DB
	readOnly bool
	writers  *writers
	most     int64 // bytes that the process may hold while a statement runs; 0 for any
}

var _ sqlengine.Engine = (*Engine)(nil)

// Open opens the warehouse in a file, and creates the file if there is none.
// Only one process can have it open unless all open it read-only.
func Open(ctx context.Context, path string, opts Options) (*Engine, error) {
	// Paths stay what they are when the process changes its folder, as the
	// local S3 does.
	dsn, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open warehouse %q: %w", path, err)
	}
	// The driver reads the path as a URL.
	if path == "" || strings.ContainsAny(dsn, "?#%:") {
		return nil, fmt.Errorf("open warehouse %q: a path may not be empty, nor hold one of ? # %% : in it", path)
	}
	if opts.MemoryLimit == 0 {
		opts.MemoryLimit = machineMemory() / 2
	}
	if opts.ReadOnly {
		dsn += "?access_mode=READ_ONLY"
	}
	connector, err := duck.NewConnector(dsn, func(conn driver.ExecerContext) error {
		return prepare(conn, opts)
	})
	if err != nil {
		return nil, fmt.Errorf("open warehouse %q: %w", path, err)
	}
	db := sql.OpenDB(connector)
	// Each transaction has a connection of its own, so that its temporary
	// tables end with it.
	db.SetMaxIdleConns(0)
	e := &Engine{db: db, readOnly: opts.ReadOnly, writers: newWriters(), most: opts.MemoryLimit / 2 * 3}
	if err := e.initialise(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open warehouse %q: %w", path, err), db.Close())
	}
	return e, nil
}

// prepare gives a new connection its settings.
func prepare(conn driver.ExecerContext, opts Options) error {
	_, operators := dialect.Macros()
	statements := append([]string{
		"set integer_division = true",
		"set default_null_order = 'nulls_last_on_asc_first_on_desc'",
		"set TimeZone = 'UTC'",
		// Nothing is fetched from the network behind a query's back.
		"set autoinstall_known_extensions = false",
		"set autoload_known_extensions = false",
		dialect.Concatenation(),
	}, operators...)
	if opts.MemoryLimit > 0 {
		statements = append(statements, fmt.Sprintf("set memory_limit = '%dB'", opts.MemoryLimit))
	}
	if opts.Threads > 0 {
		statements = append(statements, fmt.Sprintf("set threads = %d", opts.Threads))
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(context.Background(), statement, nil); err != nil {
			return fmt.Errorf("prepare connection: %w", err)
		}
	}
	return nil
}

// initialise creates in the file what this package keeps there.
func (e *Engine) initialise(ctx context.Context) error {
	if e.readOnly {
		var one int
		err := e.db.QueryRowContext(ctx, "select 1 from duckdb_schemas() where schema_name = ?", dialect.Schema).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("the file has no schema %s, so no warehouse was written into it", dialect.Schema)
		}
		return err
	}
	macros, _ := dialect.Macros()
	statements := append([]string{
		"create schema if not exists public",
		"create schema if not exists " + dialect.Schema,
		"create table if not exists " + procedureTable +
			" (schema_name varchar not null, procedure_name varchar not null, source varchar not null)",
	}, macros...)
	for _, statement := range statements {
		if _, err := e.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Begin opens a transaction that sees what is committed now.
func (e *Engine) Begin(ctx context.Context) (sqlengine.Tx, error) {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	writer := e.writers.begin()
	// DuckDB takes its snapshot at the first statement that looks into the
	// file, so one follows at once. It comes after the writer was counted in: a
	// commit between the two is a needless conflict, never a missed one.
	for _, statement := range []string{
		"set search_path = 'public'",
		"begin transaction",
		"select count(*) from " + procedureTable,
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("begin transaction: %w", err), conn.Close())
		}
	}
	return &tx{conn: conn, engine: e, writer: writer, temporary: map[string]bool{}}, nil
}

// Close closes the file. Every transaction must have ended.
func (e *Engine) Close() error {
	if err := e.db.Close(); err != nil {
		return fmt.Errorf("close warehouse: %w", err)
	}
	return nil
}
