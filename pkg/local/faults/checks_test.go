package faults_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

// checkOutcome checks how a disturbed execution ended, and that what its cause
// claims is true. What it says of the previous night is true of the moment in
// which it ended: unless it was alone, another may have published since.
func (w *world) checkOutcome(ctx context.Context, run execution.Summary, alone bool) {
	star := w.tables(ctx, "dwh")
	before, after := cmp.Diff(w.scenario.Expect.Before, star), cmp.Diff(w.scenario.Expect.After, star)
	switch {
	case run.Status == "SUCCEEDED" && w.scenario.Given: // the previous night's once more
		if before != "" {
			w.problem("run %s succeeded, but the star is not that of its export (-want +got):\n%s", run.RunID, before)
		}
	case run.Status == "SUCCEEDED":
		if after != "" {
			w.problem("run %s succeeded, but the star is not the new night's (-want +got):\n%s", run.RunID, after)
		}
	case run.Status == "ABORTED" && run.Error == "Stopped":
		w.checkOneOf(ctx, "after an execution was stopped")
	case run.Status == "TIMED_OUT" && w.scenario.has(chaos.ExecutionTimeout):
		w.checkOneOf(ctx, "after an execution timed out")
	case run.Status != "FAILED" || failStates()[run.Error] == "":
		w.problem("run %s ended as %s with %s: %s; that is no Fail state", run.RunID, run.Status, run.Error, run.Cause)
	case strings.Contains(run.Cause, "still hold the previous night") && !strings.Contains(run.Cause, "Unless") && alone:
		if before != "" {
			w.problem("run %s ended as %s, but the star is not the previous night's (-want +got):\n%s", run.RunID, run.Error, before)
		}
	case before != "" && after != "":
		w.problem("run %s ended as %s: %s; the star is neither night's (-previous +got):\n%s", run.RunID, run.Error, run.Cause, before)
	}
	w.checkCurrent(ctx)
}

// checkOneOf checks that the star is of one night, whichever.
func (w *world) checkOneOf(ctx context.Context, when string) {
	star := w.tables(ctx, "dwh")
	before := cmp.Diff(w.scenario.Expect.Before, star)
	if before != "" && !cmp.Equal(w.scenario.Expect.After, star) {
		w.problem("%s the star is neither night's (-previous +got):\n%s", when, before)
	}
	w.checkCurrent(ctx)
}

// checkEnd checks what is there after a night without faults.
func (w *world) checkEnd(ctx context.Context, run execution.Summary) {
	expect := w.scenario.Expect
	if diff := cmp.Diff(expect.After, w.tables(ctx, "dwh")); diff != "" {
		w.problem("the star at the end (-undisturbed +got):\n%s", diff)
	}
	if diff := cmp.Diff(expect.Landing, w.tables(ctx, "mirror")); diff != "" {
		w.problem("the landing tables at the end (-undisturbed +got):\n%s", diff)
	}
	mode, want := w.checkRecord(ctx, run), expect.Summary
	if mode == lakedoc.Incremental {
		want = expect.Changes
	}
	// The run before may have published what has changed, and left nothing.
	if diff := cmp.Diff(counts(want), counts(run)); diff != "" && (mode == lakedoc.Full || run.Items > 0) {
		w.problem("the counts of run %s (-undisturbed +got):\n%s", run.RunID, diff)
	}
	current := w.checkCurrent(ctx)
	if current.RunID != run.RunID {
		w.problem("runs/current.json names %q, the last run is %q", current.RunID, run.RunID)
	}
	w.checkRecords(ctx)
	w.checkArchives(ctx, current)
	for _, bucket := range []string{local.RawBucket, local.LakeBucket, local.RawArchiveBucket, local.LakeArchiveBucket} {
		out := must(s3.NewFromConfig(w.clients).ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &bucket}))
		for _, upload := range out.Uploads {
			w.problem("an upload of s3://%s/%s is unfinished", bucket, aws.ToString(upload.Key))
		}
	}
}

// checkRecord checks that the run is recorded once in the warehouse, and in the
// lake, and that the counts of a full one add up. It returns the mode of the run.
func (w *world) checkRecord(ctx context.Context, run execution.Summary) string {
	if rows := w.query(ctx, "select result from etl.run where run_id = '"+run.RunID+"'"); !slices.Equal(rows, []string{"Loaded"}) {
		w.problem("etl.run has %q of run %s, want one row that says Loaded", rows, run.RunID)
	}
	var record struct{ Result, Mode string }
	if err := json.Unmarshal(w.object(ctx, local.LakeBucket, "runs/"+run.RunID+"/run.json"), &record); err != nil || record.Result != "Loaded" {
		w.problem("run.json of run %s says %q, %v, want Loaded", run.RunID, record.Result, err)
	}
	sum := int64(0)
	for _, group := range []map[string]int64{run.Rows, run.SetAside, run.Skipped} {
		for _, n := range group {
			sum += n
		}
	}
	if record.Mode == lakedoc.Full && (sum != run.Items || sum == 0) {
		w.problem("run %s counts %d items, its rows and what is set aside are %d", run.RunID, run.Items, sum)
	}
	return record.Mode
}

// counts is what two nights over the same table have in common.
func counts(run execution.Summary) map[string]int64 {
	all := map[string]int64{"items": run.Items}
	for prefix, group := range map[string]map[string]int64{"rows of ": run.Rows, "set aside ": run.SetAside, "wrong ": run.Wrong} {
		for name, n := range group {
			all[prefix+name] = n
		}
	}
	for name, n := range run.Tables {
		all[name], _ = n.Int64()
	}
	return all
}

