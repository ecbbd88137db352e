package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// readEqual reads an object and its copy side by side. It takes as long as the
// object is large, and is the last resort: for objects without checksums, which
// were stored before S3 made one of every object, in parts or with a KMS key, and
// for those whose checksums contradict their copy. Checksums are not looked at.
func (r *route) readEqual(ctx context.Context, o object, key string) (bool, error) {
	source, err := r.open(ctx, r.from, o.key)
	if err != nil {
		return false, err
	}
	copied, err := r.open(ctx, r.to, key)
	if err != nil {
		return false, closeAfter(source, err)
	}
	equal, err := sameBytes(source, copied)
	if err := closeAfter(copied, closeAfter(source, err)); err != nil {
		return false, fault.New(fault.Transient, fmt.Errorf("compare s3://%s/%s with its copy: %w", r.from, o.key, err))
	}
	return equal, nil
}

func (r *route) open(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	out, err := r.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key}, func(o *s3.Options) {
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, awsfault.Classify(err))
	}
	return out.Body, nil
}

// sameBytes compares two streams to their ends.
func sameBytes(a, b io.Reader) (bool, error) {
	const chunk = 1 << 20
	x, y := bufio.NewReaderSize(a, chunk), bufio.NewReaderSize(b, chunk)
	for {
		left, errA := x.Peek(chunk)
		right, errB := y.Peek(chunk)
		for _, err := range []error{errA, errB} {
			if err != nil && !errors.Is(err, io.EOF) {
				return false, err //nolint:wrapcheck // the caller names the object
			}
		}
		if !bytes.Equal(left, right) {
			return false, nil
		}
		if errA != nil {
			return true, nil //nolint:nilerr // it is the end of the file
		}
		_, _ = x.Discard(len(left))  // it is buffered
		_, _ = y.Discard(len(right)) // it is buffered
	}
}

// closeAfter closes what was read and joins the errors.
func closeAfter(body io.Closer, err error) error { return errors.Join(err, body.Close()) }
