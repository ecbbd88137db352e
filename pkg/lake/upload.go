package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
)

const (
	// partBytes is the size of an upload part: the least that S3 takes, because
	// every open object holds up to three in memory. 10,000 of them, the most
	// that an object may have, are more than any data file becomes.
	partBytes = 5 << 20
	// partsInFlight bounds the parts of one object on their way to S3.
	partsInFlight = 2
	// abortTimeout is how long a given-up upload may take to be removed.
	abortTimeout = 30 * time.Second
)

// errAbandoned ends an upload that must not become an object.
var errAbandoned = errors.New("the upload was abandoned") //nolint:gochecknoglobals // a sentinel

// upload streams one object to S3. The object appears when Commit returns, and
// never if Abandon was called: a multipart upload is completed, and a single
// PUT is sent, only after the writer has ended without an error.
type upload struct {
	key   string
	pipe  *io.PipeWriter
	done  chan uploaded
	ended bool
}

// uploaded is how an upload ended.
type uploaded struct {
	etag string
	err  error
}

func newUploader(api transfermanager.S3APIClient) *transfermanager.Client {
	return transfermanager.New(api, func(o *transfermanager.Options) {
		o.PartSizeBytes = partBytes
		o.MultipartUploadThreshold = partBytes
		o.Concurrency = partsInFlight
		o.FailTimeout = abortTimeout
	})
}

func startUpload(ctx context.Context, client *transfermanager.Client, bucket, key string) *upload {
	reader, writer := io.Pipe()
	u := &upload{key: key, pipe: writer, done: make(chan uploaded, 1)}
	go func() {
		out, err := client.UploadObject(ctx, &transfermanager.UploadObjectInput{Bucket: &bucket, Key: &key, Body: reader})
		end := uploaded{}
		switch {
		case err != nil:
			end.err = fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
		case out.ETag == nil:
			end.err = fmt.Errorf("put s3://%s/%s: S3 gives the object no ETag", bucket, key)
		default:
			end.etag = *out.ETag
		}
		// A writer that is still busy gets the error instead of waiting for a
		// reader that is gone.
		_ = reader.CloseWithError(end.err) //nolint:errcheck // always nil
		u.done <- end
	}()
	return u
}

// Write sends bytes on their way.
func (u *upload) Write(p []byte) (int, error) {
	return u.pipe.Write(p) //nolint:wrapcheck // the reader's error says what and where
}

// Commit ends the object, waits until it is there, and returns its ETag.
func (u *upload) Commit() (etag string, err error) {
	u.ended = true
	if err := u.pipe.Close(); err != nil {
		return "", fmt.Errorf("end upload %s: %w", u.key, err)
	}
	end := <-u.done
	return end.etag, end.err
}

// Abandon gives the object up and waits until nothing of it is left. After
// Commit it does nothing: the object is there, and a repeat replaces it.
func (u *upload) Abandon() {
	if u.ended {
		return
	}
	u.ended = true
	_ = u.pipe.CloseWithError(errAbandoned) //nolint:errcheck // always nil
	<-u.done
}
