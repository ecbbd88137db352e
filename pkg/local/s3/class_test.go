package s3_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// wantClass asks every call that reports a class. HeadObject and GetObject name
// STANDARD by saying nothing, the listings by its name.
func wantClass(t *testing.T, e env, key string, want types.StorageClass) {
	t.Helper()
	head, err := e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: &e.bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	get, err := e.client.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: &e.bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	_ = get.Body.Close()
	one, err := e.client.ListObjects(t.Context(), &awss3.ListObjectsInput{Bucket: &e.bucket, Prefix: &key})
	if err != nil || len(one.Contents) == 0 {
		t.Fatalf("ListObjects(%q) = %v, %v", key, one, err)
	}
	two, err := e.client.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: &e.bucket, Prefix: &key})
	if err != nil || len(two.Contents) == 0 {
		t.Fatalf("ListObjectsV2(%q) = %v, %v", key, two, err)
	}
	attributes, err := e.client.GetObjectAttributes(t.Context(), &awss3.GetObjectAttributesInput{
		Bucket: &e.bucket, Key: &key,
		ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesStorageClass},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{
		"HeadObject": string(head.StorageClass), "GetObject": string(get.StorageClass),
		"ListObjects": string(one.Contents[0].StorageClass), "ListObjectsV2": string(two.Contents[0].StorageClass),
		"GetObjectAttributes": string(attributes.StorageClass),
	}
	quiet := string(want)
	if want == types.StorageClassStandard {
		quiet = ""
	}
	expected := map[string]string{
		"HeadObject": quiet, "GetObject": quiet,
		"ListObjects": string(want), "ListObjectsV2": string(want), "GetObjectAttributes": string(want),
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("class of %q (-want +got):\n%s", key, diff)
	}
	if len(head.Metadata)+len(get.Metadata) != 0 {
		t.Errorf("a client sees metadata %v and %v, want none", head.Metadata, get.Metadata)
	}
}

func putClass(t *testing.T, e env, key string, class types.StorageClass) {
	t.Helper()
	if _, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: &key, Body: strings.NewReader("body"), StorageClass: class,
	}); err != nil {
		t.Fatal(err)
	}
}

func copyTo(t *testing.T, e env, from, to string, class types.StorageClass) (*awss3.CopyObjectOutput, error) {
	t.Helper()
	return e.client.CopyObject(t.Context(), &awss3.CopyObjectInput{
		Bucket: &e.bucket, Key: &to, CopySource: aws.String(e.bucket + "/" + from), StorageClass: class,
	})
}

func checkClassOfPut(t *testing.T, e env) {
	putClass(t, e, "default", "")
	putClass(t, e, "standard", types.StorageClassStandard)
	putClass(t, e, "infrequent", types.StorageClassStandardIa)
	putClass(t, e, "glacier", types.StorageClassGlacierIr)
	wantClass(t, e, "default", types.StorageClassStandard)
	wantClass(t, e, "standard", types.StorageClassStandard)
	wantClass(t, e, "infrequent", types.StorageClassStandardIa)
	wantClass(t, e, "glacier", types.StorageClassGlacierIr)
}

