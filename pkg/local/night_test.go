package local_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/sample"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/sql"
)

// TestNight is the whole job, with items that real tables have: what the star
// contains and answers is compared with plain arithmetic over the items.
func TestNight(t *testing.T) {
	m := start(t)
	truth := m.seed(t, sample.New(sample.Options{Seed: 1, Items: 3000, Awkward: true}).Items())
	want := truth.Star()
	summary := m.mustSucceed(t, execution.Input{})

	compareCounts(t, summary, want)
	m.warehouse(t, func(query func(string) [][]any) {
		growth := query(namedQuery(t, "quarterly_growth"))
		if diff := cmp.Diff(growthLines(truth), lines(growth)); diff != "" {
			t.Errorf("quarterly growth (-arithmetic +query):\n%s", diff)
		}
	})

	first := m.star(t)
	again := m.mustSucceed(t, execution.Input{})
	if diff := cmp.Diff(first, m.star(t)); diff != "" {
		t.Errorf("the star after a second night over the same table (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(summary.Tables, again.Tables); diff != "" {
		t.Errorf("counts of the second night (-first +second):\n%s", diff)
	}
	checkArchived(t, m, summary, again)
}

func compareCounts(t *testing.T, got execution.Summary, want sample.Star) {
	t.Helper()
	rows, aside := map[string]int64{}, map[string]int64{}
	var items int64
	for name, n := range want.Rows {
		rows[name] = int64(n)
		items += int64(n)
	}
	for reason, n := range want.SetAside {
		aside[string(reason)] = int64(n)
		items += int64(n)
	}
	byReason := func(counts map[string]int64) map[string]int64 { // of all types and columns together
		all := map[string]int64{}
		for name, n := range counts {
			_, reason, _ := strings.Cut(name, ": ")
			all[reason] += n
		}
		return all
	}
	wrong := map[string]int64{}
	for reason, n := range want.Wrong {
		wrong[string(reason)] = int64(n)
	}
	if got.Items != items || len(aside) < 5 {
		t.Errorf("the run counts %d items, the table has %d; %d reasons to set aside", got.Items, items, len(aside))
	}
	if diff := cmp.Diff(rows, got.Rows); diff != "" {
		t.Errorf("rows by item type (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(aside, byReason(got.SetAside)); diff != "" {
		t.Errorf("set aside by reason (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wrong, byReason(got.Wrong)); diff != "" {
		t.Errorf("wrong values by reason (-want +got):\n%s", diff)
	}
	tables := map[string]int64{
		"dwh.customer":                  int64(want.Customers) + 1, // the unknown member
		"dwh.address":                   int64(want.Addresses) + 1,
		"dwh.product":                   int64(want.Products) + 1,
		"dwh.date":                      int64(want.OrderDays) + 1,
		"dwh.order":                     int64(want.Facts),
		"dwh.order on unknown date":     int64(want.UnknownOrders),
		"dwh.order on unknown customer": int64(want.UnknownCustomers),
		"dwh.order on unknown address":  int64(want.UnknownAddresses),
		"dwh.order on unknown product":  0,
		"dwh.order sum of price":        want.Cents,
		"landing.customer":              rows["customer"],
		"landing.order":                 rows["order"],
		"landing.product":               rows["product"],
	}
	for name, n := range tables {
		if got.Tables[name] != scalar.SumOf(n) {
			t.Errorf("the warehouse counts %s for %q, want %d", got.Tables[name], name, n)
		}
	}
}

// checkArchived checks that only the second run is left in raw and lake, and
// that the first is in the archives, whole and in the right class.
func checkArchived(t *testing.T, m *machine, first, second execution.Summary) {
	t.Helper()
	for bucket, archive := range map[string]string{local.RawBucket: local.RawArchiveBucket, local.LakeBucket: local.LakeArchiveBucket} {
		kept := m.keys(t, bucket, types.ObjectStorageClassStandard)
		archived := m.keys(t, archive, types.ObjectStorageClassStandardIa)
		if left := having(kept, "run="+first.RunID); len(left) > 0 {
			t.Errorf("bucket %s still holds %v", bucket, left)
		}
		if n := len(having(kept, "run="+second.RunID)); n == 0 {
			t.Errorf("bucket %s holds nothing of the second run", bucket)
		}
		source := strings.TrimPrefix(bucket, "nightstar-")
		if n := len(having(archived, "run="+second.RunID+"/")); n != len(archived) || int64(n) != second.Archived[source] || n == 0 {
			t.Errorf("bucket %s holds %d objects, %d of them in the run's folder; the run counts %d",
				archive, len(archived), n, second.Archived[source])
		}
	}
}

func namedQuery(t *testing.T, name string) string {
	t.Helper()
	queries, err := sql.Queries()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(queries, func(q sql.Query) bool { return q.Name == name })
	if i < 0 {
		t.Fatalf("there is no query %q", name)
	}
	return queries[i].SQL
}

// growthLines is the answer by plain arithmetic, in the shape of the query's.
func growthLines(truth *sample.Truth) []string {
	cents := func(n int64) string {
		sign := ""
		if n < 0 {
			sign, n = "-", -n
		}
		return sign + strconv.FormatInt(n/100, 10) + "." + strconv.FormatInt(n%100+100, 10)[1:]
	}
	named := func(name string) string {
		if name == "" {
			return "unknown"
		}
		return name
	}
	var rows [][]any
	for _, g := range truth.Growth() {
		var percent any
		if g.BeforeCents != 0 {
			percent = cents(g.BasisPoints)
		}
		rows = append(rows, []any{named(g.Country), named(g.Category), g.Year, g.Quarter, cents(g.Cents), cents(g.BeforeCents), percent})
	}
	return lines(rows)
}

// TestNight_failedExport is the fault of the system this one follows: there, a
// night without an export left an empty lake.
func TestNight_failedExport(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 2, Items: 300}).Items())
	m.mustSucceed(t, execution.Input{})
	star, lake := m.star(t), m.keys(t, local.LakeBucket, types.ObjectStorageClassStandard)

	m.recovery(t, false)
	failed := m.night(t, execution.Input{})
	if failed.Status != "FAILED" || failed.Error != "ExportFailed" || !strings.Contains(failed.Cause, "RUNBOOK.md#exportfailed") {
		t.Fatalf("run %s %s: %s: %s; want ExportFailed and where to read on", failed.RunID, failed.Status, failed.Error, failed.Cause)
	}
	lake = append(lake, "runs/"+failed.RunID+"/model.yaml", "runs/"+failed.RunID+"/run.json") // its record is all that it leaves
	slices.Sort(lake)
	if diff := cmp.Diff(lake, m.keys(t, local.LakeBucket, types.ObjectStorageClassStandard)); diff != "" {
		t.Errorf("the lake after a failed run (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(star, m.star(t)); diff != "" {
		t.Errorf("the star after a failed run (-before +after):\n%s", diff)
	}

	m.recovery(t, true)
	m.mustSucceed(t, execution.Input{})
	if diff := cmp.Diff(star, m.star(t)); diff != "" {
		t.Errorf("the star after the next run (-before +after):\n%s", diff)
	}
}

// recovery switches point-in-time recovery.
func (m *machine) recovery(t *testing.T, on bool) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(m.env.Config()).UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
		TableName:                        aws.String(m.env.Table()),
		PointInTimeRecoverySpecification: &ddbtypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &on},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNight_deletedItems follows items out of the table and back.
