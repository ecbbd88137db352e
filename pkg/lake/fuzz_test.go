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
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// memory is an output that keeps what was committed.
type memory struct {
	bytes.Buffer

	key  string
	into map[string][]byte
}

func (m *memory) Commit() (string, error) {
	m.into[m.key] = m.Bytes()
	return "e", nil // as a shelf has it
}

func (m *memory) Abandon() {}

// everything is a model with a column of each kind, rows within items, and item
// types of each sort.
const everything = `
nightstar: 1
model: everything
table: { partitionKey: PK, sortKey: SK, typeAttribute: [type, kind] }
calendar: { timeZone: America/New_York }
items:
  customer:
    keys: { PK: "CUST#{username}", SK: "CUST#{username}" }
    unknown: refuse
    columns: { username: string(8), address: { from: Address, type: json }, email: { type: string(8), whenWrong: night } }
  order:
    keys: { PK: "CUST#{username}", SK: "ORD#{orderid}", GSIpk: "d#{day}|{region}" }
    columns:
      username: string(8)
      orderid: integer
      day: date
      region: string(4)
      orderdate: timestamp
      seconds: { type: timestamp, format: epochSeconds }
      http: { type: timestamp, format: rfc1123 }
      layout: { type: timestamp, layout: "02.01.2006 15:04" }
      ratio: double
      big: { type: bigint, convert: true }
      flag: { type: boolean, convert: true }
    rows:
      line: { list: lines, columns: { sku: { type: string(4), required: true }, price: "decimal(38,2)", more: json } }
      note: { map: more.notes, columns: { text: string(4), by: { from: author.name, type: string(4) } } }
  product:
    keys: { PK: "ORD#{orderid}", SK: "PROD#{productid}" }
    columns: { orderid: string(8), productid: string(8) }
  log: { type: [Log], skip: true }
`

