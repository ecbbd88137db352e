package archive

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// copyVerified makes sure that the archive holds the object. After it returns
// nil, and only then, the object may be deleted.
func (r *route) copyVerified(ctx context.Context, o object) error {
	there, err := r.head(ctx, r.to, r.target(o))
	if err != nil {
		return err
	}
	if there != nil {
		if done, err := r.isCopy(ctx, o, r.target(o), there); done || err != nil {
			return err
		}
	}
	for _, runID := range r.before {
		if there, err = r.head(ctx, r.to, targetOf(runID, o)); there == nil && err == nil {
			continue
		}
		if err != nil {
			return err
		}
		if done, err := r.isCopy(ctx, o, targetOf(runID, o), there); done || err != nil {
			return err
		}
	}
	err = r.copy(ctx, o)
	if err != nil && !hasCode(err, "NoSuchKey", "NotFound") {
		return classify(err)
	}
	there, err = r.head(ctx, r.to, r.target(o))
	if err != nil {
		return err
	}
	if there == nil {
		return fault.New(fault.Corrupt, fmt.Errorf("verify s3://%s/%s: there is no copy", r.to, r.target(o)))
	}
	match, err := r.compare(ctx, o, r.target(o), there)
	if err != nil {
		return err
	}
	if match == differs {
		return fault.New(fault.Corrupt, fmt.Errorf(
			"verify s3://%s/%s: %d bytes with ETag %s are no copy of %d bytes with ETag %s",
			r.to, r.target(o), aws.ToInt64(there.ContentLength), aws.ToString(there.ETag), o.size, o.etag))
	}
	return nil
}

// isCopy reports whether the object in the archive under a key is a copy of this
// very object, made by an earlier call that was ended before it deleted the original.
// If nothing proves it, the copy is made again: that costs time, not data.
func (r *route) isCopy(ctx context.Context, o object, key string, there *s3.HeadObjectOutput) (bool, error) {
	madeOf, ok := there.Metadata[sourceETag]
	if ok && madeOf == plainETag(o.etag) && aws.ToInt64(there.ContentLength) == o.size {
		return true, nil
	}
	match, err := r.compare(ctx, o, key, there)
	return match == same || match == damaged, err
}

// copy lets S3 copy the object. The copy fails if the object is not the one
// that was listed any more.
func (r *route) copy(ctx context.Context, o object) error {
	if o.size > r.options.MultipartAbove {
		return r.copyParts(ctx, o)
	}
	_, err := r.api.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &r.to, Key: aws.String(r.target(o)), StorageClass: types.StorageClassStandardIa,
		CopySource: aws.String(r.source(o)), CopySourceIfMatch: &o.etag,
	})
	return err //nolint:wrapcheck // the caller names the object
}

// source is the value of the header that names what to copy. The SDK does not
// encode it, and S3 decodes it as a query: a plus sign would be a space, so
// everything but slashes and plain letters is written as %XX.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
func (r *route) source(o object) string {
	escaped := strings.ReplaceAll(url.QueryEscape(o.key), "+", "%20")
	return r.from + "/" + strings.ReplaceAll(escaped, "%2F", "/")
}

// head describes an object, nil if there is none. The role needs s3:ListBucket
// for that: without it S3 answers 403 for a key that does not exist.
func (r *route) head(ctx context.Context, bucket, key string) (*s3.HeadObjectOutput, error) {
	out, err := r.api.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled,
	})
	if hasCode(err, "NoSuchKey", "NotFound") {
		return nil, nil //nolint:nilnil // no object is an answer, and the callers look
	}
	if err != nil {
		return nil, fmt.Errorf("look up s3://%s/%s: %w", bucket, key, awsfault.Classify(err))
	}
	return out, nil
}

// verdict is what a comparison of an object and its copy came to.
type verdict int

const (
	differs verdict = iota
	gone            // the same size, and no object any more to compare with
	damaged         // the same bytes, which are not those of the object's checksum
	same
)

