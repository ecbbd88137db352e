package s3

import (
	"context"
	"errors"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// CopyObject copies an object. The copy's class is the one asked for, never the
// source's: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
func (c *classed) CopyObject(
	ctx context.Context, in s3response.CopyObjectInput,
) (s3response.CopyObjectOutput, error) {
	metadata, err := withClass(ctx, in.Metadata)
	if err == nil {
		err = c.checkKey(*in.Bucket, *in.Key)
	}
	if err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	if headerOf(ctx, headerIfNoneMatch) == "*" {
		if err := c.refuseExisting(ctx, in); err != nil {
			return s3response.CopyObjectOutput{}, err
		}
	}
	if in.MetadataDirective == types.MetadataDirectiveReplace {
		in.Metadata = metadata
		return c.Backend.CopyObject(ctx, in)
	}
	return c.copyWithMetadata(ctx, in)
}

// copyWithMetadata serves the directive COPY. The class is part of the metadata,
// so the source's metadata is read, given the new class and passed on with the
// directive REPLACE.
func (c *classed) copyWithMetadata(
	ctx context.Context, in s3response.CopyObjectInput,
) (s3response.CopyObjectOutput, error) {
	bucket, key, version, err := backend.ParseCopySource(*in.CopySource)
	if err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	isSelf := bucket == *in.Bucket && key == *in.Key
	if isSelf && headerOf(ctx, headerClass) == "" {
		// S3 refuses a copy onto itself that changes nothing, and so does the
		// backend as long as the directive is COPY.
		return c.Backend.CopyObject(ctx, in)
	}
	source, err := c.Backend.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: &bucket, Key: &key, VersionId: &version})
	if err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	in.Metadata, err = withClass(ctx, source.Metadata)
	if err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	in.MetadataDirective = types.MetadataDirectiveReplace
	in.ContentType = source.ContentType
	in.ContentEncoding = source.ContentEncoding
	in.ContentDisposition = source.ContentDisposition
	in.ContentLanguage = source.ContentLanguage
	in.CacheControl = source.CacheControl
	in.Expires = source.ExpiresString
	return c.Backend.CopyObject(ctx, in)
}

// refuseExisting serves If-None-Match: * of a copy, which versitygw does not
// read. Unlike S3's, the check and the copy are two steps.
func (c *classed) refuseExisting(ctx context.Context, in s3response.CopyObjectInput) error {
	_, err := c.Backend.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: in.Bucket, Key: in.Key})
	if err == nil {
		return s3err.GetAPIError(s3err.ErrPreconditionFailed)
	}
	if errors.Is(err, s3err.GetAPIError(s3err.ErrNoSuchKey)) {
		return nil
	}
	return err
}
