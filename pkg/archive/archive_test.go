package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/archive"
	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lock"
)

const (
	runID = "run-20261121-020000.000"
	last  = "run-20261120-020000.000"
)

func TestPayloads(t *testing.T) {
	t.Parallel()

	t.Run("archive.in.json", awstest.RoundTrip[archive.Input])
	t.Run("archive.out.json", awstest.RoundTrip[archive.Output])
}

func newS3(t *testing.T) *awstest.S3 {
	t.Helper()
	return awstest.NewS3(t, "raw", "lake", "raw-archive", "lake-archive")
}

func newArchiver(s *awstest.S3, options archive.Options) *archive.Archiver {
	buckets := archive.Buckets{Raw: "raw", RawArchive: "raw-archive", Lake: "lake", LakeArchive: "lake-archive"}
	return archive.New(s.Client(), passing{}, buckets, options)
}

// passing is the fence of runs that hold the lock, which they have just taken.
type passing struct{}

func (passing) Pass(context.Context, string) (time.Time, error) { return time.Now().UTC(), nil }

func archiveRaw(ctx context.Context, s *awstest.S3) (archive.Output, error) {
	return newArchiver(s, archive.Options{}).Archive(ctx, archive.Input{RunID: runID, Source: "raw", Mode: "full"})
}

// contents are the bodies of a bucket's objects by key.
func contents(s *awstest.S3, bucket string) map[string]string {
	bodies := map[string]string{}
	for _, key := range s.Keys(bucket) {
		object, _ := s.Object(bucket, key)
		bodies[key] = string(object.Body)
	}
	return bodies
}

// expect compares two buckets with what they should hold, and proves that all
// that is archived has the storage class that it was archived for.
func expect(t *testing.T, s *awstest.S3, source string, stays, moved map[string]string) {
	t.Helper()
	if diff := cmp.Diff(stays, contents(s, source)); diff != "" {
		t.Errorf("bucket %s (-want +got):\n%s", source, diff)
	}
	if diff := cmp.Diff(moved, contents(s, source+"-archive")); diff != "" {
		t.Errorf("bucket %s-archive (-want +got):\n%s", source, diff)
	}
	for _, key := range s.Keys(source + "-archive") {
		if object, _ := s.Object(source+"-archive", key); object.StorageClass != "STANDARD_IA" {
			t.Errorf("%s has storage class %q, want STANDARD_IA", key, object.StorageClass)
		}
	}
}

