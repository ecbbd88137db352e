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
	"iter"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
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
func (j *exportJob) writePartition(ctx context.Context, places []place, begin int64) (out dataFile, err error) {
	lines, key, err := j.lines(places, begin)
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
	out = dataFile{Key: key}
	if out.ItemCount, out.size, err = spool(ctx, file, sum, lines); err != nil {
		return dataFile{}, err
	}
	out.MD5 = base64.StdEncoding.EncodeToString(sum.Sum(nil))
	out.ETag, err = j.upload(ctx, out.Key, file)
	return out, err
}

// line is one line of a data file, without its end.
type line struct {
	text []byte // valid until the next one
	size int64  // of the item, or items, in bytes as DynamoDB counts them
}

// lines returns the lines of a partition and the key of its data file. Those of all
// incremental exports below a prefix lie in one folder.
func (j *exportJob) lines(places []place, begin int64) (iter.Seq2[line, error], string, error) {
	name := randomText(16) + ".json.gz"
	if j.period.incremental {
		changes, err := j.table.compacted(places, begin)
		return j.changeLines(changes), j.folder() + "data/" + name, err
	}
	places, err := j.table.latestPlaces(places)
	return j.itemLines(places), j.key("data/" + name), err
}

// itemLines returns the lines of a full export.
func (j *exportJob) itemLines(places []place) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		var text, buf []byte
		for _, p := range places {
			r, b, err := j.table.log.Read(p.offset(), p.lengthHint(), buf)
			buf = b
			text = append(append(append(text[:0], `{"Item":`...), r.Body...), '}')
			if !yield(line{text, int64(r.Size)}, err) {
				return
			}
		}
	}
}

// spool writes compressed lines to a file and returns how many there are, and the
// size of their items.
func spool(ctx context.Context, file *os.File, sum hash.Hash, lines iter.Seq2[line, error]) (count, size int64, err error) {
	buffered := bufio.NewWriterSize(io.MultiWriter(file, sum), 64<<10)
	zip, err := newGzip(buffered)
	if err != nil {
		return 0, 0, fmt.Errorf("write export: %w", err)
	}
	for l, err := range lines {
		if err != nil {
			return 0, 0, err
		}
		if count%1024 == 0 && ctx.Err() != nil {
			return 0, 0, ctx.Err()
		}
		if _, err := zip.Write(append(l.text, '\n')); err != nil {
			return 0, 0, fmt.Errorf("write export: %w", err)
		}
		count++
		size += l.size
	}
	if err := errors.Join(zip.Close(), buffered.Flush()); err != nil {
		return 0, 0, fmt.Errorf("write export: %w", err)
	}
	return count, size, nil
}

// key returns the key of one of the export's objects.
func (j *exportJob) key(name string) string { return j.folder() + j.id + "/" + name }

// folder returns what the keys of all exports below the prefix begin with.
func (j *exportJob) folder() string {
	prefix := j.description.S3Prefix
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return prefix + "AWSDynamoDB/"
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
