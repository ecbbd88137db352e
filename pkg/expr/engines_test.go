package expr_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/expr"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// setting reads a number from the environment: EXPR_SEED gives other random
// expressions, EXPR_COUNT more of them.
func setting(t *testing.T, name string, value uint64) uint64 {
	t.Helper()
	text, ok := os.LookupEnv(name)
	if !ok {
		return value
	}
	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return value
}

// rows are the rows of the table.
func rows(g generator) []row {
	maybe := func(v any) any {
		if g.IntN(6) == 0 {
			return nil
		}
		return v
	}
	texts := []string{"", " ", "a", "a ", "Ab", "B", "it's", "x%y", "ü ", "日本", " a b ", "abc\u00a0", "a\t"}
	var all []row
	for range 12 {
		r := row{}
		for _, c := range []string{"i", "j"} {
			r[c] = maybe(rat(pick(g, 0, 1, -1, 2, 7, -13, 1000, 2147483647, -2147483648, g.Int64N(100)), 1))
		}
		r["d"] = maybe(rat(g.Int64N(2_000_001)-1_000_000, 100))
		r["e"] = maybe(rat(pick(g, 0, 5000, 25000, -25000, g.Int64N(100_000)), 10_000))
		for _, c := range []string{"f", "g"} {
			r[c] = maybe(pick(g, 0, 0.5, 2.5, -2.5, 0.285, 1e6, g.Float64()*1000, -g.Float64()))
		}
		for _, c := range []string{"s", "t"} {
			r[c] = maybe(pick(g, texts...))
		}
		for _, c := range []string{"b", "c"} {
			r[c] = maybe(g.IntN(2) == 0)
		}
		for _, c := range []string{"day", "until"} {
			r[c] = maybe(time.Date(1999+g.IntN(40), 1, g.IntN(400), 0, 0, 0, 0, time.UTC))
		}
		for _, c := range []string{"created", "closed"} {
			at := time.Unix(g.Int64N(4e9)-1e9, g.Int64N(1e6)*1000).UTC()
			r[c] = maybe(pick(g, at, at.Truncate(time.Hour), time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC)))
		}
		all = append(all, r)
	}
	return all
}

// sqlValue writes a value of a row in SQL.
func sqlValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case *big.Rat:
		return strings.TrimSuffix(v.FloatString(4), ".0000")
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case time.Time:
		return "'" + v.Format("2006-01-02 15:04:05.999999") + "'"
	case float64:
		return "cast('" + strconv.FormatFloat(v, 'g', -1, 64) + "' as double precision)"
	}
	return fmt.Sprint(v)
}

// fill creates the table in an engine.
func fill(t *testing.T, tx sqlengine.Tx, rows []row) {
	t.Helper()
	columns := []string{"i", "j", "d", "e", "f", "g", "s", "t", "b", "c", "day", "until", "created", "closed"}
	statements := []string{`create table r (n integer, i integer, j integer, d decimal(9,2), e decimal(12,4), f double precision,
		g double precision, s varchar(20), t varchar(20), b boolean, c boolean, day date, until date, created timestamp, closed timestamp)`}
	for n, r := range rows {
		values := []string{strconv.Itoa(n)}
		for _, c := range columns {
			values = append(values, sqlValue(r[c]))
		}
		statements = append(statements, "insert into r (n, "+strings.Join(columns, ", ")+") values ("+strings.Join(values, ", ")+")")
	}
	for _, s := range statements {
		if _, err := tx.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// evaluate evaluates an expression over all rows; not if an evaluation is
// unsure.
func evaluate(s sample, rows []row) (values []any, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, isUnsure := r.(unsure); !isUnsure {
				panic(r)
			}
			values, ok = nil, false
		}
	}()
	for _, r := range rows {
		values = append(values, s.eval(r))
	}
	return values, true
}

// same compares a value with what an engine returned.
func same(want, got any) bool {
	if want == nil || got == nil {
		return want == got
	}
	switch want := want.(type) {
	case *big.Rat:
		v, ok := new(big.Rat).SetString(fmt.Sprint(got))
		return ok && v.Cmp(want) == 0
	case time.Time:
		for _, layout := range []string{time.DateOnly, "2006-01-02 15:04:05.999999"} {
			if v, err := time.Parse(layout, fmt.Sprint(got)); err == nil {
				return v.Equal(want)
			}
		}
		return false
	}
	return want == got
}

// TestSQL_engines evaluates random expressions over random rows in DuckDB, in
// PostgreSQL and in plain Go.
func TestSQL_engines(t *testing.T) {
	t.Parallel()
	seed, count := setting(t, "EXPR_SEED", 1), int(setting(t, "EXPR_COUNT", 700))
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	table := rows(g)
	transactions := map[string]sqlengine.Tx{}
	for name, open := range localtest.Engines() {
		tx, err := open(t).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tx.Rollback() })
		fill(t, tx, table)
		transactions[name] = tx
	}
	kinds := []expr.Kind{expr.Integer, expr.Decimal, expr.Double, expr.Text, expr.Bool, expr.Date, expr.Timestamp}
	done := 0
	for tries := 0; done < count; tries++ {
		if tries > 20*count {
			t.Fatalf("only %d of %d expressions have a value everywhere", done, tries)
		}
		kind := pick(g, kinds...)
		s := g.make(kind, 1+g.IntN(4))
		want, ok := evaluate(s, table)
		if !ok {
			continue
		}
		e, err := expr.Parse(s.text)
		if err != nil {
			t.Fatalf("%s: %v", s.text, err)
		}
		got, err := e.Check(kindOf)
		if err != nil && strings.Contains(err.Error(), "too long") {
			continue
		}
		if err != nil || got != s.kind {
			t.Fatalf("%s: %v, %v", s.text, got, err)
		}
		done++
		sql := e.SQL(quoted)
		for name, tx := range transactions {
			result, err := tx.Exec(t.Context(), "select "+sql+" as v from r order by n")
			if err != nil {
				t.Fatalf("%s\n%s\n%s: %v", s.text, sql, name, err)
			}
			for n, r := range result.Rows {
				if !same(want[n], r[0]) {
					t.Errorf("seed %d: %s\n%s\n%s: row %v gives %v (%T), want %v", seed, s.text, sql, name, table[n], r[0], r[0], want[n])
					break
				}
			}
		}
		if t.Failed() {
			return
		}
	}
}
