package dialect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb/dialect"
)

func TestTranslate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ redshift, duckDB string }{
		"keeps a plain query": {
			"SELECT a.B, count(*) FROM dwh.\"Order\" AS a WHERE a.B <> 'X' GROUP BY 1 -- end",
			`select a.b , count ( * ) from dwh."order" as a where a.b <> 'X' group by 1`,
		},
		"takes a semicolon at the end": {"select 1;", "select 1"},
		"renames functions": {
			"select nvl(a, len(b)), btrim(c), octet_length(d), sysdate from t",
			"select coalesce ( a , length ( b ) ) , trim ( c ) , strlen ( d ) , nightstar_local.getdate ( ) from t",
		},
		"quotes date parts": {
			"select dateadd(day, 1, a), datediff('MONTH', a, b), date_part(dow, a), extract(year from a) from t",
			"select nightstar_local.dateadd ( 'day' , 1 , a ) , date_diff ( 'month' , a , b ) , date_part ( 'dow' , a ) , extract ( year from a ) from t",
		},
		"turns both spellings of substring into one": {
			"select substring(a from 2 for 3), substring(a, 2) from t",
			"select nightstar_local.substring ( a , 2 , 3 ) , nightstar_local.substring ( a , 2 ) from t",
		},
		"checks casts to varchar": {
			"select cast(a as varchar(3)), b.c::character varying(4), (d || e)::text from t",
			"select nightstar_local.to_varchar ( a , 3 ) , nightstar_local.to_varchar ( b.c , 4 ) , nightstar_local.to_varchar ( ( d || e ) , 256 ) from t",
		},
		"checks casts to integers, nested ones too": {
			"select cast(max(cast(a as int)) as bigint), lower(b)::int::text from t",
			"select cast ( nightstar_local.check_digits ( max ( cast ( nightstar_local.check_digits ( a ) as integer ) ) ) as bigint ) , nightstar_local.to_varchar ( cast ( nightstar_local.check_digits ( lower ( b ) ) as integer ) , 256 ) from t",
		},
		"states the default precision": {
			"select a::decimal, cast(b as numeric(5)), c::float8, date '2024-01-31'::timestamp from t",
			"select cast ( a as decimal ( 18 , 0 ) ) , cast ( b as decimal ( 5 , 0 ) ) , cast ( c as double ) , cast ( date '2024-01-31' as timestamp ) from t",
		},
		"turns a format": {
			"select to_char(a, 'YYYY-MM-DD hh24:mi:ss') from t",
			"select strftime ( a , '%Y-%m-%d %H:%M:%S' ) from t",
		},
		"takes avg of doubles": {
			"select avg(a::double precision), avg(cast(b as float)) from t",
			"select avg ( cast ( a as double ) ) , avg ( cast ( b as double ) ) from t",
		},
		"takes a window with a frame": {
			"select sum(a) over (partition by b order by c rows unbounded preceding), row_number() over (order by c) from t",
			"select sum ( a ) over ( partition by b order by c rows unbounded preceding ) , row_number ( ) over ( order by c ) from t",
		},
		"takes names for columns of tables and common table expressions": {
			"with recursive d(n) as (select 1), e(m) as (select 2) select f.x from (select n from d) as f(x), e g(y)",
			"with recursive d ( n ) as ( select 1 ) , e ( m ) as ( select 2 ) select f.x from ( select n from d ) as f ( x ) , e g ( y )",
		},
		"takes functions named like joins": {"select left(a, 1), right(b, 2) from t left join u on t.a = u.a", "select left ( a , 1 ) , right ( b , 2 ) from t left join u on t.a = u.a"},
		"takes qualify":                    {"select a from t where a > 1 qualify row_number() over (partition by a order by b) = 1", "select a from t where a > 1 qualify row_number ( ) over ( partition by a order by b ) = 1"},
		"takes refused words in quotes":    {`select "window" from t`, `select "window" from t`},
		"inserts rows of a query": {
			`insert into dwh."order" (a, "B") with x as (select 1 as a) select a, 2 from x`,
			`insert into "dwh"."order" ("a", "b") with x as ( select 1 as a ) select a , 2 from x`,
		},
		"inserts values":         {"insert into t values (1, 'a'), (-2, null)", `insert into "t" values ( 1 , 'a' ) , ( - 2 , null )`},
		"inserts defaults":       {"insert into t default values", `insert into "t" default values`},
		"inserts a subquery":     {"insert into t (select 1)", `insert into "t" ( select 1 )`},
		"updates":                {"update a.t set x = s.y from a.s where t.k = s.k", "update a.t set x = s.y from a.s where t.k = s.k"},
		"deletes":                {"delete from a.t using a.s as s where a.t.k = s.k", "delete from a.t using a.s as s where a.t.k = s.k"},
		"creates a schema":       {"create schema if not exists Dwh", `create schema if not exists "dwh"`},
		"creates a view":         {"create or replace view a.v (x) as select 1 with no schema binding", `create or replace view "a"."v" ("x") as select 1`},
		"creates a table of":     {"create temp table x as select 1 as a", `create temp table "x" as select 1 as a`},
		"drops":                  {"drop table if exists a.b cascade", `drop table if exists "a"."b" cascade`},
		"checks what it locks":   {"lock table a.b, c", `select 1 from "a"."b" where false union all select 1 from "c" where false`},
		"checks what it counts":  {"analyze a.b", `select 1 from "a"."b" where false`},
		"ignores grants":         {"grant usage on schema dwh to reader", ""},
		"defines a column to be": {"alter table a.b add column c varchar(5) default 'x' not null", `"c" varchar default 'x' not null check (strlen("c") <= 5)`},
		"drops what only informs": {
			`create table if not exists a."Order" (
				k integer not null encode az64 distkey,
				n varchar(20) default 'x' || 'y' not null references b.c (d),
				d decimal(18,2) null unique, "user" text, e double precision sortkey,
				constraint pk primary key (k, D), unique (n), foreign key (k) references b.c
			) backup no diststyle key distkey (k) compound sortkey (k, n) encode auto`,
			`create table if not exists "a"."order" ("k" integer not null, ` +
				`"n" varchar default 'x' || 'y' not null check (strlen("n") <= 20), ` +
				`"d" decimal ( 18 , 2 ) not null, "user" varchar check (strlen("user") <= 256), "e" double)`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := dialect.Translate(test.redshift)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.duckDB, got.SQL); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTranslate_refuses(t *testing.T) {
	t.Parallel()
	// Statements by what their error has to name.
	tests := map[string][]string{
		"on conflict":                 {"insert into t values (1) on conflict do nothing"},
		"returning":                   {"insert into t values (1) returning a", "delete from t returning a"},
		"is distinct from":            {"select 1 from t where a is distinct from b"},
		"is not distinct from":        {"select 1 from t where a is not distinct from b"},
		"string_agg":                  {"select string_agg(a, ',') from t"},
		"function array_agg":          {"select array_agg(a) from t"},
		"function generate_series":    {"select * from generate_series(1, 3)", "select * from t, generate_series(1, 3) as g"},
		"function read_parquet":       {"select * from read_parquet('a')", "with x as (select * from read_parquet('a')) select 1"},
		"function now":                {"select now()"},
		"function substr":             {"select substr(a, 1) from t"},
		"function main.sum":           {"select main.sum(a) from t"},
		"current_timestamp":           {"select current_timestamp"},
		"create \"index\"":            {"create index i on t (a)"},
		"create \"sequence\"":         {"create sequence s"},
		"create \"macro\"":            {"create macro m(a) as a"},
		"create \"unique\"":           {"create unique index i on t (a)"},
		"type serial":                 {"create table t (a serial)"},
		"type hugeint":                {"select a::hugeint from t", "create table t (a hugeint)"},
		"type super":                  {"create table t (a super)"},
		"with time zone":              {"create table t (a timestamp with time zone)"},
		"type timestamptz":            {"create table t (a timestamptz)"},
		"pads with blanks":            {"create table t (a character(5))"},
		"starts with \"from\"":        {"from t", "from t select a"},
		"starts with \"copy\"":        {"copy t from 's3://b/k' iam_role default format parquet"},
		"starts with \"attach\"":      {"attach 'x.db'"},
		"starts with \"pragma\"":      {"pragma database_list"},
		"starts with \"install\"":     {"install httpfs"},
		"starts with \"set\"":         {"set search_path = a"},
		"starts with \"begin\"":       {"begin", "begin transaction"},
		"starts with \"commit\"":      {"commit"},
		"starts with \"merge\"":       {"merge into t using s on t.a = s.a when matched then delete"},
		"starts with \"vacuum\"":      {"vacuum t"},
		"starts with \"values\"":      {"values (1)"},
		"starts with \"(\"":           {"(select 1)"},
		"truncate is refused":         {"truncate t", "truncate table t"},
		"2 statements":                {"select 1; select 2"},
		"0 statements":                {"", " ; -- nothing"},
		"a query starts with select":  {"select * from (from t)", "select 1 union from t", "select 1 union all from t"},
		"\"exclude\"":                 {"select * exclude (a) from t"},
		"\"* replace\"":               {"select * replace (1 as a) from t"},
		"function columns":            {"select columns('a') from t"},
		"group by all":                {"select a from t group by all"},
		"order by all":                {"select a from t order by all"},
		"distinct on":                 {"select distinct on (a) a from t"},
		"filter (":                    {"select count(*) filter (where a > 1) from t"},
		"within group":                {"select max(a) within group (order by b) from t"},
		"\"asof\"":                    {"select 1 from t asof join u on t.a = u.a"},
		"\"lateral\"":                 {"select 1 from t, lateral (select 1) x"},
		"\"pivot\"":                   {"select 1 from t pivot (sum(a) for b in (1))"},
		"\"tablesample\"":             {"select 1 from t tablesample 10"},
		"using sample":                {"select 1 from t using sample 3"},
		"\"window\"":                  {"select 1 from t window w as (order by a)"},
		"a window by name":            {"select sum(a) over w from t"},
		"wants a frame":               {"select sum(a) over (order by b) from t", "select first_value(a) over (partition by c order by b) from t"},
		"window frame of range":       {"select sum(a) over (order by b range unbounded preceding) from t"},
		"intersect all":               {"select 1 intersect all select 1"},
		"except all":                  {"select 1 except all select 1"},
		"for update":                  {"select 1 from (select 1 from t for update) x"},
		"values as a table":           {"select * from (values (1)) as v(a)", "insert into t select * from (values (1)) v"},
		"query of the file":           {"select * from 'a.parquet'", "select * from t, 'a.csv'", "select * from t join 'a.csv' on true", "select * from t join u on t.a = u.a, 'x.csv'"},
		"would read it as a file":     {`select * from "a.parquet"`, `select * from "/etc/passwd"`},
		"belongs to the local engine": {"select * from nightstar_local.procedures", "create schema nightstar_local", "create table nightstar_local.t (a integer)"},
		`"nightstar_local"`:           {`select * from "nightstar_local".procedures`},
		"avg of anything but":         {"select avg(a) from t", "select avg(a::decimal(5,2)) from t", "select avg(a::float8 + 1) from t"},
		"count()":                     {"select count() from t"},
		`"~" is refused`:              {"select a ~ 'b' from t"},
		`"^" is refused`:              {"select a ^ 2 from t"},
		`"**" is refused`:             {"select a ** 2 from t"},
		`"//" is refused`:             {"select a // 2 from t"},
		`"==" is refused`:             {"select a == 2 from t"},
		`"->" is refused`:             {"select a -> 2 from t"},
		`"->>" is refused`:            {"select a ->> 'b' from t"},
		`"[" is refused`:              {"select [1, 2]", "select a[1] from t"},
		`"{" is refused`:              {"select {'a': 1}"},
		`":" is refused`:              {"select :a"},
		`"?" is refused`:              {"select ?"},
		"positional parameter":        {"select $1"},
		"a comma stands before":       {"select a, from t", "select a from t where b in (1,)"},
		"a comma stands at the end":   {"select a from t order by a,"},
		"limit in percent":            {"select a from t limit 10%"},
		"\"update\" in a query":       {"with x as (select 1) update t set a = 1"},
		"\"insert\" in a query":       {"with x as (select 1) insert into t select 1"},
		"\"into\" in a query":         {"select a into b from t"},
		"select top":                  {"select top 5 a from t"},
		"\"or\" stands":               {"insert or replace into t values (1)"},
		"\"by\" stands":               {"insert into t by name select 1 as a"},
		"create or replace table":     {"create or replace table t (a integer)"},
		"reserved word":               {"create table t (tag integer)", "create table t (timestamp timestamp)"},
		"declared twice":              {"create table t (a integer, A integer)"},
		"is not declared":             {"create table t (a integer, primary key (b))"},
		"\"identity\" is refused":     {"create table t (a integer identity(1,1))"},
		"\"check\" is refused":        {"create table t (a integer check (a > 0))", "create table t (a integer, check (a > 0))"},
		"\"like\" is refused":         {"create table t (like u)"},
		"\"partition\" is refused":    {"create table t (a integer) partition by a"},
		"only adds columns":           {"alter table t drop column a", "alter table t rename column a to b", "alter table t add primary key (a)"},
		"within its schema":           {"alter table a.t rename to b.t"},
		"varchar[70000]":              {"create table t (a varchar(70000))"},
		"decimal[39 2]":               {"create table t (a decimal(39,2))"},
		"decimal[5 6]":                {"select a::decimal(5,6) from t"},
		"length of a type":            {"create table t (a varchar(x))"},
		"without arguments":           {"create procedure a.p(x integer) language plpgsql as $$begin end$$"},
		"drop \"index\"":              {"drop index i"},
		"should end before":           {"drop table a, b", "call a.p() x", "lock a in access share mode"},
		"date part":                   {"select date_trunc('decade', a) from t", "select extract(isodow from a) from t", "select dateadd(a, 1, b) from t"},
		"is refused at":               {"select to_char(a, 'Month') from t", "select to_char(a, '999') from t"},
		"format as a literal":         {"select to_char(a, b) from t"},
		"has no \"as\"":               {"select cast(a) from t"},
		"write cast":                  {"select case when a then 1 end::text from t", "select * ::text from t", "select (::text)", "select ::integer"},
		"stands where a type":         {"select a::"},
		"has no end":                  {"select (1", "select cast(a as integer"},
		"has no start":                {"select 1)"},
		"backslash":                   {`select 'a\b'`},
		"line 3":                      {"select a\nfrom t\nwhere b ~ 'c'"},
		"dollar-quoted":               {"select $$a$$"},
		"third part":                  {"delete from a.b.c", "insert into a.b.c values (1)"},
	}
	for want, texts := range tests {
		for _, text := range texts {
			t.Run(text, func(t *testing.T) {
				t.Parallel()
				got, err := dialect.Translate(text)
				if err == nil {
					t.Fatalf("accepted as %q", got.SQL)
				}
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not name %q", err, want)
				}
			})
		}
	}
}