func TestNight_deletedItems(t *testing.T) {
	m := start(t)
	whole := slices.Collect(sample.New(sample.Options{Seed: 3, Items: 400}).Items())
	m.seed(t, slices.Values(whole))
	m.mustSucceed(t, execution.Input{})
	star := m.star(t)

	api := dynamodb.NewFromConfig(m.env.Config())
	left := slices.Clone(whole)
	var gone []sample.Item
	for i := 0; i < len(left); i += 7 {
		gone = append(gone, left[i])
	}
	left = slices.DeleteFunc(left, func(item sample.Item) bool {
		return slices.ContainsFunc(gone, func(g sample.Item) bool { return sameKey(g, item) })
	})
	for _, item := range gone {
		_, err := api.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
			TableName: aws.String(m.env.Table()), Key: map[string]ddbtypes.AttributeValue{"PK": item["PK"], "SK": item["SK"]},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	truth := sample.NewTruth(m.env.Model())
	for _, item := range left {
		truth.Add(item)
	}
	want := truth.Star()
	summary := m.mustSucceed(t, execution.Input{})
	for name, n := range map[string]int64{
		"dwh.order": int64(want.Facts), "dwh.order sum of price": want.Cents,
		"dwh.order on unknown customer": int64(want.UnknownCustomers), "dwh.order on unknown date": int64(want.UnknownOrders),
	} {
		if summary.Tables[name] != scalar.SumOf(n) {
			t.Errorf("without the deleted items the warehouse counts %s for %q, want %d", summary.Tables[name], name, n)
		}
	}
	for _, table := range starTables[:4] {
		if before, after := len(star[table]), len(m.star(t)[table]); before != after {
			t.Errorf("%s has %d rows, %d before: members are kept and marked", table, after, before)
		}
	}
	if summary.Tables["dwh.customer deleted"] == (scalar.Sum{}) {
		t.Error("no customer is marked as deleted")
	}

	m.seed(t, slices.Values(gone))
	m.mustSucceed(t, execution.Input{})
	if diff := cmp.Diff(star, m.star(t)); diff != "" {
		t.Errorf("the star after the items came back (-before +after):\n%s", diff)
	}
}

func sameKey(a, b sample.Item) bool {
	return cmp.Equal(a["PK"], b["PK"], cmp.AllowUnexported(ddbtypes.AttributeValueMemberS{})) &&
		cmp.Equal(a["SK"], b["SK"], cmp.AllowUnexported(ddbtypes.AttributeValueMemberS{}))
}

// TestNight_givenExport loads an export as AWS wrote it, on another machine.
func TestNight_givenExport(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 4, Items: 500}).Items())
	run := m.mustSucceed(t, execution.Input{})
	export := m.exportOf(t, run.RunID)
	star := m.star(t)
	m.close(t)

	other := start(t)
	runID := execution.RunID(time.Now())
	key := other.upload(t, export, runID)
	given := other.nightNamed(t, runID, execution.Input{Export: &execution.Export{ManifestKey: key}})
	if given.Status != "SUCCEEDED" || given.Items != 500 {
		t.Fatalf("run %+v, want 500 items loaded\n%s", given, other.log.String())
	}
	if slices.ContainsFunc(given.Stages, func(s execution.Stage) bool { return s.Name == "Export table" }) {
		t.Error("the table was exported although an export was given")
	}
	if diff := cmp.Diff(star, other.star(t)); diff != "" {
		t.Errorf("the star of the given export (-original +given):\n%s", diff)
	}
}

