package archive_test

import (
	"bytes"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/archive"
	local "github.com/nightstar-elt/nightstar/pkg/local/s3"
)

// TestArchiver_Archive_versitygw moves objects in an S3 that we did not write.
// It is not parallel: the gateway changes the working directory of the process.
func TestArchiver_Archive_versitygw(t *testing.T) {
	client := startGateway(t, t.TempDir())
	large := bytes.Repeat([]byte("0123456789abcdef"), 11<<16) // three parts of 5 MiB, the least that S3 takes
	const empty = "run=" + last + "/AWSDynamoDB/1/data/empty.json.gz"
	moves := map[string]string{
		"run=" + last + "/AWSDynamoDB/1/data/large.json.gz": string(large),
		"run=" + last + "/AWSDynamoDB/1/data/small.json.gz": "small",
		"run=" + last + "/a b+c%2Fd&e=f'ü€":                 "awkward",
		empty:                                               "",
	}
	stays := map[string]string{"run=" + runID + "/x": "this run's", "README": "no run's"}
	want := map[string]string{}
	size := 0
	for key, body := range moves {
		putGateway(t, client, key, body)
		want["run="+runID+"/"+key] = body
		size += len(body)
	}
	for key, body := range stays {
		putGateway(t, client, key, body)
	}
	buckets := archive.Buckets{Raw: "raw", RawArchive: "raw-archive", Lake: "lake"}
	archiver := archive.New(client, passing{}, buckets, archive.Options{MultipartAbove: 6 << 20, PartSize: 5 << 20})
	in := archive.Input{RunID: runID, Source: "raw", Mode: "full"}
	out, err := archiver.Archive(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(archive.Output{Done: true, Objects: len(moves), Bytes: int64(size), Notes: []string{}}, out); diff != "" {
		t.Errorf("Archive() (-want +got):\n%s", diff)
	}
	for range 2 {
		expectGateway(t, client, "raw", stays, "")
		expectGateway(t, client, "raw-archive", want, "STANDARD_IA")
		if out, err := archiver.Archive(t.Context(), in); err != nil || !cmp.Equal(archive.Output{Done: true, Notes: []string{}}, out) {
			t.Errorf("Archive() again = %v, %v, want nothing left to do", out, err)
		}
	}
	open := &s3.ListMultipartUploadsInput{Bucket: aws.String("raw-archive")}
	uploads, err := client.ListMultipartUploads(t.Context(), open)
	if err != nil || len(uploads.Uploads) > 0 {
		t.Errorf("%d uploads are left open, %v", len(uploads.Uploads), err)
	}
}

// TestArchiver_Archive_damagedFiles changes files behind the back of an S3 that
// we did not write. They are archived as they are, and noted, once.
// It is not parallel: the gateway changes the working directory of the process.
func TestArchiver_Archive_damagedFiles(t *testing.T) {
	dir := t.TempDir()
	client := startGateway(t, dir)
	key := func(name string) string { return "run=" + last + "/AWSDynamoDB/1/data/" + name }
	damaged := map[string]string{key("altered"): "Content", key("cut"): "con", key("longer"): "content and more", key("empty"): ""}
	want := map[string]string{"run=" + runID + "/" + key("whole"): "content"}
	putGateway(t, client, key("whole"), "content")
	for k, body := range damaged {
		putGateway(t, client, k, "content")
		if err := os.WriteFile(filepath.Join(dir, "raw", k), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		want["run="+runID+"/"+k] = body
	}
	buckets := archive.Buckets{Raw: "raw", RawArchive: "raw-archive", Lake: "lake"}
	in := archive.Input{RunID: runID, Source: "raw", Mode: "full"}
	out, err := archive.New(client, passing{}, buckets, archive.Options{}).Archive(t.Context(), in)
	if err != nil || !out.Done || out.Objects != 5 || len(out.Notes) != len(damaged) {
		t.Errorf("Archive() = %+v, %v, want 5 objects and a note on each damaged one", out, err)
	}
	for k := range damaged {
		if !slices.ContainsFunc(out.Notes, func(note string) bool {
			return strings.Contains(note, "s3://raw/"+k+" is damaged") && strings.Contains(note, "as s3://raw-archive/run="+runID+"/"+k)
		}) {
			t.Errorf("no note on %s in %q", k, out.Notes)
		}
	}
	expectGateway(t, client, "raw", map[string]string{}, "")
	expectGateway(t, client, "raw-archive", want, "STANDARD_IA")
}

func startGateway(t *testing.T, dir string) *s3.Client {
	t.Helper()
	keys := aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test-secret"}
	server, err := local.Start(t.Context(), dir, local.Options{Credentials: keys})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(server)
	t.Cleanup(func() {
		front.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, bucket := range []string{"raw", "raw-archive", "lake"} {
		if err := server.EnsureBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
	return s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &front.URL, Credentials: credentials.StaticCredentialsProvider{Value: keys},
	})
}

func putGateway(t *testing.T, client *s3.Client, key, body string) {
	t.Helper()
	_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("raw"), Key: &key, Body: strings.NewReader(body),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func expectGateway(t *testing.T, client *s3.Client, bucket string, want map[string]string, class string) {
	t.Helper()
	page, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, listed := range page.Contents {
		object, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: listed.Key})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(object.Body)
		if err != nil {
			t.Fatal(err)
		}
		got[*listed.Key] = string(body)
		if string(object.StorageClass) != class {
			t.Errorf("%s has storage class %q, want %q", *listed.Key, object.StorageClass, class)
		}
	}
	if !cmp.Equal(want, got) {
		t.Errorf("bucket %s holds %d objects, want %d, or other content", bucket, len(got), len(want))
	}
}
