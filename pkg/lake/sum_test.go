package lake_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// priced writes an order line at a price.
func priced(price string) string { return strings.Replace(product, "-0.01", price, 1) + "\n" }

func TestPartition_addsUpMeasures(t *testing.T) {
	t.Parallel()

	e := setup(t)
	wordy := strings.Replace(order, `{"N":"2"}`, `{"S":"3"}`, 1)
	absent := strings.Replace(order, `"numberofitems":{"N":"2"},`, ``, 1)
	refused := strings.Replace(priced("7"), `"productid":{"S":"p1"}`, `"productid":{"N":"1"}`, 1) // the price is behind
	text := priced("19.99") + priced("1E+1") + priced("-0.5") + refused + priced("7.005") + order + "\n" + wordy + "\n" + absent + "\n" + customer
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, text), 9))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]map[string]int64{}
	for _, object := range got.Objects {
		sums[object.Type] = object.Sums
	}
	want := map[string]map[string]int64{"customer": nil, "order": {"numberofitems": 5}, "product": {"price": 2949}}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
}

// wide is the store with prices of 38 digits.
func wide() model.Model {
	m := model.Store()
	m.Items[2].Columns[5].Type = model.Decimal(38, 2)
	return m
}

func TestPartition_namesASumThatIsTooLarge(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		text  string
		items int64
		want  bool
	}{
		"the largest sum":                  {priced("92233720368547758") + priced("0.07"), 2, false},
		"a cent more":                      {priced("92233720368547758") + priced("0.08"), 2, true},
		"the smallest sum":                 {priced("-92233720368547758") + priced("-0.08"), 2, false},
		"a cent less":                      {priced("-92233720368547758") + priced("-0.09"), 2, true},
		"one price that is too large":      {priced("100000000000000000000000000000000000"), 1, true},
		"one price that is far below zero": {priced("-100000000000000000000000000000000000"), 1, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			p, err := lake.NewPartitioner(e.s3.Client(), wide(), "raw", "lake")
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Partition(t.Context(), e.put(zip(t, tt.text), tt.items))
			if err != nil {
				t.Fatal(err)
			}
			const says = "the sum of column price of item type product does not fit 64 bits"
			if strings.Contains(got.Problem, says) != tt.want || len(got.Objects) == 0 != tt.want {
				t.Errorf("Partition() = %+v, want a problem: %t", got, tt.want)
			}
		})
	}
}

func TestReconcile_addsUpSums(t *testing.T) {
	t.Parallel()

	e := setup(t)
	in := night(t, e, priced("1.25")+priced("2"), priced("-3.5"), order+"\n")
	got, err := lake.NewReconciler(e.s3.Client(), model.Store(), "lake").Reconcile(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]map[string]int64{}
	for _, table := range got.Tables {
		sums[table.Table] = table.Sums
	}
	want := map[string]map[string]int64{"address": {}, "customer": {}, "order": {"numberofitems": 2}, "product": {"price": -25}}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Errorf("sums by landing table (-want +got):\n%s", diff)
	}
	record, _ := e.s3.Object("lake", "runs/r1/night.json")
	var written lake.Night
	if err := json.Unmarshal(record.Body, &written); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, written); diff != "" {
		t.Errorf("runs/r1/night.json (-returned +written):\n%s", diff)
	}
}

func TestReconcile_namesASumOfTheNightThatIsTooLarge(t *testing.T) {
	t.Parallel()

	e := setup(t)
	var err error
	if e.partition, err = lake.NewPartitioner(e.s3.Client(), wide(), "raw", "lake"); err != nil {
		t.Fatal(err)
	}
	in := night(t, e, priced("92233720368547758"), priced("1"))
	_, err = lake.NewReconciler(e.s3.Client(), wide(), "lake").Reconcile(t.Context(), in)
	if fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), "the sum of column price of item type product") {
		t.Errorf("Reconcile() = %v, want a Corrupt error that names the sum", err)
	}
}
