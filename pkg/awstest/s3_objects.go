package awstest

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"hash/crc64"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// timeFormat is how S3 spells when an object was last modified in a listing.
const timeFormat = "2006-01-02T15:04:05.000Z"

const metadataHeader = "X-Amz-Meta-"

// maxBatch is how many keys one DeleteObjects may name:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
const maxBatch = 1000

func (s *S3) put(w http.ResponseWriter, r *http.Request, call Call, _ *Failure) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	current, there := s.buckets[call.Bucket][call.Key]
	want := r.Header.Get("If-Match")
	switch {
	case want != "" && !there:
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	case want != "" && want != quoted(current.ETag), r.Header.Get("If-None-Match") == "*" && there:
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	object := described(r)
	object.Body, object.ETag = body, etag(body)
	s.store(call.Bucket, call.Key, object)
	w.Header().Set("Etag", quoted(object.ETag))
}

// described is an empty object with the properties that a request's headers name.
func described(r *http.Request) *Object {
	object := &Object{
		Modified:     time.Now().UTC(),
		StorageClass: r.Header.Get("X-Amz-Storage-Class"),
		ContentType:  r.Header.Get("Content-Type"),
		Metadata:     map[string]string{},
		KMS:          r.Header.Get("X-Amz-Server-Side-Encryption") == "aws:kms",
	}
	for name := range r.Header {
		if key, ok := strings.CutPrefix(name, metadataHeader); ok {
			object.Metadata[strings.ToLower(key)] = r.Header.Get(name)
		}
	}
	return object
}

func (s *S3) get(w http.ResponseWriter, r *http.Request, call Call, failure *Failure) {
	object, ok := s.buckets[call.Bucket][call.Key]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	h := w.Header()
	h.Set("Etag", quoted(object.ETag))
	h.Set("Last-Modified", object.Modified.Format(http.TimeFormat))
	h.Set("Content-Length", strconv.Itoa(len(object.Body)))
	h.Set("Content-Type", object.ContentType)
	if object.StorageClass != "" {
		h.Set("X-Amz-Storage-Class", object.StorageClass)
	}
	if object.KMS {
		h.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	}
	for key, value := range object.Metadata {
		h.Set(metadataHeader+key, value)
	}
	if r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" && !object.NoChecksum {
		sum := checksum(object.Body)
		if object.Damaged {
			sum = checksum([]byte("what was stored"))
		}
		h.Set("X-Amz-Checksum-Crc64nvme", sum)
		h.Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	}
	if r.Method == http.MethodHead {
		return
	}
	body := object.Body
	if failure != nil && failure.Cut {
		body = body[:len(body)/2]
	}
	if _, err := w.Write(body); err != nil || len(body) < len(object.Body) {
		_ = http.NewResponseController(w).Flush() // what was written arrives
		panic(http.ErrAbortHandler)               // and then the connection breaks off
	}
}

// checksum is CRC-64/NVME, which S3 computes for every object by itself:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
func checksum(body []byte) string {
	sum := crc64.Checksum(body, crc64.MakeTable(0x9a6c9329ac4bc9b5))
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, sum))
}

type listing struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name                  string
	Prefix                string
	KeyCount              int
	MaxKeys               int
	IsTruncated           bool
	NextContinuationToken string `xml:",omitempty"`
	Contents              []listed
	CommonPrefixes        []commonPrefix
}

type commonPrefix struct{ Prefix string }

type listed struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
	StorageClass string
}

// list pages by key: a continuation token is the last key that was returned,
// so deleting what was listed disturbs nothing, as at S3.
func (s *S3) list(w http.ResponseWriter, r *http.Request, call Call, _ *Failure) {
	query := r.URL.Query()
	out := listing{Name: call.Bucket, Prefix: query.Get("prefix"), MaxKeys: s.pageSize}
	after := query.Get("continuation-token")
	size := s.pageSize
	if n, err := strconv.Atoi(query.Get("max-keys")); err == nil {
		size = min(size, n)
	}
	found := map[string]bool{}
	for key := range s.buckets[call.Bucket] {
		if !strings.HasPrefix(key, out.Prefix) {
			continue
		}
		if key = group(key, out.Prefix, query.Get("delimiter")); key > after {
			found[key] = true
		}
	}
	keys := slices.Sorted(maps.Keys(found))
	if len(keys) > size {
		keys = keys[:size]
		out.IsTruncated, out.NextContinuationToken = true, keys[len(keys)-1]
	}
	for _, key := range keys {
		object, ok := s.buckets[call.Bucket][key]
		if !ok {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{Prefix: key})
			continue
		}
		out.Contents = append(out.Contents, listed{
			Key: key, ETag: quoted(object.ETag), Size: len(object.Body), StorageClass: object.StorageClass,
			LastModified: object.Modified.Format(timeFormat),
		})
	}
	out.KeyCount = len(keys)
	answerXML(w, out)
}

// group is the prefix that a key is listed under: up to the delimiter, and with
// it. A key without one stands for itself.
func group(key, prefix, delimiter string) string {
	if before, _, ok := strings.Cut(key[len(prefix):], delimiter); ok && delimiter != "" {
		return prefix + before + delimiter
	}
	return key
}

type deletion struct {
	XMLName xml.Name `xml:"Delete"`
	Object  []struct{ Key string }
	Quiet   bool
}

type deletionResult struct {
	XMLName xml.Name `xml:"DeleteResult"`
	Deleted []deleted
	Error   []deletionError
}

type deleted struct{ Key string }

type deletionError struct{ Key, Code, Message string }

func (s *S3) deleteObjects(w http.ResponseWriter, r *http.Request, call Call, failure *Failure) {
	var in deletion
	if err := xml.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Object) == 0 || len(in.Object) > maxBatch {
		refuse(w, http.StatusBadRequest, "MalformedXML")
		return
	}
	var out deletionResult
	for _, object := range in.Object {
		if failure != nil && slices.Contains(failure.Keys, object.Key) {
			out.Error = append(out.Error, deletionError{Key: object.Key, Code: failure.Code, Message: "refused"})
			continue
		}
		delete(s.buckets[call.Bucket], object.Key)
		if !in.Quiet {
			out.Deleted = append(out.Deleted, deleted{Key: object.Key})
		}
	}
	answerXML(w, out)
}

func quoted(etag string) string { return `"` + etag + `"` }

func answerXML(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/xml")
	encoded, err := xml.Marshal(body)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(encoded)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>refused by the test's S3</Message></Error>")
}