// FuzzSplitter checks that any content of a data file is accounted for: each
// line that is not blank is a row, is set aside or is skipped, every object holds
// as many as the result says, and the reconciler finds that it all adds up.
func FuzzSplitter(f *testing.F) {
	for _, line := range laketest.Lines() {
		if len(line.Text) < 4096 {
			f.Add([]byte(line.Text+"\n"+order), false, false)
			f.Add([]byte(line.Text+"\n"+order), true, false)
		}
	}
	f.Add([]byte("\r\n \n"+customer+"\r\n"+product+"\n\n"), false, false)
	f.Add([]byte(keyed("CUST#a", "ORD#1", `"GSIpk":{"S":"d#2024-02-29|eu"},"seconds":{"N":"1.5"},"http":{"S":"Mon, 01 Jan 2024 10:20:30 GMT"},"layout":{"S":"31.12.2023 23:59"},`+
		`"ratio":{"N":"0.1"},"big":{"S":"7"},"flag":{"N":"1"},"lines":{"L":[{"M":{"sku":{"S":"a"},"price":{"N":"1"},"more":{"SS":["x"]},"z":{"BOOL":true}}},{"M":{"sku":{"S":"\u0062"}}}]},`+
		`"more":{"M":{"notes":{"M":{"n\u0031":{"M":{"text":{"S":"too long"},"author":{"S":"x"}}}}}}}`)), true, false)
	f.Add([]byte(keyed("a", "b", `"kind":{"S":"Log"}`)+"\n"+keyed("CUST#a", "CUST#a", `"email":{"N":"1"},"Address":{"M":{"n":{"N":"+.5"}}}`)), true, false)
	for _, item := range []string{customer, order, keyed("CUST#ann", "CUST#ann", `"type":{"S":"product"}`), keyed("CUST#b", "ORD#7", `"lines":{"L":[{"M":{"sku":{"S":"a"}}}]}`)} {
		image := strings.TrimSuffix(strings.TrimPrefix(item, `{"Item":`), "}")
		change := `{"Metadata":{"WriteTimestampMicros":{"N":"1716791050804459"}},"Keys":{"PK":{"S":"CUST#ann"},"SK":{"S":"CUST#ann"}},"OldImage":` + image
		f.Add([]byte(change+`,"NewImage":`+image+"}\n"+change+"}\n"+strings.Replace(change, "OldImage", "NewImage", 1)+"}"), true, true)
	}
	models := map[bool]model.Model{false: store(f), true: read(f, everything)}
	for i := range models[true].Items {
		for j := range models[true].Items[i].Nested {
			for k := range models[true].Items[i].Nested[j].Columns {
				c := &models[true].Items[i].Nested[j].Columns[k]
				c.Measured = c.Type.IsNumber()
			}
		}
	}
	splitters := map[bool]*lake.Splitter{}
	for which, m := range models {
		splitter, err := lake.NewSplitter(m)
		if err != nil {
			f.Fatal(err)
		}
		splitters[which] = splitter
	}
	f.Fuzz(func(t *testing.T, content []byte, which, changes bool) {
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
		bucket := shelf{}
		file := lakedoc.File{Number: 1, Key: "k", Items: items, MD5: md5Of(packed), Changes: changes}
		got, err := splitters[which].Split(t.Context(), lake.PartitionInput{RunID: "r1", File: file}, "fuzz", bytes.NewReader(packed), func(key string) lake.Output {
			return &memory{key: key, into: bucket}
		})
		if err != nil {
			t.Fatalf("Split(%q) = %v", content, err)
		}
		for _, object := range append(got.Objects, got.UnknownObjects...) {
			parquetFile, err := parquet.OpenFile(bytes.NewReader(bucket[object.Key]), int64(len(bucket[object.Key])))
			if err != nil || parquetFile.NumRows() != object.Rows {
				t.Fatalf("Split(%q): object %+v has other rows: %v", content, object, err)
			}
		}
		checkLines(t, bucket[lakedoc.SetAsideKey("r1", 1)], got.SetAside.Total())
		for _, object := range got.WrongObjects {
			checkLines(t, bucket[object.Key], object.Rows)
		}
		bucket[lakedoc.ResultKey("r1", 1)], _ = json.Marshal(got)
		bucket["plan"], _ = json.Marshal([]lakedoc.File{file})
		in := lake.ReconcileInput{RunID: "r1"}
		in.Plan.Key, in.Plan.Items, in.Plan.Mode = "plan", items, map[bool]string{false: lakedoc.Full, true: lakedoc.Incremental}[changes]
		if night, err := lake.NewReconciler(bucket, models[which], "lake").Reconcile(t.Context(), in); err != nil || night.Items != items {
			t.Fatalf("Split(%q) = %+v, which does not add up: %v", content, got, err)
		}
	})
}

// checkLines checks that there are n lines, all of them JSON.
func checkLines(t *testing.T, object []byte, n int64) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(object), "\n"), "\n")
	if n == 0 && len(object) == 0 {
		return
	}
	if int64(len(lines)) != n {
		t.Fatalf("%d lines are kept, want %d", len(lines), n)
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("a line that is kept is not JSON: %q", line)
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
	f.Add([]byte(`{"file":1,"key":"k","items":2,"rows":{"customer":1},"setAside":{},"skipped":{"customer":1},"wrong":{"customer":{"email":{"x":9}}},"problem":"",` +
		`"objects":[{"type":"customer","key":"o","bytes":1,"etag":"e","rows":1}],"wrongObjects":[{"type":"customer","key":"o","bytes":1,"etag":"e","rows":9}]}`))
	f.Add([]byte(`{"file":1,"key":"k","items":2,"objects":[{"type":"customer","key":"o","bytes":1,"rows":2}]}`))
	m := store(f)
	f.Fuzz(func(t *testing.T, result []byte) {
		bucket := shelf{"plan": []byte(`[{"number":1,"key":"k","items":2,"md5":""}]`), "runs/r1/files/00001.json": result, "o": {0}}
		in := lake.ReconcileInput{RunID: "r1"}
		in.Plan.Key, in.Plan.Items = "plan", 2
		got, err := lake.NewReconciler(bucket, m, "lake").Reconcile(t.Context(), in)
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
