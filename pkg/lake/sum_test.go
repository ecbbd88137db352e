package lake_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// priced writes an order line at a price.
func priced(price string) string { return strings.Replace(product, "-0.01", price, 1) + "\n" }

func TestPartition_addsUpMeasures(t *testing.T) {
	t.Parallel()

	e := setup(t)
	wordy := strings.Replace(order, `{"N":"2"}`, `{"S":"3"}`, 1)
	absent := strings.Replace(order, `"numberofitems":{"N":"2"},`, ``, 1)
	refused := strings.Replace(priced("7"), `"productid":{"S":"p1"}`, `"productid":{"N":"1"}`, 1) // the price comes after
	text := priced("19.99") + priced("1E+1") + priced("-0.5") + refused + priced("7.005") + order + "\n" + wordy + "\n" + absent + "\n" + customer
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, text), 9))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]map[string]scalar.Sum{}
	for _, object := range got.Objects {
		sums[object.Type] = object.Sums
	}
	want := map[string]map[string]scalar.Sum{"customer": nil, "order": {"numberofitems": scalar.SumOf(5)}, "product": {"price": scalar.SumOf(2949)}}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
}

// wide is the store with prices of 38 digits.
func wide(t *testing.T) model.Model {
	t.Helper()
	m := store(t)
	column(t, &m, "product", "price").Type = model.Decimal(38, 2)
	return m
}

// TestReconcile_sumsBeyond64Bits adds values that a column takes up to what the
// warehouse can: 38 digits.
func TestReconcile_sumsBeyond64Bits(t *testing.T) {
	t.Parallel()

	const most = "999999999999999999999999999999999999.99"
	tests := map[string]struct {
		files []string
		sum   string
		want  string // of the refusal
	}{
		"beyond 64 bits, in one file": {[]string{priced("9999999999999999.99") + priced("92233720368547758.07")}, "10223372036854775806", ""},
		"beyond 64 bits, in two":      {[]string{priced("92233720368547758.07"), priced("92233720368547758.07")}, "18446744073709551614", ""},
		"below 64 bits":               {[]string{priced("-92233720368547758.08") + priced("-92233720368547758.08")}, "-18446744073709551616", ""},
		"38 digits":                   {[]string{priced(most), priced("-"+most) + priced(most)}, strings.Repeat("9", 38), ""},
		"39 digits in one file":       {[]string{priced(most) + priced("0.01")}, "", "the sum of column price of product has more than 38 digits"},
		"39 digits in two":            {[]string{priced("-" + most), priced("-0.01")}, "", "the sum of column price of product has more than 38 digits"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			var err error
			if e.partition, err = lake.NewPartitioner(e.s3.Client(), wide(t), "raw", "lake"); err != nil {
				t.Fatal(err)
			}
			got, err := lake.NewReconciler(e.s3.Client(), wide(t), "lake").Reconcile(t.Context(), night(t, e, tt.files...))
			if err != nil {
				t.Fatal(err)
			}
			if (got.Refusal == "") != (tt.want == "") || !strings.Contains(got.Refusal, tt.want) {
				t.Errorf("the refusal is %q, want %q", got.Refusal, tt.want)
			}
			if sum := got.Tables[2].Sums["price"].String(); tt.want == "" && sum != tt.sum {
				t.Errorf("the sum is %s, want %s", sum, tt.sum)
			}
		})
	}
}

func TestReconcile_addsUpSums(t *testing.T) {
	t.Parallel()

	e := setup(t)
	in := night(t, e, priced("1.25")+priced("2"), priced("-3.5"), order+"\n")
	got, err := lake.NewReconciler(e.s3.Client(), store(t), "lake").Reconcile(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]map[string]scalar.Sum{}
	for _, table := range got.Tables {
		sums[table.Table] = table.Sums
	}
	want := map[string]map[string]scalar.Sum{"customer": {}, "order": {"numberofitems": scalar.SumOf(2)}, "product": {"price": scalar.SumOf(-25)}}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Errorf("sums by landing table (-want +got):\n%s", diff)
	}
	record, _ := e.s3.Object("lake", "runs/r1/night.json")
	var written lakedoc.Night
	if err := json.Unmarshal(record.Body, &written); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, written); diff != "" {
		t.Errorf("runs/r1/night.json (-returned +written):\n%s", diff)
	}
}
