package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/nearest"
	"github.com/nightstar-elt/nightstar/sql"
)

type queryCommand struct {
	place
	format

	Query string `arg:"" help:"Name of a query that comes with the project, a .sql file, or SQL."`
}

// Help lists the queries that come with the project.
func (queryCommand) Help() string {
	var b strings.Builder
	b.WriteString(`Any SELECT that DuckDB accepts is answered, also beside a run and beside nightstar up. As in Redshift, 7/2 is 3, and nulls sort last.
What only Redshift accepts is answered if Nightstar can translate it.

Examples:
  nightstar query quarterly_growth
  nightstar query "select country, count(*) as addresses from dwh.address group by all order by all"
  nightstar query --csv "from dwh.customer limit 3"
  nightstar query --json "select max(year) as year from dwh.date"
  nightstar query --md monthly_revenue

Queries that come with the project:
`)
	queries, err := sql.Queries()
	if err != nil {
		return err.Error() // help has no other way to say it
	}
	for _, q := range queries {
		fmt.Fprintf(&b, "  %-22s %s\n", q.Name, q.Question)
	}
	return b.String()
}

// Run asks the warehouse of the directory.
func (c queryCommand) Run(ctx context.Context, to output) error {
	text, named, err := c.text()
	if err != nil {
		return err
	}
	if err := c.mustExist(firstRun); err != nil {
		return err
	}
	answer := c.answer(to.out)
	err = withWarehouse(ctx, c.Dir, func(engine *duckdb.Engine) error {
		if named { // it is written for Redshift
			return inRedshiftSQL(ctx, engine, text, answer)
		}
		err := engine.Select(ctx, text, answer.head, answer.row)
		if err == nil || answer.begun() || ctx.Err() != nil || errors.Is(err, duckdb.ErrNotSelect) {
			return err //nolint:wrapcheck // DuckDB's own words
		}
		if inRedshiftSQL(ctx, engine, text, answer) == nil {
			return nil
		}
		return err //nolint:wrapcheck // as above
	})
	if err != nil {
		return err
	}
	return answer.end()
}

// inRedshiftSQL answers a statement of Redshift's.
func inRedshiftSQL(ctx context.Context, engine *duckdb.Engine, text string, answer *answer) error {
	result, err := query(ctx, engine, text)
	if err != nil {
		return err
	}
	if err := answer.head(result.Columns); err != nil {
		return err
	}
	for _, row := range result.Rows {
		if err := answer.row(row); err != nil {
			return err
		}
	}
	return nil
}

// text returns the SQL, and whether it is a query that comes with the project.
func (c queryCommand) text() (text string, named bool, err error) {
	queries, err := sql.Queries()
	if err != nil {
		return "", false, err
	}
	for _, q := range queries {
		if q.Name == c.Query {
			return q.SQL, true, nil
		}
	}
	if strings.HasSuffix(c.Query, ".sql") {
		text, err := os.ReadFile(c.Query)
		if err != nil {
			return "", false, fmt.Errorf("read query: %w", err)
		}
		return string(text), false, nil
	}
	if !strings.ContainsAny(c.Query, " \n\t") {
		names := make([]string, len(queries))
		for i, q := range queries {
			names[i] = q.Name
		}
		return "", false, fmt.Errorf("find query %q: it is not the name of a query, a .sql file or SQL%s; see nightstar query --help",
			c.Query, didYouMean(c.Query, names))
	}
	return c.Query, false, nil
}

// didYouMean names the most similar of names, if one is.
func didYouMean(name string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	best := slices.MinFunc(names, func(a, b string) int { return nearest.Edits(name, a) - nearest.Edits(name, b) })
	if nearest.Edits(name, best) > len(name)/2 {
		return ""
	}
	return "; did you mean " + best + "?"
}

// ask answers one statement of Redshift's from the warehouse of a directory.
func ask(ctx context.Context, dir, text string) (result *sqlengine.Result, err error) {
	err = withWarehouse(ctx, dir, func(engine *duckdb.Engine) error {
		result, err = query(ctx, engine, text)
		return err
	})
	return result, err
}

// withWarehouse opens the warehouse of a directory for as long as it is used.
func withWarehouse(ctx context.Context, dir string, use func(*duckdb.Engine) error) error {
	w, err := openWarehouse(ctx, dir)
	if err != nil {
		return err
	}
	return errors.Join(use(w.Engine), w.Close())
}

// asked is a warehouse that is only read.
type asked struct {
	*duckdb.Engine
	copied string // the folder of a copy, which Close removes; empty if it is the file itself
}

// openWarehouse opens the warehouse of a directory, read-only. DuckDB lets nobody
// read a file that another process writes, so beside a run it opens a copy.
func openWarehouse(ctx context.Context, dir string) (asked, error) {
	path := filepath.Join(dir, local.WarehouseFile)
	if _, err := os.Stat(path); err != nil {
		return asked{}, fmt.Errorf("open warehouse %s: there is none yet; %s: %w", path, firstRun, err)
	}
	engine, why := duckdb.Open(ctx, path, duckdb.Options{ReadOnly: true})
	if why == nil {
		return asked{Engine: engine}, nil
	}
	folder, err := os.MkdirTemp("", "nightstar-query-")
	if err != nil {
		return asked{}, errors.Join(why, err)
	}
	copied := filepath.Join(folder, filepath.Base(path))
	if err = copyAtRest(ctx, path, copied); err != nil {
		err = fmt.Errorf("%w; a copy cannot be queried either: %w; if a run is active, ask again when it has ended", why, err)
	} else if engine, err = duckdb.Open(ctx, copied, duckdb.Options{ReadOnly: true}); err != nil {
		err = errors.Join(why, fmt.Errorf("ask a copy: %w", err))
	}
	if err != nil {
		return asked{}, errors.Join(err, os.RemoveAll(folder))
	}
	return asked{Engine: engine, copied: folder}, nil
}

// Close closes the warehouse, and removes a copy of it.
func (a asked) Close() error {
	err := a.Engine.Close()
	if a.copied != "" {
		err = errors.Join(err, os.RemoveAll(a.copied))
	}
	return err
}

func query(ctx context.Context, engine sqlengine.Engine, text string) (*sqlengine.Result, error) {
	tx, err := engine.Begin(ctx)
	if err != nil {
		return nil, err
	}
	result, err := tx.Exec(ctx, text)
	return result, errors.Join(err, tx.Rollback())
}