// compare tells whether a copy equals an object. Equal ETags prove it. ETags
// that differ prove nothing unless both are MD5s of the content, which those
// of multipart uploads (a dash) and of KMS encryption are not:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
// Checksums over whole objects decide those cases where both sides have one,
// as S3 gives every new object a CRC-64. What neither decides is read, and so is
// what they contradict: S3 makes the ETag and the checksum of a copy of what it
// reads, so they tell when an object is not what was stored any more.
//
// An object that has gone since it was listed was deleted by another delivery
// of the same message, which had verified its copy.
func (r *route) compare(ctx context.Context, o object, key string, there *s3.HeadObjectOutput) (verdict, error) {
	if aws.ToInt64(there.ContentLength) != o.size {
		return differs, nil
	}
	if o.etag != "" && plainETag(o.etag) == plainETag(aws.ToString(there.ETag)) {
		return same, nil
	}
	source, err := r.head(ctx, r.from, o.key)
	if err != nil {
		return differs, err
	}
	isThere := source != nil
	if !isThere { // the listing is all that is known
		source = &s3.HeadObjectOutput{ETag: &o.etag}
	}
	copied := checksums(there)
	for i, sum := range checksums(source) {
		if sum != "" && copied[i] != "" {
			if sum == copied[i] {
				return same, nil
			}
			return r.contradicted(ctx, o, key, isThere)
		}
	}
	switch {
	case isMD5(source) && isMD5(there):
		return r.contradicted(ctx, o, key, isThere)
	case !isThere:
		return gone, nil
	}
	equal, err := r.readEqual(ctx, o, key)
	if equal {
		return same, err
	}
	return differs, err
}

// contradicted is the verdict on a copy that is another's by its checksum. If its
// bytes are those of the object all the same, the object is damaged.
func (r *route) contradicted(ctx context.Context, o object, key string, isThere bool) (verdict, error) {
	if !isThere {
		return differs, nil
	}
	equal, err := r.readEqual(ctx, o, key)
	if err != nil || !equal {
		return differs, err
	}
	r.notes.add(fmt.Sprintf("s3://%s/%s is damaged: its %d bytes are not those that its checksum (ETag %s) was made of; it was archived as it is, as s3://%s/%s",
		r.from, o.key, o.size, plainETag(o.etag), r.to, key))
	return damaged, nil
}

// checksums lists the checksums over the whole object, always in the same
// order; a composite one depends on how the object was cut into parts.
func checksums(head *s3.HeadObjectOutput) []string {
	sums := []string{
		aws.ToString(head.ChecksumCRC64NVME), aws.ToString(head.ChecksumSHA256), aws.ToString(head.ChecksumSHA1),
		aws.ToString(head.ChecksumCRC32C), aws.ToString(head.ChecksumCRC32),
	}
	for i, sum := range sums {
		if strings.Contains(sum, "-") || head.ChecksumType == types.ChecksumTypeComposite {
			sums[i] = ""
		}
	}
	return sums
}

func isMD5(head *s3.HeadObjectOutput) bool {
	switch head.ServerSideEncryption {
	case types.ServerSideEncryptionAwsKms, types.ServerSideEncryptionAwsKmsDsse:
		return false
	}
	etag := plainETag(aws.ToString(head.ETag))
	return etag != "" && !strings.Contains(etag, "-")
}

func plainETag(etag string) string { return strings.Trim(etag, `"`) }

// hasCode reports whether err is the service's and has one of the codes. A
// HEAD has no body: its 404 is NotFound where others say NoSuchKey.
func hasCode(err error, codes ...string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, api.ErrorCode())
}

// classify adds to the common table what means something here only. An object
// that changed after it was listed has to be listed again, and an upload that
// is gone has to be begun again, or was completed by a call whose answer got
// lost: both come right in the next call.
func classify(err error) error {
	if hasCode(err, "PreconditionFailed", "NoSuchUpload") {
		return fault.New(fault.Transient, err)
	}
	return awsfault.Classify(err)
}
