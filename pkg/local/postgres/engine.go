package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// Engine is one database of a [Server].
type Engine struct{ config *pgx.ConnConfig }

var _ sqlengine.Engine = (*Engine)(nil)

// Close does nothing: the database goes with its server.
func (e *Engine) Close() error { return nil }

// Begin opens a connection and a transaction on it.
func (e *Engine) Begin(ctx context.Context) (sqlengine.Tx, error) {
	conn, err := pgx.ConnectConfig(ctx, e.config.Copy())
	if err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	if _, err := conn.Exec(ctx, "begin"); err != nil {
		return nil, fmt.Errorf("begin transaction: %w", errors.Join(err, conn.Close(ctx)))
	}
	return &tx{conn: conn}, nil
}

// tx is a transaction with the connection that it has for itself.
type tx struct {
	conn   *pgx.Conn
	ended  bool
	failed bool // only Rollback is left
}

// Exec runs one statement. The extended protocol is what refuses a second one.
func (t *tx) Exec(ctx context.Context, sql string) (*sqlengine.Result, error) {
	if err := t.ready(); err != nil {
		return nil, err
	}
	result, err := t.exec(ctx, sql)
	if err != nil {
		t.failed = true
		return nil, t.describe(ctx, err)
	}
	return result, nil
}

func (t *tx) exec(ctx context.Context, sql string) (*sqlengine.Result, error) {
	if err := refuse(sql); err != nil {
		return nil, err
	}
	reader := t.conn.PgConn().ExecParams(ctx, sql, nil, nil, nil, nil)
	result, err := readResult(reader)
	if err != nil {
		_, _ = reader.Close() // the error before is the reason
		return nil, err
	}
	return result, nil
}

// ready reports why the transaction takes no statement.
func (t *tx) ready() error {
	switch {
	case t.ended:
		return errors.New("the transaction has ended")
	case t.failed:
		return errors.New("current transaction is aborted, statements are ignored until it ends")
	}
	return nil
}

// describe gives an error the words of the server, and the reason if it was
// interrupted.
func (t *tx) describe(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("interrupted: %w: %w", cause, err)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		if e.Detail != "" {
			return fmt.Errorf("ERROR: %s Detail: %s (%s)", e.Message, e.Detail, e.Code)
		}
		return fmt.Errorf("ERROR: %s (%s)", e.Message, e.Code)
	}
	return err
}

// Commit ends the transaction and the connection.
func (t *tx) Commit() error {
	if err := t.ready(); err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), t.Rollback())
	}
	t.ended = true
	ctx := context.Background() // a commit is not interrupted half-way
	_, err := t.conn.Exec(ctx, "commit")
	if err := errors.Join(err, t.conn.Close(ctx)); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Rollback closes the connection, which discards the transaction.
func (t *tx) Rollback() error {
	if t.ended {
		return nil
	}
	t.ended = true
	return t.conn.Close(context.Background())
}

// refuse reports a statement that Redshift would run otherwise than PostgreSQL
// within a transaction, or that belongs to the Data API endpoint.
func refuse(sql string) error {
	words := strings.Fields(strings.ToLower(sql))
	if len(words) == 0 {
		return errors.New("the statement is empty")
	}
	switch first := strings.TrimRight(words[0], ";"); first {
	case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "prepare":
		return fmt.Errorf("%s: the transaction is ended by its owner, not by a statement", first)
	case "truncate":
		return errors.New("truncate: Redshift commits the transaction here, use delete")
	case "copy":
		return errors.New("copy: files are loaded by CopyParquet")
	}
	return nil
}
