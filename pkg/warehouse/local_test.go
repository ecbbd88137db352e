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
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
	scripts "github.com/nightstar-elt/nightstar/sql"
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
			for _, phase := range []string{scripts.PhaseSchema, scripts.PhaseProcedures} {
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
		counts map[string]int64
		kind   fault.Kind
		words  string
	}{
		{name: "loads", change: func(*warehouse.LoadInput) {}, counts: map[string]int64{"landing.customer": 3}},
		{
			name:   "loads the same again, not twice",
			change: func(in *warehouse.LoadInput) { in.Attempt = 2 }, counts: map[string]int64{"landing.customer": 3},
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
			counts: map[string]int64{"landing.customer": 0},
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
		var tables []warehouse.LoadedTable
		all := func(run string) {
			t.Helper()
			tables = nil
			for _, landing := range model.Store().Landing {
				in := warehouse.LoadInput{RunID: run, Table: landing.Name, Attempt: 1}
				if landing.Item == "customer" {
					in.Files, in.Rows, in.Manifest = 1, 3, manifest
				}
				if out, err := land(t, api, in); err != nil || out.Status != warehouse.StatusDone {
					t.Fatalf("load of %s = %v, %v", landing.Name, out, err)
				}
				tables = append(tables, warehouse.LoadedTable{Table: landing.Name, Rows: in.Rows, Sums: map[string]int64{}})
			}
		}
		stage := func(attempt int) (warehouse.PollOutput, error) {
			return transform(t, api, warehouse.TransformInput{RunID: runID, Phase: "stage", Attempt: attempt, Tables: tables})
		}
		all(runID)
		if out, err := land(t, api, warehouse.LoadInput{
			RunID: "ghost", Table: "customer", Files: 1, Rows: 3, Manifest: manifest, Attempt: 1,
		}); err != nil {
			t.Fatalf("load of the ghost = %v, %v", out, err)
		}
		if out, err := stage(1); fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), "landing holds the tables of 2 runs, not of 1") {
			t.Errorf("stage beside one table of another run = %v, %v", out, err)
		}
		all("ghost2")
		if out, err := stage(2); fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), "landing.customer of run "+runID+" was not counted") {
			t.Errorf("stage of the tables of another run = %v, %v", out, err)
		}
		all(runID + "-again")
		if out, err := transform(t, api, warehouse.TransformInput{RunID: runID + "-again", Phase: "stage", Attempt: 1, Tables: tables}); err != nil {
			t.Errorf("stage of the run's own tables = %v, %v", out, err)
		}
		if out, err := transform(t, api, warehouse.TransformInput{RunID: runID, Phase: "publish", Attempt: 1}); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("publishing what another run has staged = %v, %v, want kind Corrupt", out, err)
		}
	})
}

func land(t *testing.T, api *redshiftdata.Client, in warehouse.LoadInput) (warehouse.PollOutput, error) {
	t.Helper()
	in.Entered = entered
	submitted, err := warehouse.NewLoader(api, serverless(), model.Store()).Load(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return await(t, api, submitted)
}

func transform(t *testing.T, api *redshiftdata.Client, in warehouse.TransformInput) (warehouse.PollOutput, error) {
	t.Helper()
	in.Entered = entered
	submitted, err := warehouse.NewTransformer(api, serverless(), scripts.Statements).Transform(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return await(t, api, submitted)
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
