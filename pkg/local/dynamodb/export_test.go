package dynamodb_test

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

func sortItems(items []attributes) []attributes {
	return slices.SortedFunc(slices.Values(items), func(a, b attributes) int {
		return cmp.Or(cmp.Compare(text(a["PK"]), text(b["PK"])), cmp.Compare(text(a["SK"]), text(b["SK"])))
	})
}

func diffItems(want, got []attributes) string {
	return gocmp.Diff(sortItems(want), sortItems(got), noSerde())
}

func TestServer_Export_WritesTheDocumentedLayout(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{Partitions: 3, EmptyPartitions: 1})
	table := e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	var items []attributes
	for i := range 500 {
		items = append(items, simple(fmt.Sprintf("CUST#%d", i), "x", strings.Repeat("y", i%40)))
	}
	items = append(items, everyType())
	e.put(t, "shop", items...)
	e.clock.advance(1234 * time.Millisecond)

	started, err := e.startExport(t, "shop", func(in *exportInput) {
		in.S3Prefix = aws.String("run=r1")
		in.ClientToken = aws.String("r1")
	})
	if err != nil {
		t.Fatal(err)
	}
	id := path.Base(*started.ExportArn)
	if !regexp.MustCompile(`^0\d{13}-[0-9a-f]{8}$`).MatchString(id) {
		t.Errorf("export id = %q", id)
	}
	root := "run=r1/AWSDynamoDB/" + id + "/"
	d := e.wait(t, started.ExportArn)
	got := e.bucket.read(t, aws.ToString(d.ExportManifest))

	size := int64(0)
	describe, err := e.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("shop")})
	if err != nil {
		t.Fatal(err)
	}
	size = *describe.Table.TableSizeBytes
	now := e.clock.Now()
	want := &types.ExportDescription{
		ExportArn: started.ExportArn, ExportStatus: types.ExportStatusCompleted,
		ExportFormat:   types.ExportFormatDynamodbJson,
		ExportManifest: aws.String(root + "manifest-summary.json"), StartTime: &now, EndTime: &now, ExportTime: &now,
		TableArn: aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/shop"), TableId: table.TableId,
		ClientToken: aws.String("r1"), S3Bucket: aws.String("raw"), S3Prefix: aws.String("run=r1"),
		S3SseAlgorithm:  types.S3SseAlgorithmAes256,
		BilledSizeBytes: &size, ItemCount: aws.Int64(501),
	}
	if diff := gocmp.Diff(want, d, noSerde()); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
	wantSummary := map[string]any{
		"version": "2020-06-30", "exportArn": *d.ExportArn, "startTime": "2026-11-21T02:00:01.234Z",
		"endTime":  "2026-11-21T02:00:01.234Z",
		"tableArn": *d.TableArn, "tableId": *table.TableId, "exportTime": "2026-11-21T02:00:01.234Z",
		"s3Bucket": "raw", "s3Prefix": "run=r1",
		"s3SseAlgorithm": "AES256", "s3SseKmsKeyId": nil, "manifestFilesS3Key": root + "manifest-files.json",
		"billedSizeBytes": float64(size), "itemCount": float64(501), "outputFormat": "DYNAMODB_JSON",
	}
	if diff := gocmp.Diff(wantSummary, got.summary); diff != "" {
		t.Errorf("manifest-summary.json (-want +got):\n%s", diff)
	}
	if diff := diffItems(items, got.items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	checkObjects(t, e.bucket, root, got)
}

// checkObjects checks names, order and number of the objects of an export.
func checkObjects(t *testing.T, b *bucket, root string, got exported) {
	t.Helper()

	if len(got.files) != 4 {
		t.Fatalf("%d data files, want 4", len(got.files))
	}
	empty, dataName := 0, regexp.MustCompile(`^data/[a-z2-7]{26}\.json\.gz$`)
	for i, f := range got.files {
		if name, ok := strings.CutPrefix(f.DataFileS3Key, root); !ok || !dataName.MatchString(name) {
			t.Errorf("data file is called %q", f.DataFileS3Key)
		}
		if f.ItemCount == 0 {
			empty++
		} else if slices.IsSortedFunc(got.perFile[i], func(a, b attributes) int {
			return cmp.Compare(text(a["PK"]),
				text(b["PK"]))
		}) {
			t.Errorf("the items of file %d are sorted by key, not by hash", i)
		}
	}
	if empty != 1 {
		t.Errorf("%d empty data files, want 1", empty)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	last := []string{"manifest-files.json", "manifest-files.md5", "manifest-summary.json", "manifest-summary.md5"}
	for i, name := range last {
		if got := b.order[len(b.order)-len(last)+i]; got != root+name {
			t.Errorf("object %d from the end is %s, want %s", len(last)-i, got, name)
		}
	}
	if b.order[0] != root+"_started" || len(b.objects[root+"_started"].body) != 0 {
		t.Errorf("first object is %s, want an empty _started", b.order[0])
	}
	if len(b.order) != 4+1+len(last) {
		t.Errorf("objects are %q", b.order)
	}
}

func TestServer_Export_KeepsPartitionKeysTogether(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{Partitions: 8})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	for i := range 300 {
		e.put(t, "shop", simple(fmt.Sprintf("CUST#%d", i%30), fmt.Sprint(i), "x"))
	}
	got := e.bucket.read(t, *e.export(t, "shop", nil).ExportManifest)
	home := map[string]int{}
	for i, items := range got.perFile {
		for _, item := range items {
			pk := text(item["PK"])
			if at, seen := home[pk]; seen && at != i {
				t.Errorf("items of %s are in files %d and %d", pk, at, i)
			}
			home[pk] = i
		}
	}
	if len(got.items) != 300 || len(home) != 30 {
		t.Errorf("%d items of %d partition keys, want 300 of 30", len(got.items), len(home))
	}
	if got.summary["s3Prefix"] != nil || !strings.HasPrefix(got.files[0].DataFileS3Key, "AWSDynamoDB/") {
		t.Errorf("without a prefix: %v, %s", got.summary["s3Prefix"], got.files[0].DataFileS3Key)
	}
}

