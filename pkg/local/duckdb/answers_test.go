package duckdb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// answer is a query and the rows that it has to return.
type answer struct{ sql, want string }

// sharedAnswers are queries that Redshift and PostgreSQL answer alike.
func sharedAnswers() []answer {
	return []answer{
		{"select 7 / 2, -7 / 2, 7 % 3, -7 % 3, mod(-7, 3)", "3 | -3 | 1 | -1 | -1"},
		{"select 7 / 2::double precision, 1.5::float8 / 3", "3.5 | 0.5"},
		{"select count(*) / 2, sum(a) / 2 from (select 3 as a union all select 4) t", "1 | 3"},
		{"select 7 / nullif(0, 0), null::integer / 0, null::integer % 0", "<nil> | <nil> | <nil>"},
		{"select 'B' < 'a', 'é' > 'z', 'a' < 'ab', 'ß' = 'ss'", "true | true | true | false"},
		{"select a from (select 1 as a union all select null union all select 2) t order by a", "1\n2\n<nil>"},
		{"select a from (select 1 as a union all select null union all select 2) t order by a desc", "<nil>\n2\n1"},
		{"select a, row_number() over (order by a) from (select 1 as a union all select null) t order by 2", "1 | 1\n<nil> | 2"},
		{"select a, rank() over (order by a desc) from (select 1 as a union all select null) t order by 2", "<nil> | 1\n1 | 2"},
		{"select date '2024-02-28' + 2, date '2024-03-01' - 1, date '2024-03-01' - date '2024-02-01'", "2024-03-01 | 2024-02-29 | 29"},
		{"select extract(year from d), extract(quarter from d), extract(month from d), extract(week from d), extract(day from d), extract(dow from d), extract(doy from d) from (select date '2021-01-03' as d) t", "2021 | 1 | 1 | 53 | 3 | 0 | 3"},
		{"select date_part('dow', date '2021-01-04'), date_part('hour', timestamp '2021-01-04 05:06:07')", "1 | 5"},
		{"select date_trunc('month', timestamp '2021-01-03 04:05:06.789'), date_trunc('quarter', timestamp '2021-06-03 04:05:06')", "2021-01-01 00:00:00 | 2021-04-01 00:00:00"},
		{"select cast(timestamp '2021-01-03 23:59:59.999999' as date), cast(date '2021-01-03' as timestamp)", "2021-01-03 | 2021-01-03 00:00:00"},
		{"select timestamp '2021-01-03 04:05:06.5', cast('2021-01-03T04:05:06Z' as timestamp)", "2021-01-03 04:05:06.5 | 2021-01-03 04:05:06"},
		{"select to_char(timestamp '2024-02-03 14:05:06', 'YYYY-MM-DD HH24:MI:SS'), to_char(date '2021-01-03', 'IYYY-IW'), to_char(date '2024-03-01', 'DDD')", "2024-02-03 14:05:06 | 2020-53 | 061"},
		{"select 1.50::decimal(18,2), -0.05::decimal(4,2), 5::decimal(38,0), 0::decimal(5,3), 12345678901234567890.12::decimal(38,2)", "1.50 | -0.05 | 5 | 0.000 | 12345678901234567890.12"},
		{"select round(2.5), round(-2.5), round(1.005, 2), cast(2.5 as integer), cast(-2.5 as integer), cast(1.555 as decimal(5,2)), cast(2.5::float8 as integer)", "3 | -3 | 1.01 | 3 | -3 | 1.56 | 2"},
		{"select sum(a) from (select 1.10::decimal(18,2) as a union all select 2.20) t", "3.30"},
		{"select 1.50::decimal(18,2) * 3, 1.50::decimal(18,2) + 1, 1.50::decimal(18,2) * 0.10::decimal(18,2)", "4.50 | 2.50 | 0.1500"},
		{"select length('aé'), octet_length('aé'), substring('abcde', 2, 3), substring('abcde' from 4), left('abc', 2), right('abc', 2)", "2 | 3 | bcd | de | ab | bc"},
		{"select trim('  a '), btrim('xax', 'x'), ltrim('xxa', 'x'), rtrim('a  '), lpad('7', 3, '0'), rpad('a', 3, 'b'), upper('a'), reverse('abc')", "a | a | a | a | 007 | abb | A | cba"},
		{"select split_part('a||b', '||', 2), position('b' in 'ab'), strpos('ab', 'z'), replace('aba', 'a', 'c'), translate('abc', 'ab', 'xy'), repeat('ab', 2), md5('a'), ascii('A'), chr(66)", "b | 2 | 0 | cbc | xyc | abab | 0cc175b9c0f1b6a831c399e269772661 | 65 | B"},
		{"select coalesce(null, null, 3), nullif(1, 1), greatest(1, null, 3), least(2, null), 'a' || null", "3 | <nil> | 3 | 2 | <nil>"},
		{"select cast(' 12 ' as integer), cast('-3' as bigint), '7'::smallint, null::integer, cast('a' as varchar(1)), true::varchar(4)", "12 | -3 | 7 | <nil> | a | true"},
		{"select avg(a::double precision), avg(distinct a::float8), count(distinct a), bool_or(a = 2), min(a), max(a) from (select 1 as a union all select 1 union all select 4) t", "2 | 2.5 | 2 | false | 1 | 4"},
		{"select sum(a), count(a), count(*), max(a), avg(a::float8) from (select 1 as a where false) t", "<nil> | 0 | 0 | <nil> | <nil>"},
		{"select floor(-1.5), ceil(-1.5), abs(-3), sign(-2.0), trunc(-1.7), power(2, 10), sqrt(16), ln(1)", "-2 | -1 | 3 | -1 | -1 | 1024 | 4 | 0"},
		{"with recursive d(n) as (select 1 union all select n + 1 from d where n < 4) select sum(n) from d", "10"},
		{"select a, sum(a) over (order by a rows unbounded preceding), lag(a) over (order by a), ntile(2) over (order by a) from (select 1 as a union all select 2) t order by a", "1 | 1 | <nil> | 1\n2 | 3 | 1 | 2"},
		{"select a, dense_rank() over (order by b), percent_rank() over (order by a), cume_dist() over (order by a), lead(a, 1, 0) over (order by a) from (select 1 as a, 5 as b union all select 2, 5) t order by a", "1 | 1 | 0 | 0.5 | 2\n2 | 1 | 1 | 1 | 0"},
		{"select first_value(a) over (order by a rows between unbounded preceding and unbounded following), last_value(a) over (order by a rows between unbounded preceding and unbounded following), nth_value(a, 2) over (order by a rows between unbounded preceding and unbounded following) from (select 1 as a union all select 2) t order by 1 limit 1", "1 | 2 | 2"},
		{"select bool_and(a > 0), exp(0), char_length('aé'), character_length('é'), ceiling(1.2) from (select 1 as a) t", "true | 1 | 2 | 1 | 2"},
		{"select 'x' like 'X', 'x' ilike 'X', 'ab' like 'a_', not (null and false)", "false | true | true | true"},
		{"select case when null then 1 else 2 end, 1 in (2, null), exists (select 1), 1 not in (select 2)", "2 | <nil> | true | true"},
		{"select a from (select 1 as a union select 1 union select 2 except select 2) t", "1"},
	}
}

