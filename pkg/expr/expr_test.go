package expr_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/expr"
)

// columns are what the tests' expressions refer to.
func columns() map[string]expr.Kind {
	return map[string]expr.Kind{
		"i": expr.Integer, "j": expr.Integer, "d": expr.DecimalOf(9, 2), "e": expr.DecimalOf(12, 4), "big": expr.DecimalOf(38, 10), "price": expr.DecimalOf(18, 2), "f": expr.Double, "g": expr.Double,
		"s": expr.Text, "t": expr.Text, "b": expr.Bool, "c": expr.Bool,
		"day": expr.Date, "until": expr.Date, "created": expr.Timestamp, "closed": expr.Timestamp,
		"order.amount": expr.DecimalOf(9, 2), "case.user": expr.Text,
	}
}

func kindOf(table, column string) (expr.Kind, error) {
	kind, ok := columns()[name(table, column)]
	if !ok {
		return 0, fmt.Errorf("there is no column %s", name(table, column))
	}
	return kind, nil
}

func name(table, column string) string {
	if table != "" {
		return table + "." + column
	}
	return column
}

// quoted writes a column as the generated SQL does.
func quoted(table, column string) string {
	if table != "" {
		return `"` + table + `".` + column
	}
	return column
}

func TestSQL(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"i", "i"},
		{"1 + i*2", "1 + cast(i as bigint) * 2"},
		{"(i + 1) * 2", "(cast(i as bigint) + 1) * 2"},
		{"i - (j - 1)", "i - (cast(j as bigint) - 1)"},
		{"-i - -3", "-cast(i as bigint) - (-3)"},
		{"- - i", "-(-cast(i as bigint))"},
		{"d * i", "d * cast(i as bigint)"},
		{"d - d * 2", "d - cast(d as decimal(19,2)) * 2"},
		{"d + e", "d + e"},
		{"price - price", "cast(price as decimal(19,2)) - price"},
		{"price * 1.19", "cast(price as decimal(19,2)) * 1.19"},
		{"price * d * d", "cast(price as decimal(19,2)) * d * d"},
		{"big < price * price", "cast(big as decimal(38,10)) < cast(cast(price as decimal(19,2)) * price as decimal(38,10))"},
		{"coalesce(big, price, i)", "coalesce(big, price, i)"},
		{"d * f", "cast(d as double precision) * f"},
		{"i / j", "cast(i as double precision) / nullif(cast(j as double precision), 0)"},
		{"f / 60", "f / cast(60 as double precision)"},
		{"007 + .5", "7 + 0.5"},
		{"s = 'it''s  '", "rtrim(s, ' ') = 'it''s'"},
		{"trim(lower(s)) in ('a ', t)", "btrim(lower(s), ' ') in ('a', rtrim(t, ' '))"},
		{"d != f", "cast(d as double precision) <> f"},
		{"NOT b or c and not i between 1 and 2", "not b or c and (not (i between 1 and 2))"},
		{"(b or c) and s is not null", "(b or c) and s is not null"},
		{"(i > 1) is null", "(i > 1) is null"},
		{"s || '-' || t like 'a%'", "(s || '-' || t) like 'a%'"},
		{"s not like '_''%'", "s not like '_''%'"},
		{"case when b then 1 else f end", "case when b then cast(1 as double precision) else f end"},
		{"case s when 'a ' then null when t then day end", "case rtrim(s, ' ') when 'a' then null when rtrim(t, ' ') then day end"},
		{"coalesce(null, d, 0)", "coalesce(null, d, 0)"},
		{"greatest(i, f)", "greatest(cast(i as double precision), f)"},
		{"nullif(s, '')", "case when rtrim(s, ' ') = '' then null else s end"},
		{"nullif(i, d)", "nullif(i, d)"},
		{"substring(s, 2, 3) || left(t, 1)", "substring(s, 2, 3) || left(t, 1)"},
		{"floor(i) + ceil(f) - abs(i)", "cast(i as double precision) + ceil(f) - cast(abs(cast(i as bigint)) as double precision)"},
		{"round(d, 2)", "round(d, 2)"},
		{"round(f, 2)", "(floor(f * 100 + 0.5) / cast(100 as double precision))"},
		{"mod(i, j)", "mod(cast(i as bigint), nullif(j, 0))"},
		{"extract(second from created)", "cast(floor(extract(second from created)) as integer)"},
		{"date_trunc(month, day)", "date_trunc('month', cast(day as timestamp))"},
		{
			"datediff(hour, day, closed)",
			"((cast(extract(epoch from date_trunc('hour', closed)) as bigint) - cast(extract(epoch from date_trunc('hour', cast(day as timestamp))) as bigint)) / 3600)",
		},
		{"dateadd(week, -2, created) < closed", "(created - interval '14 day') < closed"},
		{"created >= timestamp '2024-02-29T10:00:00.5'", "created >= timestamp '2024-02-29 10:00:00.5'"},
		{"day = date '2024-02-29'", "day = date '2024-02-29'"},
		{"cast(d as integer)", "cast(round(d, 0) as integer)"},
		{"cast(f as decimal(9,2))", "cast(cast(cast(floor(f * 100 + 0.5) as bigint) as decimal(19,0)) * 0.01 as decimal(9,2))"},
		{"cast(f as bigint)", "cast(floor(f + 0.5) as bigint)"},
		{"cast(null as string(3))", "cast(null as varchar(3))"},
		{"cast(i as string(20)) || ''", "cast(i as varchar(20)) || ''"},
		{`order.amount + "order"."amount"`, `"order".amount + "order".amount`},
		{"case.user = case when case.user = '' then 'a' end", `rtrim("case".user, ' ') = rtrim(case when rtrim("case".user, ' ') = '' then 'a' end, ' ')`},
	}
	for _, tt := range tests {
		e, err := expr.Parse(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if _, err := e.Check(kindOf); err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if diff := cmp.Diff(tt.want, e.SQL(quoted)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
		if e.String() != tt.text {
			t.Errorf("%s became %s", tt.text, e)
		}
	}
}
