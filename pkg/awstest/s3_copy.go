package awstest

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type upload struct {
	bucket, key string
	object      *Object
	parts       map[int][]byte
}

type copyResult struct {
	XMLName      xml.Name
	ETag         string
	LastModified string `xml:",omitempty"`
}

// source finds the object that the request copies from. S3 reads the header as
// a URL path, in which a plus sign is a space:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
func (s *S3) source(w http.ResponseWriter, r *http.Request) (*Object, bool) {
	from, err := url.QueryUnescape(r.Header.Get("X-Amz-Copy-Source"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidArgument")
		return nil, false
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(from, "/"), "/")
	if s.buckets[bucket] == nil {
		refuse(w, http.StatusNotFound, "NoSuchBucket")
		return nil, false
	}
	object, ok := s.buckets[bucket][key]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return nil, false
	}
	if want := r.Header.Get("X-Amz-Copy-Source-If-Match"); want != "" && strings.Trim(want, `"`) != object.ETag {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return nil, false
	}
	return object, true
}

// copyObject keeps metadata and content type, but not the storage class; the
// copy of a multipart object has a plain MD5 for an ETag.
func (s *S3) copyObject(w http.ResponseWriter, r *http.Request, call Call, _ *Failure) {
	source, ok := s.source(w, r)
	if !ok {
		return
	}
	if int64(len(source.Body)) > s.copyLimit {
		refuse(w, http.StatusBadRequest, "InvalidRequest")
		return
	}
	object := described(r)
	object.ContentType, object.Metadata = source.ContentType, maps.Clone(source.Metadata)
	object.Body, object.NoChecksum = slices.Clone(source.Body), source.NoChecksum
	object.ETag = etag(object.Body)
	if object.KMS = object.KMS || source.KMS; object.KMS {
		object.ETag = etag(append([]byte(call.Key), object.Body...))
	}
	s.store(call.Bucket, call.Key, object)
	answerXML(w, copyResult{
		XMLName: xml.Name{Local: "CopyObjectResult"}, ETag: quoted(object.ETag), LastModified: time.Now().UTC().Format(timeFormat),
	})
}

func (s *S3) createUpload(w http.ResponseWriter, r *http.Request, call Call, _ *Failure) {
	id := fmt.Sprintf("upload-%d", s.calls["CreateMultipartUpload"])
	s.uploads[id] = &upload{bucket: call.Bucket, key: call.Key, object: described(r), parts: map[int][]byte{}}
	answerXML(w, struct {
		XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket   string
		Key      string
		UploadID string `xml:"UploadId"`
	}{Bucket: call.Bucket, Key: call.Key, UploadID: id})
}

type listedUpload struct {
	Key       string
	UploadID  string `xml:"UploadId"`
	Initiated string
}

func (s *S3) listUploads(w http.ResponseWriter, r *http.Request, call Call, _ *Failure) {
	var listed []listedUpload
	for _, id := range slices.Sorted(maps.Keys(s.uploads)) {
		u := s.uploads[id]
		if u.bucket == call.Bucket && strings.HasPrefix(u.key, r.URL.Query().Get("prefix")) {
			listed = append(listed, listedUpload{Key: u.key, UploadID: id, Initiated: u.object.Modified.Format(timeFormat)})
		}
	}
	answerXML(w, struct {
		XMLName xml.Name       `xml:"ListMultipartUploadsResult"`
		Upload  []listedUpload `xml:"Upload"`
	}{Upload: listed})
}

type listedPart struct {
	PartNumber int
	ETag       string
	Size       int
}

func (s *S3) listParts(w http.ResponseWriter, r *http.Request, _ Call, _ *Failure) {
	upload, ok := s.uploads[r.URL.Query().Get("uploadId")]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	var listed []listedPart
	for _, number := range slices.Sorted(maps.Keys(upload.parts)) {
		body := upload.parts[number]
		listed = append(listed, listedPart{PartNumber: number, ETag: quoted(etag(body)), Size: len(body)})
	}
	answerXML(w, struct {
		XMLName xml.Name     `xml:"ListPartsResult"`
		Part    []listedPart `xml:"Part"`
	}{Part: listed})
}

func (s *S3) copyPart(w http.ResponseWriter, r *http.Request, _ Call, _ *Failure) {
	query := r.URL.Query()
	upload, ok := s.uploads[query.Get("uploadId")]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	source, ok := s.source(w, r)
	if !ok {
		return
	}
	var first, last int
	if _, err := fmt.Sscanf(r.Header.Get("X-Amz-Copy-Source-Range"), "bytes=%d-%d", &first, &last); err != nil ||
		first > last || last >= len(source.Body) {
		refuse(w, http.StatusBadRequest, "InvalidRange")
		return
	}
	number, err := strconv.Atoi(query.Get("partNumber"))
	if err != nil || number < 1 || number > 10000 {
		refuse(w, http.StatusBadRequest, "InvalidArgument")
		return
	}
	upload.parts[number] = slices.Clone(source.Body[first : last+1])
	answerXML(w, copyResult{
		XMLName: xml.Name{Local: "CopyPartResult"}, ETag: quoted(etag(upload.parts[number])), LastModified: time.Now().UTC().Format(timeFormat),
	})
}

type completion struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Part    []struct {
		PartNumber int
		ETag       string
	}
}

func (s *S3) completeUpload(w http.ResponseWriter, r *http.Request, call Call, _ *Failure) {
	id := r.URL.Query().Get("uploadId")
	upload, ok := s.uploads[id]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	var in completion
	if err := xml.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Part) == 0 {
		refuse(w, http.StatusBadRequest, "MalformedXML")
		return
	}
	var parts [][]byte
	for i, part := range in.Part {
		body, ok := upload.parts[part.PartNumber]
		switch {
		case i > 0 && part.PartNumber <= in.Part[i-1].PartNumber:
			refuse(w, http.StatusBadRequest, "InvalidPartOrder")
			return
		case !ok || strings.Trim(part.ETag, `"`) != etag(body):
			refuse(w, http.StatusBadRequest, "InvalidPart")
			return
		}
		parts = append(parts, body)
	}
	object := upload.object
	object.Body, object.ETag = slices.Concat(parts...), multipartETag(parts)
	s.store(call.Bucket, call.Key, object)
	delete(s.uploads, id)
	answerXML(w, copyResult{XMLName: xml.Name{Local: "CompleteMultipartUploadResult"}, ETag: quoted(object.ETag)})
}

func (s *S3) abortUpload(w http.ResponseWriter, r *http.Request, _ Call, _ *Failure) {
	id := r.URL.Query().Get("uploadId")
	if _, ok := s.uploads[id]; !ok {
		refuse(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	delete(s.uploads, id)
	w.WriteHeader(http.StatusNoContent)
}
