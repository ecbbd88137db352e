package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// tableColumn is one column of a table.
type tableColumn struct {
	name  string
	typ   string // DuckDB's spelling, "DECIMAL(18,2)"
	limit int    // longest value of a VARCHAR in bytes, 0 if it has no limit
}

// CopyParquet appends the rows of Parquet files to a table. Files are checked,
// all of them, before the first row is loaded.
func (t *tx) CopyParquet(ctx context.Context, table string, columns, files []string) (int64, error) {
	if err := t.usable(); err != nil {
		return 0, err
	}
	rows, err := t.copyParquet(ctx, table, columns, files)
	if err != nil {
		t.failed = true
		return 0, explain(ctx, err)
	}
	return rows, nil
}

func (t *tx) copyParquet(ctx context.Context, table string, columns, files []string) (int64, error) {
	name, err := sqltext.ParseName(table)
	if err != nil {
		return 0, err
	}
	if name.Schema == "" {
		name.Schema = "public"
	}
	if len(files) == 0 {
		return 0, fmt.Errorf("copy %s: there are no files", name)
	}
	targets, err := t.targets(ctx, name, columns)
	if err != nil {
		return 0, err
	}
	groups, err := t.inspectAll(ctx, targets, files)
	if err != nil {
		return 0, err
	}
	if err := t.write(name); err != nil {
		return 0, err
	}
	names := make([]string, len(targets))
	for i, target := range targets {
		names[i] = target.name
	}
	var rows int64
	for _, group := range groups {
		result, err := t.conn.ExecContext(ctx,
			"insert into "+name.SQL()+" ("+quotedList(names)+") select * from "+readParquet(group))
		if err != nil {
			if long := t.overlong(ctx, targets, group); long != nil {
				err = long
			}
			return 0, fmt.Errorf("copy %s: %w", name, err)
		}
		loaded, err := result.RowsAffected()
		if err != nil {
			return 0, err
		}
		rows += loaded
	}
	return rows, nil
}

func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = sqltext.QuoteName(name)
	}
	return strings.Join(quoted, ", ")
}

// readParquet is the call that reads files by position. Without the option,
// DuckDB would add columns for folders named like type=order.
func readParquet(files []string) string {
	quoted := make([]string, len(files))
	for i, file := range files {
		quoted[i] = sqltext.QuoteString(file)
	}
	return "read_parquet([" + strings.Join(quoted, ", ") + "], hive_partitioning = false)"
}

// columns returns the columns of a table in their order.
func (t *tx) columns(ctx context.Context, name sqltext.Name) ([]tableColumn, error) {
	const text = `select c.column_name, c.data_type, coalesce(max(cast(regexp_extract(k.expression, '^\(strlen\(.*\) <= ([0-9]+)\)$', 1) as integer)), 0)
		from duckdb_columns() as c
		left join duckdb_constraints() as k on k.table_oid = c.table_oid and k.database_oid = c.database_oid
			and k.constraint_type = 'CHECK' and k.constraint_column_names = [c.column_name]
			and k.expression like '(strlen(%) <= %)'
		where c.database_name = current_database() and c.schema_name = ? and c.table_name = ?
		group by c.column_name, c.data_type, c.column_index
		order by c.column_index`
	rows, err := t.conn.QueryContext(ctx, text, name.Schema, name.Object)
	if err != nil {
		return nil, err
	}
	var columns []tableColumn
	for rows.Next() {
		var c tableColumn
		if err := rows.Scan(&c.name, &c.typ, &c.limit); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		columns = append(columns, c)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("relation %q does not exist", name)
	}
	return columns, nil
}

// targets returns the columns of a table that a load fills, in file order.
func (t *tx) targets(ctx context.Context, name sqltext.Name, columns []string) ([]tableColumn, error) {
	all, err := t.columns(ctx, name)
	if err != nil || len(columns) == 0 {
		return all, err
	}
	targets := make([]tableColumn, 0, len(columns))
	for i, column := range columns {
		column = strings.ToLower(column)
		at := slices.IndexFunc(all, func(c tableColumn) bool { return strings.ToLower(c.name) == column })
		if at < 0 {
			return nil, fmt.Errorf("copy %s: column %q of the relation does not exist", name, column)
		}
		if slices.ContainsFunc(targets, func(c tableColumn) bool { return c.name == all[at].name }) {
			return nil, fmt.Errorf("copy %s: column %q stands twice in the column list, the second time at %d", name, column, i+1)
		}
		targets = append(targets, all[at])
	}
	return targets, nil
}

// inspectAll checks every file and returns the files in groups that one
// statement can read. DuckDB finds the columns of a second file by name, and
// names mean nothing to COPY: files with other names are read by themselves.
func (t *tx) inspectAll(ctx context.Context, targets []tableColumn, files []string) ([][]string, error) {
	var names [][]string
	uniform := true
	for _, file := range files {
		have, err := t.inspect(ctx, file, targets)
		if err != nil {
			return nil, err
		}
		names = append(names, have)
		uniform = uniform && slices.Equal(have, names[0])
	}
	if uniform && !repeats(names[0]) {
		return [][]string{files}, nil
	}
	groups := make([][]string, len(files))
	for i, file := range files {
		groups[i] = []string{file}
	}
	return groups, nil
}

// repeats reports whether two names are the same, but for case.
func repeats(names []string) bool {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		name = strings.ToLower(name)
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

// overlong finds the file and column whose text is too long for a table, after
// a load failed. It reads on another connection, because the transaction is
// aborted. It returns nil if the load failed for another reason.
func (t *tx) overlong(ctx context.Context, targets []tableColumn, files []string) error {
	names, lengths := make([]string, len(targets)), []string{}
	var limited []tableColumn
	for i, target := range targets {
		names[i] = fmt.Sprintf("c%d", i)
		if target.limit > 0 {
			limited = append(limited, target)
			lengths = append(lengths, fmt.Sprintf("coalesce(max(strlen(c%d)), 0)", i))
		}
	}
	if len(limited) == 0 {
		return nil
	}
	for _, file := range files {
		longest, pointers := make([]int64, len(limited)), make([]any, len(limited))
		for i := range longest {
			pointers[i] = &longest[i]
		}
		row := t.engine.db.QueryRowContext(ctx, "select "+strings.Join(lengths, ", ")+
			" from "+readParquet([]string{file})+" as f("+strings.Join(names, ", ")+")")
		if err := row.Scan(pointers...); err != nil {
			return nil //nolint:nilerr // the load's own error says more
		}
		for i, target := range limited {
			if longest[i] > int64(target.limit) {
				return fmt.Errorf("String length exceeds DDL length: file %q, column %q: a value of %d bytes for varchar(%d)",
					file, target.name, longest[i], target.limit)
			}
		}
	}
	return nil
}
