package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb/dialect"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// tx is one transaction on a connection of its own.
type tx struct {
	conn      *sql.Conn
	engine    *Engine
	writer    *writer
	temporary map[string]bool // tables that only this transaction sees
	failed    bool
	done      bool
}

// errAborted tells that a statement came after one that failed.
var errAborted = errors.New("current transaction is aborted, commands ignored until end of transaction block")

// Exec runs one statement of Redshift SQL.
func (t *tx) Exec(ctx context.Context, text string) (*sqlengine.Result, error) {
	if err := t.usable(); err != nil {
		return nil, err
	}
	statement, err := dialect.Translate(text)
	if err != nil {
		t.failed = true
		return nil, err
	}
	ctx, release := watched(ctx, t.engine.most, resident)
	defer release()
	result, err := t.run(ctx, statement, 0)
	if err != nil {
		t.failed = true
		return nil, explain(ctx, err)
	}
	return result, nil
}

func (t *tx) usable() error {
	switch {
	case t.done:
		return errors.New("the transaction has ended")
	case t.failed:
		return errAborted
	}
	return nil
}

// run runs a translated statement. Depth counts the procedures around it.
func (t *tx) run(ctx context.Context, s *dialect.Statement, depth int) (*sqlengine.Result, error) {
	switch s.Kind {
	case dialect.Query:
		return query(ctx, t.conn, s.SQL)
	case dialect.Change:
		return t.change(ctx, s)
	case dialect.Define:
		return &sqlengine.Result{}, t.define(ctx, s)
	case dialect.Rename:
		for _, name := range []sqltext.Name{s.Target, {Schema: s.Target.Schema, Object: s.Column}} {
			if err := t.write(name); err != nil {
				return nil, err
			}
		}
		_, err := t.conn.ExecContext(ctx, s.SQL)
		return &sqlengine.Result{}, err
	case dialect.AddColumn:
		return &sqlengine.Result{}, t.addColumn(ctx, s)
	case dialect.SaveProcedure:
		return &sqlengine.Result{}, t.saveProcedure(ctx, s)
	case dialect.DropProcedure:
		return &sqlengine.Result{}, t.dropProcedure(ctx, s)
	case dialect.Call:
		return &sqlengine.Result{}, t.call(ctx, s.Target, depth)
	case dialect.Nothing:
		if s.SQL == "" {
			return &sqlengine.Result{}, nil
		}
		_, err := query(ctx, t.conn, s.SQL)
		return &sqlengine.Result{}, err
	}
	return nil, fmt.Errorf("statement %q has the unknown kind %d", s.Title, s.Kind)
}

// write claims a table for this transaction.
func (t *tx) write(name sqltext.Name) error {
	if t.temporary[name.String()] {
		return nil
	}
	if name.Schema == "" {
		name.Schema = "public"
	}
	return t.engine.writers.write(t.writer, name.String())
}

func (t *tx) change(ctx context.Context, s *dialect.Statement) (*sqlengine.Result, error) {
	if err := t.write(s.Target); err != nil {
		return nil, err
	}
	result, err := t.conn.ExecContext(ctx, s.SQL)
	if err != nil {
		return nil, err
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return nil, err
	}
	return &sqlengine.Result{Affected: rows}, nil
}

// define creates or drops a schema, table or view.
func (t *tx) define(ctx context.Context, s *dialect.Statement) error {
	if s.Drop && !s.Schema {
		if err := t.write(s.Target); err != nil {
			return err
		}
	}
	if _, err := t.conn.ExecContext(ctx, s.SQL); err != nil {
		return err
	}
	switch {
	case s.Temporary:
		t.temporary[s.Target.String()] = true
	case s.Drop && s.Schema:
		_, err := t.conn.ExecContext(ctx, "delete from "+procedureTable+" where schema_name = ?", s.Target.Object)
		return err
	case s.Drop:
		delete(t.temporary, s.Target.String())
	}
	return nil
}

// addColumn makes the table anew with one more column, because DuckDB adds no
// column that has a constraint.
func (t *tx) addColumn(ctx context.Context, s *dialect.Statement) error {
	if err := t.write(s.Target); err != nil {
		return err
	}
	name := s.Target
	if name.Schema == "" {
		name.Schema = "public"
	}
	columns, err := t.columns(ctx, name)
	if err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, column := range columns {
		if column.name == s.Column {
			return fmt.Errorf("column %q of relation %s already exists", s.Column, name)
		}
		names[i] = sqltext.QuoteName(column.name)
	}
	var definition string
	row := t.conn.QueryRowContext(ctx,
		"select sql from duckdb_tables() where schema_name = ? and table_name = ? and not temporary", name.Schema, name.Object)
	if err := row.Scan(&definition); err != nil {
		return fmt.Errorf("read definition of %s: %w", name, err)
	}
	// The text is "CREATE TABLE name(column, …);" in DuckDB's own spelling.
	open, end := strings.Index(definition, "("), strings.LastIndex(definition, ")")
	if open < 0 || end < open {
		return fmt.Errorf("read definition of %s: %q has no columns", name, definition)
	}
	wider := sqltext.Name{Schema: name.Schema, Object: name.Object + " with " + s.Column}
	list := strings.Join(names, ", ")
	for _, statement := range []string{
		"create table " + wider.SQL() + definition[open:end] + ", " + s.SQL + ")",
		"insert into " + wider.SQL() + " (" + list + ") select " + list + " from " + name.SQL(),
		"drop table " + name.SQL(),
		"alter table " + wider.SQL() + " rename to " + sqltext.QuoteName(name.Object),
	} {
		if _, err := t.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Commit makes the transaction's work visible and gives its connection back.
func (t *tx) Commit() error {
	if err := t.usable(); err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), t.Rollback())
	}
	return t.finish("commit")
}

// Rollback discards the transaction's work and gives its connection back.
func (t *tx) Rollback() error {
	if t.done {
		return nil
	}
	return t.finish("rollback")
}

func (t *tx) finish(verb string) error {
	t.done = true
	_, err := t.conn.ExecContext(context.Background(), verb)
	t.engine.writers.end(t.writer, err == nil && verb == "commit")
	if err != nil {
		err = fmt.Errorf("%s: %w", verb, explain(context.Background(), err))
	}
	if closed := t.conn.Close(); closed != nil {
		err = errors.Join(err, fmt.Errorf("close connection: %w", closed))
	}
	return err
}
