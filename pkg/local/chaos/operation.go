package chaos

import (
	"net/http"
	"strings"
)

// pointOf names a request to a service.
func pointOf(service string, r *http.Request) Point {
	caller := "function"
	if strings.Contains(r.UserAgent(), "app/") {
		caller = "service" // functions give themselves no name
	}
	operation := s3Operation(r)
	if service != "s3" {
		_, operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	}
	return Point(caller + " " + service + ":" + operation)
}

// s3Operation tells S3's operations apart, as far as the SDKs use them here:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
func s3Operation(r *http.Request) string {
	query := r.URL.Query()
	copies := r.Header.Get("X-Amz-Copy-Source") != ""
	part := query.Has("partNumber")
	switch r.Method {
	case http.MethodHead:
		return "HeadObject"
	case http.MethodDelete:
		if query.Has("uploadId") {
			return "AbortMultipartUpload"
		}
		return "DeleteObject"
	case http.MethodPost:
		switch {
		case query.Has("delete"):
			return "DeleteObjects"
		case query.Has("uploads"):
			return "CreateMultipartUpload"
		default:
			return "CompleteMultipartUpload"
		}
	case http.MethodPut:
		switch {
		case copies && part:
			return "UploadPartCopy"
		case copies:
			return "CopyObject"
		case part:
			return "UploadPart"
		default:
			return "PutObject"
		}
	}
	switch {
	case query.Has("list-type"):
		return "ListObjectsV2"
	case query.Has("uploadId"):
		return "ListParts"
	case query.Has("uploads"):
		return "ListMultipartUploads"
	case strings.Contains(r.URL.Path, "/AWSDynamoDB/") && strings.Contains(r.URL.Path, "/data/"):
		return "GetObject(data)"
	default:
		return "GetObject"
	}
}

// code is how a service says that it is too busy, or broken.
func code(service string, kind Kind) (string, int) {
	switch {
	case kind == Throttled && service == "s3":
		return "SlowDown", http.StatusServiceUnavailable
	case kind == Throttled:
		return "ThrottlingException", http.StatusBadRequest
	case service == "s3":
		return "InternalError", http.StatusInternalServerError
	case service == "dynamodb":
		return "InternalServerError", http.StatusInternalServerError
	case service == "redshift-data":
		return "InternalServerException", http.StatusInternalServerError
	default:
		return "InternalFailure", http.StatusInternalServerError
	}
}