func TestArchiver_Archive_raw(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.PageSize(2) // several pages
	stays := map[string]string{
		"run=" + runID + "/AWSDynamoDB/2/manifest-summary.json": "{}",
		"run=" + runID + "/AWSDynamoDB/2/data/x.json.gz":        "x",
		"README":                               "no run",
		"prerun=" + last + "/x":                "no element of its own",
		"run=" + runID + "/run=" + last + "/x": "this run's all the same",
	}
	moves := map[string]string{
		"run=" + last + "/AWSDynamoDB/1/manifest-summary.json": "old",
		"run=" + last + "/AWSDynamoDB/1/data/y.json.gz":        "yy",
		"run=" + last + "/AWSDynamoDB/1/data/empty.json.gz":    "",
		"run=" + runID + "0/longer":                            "another run whose name begins the same",
		"copied/run=older/a b+c%2Fd?e&f=g#h'ü€/z":              "awkward",
	}
	moved := map[string]string{}
	size := 0
	for key, body := range moves {
		s.PutParts("raw", key, []byte(body)) // as DynamoDB writes them
		moved["run="+runID+"/"+key] = body
		size += len(body)
	}
	for key, body := range stays {
		s.Put("raw", key, []byte(body))
	}
	out, err := archiveRaw(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(archive.Output{Done: true, Objects: len(moves), Bytes: int64(size), Notes: []string{}}, out); diff != "" {
		t.Errorf("Archive() (-want +got):\n%s", diff)
	}
	expect(t, s, "raw", stays, moved)

	again, err := archiveRaw(t.Context(), s)
	if err != nil || !cmp.Equal(archive.Output{Done: true, Notes: []string{}}, again) {
		t.Errorf("Archive() again = %v, %v, want nothing left to do", again, err)
	}
	expect(t, s, "raw", stays, moved)
}

func TestArchiver_Archive_lake(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	stays := map[string]string{
		"items/type=order/run=" + runID + "/1.parquet": "new",
		"setaside/run=" + runID + "/1.jsonl":           "new",
		"runs/" + last + "/plan.json":                  "record",
		"runs/x/run=" + last + "/odd":                  "below runs/",
		"run=" + last + "/foreign":                     "outside of what is archived",
	}
	moved := map[string]string{}
	for key, body := range stays {
		s.Put("lake", key, []byte(body))
	}
	for _, key := range []string{"items/type=order/run=" + last + "/1.parquet", "changes/type=order/run=" + last + "/1.parquet", "setaside/run=" + last + "/1.jsonl", "unknown/type=order/run=" + last + "/1.parquet", "wrong/type=order/run=" + last + "/1.jsonl"} {
		s.Put("lake", key, []byte("old"))
		moved["run="+runID+"/"+key] = "old"
	}
	stays["runs/current.json"] = `{"runId":"` + runID + `","base":"` + runID + `"}`
	stays["current/runs.json"] = `{"run":"` + runID + `","kind":"base"}` + "\n"
	for range 2 {
		in := archive.Input{RunID: runID, Source: "lake", Mode: "full"}
		if _, err := newArchiver(s, archive.Options{}).Archive(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		expect(t, s, "lake", stays, moved)
	}
}

// TestArchiver_Archive_increments keeps what the state of the table is made of, and
// moves what failed runs have left.
func TestArchiver_Archive_increments(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	key := func(run string) string { return "changes/type=order/run=" + run + "/1.parquet" }
	stays, moved := map[string]string{"items/type=order/run=base/1.parquet": "x"}, map[string]string{"run=" + runID + "/" + key("failed"): "x"}
	for _, run := range []string{"base", "i1", "i2", runID} {
		stays[key(run)] = "x"
	}
	for name := range stays {
		s.Put("lake", name, []byte("x"))
	}
	s.Put("lake", key("failed"), []byte("x"))
	s.Put("lake", "runs/current.json", []byte(`{"runId":"i2","base":"base","increments":["i1","i2"]}`))
	stays["runs/current.json"] = `{"runId":"` + runID + `","base":"base","increments":["i1","i2","` + runID + `"]}`
	stays["current/runs.json"] = `{"run":"base","kind":"base"}` + "\n"
	for _, run := range []string{"i1", "i2", runID} {
		stays["current/runs.json"] += `{"run":"` + run + `","kind":"increment"}` + "\n"
	}
	for range 2 {
		in := archive.Input{RunID: runID, Source: "lake", Mode: "incremental"}
		if _, err := newArchiver(s, archive.Options{}).Archive(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		expect(t, s, "lake", stays, moved)
	}
	s.Put("lake", "runs/current.json", []byte(`{"runId"`))
	if out, err := newArchiver(s, archive.Options{}).Archive(t.Context(), archive.Input{RunID: "i4", Source: "lake", Mode: "incremental"}); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("Archive() = %+v, %v; want Corrupt: nobody knows what the state is made of", out, err)
	}
}

func TestArchiver_Archive_thousands(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	const n = 1200 // more than S3 lists, or deletes, at a time
	moved := map[string]string{}
	for i := range n {
		key := fmt.Sprintf("run=%s/AWSDynamoDB/1/data/%05d.json.gz", last, i)
		s.Put("raw", key, []byte(key))
		moved["run="+runID+"/"+key] = key
	}
	out, err := archiveRaw(t.Context(), s)
	if err != nil || !cmp.Equal(archive.Output{Done: true, Objects: n, Bytes: out.Bytes, Notes: []string{}}, out) {
		t.Fatalf("Archive() = %v, %v, want %d objects", out, err, n)
	}
	expect(t, s, "raw", map[string]string{}, moved)
}

func TestArchiver_Archive_parts(t *testing.T) {
	t.Parallel()

	// The limits of S3, scaled down: 5 GiB to 1,000 bytes.
	options := archive.Options{MultipartAbove: 1000, PartSize: 300, Parts: 3}
	s := newS3(t)
	s.CopyLimit(1000)
	bodies := map[string][]byte{
		"run=" + last + "/at-the-limit": bytes.Repeat([]byte("l"), 1000),
		"run=" + last + "/one-more":     bytes.Repeat([]byte("m"), 1001),
		"run=" + last + "/whole-parts":  bytes.Repeat([]byte("0123456789"), 120),
		"run=" + last + "/a + b":        bytes.Repeat([]byte("0123456789"), 499),
	}
	moved := map[string]string{}
	for key, body := range bodies {
		s.Put("raw", key, body)
		s.Update("raw", key, func(o *awstest.Object) {
			o.ContentType, o.Metadata = "application/gzip", map[string]string{"origin": "store"}
		})
		moved["run="+runID+"/"+key] = string(body)
	}
	out, err := newArchiver(s, options).Archive(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"})
	if err != nil || out.Objects != len(bodies) {
		t.Fatalf("Archive() = %v, %v, want %d objects", out, err, len(bodies))
	}
	expect(t, s, "raw", map[string]string{}, moved)
	if n := s.Calls("CompleteMultipartUpload"); n != 3 || s.OpenUploads() != 0 {
		t.Errorf("%d uploads were completed and %d left open, want 3 and none", n, s.OpenUploads())
	}
	for _, key := range s.Keys("raw-archive") {
		object, _ := s.Object("raw-archive", key)
		if object.ContentType != "application/gzip" || object.Metadata["origin"] != "store" {
			t.Errorf("%s has content type %q and metadata %v, want those of its source",
				key, object.ContentType, object.Metadata)
		}
	}
}

func TestArchiver_Archive_twiceAtOnce(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.PageSize(10)
	moved := map[string]string{}
	for i := range 100 {
		key := fmt.Sprintf("run=%s/%02d", last, i)
		s.PutParts("raw", key, []byte(key))
		moved["run="+runID+"/"+key] = key
	}
	var deliveries sync.WaitGroup
	for range 4 {
		deliveries.Go(func() {
			if _, err := archiveRaw(t.Context(), s); err != nil {
				t.Error(err)
			}
		})
	}
	deliveries.Wait()
	expect(t, s, "raw", map[string]string{}, moved)
}

func TestArchiver_Archive_refusesInput(t *testing.T) {
	t.Parallel()

	all := archive.Buckets{Raw: "raw", RawArchive: "raw-archive", Lake: "lake", LakeArchive: "lake-archive"}
	same, none := all, all
	same.RawArchive, none.RawArchive = "raw", ""
	tests := map[string]struct {
		in      archive.Input
		buckets archive.Buckets
		message string
	}{
		"without a run id":              {archive.Input{Source: "raw", Mode: "full"}, all, "run id"},
		"with a slash in the run id":    {archive.Input{RunID: "a/b", Source: "raw", Mode: "full"}, all, `"a/b"`},
		"without a source":              {archive.Input{RunID: runID, Mode: "full"}, all, "source"},
		"with a source not known":       {archive.Input{RunID: runID, Source: "Raw", Mode: "full"}, all, `"Raw"`},
		"when a bucket archives itself": {archive.Input{RunID: runID, Source: "raw", Mode: "full"}, same, `"raw"`},
		"when a bucket has no name":     {archive.Input{RunID: runID, Source: "raw", Mode: "full"}, none, `""`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			objects := map[string]string{"run=" + last + "/x": "x"}
			for key, body := range maps.All(objects) {
				s.Put("raw", key, []byte(body))
			}
			out, err := archive.New(s.Client(), passing{}, tt.buckets, archive.Options{}).Archive(t.Context(), tt.in)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("Archive() = %v, %v, want kind Invalid and %s", out, err, tt.message)
			}
			expect(t, s, "raw", objects, map[string]string{})
		})
	}
}

func TestArchiver_Archive_addsUpItsCalls(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.Put("raw", "run=old/a", []byte("abc"))
	got, err := newArchiver(s, archive.Options{}).Archive(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full", Objects: 4, Bytes: 10})
	if err != nil {
		t.Fatal(err)
	}
	if want := (archive.Output{Done: true, Objects: 5, Bytes: 13, Notes: []string{}}); !cmp.Equal(want, got) {
		t.Errorf("Archive() = %+v, want %+v: what earlier calls moved is counted", got, want)
	}
}

// lockedAt is the fence of a run that took the lock at a time.
type lockedAt time.Time

func (l lockedAt) Pass(context.Context, string) (time.Time, error) { return time.Time(l), nil }

// TestArchive_leavesWhatIsNewerThanItsLock: a call whose run was given up goes on
// while the next run has begun.
func TestArchive_leavesWhatIsNewerThanItsLock(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	lock := time.Now().UTC().Truncate(time.Second)
	for key, after := range map[string]time.Duration{
		"run=" + last + "/old": -time.Hour, "run=" + last + "/same second": 300 * time.Millisecond, "run=next/new": time.Second,
	} {
		s.Put("raw", key, []byte("x"))
		s.Update("raw", key, func(o *awstest.Object) { o.Modified = lock.Add(after) })
	}
	upload, err := s.Client().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{
		Bucket: aws.String("raw"), Key: aws.String("run=next/more"),
	})
	if err != nil || upload.UploadId == nil {
		t.Fatal(err)
	}
	buckets := archive.Buckets{Raw: "raw", RawArchive: "raw-archive", Lake: "lake", LakeArchive: "lake-archive"}
	archiver := archive.New(s.Client(), lockedAt(lock.Add(-time.Second)), buckets, archive.Options{})
	if out, err := archiver.Archive(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"}); err != nil || out.Objects != 1 {
		t.Errorf("Archive() = %+v, %v, want one object moved", out, err)
	}
	if n := s.OpenUploads(); n != 1 {
		t.Errorf("%d uploads are open, want that of the next run", n)
	}
	archiver = archive.New(s.Client(), lockedAt(lock), buckets, archive.Options{})
	if out, err := archiver.Archive(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"}); err != nil || out.Objects != 1 {
		t.Errorf("Archive() = %+v, %v, want what was written in the second of the lock moved, too", out, err)
	}
	if diff := cmp.Diff([]string{"run=next/new"}, s.Keys("raw")); diff != "" {
		t.Errorf("objects that stay (-want +got):\n%s", diff)
	}
}

// refusing is the fence of a run that does not hold the lock any more.
type refusing struct{}

func (refusing) Pass(context.Context, string) (time.Time, error) {
	return time.Time{}, fault.New(fault.Rejected, errors.New("run next has begun since"))
}

func TestArchive_needsTheLock(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.Put("lake", "items/type=a/run="+last+"/1.parquet", []byte("x"))
	buckets := archive.Buckets{Raw: "raw", RawArchive: "raw-archive", Lake: "lake", LakeArchive: "lake-archive"}
	_, err := archive.New(s.Client(), refusing{}, buckets, archive.Options{}).Archive(t.Context(), archive.Input{RunID: runID, Source: "lake", Mode: "full"})
	if fault.KindOf(err) != fault.Rejected {
		t.Errorf("Archive() = %v, want it Rejected", err)
	}
	if diff := cmp.Diff([]string{"items/type=a/run=" + last + "/1.parquet"}, s.Keys("lake")); diff != "" {
		t.Errorf("the lake (-want +got):\n%s", diff)
	}
}

// over lists no execution that is going on.
type over struct{}

func (over) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return nil, errors.New("a damaged lock names no execution")
}

