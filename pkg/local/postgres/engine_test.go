package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

func TestTx_Exec_values(t *testing.T) {
	t.Parallel()

	result := run(t, begin(t, open(t)), `select cast(null as integer) as nothing, true as yes, false as no,
		cast(7 as smallint) as small, 7 as int, cast(7 as bigint) as large, cast(1.5 as double precision) as double,
		cast(0.5 as real) as single, cast('1.50' as decimal(18, 2)) as exact, cast('2024-02-29' as date) as day,
		cast('2024-02-29 10:11:12.5' as timestamp) as instant, 'ü' as literal, cast('a' as varchar(3)) as text,
		cast('a' as char(3)) as padded`)
	columns := []sqlengine.Column{
		{Name: "nothing", Type: "int4"}, {Name: "yes", Type: "bool"}, {Name: "no", Type: "bool"},
		{Name: "small", Type: "int2"}, {Name: "int", Type: "int4"}, {Name: "large", Type: "int8"},
		{Name: "double", Type: "float8"}, {Name: "single", Type: "float4"}, {Name: "exact", Type: "numeric"},
		{Name: "day", Type: "date"}, {Name: "instant", Type: "timestamp"}, {Name: "literal", Type: "varchar"},
		{Name: "text", Type: "varchar"}, {Name: "padded", Type: "bpchar"},
	}
	row := []any{
		nil, true, false, int64(7), int64(7), int64(7), 1.5, 0.5, "1.50", "2024-02-29", "2024-02-29 10:11:12.5", "ü", "a", "a  ",
	}
	if diff := cmp.Diff(&sqlengine.Result{Columns: columns, Rows: [][]any{row}}, result); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTx_Exec_affectedRows(t *testing.T) {
	t.Parallel()

	tx := begin(t, open(t))
	run(t, tx, "create table t (a integer)")
	for _, tt := range []struct {
		statement string
		want      int64
	}{
		{"insert into t (a) values (1), (2), (3)", 3},
		{"update t set a = 4 where a > 1", 2},
		{"select a from t", 0},
		{"delete from t", 3},
		{"create table u (a integer)", 0},
	} {
		result := run(t, tx, tt.statement)
		if result.Affected != tt.want {
			t.Errorf("%s: Affected = %d, want %d", tt.statement, result.Affected, tt.want)
		}
		if isQuery := strings.HasPrefix(tt.statement, "select"); (len(result.Columns) > 0) != isQuery {
			t.Errorf("%s: columns %v", tt.statement, result.Columns)
		}
	}
}

func TestTx_Exec_refuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ statement, want string }{
		"a second statement":      {"select 1; select 2", "cannot insert multiple commands"},
		"no statement":            {" \n", "the statement is empty"},
		"the end of transactions": {"Commit;", "commit: the transaction is ended by its owner"},
		"truncate":                {"truncate\nt", "truncate: Redshift commits the transaction here"},
		"copy":                    {"copy t from 's3://b/k'", "copy: files are loaded by CopyParquet"},
		"what does not parse":     {"selec 1", `ERROR: syntax error at or near "selec" (42601)`},
		"what is not there":       {"select 1 from nothing", `ERROR: relation "nothing" does not exist (42P01)`},
		"types of its own":        {"select array[1]", `read column "array": type 1007 has no counterpart in Redshift`},
		"what a row forbids":      {"select 1 / a from (select 0 as a) as z", "ERROR: division by zero (22012)"},
	}
	engine := open(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tx := begin(t, engine)
			if got, err := tx.Exec(t.Context(), tt.statement); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Exec() = %v, %v, want error %q", got, err, tt.want)
			}
			if _, err := tx.Exec(t.Context(), "select 1"); err == nil || !strings.Contains(err.Error(), "current transaction is aborted") {
				t.Errorf("after the error: Exec() = %v", err)
			}
			if err := tx.Commit(); err == nil {
				t.Error("after the error: Commit() = nil")
			}
		})
	}
}

func TestTx_isAllOrNothing(t *testing.T) {
	t.Parallel()

	engine := open(t)
	rows := func() int {
		t.Helper()
		return len(run(t, begin(t, engine), "select a from t").Rows)
	}
	setUp := begin(t, engine)
	run(t, setUp, "create table t (a integer)")
	if err := setUp.Commit(); err != nil {
		t.Fatal(err)
	}

	tx := begin(t, engine)
	run(t, tx, "insert into t (a) values (1)")
	if rows() != 0 {
		t.Error("another transaction sees rows that are not committed")
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if rows() != 0 {
		t.Error("rows stay after Rollback")
	}
	if _, err := tx.Exec(t.Context(), "select 1"); err == nil {
		t.Error("Exec() after Rollback = nil")
	}

	tx = begin(t, engine)
	run(t, tx, "insert into t (a) values (1)")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if rows() != 1 {
		t.Error("rows are gone after Commit")
	}
	if err := errors.Join(tx.Rollback(), tx.Rollback()); err != nil {
		t.Errorf("Rollback() after Commit = %v", err)
	}
	if err := tx.Commit(); err == nil {
		t.Error("a second Commit() = nil")
	}
}

func TestTx_Exec_isInterrupted(t *testing.T) {
	t.Parallel()

	tx := begin(t, open(t))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	if _, err := tx.Exec(ctx, "select cast(1 as integer) from (select pg_sleep(30)) as s"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Exec() = %v, want %v", err, context.DeadlineExceeded)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("Exec() took %v", took)
	}
}

func TestServer_Open_givesDatabasesOfTheirOwn(t *testing.T) {
	t.Parallel()

	one, other := open(t), open(t)
	run(t, begin(t, one), "create table t (a integer)")
	run(t, begin(t, other), "create table t (a varchar(1))")
	result := run(t, begin(t, one), "select current_setting('lc_collate') as collation, current_setting('timezone') as zone")
	if diff := cmp.Diff([][]any{{"C", "UTC"}}, result.Rows); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}
