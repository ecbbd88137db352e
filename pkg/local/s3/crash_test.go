package s3_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/nightstar-elt/nightstar/pkg/local/s3"
)

// TestStart_removesWhatKilledProcessesLeave begins an upload, and finds nothing
// of it after a restart; nor the sockets that nobody listens on.
func TestStart_removesWhatKilledProcessesLeave(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	for store, sideCar := range map[string]bool{"extended attributes": false, "side car": true} {
		t.Run(store, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "an [odd] name*")
			dead, young := filepath.Join(temporary, "nightstar-s3-dead"), filepath.Join(temporary, "nightstar-s3-young")
			foreign := filepath.Join(temporary, "nightstar-s3-foreign")
			live := filepath.Join(temporary, "nightstar-s3-live")
			for _, folder := range []string{dead, young, live, foreign} {
				if err := os.MkdirAll(folder, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			listener, err := net.Listen("unix", filepath.Join(live, "gw"))
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			killed, err := net.Listen("unix", filepath.Join(dead, "gw"))
			if err != nil {
				t.Fatal(err)
			}
			killed.(*net.UnixListener).SetUnlinkOnClose(false)
			old := time.Now().Add(-time.Hour)
			if err := errors.Join(killed.Close(), os.WriteFile(filepath.Join(foreign, "x"), nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			for _, folder := range []string{dead, live, foreign} {
				if err := os.Chtimes(folder, old, old); err != nil {
					t.Fatal(err)
				}
			}
			run := func(do func(client *awss3.Client)) {
				server, err := s3.Start(t.Context(), dir, s3.Options{Credentials: testKeys, SideCar: sideCar})
				if err != nil {
					t.Fatal(err)
				}
				front := httptest.NewServer(server)
				if err := server.EnsureBucket(t.Context(), "bucket"); err != nil {
					t.Fatal(err)
				}
				do(newClient(t, front.URL, testKeys))
				front.Close()
				if err := server.Close(); err != nil {
					t.Fatal(err)
				}
			}
			run(func(client *awss3.Client) {
				created, err := client.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{
					Bucket: aws.String("bucket"), Key: aws.String("left/open"),
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := client.UploadPart(t.Context(), &awss3.UploadPartInput{
					Bucket: aws.String("bucket"), Key: aws.String("left/open"), UploadId: created.UploadId,
					PartNumber: aws.Int32(1), Body: bytes.NewReader(make([]byte, 1<<20)),
				}); err != nil {
					t.Fatal(err)
				}
			})
			if _, err := os.Stat(filepath.Join(dir, "bucket", ".sgwtmp")); err != nil {
				t.Fatalf("the test leaves no upload behind: %v", err)
			}
			run(func(client *awss3.Client) {
				uploads, err := client.ListMultipartUploads(t.Context(), &awss3.ListMultipartUploadsInput{Bucket: aws.String("bucket")})
				if err != nil || len(uploads.Uploads) != 0 {
					t.Errorf("open uploads: %+v, %v", uploads, err)
				}
			})
			err = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
				if strings.Contains(path, "left") || strings.Contains(path, "sgwtmp") {
					t.Errorf("%s is still there", path)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for folder, want := range map[string]bool{dead: false, live: true, young: true, foreign: true} {
				if _, err := os.Stat(folder); (err == nil) != want {
					t.Errorf("%s: %v, want it to be there: %v", folder, err, want)
				}
			}
		})
	}
}

// checkLostMetadata takes away what a copy without extended attributes, or
// without the hidden folder, takes away, and wants what follows from the content.
func checkLostMetadata(t *testing.T, e env) {
	content := bytes.Repeat([]byte("content "), 1000)
	sum := md5.Sum(content)
	want := hex.EncodeToString(sum[:])
	for _, key := range []string{"a/one", "a/two"} {
		if _, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
			Bucket: &e.bucket, Key: &key, Body: bytes.NewReader(content), StorageClass: types.StorageClassStandardIa,
		}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(e.dir, e.bucket, key)
		if err := errors.Join(os.WriteFile(file+".copy", content, 0o600), os.Rename(file+".copy", file)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(e.dir, ".metadata", "objects", e.bucket, key)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := e.client.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: &e.bucket})
	if err != nil || len(list.Contents) != 2 {
		t.Fatalf("ListObjectsV2() = %+v, %v", list, err)
	}
	for _, o := range list.Contents {
		if got := strings.Trim(aws.ToString(o.ETag), `"`); got != want {
			t.Errorf("%s is listed with ETag %q, want %q", *o.Key, got, want)
		}
	}
	etag := list.Contents[0].ETag
	if _, err := e.client.CopyObject(t.Context(), &awss3.CopyObjectInput{
		Bucket: &e.bucket, Key: aws.String("copy"), CopySource: aws.String(e.bucket + "/a/one"), CopySourceIfMatch: etag,
	}); err != nil {
		t.Error(err)
	}
	for _, key := range []string{"a/one", "copy"} {
		head, err := e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: &e.bucket, Key: &key, IfMatch: etag})
		if err != nil || *head.ETag != *etag || *head.ContentLength != int64(len(content)) {
			t.Errorf("HeadObject(%s) = %+v, %v", key, head, err)
		}
	}
	changed := append([]byte("X"), content[1:]...)
	if err := os.WriteFile(filepath.Join(e.dir, e.bucket, "a", "one"), changed, 0o600); err != nil {
		t.Fatal(err)
	}
	sum = md5.Sum(changed)
	head, err := e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: &e.bucket, Key: aws.String("a/one")})
	if err != nil || strings.Trim(*head.ETag, `"`) != hex.EncodeToString(sum[:]) {
		t.Errorf("after the file was changed, HeadObject() = %+v, %v", head, err)
	}
	_, err = e.client.DeleteObjects(t.Context(), &awss3.DeleteObjectsInput{Bucket: &e.bucket, Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{{Key: aws.String("a/one")}, {Key: aws.String("a/two")}},
	}})
	if err != nil {
		t.Error(err)
	}
}

