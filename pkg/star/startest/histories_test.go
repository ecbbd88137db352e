package startest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/star/startest"
)

// TestHistories changes random tables of random models for a while, brings the
// changes to the warehouse in windows of random length, and compares it after
// each with plain Go, which loads the whole table anew.
func TestHistories(t *testing.T) {
	t.Parallel()
	from, n := seeds(t)
	if os.Getenv("STARTEST_SEEDS") == "" {
		n = 5
	}
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
				engine, err := open(t.Context(), t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				if err := history(t.Context(), m, engine, seed); err != nil {
					t.Errorf("seed %d: %v\n%s", seed, err, source)
				}
				if err := engine.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// windowsEach is how many windows a history has.
func windowsEach() int {
	if n, err := strconv.Atoi(os.Getenv("STARTEST_WINDOWS")); err == nil {
		return n
	}
	return 3
}

// origin is when histories begin: among the times that facts have.
var origin = time.Date(2019, 9, 1, 0, 0, 0, 0, time.UTC)

// later returns a later moment, often one that a row has, at most a year later.
func later(random *rand.Rand, now time.Time, rows startest.Landing) time.Time {
	var moments []time.Time
	for _, some := range rows.Rows {
		for _, row := range some {
			for _, cell := range row.Cells {
				if at, ok := cell.(time.Time); ok && at.After(now) && at.Before(now.AddDate(1, 0, 0)) {
					moments = append(moments, at)
				}
			}
		}
	}
	if len(moments) > 0 && random.IntN(2) == 0 {
		return slices.MinFunc(moments, time.Time.Compare)
	}
	return now.Add(time.Minute + time.Duration(random.Int64N(int64(200*24*time.Hour))).Truncate(time.Microsecond))
}

// history runs the history of a seed.
func history(ctx context.Context, m model.Model, engine sqlengine.Engine, seed uint64) error {
	w, err := newWarehouse(ctx, m, engine, "")
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 7))
	source, want := startest.NewSource(m, seed), startest.NewStar(m)
	next := func() (startest.Landing, bool) {
		kept, ok := startest.Repair(want, startest.Distinct(m, source.Night()))
		return startest.Land(m, kept), ok
	}
	now := origin
	current, ok := next()
	for tries := 0; !ok; tries++ {
		if tries == 20 {
			return nil // hardly any state of this table can be loaded
		}
		current, ok = next()
	}
	if err := w.full(current, now); err != nil {
		return fmt.Errorf("the full load: %w", err)
	}
	want, _ = want.See(current, now).Night(current)
	for nth := range windowsEach() {
		begin := now
		var changes startest.Changes
		for tries, ok := 0, false; !ok; tries++ {
			if tries == 20 {
				return nil
			}
			var changed startest.Landing
			changed, ok = next()
			now = later(random, now, current)
			changes.Add(m, random, current, changed, now)
			want, current = want.See(changed, now), changed
			ok = ok && random.IntN(2) == 0
		}
		now = now.Add(time.Minute)
		if err := w.increment(changes, star.Window{Mode: star.Increment, From: begin, To: now}); err != nil {
			return fmt.Errorf("window %d: %w", nth, err)
		}
		want, _ = want.Night(current)
		if err := w.same(append(startest.LandingTables(m, current), want.Tables()...)); err != nil {
			return fmt.Errorf("window %d: %w", nth, err)
		}
	}
	if err := w.refusesWindows(now); err != nil {
		return err
	}
	if err := w.repairs(current, want, now); err != nil {
		return err
	}
	// A full load goes on from the versions that increments have made.
	kept, ok := startest.Repair(want, startest.Distinct(m, source.Night()))
	if !ok {
		return nil
	}
	current, now = startest.Land(m, kept), later(random, now, current)
	if err := w.full(current, now); err != nil {
		return fmt.Errorf("the last full load: %w", err)
	}
	want, _ = want.See(current, now).Night(current)
	return w.same(append(startest.LandingTables(m, current), want.Tables()...))
}