// checkCurrent checks that the files of the runs that runs/current.json names are
// all there and whole, and returns what it says.
func (w *world) checkCurrent(ctx context.Context) lakedoc.Current {
	var current lakedoc.Current
	if err := json.Unmarshal(w.object(ctx, local.LakeBucket, lakedoc.CurrentKey), &current); err != nil {
		w.problem("%s: %v", lakedoc.CurrentKey, err)
		return current
	}
	objects := w.list(ctx, local.LakeBucket, "")
	named := map[string]bool{}
	for key := range objects {
		run, file, _ := strings.Cut(strings.TrimPrefix(key, lakedoc.RunsPrefix), "/")
		if !strings.HasPrefix(key, lakedoc.RunsPrefix) || !strings.HasPrefix(file, "files/") || !current.Holds(run) {
			continue
		}
		var result lakedoc.Result
		if err := json.Unmarshal(w.object(ctx, local.LakeBucket, key), &result); err != nil {
			w.problem("%s: %v", key, err)
			continue
		}
		if result.Problem != "" {
			w.problem("%s of a current run says %q", key, result.Problem)
		}
		for _, o := range result.Objects {
			named[o.Key] = true
			if _, there := objects[o.Key]; !there {
				w.problem("%s, which a current run names, is not in the lake", o.Key)
				continue
			}
			w.checkParquet(o)
		}
	}
	if len(named) == 0 {
		w.problem("the runs that %s names, %v, have no files", lakedoc.CurrentKey, current.Runs())
	}
	for key := range objects {
		data := strings.HasPrefix(key, lakedoc.ItemsPrefix) || strings.HasPrefix(key, lakedoc.ChangesPrefix)
		if data && current.Holds(runOf(key)) && !named[key] {
			w.problem("%s is in the lake, but no record of its run names it", key)
		}
	}
	return current
}

// runOf returns the run whose object has a key; "" if the key names none.
func runOf(key string) string {
	_, rest, _ := strings.Cut("/"+key, "/run=")
	run, _, _ := strings.Cut(rest, "/")
	return run
}

// checkParquet opens an object that a record names.
func (w *world) checkParquet(o lakedoc.Object) {
	name := filepath.Join(w.scenario.Dir, "s3", local.LakeBucket, filepath.FromSlash(o.Key))
	reader, err := parquet.ReadFile[any](name)
	if err != nil || int64(len(reader)) != o.Rows {
		w.problem("s3://%s/%s has %d rows, %v; its record says %d", local.LakeBucket, o.Key, len(reader), err, o.Rows)
	}
}

// checkArchives checks that nothing of another run is left, but in the lake what the
// table is made of, and what came after the lock was taken, as from an export that
// was told to have failed and goes on; and that each object of the base, and no
// object twice, is in the archives, if it is not where it was.
func (w *world) checkArchives(ctx context.Context, current lakedoc.Current) {
	lock := w.written(path.Join(local.LakeBucket, lakedoc.LockKey))
	stays := func(name string) bool {
		return strings.HasPrefix(name, local.LakeBucket+"/") && current.Holds(runOf(name))
	}
	left := w.archivable(ctx)
	for name := range left {
		if runOf(name) != current.RunID && !stays(name) && !w.written(name).After(lock) {
			w.problem("%s was not archived by run %s", name, current.RunID)
		}
	}
	archived := map[string]string{} // ETag by bucket/key
	for from, to := range map[string]string{local.RawBucket: local.RawArchiveBucket, local.LakeBucket: local.LakeArchiveBucket} {
		for key, etag := range w.list(ctx, to, "") {
			_, original, _ := strings.Cut(key, "/")
			name := path.Join(from, original)
			if _, twice := archived[name]; twice {
				w.problem("%s is archived twice, once as %s", name, key)
			}
			archived[name] = etag
		}
	}
	for name, etag := range w.scenario.Expect.Objects {
		there := archived
		if stays(name) {
			there = left
		}
		if there[name] != etag && !strings.HasSuffix(etag, `-1"`) {
			w.problem("%s with ETag %s is left, or archived, as %q", name, etag, there[name])
		}
	}
}

// archivable lists the objects of raw and lake that belong to a run, with their
// ETags, by bucket and key.
func (w *world) archivable(ctx context.Context) map[string]string {
	all := map[string]string{}
	for _, bucket := range []string{local.RawBucket, local.LakeBucket} {
		for key, etag := range w.list(ctx, bucket, "") {
			if strings.Contains("/"+key, "/run=") {
				all[path.Join(bucket, key)] = etag
			}
		}
	}
	return all
}

// written is when an object was last modified, to the second.
func (w *world) written(name string) time.Time {
	return must(os.Stat(filepath.Join(w.scenario.Dir, "s3", filepath.FromSlash(name)))).ModTime().Truncate(time.Second)
}

func (w *world) list(ctx context.Context, bucket, prefix string) map[string]string {
	keys := map[string]string{}
	pages := s3.NewListObjectsV2Paginator(s3.NewFromConfig(w.clients), &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		for _, object := range must(pages.NextPage(ctx)).Contents {
			keys[aws.ToString(object.Key)] = aws.ToString(object.ETag)
		}
	}
	return keys
}

func (w *world) object(ctx context.Context, bucket, key string) []byte {
	out := must(s3.NewFromConfig(w.clients).GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key}))
	return must(io.ReadAll(out.Body))
}
