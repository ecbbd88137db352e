package duckdb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// open opens an empty warehouse.
func open(t *testing.T) *duckdb.Engine {
	t.Helper()
	return reopen(t, filepath.Join(t.TempDir(), "warehouse.duckdb"))
}

func reopen(t *testing.T, path string) *duckdb.Engine {
	t.Helper()
	engine, err := duckdb.Open(t.Context(), path, duckdb.Options{Threads: 2, MemoryLimit: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

func begin(t *testing.T, engine sqlengine.Engine) sqlengine.Tx {
	t.Helper()
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

// run runs statements in one transaction and returns the last result.
func run(t *testing.T, engine sqlengine.Engine, statements ...string) (*sqlengine.Result, error) {
	t.Helper()
	tx := begin(t, engine)
	var result *sqlengine.Result
	for _, statement := range statements {
		var err error
		if result, err = tx.Exec(t.Context(), statement); err != nil {
			return nil, errors.Join(err, tx.Rollback())
		}
	}
	return result, tx.Commit()
}

func mustRun(t *testing.T, engine sqlengine.Engine, statements ...string) *sqlengine.Result {
	t.Helper()
	result, err := run(t, engine, statements...)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// table writes a result's rows as text, one line each.
func table(result *sqlengine.Result) string {
	var lines []string
	for _, row := range result.Rows {
		cells := make([]string, len(row))
		for i, value := range row {
			cells[i] = fmt.Sprint(value)
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return strings.Join(lines, "\n")
}

// wantError checks that an error holds all of the texts.
func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", texts)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not hold %q", err, text)
		}
	}
}

func TestEngine_failsLikeRedshift(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create schema s", "create table s.t (k integer not null primary key, v varchar(3), d decimal(5,2))",
		"insert into s.t values (1, 'a', 1)")
	tests := map[string]struct{ sql, want string }{
		"division by zero":              {"select 1 / (k - 1) from s.t", "division by zero"},
		"division of doubles by zero":   {"select 1::float8 / (k - 1) from s.t", "division by zero"},
		"modulo zero":                   {"select 1 % (k - 1) from s.t", "division by zero"},
		"mod zero":                      {"select mod(1, k - 1) from s.t", "division by zero"},
		"division of decimals":          {"select d / 2 from s.t", "cast to double precision"},
		"division by decimals":          {"select k / d from s.t", "cast to double precision"},
		"a cast that cuts":              {"select cast('abcd' as varchar(3))", "too long for type character varying(3)"},
		"a cast that cuts bytes":        {"select 'éé'::varchar(3)", "too long for type character varying(3)"},
		"a fraction as an integer":      {"select cast('1.5' as integer)", `invalid input syntax for an integer: "1.5"`},
		"digits with underscores":       {"select '1_0'::bigint", "invalid input syntax"},
		"a number out of range":         {"select 3000000000::integer", "3000000000"},
		"a sum out of range":            {"select 2147483647 + k from s.t", "Overflow"},
		"a decimal out of range":        {"select 1000::decimal(5,2)", "DECIMAL(5,2)"},
		"substring before the start":    {"select substring('abc', 0, 2)", "start below 1"},
		"a value too long":              {"insert into s.t values (2, 'abcd', 1)", "column v: value too long for type character varying(3)"},
		"a value with too many bytes":   {"update s.t set v = 'éé'", "character varying(3)"},
		"null in a key":                 {"insert into s.t (v) values ('a')", "cannot insert a NULL value into column k"},
		"no such table":                 {"select 1 from s.u", "Table with name u does not exist"},
		"no such column":                {"select x from s.t", "x"},
		"no such procedure":             {"call s.p()", "procedure s.p() does not exist"},
		"no such table to lock":         {"lock table s.u", "u"},
		"no such table to analyze":      {"analyze s.u", "u"},
		"no such schema":                {"create procedure q.p() language plpgsql as $$begin end$$", `schema "q" does not exist`},
		"several rows for one value":    {"select (select 1 union all select 2)", "one row"},
		"a type that Redshift has not":  {"select interval '1 day'", "INTERVAL"},
		"a sum beyond 64 bits":          {"select sum(a) from (select 9223372036854775807 as a union all select 1) t", "beyond 64 bits"},
		"a table that exists":           {"create table s.t (a integer)", "already exists"},
		"a file by its name in a query": {`select * from "x.parquet"`, "as a file"},
		"a column that exists":          {"alter table s.t add column v integer", `column "v" of relation s.t already exists`},
	}
	for name, test := range tests { // one after the other: they change one table
		t.Run(name, func(t *testing.T) {
			_, err := run(t, engine, test.sql)
			wantError(t, err, test.want)
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("error has several lines: %q", err)
			}
		})
	}
}

func TestEngine_namesTypesAndCountsRows(t *testing.T) {
	t.Parallel()
	engine := open(t)
	result := mustRun(t, engine, `select true as "B", 1::smallint as s, 1 as i, 1::bigint as l, sum(1) as h,
		1.5::real as r, 1.5::float8 as d, 1.5 as n, 'a' as v, date '2024-01-01' as t, sysdate as z`)
	want := []sqlengine.Column{
		{Name: "b", Type: "bool"},
		{Name: "s", Type: "int2"},
		{Name: "i", Type: "int4"},
		{Name: "l", Type: "int8"},
		{Name: "h", Type: "int8"},
		{Name: "r", Type: "float4"},
		{Name: "d", Type: "float8"},
		{Name: "n", Type: "numeric"},
		{Name: "v", Type: "varchar"},
		{Name: "t", Type: "date"},
		{Name: "z", Type: "timestamp"},
	}
	if diff := cmp.Diff(want, result.Columns); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	values := []any{true, int64(1), int64(1), int64(1), int64(1), 1.5, 1.5, "1.5", "a", "2024-01-01"}
	if diff := cmp.Diff(values, result.Rows[0][:10]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		sql  string
		want int64
	}{
		{"create table t (a integer)", 0},
		{"insert into t select 1 union all select 2 union all select 3", 3},
		{"update t set a = 5 where a > 1", 2},
		{"delete from t using (select 5 as b) s where t.a = s.b", 2},
		{"analyze t", 0},
		{"grant select on t to everybody", 0},
	} {
		result := mustRun(t, engine, test.sql)
		if result.Affected != test.want || len(result.Columns) != 0 {
			t.Errorf("%s: got %+v, want %d rows", test.sql, result, test.want)
		}
	}
}

func TestEngine_endsTransactionsOnFailure(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create table t (a integer)")
	tx := begin(t, engine)
	if _, err := tx.Exec(t.Context(), "insert into t values (1)"); err != nil {
		t.Fatal(err)
	}
	_, err := tx.Exec(t.Context(), "truncate t")
	wantError(t, err, "truncate")
	_, err = tx.Exec(t.Context(), "select 1")
	wantError(t, err, "current transaction is aborted")
	_, err = tx.CopyParquet(t.Context(), "t", nil, []string{"x"})
	wantError(t, err, "current transaction is aborted")
	wantError(t, tx.Commit(), "current transaction is aborted")
	_, err = tx.Exec(t.Context(), "select 1")
	wantError(t, err, "has ended")
	if err := tx.Rollback(); err != nil {
		t.Errorf("second end: %v", err)
	}
	if got := table(mustRun(t, engine, "select count(*) from t")); got != "0" {
		t.Errorf("%s rows are left of a failed transaction", got)
	}
}

func TestEngine_reportsConflictsOfTransactions(t *testing.T) {
	t.Parallel()
	const violation = "1023 DETAIL: Serializable isolation violation on table"
	tests := map[string]struct{ first, second []string }{
		"both fill an empty table":       {[]string{"delete from a.t", "insert into a.t values (1)"}, []string{"delete from a.t", "insert into a.t values (1)"}},
		"both change a row":              {[]string{"update a.u set x = 2"}, []string{`update "A".U set x = 3`}},
		"one drops what the other adds":  {[]string{"insert into a.u values (2)"}, []string{"drop table a.u"}},
		"both create a table":            {[]string{"create table a.v (x integer)"}, []string{"create table a.v (x integer)"}},
		"both widen a table":             {[]string{"alter table a.t add column y integer"}, []string{"alter table a.t add column y integer"}},
		"one fills what another renames": {[]string{"insert into a.t values (1)"}, []string{"alter table a.t rename to w"}},
		"both save a procedure":          {[]string{"create or replace procedure a.p() language plpgsql as $$begin end$$"}, []string{"create or replace procedure a.p() language plpgsql as $$begin end$$"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engine := open(t)
			mustRun(t, engine, "create schema a", "create table a.t (x integer)", "create table a.u (x integer)", "insert into a.u values (1)",
				"create procedure a.p() language plpgsql as $$begin delete from a.t; end$$")
			first, second, late := begin(t, engine), begin(t, engine), begin(t, engine)
			execAll := func(tx sqlengine.Tx, statements []string) error {
				for _, statement := range statements {
					if _, err := tx.Exec(t.Context(), statement); err != nil {
						return err
					}
				}
				return nil
			}
			if err := execAll(first, test.first); err != nil {
				t.Fatal(err)
			}
			wantError(t, execAll(second, test.second), violation)
			if err := second.Rollback(); err != nil {
				t.Fatal(err)
			}
			if err := first.Commit(); err != nil {
				t.Fatal(err)
			}
			wantError(t, execAll(late, test.second), violation)
		})
	}
}

func TestEngine_letsTransactionsOfOtherTablesPass(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create table a (x integer)", "create table b (x integer)")
	first, second, reader := begin(t, engine), begin(t, engine), begin(t, engine)
	for tx, statement := range map[sqlengine.Tx]string{first: "insert into a values (1)", second: "insert into b values (1)"} {
		if _, err := tx.Exec(t.Context(), "create temp table shared_name as select 1 as x"); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), "insert into shared_name values (2)"); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, tx := range []sqlengine.Tx{first, second} {
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	// A transaction that began before sees nothing of it.
	result, err := reader.Exec(t.Context(), "select (select count(*) from a), (select count(*) from b)")
	if err != nil || table(result) != "0 | 0" {
		t.Errorf("an old transaction sees %v, %v", result, err)
	}
	if got := table(mustRun(t, engine, "select (select count(*) from a), (select count(*) from b)")); got != "1 | 1" {
		t.Errorf("a new transaction sees %s", got)
	}
	_, err = run(t, engine, "select * from shared_name")
	wantError(t, err, "shared_name")
}

func TestEngine_stopsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	engine := open(t)
	tx := begin(t, engine)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := tx.Exec(ctx, `with recursive d(n) as (select 1 union all select n + 1 from d where n < 100000)
		select count(*) from d as a, d as b, d as c where a.n + b.n + c.n = 7`)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestEngine_addsColumns(t *testing.T) {
	t.Parallel()
	engine := open(t)
	got := mustRun(t, engine,
		"create schema s", `create table s."Order" (a varchar(3) not null, b decimal(5,2) default 1.5)`,
		`insert into s."order" (a) values ('x')`,
		`alter table s."order" add column c varchar(2) default 'cc' not null`,
		`alter table s.order add d integer`,
		`insert into s."order" (a) values ('y')`,
		`select * from s."order" order by a`)
	if table(got) != "x | 1.50 | cc | <nil>\ny | 1.50 | cc | <nil>" {
		t.Errorf("got %s", table(got))
	}
	for statement, want := range map[string]string{
		`insert into s."order" (a) values ('abcd')`:           "column a: value too long",
		`insert into s."order" (a, c) values ('a', 'abc')`:    "column c: value too long",
		`insert into s."order" (b) values (1)`:                "column a",
		`alter table s."order" add column e integer not null`: "column e",
	} {
		_, err := run(t, engine, statement)
		wantError(t, err, want)
	}
}

func TestEngine_swapsTables(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create schema s", "create table s.a (x integer)", "create table s.b (x integer)", "insert into s.a values (1)", "insert into s.b values (2)")
	for _, want := range []string{"2", "1"} {
		got := mustRun(t, engine, "alter table s.a rename to c", "alter table s.b rename to a", `alter table s."C" rename to b`, "select x from s.a")
		if table(got) != want {
			t.Errorf("got %s, want %s", table(got), want)
		}
	}
}

func TestOpen_readOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	engine, err := duckdb.Open(t.Context(), path, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, engine, "create schema s", "create table s.t (a varchar(5))", "insert into s.t values ('a')",
		"create view s.v as select cast(a as varchar(3)) as b, nvl(a, 'x') as c from s.t")
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	reader, err := duckdb.Open(t.Context(), path, duckdb.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if got := table(mustRun(t, reader, "select * from s.v")); got != "a | a" {
		t.Errorf("got %s", got)
	}
	_, err = run(t, reader, "delete from s.t")
	wantError(t, err, "read-only")
}

func TestOpen_leavesAFileForAnyDuckDB(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	engine, err := duckdb.Open(t.Context(), path, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, engine, "create schema dwh", `create table dwh."order" (k integer not null primary key, v varchar(5))`,
		`insert into dwh."order" values (1, 'a')`,
		`create view dwh.v as select k / 2 as half, cast(v as varchar(3)) as t, dateadd(day, k, date '2024-01-01') as d from dwh."order"`)
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	plain, err := sql.Open("duckdb", path) // the driver, with none of our settings
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	var k, half int
	var v, text, day string
	row := plain.QueryRowContext(t.Context(), `select k, v, half, t, cast(d as varchar) from dwh."order", dwh.v`)
	if err := row.Scan(&k, &v, &half, &text, &day); err != nil {
		t.Fatal(err)
	}
	if k != 1 || v != "a" || half != 0 || text != "a" || day != "2024-01-02 00:00:00" {
		t.Errorf("got %d %s %d %s %s", k, v, half, text, day)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "a?access_mode=READ_ONLY", "a#b", "a%20b", ":memory:", filepath.Join(t.TempDir(), "none", "w.duckdb")} {
		engine, err := duckdb.Open(t.Context(), path, duckdb.Options{})
		if err == nil {
			t.Errorf("opened %q: %v", path, engine.Close())
			continue
		}
		wantError(t, err, "open warehouse")
	}
}
