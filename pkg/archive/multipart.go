package archive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// maxParts is how many parts S3 takes for one object:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const maxParts = 10_000

// sourceETag is the metadata that says which object a copy in parts was made
// of: its own ETag depends on the parts and cannot say it.
const sourceETag = "nightstar-source-etag"

// abortTime is how long an unfinished upload may take to abort. It is taken
// from the reserve before the deadline.
const abortTime = 10 * time.Second

// copyParts copies an object that is too large for one CopyObject. It leaves
// nothing behind when it fails, but cannot be resumed: parts that were copied
// are copied again. At the speed at which S3 copies, several parts at a time,
// one call is enough for a terabyte.
func (r *route) copyParts(ctx context.Context, o object) error {
	upload, err := r.createUpload(ctx, o)
	if err != nil {
		return err
	}
	err = r.fillUpload(ctx, o, upload)
	if err == nil {
		return nil
	}
	// Parts of an upload that nobody ends are billed for ever. This must
	// happen even when ctx has ended.
	aborting, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	_, abortErr := r.api.AbortMultipartUpload(aborting, &s3.AbortMultipartUploadInput{
		Bucket: upload.Bucket, Key: upload.Key, UploadId: upload.UploadId,
	})
	if abortErr != nil && !hasCode(abortErr, "NoSuchUpload") {
		return fmt.Errorf("%w, and abort upload %s: %w", err, aws.ToString(upload.UploadId), abortErr)
	}
	return err
}

// createUpload begins the copy with the headers and metadata of the object,
// which S3 copies by itself only in CopyObject. Tags are not copied.
func (r *route) createUpload(ctx context.Context, o object) (*s3.CreateMultipartUploadOutput, error) {
	head, err := r.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &r.from, Key: &o.key, IfMatch: &o.etag})
	if err != nil {
		return nil, fmt.Errorf("look up source: %w", err)
	}
	metadata := maps.Clone(head.Metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	metadata[sourceETag] = plainETag(o.etag)
	upload, err := r.api.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &r.to, Key: aws.String(r.target(o)), StorageClass: types.StorageClassStandardIa, Metadata: metadata,
		ContentType: head.ContentType, ContentEncoding: head.ContentEncoding, ContentLanguage: head.ContentLanguage,
		ContentDisposition: head.ContentDisposition, CacheControl: head.CacheControl,
	})
	if err != nil {
		return nil, fmt.Errorf("begin upload: %w", err)
	}
	if aws.ToString(upload.UploadId) == "" {
		return nil, errors.New("begin upload: the answer names no upload")
	}
	upload.Bucket, upload.Key = &r.to, aws.String(r.target(o))
	return upload, nil
}

func (r *route) fillUpload(ctx context.Context, o object, upload *s3.CreateMultipartUploadOutput) error {
	size := max(r.options.PartSize, (o.size+maxParts-1)/maxParts)
	parts := make([]types.CompletedPart, (o.size+size-1)/size)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(r.options.Parts)
	for i := range parts {
		number, first := aws.Int32(int32(i+1)), int64(i)*size //nolint:gosec // at most maxParts
		last := min(first+size, o.size) - 1
		group.Go(func() error {
			out, err := r.api.UploadPartCopy(groupCtx, &s3.UploadPartCopyInput{
				Bucket: upload.Bucket, Key: upload.Key, UploadId: upload.UploadId, PartNumber: number,
				CopySource: aws.String(r.source(o)), CopySourceIfMatch: &o.etag,
				CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", first, last)),
			})
			if err != nil {
				return fmt.Errorf("part %d: %w", *number, err)
			}
			if out.CopyPartResult == nil {
				return fmt.Errorf("part %d: the answer is empty", *number)
			}
			// The checksums belong to the part as S3 got it; without them an
			// upload that has checksums is not completed.
			parts[i] = types.CompletedPart{
				PartNumber: number, ETag: out.CopyPartResult.ETag,
				ChecksumCRC32: out.CopyPartResult.ChecksumCRC32, ChecksumCRC32C: out.CopyPartResult.ChecksumCRC32C,
				ChecksumCRC64NVME: out.CopyPartResult.ChecksumCRC64NVME, ChecksumSHA1: out.CopyPartResult.ChecksumSHA1,
				ChecksumSHA256: out.CopyPartResult.ChecksumSHA256,
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err //nolint:wrapcheck // wrapped where it arose
	}
	_, err := r.api.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: upload.Bucket, Key: upload.Key, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err != nil {
		return fmt.Errorf("complete upload: %w", err)
	}
	return nil
}
