package redshiftdata_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	local "github.com/nightstar-elt/nightstar/pkg/local/redshiftdata"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// TestServer_unknownDatabase wants the same failure, with its reason, whichever
// way one asks.
func TestServer_unknownDatabase(t *testing.T) {
	t.Parallel()

	w := newWarehouseOver(t, localtest.DuckDB(t), local.Options{Database: "nightstar"})
	for name, id := range map[string]string{"single": w.execute(t, "select 1"), "batch": w.batch(t, "select 1", "select 2")} {
		got := w.wait(t, id)
		if got.Status != types.StatusStringFailed || !strings.Contains(aws.ToString(got.Error), `database "dwh" does not exist`) ||
			!strings.Contains(aws.ToString(got.Error), `"nightstar"`) {
			t.Errorf("%s: described as %s: %q", name, got.Status, aws.ToString(got.Error))
		}
		list, err := w.ListStatements(t.Context(), &redshiftdata.ListStatementsInput{Status: "ALL"})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list.Statements {
			if s.Status != types.StatusStringFailed {
				t.Errorf("%s: listed as %s", *s.Id, s.Status)
			}
		}
	}
}

// large answers each statement with a row of 60 MB.
type large struct{ gate }

func (l *large) Begin(context.Context) (sqlengine.Tx, error) { return &largeTx{}, nil }

type largeTx struct{ sqlengine.Tx }

func (largeTx) Exec(context.Context, string) (*sqlengine.Result, error) {
	return &sqlengine.Result{
		Columns: []sqlengine.Column{{Name: "x", Type: "varchar"}}, Rows: [][]any{{strings.Repeat("x", 60<<20)}},
	}, nil
}
func (largeTx) Commit() error { return nil }

// TestServer_letsOldResultsGo keeps the newest results, of 200 MiB.
func TestServer_letsOldResultsGo(t *testing.T) {
	t.Parallel()

	w := newWarehouseOver(t, &large{}, local.Options{})
	var ids []string
	for range 5 {
		id := w.execute(t, "select 1")
		w.finish(t, id)
		ids = append(ids, id)
	}
	for i, id := range ids {
		_, err := w.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: aws.String(id)})
		if i >= 2 {
			if err != nil {
				t.Errorf("result %d of 5: %v", i+1, err)
			}
			continue
		}
		if missing, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || !strings.Contains(missing.ErrorMessage(), "run the statement again") {
			t.Errorf("result %d of 5: %v, want it to have made room", i+1, err)
		}
	}
}

// TestServer_boundsResults asks for more than a result or a text can hold.
func TestServer_boundsResults(t *testing.T) {
	t.Parallel()

	w := newWarehouse(t)
	w.finish(t, w.batch(t, "create table public.wide (x varchar(65535))",
		"insert into public.wide values (repeat('x', 65535)), (repeat('y', 65535))"))
	for sql, want := range map[string]string{
		"select repeat('x', 2000000000)":                              "65535",
		"select repeat('ü', 32768)":                                   "65535",
		"select lpad('x', 2000000000), rpad('x', 2000000000, 'abc')":  "65535",
		"select replace(repeat('x', 60000), 'x', repeat('y', 60000))": "65535",
		"select a.x || b.x from public.wide a, public.wide b":         "65535",
		"with t as (select repeat('x', 65535) as x) select len(x) from (" + nested("select x || x as x from (%s) t", 20, "select x from t") + ") t": "65535",
	} {
		got := w.wait(t, w.execute(t, sql))
		if got.Status != types.StatusStringFailed || !strings.Contains(aws.ToString(got.Error), want) {
			t.Errorf("%.60s: %s: %.200s, want a failure with %q", sql, got.Status, aws.ToString(got.Error), want)
		}
	}
	for sql, want := range map[string]string{
		"select len(repeat('ab', 30000)), repeat('', 2000000000), repeat('x', -1), lpad('abc', 2), rpad('a', 3, 'xy')": "60000 |  |  | ab | axy",
		// Nested calls take no more than their results do.
		"select len(" + nested("replace(%s, 'a', 'ab')", 40, "'a'") + "), " + nested("repeat(%s, 1)", 40, "'ab'") + ", " +
			nested("lpad(%s, 3)", 40, "'ab'") + ", " + nested("substring(%s, 1, 2)", 40, "'ab'"): "41 | ab |  ab | ab",
		"select " + nested("%s / 1", 40, "7") + ", " + nested("%s %% 10", 40, "7") + ", " + nested("mod(%s, 10)", 40, "7") + ", " +
			nested("dateadd(day, 1, %s)", 20, "date '2024-01-01'"): "7 | 7 | 7 | 2024-01-21 00:00:00",
		"select 'a' || 1 || null, 'a' || 1 || 'b', len('' || repeat('x', 65535))":                                             "null | a1b | 65535",
		"select replace('abab', 'ab', 'c'), replace('abc', '', 'x'), repeat(cast(null as varchar), 3), len(lpad('a', 16383))": "cc | abc | null | 16383",
	} {
		if got := w.rows(t, sql); got != want {
			t.Errorf("%s = %s, want %s", sql, got, want)
		}
	}
}

// nested writes a call within a call, so often.
func nested(call string, often int, innermost string) string {
	for range often {
		innermost = fmt.Sprintf(call, innermost)
	}
	return innermost
}
