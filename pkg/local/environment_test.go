package local_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// The tests of this package run one after the other: the S3 gateway is one to
// a process.

// machine is a directory with an environment in it, as one user has it.
type machine struct {
	dir string
	env *local.Environment
	log strings.Builder
}

func start(t *testing.T) *machine {
	t.Helper()
	m := &machine{dir: t.TempDir()}
	m.open(t)
	t.Cleanup(func() { m.close(t) })
	return m
}

func (m *machine) open(t *testing.T) {
	t.Helper()
	env, err := local.Open(t.Context(), local.Options{Dir: m.dir, Lambdas: lambdas, Logs: &m.log})
	if err != nil {
		t.Fatal(err)
	}
	m.env = env
}

func (m *machine) close(t *testing.T) {
	t.Helper()
	if m.env == nil {
		return
	}
	env := m.env
	m.env = nil
	if err := env.Close(); err != nil {
		t.Error(err)
	}
}

// seed loads items into the table and returns what the star must contain.
func (m *machine) seed(t *testing.T, items iter.Seq[sample.Item]) *sample.Truth {
	t.Helper()
	api := dynamodb.NewFromConfig(m.env.Config())
	if _, err := sample.Load(t.Context(), api, m.env.Table(), items, sample.LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	truth := sample.NewTruth(m.env.Model())
	for item := range items {
		truth.Add(item)
	}
	return truth
}

// night runs the state machine once and returns its summary, whatever it is.
func (m *machine) night(t *testing.T, in execution.Input) execution.Summary {
	t.Helper()
	return m.nightNamed(t, execution.RunID(time.Now()), in)
}

func (m *machine) nightNamed(t *testing.T, runID string, in execution.Input) execution.Summary {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	api := sfn.NewFromConfig(m.env.Config())
	arn, err := execution.Start(ctx, api, m.env.StateMachineARN(), runID, in)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := execution.Follow(ctx, api, arn, 50*time.Millisecond, nil)
	if err != nil {
		t.Fatalf("%v; so far %+v\n%s", err, summary, m.log.String())
	}
	return summary
}

// mustSucceed runs a night that has to succeed.
func (m *machine) mustSucceed(t *testing.T, in execution.Input) execution.Summary {
	t.Helper()
	summary := m.night(t, in)
	if summary.Status != "SUCCEEDED" {
		t.Fatalf("run %s %s: %s: %s\n%s", summary.RunID, summary.Status, summary.Error, summary.Cause, m.log.String())
	}
	return summary
}

// warehouse closes the environment, as a user's command ends, and runs a look
// at the warehouse file.
func (m *machine) warehouse(t *testing.T, look func(query func(sql string) [][]any)) {
	t.Helper()
	m.close(t)
	engine, err := duckdb.Open(t.Context(), filepath.Join(m.dir, local.WarehouseFile), duckdb.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	look(func(sql string) [][]any { return rowsOf(t, engine, sql) })
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	m.open(t)
}

func rowsOf(t *testing.T, engine sqlengine.Engine, sql string) [][]any {
	t.Helper()
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}()
	result, err := tx.Exec(t.Context(), sql)
	if err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	return result.Rows
}

// starTables are what people read.
var starTables = []string{"dwh.date", "dwh.customer", "dwh.address", "dwh.product", `dwh."order"`}

// star is every row of the star schema as text, by table.
func (m *machine) star(t *testing.T) map[string][]string {
	t.Helper()
	star := map[string][]string{}
	m.warehouse(t, func(query func(string) [][]any) {
		for _, table := range starTables {
			star[table] = lines(query("select * from " + table))
		}
	})
	return star
}

func lines(rows [][]any) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = fmt.Sprintf("%v", row)
	}
	slices.Sort(out)
	return out
}

// keys lists the objects of a bucket and checks their storage class.
func (m *machine) keys(t *testing.T, bucket string, class types.ObjectStorageClass) []string {
	t.Helper()
	var keys []string
	pages := s3.NewListObjectsV2Paginator(s3.NewFromConfig(m.env.Config()), &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range page.Contents {
			if object.StorageClass != class {
				t.Errorf("s3://%s/%s has storage class %q, want %q", bucket, aws.ToString(object.Key), object.StorageClass, class)
			}
			keys = append(keys, aws.ToString(object.Key))
		}
	}
	return keys
}

func having(keys []string, part string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !strings.Contains(key, part) })
}

// exportOf copies the export of a run out of the raw bucket, as `aws s3 sync`
// would, and returns the folder.
func (m *machine) exportOf(t *testing.T, runID string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(m.dir, "s3", local.RawBucket, "run="+runID))); err != nil {
		t.Fatal(err)
	}
	return dir
}