// TestStart_tellsOnceOfLostMetadata puts files into a bucket by other means.
func TestStart_tellsOnceOfLostMetadata(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"bucket/a", "bucket/b"} {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "bucket"), 0o700), os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	var notices []string
	server, err := s3.Start(t.Context(), dir, s3.Options{
		Credentials: testKeys, Notice: func(n string) { notices = append(notices, n) },
	})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(server)
	if _, err := newClient(t, front.URL, testKeys).ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("bucket")}); err != nil {
		t.Error(err)
	}
	front.Close()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if len(notices) != 1 || !strings.Contains(notices[0], filepath.Join(dir, "bucket")) || !strings.Contains(notices[0], "cp -a") {
		t.Errorf("notices = %q, want one that names the bucket and the way out", notices)
	}
}

// exhausted asks a child process to run the test below.
const exhausted = "NIGHTSTAR_TEST_EXHAUSTED"

// TestServer_recoversFromLackOfDescriptors takes all descriptors away from a
// process for a while.
func TestServer_recoversFromLackOfDescriptors(t *testing.T) {
	if os.Getenv(exhausted) == "" {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestServer_recoversFromLackOfDescriptors$", "-test.v")
		child.Env = append(os.Environ(), exhausted+"=1")
		if out, err := child.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	_, url, _ := startServer(t, false)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 200, Max: 200}); err != nil {
		t.Fatal(err)
	}
	client := newClient(t, url, testKeys)
	list := func() error {
		_, err := client.ListBuckets(t.Context(), nil)
		return err
	}
	var files []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		files = append(files, f)
	}
	// A request takes four: both ends before the proxy, both behind it. With
	// three the gateway can not accept.
	for _, f := range files[:3] {
		_ = f.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	if response, err := transport.RoundTrip(request); err == nil {
		_ = response.Body.Close()
	}
	for _, f := range files[3:] {
		_ = f.Close()
	}
	for deadline := time.Now().Add(time.Minute); ; {
		err := list()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("S3 does not recover: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
