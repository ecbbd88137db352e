// Package document reads small objects of S3 whole: the plans, results, notes
// and records that the steps of a run leave for each other, and the summary of an
// export.
//
// What such an object says is the business of the package that wrote it. Data
// files and Parquet objects are not documents; they are streamed.
package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// Getter is what [Read] calls of S3.
type Getter interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Document is an object with what S3 says of it.
type Document struct {
	Body     []byte
	ETag     string
	Modified time.Time // by the clock of S3, to the second
}

// Read returns an object of at most so many bytes, a bound that the caller has
// the memory for. An error names it and has a kind: Transient for a connection
// that broke, Corrupt for an object that has more, or other bytes than its
// checksum says; what S3 says of the object comes with it, so that it can be
// replaced. Whether an object that is not there is a fault is for the caller to
// say: see [Missing].
func Read(ctx context.Context, api Getter, bucket, key string, most int) (Document, error) {
	out, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return Document{}, fmt.Errorf("get s3://%s/%s: %w", bucket, key, awsfault.Classify(err))
	}
	read := Document{ETag: aws.ToString(out.ETag), Modified: aws.ToTime(out.LastModified)}
	body, err := io.ReadAll(io.LimitReader(out.Body, int64(most)+1))
	if err := errors.Join(err, out.Body.Close()); err != nil {
		kind := fault.Transient
		if Damaged(err) {
			kind = fault.Corrupt
		}
		return read, fault.New(kind, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err))
	}
	if len(body) > most {
		return read, fault.New(fault.Corrupt, fmt.Errorf("read s3://%s/%s: it has more than %d bytes", bucket, key, most))
	}
	read.Body = body
	return read, nil
}

// Damaged reports whether an error of reading an object is the SDK's that it is
// not what its checksum in S3 was made of. A later read fails too. The SDK gives
// that error no type that can be asked for.
func Damaged(err error) bool { return strings.Contains(err.Error(), "checksum did not match") }

// Missing reports whether an error of [Read] says that there is no such object.
func Missing(err error) bool {
	_, missing := errors.AsType[*types.NoSuchKey](err)
	return missing
}
