package warehouse_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// onEveryEngine runs test over a warehouse with the committed schema and
// procedures, behind the local Data API.
func onEveryEngine(t *testing.T, test func(*testing.T, *redshiftdata.Client, *awstest.S3)) {
	t.Helper()
	for name, open := range localtest.Engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects := awstest.NewS3(t, "lake")
			api := localtest.DataAPI(t, open(t), objects)
			for _, phase := range []string{star.PhaseSchema, star.PhaseProcedures} {
				if out, err := transform(t, api, warehouse.TransformInput{RunID: runID, Phase: phase, Attempt: 1}); err != nil || out.Status != warehouse.StatusDone {
					t.Fatalf("phase %s = %v, %v, want it done", phase, out, err)
				}
			}
			test(t, api, objects)
		})
	}
}

// TestWarehouse_local loads a Parquet file that DuckDB wrote.
func TestWarehouse_local(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name   string
		change func(*warehouse.LoadInput)
		counts map[string]scalar.Sum
		kind   fault.Kind
		words  string
	}{
		{name: "loads", change: func(*warehouse.LoadInput) {}, counts: sums(map[string]int64{"landing.customer": 3})},
		{
			name:   "loads the same again, not twice",
			change: func(in *warehouse.LoadInput) { in.Attempt = 2 }, counts: sums(map[string]int64{"landing.customer": 3}),
		},
		{
			name:   "notices that rows are missing",
			change: func(in *warehouse.LoadInput) { in.Attempt, in.Rows = 3, 4 },
			kind:   fault.Corrupt, words: "landing.customer is 3 instead of 4",
		},
		{
			name:   "names the COPY that failed",
			change: func(in *warehouse.LoadInput) { in.Attempt, in.Manifest = 4, "s3://lake/none" },
			kind:   fault.Rejected, words: `run statement 2 of 5`,
		},
		{
			name:   "empties a table that has no files",
			change: func(in *warehouse.LoadInput) { in.Attempt, in.Files, in.Rows = 5, 0, 0 },
			counts: sums(map[string]int64{"landing.customer": 0}),
		},
	}
	onEveryEngine(t, func(t *testing.T, api *redshiftdata.Client, objects *awstest.S3) {
		in := load("customer")
		in.Files, in.Rows = 1, 3
		putFile(t, objects, in.Manifest)
		for _, tt := range tests { // in this order, on one warehouse
			again := in
			tt.change(&again)
			out, err := land(t, api, again)
			if fault.KindOf(err) != tt.kind && tt.kind != "" || err != nil && !strings.Contains(err.Error(), tt.words) {
				t.Errorf("%s: Poll() = %v, %v, want kind %q and %q", tt.name, out, err, tt.kind, tt.words)
			}
			if tt.kind == "" && (err != nil || !cmp.Equal(tt.counts, out.Counts)) {
				t.Errorf("%s: Poll() = %v, %v, want %v", tt.name, out, err, tt.counts)
			}
		}
	})
}

// TestWarehouse_findsAGhost: the COPY of a run that was given up commits between
// landing and staging of the next run. It brings as many rows as there were.
func TestWarehouse_findsAGhost(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, api *redshiftdata.Client, objects *awstest.S3) {
		manifest := load("customer").Manifest
		putFile(t, objects, manifest)
		var tables []lakedoc.TableLoad
		all := func(run string) {
			t.Helper()
			tables = nil
			for _, rows := range store(t).Relations() {
				in := warehouse.LoadInput{RunID: run, Table: rows.Table, Attempt: 1}
				if rows.Name == "customer" {
					in.Files, in.Rows, in.Manifest = 1, 3, manifest
				}
				if out, err := land(t, api, in); err != nil || out.Status != warehouse.StatusDone {
					t.Fatalf("load of %s = %v, %v", rows.Name, out, err)
				}
				tables = append(tables, lakedoc.TableLoad{Table: rows.Table, Rows: in.Rows, Sums: sums(nil)})
			}
		}
		stage := func(attempt int) (warehouse.PollOutput, error) {
			return transform(t, api, warehouse.TransformInput{RunID: runID, Phase: "full", Attempt: attempt, Tables: tables})
		}
		all(runID)
		if out, err := land(t, api, warehouse.LoadInput{
			RunID: "ghost", Table: "customer", Files: 1, Rows: 3, Manifest: manifest, Attempt: 1,
		}); err != nil {
			t.Fatalf("load of the ghost = %v, %v", out, err)
		}
		if out, err := stage(1); fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), "landing tables that another run loaded: counted 1, expected 0") {
			t.Errorf("stage beside one table of another run = %v, %v", out, err)
		}
		all("ghost2")
		if out, err := stage(2); fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), "landing tables that another run loaded: counted 3, expected 0") {
			t.Errorf("stage of the tables of another run = %v, %v", out, err)
		}
		all(runID + "-again")
		if out, err := transform(t, api, warehouse.TransformInput{RunID: runID + "-again", Phase: "full", Attempt: 1, Tables: tables}); err != nil {
			t.Errorf("stage of the run's own tables = %v, %v", out, err)
		}
		all(runID + "-third")
		tables[0].Rows++ // of a landing table that has changed since it was counted
		if out, err := transform(t, api, warehouse.TransformInput{RunID: runID + "-third", Phase: "full", Attempt: 1, Tables: tables}); fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), "landing.customer: counted 3, and the run has loaded 4") {
			t.Errorf("stage of fewer rows than were loaded = %v, %v", out, err)
		}
	})
}

