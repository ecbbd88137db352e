package modeltest_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	localredshift "github.com/nightstar-elt/nightstar/pkg/local/redshiftdata"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model/modeltest"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
	"github.com/nightstar-elt/nightstar/sql"
)

// The items of a fleet as DynamoDB exports them. They have no type attribute.
const fleetExport = `{"Item":{"pk":{"S":"VEH#1A"},"sk":{"S":"VEH#1A"},"plate":{"S":"UL-A 1"},"maker":{"S":"Acme"},"battery":{"M":{"kwh":{"N":"77.4"}}},"electric":{"BOOL":true}}}
{"Item":{"sk":{"S":"VEH#2B"},"pk":{"S":"VEH#2B"},"maker":{"S":"Bolt"},"electric":{"BOOL":false}}}
{"Item":{"pk":{"S":"VEH#1A"},"sk":{"S":"TRIP#1"},"startedat":{"S":"2023-12-31T23:50:00Z"},"metres":{"N":"5000000000"},"kwh":{"N":"1.25"}}}
{"Item":{"pk":{"S":"VEH#2B"},"sk":{"S":"TRIP#1"},"startedat":{"S":"2024-01-01T01:10:00+01:00"},"metres":{"N":"700"}}}
{"Item":{"pk":{"S":"VEH#2B"},"sk":{"S":"TRIP#2"},"startedat":{"S":"2024-01-01T08:00:00Z"},"metres":{"N":"0.5"}}}
{"Item":{"pk":{"S":"DRV#7"},"sk":{"S":"DRV#7"},"name":{"S":"Kim"}}}
`

// TestFleet_throughTheSteps runs the handlers of the Lambda functions with this
// model instead of the store's: from a data file to the star.
func TestFleet_throughTheSteps(t *testing.T) {
	t.Parallel()

	objects := awstest.NewS3(t, "raw", "lake")
	engine := localtest.DuckDB(t)
	api := dataAPI(t, engine, objects)
	night := fleetLake(t, objects)
	if night.Rows["vehicle"] != 2 || night.Rows["trip"] != 2 || night.SetAside[lake.NumberNotExact] != 1 || night.SetAside[lake.UnknownType] != 1 ||
		night.Refusal != "" {
		t.Fatalf("the lake holds %+v", night)
	}

	scripts, err := modeltest.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	target := warehouse.Target{Database: "fleet", Workgroup: "fleet"}
	transform := warehouse.NewTransformer(api, target, scripts.Statements)
	phase := func(name string) map[string]int64 {
		in := warehouse.TransformInput{RunID: "r1", Phase: name, Attempt: 1, Entered: "2026-11-21T02:00:00Z"}
		for _, table := range night.Tables {
			in.Tables = append(in.Tables, warehouse.LoadedTable{Table: table.Table, Rows: table.Rows, Sums: table.Sums})
		}
		submitted, err := transform.Transform(t.Context(), in)
		return finish(t, api, submitted, err)
	}
	phase(sql.PhaseSchema)
	phase(sql.PhaseProcedures)
	loader := warehouse.NewLoader(api, target, modeltest.Fleet())
	for _, table := range night.Tables {
		submitted, err := loader.Load(t.Context(), warehouse.LoadInput{
			RunID: "r1", Table: table.Table, Manifest: table.Manifest, Files: table.Files, Rows: table.Rows, Attempt: 1,
			Entered: "2026-11-21T02:00:00Z",
		})
		finish(t, api, submitted, err)
	}
	phase(sql.PhaseStage)
	if counts := phase(sql.PhasePublish); counts["dwh.trip"] != 2 || counts["dwh.vehicle"] != 3 {
		t.Errorf("the star counts %v, want 2 trips, and 2 vehicles beside the unknown one", counts)
	}
	check(t, engine, []string{"Acme|2023|1|5000000000|1.250", "Bolt|2024|1|700|null"})
}

// fleetLake splits the export and reconciles it.
func fleetLake(t *testing.T, objects *awstest.S3) lake.Night {
	t.Helper()
	body := awstest.Gzip(t, []byte(fleetExport))
	objects.Put("raw", "x.json.gz", body)
	sum := md5.Sum(body)
	file := lake.File{Number: 1, Key: "x.json.gz", Items: 6, MD5: base64.StdEncoding.EncodeToString(sum[:])}
	plan, err := json.Marshal([]lake.File{file})
	if err != nil {
		t.Fatal(err)
	}
	objects.Put("lake", "plan.json", plan)
	partitioner, err := lake.NewPartitioner(objects.Client(), modeltest.Fleet(), "raw", "lake")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := partitioner.Partition(t.Context(), lake.PartitionInput{RunID: "r1", File: file}); err != nil {
		t.Fatal(err)
	}
	in := lake.ReconcileInput{RunID: "r1"}
	in.Plan.Key, in.Plan.Items = "plan.json", 6
	night, err := lake.NewReconciler(objects.Client(), modeltest.Fleet(), "lake").Reconcile(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return night
}

// dataAPI is a client of the local Data API over an engine.
func dataAPI(t *testing.T, engine sqlengine.Engine, objects *awstest.S3) *redshiftdata.Client {
	t.Helper()
	server := localredshift.New(engine, objects.Client(), localredshift.Options{})
	closeAfter(t, server)
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	return redshiftdata.New(redshiftdata.Options{
		Region: "us-east-1", BaseEndpoint: &listener.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
}

// finish polls a submitted batch as the state machine does.
func finish(t *testing.T, api *redshiftdata.Client, submitted warehouse.Submitted, err error) map[string]int64 {
	t.Helper()
	for range 600 {
		if err != nil {
			t.Fatal(err)
		}
		var out warehouse.PollOutput
		if out, err = warehouse.NewPoller(api).Poll(t.Context(), submitted); err == nil && out.Status == "done" {
			return out.Counts
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("statement %s has not ended", submitted.StatementID)
	return nil
}
