package sql_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/nightstar-elt/nightstar/sql"
)

func TestReadQueries_refusesWhatIsNoQuestion(t *testing.T) {
	t.Parallel()

	for name, text := range map[string]string{
		"no question": "select 1", "two statements": "-- What?\nselect 1; select 2", "none": "-- What?", "open": "-- What?\n'",
	} {
		if got, err := sql.ReadQueries(fstest.MapFS{"queries/q.sql": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: ReadQueries() = %v, want an error", name, got)
		}
	}
}

func TestQueries_openWithTheirQuestion(t *testing.T) {
	t.Parallel()

	queries, err := sql.Queries()
	if err != nil {
		t.Fatal(err)
	}
	if len(queries) == 0 {
		t.Fatal("there is no query")
	}
	for _, q := range queries {
		if !strings.HasSuffix(q.Question, "?") || len(q.Question) > 160 || !strings.HasPrefix(q.SQL, "select") && !strings.HasPrefix(q.SQL, "with") {
			t.Errorf("query %s has the question %q", q.Name, q.Question)
		}
	}
}