// repairs loads the whole table as it is, and again after somebody has changed
// the mirror. What is different is counted, and gone afterwards. The star is the
// same both times.
func (w *warehouse) repairs(rows startest.Landing, want *startest.Star, now time.Time) error {
	for _, damaged := range []bool{false, true} {
		lost := map[string]int{}
		for _, r := range w.m.Relations() {
			if n := len(rows.Rows[r.Name]); damaged && n > 0 {
				mirror, _ := star.Find(w.m, model.Mirror, r.Table)
				lost["mirror."+r.Table+": rows that increments have lost"] = n
				if err := w.transaction([]string{"delete from " + mirror.String()}); err != nil {
					return err
				}
			}
		}
		if err := w.phase(star.PhaseRepair, rows, now); err != nil {
			return fmt.Errorf("repair: %w", err)
		}
		proofs, _ := star.Find(w.m, model.ETL, "proof")
		tx, err := w.engine.Begin(w.ctx)
		if err != nil {
			return err
		}
		result, err := tx.Exec(w.ctx, "select name, cast(counted as bigint), cast(expected as bigint) from "+proofs.String()+
			" where run_id = '"+w.run()+"' and name like '%increments have%'")
		if err = errors.Join(err, tx.Rollback()); err != nil {
			return err
		}
		if len(result.Rows) != 3*len(w.m.Relations()) {
			return fmt.Errorf("the repair made %d proofs", len(result.Rows))
		}
		for _, row := range result.Rows {
			if name := fmt.Sprint(row[0]); fmt.Sprint(row[1]) != fmt.Sprint(lost[name]) || fmt.Sprint(row[2]) != "0" {
				return fmt.Errorf("the repair counted %v, want %d of 0", row, lost[name])
			}
		}
		if err := w.same(append(startest.LandingTables(w.m, rows), want.Tables()...)); err != nil {
			return fmt.Errorf("repair: %w", err)
		}
	}
	return nil
}

// full loads the whole table as it is at some time.
func (w *warehouse) full(rows startest.Landing, at time.Time) error {
	return w.phase(star.PhaseFull, rows, at)
}

func (w *warehouse) phase(phase string, rows startest.Landing, at time.Time) error {
	w.nights++
	if err := w.insert(rows); err != nil {
		return err
	}
	batches, err := star.Batches(w.m, phase)
	if err != nil {
		return err
	}
	return w.transaction(append(star.Announce(w.m, w.run(), star.Window{Mode: star.Full, To: at}, nil), batches[0]...))
}

func (w *warehouse) run() string { return fmt.Sprintf("run%d", w.nights) }

// increment brings changes into the warehouse.
func (w *warehouse) increment(changes startest.Changes, window star.Window) error {
	w.nights++
	var statements []string
	for _, r := range w.m.Relations() {
		table := star.LandingTable(w.m, star.Increment, r)
		var rows []string
		for _, row := range changes.Rows[r.Name] {
			cells := []string{"'" + row.Op + "'", "cast('" + row.Written.Format("2006-01-02 15:04:05.000000") + "' as timestamp)"}
			for _, c := range r.Columns {
				cells = append(cells, startest.Literal(c.Type, row.Cells[c.Name]))
			}
			rows = append(rows, "("+strings.Join(cells, ", ")+")")
		}
		load, _ := star.Find(w.m, model.ETL, star.LoadTable(r.Table))
		statements = append(statements, "delete from "+table.String(), "delete from "+load.String())
		if len(rows) > 0 {
			statements = append(statements, "insert into "+table.String()+" ("+strings.Join(table.ColumnNames(), ", ")+") values\n"+strings.Join(rows, ",\n"))
		}
		statements = append(statements, w.loaded(r, int64(len(rows))))
	}
	if err := w.transaction(statements); err != nil {
		return err
	}
	batches, err := star.Batches(w.m, star.PhaseIncrement)
	if err != nil {
		return err
	}
	return w.transaction(append(star.Announce(w.m, w.run(), window, nil), batches[0]...))
}

// refusesWindows offers windows that do not continue what is there.
func (w *warehouse) refusesWindows(now time.Time) error {
	for words, window := range map[string]star.Window{
		"changes in between are missing": {From: now.Add(time.Microsecond), To: now.Add(time.Hour)},
		"came before that moment":        {From: now.Add(-time.Microsecond), To: now.Add(time.Hour)},
		"the end of the window already":  {From: now.Add(-time.Hour), To: now},
		"does not go back":               {From: now.Add(-time.Hour), To: now.Add(-time.Microsecond)},
		"the table is another one":       {From: now, To: now.Add(time.Hour), TableID: "another"},
		"not said which window":          {From: now},
	} {
		window.Mode = star.Increment
		if err := w.increment(startest.Changes{}, window); err == nil || !strings.Contains(err.Error(), words) {
			return fmt.Errorf("want a refusal with %q, got %w", words, errors.Join(err, errors.ErrUnsupported))
		}
	}
	return nil
}
