package awstest

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the ETag of S3
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// S3 is the server. Its methods may be called at any time, by any goroutine.
type S3 struct {
	url string

	mu        sync.Mutex
	buckets   map[string]map[string]*Object
	uploads   map[string]*upload
	calls     map[string]int
	pageSize  int
	copyLimit int64
	fail      func(Call) *Failure
}

// Object is a stored object, as a test may want to look at it.
type Object struct {
	Body         []byte
	ETag         string // without quotes
	StorageClass string // empty for STANDARD
	ContentType  string
	Metadata     map[string]string
	Modified     time.Time // when it was stored
	KMS          bool      // encrypted with a KMS key, so that its ETag is not an MD5
	NoChecksum   bool      // stored before S3 made a checksum of every object
	Damaged      bool      // its ETag and its checksum are those of other bytes
}

// Call is one request that the server is about to answer.
type Call struct {
	Operation string // as the SDK names it: "CopyObject"
	Bucket    string
	Key       string // empty for operations on the bucket
	N         int    // how many calls of this operation there were, this one included
}

// Failure is an answer instead of the right one.
type Failure struct {
	Status  int      // HTTP status; 200 gives an error in the body of a success
	Code    string   // error code of S3
	Applied bool     // do the work first, then answer with the failure
	Cut     bool     // GetObject: break the connection off half-way through the body
	Hang    bool     // never answer; the caller has to give up
	Keys    []string // DeleteObjects: answer 200, but refuse to delete these keys
}

// NewS3 starts a server with the named buckets; it ends with the test.
func NewS3(t testing.TB, buckets ...string) *S3 {
	t.Helper()
	s := &S3{
		buckets: map[string]map[string]*Object{}, uploads: map[string]*upload{}, calls: map[string]int{},
		pageSize: 1000, copyLimit: 5 << 30,
	}
	for _, bucket := range buckets {
		s.buckets[bucket] = map[string]*Object{}
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// Client returns a client of the server that retries without waiting.
func (s *S3) Client() *s3.Client {
	return s3.NewFromConfig(aws.Config{
		Region:       "eu-central-1",
		BaseEndpoint: &s.url,
		// as config.LoadDefaultConfig has it
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Credentials:                credentials.NewStaticCredentialsProvider("AKIATEST", "secret", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
		},
	})
}

// PageSize sets how many keys a listing returns at a time.
func (s *S3) PageSize(n int) { s.locked(func() { s.pageSize = n }) }

// CopyLimit sets the size, in bytes, above which CopyObject refuses: 5 GiB at S3.
func (s *S3) CopyLimit(n int64) { s.locked(func() { s.copyLimit = n }) }

// Fail asks decide before each answer whether the call should fail; nil is no.
func (s *S3) Fail(decide func(Call) *Failure) { s.locked(func() { s.fail = decide }) }

// Put stores an object as one PutObject would.
func (s *S3) Put(bucket, key string, body []byte) {
	s.locked(func() { s.store(bucket, key, &Object{Body: body, ETag: etag(body)}) })
}

// PutParts stores an object as a multipart upload would: its ETag is not an MD5
// of its content. DynamoDB writes its data files like this.
func (s *S3) PutParts(bucket, key string, parts ...[]byte) {
	s.locked(func() {
		s.store(bucket, key, &Object{Body: slices.Concat(parts...), ETag: multipartETag(parts)})
	})
}

// store puts an object in place; the caller holds the lock.
func (s *S3) store(bucket, key string, object *Object) {
	object.Modified = time.Now().UTC()
	s.buckets[bucket][key] = object
}

// Update changes a stored object in place.
func (s *S3) Update(bucket, key string, change func(*Object)) {
	s.locked(func() { change(s.buckets[bucket][key]) })
}

// Delete removes an object.
func (s *S3) Delete(bucket, key string) { s.locked(func() { delete(s.buckets[bucket], key) }) }

// Object returns a copy of a stored object.
func (s *S3) Object(bucket, key string) (Object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	object, ok := s.buckets[bucket][key]
	if !ok {
		return Object{}, false
	}
	return *object, true
}

// Keys returns the keys of a bucket, sorted.
func (s *S3) Keys(bucket string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.buckets[bucket]))
}

// Calls returns how often an operation was called.
func (s *S3) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

// OpenUploads returns the number of multipart uploads that were neither
// completed nor aborted; S3 would bill them until somebody does.
func (s *S3) OpenUploads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.uploads)
}

// ServeHTTP answers one request of the SDK's client.
func (s *S3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, answer := s.route(r)
	body, err := io.ReadAll(r.Body) // a caller that gives up is noticed only after its body
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	s.calls[call.Operation]++
	call.N = s.calls[call.Operation]
	decide := s.fail
	s.mu.Unlock()

	var failure *Failure
	if decide != nil {
		failure = decide(call)
	}
	if failure != nil && failure.Hang {
		<-r.Context().Done()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.buckets[call.Bucket]; !ok {
		refuse(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	switch {
	case failure == nil:
		answer(w, r, call, nil)
	case failure.Cut || len(failure.Keys) > 0:
		answer(w, r, call, failure)
	default:
		if failure.Applied {
			answer(httptest.NewRecorder(), r, call, nil)
		}
		refuse(w, failure.Status, failure.Code)
	}
}

type answerFunc func(w http.ResponseWriter, r *http.Request, call Call, failure *Failure)

func (s *S3) route(r *http.Request) (Call, answerFunc) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	call := func(operation string) Call { return Call{Operation: operation, Bucket: bucket, Key: key} }
	query, copied := r.URL.Query(), r.Header.Get("X-Amz-Copy-Source") != ""
	switch {
	case r.Method == http.MethodGet && key == "" && query.Get("list-type") == "2":
		return call("ListObjectsV2"), s.list
	case r.Method == http.MethodPost && key == "" && query.Has("delete"):
		return call("DeleteObjects"), s.deleteObjects
	case r.Method == http.MethodGet && key == "" && query.Has("uploads"):
		return call("ListMultipartUploads"), s.listUploads
	case r.Method == http.MethodGet && query.Has("uploadId"):
		return call("ListParts"), s.listParts
	case r.Method == http.MethodGet && key != "":
		return call("GetObject"), s.get
	case r.Method == http.MethodHead && key != "":
		return call("HeadObject"), s.get
	case r.Method == http.MethodPost && query.Has("uploads"):
		return call("CreateMultipartUpload"), s.createUpload
	case r.Method == http.MethodPut && query.Has("uploadId") && copied:
		return call("UploadPartCopy"), s.copyPart
	case r.Method == http.MethodPost && query.Has("uploadId"):
		return call("CompleteMultipartUpload"), s.completeUpload
	case r.Method == http.MethodDelete && query.Has("uploadId"):
		return call("AbortMultipartUpload"), s.abortUpload
	case r.Method == http.MethodPut && key != "" && copied:
		return call("CopyObject"), s.copyObject
	case r.Method == http.MethodPut && key != "" && len(query) <= 1:
		return call("PutObject"), s.put
	}
	return call("Unknown"), func(w http.ResponseWriter, _ *http.Request, _ Call, _ *Failure) {
		refuse(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func (s *S3) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func etag(body []byte) string {
	sum := md5.Sum(body) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

func multipartETag(parts [][]byte) string {
	var sums []byte
	for _, part := range parts {
		sum := md5.Sum(part) //nolint:gosec // as above
		sums = append(sums, sum[:]...)
	}
	return fmt.Sprintf("%s-%d", etag(sums), len(parts))
}
