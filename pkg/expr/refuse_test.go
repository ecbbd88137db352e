package expr_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/expr"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb/dialect"
)

// refused is an expression with ^ where its error is, and words of the error.
type refused struct{ text, want string }

// fail checks that an error is at the place and has the words.
func (r refused) fail(t *testing.T, read func(text string) error) {
	t.Helper()
	text := strings.Replace(r.text, "^", "", 1)
	err := read(text)
	e, ok := errors.AsType[*expr.Error](err)
	if !ok {
		t.Errorf("%s: %v", text, err)
		return
	}
	if at := strings.Index(r.text, "^"); e.Offset != at || !strings.Contains(e.Problem, r.want) {
		t.Errorf("%s: error at %d, want %d: %s; want %q", text, e.Offset, at, e.Problem, r.want)
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for _, r := range []refused{
		{"^", "the end of the expression"},
		{"a +^", "a value is expected"},
		{"a ^b", "an operator or the end is expected"},
		{"(a^", `")" is expected`},
		{"a^)", "no opening one"},
		{"a^, b", "single value"},
		{"a^; drop table t", "semicolon"},
		{"a ^-- b", "comment"},
		{"a ^/* b */", "comment"},
		{"a^::integer", "cast(… as …)"},
		{"a ^~ 'b'", "like"},
		{"a ^% 2", "mod(a, b)"},
		{"a ^== b", "write ="},
		{"a ^&& b", "write and"},
		{"^$1", "parameter"},
		{"^`a`", "double quotes"},
		{"^é = 1", "double quotes"},
		{"a = ^\xff", "UTF-8"},
		{"a = ^'b", "closing '"},
		{"a = ^'b\\n'", "backslash"},
		{"a = ^'\x00'", "zero byte"},
		{`^""`, "single quotes"},
		{"^1e3", "exponent"},
		{"^1x", "neither a number nor a name"},
		{"^1.", "1.0"},
		{"^9223372036854775808", "64 bits"},
		{"^1234567890123456789012345678901234567890.0", "38 digits"},
		{"a = b ^= c", "not chained"},
		{"a is null ^is null", "not chained"},
		{"a is ^true", "tested by itself"},
		{"a is ^distinct from b", "not null"},
		{"a not ^b", "between"},
		{"a in (^select b from c)", "a query"},
		{"(^select 1)", "a query"},
		{"^exists (select 1)", "a query"},
		{"a like ^b", "single quotes"},
		{"a ^ilike 'b'", "lower(x)"},
		{"a ^similar to 'b'", "like"},
		{"a like 'b' ^escape 'c'", "left"},
		{"a ^collate c", "bytes"},
		{"a ^at time zone 'UTC'", "UTC"},
		{"a ^isnull", "is null"},
		{"a ^mod b", "mod(a, b)"},
		{"^interval '1 day'", "dateadd"},
		{"^current_date", "clock"},
		{"^now()", "clock"},
		{"^random()", "clock"},
		{"^sum(a)", "aggregate"},
		{"^max(a)", "greatest(a, b)"},
		{"^row_number() over ()", "window"},
		{"lower(a) ^over ()", "window"},
		{"^nvl(a, b)", "coalesce"},
		{"^substr(a, 1, 2)", "substring"},
		{"^coalesc(a, b)", "nearest that exists is coalesce"},
		{"^lwer(a)", "nearest that exists is lower"},
		{"^something_else(a)", "there are abs, cast"},
		{`"lower"^(a)`, "plain name"},
		{"pg.lower^(a)", "plain name"},
		{"a.b^.c", "without a schema"},
		{"a^.1", "an operator"},
		{"^lower(a, b)", "lower(x)"},
		{"^coalesce(a)", "coalesce(a, b)"},
		{"extract(^week from a)", "year, quarter"},
		{"extract(year ^, a)", `"from" is expected`},
		{"dateadd(^month, 1, a)", "week, day"},
		{"cast(a ^, integer)", `"as" is expected`},
		{"cast(a as ^varchar(3))", "string(n)"},
		{"cast(a as ^intger)", "nearest that exists is integer"},
		{"cast(a as ^string)", "length in bytes"},
		{"cast(a as ^string(70000))", "65535"},
		{"cast(a as ^decimal(39,2))", "38"},
		{"cast(a as decimal(9,^x))", "length of a type"},
		{"cast(a as ^date(3))", "has no length"},
		{"date ^'2023-02-29'", "exists"},
		{"timestamp ^'2023-02-28T10:00:00Z'", "exists"},
		{"case ^end", "a value is expected"},
		{"case a ^end", "when"},
		{"case when a then b^", `"end" is expected`},
		{"^when", "double quotes"},
		{strings.Repeat("(", 100) + "^((" + strings.Repeat(")", 101), "nested"},
		{strings.Repeat("a + ", 100) + "a ^+ a", "nested"},
		{strings.Repeat(" ", 10_000) + "^a", "at most"},
	} {
		r.fail(t, func(text string) error { _, err := expr.Parse(text); return err })
	}
}

func TestCheck_refuses(t *testing.T) {
	t.Parallel()
	check := func(text string) error {
		e, err := expr.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return nil
		}
		_, err = e.Check(kindOf)
		return err
	}
	for _, r := range []refused{
		{"^nothing", "there is no column nothing"},
		{"^order.nothing", "no column order.nothing"},
		{"i = ^s", "text, but before it stands an integer"},
		{"created > ^'2024-01-01'", "timestamp '"},
		{"day < ^created", "a timestamp, but before it stands a date"},
		{"i = ^null", "is null"},
		{"i in (1, ^null)", "is null"},
		{"b ^< c", "= and <>"},
		{"^s + 1", "||"},
		{"1 * ^s", "convert: true"},
		{"1 + ^b", "case when"},
		{"created ^+ 1", "dateadd"},
		{"closed ^- created", "datediff"},
		{"1 + ^null", "always null"},
		{"s || ^i", "cast(… as string(n))"},
		{"not ^i", "<> 0"},
		{"^s and b", "= 'true'"},
		{"^i like 'a%'", "string(n)"},
		{"^null is null", "always null"},
		{"case when ^i then 1 end", "<> 0"},
		{"case when b then 1 else ^s end", "before it stands an integer"},
		{"^case when b then null end", "every result"},
		{"^coalesce(null, null)", "every value"},
		{"length(^i)", "takes text"},
		{"abs(^s)", "a number"},
		{"greatest(^s, t)", "numbers, dates"},
		{"mod(^d, 2)", "integers"},
		{"left(s, ^i)", "integer in digits"},
		{"right(s, ^-1)", "from 1"},
		{"substring(s, ^0, 1)", "from 1"},
		{"replace(s, ^t, '')", "single quotes"},
		{"replace(s, ^'', '')", "one character"},
		{"round(d, ^i)", "from 0 to 15"},
		{"extract(hour from ^day)", "a date has no hour"},
		{"extract(year from ^'2024-01-01')", "date '"},
		{"dateadd(day, ^i, created)", "integer in digits"},
		{"cast(^s as integer)", "stop the night"},
		{"cast(^s as boolean)", "= 'true'"},
		{"cast(^s as string(3))", "left(x, n)"},
		{"cast(^i as boolean)", "<> 0"},
		{"cast(^b as integer)", "case when"},
		{"cast(^day as integer)", "cannot become"},
		{"^cast(i as string(19))", "string(20)"},
		{"^cast(d as string(11))", "string(12)"},
		{"cast(^f as string(20))", "decimal(18,2)"},
		{"cast(d ^* 2 as string(50))", "not certain"},
		{"cast(^created as string(50))", "as date"},
		{"cast(^b as string(5))", "'true'"},
		{"^cast(f as decimal(38,20))", "15"},
		{"big * big * big ^* big", "40 digits after the point"},
		{"s in (^" + strings.Repeat("lower(s), ", 600) + "'')", ""},
	} {
		if r.want == "" {
			if err := check(strings.Replace(r.text, "^", "", 1)); err == nil {
				t.Errorf("%.40s: accepted", r.text)
			}
			continue
		}
		r.fail(t, check)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	e, err := expr.Parse(`Order.Amount > "a b".x and "case" is not null and date.date = date and select.end is null`)
	if err != nil {
		t.Fatal(err)
	}
	want := []expr.Name{
		{Table: "order", Column: "amount", Offset: 0},
		{Table: "a b", Column: "x", Offset: 15},
		{Column: "case", Offset: 27},
		{Table: "date", Column: "date", Offset: 50},
		{Column: "date", Offset: 62},
		{Table: "select", Column: "end", Offset: 71},
	}
	if diff := cmp.Diff(want, e.Names()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, as, want string }{
		{"i", "bigint", "cast(i as bigint)"},
		{"i", "decimal(9,2)", "cast(i as decimal(9,2))"},
		{"d * d", "decimal(18,2)", "cast(d * d as decimal(18,2))"},
		{"f", "decimal(9,0)", "cast(cast(floor(f + 0.5) as bigint) as decimal(9,0))"},
		{"d", "double", "cast(d as double precision)"},
		{"s", "string(3)", "s"},
		{"null", "string(3)", "cast(null as varchar(3))"},
		{"day", "timestamp", "cast(day as timestamp)"},
		{"i > 1", "boolean", "cast(i > 1 as boolean)"},
		{"f", "integer", "a double, but its column is declared integer"},
		{"s", "integer", "text, but its column is declared integer"},
		{"i", "string(20)", "an integer, but its column is declared string(20)"},
		{"f", "decimal(38,16)", "15 reliable digits"},
		{"i", "int", "write integer"},
		{"i", "integer now", "after the type"},
	} {
		e, err := expr.Parse(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Check(kindOf); err != nil {
			t.Fatal(err)
		}
		as, err := e.As(tt.as)
		if err != nil {
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s as %s: error %q, want %q", tt.text, tt.as, err, tt.want)
			}
			continue
		}
		if got := as.SQL(quoted); got != tt.want {
			t.Errorf("%s as %s: %s, want %s", tt.text, tt.as, got, tt.want)
		}
	}
}

// FuzzParse checks that no text makes Parse or Check panic, that an error is
// inside the text, that the local dialect accepts what is rendered and, where
// that is in the language again, that it is read as the same expression.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"case s when 'a' then i else mod(i, -2) end / coalesce(d, 0.5) between f and abs(-g)",
		`not (b or "c") and "order".amount is not null`,
		"datediff(day, created, dateadd(hour, -3, until)) in (1, 2) or trim(s) || t like '%a_'",
		"nullif(nullif(s, ''), t) <> cast(cast(f as decimal(9,2)) as string(12))",
		"date_trunc('week', day) < timestamp '2024-01-01 00:00:00' and extract(dow from day) = 0",
		"round(d * e, 2) - floor(f) + greatest(d, i) * least(1, j)", "a.b.c", "'", "((((", "- - 1", "1.5e3",
	} {
		f.Add(seed)
	}
	kind := func(table, column string) (expr.Kind, error) {
		if k, err := kindOf(table, column); err == nil {
			return k, nil
		}
		return expr.Integer, nil
	}
	// The names of columns are not the matter here: one of the same kind does.
	column := func(table, column string) string {
		switch k, err := kindOf(table, column); {
		case err != nil:
			return "i"
		case table == "":
			return column
		case k == expr.Text:
			return "s"
		default:
			return "d"
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := expr.Parse(text)
		if err == nil {
			if e.String() != text {
				t.Fatalf("%q became %q", text, e)
			}
			_, err = e.Check(kind)
		}
		if err != nil {
			at, ok := errors.AsType[*expr.Error](err)
			if !ok || at.Offset < 0 || at.Offset > len(text) || at.Problem == "" {
				t.Fatalf("%q: error %#v", text, err)
			}
			return
		}
		sql := e.SQL(column)
		if _, err := dialect.Translate("select " + sql + " as v from r"); err != nil {
			t.Fatalf("%q: %s: %v", text, sql, err)
		}
		again, err := expr.Parse(sql)
		if err != nil {
			return // casts and functions of the engines
		}
		if _, err := again.Check(kind); err != nil || strings.Contains(sql, "extract(") || strings.Contains(sql, "round(") {
			return // what is cast is cast once more
		}
		if sql2 := again.SQL(column); sql2 != sql {
			t.Fatalf("%q is %s, and that is %s", text, sql, sql2)
		}
	})
}

// The documentation of the format names every function.
func TestFunctions_areDocumented(t *testing.T) {
	t.Parallel()

	documentation, err := os.ReadFile("../model/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, err = expr.Parse("zzzzzzzz(x)")
	_, list, ok := strings.Cut(fmt.Sprint(err), "; there are ")
	if !ok {
		t.Fatalf("a function that does not exist: %v, want a list of those that do", err)
	}
	for name := range strings.SplitSeq(list, ", ") {
		if !strings.Contains(string(documentation), name+"(") {
			t.Errorf("the documentation of package model does not name %s", name)
		}
	}
}
