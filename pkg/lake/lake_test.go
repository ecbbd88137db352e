package lake_test

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

const (
	customer = `{"Item":{"PK":{"S":"CUST#ann"},"SK":{"S":"CUST#ann"},"type":{"S":"customer"},"username":{"S":"ann"},` +
		`"email":{"NULL":true},"fullname":{"S":"Ann \"A\" Lee"},"Address":{"M":{"city":{"S":"Oslo"},"postcode":{"S":"0150"},"country":{"S":"Norway"}}}}}`
	order = `{"Item":{"orderdate":{"S":"2021-05-03T12:30:00+02:00"},"amount":{"N":"12.5"},"numberofitems":{"N":"2"},` +
		`"orderid":{"S":"o1"},"SK":{"S":"ORD#o1"},"PK":{"S":"CUST#ann"}}}` // no type attribute: known by its keys
	product = `{"Item":{"PK":{"S":"ORD#o1"},"SK":{"S":"PROD#p1"},"type":{"S":"product"},"orderid":{"S":"o1"},"productid":{"S":"p1"},` +
		`"price":{"N":"-0.01"},"tags":{"SS":["a","b"]}}}`
)

// export is a raw and a lake bucket, and a partitioner between them.
type export struct {
	s3        *awstest.S3
	partition *lake.Partitioner
}

func setup(t *testing.T) export {
	t.Helper()
	server := awstest.NewS3(t, "raw", "lake")
	p, err := lake.NewPartitioner(server.Client(), store(t), "raw", "lake")
	if err != nil {
		t.Fatal(err)
	}
	return export{s3: server, partition: p}
}

func zip(t *testing.T, text string) []byte {
	t.Helper()
	return awstest.Gzip(t, []byte(text))
}

// put stores a data file and describes it as the export's manifest would.
func (e export) put(body []byte, items int64) lake.PartitionInput {
	e.s3.Put("raw", "data/x.json.gz", body)
	return lake.PartitionInput{RunID: "r1", File: lakedoc.File{Number: 1, Key: "data/x.json.gz", Items: items, MD5: md5Of(body)}}
}

// md5Of is the checksum of a data file as its manifest has it.
func md5Of(body []byte) string {
	sum := md5.Sum(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// rows reads a Parquet object with a reader that is not ours.
func (e export) rows(t *testing.T, key string) []map[string]any {
	t.Helper()
	object, ok := e.s3.Object("lake", key)
	if !ok {
		t.Fatalf("object %s is missing; there are %v", key, e.s3.Keys("lake"))
	}
	file, err := parquet.OpenFile(bytes.NewReader(object.Body), int64(len(object.Body)))
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	reader := parquet.NewReader(file)
	for range file.NumRows() {
		row := map[string]any{}
		if err := reader.Read(&row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestPartition(t *testing.T) {
	t.Parallel()

	e := setup(t)
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, customer+"\n"+order+"\r\n\n"+product), 3))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"customer": 1, "order": 1, "product": 1}, got.Rows); diff != "" || got.Items != 3 || got.Problem != "" {
		t.Fatalf("Partition() = %+v (-want +got rows):\n%s", got, diff)
	}
	people := e.rows(t, "items/type=customer/run=r1/00001.parquet")
	want := []map[string]any{{
		"username": "ann", "email": nil, "fullname": `Ann "A" Lee`, "addressline1": nil, "addressline2": nil,
		"city": "Oslo", "postcode": "0150", "country": "Norway",
	}}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("customers (-want +got):\n%s", diff)
	}
	line := e.rows(t, "items/type=product/run=r1/00001.parquet")[0]
	if line["orderid"] != "o1" || line["color"] != nil {
		t.Errorf("product = %v", line)
	}
	for _, object := range got.Objects {
		stored, ok := e.s3.Object("lake", object.Key)
		if !ok || int64(len(stored.Body)) != object.Bytes || object.Rows != 1 {
			t.Errorf("object %+v is stored with %d bytes", object, len(stored.Body))
		}
	}
	reported, _ := e.s3.Object("lake", "runs/r1/files/00001.json")
	var result lakedoc.Result
	if err := json.Unmarshal(reported.Body, &result); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, result); diff != "" {
		t.Errorf("the result that is stored (-returned +stored):\n%s", diff)
	}
}

