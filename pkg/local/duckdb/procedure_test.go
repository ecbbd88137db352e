package duckdb_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
)

func TestProcedure_runsItsStatements(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create schema s", "create table s.t (a integer)", "insert into s.t values (1), (2)")
	mustRun(t, engine, `create procedure s.inner() as $body$
		begin
			insert into s.t select max(a) + 1 from s.t; -- 3, then 4
		end;
		$body$ language plpgsql`)
	mustRun(t, engine, `create or replace procedure s.outer() language plpgsql as $$
		declare
			counted bigint;
			highest numeric(10,2) := 0.5;
			none integer;
		begin
			create temp table x as select 5 as a;
			call s.inner();
			call s.inner();
			lock table s.t;
			select into counted, highest count(*), max(a) from s.t;
			select a into none from s.t where a < 0;
			if counted <> 4 or highest <> 4.00 or none is not null then
				raise exception 'counted %, highest %, none %', counted, highest, none;
			end if;
			insert into s.t select a from x;
			drop table x;
		end;
		$$`)
	result := mustRun(t, engine, "call s.outer()")
	if len(result.Columns) != 0 || result.Affected != 0 {
		t.Errorf("call returned %+v", result)
	}
	if got := table(mustRun(t, engine, "select a from s.t order by a")); got != "1\n2\n3\n4\n5" {
		t.Errorf("got %q", got)
	}
}

func TestProcedure_raises(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create schema s", "create table s.t (a integer)", "create table s.u (a integer not null)")
	mustRun(t, engine,
		`create procedure s.check() language plpgsql as $$
			declare n bigint; nothing integer; share numeric(5,2);
			begin
				insert into s.t values (1);
				select into n, share count(*), 12.5 from s.t;
				if nothing > 0 then raise exception 'null is not true'; end if;
				if n = 1 then raise exception 'n is %, nothing %, share %, 100%%', n + 1, nothing, share; end if;
			end $$`,
		`create procedure s.nested() language plpgsql as $$begin call s.check(); end$$`,
		"create procedure s.broken() language plpgsql as $$\nbegin\ninsert into s.u values (null);\nend$$",
		"create procedure s.deep() language plpgsql as $$begin call s.broken(); end$$",
		"create procedure s.again() language plpgsql as $$begin call s.again(); end$$",
		"create procedure s.narrow() language plpgsql as $$declare n integer; begin\nselect into n 3000000000; end$$",
		`create procedure s.named() language plpgsql as $$declare what varchar(8) := 'nothing'; n decimal(38,0); begin
			if what <> 'nothing' then raise exception 'no'; end if;
			select into what, n 'it''s', cast('99999999999999999999' as decimal(38,0)) from s.t limit 1;
			if what is null then raise exception 'nothing is %', what; end if;
			insert into s.t values (1);
			select into what, n 'it''s', cast('99999999999999999999' as decimal(38,0)) from s.t limit 1;
			if what is not null then raise exception '%: %', what, n; end if; end $$`,
		"create procedure s.nameless() language plpgsql as $$declare what varchar(8); begin select into what 'a' from s.t limit 1; if what is null then raise exception 'nothing'; end if; end $$",
		"create procedure s.long() language plpgsql as $$declare what varchar(3); begin select into what 'four'; end $$",
		"create procedure s.odd() language plpgsql as $$declare n integer; begin select into n 1, 2; end$$",
	)
	const raised = "n is 2, nothing <NULL>, share 12.50, 100%"
	for call, want := range map[string]string{
		"call s.check()":    raised,
		"call s.nested()":   raised,
		"call s.broken()":   "procedure s.broken, line 3: insert into s.u values: ",
		"call s.deep()":     "procedure s.deep, line 1: call s.broken: procedure s.broken, line 3",
		"call s.again()":    "calls nest deeper than 16",
		"call s.narrow()":   "procedure s.narrow, line 2: select 3000000000: into n:",
		"call s.nameless()": "nothing",
		"call s.long()":     "procedure s.long, line 1: select 'four': into what: ",
		"call s.odd()":      "2 values for 1 variables",
		"call s.nobody()":   "procedure s.nobody() does not exist",
	} {
		_, err := run(t, engine, call)
		wantError(t, err, want)
		if want == raised && err != nil && err.Error() != raised {
			t.Errorf("%s: the message %q does not stand alone", call, err)
		}
	}
	if got := table(mustRun(t, engine, "select count(*) from s.t")); got != "0" {
		t.Errorf("%s rows are left of procedures that raised", got)
	}
}

func TestProcedure_livesWithTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	engine, err := duckdb.Open(t.Context(), path, duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, engine, "create schema s", "create table s.t (a integer)",
		"create procedure s.p() language plpgsql as $$begin insert into s.t values (1); end$$",
		"create procedure s.gone() language plpgsql as $$begin end$$")
	tx := begin(t, engine)
	if _, err := tx.Exec(t.Context(), "create or replace procedure s.p() language plpgsql as $$begin insert into s.t values (9); end$$"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	mustRun(t, engine, "drop procedure s.gone()", "drop procedure if exists s.gone()")
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}

	engine = reopen(t, path)
	mustRun(t, engine, "call s.p()")
	if got := table(mustRun(t, engine, "select a from s.t")); got != "1" {
		t.Errorf("got %s; a rolled-back procedure ran", got)
	}
	_, err = run(t, engine, "create procedure s.p() language plpgsql as $$begin end$$")
	wantError(t, err, "already exists")
	_, err = run(t, engine, "drop procedure s.gone()")
	wantError(t, err, "does not exist")
	mustRun(t, engine, "drop schema s cascade", "create schema s")
	_, err = run(t, engine, "call s.p()")
	wantError(t, err, "does not exist")
}

func TestProcedure_seesItsTransaction(t *testing.T) {
	t.Parallel()
	engine := open(t)
	statements := strings.Split(`create schema s
create table s.t (a integer)
create procedure s.p() language plpgsql as $$begin update s.t set a = a + 1; end$$
insert into s.t values (1)
call s.p()
call s.p()
select a from s.t`, "\n")
	if got := table(mustRun(t, engine, statements...)); got != "3" {
		t.Errorf("got %s", got)
	}
}
