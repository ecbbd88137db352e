package archive_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/archive"
	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

const key, target = "run=" + last + "/x", "run=" + runID + "/run=" + last + "/x"

// smallParts makes every object above four bytes one that is copied in parts.
func smallParts() archive.Options { return archive.Options{MultipartAbove: 4, PartSize: 2} }

// on fails every call of an operation; first only its first call.
func on(operation string, f awstest.Failure) func(awstest.Call) *awstest.Failure {
	return func(c awstest.Call) *awstest.Failure {
		if c.Operation == operation {
			return &f
		}
		return nil
	}
}

func first(operation string, f awstest.Failure) func(awstest.Call) *awstest.Failure {
	return func(c awstest.Call) *awstest.Failure {
		if c.Operation == operation && c.N == 1 {
			return &f
		}
		return nil
	}
}

// TestArchiver_Archive_failures: whatever fails, the object is still there, no
// upload is left open, and the next call makes it right.
func TestArchiver_Archive_failures(t *testing.T) {
	t.Parallel()

	slow := awstest.Failure{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
	denied := awstest.Failure{Status: http.StatusForbidden, Code: "AccessDenied"}
	hidden := awstest.Failure{Status: http.StatusOK, Code: "InternalError"} // 200, with an error inside
	refusedKey := awstest.Failure{Keys: []string{key}, Code: "AccessDenied"}
	busyKey := awstest.Failure{Keys: []string{key}, Code: "InternalError"}
	tests := map[string]struct {
		options archive.Options
		fail    func(awstest.Call) *awstest.Failure
		want    fault.Kind
		message string
	}{
		"a throttled listing": {fail: on("ListObjectsV2", slow), want: fault.Transient, message: "list"},
		"a forbidden listing": {
			fail: on("ListObjectsV2", denied), want: fault.Invalid, message: "s3://raw",
		},
		"a throttled copy":      {fail: on("CopyObject", slow), want: fault.Transient, message: key},
		"a forbidden copy":      {fail: on("CopyObject", denied), want: fault.Invalid, message: key},
		"an error inside a 200": {fail: on("CopyObject", hidden), want: fault.Transient, message: key},
		"a throttled look-up": {
			fail: on("HeadObject", slow), want: fault.Transient, message: target,
		},
		"a throttled deletion": {
			fail: on("DeleteObjects", slow), want: fault.Transient, message: "delete",
		},
		"a key that may not be deleted": {
			fail: on("DeleteObjects", refusedKey), want: fault.Invalid, message: `1 of 2 objects, first "` + key,
		},
		"a key that was not deleted": {fail: on("DeleteObjects", busyKey), want: fault.Transient, message: key},
		"an upload that is not begun": {
			options: smallParts(), fail: on("CreateMultipartUpload", denied), want: fault.Invalid, message: key,
		},
		"a part that is throttled": {
			options: smallParts(), fail: on("UploadPartCopy", slow), want: fault.Transient, message: "part",
		},
		"a part with an error in a 200": {
			options: smallParts(), fail: on("UploadPartCopy", hidden), want: fault.Transient, message: "part",
		},
		"an upload that is not completed": {
			options: smallParts(), fail: on("CompleteMultipartUpload", hidden), want: fault.Transient, message: "complete",
		},
		"an upload whose completion nobody heard of": {
			options: smallParts(), want: fault.Transient, message: "complete",
			fail: first("CompleteMultipartUpload", awstest.Failure{
				Status: http.StatusInternalServerError, Code: "InternalError", Applied: true,
			}),
		},
		"an upload that somebody aborted": {
			options: smallParts(), want: fault.Transient, message: "complete",
			fail: on("CompleteMultipartUpload", awstest.Failure{Status: http.StatusNotFound, Code: "NoSuchUpload"}),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.Put("raw", key, []byte("content"))
			s.Put("raw", key+"y", []byte("more"))
			s.Fail(tt.fail)
			call := newArchiver(s, tt.options).Archive
			out, err := call(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"})
			if err == nil || fault.KindOf(err) != tt.want || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("Archive() = %v, %v, want kind %s and %q", out, err, tt.want, tt.message)
			}
			if object, ok := s.Object("raw", key); !ok || string(object.Body) != "content" {
				t.Errorf("the object is gone after %v", err)
			}
			if n := s.OpenUploads(); n > 0 {
				t.Errorf("%d uploads are left open", n)
			}

			s.Fail(nil)
			if _, err := call(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"}); err != nil {
				t.Errorf("Archive() after the failure = %v", err)
			}
			expect(t, s, "raw", map[string]string{}, map[string]string{target: "content", target + "y": "more"})
		})
	}
}