func TestPartition_columnsAreTheModelsInOrder(t *testing.T) {
	t.Parallel()

	e := setup(t)
	if _, err := e.partition.Partition(t.Context(), e.put(zip(t, customer+"\n"+order+"\n"+product), 3)); err != nil {
		t.Fatal(err)
	}
	for _, item := range store(t).Items {
		object, _ := e.s3.Object("lake", "items/type="+item.Name+"/run=r1/00001.parquet")
		file, err := parquet.OpenFile(bytes.NewReader(object.Body), int64(len(object.Body)))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, column := range file.Root().Columns() {
			names = append(names, column.Name())
		}
		if diff := cmp.Diff(model.Names(item.Columns), names); diff != "" {
			t.Errorf("columns of %s (-model +file):\n%s", item.Name, diff)
		}
	}
}

func TestPartition_setsAside(t *testing.T) {
	t.Parallel()

	with := func(base, old, replacement string) string {
		if !strings.Contains(base, old) {
			t.Fatalf("%s is not in the item", old)
		}
		return strings.Replace(base, old, replacement, 1)
	}
	tests := map[string]struct {
		line   string
		reason lakedoc.Reason
		field  string
	}{
		"a line that is not JSON":               {line: `oops`, reason: lakedoc.NotAnItem},
		"a line that is not UTF-8":              {line: "{\"Item\":{\"a\":{\"S\":\"\xff\"}}}", reason: lakedoc.NotAnItem, field: "a"},
		"an item without a partition key":       {line: with(product, `"PK":{"S":"ORD#o1"},`, ``), reason: lakedoc.MissingKey, field: "PK"},
		"a sort key that is not a string":       {line: with(product, `"SK":{"S":"PROD#p1"}`, `"SK":{"N":"1"}`), reason: lakedoc.MissingKey, field: "SK"},
		"an unknown type":                       {line: with(product, `"product"`, `"invoice"`), reason: lakedoc.UnknownType, field: "type"},
		"keys of no known type":                 {line: with(order, `CUST#ann`, `X#1`), reason: lakedoc.UnknownType},
		"a type attribute that is not a string": {line: with(product, `{"S":"product"}`, `{"N":"1"}`), reason: lakedoc.WrongType, field: "type"},
		"keys that contradict the type":         {line: with(product, `"product"`, `"order"`), reason: lakedoc.TypeContradictsKey, field: "type"},
		"a value that contradicts the key":      {line: with(product, `"orderid":{"S":"o1"}`, `"orderid":{"S":"o2"}`), reason: lakedoc.ValueContradictsKey, field: "orderid"},
		"a missing required attribute":          {line: with(product, `"price":{"N":"-0.01"},`, ``), reason: lakedoc.MissingAttribute, field: "price"},
		"a required attribute that is NULL":     {line: with(product, `{"N":"-0.01"}`, `{"NULL":true}`), reason: lakedoc.MissingAttribute, field: "price"},
		"a number as a string":                  {line: with(product, `{"N":"-0.01"}`, `{"S":"1"}`), reason: lakedoc.WrongType, field: "price"},
		"a number that contradicts the key":     {line: with(product, `"productid":{"S":"p1"}`, `"productid":{"N":"1"}`), reason: lakedoc.ValueContradictsKey, field: "productid"},
		"a set that repeats a key":              {line: with(product, `"productid":{"S":"p1"}`, `"productid":{"SS":["p1"]}`), reason: lakedoc.WrongType, field: "productid"},
		"two keys that should be one":           {line: with(customer, `"SK":{"S":"CUST#ann"}`, `"SK":{"S":"CUST#bob"}`), reason: lakedoc.TypeContradictsKey, field: "type"},
		"two keys that should be one, no type":  {line: with(with(customer, `"SK":{"S":"CUST#ann"}`, `"SK":{"S":"CUST#bob"}`), `"type":{"S":"customer"},`, ``), reason: lakedoc.UnknownType},
		"a number too large":                    {line: with(product, `-0.01`, `1E+30`), reason: lakedoc.NumberOutOfRange, field: "price"},
		"a number with too many decimals":       {line: with(product, `-0.01`, `1.005`), reason: lakedoc.NumberNotExact, field: "price"},
		"a value too long":                      {line: with(product, `"p1"`, `"`+strings.Repeat("å", 33)+`"`), reason: lakedoc.ValueTooLong, field: "productid"},
		"a NUL character":                       {line: with(product, `"p1"`, `"p\u00001"`), reason: lakedoc.NulCharacter, field: "productid"},
		"a day that does not exist":             {line: with(order, `2021-05-03T12:30:00+02:00`, `2021-02-30`), reason: lakedoc.NotATimestamp, field: "orderdate"},
		"a time finer than a microsecond":       {line: with(order, `12:30:00+`, `12:30:00.1234567+`), reason: lakedoc.NotATimestamp, field: "orderdate"},
		"a wrong attribute after a right one":   {line: with(order, `"orderid":{"S":"o1"}`, `"orderid":{"BOOL":true}`), reason: lakedoc.ValueContradictsKey, field: "orderid"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			got, err := e.partition.Partition(t.Context(), e.put(zip(t, order+"\n"+tt.line+"\n"+product+"\n"), 3))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[lakedoc.Reason]int64{tt.reason: 1}, got.SetAside.ByReason()); diff != "" {
				t.Fatalf("set aside (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]int64{"order": 1, "product": 1}, got.Rows); diff != "" {
				t.Errorf("the rest of the file (-want +got):\n%s", diff)
			}
			object, _ := e.s3.Object("lake", "setaside/run=r1/00001.jsonl")
			var kept struct {
				Reason lakedoc.Reason
				Object string
				Line   int
				Field  string
				Detail string
				Item   json.RawMessage
				Text   string
				Base64 []byte
			}
			if err := json.Unmarshal(object.Body, &kept); err != nil {
				t.Fatalf("decode %q: %v", object.Body, err)
			}
			if kept.Reason != tt.reason || kept.Object != "s3://raw/data/x.json.gz" || kept.Line != 2 || kept.Field != tt.field || kept.Detail == "" {
				t.Errorf("kept %+v, want reason %s, field %q, line 2 of the object and a detail", kept, tt.reason, tt.field)
			}
			whole := kept.Text + string(kept.Base64)
			if kept.Item != nil {
				whole = `{"Item":` + string(kept.Item) + `}`
			}
			if whole != tt.line {
				t.Errorf("kept %q, want the line as it was: %q", whole, tt.line)
			}
		})
	}
}

