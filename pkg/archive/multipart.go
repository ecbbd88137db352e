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

// copyParts copies an object that is too large for one CopyObject. When time is
// up it leaves its upload open, and the next call for this run goes on with the
// parts that are missing; whatever else goes wrong, it leaves nothing behind.
func (r *route) copyParts(ctx context.Context, o object) error {
	upload, have, err := r.resumeUpload(ctx, o)
	if err == nil && upload.UploadId == nil {
		upload, err = r.createUpload(ctx, o)
	}
	if err != nil {
		return err
	}
	err = r.fillUpload(ctx, o, upload, have)
	if err == nil || stopped(ctx, err) {
		return err
	}
	// Parts of an upload that nobody ends are billed for ever. This must
	// happen even when ctx has ended.
	aborting, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	if abortErr := r.abort(aborting, r.to, upload); abortErr != nil {
		return fmt.Errorf("%w, and %w", err, abortErr)
	}
	return err
}

// resumeUpload finds the upload that an earlier call began for the object, and
// its parts by number. There is none if the upload has no id. Objects are
// written once, so it is of this very object; if it is not, the copy does not
// verify and is made again.
func (r *route) resumeUpload(ctx context.Context, o object) (types.MultipartUpload, map[int32]types.Part, error) {
	var found types.MultipartUpload
	uploads, err := r.openUploads(ctx, r.to, r.target(o))
	if err != nil {
		return found, nil, err
	}
	for _, upload := range uploads {
		if aws.ToString(upload.Key) == r.target(o) {
			found = upload
		}
	}
	have := map[int32]types.Part{}
	if found.UploadId == nil {
		return found, have, nil
	}
	pages := s3.NewListPartsPaginator(r.api, &s3.ListPartsInput{Bucket: &r.to, Key: found.Key, UploadId: found.UploadId})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, nil, fmt.Errorf("list parts of upload %s: %w", aws.ToString(found.UploadId), err)
		}
		for _, part := range page.Parts {
			have[aws.ToInt32(part.PartNumber)] = part
		}
	}
	return found, have, nil
}

// createUpload begins the copy with the headers and metadata of the object,
// which S3 copies by itself only in CopyObject. Tags are not copied.
func (r *route) createUpload(ctx context.Context, o object) (types.MultipartUpload, error) {
	var none types.MultipartUpload
	head, err := r.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &r.from, Key: &o.key, IfMatch: &o.etag})
	if err != nil {
		return none, fmt.Errorf("look up source: %w", err)
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
		return none, fmt.Errorf("begin upload: %w", err)
	}
	if aws.ToString(upload.UploadId) == "" {
		return none, errors.New("begin upload: the answer names no upload")
	}
	return types.MultipartUpload{Key: aws.String(r.target(o)), UploadId: upload.UploadId}, nil
}

// fillUpload copies the parts that the upload does not have and completes it.
func (r *route) fillUpload(ctx context.Context, o object, upload types.MultipartUpload, have map[int32]types.Part) error {
	size := max(r.options.PartSize, (o.size+maxParts-1)/maxParts)
	parts := make([]types.CompletedPart, (o.size+size-1)/size)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(r.options.Parts)
	for i := range parts {
		number, first := int32(i+1), int64(i)*size //nolint:gosec // at most maxParts
		last := min(first+size, o.size) - 1
		if part, ok := have[number]; ok && aws.ToInt64(part.Size) == last-first+1 {
			parts[i] = types.CompletedPart{
				PartNumber: &number, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32, ChecksumCRC32C: part.ChecksumCRC32C,
				ChecksumCRC64NVME: part.ChecksumCRC64NVME, ChecksumSHA1: part.ChecksumSHA1, ChecksumSHA256: part.ChecksumSHA256,
			}
			continue
		}
		group.Go(func() error {
			part, err := r.copyPart(groupCtx, o, upload, number, first, last)
			parts[i] = part
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err //nolint:wrapcheck // wrapped where it arose
	}
	_, err := r.api.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &r.to, Key: upload.Key, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err != nil {
		return fmt.Errorf("complete upload: %w", err)
	}
	return nil
}

// copyPart copies the bytes from first to last. The checksums belong to the
// part as S3 got it; without them an upload that has checksums is not completed.
func (r *route) copyPart(
	ctx context.Context, o object, upload types.MultipartUpload, number int32, first, last int64,
) (types.CompletedPart, error) {
	out, err := r.api.UploadPartCopy(ctx, &s3.UploadPartCopyInput{
		Bucket: &r.to, Key: upload.Key, UploadId: upload.UploadId, PartNumber: &number,
		CopySource: aws.String(r.source(o)), CopySourceIfMatch: &o.etag,
		CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", first, last)),
	})
	if err != nil {
		return types.CompletedPart{}, fmt.Errorf("part %d: %w", number, err)
	}
	if out.CopyPartResult == nil {
		return types.CompletedPart{}, fmt.Errorf("part %d: the answer is empty", number)
	}
	r.parts.Add(1)
	return types.CompletedPart{
		PartNumber: &number, ETag: out.CopyPartResult.ETag,
		ChecksumCRC32: out.CopyPartResult.ChecksumCRC32, ChecksumCRC32C: out.CopyPartResult.ChecksumCRC32C,
		ChecksumCRC64NVME: out.CopyPartResult.ChecksumCRC64NVME, ChecksumSHA1: out.CopyPartResult.ChecksumSHA1,
		ChecksumSHA256: out.CopyPartResult.ChecksumSHA256,
	}, nil
}
