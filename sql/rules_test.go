package sql_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/sql"
)

func sqlQueries() ([]sql.Query, error) { return sql.Queries() }

func TestSmoke(t *testing.T) {
	t.Parallel()
	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		n := night{
			customers: []customer{{username: "ada", fullname: "Ada", city: "Ulm", postcode: "89073", country: "Germany"}, {username: "bob"}},
			orders:    []order{{"ada", "1", 2, "2022-02-03 10:11:12.5"}, {"bob", "2", 1, "2021-02-28 23:59:59"}},
			lines:     []line{{"1", "p", "Pen", "Office", "red", "1.50"}, {"1", "q", "Ink", "Office", "", "2.25"}, {"2", "p", "Pen!", "Office", "blue", "1.40"}, {"3", "p", "Old", "", "", "1"}},
		}
		w.load(n)
		t.Log(w.phase("stage"))
		t.Log(w.phase("publish"))
		for k, v := range w.star() {
			t.Log(k, v)
		}
		qs, err := sqlQueries()
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range qs {
			t.Log(q.Name, q.Question, w.exec(q.SQL))
		}
	})
}
