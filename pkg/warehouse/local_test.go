package warehouse_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	local "github.com/nightstar-elt/nightstar/pkg/local/redshiftdata"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
	scripts "github.com/nightstar-elt/nightstar/sql"
)

// TestWarehouse_local creates the warehouse behind the local Data API with the
// committed scripts, and loads a Parquet file that DuckDB wrote.
func TestWarehouse_local(t *testing.T) {
	t.Parallel()

	api, objects := startDataAPI(t)
	for _, phase := range []string{scripts.PhaseSchema, scripts.PhaseProcedures} {
		in := warehouse.TransformInput{RunID: runID, Phase: phase, Attempt: 1}
		submitted, err := warehouse.NewTransformer(api, serverless(), scripts.Statements).Transform(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := await(t, api, submitted); err != nil || out.Status != warehouse.StatusDone {
			t.Fatalf("phase %s = %v, %v, want it done", phase, out, err)
		}
	}
	in := load("customer")
	in.Files, in.Rows = 1, 3
	putFile(t, objects, in.Manifest)
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
			kind:   fault.Corrupt, words: "landing.customer holds 3 rows instead of 4",
		},
		{
			name:   "names the COPY that failed",
			change: func(in *warehouse.LoadInput) { in.Attempt, in.Manifest = 4, "s3://lake/none" },
			kind:   fault.Rejected, words: `run statement 2 of 3`,
		},
		{
			name:   "empties a table that has no files",
			change: func(in *warehouse.LoadInput) { in.Attempt, in.Files, in.Rows = 5, 0, 0 },
			counts: map[string]int64{"landing.customer": 0},
		},
	}
	for _, tt := range tests { // in this order, on one warehouse
		again := in
		tt.change(&again)
		submitted, err := warehouse.NewLoader(api, serverless(), model.Store()).Load(t.Context(), again)
		if err != nil {
			t.Fatal(err)
		}
		out, err := await(t, api, submitted)
		if fault.KindOf(err) != tt.kind && tt.kind != "" || err != nil && !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%s: Poll() = %v, %v, want kind %q and %q", tt.name, out, err, tt.kind, tt.words)
		}
		if tt.kind == "" && (err != nil || !cmp.Equal(tt.counts, out.Counts)) {
			t.Errorf("%s: Poll() = %v, %v, want %v", tt.name, out, err, tt.counts)
		}
	}
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

func startDataAPI(t *testing.T) (*redshiftdata.Client, *awstest.S3) {
	t.Helper()
	objects := awstest.NewS3(t, "lake")
	engine, err := duckdb.Open(t.Context(), filepath.Join(t.TempDir(), "warehouse.duckdb"), duckdb.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	server := local.New(engine, objects.Client(), local.Options{TempDir: t.TempDir(), PageRows: 1})
	front := httptest.NewServer(server)
	t.Cleanup(func() {
		front.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return redshiftdata.New(redshiftdata.Options{
		Region: "us-east-1", BaseEndpoint: &front.URL,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}), objects
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