func TestPartition_reportsAFileThatContradictsItsManifest(t *testing.T) {
	t.Parallel()

	good := zip(t, customer+"\n"+order+"\n"+product+"\noops\n")
	tests := map[string]struct {
		alter func(e export, in *lake.PartitionInput)
		want  string
	}{
		"missing":   {func(e export, _ *lake.PartitionInput) { e.s3.Delete("raw", "data/x.json.gz") }, "not in the bucket"},
		"truncated": {func(e export, _ *lake.PartitionInput) { e.s3.Put("raw", "data/x.json.gz", good[:len(good)-9]) }, "decompress"},
		"no gzip":   {func(e export, _ *lake.PartitionInput) { e.s3.Put("raw", "data/x.json.gz", []byte("hello")) }, "decompress"},
		"altered": {func(e export, _ *lake.PartitionInput) {
			e.s3.Put("raw", "data/x.json.gz", zip(t, strings.Repeat(order+"\n", 4)))
		}, "MD5"},
		"longer": {func(e export, _ *lake.PartitionInput) {
			e.s3.Put("raw", "data/x.json.gz", slices.Concat(good, zip(t, "")))
		}, "MD5"},
		"miscounted":     {func(_ export, in *lake.PartitionInput) { in.File.Items = 5 }, "it holds 4 items, the manifest counts 5"},
		"empty, but not": {func(e export, _ *lake.PartitionInput) { e.s3.Put("raw", "data/x.json.gz", nil) }, "MD5"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			in := e.put(good, 4)
			tt.alter(e, &in)
			got, err := e.partition.Partition(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Problem, tt.want) || got.Items != 0 || len(got.Objects) != 0 {
				t.Errorf("Partition() = %+v, want a problem with %q and nothing else", got, tt.want)
			}
			if diff := cmp.Diff([]string{"runs/r1/files/00001.json"}, e.s3.Keys("lake")); diff != "" {
				t.Errorf("objects of a file that was refused (-want +got):\n%s", diff)
			}
			if n := e.s3.OpenUploads(); n != 0 {
				t.Errorf("%d uploads were left open", n)
			}
		})
	}
}

