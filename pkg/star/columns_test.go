package star_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/sql"
)

// Rows that print alike could still be numbers in one engine and text in the
// other, so the columns of every answer are compared too.
func TestAnswers_haveTheSameColumnsInEveryEngine(t *testing.T) {
	t.Parallel()

	questions := map[string]string{}
	for _, phase := range []string{star.PhaseStage, star.PhasePublish} {
		batches, err := star.Batches(store(t), phase)
		if err != nil {
			t.Fatal(err)
		}
		questions["counts of "+phase] = batches[0][len(batches[0])-1]
	}
	queries, err := sql.Queries()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		questions[q.Name] = q.SQL
	}
	for _, table := range star.Tables(store(t)) {
		questions[table.String()] = "select * from " + table.String()
	}
	columns := map[string]map[string][]sqlengine.Column{}
	for engine, open := range engines() {
		w := newWarehouse(t, store(t), open(t))
		w.run(usual())
		columns[engine] = map[string][]sqlengine.Column{}
		for name, question := range questions {
			tx, err := w.engine.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			result, err := tx.Exec(t.Context(), question)
			if err != nil {
				t.Fatal(err)
			}
			columns[engine][name] = result.Columns
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
		}
	}
	if diff := cmp.Diff(columns["postgres"], columns["duckdb"]); diff != "" {
		t.Errorf("(-postgres +duckdb):\n%s", diff)
	}
	for _, c := range columns["postgres"]["counts of publish"] {
		if want := map[string]string{"name": "varchar", "rows": "numeric"}[c.Name]; c.Type != want {
			t.Errorf("column %s of the counts is %s, want %s", c.Name, c.Type, want)
		}
	}
}
