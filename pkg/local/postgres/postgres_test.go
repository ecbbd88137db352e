package postgres_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
)

func TestStart(t *testing.T) {
	s, err := postgres.Start(t.Context())
	if err != nil { t.Fatal(err) }
	e, err := s.Open(t.Context())
	if err != nil { t.Fatal(err) }
	tx, err := e.Begin(t.Context())
	if err != nil { t.Fatal(err) }
	r, err := tx.Exec(t.Context(), "select 1 as a, 'x' as b, cast(1.50 as decimal(9,2)), version()")
	t.Log(r, err)
	tx.Rollback()
	if err := s.Close(); err != nil { t.Fatal(err) }
}
