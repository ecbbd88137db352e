package dynamodb

import (
	"bufio"
	"context"
	"crypto/md5" //nolint:gosec // the checksum that DynamoDB writes
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
)

// dataFile is a data file that has been uploaded, in the spelling of a line of
// manifest-files.json.
type dataFile struct {
	ItemCount int64  `json:"itemCount"`
	MD5       string `json:"md5Checksum"`
	ETag      string `json:"etag"`
	Key       string `json:"dataFileS3Key"`
	size      int64  // of the items, in bytes as DynamoDB counts them
}

// writePartition writes the items of one partition as one file. It goes through
// a file on disk, since S3 wants to know lengths and checksums in advance.
func (j *exportJob) writePartition(ctx context.Context, places []place) (out dataFile, err error) {
	places, err = j.table.latestPlaces(places)
	if err != nil {
		return dataFile{}, err
	}
	file, err := os.CreateTemp(j.spool, "partition-*.json.gz")
	if err != nil {
		return dataFile{}, fmt.Errorf("write export: %w", err)
	}
	defer func() {
		err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	}()
	sum := md5.New() //nolint:gosec // as above
	out = dataFile{ItemCount: int64(len(places)), Key: j.key("data/" + randomText(16) + ".json.gz")}
	if out.size, err = j.spoolItems(ctx, file, sum, places); err != nil {
		return dataFile{}, err
	}
	out.MD5 = base64.StdEncoding.EncodeToString(sum.Sum(nil))
	out.ETag, err = j.upload(ctx, out.Key, file)
	return out, err
}

// spoolItems writes compressed lines to a file and returns the size of the items.
func (j *exportJob) spoolItems(
	ctx context.Context, file *os.File, sum hash.Hash, places []place,
) (size int64, err error) {
	buffered := bufio.NewWriterSize(io.MultiWriter(file, sum), 64<<10)
	zip, err := newGzip(buffered)
	if err != nil {
		return 0, fmt.Errorf("write export: %w", err)
	}
	var line, buf []byte
	for i, p := range places {
		if i%1024 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		var r changelog.Record
		if r, buf, err = j.table.log.Read(p.offset(), p.lengthHint(), buf); err != nil {
			return 0, err
		}
		line = append(append(append(line[:0], `{"Item":`...), r.Body...), "}\n"...)
		if _, err := zip.Write(line); err != nil {
			return 0, fmt.Errorf("write export: %w", err)
		}
		size += int64(r.Size)
	}
	if err := errors.Join(zip.Close(), buffered.Flush()); err != nil {
		return 0, fmt.Errorf("write export: %w", err)
	}
	return size, nil
}

// key returns the key of one of the export's objects.
func (j *exportJob) key(name string) string {
	prefix := j.description.S3Prefix
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return prefix + "AWSDynamoDB/" + j.id + "/" + name
}

// encryption returns what S3 is to be asked for.
func (j *exportJob) encryption() (algorithm types.ServerSideEncryption, keyID *string) {
	algorithm = types.ServerSideEncryptionAes256
	if j.description.S3SseAlgorithm == "KMS" {
		algorithm = types.ServerSideEncryptionAwsKms
	}
	if id := j.description.S3SseKmsKeyID; id != "" {
		keyID = &id
	}
	return algorithm, keyID
}

// bucketOwner returns whom the bucket must belong to, if the request said it.
func (j *exportJob) bucketOwner() *string {
	if owner := j.description.S3BucketOwner; owner != "" {
		return &owner
	}
	return nil
}

// upload uploads a file and returns the ETag that S3 gave to it. It does so in
// parts, of which there is one, since that is what DynamoDB does: the ETags in
// its manifests end in -1 and are no MD5. A file of more than 5 GiB is refused by
// S3, and the export fails; partitions split long before that.
func (j *exportJob) upload(ctx context.Context, key string, file *os.File) (etag string, err error) {
	bucket, owner := &j.description.S3Bucket, j.bucketOwner()
	algorithm, keyID := j.encryption()
	created, err := j.objects.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: bucket, Key: &key, ExpectedBucketOwner: owner, ServerSideEncryption: algorithm, SSEKMSKeyId: keyID,
	})
	if err != nil {
		return "", fmt.Errorf("upload s3://%s/%s: %w", *bucket, key, err)
	}
	defer func() {
		if err != nil {
			_, abort := j.objects.AbortMultipartUpload(context.WithoutCancel(ctx), &s3.AbortMultipartUploadInput{
				Bucket: bucket, Key: &key, UploadId: created.UploadId, ExpectedBucketOwner: owner,
			})
			err = errors.Join(fmt.Errorf("upload s3://%s/%s: %w", *bucket, key, err), abort)
		}
	}()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	number := aws.Int32(1)
	part, err := j.objects.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: bucket, Key: &key, UploadId: created.UploadId, PartNumber: number, ExpectedBucketOwner: owner,
		Body: file,
	})
	if err != nil {
		return "", err
	}
	completed, err := j.objects.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: &key, UploadId: created.UploadId, ExpectedBucketOwner: owner,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{
			ETag: part.ETag, PartNumber: number,
			ChecksumCRC32: part.ChecksumCRC32, ChecksumCRC64NVME: part.ChecksumCRC64NVME,
		}}},
	})
	if err != nil {
		return "", err
	}
	return strings.Trim(aws.ToString(completed.ETag), `"`), nil
}