func land(t *testing.T, api *redshiftdata.Client, in warehouse.LoadInput) (warehouse.PollOutput, error) {
	t.Helper()
	in.Entered = entered
	submitted, err := warehouse.NewLoader(api, serverless(), store(t)).Load(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return await(t, api, submitted)
}

func transform(t *testing.T, api *redshiftdata.Client, in warehouse.TransformInput) (warehouse.PollOutput, error) {
	t.Helper()
	return transformFor(t, api, store(t), in)
}

// transformFor goes through the parts of a phase as the state machine does.
func transformFor(t *testing.T, api *redshiftdata.Client, m model.Model, in warehouse.TransformInput) (warehouse.PollOutput, error) {
	t.Helper()
	in.Entered, in.Part = entered, 1
	for {
		submitted, err := warehouse.NewTransformer(api, serverless(), m).Transform(t.Context(), in)
		if err != nil {
			return warehouse.PollOutput{}, err
		}
		out, err := await(t, api, submitted)
		if err != nil || out.Status != warehouse.StatusDone || out.Next == 0 {
			return out, err
		}
		in.Part, in.Read = out.Next, out.Read
	}
}

// TestWarehouse_followsTheModel prepares a warehouse for a model that changes.
func TestWarehouse_followsTheModel(t *testing.T) {
	t.Parallel()

	edited := func(t *testing.T, from, to string) model.Model {
		t.Helper()
		source := string(store(t).Source)
		if !strings.Contains(source, from) {
			t.Fatalf("the store has no %q", from)
		}
		m, err := model.Read("store.yaml", []byte(strings.ReplaceAll(source, from, to)))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	onEveryEngine(t, func(t *testing.T, api *redshiftdata.Client, _ *awstest.S3) {
		in := warehouse.TransformInput{RunID: "run-2", Phase: star.PhaseSchema, Attempt: 1}
		out, err := transform(t, api, in)
		if err != nil || out.Part != 3 || len(out.Read) != 2 {
			t.Errorf("an unchanged model = %+v, %v, want two parts that read and one", out, err)
		}
		in.RunID = "run-3"
		if out, err := transformFor(t, api, edited(t, "color: string(50)", "color: string(60)"), in); err != nil {
			t.Errorf("wider text = %+v, %v", out, err)
		}
		in.RunID = "run-4"
		narrower := edited(t, "color: string(50)", "color: string(40)")
		out, err = transformFor(t, api, narrower, in)
		if fault.KindOf(err) != fault.ModelChanged || !strings.Contains(err.Error(), "dwh.product.color is varchar(50) and would be varchar(40)") ||
			!strings.Contains(err.Error(), "--rebuild") {
			t.Errorf("narrower text = %+v, %v, want kind ModelChanged, what is lost and what to do", out, err)
		}
		in.RunID, in.Input = "run-5", []byte(`{"rebuild":true}`)
		if out, err := transformFor(t, api, narrower, in); err != nil || out.Status != warehouse.StatusDone {
			t.Errorf("narrower text with rebuild = %+v, %v", out, err)
		}
	})
}

// await polls until the batch has ended.
func await(t *testing.T, api *redshiftdata.Client, in warehouse.Submitted) (warehouse.PollOutput, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		out, err := warehouse.NewPoller(api).Poll(ctx, in)
		if err != nil || out.Status != warehouse.StatusRunning {
			return out, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// putFile stores three rows of landing.customer and their manifest.
func putFile(t *testing.T, objects *awstest.S3, manifest string) {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	file := filepath.Join(t.TempDir(), "customer.parquet")
	_, err = db.ExecContext(t.Context(), fmt.Sprintf(`copy (
		select 'u' || i as username, null::varchar as email, 'Full Name' as fullname, 'Street 1' as addressline1,
			null::varchar as addressline2, 'City' as city, '01234' as postcode, 'Country' as country
		from range(3) as r(i)
	) to '%s' (format parquet)`, file))
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	objects.Put("lake", "items/customer.parquet", body)
	objects.Put("lake", strings.TrimPrefix(manifest, "s3://lake/"), []byte(fmt.Sprintf(
		`{"entries":[{"url":"s3://lake/items/customer.parquet","mandatory":true,"meta":{"content_length":%d}}]}`, len(body))))
}
