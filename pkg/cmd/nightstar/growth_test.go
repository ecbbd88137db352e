package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

func TestGrowthReport(t *testing.T) {
	t.Parallel()

	var columns []sqlengine.Column
	for _, name := range []string{"country", "category", "year", "quarter", "revenue", "revenue_year_before", "growth_percent"} {
		columns = append(columns, sqlengine.Column{Name: name})
	}
	rows := [][]any{
		{"France", "Books", int64(2024), int64(4), "12.00", "8.00", "50.00"},
		{"France", "Toys", int64(2024), int64(4), "12.00", "0.00", nil},
		{"Japan", "Books", int64(2024), int64(4), "1.00", "4.00", "-75.00"},
		{"Japan", "Toys", int64(2024), int64(3), "1.00", "4.00", "-75.00"}, // of another quarter
	}
	report := func(rows [][]any) string {
		var b bytes.Buffer
		if err := growthReport(&b, &sqlengine.Result{Columns: columns, Rows: rows}); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	got := report(rows)
	if want := "Books Toys France +50 new Japan -75 ·"; !strings.Contains(got, want) || strings.Contains(got, "n/a") {
		t.Errorf("the report is %q, want %q in it", got, want)
	}
	got = report(append(rows, []any{"Japan", "Toys", int64(2024), int64(4), "12.00", "-3.00", nil}))
	if want := "Japan -75 n/a · nothing sold in either year"; !strings.Contains(got, want) || !strings.Contains(got, "n/a more given back than sold a year before") {
		t.Errorf("the report is %q, want %q in it", got, want)
	}
}
