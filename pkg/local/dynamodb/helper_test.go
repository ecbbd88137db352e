package dynamodb_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// arn is the beginning of the ARN of every table.
const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/"

// clock is a clock that stands still unless it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// object is what a bucket holds under a key.
type object struct {
	body       []byte
	etag       string
	encryption string
	parts      int // 0 if it was put in one piece
}

// bucket is an S3 with one bucket, which keeps what it is given.
type bucket struct {
	name string
	fail func(ctx context.Context, call, key string) error // may be nil

	mu      sync.Mutex
	objects map[string]object
	order   []string // keys in the order of their completion
	uploads map[string][][]byte
	aborted int
}

func newBucket(name string) *bucket {
	return &bucket{name: name, objects: map[string]object{}, uploads: map[string][][]byte{}}
}

func (b *bucket) check(ctx context.Context, call string, name, key *string) error {
	if aws.ToString(name) != b.name {
		return &smithy.GenericAPIError{Code: "NoSuchBucket", Message: "The specified bucket does not exist"}
	}
	if b.fail == nil {
		return nil
	}
	return b.fail(ctx, call, aws.ToString(key))
}

func (b *bucket) PutObject(
	ctx context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options),
) (*s3.PutObjectOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, "PutObject", in.Bucket, in.Key); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	sum := md5.Sum(body)
	b.objects[*in.Key] = object{body: body, etag: hex.EncodeToString(sum[:]),
		encryption: string(in.ServerSideEncryption)}
	b.order = append(b.order, *in.Key)
	return &s3.PutObjectOutput{}, nil
}

func (b *bucket) CreateMultipartUpload(
	ctx context.Context, in *s3.CreateMultipartUploadInput, _ ...func(*s3.Options),
) (*s3.CreateMultipartUploadOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, "CreateMultipartUpload", in.Bucket, in.Key); err != nil {
		return nil, err
	}
	b.uploads[*in.Key] = nil
	return &s3.CreateMultipartUploadOutput{UploadId: in.Key}, nil
}

func (b *bucket) UploadPart(
	ctx context.Context, in *s3.UploadPartInput, _ ...func(*s3.Options),
) (*s3.UploadPartOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, "UploadPart", in.Bucket, in.Key); err != nil {
		return nil, err
	}
	if _, seekable := in.Body.(io.Seeker); !seekable {
		return nil, errors.New("the body of a part can't be sent again")
	}
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	b.uploads[*in.UploadId] = append(b.uploads[*in.UploadId], body)
	return &s3.UploadPartOutput{ETag: aws.String(fmt.Sprint(len(b.uploads[*in.UploadId])))}, nil
}

func (b *bucket) CompleteMultipartUpload(
	ctx context.Context, in *s3.CompleteMultipartUploadInput, _ ...func(*s3.Options),
) (*s3.CompleteMultipartUploadOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, "CompleteMultipartUpload", in.Bucket, in.Key); err != nil {
		return nil, err
	}
	parts := b.uploads[*in.UploadId]
	if len(in.MultipartUpload.Parts) != len(parts) {
		return nil, fmt.Errorf("%d parts completed, %d uploaded", len(in.MultipartUpload.Parts), len(parts))
	}
	delete(b.uploads, *in.UploadId)
	sum := md5.Sum(bytes.Join(parts, nil))
	o := object{body: bytes.Join(parts, nil), etag: fmt.Sprintf("%x-%d", sum, len(parts)), parts: len(parts)}
	b.objects[*in.Key] = o
	b.order = append(b.order, *in.Key)
	return &s3.CompleteMultipartUploadOutput{ETag: aws.String(`"` + o.etag + `"`)}, nil
}

func (b *bucket) AbortMultipartUpload(
	_ context.Context, in *s3.AbortMultipartUploadInput, _ ...func(*s3.Options),
) (*s3.AbortMultipartUploadOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.uploads, *in.UploadId)
	b.aborted++
	return &s3.AbortMultipartUploadOutput{}, nil
}

// endpoint is a server under test with a client of it.
type endpoint struct {
	*dynamodb.Client

	server *local.Server
	http   *httptest.Server
	dir    string
	clock  *clock
	bucket *bucket
}

// start opens an endpoint in a new directory.
func start(t *testing.T, opts local.Options) *endpoint {
	t.Helper()

	return startIn(t, t.TempDir(), newClock(), newBucket("raw"), opts)
}

func startIn(t testing.TB, dir string, c *clock, b *bucket, opts local.Options) *endpoint {
	t.Helper()

	opts.Now = c.Now
	server, err := local.Open(dir, b, opts)
	if err != nil {
		t.Fatal(err)
	}
	e := &endpoint{server: server, http: httptest.NewServer(server), dir: dir, clock: c, bucket: b}
	t.Cleanup(func() {
		e.http.Close()
		if err := server.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	e.Client = newClient(e.http.URL)
	return e
}

func newHTTP(server *local.Server) *httptest.Server { return httptest.NewServer(server) }

func newClient(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String(url),
		Credentials:      credentials.NewStaticCredentialsProvider("id", "secret", ""),
		RetryMaxAttempts: 1,
	})
}

// createTable makes the table of the sample: string keys PK and SK, one index.
func (e *endpoint) createTable(t testing.TB, name string) *types.TableDescription {
	t.Helper()

	out, err := e.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("PK"), AttributeType: "S"}, {AttributeName: aws.String("SK"),
				AttributeType: "S"},
			{AttributeName: aws.String("GSIpk"), AttributeType: "S"}, {AttributeName: aws.String("GSIsk"),
				AttributeType: "S"},
		},
		KeySchema: keySchema("PK", "SK"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("GSI"), KeySchema: keySchema("GSIpk", "GSIsk"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.TableDescription
}

func keySchema(names ...string) []types.KeySchemaElement {
	schema := []types.KeySchemaElement{{AttributeName: &names[0], KeyType: types.KeyTypeHash}}
	if len(names) > 1 {
		schema = append(schema, types.KeySchemaElement{AttributeName: &names[1], KeyType: types.KeyTypeRange})
	}
	return schema
}

// enableRecovery turns point-in-time recovery on.
func (e *endpoint) enableRecovery(t testing.TB, table string) {
	t.Helper()

	_, err := e.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{
		TableName: &table,
		PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: aws.Bool(true),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

type attributes = map[string]types.AttributeValue

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

// simple is an item with a key and one more attribute.
func simple(pk, sk, value string) attributes {
	return attributes{"PK": str(pk), "SK": str(sk), "value": str(value)}
}

func (e *endpoint) put(t testing.TB, table string, items ...attributes) {
	t.Helper()

	for _, i := range items {
		if _, err := e.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: i}); err != nil {
			t.Fatal(err)
		}
	}
}

func (e *endpoint) delete(t testing.TB, table, pk, sk string) {
	t.Helper()

	_, err := e.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: attributes{"PK": str(pk),
		"SK": str(sk)}})
	if err != nil {
		t.Fatal(err)
	}
}

// wantError checks the code of an API error and a part of its message.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()

	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), message) {
		t.Errorf("got %v, want a %s with %q", err, code, message)
	}
}
