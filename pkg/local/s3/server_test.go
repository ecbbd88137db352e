package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/local/s3"
)

var testKeys = aws.Credentials{AccessKeyID: "nightstar", SecretAccessKey: "only-for-this-machine"}

// check is one behaviour, tried on a bucket of its own.
type check func(t *testing.T, e env)

// env is a running gateway, a client that has no option but endpoint, Region
// and credentials, and an empty bucket.
type env struct {
	server *s3.Server
	client *awss3.Client
	url    string
	dir    string
	bucket string
}

// TestServer runs every check against both stores of metadata. A process can
// run one gateway at a time, so the stores take turns.
func TestServer(t *testing.T) {
	checks := map[string]check{
		"keeps objects as plain files":                  checkPlainFiles,
		"reads back what was put":                       checkPutGet,
		"serves a range":                                checkRange,
		"keeps keys with unusual characters":            checkUnusualKeys,
		"pages through more than a thousand keys":       checkPaging,
		"lists folders under a delimiter in key order":  checkDelimiter,
		"deletes a thousand keys in one call":           checkDeleteObjects,
		"refuses a second put under If-None-Match":      checkIfNoneMatch,
		"refuses a changed object under If-Match":       checkIfMatch,
		"refuses a body that contradicts its MD5":       checkWrongMD5,
		"refuses a body that contradicts its CRC32":     checkWrongCRC32,
		"refuses a wrong secret":                        checkWrongSecret,
		"refuses an unknown access key":                 checkUnknownKey,
		"refuses an unsigned request":                   checkUnsigned,
		"refuses keys that a file system confuses":      checkAmbiguousKeys,
		"names what is missing":                         checkMissing,
		"assembles a multipart upload":                  checkMultipart,
		"forgets an aborted upload":                     checkAbort,
		"refuses a small part before the last":          checkSmallPart,
		"copies parts of another object":                checkUploadPartCopy,
		"uploads and downloads by the transfer manager": checkTransferManager,
		"keeps the class of a put":                      checkClassOfPut,
		"keeps the class of a copy":                     checkClassOfCopy,
		"keeps the class of a multipart upload":         checkClassOfMultipart,
		"changes the class by a copy onto itself":       checkClassOfSelfCopy,
		"forgets the class of a replaced object":        checkClassOfReplaced,
		"refuses an unknown class":                      checkUnknownClass,
		"keeps properties and tags of a copied object":  checkCopyKeepsProperties,
		"refuses a copy under If-None-Match":            checkCopyIfNoneMatch,
		"serves a folder that was there before":         checkForeignFolder,
		"tells odd requests from faults of its own":     checkOddRequests,
		"derives ETags of objects that have none":       checkLostMetadata,
	}
	for store, sideCar := range map[string]bool{"extended attributes": false, "side car": true} {
		t.Run(store, func(t *testing.T) {
			server, url, dir := startServer(t, sideCar)
			t.Run("checks", func(t *testing.T) {
				for name, run := range checks {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						bucket := strings.ReplaceAll(name, " ", "-")
						bucket = strings.ToLower(strings.Trim(bucket[:min(len(bucket), 60)], "-"))
						if err := server.EnsureBucket(t.Context(), bucket); err != nil {
							t.Fatal(err)
						}
						run(t, env{server, newClient(t, url, testKeys), url, dir, bucket})
					})
				}
			})
		})
	}
}

// startServer serves a new directory until the test ends.
func startServer(t *testing.T, sideCar bool) (server *s3.Server, url, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "s3")
	server, err := s3.Start(t.Context(), dir, s3.Options{Credentials: testKeys, SideCar: sideCar})
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
	return server, front.URL, dir
}

// newClient has no option that the deployed Lambdas do not have. It does without
// UsePathStyle: the SDK uses paths for an endpoint that is an IP address.
func newClient(t *testing.T, url string, keys aws.Credentials) *awss3.Client {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context(),
		config.WithRegion("us-east-1"),
		config.WithBaseEndpoint(url),
		config.WithCredentialsProvider(credentials.StaticCredentialsProvider{Value: keys}),
		config.WithSharedConfigFiles(nil),
		config.WithSharedCredentialsFiles(nil),
	)
	if err != nil {
		t.Fatal(err)
	}
	return awss3.NewFromConfig(cfg)
}

