package s3_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func checkWrongMD5(t *testing.T, e env) {
	_, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("bad"), Body: strings.NewReader("body"),
		ContentMD5: aws.String("1B2M2Y8AsgTpgAmY7PhCfg=="), // of nothing
	})
	wantError(t, err, http.StatusBadRequest, "BadDigest")
	checkAbsent(t, e, "bad")
}

func checkWrongCRC32(t *testing.T, e env) {
	_, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("bad"), Body: strings.NewReader("body"),
		ChecksumCRC32: aws.String(crcOf("another body")),
	})
	wantError(t, err, http.StatusBadRequest, "BadDigest")
	checkAbsent(t, e, "bad")
}

func checkAbsent(t *testing.T, e env, key string) {
	t.Helper()
	_, err := e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: &e.bucket, Key: &key})
	if _, ok := errors.AsType[*types.NotFound](err); !ok {
		t.Errorf("HeadObject(%q): %v, want NotFound", key, err)
	}
}

func checkWrongSecret(t *testing.T, e env) {
	intruder := newClient(t, e.url, aws.Credentials{AccessKeyID: testKeys.AccessKeyID, SecretAccessKey: "guessed"})
	_, err := intruder.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: &e.bucket})
	wantError(t, err, http.StatusForbidden, "SignatureDoesNotMatch")
	_, err = intruder.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("forged"), Body: strings.NewReader("x"),
	})
	wantError(t, err, http.StatusForbidden, "SignatureDoesNotMatch")
	_, err = intruder.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("forged"), Body: strings.NewReader(strings.Repeat("x", 16<<20)),
	})
	wantError(t, err, http.StatusForbidden, "SignatureDoesNotMatch")
	checkAbsent(t, e, "forged")
	_, err = e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String("no-such-bucket"), Key: aws.String("x"), Body: strings.NewReader(strings.Repeat("x", 16<<20)),
	})
	wantError(t, err, http.StatusNotFound, "NoSuchBucket")
}

func checkUnknownKey(t *testing.T, e env) {
	stranger := newClient(t, e.url, aws.Credentials{AccessKeyID: "stranger", SecretAccessKey: testKeys.SecretAccessKey})
	_, err := stranger.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: &e.bucket})
	wantError(t, err, http.StatusForbidden, "InvalidAccessKeyId")
}

func checkMissing(t *testing.T, e env) {
	_, err := e.client.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: &e.bucket, Key: aws.String("no/such")})
	if _, ok := errors.AsType[*types.NoSuchKey](err); !ok {
		t.Errorf("GetObject() of a missing key: %v, want NoSuchKey", err)
	}
	_, err = e.client.CopyObject(t.Context(), &awss3.CopyObjectInput{
		Bucket: &e.bucket, Key: aws.String("copy"), CopySource: aws.String(e.bucket + "/no/such"),
	})
	wantError(t, err, http.StatusNotFound, "NoSuchKey")
	_, err = e.client.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("no-such-bucket")})
	if _, ok := errors.AsType[*types.NoSuchBucket](err); !ok {
		t.Errorf("ListObjectsV2() of a missing bucket: %v, want NoSuchBucket", err)
	}
	_, err = e.client.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String(".metadata")})
	wantError(t, err, http.StatusBadRequest, "InvalidBucketName")
	if err := e.server.EnsureBucket(t.Context(), "Not_A_Bucket"); err == nil {
		t.Error("EnsureBucket() of an invalid name succeeded")
	}
}

func checkUnknownClass(t *testing.T, e env) {
	_, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("x"), Body: strings.NewReader("x"), StorageClass: "SHOEBOX",
	})
	wantError(t, err, http.StatusBadRequest, "InvalidStorageClass")
	_, err = e.client.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{
		Bucket: &e.bucket, Key: aws.String("x"), StorageClass: "SHOEBOX",
	})
	wantError(t, err, http.StatusBadRequest, "InvalidStorageClass")
	checkAbsent(t, e, "x")
}

// checkAmbiguousKeys uses keys that a file system would take for x/y.
func checkAmbiguousKeys(t *testing.T, e env) {
	putText(t, e.client, e.bucket, "x/y", "the only one")
	for _, key := range []string{"x//y", "/x/y", "x/./y", "x/z/../y"} {
		_, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
			Bucket: &e.bucket, Key: &key, Body: strings.NewReader("another"),
		})
		wantError(t, err, http.StatusBadRequest, "")
		_, err = e.client.CopyObject(t.Context(), &awss3.CopyObjectInput{
			Bucket: &e.bucket, Key: &key, CopySource: aws.String(e.bucket + "/x/y"),
		})
		wantError(t, err, http.StatusBadRequest, "")
		_, err = e.client.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{Bucket: &e.bucket, Key: &key})
		wantError(t, err, http.StatusBadRequest, "")
		if _, err := e.client.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: &e.bucket, Key: &key}); err == nil {
			t.Errorf("GetObject(%q) succeeded", key)
		}
	}
	putText(t, e.client, e.bucket, "folder/", "")
	if got := getBytes(t, e.client, e.bucket, "x/y"); string(got) != "the only one" {
		t.Errorf("the object holds %q", got)
	}
}
