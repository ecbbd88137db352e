package lake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

func TestPartition_keepsUnknownAttributes(t *testing.T) {
	t.Parallel()

	e := setup(t)
	nested := strings.Replace(customer, `"city":{"S":"Oslo"}`, `"city":{"S":"Oslo"},"geo":{"M":{"lat":{"N":"59.9"}}}`, 1)
	refused := strings.Replace(product, `{"N":"-0.01"}`, `{"S":"x"}`, 1) // its tags are in the line that is set aside
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, product+"\n"+nested+"\n"+refused+"\n"+order), 4))
	if err != nil {
		t.Fatal(err)
	}
	want := []lakedoc.Unknown{
		{Type: "customer", Attribute: "Address.geo", Kind: "M", Items: 1}, {Type: "product", Attribute: "tags", Kind: "SS", Items: 1},
	}
	if diff := cmp.Diff(want, got.Unknown); diff != "" {
		t.Errorf("unknown attributes (-want +got):\n%s", diff)
	}
	for key, want := range map[string]map[string]any{
		"unknown/type=customer/run=r1/00001.parquet": {"pk": "CUST#ann", "sk": "CUST#ann", "attributes": `{"Address":{"M":{"geo":{"M":{"lat":{"N":"59.9"}}}}}}`},
		"unknown/type=product/run=r1/00001.parquet":  {"pk": "ORD#o1", "sk": "PROD#p1", "attributes": `{"tags":{"SS":["a","b"]}}`},
	} {
		if diff := cmp.Diff([]map[string]any{want}, e.rows(t, key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	if _, ok := e.s3.Object("lake", "unknown/type=order/run=r1/00001.parquet"); ok || len(got.UnknownObjects) != 2 {
		t.Errorf("unknown attributes are kept in %+v, want two objects", got.UnknownObjects)
	}
	for _, object := range got.UnknownObjects {
		if stored, ok := e.s3.Object("lake", object.Key); !ok || int64(len(stored.Body)) != object.Bytes || object.Rows != 1 {
			t.Errorf("object %+v is stored with %d bytes", object, len(stored.Body))
		}
	}
	if n := len(e.rows(t, "items/type=customer/run=r1/00001.parquet")); n != 1 {
		t.Errorf("the item with an unknown attribute is %d rows, want one", n)
	}
}

func TestPartition_leavesOutWhatTheModelIgnores(t *testing.T) {
	t.Parallel()

	e := setup(t)
	indexed := strings.Replace(order, `"amount"`, `"GSIpk":{"S":"ORD#o1"},"GSIsk":{"M":{"any":{"N":"1"}}},"amount"`, 1)
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, indexed), 1))
	if err != nil || got.Rows["order"] != 1 || len(got.Unknown)+len(got.UnknownObjects) != 0 {
		t.Errorf("Partition() = %+v, %v; want an order and nothing unknown", got, err)
	}
}

// TestReconcile_boundsUnknownAttributes has more names than any list takes, in
// files of their own and together.
func TestReconcile_boundsUnknownAttributes(t *testing.T) {
	t.Parallel()

	e := setup(t)
	named := func(name string, i int) string {
		return strings.Replace(product, `"tags"`, fmt.Sprintf(`"%s%03d"`, name, i), 1) + "\n"
	}
	var first, second strings.Builder
	for i := range 80 {
		first.WriteString(named("a", i))
		second.WriteString(named("b", i))
	}
	second.WriteString(named("b", 79))
	long := strings.Repeat("é", 40)
	got, err := lake.NewReconciler(e.s3.Client(), store(t), "lake").
		Reconcile(t.Context(), night(t, e, first.String(), second.String(), named("long"+long, 1)+named("long"+long, 2)))
	if err != nil {
		t.Fatal(err)
	}
	list := got.Unknown
	last := list[len(list)-1]
	if len(list) != 101 || last != (lakedoc.Unknown{Attribute: lakedoc.Further, Items: 61}) {
		t.Errorf("%d unknown attributes are listed, the last is %+v; want 100 and one for the 61 others", len(list), last)
	}
	var most []lakedoc.Unknown
	for _, u := range list[:100] {
		if u.Items > 1 {
			most = append(most, u)
		}
	}
	want := []lakedoc.Unknown{
		{Type: "product", Attribute: "b079", Kind: "SS", Items: 2},
		{Type: "product", Attribute: "long" + long[:56] + "…", Kind: "SS", Items: 2},
	}
	if diff := cmp.Diff(want, most); diff != "" {
		t.Errorf("attributes of more than one item (-want +got):\n%s", diff)
	}
}