func TestServer_lifecycle(t *testing.T) {
	start, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	before := running()
	dir := filepath.Join(t.TempDir(), "s3")
	opts := s3.Options{Credentials: testKeys}
	for range 3 {
		server, err := s3.Start(t.Context(), dir, opts)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s3.Start(t.Context(), t.TempDir(), opts); err == nil {
			t.Error("Start() of a second gateway succeeded, want an error")
		}
		for range 2 {
			if err := server.EnsureBucket(t.Context(), "nightstar-lake"); err != nil {
				t.Error(err)
			}
		}
		front := httptest.NewServer(server)
		putText(t, newClient(t, front.URL, testKeys), "nightstar-lake", "a/b.txt", "kept")
		front.Close()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.Getwd(); now != start {
			t.Errorf("after Close() the working directory is %q, want %q", now, start)
		}
	}
	if got := fileNames(t, filepath.Join(dir, "nightstar-lake")); strings.Join(got, " ") != "a a/b.txt" {
		t.Errorf("the closed gateway's bucket holds %q, want only the object", got)
	}
	left := running()
	for deadline := time.Now().Add(10 * time.Second); left > before && time.Now().Before(deadline); left = running() {
		time.Sleep(20 * time.Millisecond)
	}
	if left > before {
		t.Errorf("after Close() %d goroutines of the gateway are left, %d before Start()", left, before)
	}
}

// running counts the goroutines that are at work in the gateway. Another test
// may have left some: a request that was broken off ends in its own time.
func running() int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	count := 0
	for stack := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		for _, part := range []string{"versitygw/", "local/s3.(*", "fasthttp.(*Server)", "net.(*UnixListener)"} {
			if bytes.Contains(stack, []byte(part)) {
				count++
				break
			}
		}
	}
	return count
}

func TestStart_refuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx  context.Context
		dir  string
		opts s3.Options
	}{
		"no credentials":           {t.Context(), t.TempDir(), s3.Options{}},
		"a file for a directory":   {t.Context(), file, s3.Options{Credentials: testKeys}},
		"a socket path over limit": {t.Context(), t.TempDir(), s3.Options{Credentials: testKeys}},
		"a cancelled context":      {cancelled, t.TempDir(), s3.Options{Credentials: testKeys}},
	}
	start, _ := os.Getwd()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if name == "a socket path over limit" {
				long := filepath.Join(t.TempDir(), strings.Repeat("x", 120))
				if err := os.Mkdir(long, 0o755); err != nil {
					t.Fatal(err)
				}
				t.Setenv("TMPDIR", long)
			}
			server, err := s3.Start(tt.ctx, tt.dir, tt.opts)
			if err == nil {
				_ = server.Close()
				// A listener that is ready at once may win against a context
				// that is already cancelled.
				if tt.ctx.Err() == nil {
					t.Error("Start() succeeded, want an error")
				}
			}
			if now, _ := os.Getwd(); now != start {
				t.Errorf("the working directory is %q, want %q", now, start)
			}
		})
	}
}

func putText(t *testing.T, client *awss3.Client, bucket, key, text string) *awss3.PutObjectOutput {
	t.Helper()
	out, err := client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: strings.NewReader(text),
	})
	if err != nil {
		t.Fatalf("PutObject(%q): %v", key, err)
	}
	return out
}

func getBytes(t *testing.T, client *awss3.Client, bucket, key string) []byte {
	t.Helper()
	out, err := client.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatalf("GetObject(%q): %v", key, err)
	}
	defer out.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(out.Body); err != nil {
		t.Fatalf("GetObject(%q): %v", key, err)
	}
	return body.Bytes()
}

// fileNames lists a folder and all below it.
func fileNames(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, _ fs.DirEntry, err error) error {
		if path != "." {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// wantError fails unless err is an API error of this status and code; an empty
// code stands for any.
func wantError(t *testing.T, err error, status int, code string) {
	t.Helper()
	var response interface{ HTTPStatusCode() int }
	if !errors.As(err, &response) || response.HTTPStatusCode() != status {
		t.Errorf("the error is %v, want status %d", err, status)
		return
	}
	apiErr, ok := errors.AsType[smithy.APIError](err)
	if code != "" && (!ok || apiErr.ErrorCode() != code) {
		t.Errorf("the error is %v, want code %s", err, code)
	}
}

func checkUnsigned(t *testing.T, e env) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.url+"/"+e.bucket, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("the status is %d, want 403", response.StatusCode)
	}
}
