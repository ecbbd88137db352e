package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/sql"
)

type queryCommand struct {
	place
	Query string `arg:"" help:"Name of a query that comes with the project, a .sql file, or SQL."`
}

// Help lists the queries that come with the project.
func (queryCommand) Help() string {
	var b strings.Builder
	queries, err := sql.Queries()
	if err != nil {
		return err.Error() // help has no other way to say it
	}
	b.WriteString("Queries that come with the project:\n")
	for _, q := range queries {
		fmt.Fprintf(&b, "  %-22s %s\n", q.Name, q.Question)
	}
	return b.String()
}

// Run asks the warehouse of the directory.
func (c queryCommand) Run(ctx context.Context, to output) error {
	text, err := c.text()
	if err != nil {
		return err
	}
	result, err := ask(ctx, c.Dir, text)
	if err != nil {
		return err
	}
	return table(to.out, result)
}

func (c queryCommand) text() (string, error) {
	queries, err := sql.Queries()
	if err != nil {
		return "", err
	}
	for _, q := range queries {
		if q.Name == c.Query {
			return q.SQL, nil
		}
	}
	if strings.HasSuffix(c.Query, ".sql") {
		text, err := os.ReadFile(c.Query)
		if err != nil {
			return "", fmt.Errorf("read query: %w", err)
		}
		return string(text), nil
	}
	if !strings.ContainsAny(c.Query, " \n\t") {
		return "", fmt.Errorf("find query %q: it is no name of a query, no .sql file and no SQL; see nightstar query --help", c.Query)
	}
	return c.Query, nil
}

// ask runs one statement on the warehouse file, read-only. DuckDB lets nobody
// read a file that another process writes, so beside a run it is asked of a copy.
func ask(ctx context.Context, dir, text string) (*sqlengine.Result, error) {
	path := filepath.Join(dir, local.WarehouseFile)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open warehouse %s: there is none yet; run nightstar demo or nightstar run first: %w", path, err)
	}
	engine, err := duckdb.Open(ctx, path, duckdb.Options{ReadOnly: true})
	if err != nil {
		return askCopy(ctx, path, text, err)
	}
	result, err := query(ctx, engine, text)
	return result, errors.Join(err, engine.Close())
}

// askCopy asks a copy of the warehouse, which it removes again. Why is what kept
// the file itself from being opened.
func askCopy(ctx context.Context, path, text string, why error) (result *sqlengine.Result, err error) {
	folder, err := os.MkdirTemp("", "nightstar-query-")
	if err != nil {
		return nil, errors.Join(why, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	copied := filepath.Join(folder, filepath.Base(path))
	if err := copyAtRest(ctx, path, copied); err != nil {
		return nil, fmt.Errorf("%w; nor can a copy be asked: %w; if a run goes on, ask again when it has ended", why, err)
	}
	engine, err := duckdb.Open(ctx, copied, duckdb.Options{ReadOnly: true})
	if err != nil {
		return nil, errors.Join(why, fmt.Errorf("ask a copy: %w", err))
	}
	result, err = query(ctx, engine, text)
	return result, errors.Join(err, engine.Close())
}

func query(ctx context.Context, engine sqlengine.Engine, text string) (*sqlengine.Result, error) {
	tx, err := engine.Begin(ctx)
	if err != nil {
		return nil, err
	}
	result, err := tx.Exec(ctx, text)
	return result, errors.Join(err, tx.Rollback())
}

// table prints rows in aligned columns.
func table(to io.Writer, result *sqlengine.Result) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	names := make([]string, len(result.Columns))
	for i, column := range result.Columns {
		names[i] = column.Name
	}
	fmt.Fprintln(w, strings.Join(names, "\t"))
	for _, row := range result.Rows {
		cells := make([]string, len(row))
		for i, value := range row {
			if value != nil {
				cells[i] = fmt.Sprint(value)
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}
