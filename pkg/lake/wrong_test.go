package lake_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// instant reads an INT96: the nanoseconds of a Julian day, and the day.
func instant(t *testing.T, value any) time.Time {
	t.Helper()
	parts, ok := value.(deprecated.Int96)
	if !ok {
		t.Fatalf("%T %v is not an instant", value, value)
	}
	nanos := int64(parts[1])<<32 | int64(parts[0])
	return time.Unix((int64(parts[2])-2440588)*86400, nanos).UTC()
}

// wrongValue is a line of the objects below wrong/.
type wrongValue struct {
	Reason, Object, Field, Column, Detail string
	Line                                  int
	Keys                                  map[string]any
	Value                                 json.RawMessage
}

// wrongValues reads the wrong values of file 1, by rows and column.
func (e export) wrongValues(t *testing.T) map[string][]wrongValue {
	t.Helper()
	values := map[string][]wrongValue{}
	for _, key := range e.s3.Keys("lake") {
		rows, ok := strings.CutPrefix(key, "wrong/type=")
		if !ok {
			continue
		}
		rows, _, _ = strings.Cut(rows, "/")
		object, _ := e.s3.Object("lake", key)
		for line := range bytes.Lines(object.Body) {
			var v wrongValue
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatalf("decode %q: %v", line, err)
			}
			values[rows+"."+v.Column] = append(values[rows+"."+v.Column], v)
		}
	}
	return values
}

// TestPartition_aWrongTextDoesNotCostThePrice keeps three wrong texts of lines
// whose prices are right.
func TestPartition_aWrongTextDoesNotCostThePrice(t *testing.T) {
	t.Parallel()

	e := setup(t)
	line := func(attribute string) string {
		return strings.Replace(product, `"tags":{"SS":["a","b"]}`, attribute, 1)
	}
	text := strings.Join([]string{
		line(`"productname":{"S":"` + strings.Repeat("長", 67) + `"}`), line(`"color":{"BOOL":true},"category":{"N":"7"}`), line(`"color":{"S":"red"}`),
	}, "\n")
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, text), 3))
	if err != nil {
		t.Fatal(err)
	}
	want := lakedoc.Wrong{"product": {
		"productname": {lakedoc.ValueTooLong: 1}, "color": {lakedoc.WrongType: 1}, "category": {lakedoc.WrongType: 1},
	}}
	if diff := cmp.Diff(want, got.Wrong); diff != "" || got.Rows["product"] != 3 || got.SetAside.Total() != 0 {
		t.Fatalf("Partition() = %+v; wrong (-want +got):\n%s", got, diff)
	}
	if sum := got.Objects[0].Sums["price"].String(); sum != "-3" {
		t.Errorf("the prices add up to %s, want -3", sum)
	}
	kept := e.wrongValues(t)["product.color"]
	wantKept := []wrongValue{{
		Reason: "wrong_type", Object: "s3://raw/data/x.json.gz", Line: 2, Field: "color", Column: "color",
		Detail: "color is BOOL, column color takes S", Value: json.RawMessage(`{"BOOL":true}`),
		Keys: map[string]any{"PK": map[string]any{"S": "ORD#o1"}, "SK": map[string]any{"S": "PROD#p1"}},
	}}
	if diff := cmp.Diff(wantKept, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	for i, row := range e.rows(t, "items/type=product/run=r1/00001.parquet") {
		if (row["color"] != nil) != (i == 2) {
			t.Errorf("row %d has color %v", i+1, row["color"])
		}
	}
}

// TestPartition_anAddressThatIsText says which attribute is not a map.
func TestPartition_anAddressThatIsText(t *testing.T) {
	t.Parallel()

	e := setup(t)
	text := strings.Replace(customer, `{"M":{"city":{"S":"Oslo"},"postcode":{"S":"0150"},"country":{"S":"Norway"}}}`, `{"S":"Oslo"}`, 1)
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, text), 1))
	if err != nil || got.Rows["customer"] != 1 || got.Wrong.In("customer") != 5 {
		t.Fatalf("Partition() = %+v, %v", got, err)
	}
	city := e.wrongValues(t)["customer.city"][0]
	if city.Detail != "Address is S, not M: column city reads Address.city" || city.Field != "Address" || string(city.Value) != `{"S":"Oslo"}` {
		t.Errorf("kept %+v", city)
	}
}

// TestPartition_policies gives a column each of the policies.
func TestPartition_policies(t *testing.T) {
	t.Parallel()

	wrong := strings.Replace(product, `"tags":{"SS":["a","b"]}`, `"color":{"N":"1"}`, 1)
	tests := map[string]struct {
		policy  model.Policy
		rows    int64
		refusal string
	}{
		"the value": {model.WrongValue, 1, ""},
		"the item":  {model.WrongItem, 0, ""},
		"the night": {model.WrongNight, 0, "the model refuses a night with a wrong value like that in line 1 of s3://raw/data/x.json.gz: color is N, column color takes S (wrong_type)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, m := setup(t), store(t)
			column(t, &m, "product", "color").Wrong = tt.policy
			var err error
			if e.partition, err = lake.NewPartitioner(e.s3.Client(), m, "raw", "lake"); err != nil {
				t.Fatal(err)
			}
			in := night(t, e, wrong+"\n"+order+"\n")
			got, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Rows["product"] != tt.rows || got.SetAside.Of("product") != 1-tt.rows || got.Wrong.Of("product", "color") != tt.rows || got.Refusal != tt.refusal {
				t.Errorf("Reconcile() = %+v", got)
			}
		})
	}
}

// TestPartition_unknownPolicies gives an item type each of the policies for
// attributes that it does not declare.
func TestPartition_unknownPolicies(t *testing.T) {
	t.Parallel()

	text := strings.Replace(customer, `"city":{"S":"Oslo"}`, `"city":{"S":"Oslo"},"geo":{"N":"1"}`, 1) + "\n" + strings.Replace(customer, "ann", "bob", -1)
	tests := map[string]struct {
		policy                model.Unknown
		rows, unknown, refuse int64
	}{
		"keep": {model.KeepUnknown, 2, 1, 0}, "ignore": {model.IgnoreUnknown, 2, 0, 0}, "refuse": {model.RefuseUnknown, 1, 0, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, m := setup(t), store(t)
			m.Items[0].Unknown = tt.policy
			var err error
			if e.partition, err = lake.NewPartitioner(e.s3.Client(), m, "raw", "lake"); err != nil {
				t.Fatal(err)
			}
			got, err := e.partition.Partition(t.Context(), e.put(zip(t, text), 2))
			if err != nil {
				t.Fatal(err)
			}
			if got.Rows["customer"] != tt.rows || got.WithUnknown["customer"] != tt.unknown || int64(len(got.Unknown)) != tt.unknown ||
				got.SetAside["customer"][lakedoc.UnknownAttribute] != tt.refuse {
				t.Fatalf("Partition() = %+v", got)
			}
			if kept := e.setAside(t)[1]; tt.refuse > 0 && kept.Field != "Address.geo" {
				t.Errorf("set aside for %q, want Address.geo", kept.Field)
			}
		})
	}
}
