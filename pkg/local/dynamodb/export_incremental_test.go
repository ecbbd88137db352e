package dynamodb_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// record is a line of an incremental export, in the names of DynamoDB.
type record struct {
	Metadata struct{ WriteTimestampMicros struct{ N string } }
	Keys     map[string]wireValue
	OldImage map[string]wireValue
	NewImage map[string]wireValue
}

// key is the item's key as text.
func (r record) key() string { return *r.Keys["PK"].S + " " + *r.Keys["SK"].S }

// valueOf is the value of an image; empty if there is none.
func valueOf(image map[string]wireValue) string {
	if image == nil {
		return ""
	}
	return *image["value"].S
}

// between asks for the changes of a period.
func between(from, to time.Time) func(*exportInput) {
	return func(in *exportInput) {
		in.ExportType = types.ExportTypeIncrementalExport
		in.IncrementalExportSpecification = &types.IncrementalExportSpecification{ExportFromTime: &from, ExportToTime: &to}
	}
}

// changes exports a period and returns its records as "key: old > new", by key, and
// its summary.
func (e *endpoint) changes(t testing.TB, table string, change func(*exportInput)) (map[string]string, map[string]any) {
	t.Helper()
	d := e.export(t, table, change)
	e.bucket.mu.Lock()
	defer e.bucket.mu.Unlock()
	var summary map[string]any
	if err := json.Unmarshal(e.bucket.verified(t, *d.ExportManifest), &summary); err != nil {
		t.Fatal(err)
	}
	got, count := map[string]string{}, 0
	for line := range strings.Lines(string(e.bucket.verified(t, summary["manifestFilesS3Key"].(string)))) {
		var f fileLine
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		folder, _, _ := strings.Cut(*d.ExportManifest, "AWSDynamoDB/")
		if name, ok := strings.CutPrefix(f.DataFileS3Key, folder+"AWSDynamoDB/data/"); !ok || len(name) != 26+len(".json.gz") {
			t.Errorf("data file %s", f.DataFileS3Key)
		}
		zip, err := gzip.NewReader(bytes.NewReader(e.bucket.objects[f.DataFileS3Key].body))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(zip)
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for line := range strings.Lines(string(content)) {
			d := json.NewDecoder(strings.NewReader(line))
			d.DisallowUnknownFields()
			var r record
			if err := d.Decode(&r); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if _, twice := got[r.key()]; twice {
				t.Errorf("two records of %s", r.key())
			}
			if at, err := strconv.ParseInt(r.Metadata.WriteTimestampMicros.N, 10, 64); err != nil || at == 0 {
				t.Errorf("written at %s", r.Metadata.WriteTimestampMicros.N)
			}
			got[r.key()] = valueOf(r.OldImage) + " > " + valueOf(r.NewImage)
			lines++
		}
		if lines != f.ItemCount {
			t.Errorf("%s has %d lines, itemCount is %d", f.DataFileS3Key, lines, f.ItemCount)
		}
		count += lines
	}
	if int(summary["itemCount"].(float64)) != count {
		t.Errorf("summary has %v items, the files %d", summary["itemCount"], count)
	}
	return got, summary
}

