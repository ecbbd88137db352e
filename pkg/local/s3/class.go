package s3

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// classed adds storage classes to a backend that knows only STANDARD. A class
// travels as one entry of the object's user metadata, which the backend writes
// together with the object and carries from an upload to the completed object;
// no client ever sees the entry.
type classed struct {
	backend.Backend

	store meta.MetadataStorer
}

const (
	// classEntry is the entry of the user metadata that holds the class.
	classEntry = "nightstar-storage-class"
	// metadataAttribute is where versitygw keeps the user metadata, as a JSON
	// object. Reading it alone makes a listing several times faster than a
	// HeadObject for each key.
	metadataAttribute = "metadata"
)

// withClass returns user metadata that also holds the class of the request.
func withClass(ctx context.Context, metadata map[string]string) (map[string]string, error) {
	class := headerOf(ctx, headerClass)
	if class == "" {
		class = string(types.StorageClassStandard)
	}
	if !slices.Contains(types.StorageClass("").Values(), types.StorageClass(class)) {
		return nil, s3err.APIError{
			Code:           "InvalidStorageClass",
			Description:    "The storage class you specified is not valid",
			HTTPStatusCode: http.StatusBadRequest,
		}
	}
	merged := map[string]string{}
	maps.Copy(merged, metadata)
	merged[classEntry] = class
	return merged, nil
}

// takeClass removes the class from user metadata. Like S3 it returns nothing
// for STANDARD, which HeadObject and GetObject report by leaving the header
// out: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
func takeClass(metadata map[string]string) types.StorageClass {
	class := types.StorageClass(metadata[classEntry])
	delete(metadata, classEntry)
	if class == types.StorageClassStandard {
		return ""
	}
	return class
}

// checkKey refuses a key that a file system takes for another one, such as a//b
// for a/b. S3 has no such rule, but to store one key under the name of another
// would be worse.
func (c *classed) checkKey(bucket, key string) error {
	if c.NormalizeObjectKey(bucket, key) == strings.TrimSuffix(key, "/") {
		return nil
	}
	return s3err.APIError{
		Code: "InvalidRequest", HTTPStatusCode: http.StatusBadRequest,
		Description: "The local S3 keeps objects as files and cannot store a key with an empty, . or .. component",
	}
}

// classOf reads the class of an object, STANDARD for a file that was put into
// the folder by other means.
func (c *classed) classOf(bucket, key string) (types.StorageClass, error) {
	const standard = types.StorageClassStandard
	raw, err := c.store.RetrieveAttribute(nil, bucket, key, metadataAttribute)
	if errors.Is(err, meta.ErrNoSuchKey) || errors.Is(err, fs.ErrNotExist) {
		return standard, nil
	}
	if err != nil {
		return "", fmt.Errorf("read metadata of %s/%s: %w", bucket, key, err)
	}
	var metadata map[string]string
	if err := json.Unmarshal(raw, &metadata); err != nil {
		return "", fmt.Errorf("decode metadata of %s/%s: %w", bucket, key, err)
	}
	if class := metadata[classEntry]; class != "" {
		return types.StorageClass(class), nil
	}
	return standard, nil
}

// PutObject stores an object with the class of the request.
func (c *classed) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	metadata, err := withClass(ctx, in.Metadata)
	if err == nil {
		err = c.checkKey(*in.Bucket, *in.Key)
	}
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	in.Metadata = metadata
	return c.Backend.PutObject(ctx, in)
}

// CreateMultipartUpload begins an upload whose object gets the class of the request.
func (c *classed) CreateMultipartUpload(
	ctx context.Context, in s3response.CreateMultipartUploadInput,
) (s3response.InitiateMultipartUploadResult, error) {
	metadata, err := withClass(ctx, in.Metadata)
	if err == nil {
		err = c.checkKey(*in.Bucket, *in.Key)
	}
	if err != nil {
		return s3response.InitiateMultipartUploadResult{}, err
	}
	in.Metadata = metadata
	return c.Backend.CreateMultipartUpload(ctx, in)
}

// HeadObject reports an object with its class.
func (c *classed) HeadObject(ctx context.Context, in *awss3.HeadObjectInput) (*awss3.HeadObjectOutput, error) {
	if c.checkKey(*in.Bucket, *in.Key) != nil {
		return nil, s3err.GetAPIError(s3err.ErrNoSuchKey)
	}
	out, err := c.Backend.HeadObject(ctx, in)
	if out != nil {
		out.StorageClass = takeClass(out.Metadata)
	}
	return out, err
}

// GetObject reads an object and reports its class.
func (c *classed) GetObject(ctx context.Context, in *awss3.GetObjectInput) (*awss3.GetObjectOutput, error) {
	if c.checkKey(*in.Bucket, *in.Key) != nil {
		return nil, s3err.GetAPIError(s3err.ErrNoSuchKey)
	}
	out, err := c.Backend.GetObject(ctx, in)
	if out != nil {
		out.StorageClass = takeClass(out.Metadata)
	}
	return out, err
}

// GetObjectAttributes reports the attributes of an object, its class among them.
func (c *classed) GetObjectAttributes(
	ctx context.Context, in *awss3.GetObjectAttributesInput,
) (s3response.GetObjectAttributesResponse, error) {
	out, err := c.Backend.GetObjectAttributes(ctx, in)
	if err == nil {
		out.StorageClass, err = c.classOf(*in.Bucket, *in.Key)
	}
	return out, err
}

// ListObjects lists objects with their classes.
func (c *classed) ListObjects(ctx context.Context, in *awss3.ListObjectsInput) (s3response.ListObjectsResult, error) {
	out, err := c.Backend.ListObjects(ctx, in)
	if err == nil {
		err = c.classify(*in.Bucket, out.Contents)
	}
	return out, err
}

// ListObjectsV2 lists objects with their classes.
func (c *classed) ListObjectsV2(
	ctx context.Context, in *awss3.ListObjectsV2Input,
) (s3response.ListObjectsV2Result, error) {
	out, err := c.Backend.ListObjectsV2(ctx, in)
	if err == nil {
		err = c.classify(*in.Bucket, out.Contents)
	}
	return out, err
}

func (c *classed) classify(bucket string, objects []s3response.Object) error {
	for i := range objects {
		class, err := c.classOf(bucket, *objects[i].Key)
		if err != nil {
			return err
		}
		objects[i].StorageClass = types.ObjectStorageClass(class)
	}
	return nil
}
