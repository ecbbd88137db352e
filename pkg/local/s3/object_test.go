package s3_test

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

func checkPlainFiles(t *testing.T, e env) {
	putText(t, e.client, e.bucket, "items/type=order/run=r1/part 1.parquet", "PAR1")
	got, err := os.ReadFile(filepath.Join(e.dir, e.bucket, "items/type=order/run=r1/part 1.parquet"))
	if err != nil || string(got) != "PAR1" {
		t.Errorf("the file holds %q, %v, want the object's bytes", got, err)
	}
	names := slices.DeleteFunc(fileNames(t, filepath.Join(e.dir, e.bucket)), func(name string) bool {
		return strings.HasPrefix(name, ".sgwtmp")
	})
	want := []string{
		"items", "items/type=order", "items/type=order/run=r1", "items/type=order/run=r1/part 1.parquet",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the bucket's folder (-want +got):\n%s", diff)
	}
}

func checkPutGet(t *testing.T, e env) {
	text := strings.Repeat("nightstar ", 1000)
	put, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("a/b"), Body: strings.NewReader(text),
		ContentType: aws.String("text/plain"), Metadata: map[string]string{"run": "r1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantTag := fmt.Sprintf(`"%x"`, md5.Sum([]byte(text)))
	if *put.ETag != wantTag {
		t.Errorf("PutObject() ETag = %s, want %s", *put.ETag, wantTag)
	}
	head, err := e.client.HeadObject(t.Context(), &awss3.HeadObjectInput{
		Bucket: &e.bucket, Key: aws.String("a/b"), ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	type facts struct {
		ETag, CRC32, ContentType string
		Size                     int64
		Metadata                 map[string]string
	}
	got := facts{*head.ETag, aws.ToString(head.ChecksumCRC32), *head.ContentType, *head.ContentLength, head.Metadata}
	want := facts{wantTag, crcOf(text), "text/plain", int64(len(text)), map[string]string{"run": "r1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("HeadObject() (-want +got):\n%s", diff)
	}
	if body := getBytes(t, e.client, e.bucket, "a/b"); string(body) != text {
		t.Errorf("GetObject() returned %d other bytes", len(body))
	}
	putText(t, e.client, e.bucket, "a/empty", "")
	if body := getBytes(t, e.client, e.bucket, "a/empty"); len(body) != 0 {
		t.Errorf("the empty object holds %q", body)
	}
}

func crcOf(text string) string {
	var sum [4]byte
	for i, value := 3, crc32.ChecksumIEEE([]byte(text)); i >= 0; i-- {
		sum[i] = byte(value)
		value >>= 8
	}
	return base64.StdEncoding.EncodeToString(sum[:])
}

func checkRange(t *testing.T, e env) {
	putText(t, e.client, e.bucket, "digits", "0123456789")
	out, err := e.client.GetObject(t.Context(), &awss3.GetObjectInput{
		Bucket: &e.bucket, Key: aws.String("digits"), Range: aws.String("bytes=2-5"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(out.Body); err != nil {
		t.Fatal(err)
	}
	if body.String() != "2345" || aws.ToString(out.ContentRange) != "bytes 2-5/10" {
		t.Errorf("the range is %q with Content-Range %q", body.String(), aws.ToString(out.ContentRange))
	}
}

func checkUnusualKeys(t *testing.T, e env) {
	keys := []string{
		"type=customer/run=2026-11-21/a.parquet", "with space/and  two", "plus+and+plus", "prozent%41und%",
		"ünïcode/日本語/🌙", "quote'and\"double", "semi;colon,comma", "at@colon:dollar$", "a&b?c#d", "paren(1)[2]{3}",
		"tilde~star*bang!", "back\\slash", "amp&lt;<tag>", "dot.dot..dots", "trailing space ",
	}
	for _, key := range keys {
		putText(t, e.client, e.bucket, key, "body of "+key)
		if got := getBytes(t, e.client, e.bucket, key); string(got) != "body of "+key {
			t.Errorf("key %q holds %q", key, got)
		}
		source := aws.String(e.bucket + "/" + escapePath(key))
		copied := "copy/" + key
		if _, err := e.client.CopyObject(t.Context(), &awss3.CopyObjectInput{
			Bucket: &e.bucket, Key: &copied, CopySource: source,
		}); err != nil {
			t.Errorf("CopyObject(%q): %v", key, err)
		} else if got := getBytes(t, e.client, e.bucket, copied); string(got) != "body of "+key {
			t.Errorf("the copy of %q holds %q", key, got)
		}
	}
	want := slices.Clone(keys)
	for _, key := range keys {
		want = append(want, "copy/"+key)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, listKeys(t, e, "", 0)); diff != "" {
		t.Errorf("ListObjectsV2() (-want +got):\n%s", diff)
	}
	for _, key := range want {
		if _, err := e.client.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: &e.bucket, Key: &key}); err != nil {
			t.Errorf("DeleteObject(%q): %v", key, err)
		}
	}
	if rest := listKeys(t, e, "", 0); len(rest) != 0 {
		t.Errorf("after the deletion there are still %q", rest)
	}
}

// escapePath escapes every byte but the unreserved ones and the slash, which is
// what CopySource asks for.
func escapePath(key string) string {
	var b strings.Builder
	for _, c := range []byte(key) {
		if c == '/' || c == '-' || c == '_' || c == '.' || c == '~' ||
			'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// listKeys lists a prefix to the end in pages of at most size keys.
func listKeys(t *testing.T, e env, prefix string, size int32) []string {
	t.Helper()
	in := &awss3.ListObjectsV2Input{Bucket: &e.bucket, Prefix: &prefix}
	if size > 0 {
		in.MaxKeys = &size
	}
	var keys []string
	pages := awss3.NewListObjectsV2Paginator(e.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range page.Contents {
			keys = append(keys, *object.Key)
		}
	}
	return keys
}

func checkPaging(t *testing.T, e env) {
	var want []string
	folder := filepath.Join(e.dir, e.bucket)
	for i := range 2345 {
		// The separators sort before, at and after the slash.
		key := fmt.Sprintf("run=%02d%cpart-%04d", i%7, "-/0"[i%3], i)
		want = append(want, key)
		if i >= 5 {
			// Files written past the gateway are objects too, and much faster.
			path := filepath.Join(folder, key)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(key), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		putText(t, e.client, e.bucket, key, key)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, listKeys(t, e, "", 0)); diff != "" {
		t.Errorf("ListObjectsV2() (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, listKeys(t, e, "", 333)); diff != "" {
		t.Errorf("ListObjectsV2() in pages of 333 (-want +got):\n%s", diff)
	}
	after, err := e.client.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{
		Bucket: &e.bucket, StartAfter: &want[1999], MaxKeys: aws.Int32(3),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, object := range after.Contents {
		if *object.Key != want[2000+i] {
			t.Errorf("key %d after %q is %q, want %q", i, want[1999], *object.Key, want[2000+i])
		}
	}
}

func checkDelimiter(t *testing.T, e env) {
	for _, key := range []string{"a/1", "a/2", "a-b", "a.txt", "b/c/d", "b0"} {
		putText(t, e.client, e.bucket, key, key)
	}
	out, err := e.client.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: &e.bucket, Delimiter: aws.String("/")})
	if err != nil {
		t.Fatal(err)
	}
	var keys, folders []string
	for _, object := range out.Contents {
		keys = append(keys, *object.Key)
	}
	for _, prefix := range out.CommonPrefixes {
		folders = append(folders, *prefix.Prefix)
	}
	if diff := cmp.Diff([]string{"a-b", "a.txt", "b0"}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a/", "b/"}, folders); diff != "" {
		t.Errorf("prefixes (-want +got):\n%s", diff)
	}
}

func checkDeleteObjects(t *testing.T, e env) {
	var ids []types.ObjectIdentifier
	for i := range 1000 {
		key := fmt.Sprintf("run=%d/file %04d", i%10, i)
		if i%3 == 0 {
			putText(t, e.client, e.bucket, key, "x")
		}
		ids = append(ids, types.ObjectIdentifier{Key: &key})
	}
	putText(t, e.client, e.bucket, "kept", "x")
	out, err := e.client.DeleteObjects(t.Context(), &awss3.DeleteObjectsInput{
		Bucket: &e.bucket, Delete: &types.Delete{Objects: ids},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Deleted) != 1000 || len(out.Errors) != 0 {
		t.Errorf("DeleteObjects() deleted %d with errors %v, want 1000, missing keys included", len(out.Deleted), out.Errors)
	}
	if rest := listKeys(t, e, "", 0); !slices.Equal(rest, []string{"kept"}) {
		t.Errorf("after the deletion there are %q", rest)
	}
}

func checkIfNoneMatch(t *testing.T, e env) {
	in := func(text string) *awss3.PutObjectInput {
		return &awss3.PutObjectInput{
			Bucket: &e.bucket, Key: aws.String("once"), Body: strings.NewReader(text), IfNoneMatch: aws.String("*"),
		}
	}
	if _, err := e.client.PutObject(t.Context(), in("first")); err != nil {
		t.Fatal(err)
	}
	_, err := e.client.PutObject(t.Context(), in("second"))
	wantError(t, err, http.StatusPreconditionFailed, "PreconditionFailed")
	if got := getBytes(t, e.client, e.bucket, "once"); string(got) != "first" {
		t.Errorf("the object holds %q", got)
	}
}

func checkIfMatch(t *testing.T, e env) {
	tag := putText(t, e.client, e.bucket, "versioned", "one").ETag
	putText(t, e.client, e.bucket, "versioned", "two")
	_, err := e.client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: &e.bucket, Key: aws.String("versioned"), Body: strings.NewReader("three"), IfMatch: tag,
	})
	wantError(t, err, http.StatusPreconditionFailed, "PreconditionFailed")
	_, err = e.client.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: &e.bucket, Key: aws.String("versioned"), IfMatch: tag})
	wantError(t, err, http.StatusPreconditionFailed, "PreconditionFailed")
}

func checkForeignFolder(t *testing.T, e env) {
	folder := filepath.Join(e.dir, "brought-along")
	if err := os.MkdirAll(filepath.Join(folder, "run=r1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "run=r1", "data.json.gz"), []byte("bytes"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := e.server.EnsureBucket(t.Context(), "brought-along"); err != nil {
		t.Fatal(err)
	}
	e.bucket = "brought-along"
	if got := getBytes(t, e.client, e.bucket, "run=r1/data.json.gz"); string(got) != "bytes" {
		t.Errorf("the file reads as %q", got)
	}
	putText(t, e.client, e.bucket, "new", "x")
	if diff := cmp.Diff([]string{"new", "run=r1/data.json.gz"}, listKeys(t, e, "", 0)); diff != "" {
		t.Errorf("ListObjectsV2() (-want +got):\n%s", diff)
	}
}
