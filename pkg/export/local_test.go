package export_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	localdynamodb "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
	locals3 "github.com/nightstar-elt/nightstar/pkg/local/s3"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// TestExport_local takes an export from the local endpoints, start to plan, and
// plans it again from a copy under another prefix. It is not parallel: the S3
// gateway changes the working directory of the process.
func TestExport_local(t *testing.T) {
	tables, objects := startEndpoints(t)
	store := model.Model{Keys: []model.Key{{Name: "PK", Kind: model.KeyString}, {Name: "SK", Kind: model.KeyString}}}
	arn, err := sample.CreateTable(t.Context(), tables, "store", store)
	if err != nil {
		t.Fatal(err)
	}
	const items = 25
	for i := range items {
		key := &types.AttributeValueMemberS{Value: "CUST#" + string(rune('a'+i))}
		_, err := tables.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String("store"), Item: map[string]types.AttributeValue{"PK": key, "SK": key},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	manifest := exported(t, tables, arn)
	if !strings.HasPrefix(manifest, "run="+runID+"/AWSDynamoDB/") {
		t.Errorf("the manifest is %s, want it below the run's prefix", manifest)
	}

	planner := export.NewPlanner(objects, "raw", "lake", slog.New(slog.DiscardHandler))
	in := export.PlanInput{RunID: runID, Exports: []export.Done{{ManifestKey: manifest}}}
	for _, prefix := range []string{"run=" + runID + "/", "copied/by hand/"} {
		in.Exports[0].ManifestKey = prefix + strings.TrimPrefix(manifest, "run="+runID+"/")
		if in.Exports[0].ManifestKey != manifest {
			moveAll(t, objects, "run="+runID+"/", prefix)
		}
		out, err := planner.Plan(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		body, err := objects.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &out.Bucket, Key: &out.Key})
		if err != nil {
			t.Fatal(err)
		}
		var files []lakedoc.File
		if err := json.NewDecoder(body.Body).Decode(&files); err != nil {
			t.Fatal(err)
		}
		if out.Items != items || out.Files != len(files) || out.Files < 2 {
			t.Errorf("Plan() = %+v with %d entries, want %d items in several files", out, len(files), items)
		}
		for _, file := range files {
			if !strings.HasPrefix(file.Key, prefix+"AWSDynamoDB/") {
				t.Errorf("file %s is planned, want it below %s", file.Key, prefix)
			}
		}
	}
}

