package s3_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const mib = 1 << 20

// noise returns n bytes that are the same for the same seed.
func noise(seed uint64, n int) []byte {
	var key [32]byte
	key[0] = byte(seed)
	data := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(data)
	return data
}

func create(t *testing.T, e env, key string, class types.StorageClass) *string {
	t.Helper()
	out, err := e.client.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{
		Bucket: &e.bucket, Key: &key, StorageClass: class, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.UploadId
}

func uploadPart(t *testing.T, e env, key string, upload *string, number int32, data []byte) types.CompletedPart {
	t.Helper()
	out, err := e.client.UploadPart(t.Context(), &awss3.UploadPartInput{
		Bucket: &e.bucket, Key: &key, UploadId: upload, PartNumber: &number, Body: bytes.NewReader(data),
	})
	if err != nil {
		t.Fatal(err)
	}
	return types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32}
}

func complete(t *testing.T, e env, key string, upload *string, parts []types.CompletedPart) (string, error) {
	t.Helper()
	out, err := e.client.CompleteMultipartUpload(t.Context(), &awss3.CompleteMultipartUploadInput{
		Bucket: &e.bucket, Key: &key, UploadId: upload, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err != nil {
		return "", err
	}
	return *out.ETag, nil
}

// multipartTag is the ETag that S3 gives an object of these parts.
func multipartTag(parts ...[]byte) string {
	var sums []byte
	for _, part := range parts {
		sum := md5.Sum(part)
		sums = append(sums, sum[:]...)
	}
	return fmt.Sprintf(`"%x-%d"`, md5.Sum(sums), len(parts))
}

func checkMultipart(t *testing.T, e env) {
	first, second := noise(1, 5*mib), noise(2, 3*mib+7)
	upload := create(t, e, "big", "")
	parts := []types.CompletedPart{
		uploadPart(t, e, "big", upload, 1, first), uploadPart(t, e, "big", upload, 2, second),
	}
	listed, err := e.client.ListParts(t.Context(), &awss3.ListPartsInput{Bucket: &e.bucket, Key: aws.String("big"), UploadId: upload})
	if err != nil {
		t.Fatal(err)
	}
	if len(listed.Parts) != 2 || *listed.Parts[1].Size != int64(len(second)) {
		t.Errorf("ListParts() = %+v", listed.Parts)
	}
	tag, err := complete(t, e, "big", upload, parts)
	if err != nil {
		t.Fatal(err)
	}
	if want := multipartTag(first, second); tag != want {
		t.Errorf("CompleteMultipartUpload() ETag = %s, want %s", tag, want)
	}
	if got := getBytes(t, e.client, e.bucket, "big"); !bytes.Equal(got, slices.Concat(first, second)) {
		t.Errorf("the object's %d bytes are not the parts'", len(got))
	}
	head, err := e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{
		Bucket: &e.bucket, Key: aws.String("big"), PartNumber: aws.Int32(2),
	})
	if err != nil {
		t.Fatal(err)
	}
	if *head.ContentLength != int64(len(second)) || aws.ToInt32(head.PartsCount) != 2 {
		t.Errorf("part 2 of %d has %d bytes, want %d", aws.ToInt32(head.PartsCount), *head.ContentLength, len(second))
	}
}

func checkAbort(t *testing.T, e env) {
	upload := create(t, e, "given-up", "")
	part := uploadPart(t, e, "given-up", upload, 1, noise(1, 5*mib))
	open, err := e.client.ListMultipartUploads(t.Context(), &awss3.ListMultipartUploadsInput{Bucket: &e.bucket})
	if err != nil || len(open.Uploads) != 1 {
		t.Fatalf("ListMultipartUploads() = %v, %v, want one upload", open, err)
	}
	if _, err := e.client.AbortMultipartUpload(t.Context(), &awss3.AbortMultipartUploadInput{
		Bucket: &e.bucket, Key: aws.String("given-up"), UploadId: upload,
	}); err != nil {
		t.Fatal(err)
	}
	_, err = complete(t, e, "given-up", upload, []types.CompletedPart{part})
	wantError(t, err, http.StatusNotFound, "NoSuchUpload")
	open, err = e.client.ListMultipartUploads(t.Context(), &awss3.ListMultipartUploadsInput{Bucket: &e.bucket})
	if err != nil || len(open.Uploads) != 0 {
		t.Errorf("ListMultipartUploads() = %v, %v, want none", open, err)
	}
	checkAbsent(t, e, "given-up")
}

func checkSmallPart(t *testing.T, e env) {
	upload := create(t, e, "small", "")
	parts := []types.CompletedPart{
		uploadPart(t, e, "small", upload, 1, noise(1, mib)), uploadPart(t, e, "small", upload, 2, noise(2, mib)),
	}
	_, err := complete(t, e, "small", upload, parts)
	wantError(t, err, http.StatusBadRequest, "EntityTooSmall")
	checkAbsent(t, e, "small")
}

func checkUploadPartCopy(t *testing.T, e env) {
	data := noise(3, 11*mib)
	if _, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("source file"), Body: bytes.NewReader(data),
	}); err != nil {
		t.Fatal(err)
	}
	upload := create(t, e, "joined", types.StorageClassStandardIa)
	var parts []types.CompletedPart
	for i, span := range []string{"bytes=0-6291455", "bytes=6291456-11534335"} {
		number := int32(i + 1)
		out, err := e.client.UploadPartCopy(t.Context(), &awss3.UploadPartCopyInput{
			Bucket: &e.bucket, Key: aws.String("joined"), UploadId: upload, PartNumber: &number,
			CopySource: aws.String(e.bucket + "/source%20file"), CopySourceRange: &span,
		})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{
			PartNumber: &number, ETag: out.CopyPartResult.ETag, ChecksumCRC32: out.CopyPartResult.ChecksumCRC32,
		})
	}
	tag, err := complete(t, e, "joined", upload, parts)
	if err != nil {
		t.Fatal(err)
	}
	if want := multipartTag(data[:6*mib], data[6*mib:]); tag != want {
		t.Errorf("the ETag is %s, want %s", tag, want)
	}
	if got := getBytes(t, e.client, e.bucket, "joined"); !bytes.Equal(got, data) {
		t.Error("the joined object differs from its source")
	}
	wantClass(t, e, "joined", types.StorageClassStandardIa)
}

func checkTransferManager(t *testing.T, e env) {
	data := noise(4, 20*mib+1)
	manager := transfermanager.New(e.client)
	if _, err := manager.UploadObject(t.Context(), &transfermanager.UploadObjectInput{
		Bucket: &e.bucket, Key: aws.String("managed"), Body: bytes.NewBuffer(data),
	}); err != nil {
		t.Fatal(err)
	}
	out, err := manager.GetObject(t.Context(), &transfermanager.GetObjectInput{
		Bucket: &e.bucket, Key: aws.String("managed"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(out.Body); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), noise(4, 20*mib+1)) {
		t.Errorf("the download's %d bytes differ from the upload's", got.Len())
	}
}
