package local_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// change lets a part of the items change, go and come back, by the round.
func (m *machine) change(t *testing.T, all []sample.Item, round int) {
	t.Helper()
	api := dynamodb.NewFromConfig(m.env.Config())
	var puts []sample.Item
	for i, item := range all {
		switch (i + round) % 11 {
		case 3:
			_, err := api.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
				TableName: aws.String(m.env.Table()), Key: sample.Item{"PK": item["PK"], "SK": item["SK"]},
			})
			if err != nil {
				t.Fatal(err)
			}
		case 5:
			if name, ok := item["fullname"].(*ddbtypes.AttributeValueMemberS); ok {
				item = maps.Clone(item)
				item["fullname"] = &ddbtypes.AttributeValueMemberS{Value: fmt.Sprintf("%s %d", name.Value, round)}
			}
			puts = append(puts, item)
		case 8:
			puts = append(puts, item)
		}
	}
	m.seed(t, slices.Values(puts))
}

// TestNight_increments loads a table once, and then what has changed, several times.
// After each run the star is the same as what a full run makes of the table at once.
func TestNight_increments(t *testing.T) {
	m := start(t)
	items := slices.Collect(sample.New(sample.Options{Seed: 6, Items: 600, Awkward: true}).Items())
	m.seed(t, slices.Values(items[:400]))
	first := m.mustSucceed(t, execution.Input{Mode: "auto"})
	runs := []lakedoc.StateRun{{Run: first.RunID, Kind: "base"}}
	for round := range 4 {
		if round == 1 {
			m.seed(t, slices.Values(items[400:]))
		}
		if round != 2 { // an empty window
			m.change(t, items, round)
		}
		summary := m.mustSucceed(t, execution.Input{Mode: "auto"})
		if summary.Items >= int64(len(items)) || round == 2 && summary.Items != 0 || round != 2 && summary.Items == 0 {
			t.Errorf("round %d: an increment of %d items", round, summary.Items)
		}
		runs = append(runs, lakedoc.StateRun{Run: summary.RunID, Kind: "increment"})
		record := m.record(t, summary.RunID)
		if record["mode"] != "incremental" || record["reason"] == "" {
			t.Errorf("round %d: the record says %v, %v", round, record["mode"], record["reason"])
		}
	}
	text, err := os.ReadFile(filepath.Join(m.dir, "s3", local.LakeBucket, filepath.FromSlash(lakedoc.StateKey)))
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, run := range runs {
		line, err := json.Marshal(run)
		if err != nil {
			t.Fatal(err)
		}
		want += string(line) + "\n"
	}
	if string(text) != want {
		t.Errorf("the lake's state is made of\n%s, want\n%s", text, want)
	}
	star := m.star(t)
	m.mustSucceed(t, execution.Input{Mode: "full"})
	if diff := cmp.Diff(m.star(t), star); diff != "" {
		t.Errorf("the star of a full run, and of the increments before it (-full +increments):\n%s", diff)
	}
	m.change(t, items, 7)
	changed := m.mustSucceed(t, execution.Input{Mode: "incremental"})
	star = m.star(t)
	m.compared(t, changed.RunID)
	m.mustSucceed(t, execution.Input{Mode: "full"})
	if diff := cmp.Diff(m.star(t), star); diff != "" {
		t.Errorf("the star of a full run, and of an increment on a full run (-full +increment):\n%s", diff)
	}
}

// compared loads a full export of the moment that a run shows, and checks that the
// warehouse has compared with it what increments have made.
func (m *machine) compared(t *testing.T, run string) {
	t.Helper()
	shown, _ := m.record(t, run)["export"].(map[string]any)
	at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(shown["exportTime"]))
	if err != nil {
		t.Fatal(err)
	}
	runID := execution.RunID(time.Now())
	api := dynamodb.NewFromConfig(m.env.Config())
	table, err := api.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(m.env.Table())})
	if err != nil {
		t.Fatal(err)
	}
	asked, err := api.ExportTableToPointInTime(t.Context(), &dynamodb.ExportTableToPointInTimeInput{
		TableArn: table.Table.TableArn, S3Bucket: aws.String(local.RawBucket), S3Prefix: aws.String("run=" + runID), ExportTime: &at,
	})
	if err != nil {
		t.Fatal(err)
	}
	made := asked.ExportDescription
	for made.ExportStatus == ddbtypes.ExportStatusInProgress {
		time.Sleep(10 * time.Millisecond)
		out, err := api.DescribeExport(t.Context(), &dynamodb.DescribeExportInput{ExportArn: made.ExportArn})
		if err != nil {
			t.Fatal(err)
		}
		made = out.ExportDescription
	}
	got := m.nightNamed(t, runID, execution.Input{Export: &execution.Export{ManifestKey: aws.ToString(made.ExportManifest)}})
	if got.Status != "SUCCEEDED" {
		t.Fatalf("the export of %s: %s %s: %s", at, got.Status, got.Error, got.Cause)
	}
	want := 3 * len(m.env.Model().Relations())
	m.warehouse(t, func(query func(string) [][]any) {
		proofs := query("select name, cast(counted as bigint), cast(expected as bigint) from etl.proof where run_id = '" + runID + "' and name like '%that increments have%'")
		if len(proofs) != want {
			t.Errorf("the run made %d comparisons, want %d", len(proofs), want)
		}
		for _, proof := range proofs {
			if fmt.Sprint(proof[1]) != "0" || fmt.Sprint(proof[2]) != "0" {
				t.Errorf("increments left something different: %v", proof)
			}
		}
	})
}

// record returns the record of a run.
func (m *machine) record(t *testing.T, runID string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, "s3", local.LakeBucket, filepath.FromSlash(lakedoc.RecordKey(runID))))
	if err != nil {
		t.Fatal(err)
	}
	var record map[string]any
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	return record
}
