package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// unfinished is what runs/archiving-<source>.json holds while a bucket is being
// archived: the runs that began to and did not finish. They may have
// copied objects and not deleted them yet, and one copy of an object
// is enough.
type unfinished struct {
	RunIDs []string `json:"runIds"` // in the order they began
}

// maxNote bounds what is read of it, in bytes: an id has at most 80.
const maxNote = 1 << 20

// begin writes down that this run archives, and returns the other runs that
// did not finish it. A note that is damaged is replaced: without it,
// an object may be archived twice, and none is lost.
func (a *Archiver) begin(ctx context.Context, in Input, odd *notes) ([]string, error) {
	key := lakedoc.ArchivingKey(in.Source)
	left, err := a.readUnfinished(ctx, key)
	if fault.KindOf(err) == fault.Corrupt {
		odd.add(fmt.Sprintf("the note of unfinished archiving was damaged and is replaced, so that an object may be archived twice: %v", err))
		left, err = unfinished{}, nil
	}
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(slices.Clone(left.RunIDs), func(id string) bool { return id == in.RunID })
	if len(others) < len(left.RunIDs) {
		return others, nil
	}
	body, err := json.Marshal(unfinished{RunIDs: append(left.RunIDs, in.RunID)})
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", key, err)
	}
	_, err = a.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &a.buckets.Lake, Key: &key, ContentType: aws.String("application/json"), Body: strings.NewReader(string(body)),
	})
	if err != nil {
		return nil, fmt.Errorf("write s3://%s/%s: %w", a.buckets.Lake, key, awsfault.Classify(err))
	}
	return others, nil
}

func (a *Archiver) readUnfinished(ctx context.Context, key string) (unfinished, error) {
	note, err := document.Read(ctx, a.api, a.buckets.Lake, key, maxNote)
	if document.Missing(err) {
		return unfinished{}, nil
	}
	if err != nil {
		return unfinished{}, err //nolint:wrapcheck // names the object
	}
	left, err := decodeUnfinished(note.Body)
	if err != nil {
		return unfinished{}, fault.New(fault.Corrupt, fmt.Errorf("decode s3://%s/%s: %w", a.buckets.Lake, key, err))
	}
	return left, nil
}

// decodeUnfinished reads a note. Each id is a part of keys that are looked at,
// so one that a run cannot have is not an id.
func decodeUnfinished(note []byte) (unfinished, error) {
	var left unfinished
	decoder := json.NewDecoder(bytes.NewReader(note))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&left); err != nil {
		return unfinished{}, err //nolint:wrapcheck // the caller names the object
	}
	for i, id := range left.RunIDs {
		if id == "" || strings.Contains(id, "/") || slices.Contains(left.RunIDs[:i], id) {
			return unfinished{}, fmt.Errorf("entry %d, %q, names no run or one that stands there already", i, id)
		}
	}
	return left, nil
}

// end clears up once nothing is left to move: the uploads that earlier runs
// left open, and the note of who has not finished.
func (a *Archiver) end(ctx context.Context, r *route, in Input) error {
	for _, bucket := range []string{r.from, r.to} {
		if err := r.abortEarlier(ctx, bucket); err != nil {
			return err
		}
	}
	note := route{api: a.api, from: a.buckets.Lake}
	return note.remove(ctx, []object{{key: lakedoc.ArchivingKey(in.Source)}})
}

// abortEarlier aborts the multipart uploads of earlier runs, which nobody will
// complete. S3 bills their parts until somebody does this:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
func (r *route) abortEarlier(ctx context.Context, bucket string) error {
	uploads, err := r.openUploads(ctx, bucket, "")
	if err != nil {
		return err
	}
	for _, upload := range uploads {
		if !earlier(aws.ToString(upload.Key), r.isOwn) || !r.mayTouch(upload.Initiated) {
			continue
		}
		if err := r.abort(ctx, bucket, upload); err != nil {
			return awsfault.Classify(err)
		}
	}
	return nil
}

// openUploads lists the multipart uploads below a prefix that are neither
// completed nor aborted.
func (r *route) openUploads(ctx context.Context, bucket, prefix string) ([]types.MultipartUpload, error) {
	var uploads []types.MultipartUpload
	pages := s3.NewListMultipartUploadsPaginator(r.api, &s3.ListMultipartUploadsInput{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list uploads of s3://%s: %w", bucket, awsfault.Classify(err))
		}
		uploads = append(uploads, page.Uploads...)
	}
	return uploads, nil
}

// abort aborts an upload, unless somebody else has ended it.
func (r *route) abort(ctx context.Context, bucket string, upload types.MultipartUpload) error {
	_, err := r.api.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &bucket, Key: upload.Key, UploadId: upload.UploadId,
	})
	if err != nil && !hasCode(err, "NoSuchUpload") {
		return fmt.Errorf("abort upload %s of %q: %w", aws.ToString(upload.UploadId), aws.ToString(upload.Key), err)
	}
	return nil
}
