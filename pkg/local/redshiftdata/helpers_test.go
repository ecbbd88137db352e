package redshiftdata_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/parquet-go/parquet-go"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	local "github.com/nightstar-elt/nightstar/pkg/local/redshiftdata"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond) // every look takes its time
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// warehouse is an endpoint over an empty DuckDB file, with its clients.
type warehouse struct {
	*redshiftdata.Client
	server *local.Server
	s3     *awstest.S3
	clock  *clock
	url    string
}

func newWarehouse(t *testing.T) *warehouse {
	t.Helper()
	return newWarehouseOver(t, localtest.DuckDB(t), local.Options{PageRows: 3, Workers: 3})
}

func newWarehouseOver(t *testing.T, engine sqlengine.Engine, opts local.Options) *warehouse {
	t.Helper()
	w := &warehouse{s3: awstest.NewS3(t, "lake"), clock: &clock{now: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}}
	opts.Clock = w.clock.Now
	opts.TempDir = t.TempDir()
	w.server = local.New(engine, w.s3.Client(), opts)
	listener := httptest.NewServer(w.server)
	t.Cleanup(func() {
		listener.Close()
		if err := w.server.Close(); err != nil {
			t.Error(err)
		}
	})
	w.url = listener.URL
	w.Client = redshiftdata.New(redshiftdata.Options{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String(listener.URL),
		Credentials:      credentials.NewStaticCredentialsProvider("test", "test", ""),
		RetryMaxAttempts: 1,
	})
	return w
}

// execute starts one statement.
func (w *warehouse) execute(t *testing.T, sql string) string {
	t.Helper()
	out, err := w.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{
		Database: aws.String("dwh"), WorkgroupName: aws.String("local"), Sql: aws.String(sql),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Id
}

// batch starts a batch.
func (w *warehouse) batch(t *testing.T, sqls ...string) string {
	t.Helper()
	out, err := w.BatchExecuteStatement(t.Context(), &redshiftdata.BatchExecuteStatementInput{
		Database: aws.String("dwh"), WorkgroupName: aws.String("local"), Sqls: sqls,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Id
}

func (w *warehouse) describe(t *testing.T, id string) *redshiftdata.DescribeStatementOutput {
	t.Helper()
	out, err := w.DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: aws.String(id)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wait polls a statement until it has one of the statuses, or has ended.
func (w *warehouse) wait(t *testing.T, id string, until ...types.StatusString) *redshiftdata.DescribeStatementOutput {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		out := w.describe(t, id)
		for _, status := range append(until, types.StatusStringFinished, types.StatusStringFailed, types.StatusStringAborted) {
			if out.Status == status {
				return out
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("statement %s is still %s", id, out.Status)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// finish waits for a statement that should succeed.
func (w *warehouse) finish(t *testing.T, id string) *redshiftdata.DescribeStatementOutput {
	t.Helper()
	out := w.wait(t, id)
	if out.Status != types.StatusStringFinished {
		t.Fatalf("statement is %s: %s", out.Status, aws.ToString(out.Error))
	}
	return out
}

// fail waits for a statement that should fail and returns its error.
func (w *warehouse) fail(t *testing.T, id string) string {
	t.Helper()
	out := w.wait(t, id)
	if out.Status != types.StatusStringFailed {
		t.Fatalf("statement is %s, not FAILED", out.Status)
	}
	return aws.ToString(out.Error)
}

// rows runs a query and returns all pages of its result as text.
func (w *warehouse) rows(t *testing.T, sql string) string {
	t.Helper()
	id := w.execute(t, sql)
	w.finish(t, id)
	return w.result(t, id)
}

func (w *warehouse) result(t *testing.T, id string) string {
	t.Helper()
	var lines []string
	pages := redshiftdata.NewGetStatementResultPaginator(w.Client, &redshiftdata.GetStatementResultInput{Id: aws.String(id)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range page.Records {
			cells := make([]string, len(record))
			for i, f := range record {
				cells[i] = fieldText(f)
			}
			lines = append(lines, strings.Join(cells, " | "))
		}
	}
	return strings.Join(lines, "\n")
}

func fieldText(f types.Field) string {
	switch v := f.(type) {
	case *types.FieldMemberStringValue:
		return v.Value
	case *types.FieldMemberLongValue:
		return fmt.Sprint(v.Value)
	case *types.FieldMemberDoubleValue:
		return fmt.Sprintf("%gf", v.Value)
	case *types.FieldMemberBooleanValue:
		return fmt.Sprint(v.Value)
	case *types.FieldMemberIsNull:
		return "null"
	}
	return fmt.Sprintf("%T", f)
}

// product is a row of the Parquet files of the tests.
type product struct {
	ID    string `parquet:"productid,optional"`
	Count int32  `parquet:"numberofitems,optional"`
}

// putFile puts a Parquet file into the lake and returns its manifest entry.
func (w *warehouse) putFile(t *testing.T, key string, rows ...product) map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	w.s3.Put("lake", key, b.Bytes())
	return entry(key, b.Len())
}

func entry(key string, length int) map[string]any {
	return map[string]any{"url": "s3://lake/" + key, "mandatory": true, "meta": map[string]any{"content_length": length}}
}

// putManifest puts a manifest into the lake.
func (w *warehouse) putManifest(t *testing.T, key string, entries ...map[string]any) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"entries": entries})
	if err != nil {
		t.Fatal(err)
	}
	w.s3.Put("lake", key, text)
}

// wantText checks that a text holds all of the parts.
func wantText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not hold %q", text, part)
		}
	}
}