func TestTranslate_refusesEndlessCasts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"select a" + strings.Repeat("::int", 40_000):                                                    "beyond 5",
		"select " + strings.Repeat("cast(", 6) + "a" + strings.Repeat(" as varchar(3))", 6):             "beyond 5",
		"select cast(a" + strings.Repeat(" + cast(b as int)", 1_000) + " as int)":                       "more than 5000 words",
		"select cast(a + " + strings.Repeat("cast(b as int) + ", 100) + "c::int::int::int::int as int)": "",
	} {
		_, err := dialect.Translate(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.60s…: error %v, want %q", text, err, want)
		}
	}
}

// FuzzTranslate checks that Translate never panics, that what it writes is at
// most one statement of the kind it names, and that it never writes a name of
// a file or of the local schema's tables.
func FuzzTranslate(f *testing.F) {
	f.Add("select a::int, cast(b as varchar(3)), avg(c::float8) from t where x in (1, 2)")
	f.Add(`create table a."b" (k integer not null default 1, primary key (k)) diststyle all`)
	f.Add("insert into t (a) with x as (select 1) select * from x")
	f.Add("create procedure a.b() language plpgsql as $$ begin delete from t; end $$")
	f.Add("select substring(a from 1 for 2), sum(x) over (order by y rows unbounded preceding) from t")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := dialect.Translate(text)
		if err != nil {
			return
		}
		tokens, err := scanOne(got.SQL)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, got.SQL, err)
		}
		first := map[dialect.Kind][]string{
			dialect.Query:  {"select", "with", "("},
			dialect.Change: {"insert", "update", "delete"},
			dialect.Define: {"create", "drop"},
		}[got.Kind]
		if first != nil && !tokens[0].Is(first...) {
			t.Fatalf("%q became %q", text, got.SQL)
		}
		for i, token := range tokens {
			if token.Text == "procedures" && i > 1 && tokens[i-2].Text == dialect.Schema && token.IsName() {
				t.Fatalf("%q became %q", text, got.SQL)
			}
		}
	})
}