func TestServer_IncrementalExport(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{EmptyPartitions: 1})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	e.put(t, "shop", simple("a", "1", "old"), simple("b", "1", "old"), simple("c", "1", "old"), simple("d", "1", "same"))
	e.clock.advance(time.Hour)
	from := e.clock.Now()
	e.clock.advance(time.Microsecond)
	e.put(t, "shop", simple("a", "1", "between"), simple("a", "1", "new"), simple("e", "1", "new <&> \u2028"), simple("f", "1", "gone"))
	e.delete(t, "shop", "b", "1")
	e.delete(t, "shop", "f", "1") // came and went
	e.delete(t, "shop", "x", "1") // never was
	e.delete(t, "shop", "c", "1")
	e.put(t, "shop", simple("c", "1", "again"))
	e.clock.advance(time.Hour - time.Microsecond)
	to := e.clock.Now()
	e.put(t, "shop", simple("b", "2", "in time")) // right before the end
	e.clock.advance(time.Microsecond)
	e.put(t, "shop", simple("a", "1", "late")) // it belongs to the next period
	e.clock.advance(time.Hour)
	got, summary := e.changes(t, "shop", between(from, to))
	want := map[string]string{"a 1": "old > new", "b 1": "old > ", "c 1": "old > again", "e 1": " > new <&> \u2028", "b 2": " > in time"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	for name, want := range map[string]any{
		"version": "2023-08-01", "exportType": "INCREMENTAL_EXPORT", "outputView": "NEW_AND_OLD_IMAGES", "exportTime": nil,
		"exportFromTime": "2026-11-21T03:00:00.000Z", "exportToTime": "2026-11-21T04:00:00.000Z", "billedSizeBytes": 1e7,
	} {
		if summary[name] != want {
			t.Errorf("the summary has %s %v, want %v", name, summary[name], want)
		}
	}
	got, _ = e.changes(t, "shop", func(in *exportInput) {
		between(from, to)(in)
		in.S3Prefix = aws.String("run=1")
		in.IncrementalExportSpecification.ExportViewType = types.ExportViewTypeNewImage
	})
	want = map[string]string{"a 1": " > new", "b 1": " > ", "c 1": " > again", "e 1": " > new <&> \u2028", "b 2": " > in time"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("records of NEW_IMAGE (-want +got):\n%s", diff)
	}
	if got, _ := e.changes(t, "shop", between(to, e.clock.Now())); len(got) != 1 || got["a 1"] != "new > late" {
		t.Errorf("records of the next period: %q", got)
	}
	if got, _ := e.changes(t, "shop", between(to.Add(time.Minute), e.clock.Now())); len(got) != 0 {
		t.Errorf("records of an empty period: %q", got)
	}
	list, err := e.ListExports(t.Context(), &dynamodb.ListExportsInput{TableArn: aws.String(arn + "shop")})
	if err != nil || list.ExportSummaries[0].ExportType != types.ExportTypeIncrementalExport {
		t.Errorf("exports: %+v, %v", list, err)
	}
}

func TestServer_IncrementalExport_Refuses(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.clock.advance(time.Hour)
	e.enableRecovery(t, "shop")
	begin := e.clock.Now()
	e.clock.advance(48 * time.Hour)
	now := e.clock.Now()
	tests := map[string]struct {
		from, to      time.Time
		code, message string
	}{
		"a short period":    {now.Add(-15*time.Minute + time.Second), now, "ValidationException", "it must be 15m0s to 24h0m0s"},
		"a long period":     {now.Add(-24*time.Hour - time.Second), now, "ValidationException", "it must be 15m0s to 24h0m0s"},
		"no time":           {now, now, "ValidationException", "must be before"},
		"the wrong way":     {now, now.Add(-time.Hour), "ValidationException", "must be before"},
		"the future":        {now.Add(-time.Hour), now.Add(time.Minute), "InvalidExportTimeException", "ExportToTime"},
		"before the window": {begin.Add(-time.Minute), begin.Add(time.Hour), "InvalidExportTimeException", "ExportFromTime"},
	}
	for name, tt := range tests {
		_, err := e.startExport(t, "shop", between(tt.from, tt.to))
		t.Log(name)
		wantError(t, err, tt.code, tt.message)
	}
	for _, ends := range [][2]time.Time{{begin, begin.Add(24 * time.Hour)}, {now.Add(-15 * time.Minute), now}} {
		if got, _ := e.changes(t, "shop", between(ends[0], ends[1])); len(got) != 0 {
			t.Errorf("records %q", got)
		}
	}
	_, err := e.startExport(t, "shop", func(in *exportInput) {
		between(now.Add(-time.Hour), now)(in)
		in.ExportTime = &now
	})
	wantError(t, err, "ValidationException", "ExportTime can not be given")
	_, err = e.startExport(t, "shop", func(in *exportInput) {
		between(now.Add(-time.Hour), now)(in)
		in.IncrementalExportSpecification.ExportViewType = "NEW_IMAGES"
	})
	wantError(t, err, "ValidationException", "NEW_IMAGES")
	token := func(in *exportInput) { between(now.Add(-time.Hour), now)(in); in.ClientToken = aws.String("t") }
	first := e.export(t, "shop", token)
	if again := e.export(t, "shop", token); *again.ExportArn != *first.ExportArn {
		t.Errorf("the same request is export %s and %s", *first.ExportArn, *again.ExportArn)
	}
	_, err = e.startExport(t, "shop", func(in *exportInput) { between(now.Add(-2*time.Hour), now)(in); in.ClientToken = aws.String("t") })
	wantError(t, err, "ExportConflictException", "")
}