func TestPartition_emptyFiles(t *testing.T) {
	t.Parallel()

	for name, body := range map[string][]byte{"a gzip member of nothing": zip(t, ""), "an object of nothing": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			got, err := e.partition.Partition(t.Context(), e.put(body, 0))
			if err != nil || got.Problem != "" || got.Items != 0 {
				t.Fatalf("Partition() = %+v, %v; want an empty result", got, err)
			}
			if diff := cmp.Diff([]string{"runs/r1/files/00001.json"}, e.s3.Keys("lake")); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPartition_twiceWritesTheSameBytes(t *testing.T) {
	t.Parallel()

	e := setup(t)
	in := e.put(slices.Concat(zip(t, strings.Repeat(customer+"\n"+order+"\n", 500)), zip(t, strings.Repeat("oops\n"+product+"\n", 500))), 2000)
	snapshot := func() map[string]string {
		if got, err := e.partition.Partition(t.Context(), in); err != nil || got.Problem != "" {
			t.Fatalf("Partition() = %+v, %v", got, err)
		}
		bodies := map[string]string{}
		for _, key := range e.s3.Keys("lake") {
			object, _ := e.s3.Object("lake", key)
			bodies[key] = string(object.Body)
		}
		return bodies
	}
	first, second := snapshot(), snapshot()
	if len(first) != 6 || !maps.Equal(first, second) {
		t.Errorf("two runs over one file differ, or wrote %d objects instead of 6", len(first))
	}
}

func TestPartition_returnsAnErrorWhenS3Fails(t *testing.T) {
	t.Parallel()

	for _, operation := range []string{"GetObject", "PutObject"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			in := e.put(zip(t, order), 1)
			e.s3.Fail(func(c awstest.Call) *awstest.Failure {
				if c.Operation != operation {
					return nil
				}
				return &awstest.Failure{Status: 403, Code: "AccessDenied"}
			})
			if got, err := e.partition.Partition(t.Context(), in); err == nil {
				t.Errorf("Partition() = %+v, want an error", got)
			}
			if keys := e.s3.Keys("lake"); len(keys) != 0 {
				t.Errorf("objects %v exist, want none", keys)
			}
		})
	}
}

// night partitions files of the given lines and writes the plan.
func night(t *testing.T, e export, files ...string) lake.ReconcileInput {
	t.Helper()
	var plan []lakedoc.File
	for i, lines := range files {
		in := e.put(zip(t, lines), int64(strings.Count(lines, "\n")))
		in.File.Number = i + 1
		if _, err := e.partition.Partition(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, in.File)
	}
	return e.plan(t, "r1", plan...)
}

// plan writes the work list of a run.
func (e export) plan(t *testing.T, run string, files ...lakedoc.File) lake.ReconcileInput {
	t.Helper()
	body, err := json.Marshal(files)
	if err != nil {
		t.Fatal(err)
	}
	in := lake.ReconcileInput{RunID: run}
	in.Plan.Key = "runs/" + run + "/plan.json"
	for _, file := range files {
		in.Plan.Items += file.Items
	}
	e.s3.Put("lake", in.Plan.Key, body)
	return in
}