func (over) ListExecutions(context.Context, *sfn.ListExecutionsInput, ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	return &sfn.ListExecutionsOutput{}, nil
}

func (over) Close(context.Context, lock.Ended) error {
	return errors.New("a damaged lock names no run")
}

// TestArchiver_Archive_afterADamagedLock takes over a lock that names nobody, so the
// run knows none before it. What they left is found by its keys.
func TestArchiver_Archive_afterADamagedLock(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.Put("lake", "runs/lock.json", []byte(`{"runId":`))
	s.Put("lake", "runs/archiving-lake.json", []byte(`{"runIds":["`+last+`"]}`)) // it was stopped while it archived
	old := map[string]string{}
	for _, run := range []string{"run-20261117-020000.000", "run-20261118-020000.000", last} {
		key := "items/type=order/run=" + run + "/00001.parquet"
		s.Put("lake", key, []byte(run))
		old["run="+runID+"/"+key] = run
	}
	s.Put("lake", "items/type=order/run="+runID+"/00001.parquet", []byte("new"))
	taken, err := lock.NewTaker(s.Client(), over{}, over{}, "lake").Take(t.Context(), lock.Input{
		RunID: runID, Execution: "arn:aws:states:eu-west-1:1:execution:nightstar:" + runID,
	})
	if err != nil || taken.Previous != "" || len(taken.Notes) != 1 || !strings.Contains(taken.Notes[0], "archived nevertheless") {
		t.Fatalf("Take() = %+v, %v", taken, err)
	}
	buckets := archive.Buckets{Raw: "raw", RawArchive: "raw-archive", Lake: "lake", LakeArchive: "lake-archive"}
	out, err := archive.New(s.Client(), lock.NewFence(s.Client(), "lake"), buckets, archive.Options{}).
		Archive(t.Context(), archive.Input{RunID: runID, Source: "lake", Mode: "full"})
	if err != nil || !out.Done || out.Objects != len(old) {
		t.Fatalf("Archive() = %+v, %v; want %d objects", out, err, len(old))
	}
	if diff := cmp.Diff(old, contents(s, "lake-archive")); diff != "" {
		t.Errorf("archived (-want +got):\n%s", diff)
	}
}
