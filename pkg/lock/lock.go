package lock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// key is where the lock is in the lake bucket.
const key = "runs/lock.json"

// maxLock bounds what is read of the lock, which has a few hundred bytes.
const maxLock = 64 << 10

// holder is the content of the lock.
type holder struct {
	RunID     string `json:"runId"`
	Execution string `json:"execution"` // ARN
	Previous  string `json:"previous"`  // run id of the holder before; empty for the first
}

func (h holder) encode() (*bytes.Reader, error) {
	body, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", key, err)
	}
	return bytes.NewReader(body), nil
}

func decode(body []byte) (holder, error) {
	var h holder
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&h); err != nil {
		return holder{}, err //nolint:wrapcheck // read names the object
	}
	if h.RunID == "" || h.Execution == "" {
		return holder{}, errors.New("it names no execution")
	}
	return h, nil
}

type reader interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// object is what S3 says of the lock.
type object struct {
	etag     string
	modified time.Time // by the clock of S3, to the second
}

// read returns the holder and the object that names it. Nobody has ever held a
// lock that is not there: both are then empty.
func read(ctx context.Context, api reader, bucket string) (holder, object, error) {
	out, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: aws.String(key)})
	if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
		return holder{}, object{}, nil
	}
	if err != nil {
		return holder{}, object{}, fmt.Errorf("get s3://%s/%s: %w", bucket, key, awsfault.Classify(err))
	}
	body, err := io.ReadAll(io.LimitReader(out.Body, maxLock))
	if err := errors.Join(err, out.Body.Close()); err != nil {
		return holder{}, object{}, fault.New(fault.Transient, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err))
	}
	h, err := decode(body)
	if err != nil {
		return holder{}, object{}, fault.New(fault.Invalid, fmt.Errorf(
			"decode s3://%s/%s: %w; delete the object if no run is going on", bucket, key, err))
	}
	return h, object{etag: aws.ToString(out.ETag), modified: aws.ToTime(out.LastModified)}, nil
}

// changed reports whether a conditional write found another object than it
// asked for, or another write at work on it.
func changed(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && (api.ErrorCode() == "PreconditionFailed" || api.ErrorCode() == "ConditionalRequestConflict")
}
