package export_test

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

const (
	folder  = "run=" + runID + "/AWSDynamoDB/01763690400000-1a2b3c4d/"
	summary = folder + "manifest-summary.json"
)

// stored is an S3 that holds the sample export below another prefix than the
// one it was written to, as a copied export is.
func stored(t *testing.T) *awstest.S3 {
	t.Helper()
	s := awstest.NewS3(t, "raw", "lake")
	for _, name := range []string{"manifest-summary", "manifest-files"} {
		putManifest(s, folder+name, read(t, "testdata/export/"+name+".json"))
	}
	for _, name := range []string{"aaaa", "bbbb", "cccc"} {
		s.PutParts("raw", folder+"data/"+name+".json.gz", []byte(name))
	}
	return s
}

// putManifest stores a manifest and its checksum, so that a change to its text
// is not discovered by the checksum already.
func putManifest(s *awstest.S3, key string, body []byte) {
	sum := md5.Sum(body)
	s.Put("raw", key+".json", body)
	s.Put("raw", key+".md5", []byte(base64.StdEncoding.EncodeToString(sum[:])))
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func plan(ctx context.Context, s *awstest.S3, log *slog.Logger) (lakedoc.Plan, error) {
	in := export.PlanInput{RunID: runID, Exports: []export.Done{{ManifestKey: summary}}}
	return export.NewPlanner(s.Client(), "raw", "lake", log).Plan(ctx, in)
}

func TestPlanner_Plan(t *testing.T) {
	t.Parallel()

	s := stored(t)
	var logged strings.Builder
	log := slog.New(slog.NewTextHandler(&logged, nil))
	for range 2 { // a repeat does what one run does
		got, err := plan(t.Context(), s, log)
		if err != nil {
			t.Fatal(err)
		}
		want := lakedoc.Plan{
			Bucket: "lake", Key: "runs/" + runID + "/plan.json", Files: 3, Items: 7,
			ExportTime: "2026-11-21T01:54:30.000Z", TableARN: "arn:aws:dynamodb:eu-central-1:111122223333:table/store", Bytes: 4096,
			Mode: lakedoc.Full, TableID: "12345a12-abcd-123a-ab12-1234abc12345", ManifestKey: summary,
			Phases: []string{star.PhaseFull},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Plan() (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{got.Key}, s.Keys("lake")); diff != "" {
			t.Errorf("keys in the lake bucket (-want +got):\n%s", diff)
		}
		written, _ := s.Object("lake", got.Key)
		var gotFiles, wantFiles []lakedoc.File
		if err := json.Unmarshal(written.Body, &gotFiles); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(read(t, "testdata/payload/plan.json"), &wantFiles); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantFiles, gotFiles); diff != "" {
			t.Errorf("plan.json (-want +got):\n%s", diff)
		}
	}
	if logged.Len() > 0 {
		t.Errorf("Plan() logged %s, want silence about an export that is whole", logged.String())
	}
}

func TestPlanner_Plan_acceptsOtherShapes(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		change func(*testing.T, *awstest.S3)
		logs   int // manifests without a checksum, said in the log
	}{
		"an old summary that does not say its type": {change: func(t *testing.T, s *awstest.S3) {
			edit(t, s, "manifest-summary", `"exportType":"FULL_EXPORT",`, "")
		}},
		"checksum files with the other name": {change: func(_ *testing.T, s *awstest.S3) {
			for _, name := range []string{"manifest-summary", "manifest-files"} {
				sum, _ := s.Object("raw", folder+name+".md5")
				s.Put("raw", folder+name+".checksum", append(sum.Body, '\n'))
				s.Delete("raw", folder+name+".md5")
			}
		}},
		"no checksum files, and says so": {logs: 2, change: func(_ *testing.T, s *awstest.S3) {
			s.Delete("raw", folder+"manifest-summary.md5")
			s.Delete("raw", folder+"manifest-files.md5")
		}},
		"keys without the prefix that the export was written to": {change: func(t *testing.T, s *awstest.S3) {
			edit(t, s, "manifest-files", "nightly/store/", "")
		}},
		"a manifest without a last line break": {change: func(t *testing.T, s *awstest.S3) {
			edit(t, s, "manifest-files", "true}\n", "true}")
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stored(t)
			tt.change(t, s)
			var logged strings.Builder
			got, err := plan(t.Context(), s, slog.New(slog.NewTextHandler(&logged, nil)))
			if err != nil || got.Files != 3 || got.Items != 7 {
				t.Errorf("Plan() = %v, %v, want 3 files with 7 items", got, err)
			}
			if n := strings.Count(logged.String(), "manifest has no checksum file"); n != tt.logs {
				t.Errorf("Plan() logged %q, want %d warnings", logged.String(), tt.logs)
			}
		})
	}
}

// TestPlanner_Plan_prefixes: a prefix can be anything that S3 takes in a key, in
// the manifests of a copied export and in the bucket itself.
func TestPlanner_Plan_prefixes(t *testing.T) {
	t.Parallel()

	for _, prefix := range []string{
		"", "/", "//", "/backups//", "backups//", "./", "../", "../../", "a/./b/../", `C:\\backups/`, `\\/`, "ü b/%2F/", "s3://bucket/",
		"AWSDynamoDB/", "AWSDynamoDB/01763690400000-1a2b3c4d/", "line\\nbreak/",
	} {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			s := stored(t)
			for _, name := range []string{"manifest-summary", "manifest-files"} {
				edit(t, s, name, `"nightly/store/`, `"`+prefix)
			}
			got, err := plan(t.Context(), s, slog.New(slog.DiscardHandler))
			if err != nil || got.Files != 3 || got.Items != 7 {
				t.Errorf("Plan() = %v, %v, want 3 files with 7 items", got, err)
			}

			here := stored(t) // the same export, where DynamoDB has written it
			for _, key := range here.Keys("raw") {
				object, _ := here.Object("raw", key)
				_, own, _ := strings.Cut(key, "AWSDynamoDB/")
				here.Put("raw", prefix+"AWSDynamoDB/"+own, object.Body)
			}
			_, own, _ := strings.Cut(summary, "AWSDynamoDB/")
			in := export.PlanInput{RunID: runID, Exports: []export.Done{{ManifestKey: prefix + "AWSDynamoDB/" + own}}}
			out, err := export.NewPlanner(here.Client(), "raw", "lake", slog.New(slog.DiscardHandler)).Plan(t.Context(), in)
			if err != nil || out.Items != 7 {
				t.Fatalf("Plan(%q) = %v, %v, want 7 items", in.Exports[0].ManifestKey, out, err)
			}
			written, _ := here.Object("lake", out.Key)
			var files []lakedoc.File
			if err := json.Unmarshal(written.Body, &files); err != nil || !strings.HasPrefix(files[0].Key, prefix+"AWSDynamoDB/") {
				t.Errorf("the plan is %v, %v, want keys below %q", files, err, prefix)
			}
		})
	}
}

// edit replaces text in a stored manifest; text that is not there is a mistake
// in the test.
func edit(t *testing.T, s *awstest.S3, name, old, replacement string) {
	t.Helper()
	object, _ := s.Object("raw", folder+name+".json")
	if !strings.Contains(string(object.Body), old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	putManifest(s, folder+name, []byte(strings.ReplaceAll(string(object.Body), old, replacement)))
}
