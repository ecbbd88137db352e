package startest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star/startest"
)

// seeds are the models that a test run draws: STARTEST_SEEDS of them from
// STARTEST_FROM on.
func seeds(t *testing.T) (from, n uint64) {
	t.Helper()
	n = 20
	for name, value := range map[string]*uint64{"STARTEST_SEEDS": &n, "STARTEST_FROM": &from} {
		if text := os.Getenv(name); text != "" {
			number, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			*value = number
		}
	}
	return from, n
}

// TestModels feeds random nights of random models to both engines, and compares
// what is in the warehouse after each with plain Go.
func TestModels(t *testing.T) {
	t.Parallel()
	from, n := seeds(t)
	for seed := from; seed < from+n; seed++ {
		source, err := startest.Generate(seed)
		if err != nil {
			t.Fatalf("seed %d: the model is refused: %v\n%s", seed, err, source)
		}
		m, err := model.Read("model.yaml", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		for name, open := range engines {
			t.Run(fmt.Sprintf("%d/%s", seed, name), func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				engine, err := open(t.Context(), folder)
				if err != nil {
					t.Fatal(err)
				}
				if name == "postgres" {
					folder = ""
				}
				if err := compare(t.Context(), m, engine, folder, seed); err != nil {
					t.Errorf("seed %d: %v\n%s", seed, err, source)
				}
				if err := engine.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// nightsEach is how many nights a model sees.
const nightsEach = 3

// compare runs the nights of a seed.
func compare(ctx context.Context, m model.Model, engine sqlengine.Engine, folder string, seed uint64) error {
	w, err := newWarehouse(ctx, m, engine, folder)
	if err != nil {
		return err
	}
	source, want := startest.NewSource(m, seed), startest.NewStar(m)
	for nth := range nightsEach {
		items := source.Night()
		kept, ok := startest.Repair(want, items)
		if len(kept) < len(items) || !ok {
			if err := w.refuses(want, newNight(m, items)); err != nil {
				return fmt.Errorf("night %d, as it came: %w", nth, err)
			}
		}
		if !ok {
			continue
		}
		night := newNight(m, kept)
		if err := w.load(night); err != nil {
			return fmt.Errorf("night %d: load: %w", nth, err)
		}
		if err := w.announce(); err != nil {
			return err
		}
		for _, phase := range [][][]string{w.stage, w.pub} {
			if err := w.batches(phase); err != nil {
				return fmt.Errorf("night %d: %w", nth, err)
			}
		}
		want, _ = want.See(night.rows, w.moment()).Night(night.rows)
		if err := w.same(append(startest.LandingTables(m, night.rows), want.Tables()...)); err != nil {
			return fmt.Errorf("night %d: %w", nth, err)
		}
	}
	return nil
}

// refuses stages a night that breaks rules, and expects one of their proofs to
// fail and everything to stay as it is.
func (w *warehouse) refuses(want *startest.Star, night night) error {
	_, refused := want.Night(night.rows)
	if len(refused) == 0 {
		return nil // a value was refused, which is not the warehouse's business
	}
	if err := errors.Join(w.load(night), w.announce()); err != nil {
		return err
	}
	err := w.batches(w.stage)
	if err == nil {
		return fmt.Errorf("the night is staged, though it breaks %v", refused)
	}
	// PostgreSQL enforces keys before a proof counts them.
	enforced := strings.Contains(err.Error(), "_pkey")
	isOne := func(r startest.Refusal) bool {
		return strings.Contains(err.Error(), r.Proof) || enforced && strings.Contains(r.Proof, " unique by ")
	}
	if !slices.ContainsFunc(refused, isOne) {
		return fmt.Errorf("want a refusal for one of %v, got %w", refused, err)
	}
	return w.same(want.Tables())
}

// same compares tables of the warehouse with those of the reference.
func (w *warehouse) same(tables []startest.Table) error {
	tx, err := w.engine.Begin(w.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, t := range tables {
		got, err := w.read(tx, t)
		if err != nil {
			return err
		}
		if slices.Equal(got, t.Rows) {
			continue
		}
		less := slices.DeleteFunc(slices.Clone(t.Rows), func(row string) bool { return slices.Contains(got, row) })
		more := slices.DeleteFunc(slices.Clone(got), func(row string) bool { return slices.Contains(t.Rows, row) })
		return fmt.Errorf("%s.%s %v has %d rows, plain Go %d\nonly in the warehouse:\n  %s\nonly in plain Go:\n  %s", t.Schema, t.Name,
			model.Names(t.Columns), len(got), len(t.Rows), strings.Join(more, "\n  "), strings.Join(less, "\n  "))
	}
	return nil
}
