package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	// Registers the database/sql driver named duckdb.
	_ "github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

// duckDB does the job with the fastest SQL that was found: lines as they are
// into a table, one extraction with a list of paths for each item type.
func duckDB(ctx context.Context, data, out string) error {
	statements := []string{
		"SET threads = 1",
		"SET preserve_insertion_order = false",
		fmt.Sprintf(`CREATE TEMP TABLE line AS
			SELECT json, json_extract_string(json, '$.Item.type.S') AS type FROM read_ndjson_objects(%s)`,
			quote(filepath.Join(data, "*.json.gz"))),
	}
	store, err := models.Read(models.Default)
	if err != nil {
		return err //nolint:wrapcheck // names the file
	}
	for _, item := range store.Items {
		statements = append(statements, duckCopy(item, out))
	}
	db, err := openDuck(ctx)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("execute %s: %w", statement, err), db.Close())
		}
	}
	return db.Close() //nolint:wrapcheck // says enough
}

func openDuck(ctx context.Context) (*sql.Conn, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	conn, err := db.Conn(ctx) // one connection, because the table is temporary
	if err != nil {
		return nil, fmt.Errorf("connect to DuckDB: %w", err)
	}
	return conn, nil
}

// duckCopy writes the rows of one item type.
func duckCopy(item model.Item, out string) string {
	var paths, columns []string
	for i, column := range item.Columns {
		tag := "S"
		if column.Type.Kind == model.KindInteger || column.Type.Kind == model.KindDecimal {
			tag = "N"
		}
		from, value := column.From, fmt.Sprintf("value[%d]", i+1)
		for _, key := range item.Keys {
			if names := key.Template.Names(); column.Captured && slices.Equal(names, []string{column.Name}) {
				from, value = []string{key.Attribute}, fmt.Sprintf("%s[%d:]", value, len(key.Template.Fill([]string{""}))+1)
			}
		}
		paths = append(paths, quote("$.Item."+strings.Join(from, ".M.")+"."+tag))
		switch column.Type.Kind {
		case model.KindInteger:
			value += "::INTEGER"
		case model.KindDecimal:
			value += fmt.Sprintf("::DECIMAL(%d,%d)", column.Type.Precision, column.Type.Scale)
		case model.KindTimestamp:
			value += "::TIMESTAMP"
		case model.KindString, model.KindBigInt, model.KindBoolean, model.KindDate:
		}
		columns = append(columns, value+" AS "+column.Name)
	}
	return fmt.Sprintf(`COPY (SELECT %s FROM (SELECT json_extract_string(json, [%s]) AS value FROM line WHERE type = %s))
		TO %s (FORMAT parquet, COMPRESSION snappy, PER_THREAD_OUTPUT)`,
		strings.Join(columns, ", "), strings.Join(paths, ", "), quote(item.Name), quote(filepath.Join(out, item.Name)))
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// check compares the Parquet files below a folder with the truth. Files of an
// item type have its name somewhere in their path.
func check(ctx context.Context, data, out string) error {
	want, err := readTruth(data)
	if err != nil {
		return err
	}
	db, err := openDuck(ctx)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // only reads
	for item, sum := range map[string]string{
		"customer": "count(DISTINCT username) - count(*)",
		"order":    "sum(amount) * 100",
		"product":  "sum(price) * 100",
	} {
		pattern := filepath.Join(out, "**", "*.parquet")
		files := fmt.Sprintf("SELECT coalesce(string_agg('''' || file || '''', ', '), '') FROM glob(%s) WHERE contains(file[%d:], %s)",
			quote(pattern), len(out)+1, quote(item))
		var list string
		if err := db.QueryRowContext(ctx, files).Scan(&list); err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		query := fmt.Sprintf("SELECT count(*), cast(%s AS BIGINT) FROM read_parquet([%s])", sum, list)
		var rows int
		var value int64
		if err := db.QueryRowContext(ctx, query).Scan(&rows, &value); err != nil {
			return fmt.Errorf("read %s: %w", item, err)
		}
		wantValue := map[string]int64{"customer": 0, "order": want.Amount, "product": want.Cents}[item]
		if rows != want.Rows[item] || value != wantValue {
			return fmt.Errorf("it wrote %d rows of %s with %d, want %d with %d", rows, item, value, want.Rows[item], wantValue)
		}
	}
	return nil
}
