package lake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/parquet-go/parquet-go"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lake/laketest"
)

// memory is an output that keeps what was committed.
type memory struct {
	bytes.Buffer

	key  string
	into map[string][]byte
}

func (m *memory) Commit() (string, error) {
	m.into[m.key] = m.Bytes()
	return "", nil
}

func (m *memory) Abandon() {}

// FuzzSplitter checks that any content of a data file is accounted for: each
// line that is not blank is a row or is set aside, never both and never
// neither, and every object holds as many as the result says.
func FuzzSplitter(f *testing.F) {
	for _, line := range laketest.Lines() {
		if len(line.Text) < 4096 {
			f.Add([]byte(line.Text + "\n" + order))
		}
	}
	f.Add([]byte("\r\n \n" + customer + "\r\n" + product + "\n\n"))
	splitter, err := lake.NewSplitter(store(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var items int64
		for line := range bytes.Lines(content) {
			if len(bytes.Trim(line, " \t\r\n")) > 0 {
				items++
			}
		}
		if bytes.Count(content, []byte("\n")) > 900 {
			return // too many blank lines are another matter
		}
		packed := awstest.Gzip(t, content)
		objects := map[string][]byte{}
		file := lakedoc.File{Number: 1, Items: items, MD5: md5Of(packed)}
		got, err := splitter.Split(t.Context(), lake.PartitionInput{RunID: "r1", File: file}, "fuzz", bytes.NewReader(packed), func(key string) lake.Output {
			return &memory{key: key, into: objects}
		})
		if err != nil {
			t.Fatalf("Split(%q) = %v", content, err)
		}
		var rows, aside int64
		for _, object := range got.Objects {
			rows += object.Rows
		}
		if got.Aside != nil {
			aside = got.Aside.Rows
		}
		if got.Items != items || rows+aside != items {
			t.Fatalf("Split(%q) = %+v, want %d items", content, got, items)
		}
		for _, object := range append(got.Objects, got.UnknownObjects...) {
			parquetFile, err := parquet.OpenFile(bytes.NewReader(objects[object.Key]), int64(len(objects[object.Key])))
			if err != nil || parquetFile.NumRows() != object.Rows {
				t.Fatalf("Split(%q): object %+v has other rows: %v", content, object, err)
			}
		}
		checkAside(t, objects["setaside/run=r1/00001.jsonl"], aside)
	})
}

// checkAside checks that there are n lines, all of them JSON.
func checkAside(t *testing.T, object []byte, n int64) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(object), "\n"), "\n")
	if n == 0 && len(object) == 0 {
		return
	}
	if int64(len(lines)) != n {
		t.Fatalf("%d lines are set aside, want %d", len(lines), n)
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("a line set aside is no JSON: %q", line)
		}
	}
}

// shelf is a bucket in memory.
type shelf map[string][]byte

func (s shelf) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	body, ok := s[*in.Key]
	if !ok {
		return nil, &types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(body))}, nil
}

func (s shelf) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	body, ok := s[*in.Key]
	if !ok {
		return nil, &types.NotFound{}
	}
	return &s3.HeadObjectOutput{ContentLength: new(int64(len(body))), ETag: new("e")}, nil
}

func (s shelf) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	body, err := io.ReadAll(in.Body)
	s[*in.Key] = body
	return &s3.PutObjectOutput{}, err
}

// accepted is a result that adds up.
const accepted = `{"file":1,"key":"k","items":2,"rows":{"customer":2},"setAside":{},"problem":"",` +
	`"objects":[{"type":"customer","key":"o","bytes":1,"etag":"e","rows":2}]}`

// FuzzReconciler checks that whatever stands where a result should be, the
// night either adds up to the export's count, or is Corrupt and nothing is
// written for COPY.
func FuzzReconciler(f *testing.F) {
	f.Add([]byte(`{"file":1,"key":"k","items":2,"rows":{"order":1},"setAside":{"order":{"wrong_type":1}},"problem":"",` +
		`"objects":[{"type":"order","key":"o","bytes":1,"etag":"e","rows":1,"sums":{"numberofitems":9223372036854775807}}],` +
		`"aside":{"type":"","key":"o","bytes":1,"etag":"e","rows":1},` +
		`"unknown":[{"type":"order","attribute":"a","kind":"S","items":1}],"withUnknown":{"order":1},` +
		`"unknownObjects":[{"type":"order","key":"o","bytes":1,"etag":"e","rows":1}]}`))
	f.Add([]byte(accepted))
	f.Add([]byte(`{"file":1,"key":"k","items":2,"rows":{"house":2},"setAside":{},"problem":"","objects":[{"type":"house","key":"o","bytes":1,"rows":2}]}`))
	f.Add([]byte(`{"file":1,"key":"k","items":2,"rows":{"order":-3},"setAside":{"order":{"x":5}},"problem":"","objects":[{"type":"order","key":"o","bytes":1,"rows":-3,"sums":{"numberofitems":0}}],"unknown":[{"type":"a","items":-1}]}`))
	f.Add([]byte(`{"file":1,"key":"k","items":2,"objects":[{"type":"customer","key":"o","bytes":1,"rows":2}]}`))
	f.Fuzz(func(t *testing.T, result []byte) {
		bucket := shelf{"plan": []byte(`[{"number":1,"key":"k","items":2,"md5":""}]`), "runs/r1/files/00001.json": result, "o": {0}}
		in := lake.ReconcileInput{RunID: "r1"}
		in.Plan.Key, in.Plan.Items = "plan", 2
		got, err := lake.NewReconciler(bucket, store(t), "lake").Reconcile(t.Context(), in)
		if err != nil {
			if string(result) == accepted {
				t.Fatalf("Reconcile(%q) = %v, want a night", result, err)
			}
			if fault.KindOf(err) != fault.Corrupt || len(bucket) > 3 {
				t.Fatalf("Reconcile(%q) = %v, and %d objects were written", result, err, len(bucket)-3)
			}
			return
		}
		var sum int64
		for _, n := range got.Rows {
			sum += n
		}
		sum += got.SetAside.Total()
		if got.Items != 2 || sum != 2 {
			t.Fatalf("Reconcile(%q) = %+v, want 2 items", result, got)
		}
		for _, table := range got.Tables {
			if table.Rows < 0 || (table.Files == 0) != (table.Manifest == "") {
				t.Fatalf("Reconcile(%q) loads %+v", result, table)
			}
		}
	})
}