// redshiftAnswers are queries with what PostgreSQL does not have, or answers
// otherwise.
func redshiftAnswers() []answer {
	return []answer{
		{"select date_part(dow, date '2021-01-04'), date_trunc('week', date '2021-01-03')", "1 | 2020-12-28 00:00:00"},
		// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEADD_function.html
		{"select dateadd(month, 1, date '2024-01-31'), dateadd('quarter', -1, timestamp '2024-05-01 01:02:03'), dateadd(day, 1, date '2024-02-28')", "2024-02-29 00:00:00 | 2024-02-01 01:02:03 | 2024-02-29 00:00:00"},
		{"select dateadd(year, 1, date '2024-02-29'), dateadd(week, 1, date '2024-02-28'), dateadd(hour, 25, date '2024-02-28'), dateadd(second, -1, date '2024-03-01')", "2025-02-28 00:00:00 | 2024-03-06 00:00:00 | 2024-02-29 01:00:00 | 2024-02-29 23:59:59"},
		// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEDIFF_function.html
		{"select datediff(month, date '2024-01-31', date '2024-02-01'), datediff('year', date '2023-12-31', date '2024-01-01'), datediff(day, date '2024-02-28', date '2024-03-01')", "1 | 1 | 2"},
		{"select last_day(date '2024-02-03'), len('aé'), charindex('b', 'ab'), current_date - current_date", "2024-02-29 | 2 | 2 | 0"},
		{"select any_value(a) from (select 7 as a) t", "7"},
		{"select nvl(null, 'a'), nvl2(null, 1, 2), nvl2(0, 1, 2), 5.4::decimal + 0", "a | 2 | 1 | 5"},
		{"select a from (select 1 as a union all select 2) t qualify row_number() over (order by a desc) = 1", "2"},
		{"select datediff(second, getdate(), sysdate), getdate() > timestamp '2024-01-01 00:00:00'", "0 | true"},
		{"select a, a + 1 as b, b * 2 as c from (select 1 as a) t", "1 | 2 | 4"},
	}
}

// TestAnswers_ofPostgreSQL holds the wanted values to a database that was not
// made for these tests.
func TestAnswers_ofPostgreSQL(t *testing.T) {
	t.Parallel()
	server, err := postgres.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	engine, err := server.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compareAnswers(t, engine, sharedAnswers())
}

func TestAnswers_ofDuckDB(t *testing.T) {
	t.Parallel()
	compareAnswers(t, open(t), append(sharedAnswers(), redshiftAnswers()...))
}

func compareAnswers(t *testing.T, engine sqlengine.Engine, answers []answer) {
	t.Helper()
	for _, test := range answers {
		t.Run(test.sql, func(t *testing.T) {
			if diff := cmp.Diff(test.want, table(mustRun(t, engine, test.sql))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
