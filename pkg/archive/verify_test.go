package archive_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/archive"
	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// TestArchiver_Archive_verifies alters the copy, or what S3 says about it,
// between copying and verifying.
func TestArchiver_Archive_verifies(t *testing.T) {
	t.Parallel()

	plain := func(s *awstest.S3) { s.Put("raw", key, []byte("content")) }
	parts := func(s *awstest.S3) { s.PutParts("raw", key, []byte("con"), []byte("tent")) }
	kms := func(s *awstest.S3) {
		plain(s)
		s.Update("raw", key, func(o *awstest.Object) { o.KMS, o.ETag = true, strings.Repeat("0", 32) })
	}
	old := func(put func(*awstest.S3)) func(*awstest.S3) {
		return func(s *awstest.S3) {
			put(s)
			s.Update("raw", key, func(o *awstest.Object) { o.NoChecksum = true })
		}
	}
	keep := func(*awstest.Object) {}
	cut := func(o *awstest.Object) { o.Body = o.Body[:3] }
	alter := func(o *awstest.Object) { o.Body, o.ETag = []byte("CONTENT"), strings.Repeat("1", 32) }
	tests := map[string]struct {
		put   func(*awstest.S3)
		alter func(*awstest.Object)
		ok    bool
	}{
		"accepts equal ETags":                           {plain, keep, true},
		"accepts the other ETag of a multipart object":  {parts, keep, true},
		"accepts the other ETag of KMS encryption":      {kms, keep, true},
		"reads both where nothing else can be compared": {old(parts), keep, true},
		"reads both where all else is encrypted":        {old(kms), keep, true},
		"refuses other content that it had to read":     {old(parts), alter, false},
		"refuses other content that is encrypted":       {old(kms), alter, false},
		"refuses other content by its ETag alone":       {old(plain), alter, false},
		"refuses a copy that is shorter":                {plain, cut, false},
		"refuses other content":                         {plain, alter, false},
		"refuses other content of a multipart object":   {parts, alter, false},
		"refuses other content of an encrypted object":  {kms, alter, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			tt.put(s)
			altered := false
			s.Fail(func(c awstest.Call) *awstest.Failure {
				if _, copied := s.Object("raw-archive", target); copied && !altered {
					altered = true
					s.Update("raw-archive", target, tt.alter)
				}
				return nil
			})
			out, err := archiveRaw(t.Context(), s)
			_, stays := s.Object("raw", key)
			switch {
			case tt.ok && (err != nil || stays):
				t.Errorf("Archive() = %v, %v, want the object moved", out, err)
			case !tt.ok && (fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), target) || !stays):
				t.Errorf("Archive() = %v, %v, object kept: %v; want kind Corrupt and the object kept", out, err, stays)
			}
		})
	}
}

// TestArchiver_Archive_damaged: what is not what its checksum says is archived
// as it is, and noted once, whether a run before has tried that or not.
func TestArchiver_Archive_damaged(t *testing.T) {
	t.Parallel()

	for name, put := range map[string]func(*awstest.S3){
		"in one piece": func(s *awstest.S3) { s.Put("raw", key, []byte("content")) },
		"in parts":     func(s *awstest.S3) { s.PutParts("raw", key, []byte("con"), []byte("tent")) },
		"encrypted": func(s *awstest.S3) {
			s.Put("raw", key, []byte("content"))
			s.Update("raw", key, func(o *awstest.Object) { o.KMS, o.ETag = true, strings.Repeat("0", 32) })
		},
		"without a checksum": func(s *awstest.S3) {
			s.Put("raw", key, []byte("content"))
			s.Update("raw", key, func(o *awstest.Object) { o.NoChecksum = true })
		},
	} {
		for _, tries := range []int{0, 2} {
			for _, options := range []archive.Options{{}, smallParts()} {
				t.Run(fmt.Sprintf("%s, after %d tries, parts of %d", name, tries, options.PartSize), func(t *testing.T) {
					t.Parallel()
					s := newS3(t)
					put(s)
					s.Update("raw", key, func(o *awstest.Object) { o.Body, o.Damaged = []byte("CONTENT"), true })
					s.Fail(on("DeleteObjects", awstest.Failure{Status: 403, Code: "AccessDenied"}))
					for range tries {
						if out, err := newArchiver(s, options).Archive(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"}); err == nil {
							t.Fatalf("Archive() = %+v, want an error", out)
						}
					}
					s.Fail(nil)
					in := archive.Input{RunID: runID, Source: "raw", Mode: "full", Notes: []string{"of an earlier call"}}
					out, err := newArchiver(s, options).Archive(t.Context(), in)
					if err != nil || out.Objects != 1 || out.Notes[0] != "of an earlier call" {
						t.Fatalf("Archive() = %+v, %v, want the object moved", out, err)
					}
					// A copy in parts names the ETag it was made of, which is not looked behind again;
					// and its own says nothing of an object that has no checksum.
					tells := options.PartSize == 0 || tries == 0 && name != "without a checksum"
					if noted := len(out.Notes) == 2 && strings.Contains(out.Notes[1], "s3://raw/"+key+" is damaged: its 7 bytes"); noted != tells {
						t.Errorf("notes are %q, want one on the object", out.Notes)
					}
					expect(t, s, "raw", map[string]string{}, map[string]string{target: "CONTENT"})
				})
			}
		}
	}
}

