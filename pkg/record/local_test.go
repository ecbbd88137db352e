package record_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// TestStep_Record_inTheWarehouse records runs behind the local Data API, over
// both engines, in a warehouse that nothing has prepared.
func TestStep_Record_inTheWarehouse(t *testing.T) {
	t.Parallel()

	for name, open := range localtest.Engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engine := open(t)
			objects := awstest.NewS3(t, "lake")
			api := localtest.DataAPI(t, engine, objects)
			prepare(t, engine, store(t))
			step := record.New(objects.Client(), "lake", warehouse.NewRecorder(api, target(), store(t)), []byte("model: test\n"))
			run := func(in record.Input) {
				t.Helper()
				in.Place = record.PlaceWarehouse
				submitted, err := step.Record(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				again, err := step.Record(t.Context(), in)
				if err != nil || again.StatementID != submitted.StatementID {
					t.Errorf("Record() again = %+v, %v, want statement %s", again, err, submitted.StatementID)
				}
				finish(t, api, submitted)
				if err := keep(objects, in); err != nil {
					t.Fatal(err)
				}
			}
			run(succeeded(t))
			run(failed(t))
			redriven := failed(t)
			redriven.Entered = "2026-11-21T05:00:00Z" // another statement, in place of the first
			run(redriven)

			// Two runs in a row were ended from outside. The first of them is
			// redriven later, and then says itself how it ended.
			closeRun(t, objects, stopped("run-3", "run-2", "run-4"))
			closeRun(t, objects, stopped("run-4", "run-3", "run-5"))
			fifth := at(failed(t), "run-5", "2026-11-22T02:00:00Z")
			fifth.State.Lock.Previous = "run-4"
			run(fifth)
			want := []string{
				"run-3|Stopped|someone's|90|null|0", "run-4|Stopped|someone's|90|null|0", "run-5|TransformFailed|null|0|10|2",
			}
			query := "select run_id, result, started_by, seconds, items, (select count(*) from etl.run_table as t where t.run_id = r.run_id) " +
				"from etl.run as r where run_id >= 'run-3' order by run_id"
			if diff := cmp.Diff(want, rows(t, engine, query)); diff != "" {
				t.Errorf("runs that were closed, and the one after them (-want +got):\n%s", diff)
			}
			third := at(failed(t), "run-3", "2026-11-22T03:00:00Z")
			third.State.Lock.Previous = "run-2"
			run(third)
			fifth.Entered = "2026-11-22T04:00:00Z" // and once more, when that record is its own
			run(fifth)
			want[0], want[2] = "run-3|TransformFailed|null|0|10|2", "run-5|TransformFailed|null|7200|10|2"
			if diff := cmp.Diff(want, rows(t, engine, query)); diff != "" {
				t.Errorf("after a run that was closed was redriven (-want +got):\n%s", diff)
			}

			// The record of a run has expired before another one began, which
			// closes it once more: its row says more.
			objects.Delete("lake", "runs/run-3/run.json")
			closeRun(t, objects, stopped("run-3", "run-2", "run-6"))
			sixth := at(failed(t), "run-6", "2026-12-30T02:00:00Z")
			sixth.State.Lock.Previous = "run-3"
			run(sixth)
			want = append(want, "run-6|TransformFailed|null|0|10|2")
			// The statement of a run comes to nothing; the next one adds its row.
			recordItself(t, objects, "run-7", "run-6")
			eighth := at(failed(t), "run-8", "2026-12-31T02:00:00Z")
			eighth.State.Lock.Previous = "run-7"
			run(eighth)
			want = append(want, "run-7|TransformFailed|null|540|10|0", "run-8|TransformFailed|null|0|10|2")
			if diff := cmp.Diff(want, rows(t, engine, query)); diff != "" {
				t.Errorf("after the record of a run had expired (-want +got):\n%s", diff)
			}

			want = []string{
				"run-1|someone's|2026-11-21 02:00:00|2026-11-21 02:20:40.5|1240|Loaded|null|" +
					"arn:aws:dynamodb:eu-central-1:1:table/store/export/1|run=run-1/AWSDynamoDB/1/manifest-summary.json|" +
					"2026-11-21 02:00:03|10|8|2",
				`run-2|null|2026-11-21 02:00:00|2026-11-21 05:00:00|10800|TransformFailed|` +
					`Rejected: run statement 6 of 9: "it's" \ ünknown|null|run=run-0/manifest-summary.json|null|10|null|0`,
			}
			if diff := cmp.Diff(want, rows(t, engine, "select run_id, started_by, started_at, ended_at, seconds, result, cause, "+
				"export_arn, manifest_key, export_time, items, rows_loaded, set_aside from etl.run where run_id < 'run-3' order by run_id")); diff != "" {
				t.Errorf("etl.run (-want +got):\n%s", diff)
			}
			want = []string{
				"run-1|lake.customer|3", "run-1|lake.product|5", "run-1|landing.customer|3",
				"run-1|landing.product|5", "run-1|set aside: wrong_type|2", "run-1|wrong: product.color|1", "run-2|lake.customer|10", "run-2|landing.customer|10",
			}
			if diff := cmp.Diff(want, rows(t, engine, "select run_id, name, rows from etl.run_table where run_id < 'run-3' order by run_id, name")); diff != "" {
				t.Errorf("etl.run_table (-want +got):\n%s", diff)
			}
		})
	}
}

func store(t *testing.T) model.Model {
	t.Helper()
	m, err := models.Read(models.Default)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// prepare creates the tables, which a recorder leaves to the phase schema.
func prepare(t *testing.T, engine sqlengine.Engine, m model.Model) {
	t.Helper()
	batches, err := star.Batches(m, star.PhaseSchema)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range slices.Concat(batches...) {
		if _, err := tx.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func target() warehouse.Target { return warehouse.Target{Database: "dev", Workgroup: "nightstar"} }

// finish polls until the statement is done.
func finish(t *testing.T, api *redshiftdata.Client, in warehouse.Submitted) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		out, err := warehouse.NewPoller(api).Poll(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		if out.Status == warehouse.StatusDone {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// rows returns the rows of a query, one line each.
func rows(t *testing.T, engine sqlengine.Engine, query string) []string {
	t.Helper()
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	result, err := tx.Exec(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	return localtest.Lines(result)
}
