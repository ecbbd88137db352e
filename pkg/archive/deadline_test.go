package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/archive"
	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// TestArchiver_Archive_stopsInTime gives a call time for some objects; one
// copy never ends by itself.
func TestArchiver_Archive_stopsInTime(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		large    bool // the object that hangs is copied in parts
		pageSize int
	}{
		"a copy that hangs":                  {large: false, pageSize: 4},
		"a part that hangs":                  {large: true, pageSize: 4},
		"a copy that hangs on the only page": {large: false, pageSize: 1000},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.PageSize(tt.pageSize)
			moved := map[string]string{}
			for i := range 10 {
				k := fmt.Sprintf("run=%s/%d", last, i)
				s.Put("raw", k, []byte("abcd"))
				moved["run="+runID+"/"+k] = "abcd"
			}
			hangs, operation := "run="+runID+"/run="+last+"/5", "CopyObject"
			if tt.large {
				operation, moved[hangs] = "UploadPartCopy", "content"
				s.Put("raw", "run="+last+"/5", []byte("content"))
			}
			s.Fail(func(c awstest.Call) *awstest.Failure {
				if c.Operation == operation && c.Key == hangs {
					return &awstest.Failure{Hang: true}
				}
				return nil
			})
			options := smallParts()
			options.Reserve = time.Hour
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour+3*time.Second)
			defer cancel()
			call := newArchiver(s, options).Archive
			out, err := call(ctx, archive.Input{RunID: runID, Source: "raw", Mode: "full"})
			rest := len(s.Keys("raw")) // the one that hangs, and the pages behind it
			if err != nil || out.Done || out.Objects == 0 || rest <= max(0, 10-2*tt.pageSize) || out.Objects != 10-rest {
				t.Errorf("Archive() = %v, %v, want it not done with %d objects left", out, err, rest)
			}
			if n := s.OpenUploads(); (n == 1) != tt.large || n > 1 {
				t.Errorf("%d uploads are left open, want one to go on with if it was a part that hung", n)
			}

			s.Fail(nil)
			out, err = call(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"})
			if err != nil || !out.Done || out.Objects != rest {
				t.Errorf("Archive() again = %v, %v, want the other %d moved and done", out, err, rest)
			}
			expect(t, s, "raw", map[string]string{}, moved)
			if n := s.OpenUploads(); n > 0 {
				t.Errorf("%d uploads are left open in the end", n)
			}
		})
	}
}

// TestArchiver_Archive_goesOnWithParts: a copy that does not fit into one call
// is made in several, none of which makes a part again.
func TestArchiver_Archive_goesOnWithParts(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.Put("raw", key, []byte("0123456789"))
	options := smallParts() // five of them
	options.Parts, options.Reserve = 1, time.Hour
	copied, hung := 0, 0
	s.Fail(func(c awstest.Call) *awstest.Failure {
		if c.Operation != "UploadPartCopy" {
			return nil
		}
		if copied == 2 {
			copied = 0
			hung++
			return &awstest.Failure{Hang: true}
		}
		copied++
		return nil
	})
	calls := 0
	for done := false; !done && calls < 10; calls++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour+2*time.Second)
		out, err := newArchiver(s, options).Archive(ctx, archive.Input{RunID: runID, Source: "raw", Mode: "full"})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		done = out.Done
	}
	if n := s.Calls("UploadPartCopy") - hung; calls < 2 || n != 5 {
		t.Errorf("%d calls copied %d parts, want several calls and 5 parts", calls, n)
	}
	expect(t, s, "raw", map[string]string{}, map[string]string{target: "0123456789"})
	if n := s.OpenUploads(); n > 0 {
		t.Errorf("%d uploads are left open", n)
	}
}

func TestArchiver_Archive_withoutProgress(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.Put("raw", key, []byte("content"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // less than the 30 s that are kept free
	defer cancel()
	out, err := archiveRaw(ctx, s)
	if fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), "no object was moved") {
		t.Errorf("Archive() = %v, %v, want kind Rejected instead of an endless loop", out, err)
	}
	expect(t, s, "raw", map[string]string{key: "content"}, map[string]string{})
}

func TestArchiver_Archive_cancelled(t *testing.T) {
	t.Parallel()

	for _, operation := range []string{"ListObjectsV2", "CopyObject", "UploadPartCopy", "DeleteObjects"} {
		t.Run("in "+operation, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.Put("raw", key, []byte("abcd"))
			s.Put("raw", key+"y", bytes.Repeat([]byte("z"), 64))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.Fail(func(c awstest.Call) *awstest.Failure {
				if c.Operation != operation {
					return nil
				}
				cancel()
				return &awstest.Failure{Hang: true}
			})
			out, err := newArchiver(s, smallParts()).Archive(ctx, archive.Input{RunID: runID, Source: "raw", Mode: "full"})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Archive() = %v, %v, want context.Canceled", out, err)
			}
			if n := len(s.Keys("raw")); n != 2 {
				t.Errorf("%d of 2 objects are left in the source bucket", n)
			}
			if n := s.OpenUploads(); n > 0 {
				t.Errorf("%d uploads are left open", n)
			}
		})
	}
}
