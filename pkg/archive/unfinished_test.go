package archive_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/archive"
	"github.com/nightstar-elt/nightstar/pkg/awstest"
)

const later = "run-20261122-020000.000"

// TestArchiver_Archive_afterAnotherRun: a run that copied an object and did not
// come to delete it leaves the next one nothing to copy.
func TestArchiver_Archive_afterAnotherRun(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.PutParts("raw", key, []byte("con"), []byte("tent"))
	s.Put("raw", key+"y", []byte("never copied"))
	s.Fail(func(c awstest.Call) *awstest.Failure {
		if c.Operation == "DeleteObjects" || (c.Operation == "CopyObject" && strings.HasSuffix(c.Key, "y")) {
			return &awstest.Failure{Status: http.StatusForbidden, Code: "AccessDenied"}
		}
		return nil
	})
	for _, run := range []string{runID, runID + "0"} { // the second fails before it copies anything more
		// One at a time, so that the first is copied before the second fails.
		if out, err := newArchiver(s, archive.Options{Objects: 1}).Archive(t.Context(), archive.Input{RunID: run, Source: "raw", Mode: "full"}); err == nil {
			t.Fatalf("Archive() = %v, want an error", out)
		}
	}
	s.Fail(nil)
	copies := s.Calls("CopyObject")
	out, err := newArchiver(s, archive.Options{}).Archive(t.Context(), archive.Input{RunID: later, Source: "raw", Mode: "full"})
	if err != nil || out.Objects != 2 || s.Calls("CopyObject") != copies+1 {
		t.Errorf("Archive() = %v, %v after %d copies, want 2 objects and one copy", out, err, s.Calls("CopyObject")-copies)
	}
	expect(t, s, "raw", map[string]string{}, map[string]string{
		target: "content", "run=" + later + "/" + key + "y": "never copied",
	})
	if left := s.Keys("lake"); len(left) > 0 {
		t.Errorf("the lake holds %v after all is done", left)
	}
}

// TestArchiver_Archive_abortsUploads: what earlier runs left open is aborted
// in both buckets, what belongs to nobody or to this run is not.
func TestArchiver_Archive_abortsUploads(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	begin := func(bucket, key string) {
		_, err := s.Client().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: &key})
		if err != nil {
			t.Fatal(err)
		}
	}
	begin("raw", key)
	begin("raw-archive", "run="+last+"/run=older/x")
	begin("raw", "run="+runID+"/x")
	begin("raw-archive", "foreign")
	if _, err := archiveRaw(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, bucket := range []string{"raw", "raw-archive"} {
		out, err := s.Client().ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
		if err != nil {
			t.Fatal(err)
		}
		for _, upload := range out.Uploads {
			left = append(left, aws.ToString(upload.Key))
		}
	}
	if got := strings.Join(left, " "); got != "run="+runID+"/x foreign" {
		t.Errorf("uploads of %q are left open", got)
	}
}

// TestArchiver_Archive_replacesADamagedNote: who has not finished is then not
// known, which costs a second copy of what they have copied.
func TestArchiver_Archive_replacesADamagedNote(t *testing.T) {
	t.Parallel()

	for name, text := range map[string]string{"cut": "{", "of another": `{"runIds":["a/b"]}`, "empty": "", "damaged": `{"runIds":["x"]}`} {
		s := newS3(t)
		s.Put("raw", key, []byte("content"))
		s.Put("lake", "runs/archiving-raw.json", []byte(text))
		s.Update("lake", "runs/archiving-raw.json", func(o *awstest.Object) { o.Damaged = name == "damaged" })
		out, err := archiveRaw(t.Context(), s)
		if err != nil || out.Objects != 1 || len(out.Notes) != 1 || !strings.Contains(out.Notes[0], "archiving-raw.json") {
			t.Errorf("%s: Archive() = %+v, %v, want the object moved and a note", name, out, err)
		}
		if left := s.Keys("lake"); len(left) > 0 {
			t.Errorf("%s: the lake holds %v after all is done", name, left)
		}
	}
}