// exported starts an export twice, as a repeated message would, and polls until
// it is done.
func exported(t *testing.T, tables *dynamodb.Client, arn string) string {
	t.Helper()
	start := export.NewStarter(tables, arn, export.Target{Bucket: "raw"}).Start
	started, err := start(t.Context(), export.StartInput{RunID: runID})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := start(t.Context(), export.StartInput{RunID: runID}); err != nil || again != started {
		t.Errorf("Start() again = %v, %v, want %v", again, err, started)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		progress, err := export.NewPoller(tables).Poll(ctx, export.PollInput{ExportARN: started.ExportARN})
		if err != nil {
			t.Fatal(err)
		}
		if progress.Done {
			if _, err := time.Parse(time.RFC3339, progress.ExportTime); err != nil {
				t.Error(err)
			}
			return progress.ManifestKey
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func startEndpoints(t *testing.T) (*dynamodb.Client, *s3.Client) {
	t.Helper()
	keys := aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test-secret"}
	provider := credentials.StaticCredentialsProvider{Value: keys}
	serve := func(handler http.Handler, stop func() error) *string {
		server := httptest.NewServer(handler)
		t.Cleanup(func() {
			server.Close()
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
		return &server.URL
	}
	buckets, err := locals3.Start(t.Context(), t.TempDir(), locals3.Options{Credentials: keys})
	if err != nil {
		t.Fatal(err)
	}
	objects := s3.New(s3.Options{
		Region: "us-east-1", Credentials: provider, BaseEndpoint: serve(buckets, buckets.Close),
	})
	for _, bucket := range []string{"raw", "lake"} {
		if err := buckets.EnsureBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
	tables, err := localdynamodb.Open(t.TempDir(), objects, localdynamodb.Options{EmptyPartitions: 1, ShortestWindow: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: provider, BaseEndpoint: serve(tables, tables.Close),
	}), objects
}

// moveAll renames every object of the raw bucket from one prefix to another.
func moveAll(t *testing.T, objects *s3.Client, from, to string) {
	t.Helper()
	page, err := objects.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("raw"), Prefix: &from})
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range page.Contents {
		_, err := objects.CopyObject(t.Context(), &s3.CopyObjectInput{
			Bucket: aws.String("raw"), Key: aws.String(to + strings.TrimPrefix(*object.Key, from)),
			CopySource: aws.String("raw/" + *object.Key),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = objects.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("raw"), Key: object.Key})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestExport_localIncrements decides, exports and plans what has changed, with the
// local DynamoDB and S3, where another run has ended before.
func TestExport_localIncrements(t *testing.T) {
	tables, objects := startEndpoints(t)
	store := model.Model{Keys: []model.Key{{Name: "PK", Kind: model.KeyString}, {Name: "SK", Kind: model.KeyString}}}
	arn, err := sample.CreateTable(t.Context(), tables, "store", store)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string) {
		t.Helper()
		key := &types.AttributeValueMemberS{Value: name}
		_, err := tables.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String("store"), Item: map[string]types.AttributeValue{"PK": key, "SK": key},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	planner := export.NewPlanner(objects, "raw", "lake", slog.New(slog.DiscardHandler))
	decide := export.NewDecider(tables, objects, export.Source{TableARN: arn, Lake: "lake"}).Decide
	run := func(name, mode string) lakedoc.Plan {
		t.Helper()
		decision, err := decide(t.Context(), export.WindowInput{RunID: name, Previous: "r0", Input: json.RawMessage(`{"mode":"` + mode + `"}`)})
		if err != nil {
			t.Fatal(err)
		}
		var all []export.Done
		for _, w := range decision.Windows {
			started, err := export.NewStarter(tables, arn, export.Target{Bucket: "raw"}).Start(t.Context(), export.StartInput{RunID: name, Window: w})
			if err != nil || started.ExportARN == "" {
				t.Fatalf("Start(%+v) = %+v, %v", w, started, err)
			}
			var progress export.PollOutput
			for !progress.Done {
				time.Sleep(10 * time.Millisecond)
				if progress, err = export.NewPoller(tables).Poll(t.Context(), export.PollInput{ExportARN: started.ExportARN}); err != nil {
					t.Fatal(err)
				}
			}
			all = append(all, export.Done{ManifestKey: progress.ManifestKey})
		}
		plan, err := planner.Plan(t.Context(), export.PlanInput{RunID: name, Exports: all})
		if err != nil || plan.Refusal != "" || plan.Mode != decision.Mode {
			t.Fatalf("Plan() = %+v, %v after %+v", plan, err, decision)
		}
		return plan
	}
	// publish says that a plan was loaded.
	publish := func(plan lakedoc.Plan) {
		t.Helper()
		for key, document := range map[string]any{
			lakedoc.CurrentKey:     lakedoc.Current{RunID: "r0"},
			lakedoc.NightKey("r0"): lakedoc.Night{ExportTime: plan.ExportTime, FullTime: plan.ExportTime, TableID: plan.TableID},
		} {
			body, err := json.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("lake"), Key: &key, Body: strings.NewReader(string(body))}); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("a")
	full := run("r1", "auto")
	if full.Mode != lakedoc.Full || full.Items != 1 {
		t.Fatalf("the first run has the plan %+v", full)
	}
	publish(full)
	put("b")
	put("c")
	one := run("r2", "auto")
	if one.Mode != lakedoc.Incremental || one.Items != 2 || one.From != full.ExportTime {
		t.Errorf("the second run has the plan %+v, after %+v", one, full)
	}
	publish(one)
	if two := run("r3", "incremental"); two.Items != 0 || two.From != one.ExportTime {
		t.Errorf("the third run has the plan %+v, after %+v", two, one)
	}
}