// bytes adds up the Parquet files of a set of rows.
func (e export) bytes(rows string) (n int64) {
	for _, key := range e.s3.Keys("lake") {
		if strings.HasPrefix(key, "items/type="+rows+"/") {
			object, _ := e.s3.Object("lake", key)
			n += int64(len(object.Body))
		}
	}
	return n
}

func TestReconcile(t *testing.T) {
	t.Parallel()

	e := setup(t)
	in := night(t, e, customer+"\n"+order+"\noops\n", product+"\n"+customer+"\n", "")
	reconciler := lake.NewReconciler(e.s3.Client(), store(t), "lake")
	got, err := reconciler.Reconcile(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := lakedoc.Night{
		Items: 5, Rows: map[string]int64{"customer": 2, "order": 1, "product": 1}, SetAside: lakedoc.SetAside{"?": {"not_an_item": 1}},
		Skipped: map[string]int64{}, Wrong: lakedoc.Wrong{}, Notes: []string{},
		Unknown:  []lakedoc.Unknown{{Type: "product", Attribute: "tags", Kind: "SS", Items: 1}},
		Standing: map[string]int64{"customer": 2, "order": 1, "product": 1},
		Tables: []lakedoc.TableLoad{
			{Table: "customer", Manifest: "s3://lake/runs/r1/copy/customer.manifest", Files: 2, Rows: 2, Bytes: e.bytes("customer"), Sums: map[string]scalar.Sum{}},
			{Table: "order", Manifest: "s3://lake/runs/r1/copy/order.manifest", Files: 1, Rows: 1, Bytes: e.bytes("order"), Sums: map[string]scalar.Sum{"numberofitems": scalar.SumOf(2)}},
			{Table: "product", Manifest: "s3://lake/runs/r1/copy/product.manifest", Files: 1, Rows: 1, Bytes: e.bytes("product"), Sums: map[string]scalar.Sum{"price": scalar.SumOf(-1)}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Reconcile() (-want +got):\n%s", diff)
	}
	manifest, _ := e.s3.Object("lake", "runs/r1/copy/order.manifest")
	parquetObject, _ := e.s3.Object("lake", "items/type=order/run=r1/00001.parquet")
	wantManifest := fmt.Sprintf(`{"entries":[{"url":"s3://lake/items/type=order/run=r1/00001.parquet","mandatory":true,"meta":{"content_length":%d}}]}`,
		len(parquetObject.Body))
	if string(manifest.Body) != wantManifest {
		t.Errorf("manifest is %s, want %s", manifest.Body, wantManifest)
	}
}

func TestReconcile_ofAnEmptyExport(t *testing.T) {
	t.Parallel()

	e := setup(t)
	in := night(t, e, "")
	got, err := lake.NewReconciler(e.s3.Client(), store(t), "lake").Reconcile(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range got.Tables {
		if table.Manifest != "" || table.Files != 0 || table.Rows != 0 {
			t.Errorf("load %+v, want one without files", table)
		}
	}
	if got.Refusal != "" || len(got.Tables) != 3 {
		t.Errorf("there are %d loads and the refusal %q, want a load for each landing table", len(got.Tables), got.Refusal)
	}
}

func TestReconcile_findsWhatDoesNotAddUp(t *testing.T) {
	t.Parallel()

	const first = "runs/r1/files/00001.json"
	edit := func(change func(*lakedoc.Result)) func(*testing.T, export, *lake.ReconcileInput) {
		return func(t *testing.T, e export, _ *lake.ReconcileInput) {
			t.Helper()
			object, _ := e.s3.Object("lake", first)
			var result lakedoc.Result
			if err := json.Unmarshal(object.Body, &result); err != nil {
				t.Fatal(err)
			}
			change(&result)
			body, err := json.Marshal(result)
			if err != nil {
				t.Fatal(err)
			}
			e.s3.Put("lake", first, body)
		}
	}
	tests := map[string]struct {
		alter func(*testing.T, export, *lake.ReconcileInput)
		want  string
	}{
		"a file with a problem":                  {edit(func(r *lakedoc.Result) { r.Problem = "its MD5 is x" }), "data file data/x.json.gz: its MD5 is x"},
		"a result of another file":               {edit(func(r *lakedoc.Result) { r.Key = "y" }), "its result is that of file 1, y"},
		"lines lost":                             {edit(func(r *lakedoc.Result) { r.Items-- }), "3 items in the manifest, 2 lines decoded"},
		"rows lost":                              {edit(func(r *lakedoc.Result) { r.Rows["order"]-- }), "1 rows"},
		"items set aside lost":                   {edit(func(r *lakedoc.Result) { clear(r.SetAside) }), "0 set aside"},
		"an object not listed":                   {edit(func(r *lakedoc.Result) { r.Objects = nil }), "0 rows in objects"},
		"a sum lost":                             {edit(func(r *lakedoc.Result) { r.Objects[1].Sums = nil }), `has the sums of [], its measures are ["numberofitems"]`},
		"a sum of nothing":                       {edit(func(r *lakedoc.Result) { r.Objects[0].Sums = map[string]scalar.Sum{"email": {}} }), `its measures are []`},
		"less than no rows":                      {edit(func(r *lakedoc.Result) { r.Objects[0].Rows = -1 }), "has -1 rows"},
		"less than nothing set aside":            {edit(func(r *lakedoc.Result) { r.SetAside.Add("order", "x", -1) }), `-1 items set aside for "x"`},
		"rows of one type in objects of another": {edit(func(r *lakedoc.Result) { r.Rows["order"], r.Rows["customer"] = 0, 2 }), `rows "customer", their objects have 1`},
		"rows of an unknown type":                {edit(func(r *lakedoc.Result) { r.Objects[0].Type = "house" }), `no rows "house"`},
		"a type that is not skipped":             {edit(func(r *lakedoc.Result) { r.Rows["order"], r.Skipped["order"] = 0, 1 }), `1 items of type "order" are skipped`},
		"an item type that nobody declared":      {edit(func(r *lakedoc.Result) { r.SetAside.Add("house", "x", 1) }), `no item type "house"`},
		"wrong values that are not kept":         {edit(func(r *lakedoc.Result) { r.Wrong.Add("order", "amount", "x", 1) }), `1 values of rows "order" are wrong, 0 are kept`},
		"wrong values of no column":              {edit(func(r *lakedoc.Result) { r.Wrong.Add("order", "color", "x", 1) }), `no column "color"`},
		"more wrong values than rows":            {edit(func(r *lakedoc.Result) { r.Wrong.Add("order", "amount", "x", 2) }), `2 values of column "amount" of 1 rows "order"`},
		"wrong values that nobody counted": {edit(func(r *lakedoc.Result) {
			r.WrongObjects = append(r.WrongObjects, lakedoc.Object{Type: "order", Rows: 1})
		}), `1 wrong values of rows "order" are kept, none was counted`},
		"the lines set aside lost": {edit(func(r *lakedoc.Result) { r.Aside = nil }), "0 kept aside"},
		"lines set aside that are gone": {func(_ *testing.T, e export, _ *lake.ReconcileInput) {
			e.s3.Delete("lake", "setaside/run=r1/00001.jsonl")
		}, "setaside/run=r1/00001.jsonl made of it is gone"},
		"unknown attributes of another size": {edit(func(r *lakedoc.Result) {
			r.UnknownObjects[0].Bytes++
		}), "that were written"},
		"unknown attributes of nothing": {edit(func(r *lakedoc.Result) {
			r.UnknownObjects[0].Rows, r.WithUnknown["order"] = 0, 0
		}), `0 of the 1 items of type "order" have unknown attributes`},
		"unknown attributes of more than rows": {edit(func(r *lakedoc.Result) {
			r.UnknownObjects[0].Rows, r.WithUnknown["order"] = 2, 2
		}), `2 of the 1 items of type "order" have unknown attributes`},
		"unknown attributes that nobody has seen": {edit(func(r *lakedoc.Result) { r.WithUnknown = nil }), "by type: map[]; they are kept of: map[order:1]"},
		"unknown attributes lost":                 {edit(func(r *lakedoc.Result) { r.UnknownObjects = nil }), "by type: map[order:1]; they are kept of: map[]"},
		"an object of another size":               {edit(func(r *lakedoc.Result) { r.Objects[0].Bytes++ }), "that were written"},
		"an object of other content": {func(_ *testing.T, e export, _ *lake.ReconcileInput) {
			key := "items/type=order/run=r1/00001.parquet"
			stored, _ := e.s3.Object("lake", key)
			other := slices.Clone(stored.Body)
			other[len(other)/2]++
			e.s3.Put("lake", key, other)
		}, "was written"},
		"an object that is gone": {func(_ *testing.T, e export, _ *lake.ReconcileInput) {
			e.s3.Delete("lake", "items/type=order/run=r1/00001.parquet")
		}, "is gone"},
		"a result that is missing":    {func(_ *testing.T, e export, _ *lake.ReconcileInput) { e.s3.Delete("lake", first) }, first},
		"a result that is not JSON":   {func(_ *testing.T, e export, _ *lake.ReconcileInput) { e.s3.Put("lake", first, []byte("{")) }, first},
		"a summary with another sum":  {func(_ *testing.T, _ export, in *lake.ReconcileInput) { in.Plan.Items++ }, "the export counts 4 items, its files hold 3"},
		"a work list that is missing": {func(_ *testing.T, e export, _ *lake.ReconcileInput) { e.s3.Delete("lake", "runs/r1/plan.json") }, "plan.json"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			in := night(t, e, customer+"\n"+strings.Replace(order, `{"orderdate"`, `{"colour":{"S":"red"},"orderdate"`, 1)+"\noops\n")
			tt.alter(t, e, &in)
			got, err := lake.NewReconciler(e.s3.Client(), store(t), "lake").Reconcile(t.Context(), in)
			if fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Reconcile() = %+v, %v; want a Corrupt error with %q", got, err, tt.want)
			}
			for _, key := range e.s3.Keys("lake") {
				if strings.HasPrefix(key, "runs/r1/copy/") {
					t.Errorf("manifest %s was written for a night that does not add up", key)
				}
			}
		})
	}
}

func TestReconcile_boundsItsError(t *testing.T) {
	t.Parallel()

	e := setup(t)
	in := night(t, e, slices.Repeat([]string{order + "\n"}, 9)...)
	for _, key := range e.s3.Keys("lake") {
		if strings.HasPrefix(key, "runs/r1/files/") {
			e.s3.Delete("lake", key)
		}
	}
	_, err := lake.NewReconciler(e.s3.Client(), store(t), "lake").Reconcile(t.Context(), in)
	if err == nil || !strings.Contains(err.Error(), "and 4 more data files") || strings.Count(err.Error(), "get s3://") != 5 {
		t.Errorf("Reconcile() = %v, want five findings and a count of the rest", err)
	}
}

func TestPartition_callsABrokenConnectionTransient(t *testing.T) {
	t.Parallel()

	e := setup(t)
	in := e.put(zip(t, strings.Repeat(order+"\n", 1000)), 1000)
	e.s3.Fail(func(c awstest.Call) *awstest.Failure {
		if c.Operation != "GetObject" {
			return nil
		}
		return &awstest.Failure{Cut: true}
	})
	got, err := e.partition.Partition(t.Context(), in)
	if fault.KindOf(err) != fault.Transient {
		t.Errorf("Partition() = %+v, %v; want a Transient error", got, err)
	}
}