// TestArchiver_Archive_mends: failures that one retry of the SDK mends do not
// reach the state machine.
func TestArchiver_Archive_mends(t *testing.T) {
	t.Parallel()

	slow := awstest.Failure{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
	hidden := awstest.Failure{Status: http.StatusOK, Code: "InternalError"}
	for _, operation := range []string{
		"ListObjectsV2", "HeadObject", "CopyObject", "DeleteObjects",
		"CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload",
	} {
		t.Run("one throttled "+operation, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.Put("raw", key, []byte("abcd"))
			s.Put("raw", key+"y", []byte("content"))
			s.Fail(first(operation, slow))
			out, err := newArchiver(s, smallParts()).Archive(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"})
			if err != nil || out.Objects != 2 {
				t.Errorf("Archive() = %v, %v, want 2 objects", out, err)
			}
			expect(t, s, "raw", map[string]string{}, map[string]string{target: "abcd", target + "y": "content"})
		})
	}
	t.Run("one copy with an error inside a 200", func(t *testing.T) {
		t.Parallel()
		s := newS3(t)
		s.Put("raw", key, []byte("abcd"))
		s.Fail(first("CopyObject", hidden))
		if out, err := archiveRaw(t.Context(), s); err != nil || out.Objects != 1 {
			t.Errorf("Archive() = %v, %v, want 1 object", out, err)
		}
	})
}

// TestArchiver_Archive_afterACrash: a call that ended between copying and
// deleting leaves copies, and the next call does not make them again.
func TestArchiver_Archive_afterACrash(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		options archive.Options
		put     func(*awstest.S3)
		copies  string // the operation that must not be repeated
	}{
		"an object of one part": {
			put: func(s *awstest.S3) { s.Put("raw", key, []byte("content")) }, copies: "CopyObject",
		},
		"an object as DynamoDB writes it": {
			put: func(s *awstest.S3) { s.PutParts("raw", key, []byte("content")) }, copies: "CopyObject",
		},
		"an object copied in parts": {
			options: smallParts(), copies: "UploadPartCopy",
			put: func(s *awstest.S3) {
				s.Put("raw", key, []byte("content"))
				s.Update("raw", key, func(o *awstest.Object) { o.NoChecksum = true })
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			tt.put(s)
			call := newArchiver(s, tt.options).Archive
			s.Fail(on("DeleteObjects", awstest.Failure{Status: http.StatusForbidden, Code: "AccessDenied"}))
			if _, err := call(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"}); err == nil {
				t.Fatal("Archive() = nil, want the deletion to fail")
			}
			before := s.Calls(tt.copies)
			s.Fail(nil)
			out, err := call(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"})
			if err != nil || !out.Done || out.Objects != 1 || out.Bytes != 7 || len(out.Notes) > 0 {
				t.Errorf("Archive() again = %v, %v, want 1 object", out, err)
			}
			if n := s.Calls(tt.copies) - before; before == 0 || n != 0 {
				t.Errorf("%d calls of %s before and %d after, want some and none", before, tt.copies, n)
			}
			expect(t, s, "raw", map[string]string{}, map[string]string{target: "content"})
		})
	}
}

func TestArchiver_Archive_replacesWhatIsNoCopy(t *testing.T) {
	t.Parallel()

	for name, leftover := range map[string]string{"another size": "cont", "other content": "CONTENT"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.Put("raw", key, []byte("content"))
			s.Put("raw-archive", target, []byte(leftover))
			if _, err := archiveRaw(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			expect(t, s, "raw", map[string]string{}, map[string]string{target: "content"})
		})
	}
}

// TestArchiver_Archive_namesTheRunFirst: readers of the lake must know the new
// run before the first object of the old one is moved.
func TestArchiver_Archive_namesTheRunFirst(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.Put("lake", "items/type=order/run="+last+"/1.parquet", []byte("old"))
	call := newArchiver(s, archive.Options{}).Archive
	s.Fail(on("PutObject", awstest.Failure{Status: http.StatusForbidden, Code: "AccessDenied"}))
	if out, err := call(t.Context(), archive.Input{RunID: runID, Source: "lake", Mode: "full"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Archive() = %v, %v, want kind Invalid", out, err)
	}
	if n := len(s.Keys("lake-archive")); n != 0 {
		t.Errorf("%d objects were moved before runs/current.json was written", n)
	}
}