// TestServer_Export_EarlierTime checks the state at four times, each with
// later changes of every kind after it, and again after a restart.
func TestServer_Export_EarlierTime(t *testing.T) {
	t.Parallel()

	dir, c, b := t.TempDir(), newClock(), newBucket("raw")
	e := startIn(t, dir, c, b, local.Options{})
	e.createTable(t, "shop")
	e.put(t, "shop", simple("a", "1", "before recovery was on"))
	c.advance(time.Hour)
	e.enableRecovery(t, "shop")

	var times []time.Time
	var states [][]attributes
	mark := func() {
		out, err := e.DescribeContinuousBackups(t.Context(),
			&dynamodb.DescribeContinuousBackupsInput{TableName: aws.String("shop")})
		if err != nil {
			t.Fatal(err)
		}
		scan, err := e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("shop")})
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, *out.ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime)
		states = append(states, scan.Items)
		// The clock does not move: changes from now on must still be later.
	}
	mark()
	e.put(t, "shop", simple("a", "1", "changed"), simple("b", "1", "new"), simple("c", "1", "new"))
	mark()
	e.delete(t, "shop", "b", "1")
	e.delete(t, "shop", "a", "1")
	e.put(t, "shop", simple("a", "1", "back"), simple("a", "1", "back again"))
	c.advance(time.Second)
	mark()
	e.delete(t, "shop", "a", "1")
	e.delete(t, "shop", "c", "1")
	e.delete(t, "shop", "never there", "1")
	c.advance(time.Second)
	mark()
	check := func(e *endpoint) {
		t.Helper()
		for i, at := range times {
			d := e.export(t, "shop", func(in *exportInput) { in.ExportTime = &at })
			got := b.read(t, *d.ExportManifest)
			if diff := diffItems(states[i], got.items); diff != "" {
				t.Errorf("state %d, at %s (-want +got):\n%s", i, at, diff)
			}
			if !d.ExportTime.Equal(at) {
				t.Errorf("ExportTime = %s, want %s", d.ExportTime, at)
			}
		}
	}
	if len(states[0]) != 1 || len(states[1]) != 3 || len(states[2]) != 2 || len(states[3]) != 0 {
		t.Fatalf("states have %d, %d, %d, %d items", len(states[0]), len(states[1]), len(states[2]), len(states[3]))
	}
	check(e)
	e.http.Close()
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	check(startIn(t, dir, c, b, local.Options{Partitions: 1}))
}

// TestServer_Export_DoesNotSeeLaterWrites writes while exports run.
func TestServer_Export_DoesNotSeeLaterWrites(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	for round := range 20 {
		e.put(t, "shop", simple("a", fmt.Sprint(round), "x"))
		started, err := e.startExport(t, "shop", nil)
		if err != nil {
			t.Fatal(err)
		}
		e.put(t, "shop", simple("b", fmt.Sprint(round), "x"))
		got := e.bucket.read(t, *e.wait(t, started.ExportArn).ExportManifest)
		if len(got.items) != 2*round+1 {
			t.Fatalf("round %d: %d items, want %d", round, len(got.items), 2*round+1)
		}
	}
}

// TestServer_Export_AgreesWithStructs decodes exported items with the SDK's
// attributevalue into what was put.
func TestServer_Export_AgreesWithStructs(t *testing.T) {
	t.Parallel()

	type order struct {
		PK, SK  string
		Amount  attributevalue.Number
		Items   int
		Lines   []string
		Address *struct{ City, Postcode string }
		Paid    bool
	}
	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	var want []order
	for i := range 50 {
		o := order{PK: fmt.Sprint(i), SK: "o", Amount: attributevalue.Number(fmt.Sprintf("%d.5", i)), Items: i,
			Lines: []string{"ä", "b"}, Paid: i%2 == 0}
		if i%3 == 0 {
			o.Address = &struct{ City, Postcode string }{"Göteborg", "411 01"}
		}
		item, err := attributevalue.MarshalMap(o)
		if err != nil {
			t.Fatal(err)
		}
		e.put(t, "shop", item)
		want = append(want, o)
	}
	var got []order
	exported := e.bucket.read(t, *e.export(t, "shop", nil).ExportManifest)
	if err := attributevalue.UnmarshalListOfMaps(exported.items, &got); err != nil {
		t.Fatal(err)
	}
	byKey := func(a, b order) int { return cmp.Compare(a.PK, b.PK) }
	slices.SortFunc(want, byKey)
	slices.SortFunc(got, byKey)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}