// TestNight_brokenExport spoils a data file of an export in every way that its
// manifest can tell, and checks that nothing of it reaches the warehouse.
func TestNight_brokenExport(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 5, Items: 300}).Items())
	run := m.mustSucceed(t, execution.Input{})
	star := m.star(t)
	for _, name := range slices.Sorted(maps.Keys(spoilers)) {
		t.Run(name, func(t *testing.T) {
			export := m.exportOf(t, run.RunID)
			data, err := filepath.Glob(filepath.Join(export, "AWSDynamoDB", "*", "data", "*.json.gz"))
			if err != nil || len(data) == 0 {
				t.Fatalf("data files %v, %v", data, err)
			}
			spoilers[name](t, data[0])
			runID := execution.RunID(time.Now())
			key := m.upload(t, export, runID)
			failed := m.nightNamed(t, runID, execution.Input{Export: &execution.Export{ManifestKey: key}})
			if failed.Error != "ExportDoesNotAddUp" || !strings.Contains(failed.Cause, filepath.Base(data[0])) {
				t.Errorf("run %s: %s: %s; want ExportDoesNotAddUp and the file's name", failed.Status, failed.Error, failed.Cause)
			}
			if diff := cmp.Diff(star, m.star(t)); diff != "" {
				t.Errorf("the star after a broken export (-before +after):\n%s", diff)
			}
		})
	}
	m.mustSucceed(t, execution.Input{})
	if diff := cmp.Diff(star, m.star(t)); diff != "" {
		t.Errorf("the star after the next run (-before +after):\n%s", diff)
	}
	for _, key := range m.keys(t, local.LakeBucket, types.ObjectStorageClassStandard) {
		if strings.HasPrefix(key, "items/") && strings.Contains(key, run.RunID) {
			t.Errorf("object %s of an earlier run is still in the lake", key)
		}
	}
}

var spoilers = map[string]func(t *testing.T, path string){
	"missing": func(t *testing.T, path string) {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	},
	"truncated": func(t *testing.T, path string) {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, info.Size()/2); err != nil {
			t.Fatal(err)
		}
	},
	"altered": func(t *testing.T, path string) {
		t.Helper()
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// One bit in the gzip header's time stamp: it unpacks as before.
		body = bytes.Clone(body)
		body[4] ^= 1
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
	},
}

// TestNight_lakeIsReadableByName checks the pointer that says which run to read.
func TestNight_lakeIsReadableByName(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 6, Items: 100}).Items())
	run := m.mustSucceed(t, execution.Input{})
	out, err := s3.NewFromConfig(m.env.Config()).GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: aws.String(local.LakeBucket), Key: aws.String("runs/current.json"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var current struct {
		RunID string `json:"runId"`
	}
	if err := json.NewDecoder(out.Body).Decode(&current); err != nil || current.RunID != run.RunID {
		t.Errorf("runs/current.json names %q, %v; want %s", current.RunID, err, run.RunID)
	}
}