func checkClassOfCopy(t *testing.T, e env) {
	text := strings.Repeat("archived ", 10_000)
	put := putText(t, e.client, e.bucket, "original", text)
	out, err := copyTo(t, e, "original", "archived", types.StorageClassStandardIa)
	if err != nil {
		t.Fatal(err)
	}
	head, err := e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{
		Bucket: &e.bucket, Key: aws.String("archived"), ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	if *out.CopyObjectResult.ETag != *put.ETag || *head.ETag != *put.ETag {
		t.Errorf("ETags: copy %s, its head %s, source %s", *out.CopyObjectResult.ETag, *head.ETag, *put.ETag)
	}
	if aws.ToString(head.ChecksumCRC32) != crcOf(text) || *head.ContentLength != int64(len(text)) {
		t.Errorf("the copy has CRC32 %s and %d bytes", aws.ToString(head.ChecksumCRC32), *head.ContentLength)
	}
	wantClass(t, e, "archived", types.StorageClassStandardIa)
	wantClass(t, e, "original", types.StorageClassStandard)
	if _, err := copyTo(t, e, "archived", "restored", ""); err != nil {
		t.Fatal(err)
	}
	wantClass(t, e, "restored", types.StorageClassStandard)
}

func checkClassOfMultipart(t *testing.T, e env) {
	for key, class := range map[string]types.StorageClass{
		"standard": types.StorageClassStandard, "infrequent": types.StorageClassStandardIa,
	} {
		upload := create(t, e, key, class)
		part := uploadPart(t, e, key, upload, 1, []byte("only part"))
		if _, err := complete(t, e, key, upload, []types.CompletedPart{part}); err != nil {
			t.Fatal(err)
		}
		wantClass(t, e, key, class)
	}
}

func checkClassOfSelfCopy(t *testing.T, e env) {
	putClass(t, e, "self", "")
	if _, err := copyTo(t, e, "self", "self", types.StorageClassStandardIa); err != nil {
		t.Fatal(err)
	}
	wantClass(t, e, "self", types.StorageClassStandardIa)
	_, err := copyTo(t, e, "self", "self", "")
	wantError(t, err, http.StatusBadRequest, "InvalidRequest")
	wantClass(t, e, "self", types.StorageClassStandardIa)
}

func checkClassOfReplaced(t *testing.T, e env) {
	putClass(t, e, "replaced", types.StorageClassStandardIa)
	putClass(t, e, "replaced", "")
	wantClass(t, e, "replaced", types.StorageClassStandard)
}

func checkCopyKeepsProperties(t *testing.T, e env) {
	if _, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("from"), Body: strings.NewReader("body"),
		ContentType: aws.String("application/x-ndjson"), ContentEncoding: aws.String("gzip"),
		CacheControl: aws.String("no-store"), Tagging: aws.String("run=r1"),
		Metadata: map[string]string{"rows": "12"},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := copyTo(t, e, "from", "to", types.StorageClassStandardIa); err != nil {
		t.Fatal(err)
	}
	head, err := e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: &e.bucket, Key: aws.String("to")})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{*head.ContentType, *head.ContentEncoding, *head.CacheControl, head.Metadata["rows"], string(head.StorageClass)}
	want := []string{"application/x-ndjson", "gzip", "no-store", "12", "STANDARD_IA"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties of the copy (-want +got):\n%s", diff)
	}
	tags, err := e.client.GetObjectTagging(t.Context(), &awss3.GetObjectTaggingInput{Bucket: &e.bucket, Key: aws.String("to")})
	if err != nil || len(tags.TagSet) != 1 || *tags.TagSet[0].Value != "r1" {
		t.Errorf("GetObjectTagging() = %v, %v, want run=r1", tags, err)
	}
	replaced, err := e.client.CopyObject(t.Context(), &awss3.CopyObjectInput{
		Bucket: &e.bucket, Key: aws.String("renamed"), CopySource: aws.String(e.bucket + "/from"),
		MetadataDirective: types.MetadataDirectiveReplace, Metadata: map[string]string{"new": "1"},
		StorageClass: types.StorageClassStandardIa,
	})
	if err != nil {
		t.Fatalf("CopyObject() with new metadata = %v, %v", replaced, err)
	}
	head, err = e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: &e.bucket, Key: aws.String("renamed")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"new": "1"}, head.Metadata); diff != "" || head.StorageClass != "STANDARD_IA" {
		t.Errorf("class %q, metadata (-want +got):\n%s", head.StorageClass, diff)
	}
}

func checkCopyIfNoneMatch(t *testing.T, e env) {
	putText(t, e.client, e.bucket, "from", "new")
	putText(t, e.client, e.bucket, "taken", "old")
	in := func(key string) *awss3.CopyObjectInput {
		return &awss3.CopyObjectInput{
			Bucket: &e.bucket, Key: &key, CopySource: aws.String(e.bucket + "/from"), IfNoneMatch: aws.String("*"),
		}
	}
	if _, err := e.client.CopyObject(t.Context(), in("free")); err != nil {
		t.Error(err)
	}
	_, err := e.client.CopyObject(t.Context(), in("taken"))
	wantError(t, err, http.StatusPreconditionFailed, "PreconditionFailed")
	if got := getBytes(t, e.client, e.bucket, "taken"); string(got) != "old" {
		t.Errorf("the object holds %q", got)
	}
}
