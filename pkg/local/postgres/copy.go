package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/parquet-go/parquet-go"
)

// CopyParquet loads files as COPY … FORMAT AS PARQUET does, by position.
func (t *tx) CopyParquet(ctx context.Context, table string, columns, files []string) (int64, error) {
	if err := t.ready(); err != nil {
		return 0, err
	}
	rows, err := t.copy(ctx, table, columns, files)
	if err != nil {
		t.failed = true
		return 0, fmt.Errorf("copy %s: %w", table, t.describe(ctx, err))
	}
	return rows, nil
}

func (t *tx) copy(ctx context.Context, table string, columns, files []string) (int64, error) {
	name, err := identifier(table)
	if err != nil {
		return 0, err
	}
	targets, err := t.targets(ctx, name, columns)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, file := range files {
		rows, err := t.copyFile(ctx, name, targets, file)
		if err != nil {
			return 0, fmt.Errorf("file %s: %w", file, err)
		}
		total += rows
	}
	return total, nil
}

// identifier takes "schema.table" apart. Names fold to lower case as in
// Redshift, in quotes too.
func identifier(table string) (pgx.Identifier, error) {
	parts := strings.Split(table, ".")
	for i, part := range parts {
		part = strings.ToLower(part)
		if unquoted, ok := strings.CutPrefix(part, `"`); ok {
			part, ok = strings.CutSuffix(unquoted, `"`)
			if !ok {
				return nil, fmt.Errorf("the name %s is not well quoted", parts[i])
			}
		}
		if part == "" || strings.Contains(part, `"`) {
			return nil, fmt.Errorf("the name %s is not well formed", table)
		}
		parts[i] = part
	}
	if len(parts) != 2 {
		return nil, fmt.Errorf("the name %s is not schema.table", table)
	}
	return parts, nil
}

// target is a column of the table that a column of the files goes to.
type target struct {
	name     string
	oid      uint32
	modifier int32 // PostgreSQL's type modifier, -1 for none
}

// length is how many characters a VARCHAR takes, or -1. Redshift means bytes.
func (t target) length() int {
	if t.oid != pgtype.VarcharOID || t.modifier < 4 {
		return -1
	}
	return int(t.modifier - 4) // after a header of four bytes
}

// decimal is the precision and scale of a NUMERIC.
func (t target) decimal() (precision, scale int) {
	return int(t.modifier-4) >> 16, int(t.modifier-4) & 0x7ff
}

// targets looks the columns up in the catalogue: those named, in their order,
// or all.
func (t *tx) targets(ctx context.Context, table pgx.Identifier, columns []string) ([]target, error) {
	rows, err := t.conn.Query(ctx, `
		select attribute.attname, attribute.atttypid, attribute.atttypmod
		from pg_attribute as attribute
		join pg_class as class on class.oid = attribute.attrelid
		join pg_namespace as namespace on namespace.oid = class.relnamespace
		where namespace.nspname = $1 and class.relname = $2
			and attribute.attnum > 0 and not attribute.attisdropped
		order by attribute.attnum`, table[0], table[1])
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (target, error) {
		var c target
		err := row.Scan(&c.name, &c.oid, &c.modifier)
		return c, err
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("the table does not exist")
	}
	if len(columns) == 0 {
		return all, nil
	}
	named := make([]target, len(columns))
	for i, column := range columns {
		at := slices.IndexFunc(all, func(c target) bool { return c.name == strings.ToLower(column) })
		if at < 0 {
			return nil, fmt.Errorf("column %q does not exist", column)
		}
		named[i] = all[at]
	}
	return named, nil
}

func (t *tx) copyFile(ctx context.Context, table pgx.Identifier, targets []target, path string) (_ int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return 0, err
	}
	converters, err := match(file, targets)
	if err != nil {
		return 0, err
	}
	names := make([]string, len(targets))
	for i, c := range targets {
		names[i] = c.name
	}
	source := &source{groups: file.RowGroups(), convert: converters, buffer: make([]parquet.Row, 256)}
	defer func() { err = errors.Join(err, source.close()) }()
	return t.conn.CopyFrom(ctx, table, names, source)
}
