package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/local/gateway"
	"github.com/nightstar-elt/nightstar/pkg/local/s3"
)

const bucket = "nightstar-lake"

// TestGateway_s3 has one S3 gateway for all its subtests, because a process
// can run only one.
func TestGateway_s3(t *testing.T) {
	server, err := s3.Start(t.Context(), filepath.Join(t.TempDir(), "s3"), s3.Options{Credentials: testKeys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := server.EnsureBucket(t.Context(), bucket); err != nil {
		t.Fatal(err)
	}
	url := serve(t, gateway.Services{S3: server})
	client := awss3.NewFromConfig(sdk(t, url, testKeys))
	t.Run("together", func(t *testing.T) {
		t.Run("a multipart upload of 64 MiB", func(t *testing.T) { t.Parallel(); testMultipart(t, client) })
		t.Run("a single put of 64 MiB", func(t *testing.T) { t.Parallel(); testLargePut(t, client) })
		t.Run("unusual keys", func(t *testing.T) { t.Parallel(); testKeysThrough(t, client) })
		t.Run("an aws-chunked body with a trailer", func(t *testing.T) { t.Parallel(); testChunked(t, client, url) })
		t.Run("a presigned URL", func(t *testing.T) { t.Parallel(); testPresigned(t, client) })
		t.Run("a wrong secret", func(t *testing.T) { t.Parallel(); testWrongSecret(t, url) })
	})
}

// noise returns n bytes that are the same for the same seed.
func noise(seed byte, n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(data)
	return data
}

// wantObject reads an object back.
func wantObject(t *testing.T, client *awss3.Client, key string, want []byte) {
	t.Helper()
	out, err := client.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String(bucket), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	got, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("object %q has %d bytes that differ from the %d put", key, len(got), len(want))
	}
}

func testMultipart(t *testing.T, client *awss3.Client) {
	data := noise(1, 64<<20)
	manager := transfermanager.New(client)
	if _, err := manager.UploadObject(t.Context(), &transfermanager.UploadObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("multipart"), Body: bytes.NewReader(data),
	}); err != nil {
		t.Fatal(err)
	}
	wantObject(t, client, "multipart", data)
	head, err := client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("multipart")})
	if err != nil || !strings.Contains(*head.ETag, "-") {
		t.Errorf("HeadObject() = %v, %v, want the ETag of a multipart upload", head, err)
	}
}

func testLargePut(t *testing.T, client *awss3.Client) {
	data := noise(2, 64<<20)
	if _, err := client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("single"), Body: bytes.NewReader(data),
	}); err != nil {
		t.Fatal(err)
	}
	wantObject(t, client, "single", data)
}

func testKeysThrough(t *testing.T, client *awss3.Client) {
	keys := []string{
		"2015-03-31/functions", "_nightstar/health", "a/b?c#d&e=f+g h%41", "ünïcode/🌙", "type=order/run=r1/x.parquet",
	}
	for _, key := range keys {
		if _, err := client.PutObject(t.Context(), &awss3.PutObjectInput{
			Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(key),
		}); err != nil {
			t.Errorf("PutObject(%q): %v", key, err)
			continue
		}
		wantObject(t, client, key, []byte(key))
	}
}

// testChunked sends what clients send whose body is a stream: chunks with the
// checksum in a trailer.
func testChunked(t *testing.T, client *awss3.Client, url string) {
	data := noise(3, 3<<20)
	var sum [4]byte
	binary.BigEndian.PutUint32(sum[:], crc32.ChecksumIEEE(data))
	right := base64.StdEncoding.EncodeToString(sum[:])
	if status, answer := putChunked(t, url, "chunked", data, right); status != http.StatusOK {
		t.Errorf("the put with the right checksum answers %d, %s", status, answer)
	}
	wantObject(t, client, "chunked", data)
	status, answer := putChunked(t, url, "chunked-wrong", data, base64.StdEncoding.EncodeToString([]byte("none")))
	if status != http.StatusBadRequest || !strings.Contains(answer, "BadDigest") {
		t.Errorf("the put with a wrong checksum answers %d, %s, want 400 BadDigest", status, answer)
	}
}

func putChunked(t *testing.T, url, key string, data []byte, checksum string) (int, string) {
	t.Helper()
	var body bytes.Buffer
	for chunk := data; len(chunk) > 0; {
		n := min(len(chunk), 64<<10)
		fmt.Fprintf(&body, "%x\r\n%s\r\n", n, chunk[:n])
		chunk = chunk[n:]
	}
	fmt.Fprintf(&body, "0\r\nx-amz-checksum-crc32:%s\r\n\r\n", checksum)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/"+bucket+"/"+key, &body)
	if err != nil {
		t.Fatal(err)
	}
	const unsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	request.Header.Set("Content-Encoding", "aws-chunked")
	request.Header.Set("X-Amz-Content-Sha256", unsigned)
	request.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(len(data)))
	request.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(t.Context(), testKeys, request, unsigned, "s3", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func testPresigned(t *testing.T, client *awss3.Client) {
	if _, err := client.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("shared file"), Body: strings.NewReader("shared"),
	}); err != nil {
		t.Fatal(err)
	}
	presigned, err := awss3.NewPresignClient(client).PresignGetObject(t.Context(), &awss3.GetObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("shared file"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]int{
		presigned.URL: http.StatusOK,
		strings.Replace(presigned.URL, "shared", "other", 1): http.StatusForbidden,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("GET %s answers %d, want %d", url, response.StatusCode, want)
		}
	}
}

func testWrongSecret(t *testing.T, url string) {
	intruder := awss3.NewFromConfig(sdk(t, url, aws.Credentials{AccessKeyID: testKeys.AccessKeyID, SecretAccessKey: "guessed"}))
	attempts := map[string]func(context.Context) error{
		"list": func(ctx context.Context) error {
			_, err := intruder.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: aws.String(bucket)})
			return err
		},
		"put": func(ctx context.Context) error {
			_, err := intruder.PutObject(ctx, &awss3.PutObjectInput{
				Bucket: aws.String(bucket), Key: aws.String("forged"), Body: bytes.NewReader(noise(4, 32<<20)),
			})
			return err
		},
	}
	for name, attempt := range attempts {
		err := attempt(t.Context())
		var response interface{ HTTPStatusCode() int }
		apiErr, ok := errors.AsType[smithy.APIError](err)
		if !errors.As(err, &response) || response.HTTPStatusCode() != http.StatusForbidden ||
			!ok || apiErr.ErrorCode() != "SignatureDoesNotMatch" {
			t.Errorf("%s: the error is %v, want 403 SignatureDoesNotMatch", name, err)
		}
	}
}