// TestServer_IncrementalExport_WhileWriting exports one period after the other
// while others write, and applies all to the full export before them. Each period
// must begin with what the one before it ended with, and all together must give
// the table.
func TestServer_IncrementalExport_WhileWriting(t *testing.T) {
	t.Parallel()

	dir, b := t.TempDir(), newBucket("raw")
	open := func() *endpoint {
		server, err := local.Open(dir, b, local.Options{ShortestWindow: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		e := &endpoint{server: server, http: newHTTP(server), dir: dir, bucket: b}
		e.Client = newClient(e.http.URL)
		return e
	}
	e := open()
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	stop, writers := make(chan struct{}), sync.WaitGroup{}
	for w := range 4 {
		random := rand.New(rand.NewPCG(1, uint64(w)))
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				pk, sk := strconv.Itoa(random.IntN(6)), strconv.Itoa(w) // each writer has items of its own
				if random.IntN(3) == 0 {
					e.delete(t, "shop", pk, sk)
				} else {
					e.put(t, "shop", simple(pk, sk, fmt.Sprintf("%d-%d", w, n)))
				}
			}
		})
	}
	latest := func() time.Time {
		out, err := e.DescribeContinuousBackups(t.Context(), &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String("shop")})
		if err != nil {
			t.Fatal(err)
		}
		return *out.ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime
	}
	state := map[string]string{}
	at := latest()
	full := e.export(t, "shop", func(in *exportInput) { in.ExportTime = aws.Time(at) })
	for _, i := range b.read(t, *full.ExportManifest).items {
		state[textOf(i["PK"])+" "+textOf(i["SK"])] = textOf(i["value"])
	}
	apply := func(to time.Time) {
		got, _ := e.changes(t, "shop", between(at, to))
		for key, change := range got {
			was, is, _ := strings.Cut(change, " > ")
			if was != state[key] {
				t.Errorf("%s was %q before %s, and %q after the period before it", key, was, at, state[key])
			}
			if state[key] = is; is == "" {
				delete(state, key)
			}
		}
		at = to
	}
	for range 25 {
		time.Sleep(2 * time.Millisecond)
		apply(latest())
	}
	close(stop)
	writers.Wait()
	time.Sleep(2 * time.Millisecond)
	apply(latest())
	if len(state) == 0 {
		t.Error("nothing is left to compare")
	}
	last := map[string]string{}
	for _, i := range b.read(t, *e.export(t, "shop", nil).ExportManifest).items {
		last[textOf(i["PK"])+" "+textOf(i["SK"])] = textOf(i["value"])
	}
	if diff := gocmp.Diff(last, state); diff != "" {
		t.Errorf("the table, and what the periods make of it (-want +got):\n%s", diff)
	}
	e.http.Close()
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	again := open() // a table that is opened again has the same history
	got, _ := again.changes(t, "shop", between(*full.ExportTime, at))
	for key, change := range got {
		if _, is, _ := strings.Cut(change, " > "); is != state[key] {
			t.Errorf("%s is %q after all periods, want %q", key, is, state[key])
		}
	}
	again.http.Close()
	if err := again.server.Close(); err != nil {
		t.Fatal(err)
	}
}

func textOf(v types.AttributeValue) string { return v.(*types.AttributeValueMemberS).Value }