// TestArchiver_Archive_withoutAnETag: a folder that was copied without the
// extended attributes of its files has objects without one.
func TestArchiver_Archive_withoutAnETag(t *testing.T) {
	t.Parallel()

	s := newS3(t)
	s.Put("raw", key, []byte("content"))
	s.Update("raw", key, func(o *awstest.Object) { o.ETag, o.NoChecksum = "", true })
	if out, err := archiveRaw(t.Context(), s); err != nil || out.Objects != 1 || len(out.Notes) > 0 {
		t.Errorf("Archive() = %+v, %v, want the object moved", out, err)
	}
	expect(t, s, "raw", map[string]string{}, map[string]string{target: "content"})
}

// TestArchiver_Archive_whenTheObjectIsGone: between the listing and the copy
// the object disappears from the source bucket.
func TestArchiver_Archive_whenTheObjectIsGone(t *testing.T) {
	t.Parallel()

	for _, options := range []archive.Options{{}, smallParts()} {
		for name, left := range map[string]string{
			"accepts a copy that another delivery made": "content",
			"refuses what is no copy":                   "con",
			"refuses to lose it":                        "",
		} {
			t.Run(fmt.Sprintf("%s, parts of %d", name, options.PartSize), func(t *testing.T) {
				t.Parallel()
				s := newS3(t)
				s.PutParts("raw", key, []byte("content"))
				s.Fail(func(c awstest.Call) *awstest.Failure {
					if c.Operation == "HeadObject" && c.N == 2 || c.Operation == "CopyObject" {
						s.Delete("raw", key)
						if left != "" {
							s.Put("raw-archive", target, []byte(left))
						}
					}
					return nil
				})
				out, err := newArchiver(s, options).Archive(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"})
				if left == "content" {
					if err != nil || out.Objects != 1 {
						t.Errorf("Archive() = %v, %v, want it accepted", out, err)
					}
					return
				}
				if fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), target) {
					t.Errorf("Archive() = %v, %v, want kind Corrupt and %s", out, err, target)
				}
			})
		}
	}
}

func TestArchiver_Archive_whenTheObjectChanges(t *testing.T) {
	t.Parallel()

	for name, options := range map[string]archive.Options{"in one piece": {}, "in parts": smallParts()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.Put("raw", key, []byte("content"))
			s.Fail(func(c awstest.Call) *awstest.Failure {
				if c.Operation == "CopyObject" || c.Operation == "UploadPartCopy" {
					s.Put("raw", key, []byte("changed"))
				}
				return nil
			})
			call := newArchiver(s, options).Archive
			out, err := call(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"})
			if fault.KindOf(err) != fault.Transient {
				t.Errorf("Archive() = %v, %v, want kind Transient", out, err)
			}
			if _, err := call(t.Context(), archive.Input{RunID: runID, Source: "raw", Mode: "full"}); err != nil {
				t.Fatal(err)
			}
			expect(t, s, "raw", map[string]string{}, map[string]string{target: "changed"})
		})
	}
}
