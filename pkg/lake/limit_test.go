package lake_test

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

func TestReconcile_refusesANightOfWhichTooMuchIsSetAside(t *testing.T) {
	t.Parallel()

	bad := "oops\noops\noops\n" + strings.Replace(product, `"product"`, `"invoice"`, 1) + "\n" + priced("1.005") + priced("1E+30") + priced("2E+30")
	tests := map[string]struct {
		limit model.Limit
		want  string
	}{
		"as many as the limit":     {model.Limit{Items: 7}, ""},
		"as many as the share":     {model.Limit{PerMille: 875}, ""},
		"the larger of both is it": {model.Limit{Items: 1, PerMille: 900}, ""},
		"one more": {model.Limit{Items: 6, PerMille: 500}, "7 of 8 items were set aside, and the model allows 6 (the larger of 6 and 500 per mille): " +
			"not_an_item 3, number_out_of_range 2, number_not_exact 1, others 1; each is kept with its reason below s3://lake/setaside/run=r1/"},
		"no limit lets none pass": {model.Limit{}, "the model allows 0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			m := store(t)
			m.SetAside = tt.limit
			for i := range m.Items {
				m.Items[i].SetAside = model.Limit{Items: 100}
			}
			got, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), night(t, e, bad+order+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if (got.Refusal == "") != (tt.want == "") || !strings.Contains(got.Refusal, tt.want) {
				t.Errorf("the refusal is %q, want %q", got.Refusal, tt.want)
			}
			record, _ := e.s3.Object("lake", "runs/r1/night.json")
			if (strings.Contains(string(record.Body), `"refusal":""`)) != (tt.want == "") {
				t.Errorf("runs/r1/night.json does not say the same: %s", record.Body)
			}
		})
	}
}

// TestReplay is the way out of a refusal: the model is mended, and another run
// loads the same export.
func TestReplay(t *testing.T) {
	t.Parallel()

	e := setup(t)
	data := zip(t, priced("12.345")+priced("2")+order+"\n")
	run := func(name string, m model.Model) (lakedoc.Result, lakedoc.Night) {
		t.Helper()
		var err error
		if e.partition, err = lake.NewPartitioner(e.s3.Client(), m, "raw", "lake"); err != nil {
			t.Fatal(err)
		}
		in := e.put(data, 3)
		in.RunID = name
		result, err := e.partition.Partition(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		plan := e.plan(t, name, in.File)
		reconciled, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), plan)
		if err != nil {
			t.Fatal(err)
		}
		return result, reconciled
	}

	strict := store(t)
	strict.SetAside = model.Limit{}
	_, refused := run("r1", strict)
	if refused.SetAside["product"][lakedoc.NumberNotExact] != 1 || refused.Refusal == "" || refused.Rows["product"] != 1 {
		t.Fatalf("the first night is %+v, want a price set aside and a refusal", refused)
	}

	mended := store(t)
	mended.SetAside = model.Limit{}
	column(t, &mended, "product", "price").Type = model.Decimal(18, 3)
	result, loaded := run("r2", mended)
	if len(loaded.SetAside) != 0 || loaded.Refusal != "" || loaded.Rows["product"] != 2 || result.Aside != nil {
		t.Errorf("the second night is %+v, want everything loaded", loaded)
	}
	if sum := loaded.Tables[2].Sums["price"]; sum != scalar.SumOf(14345) {
		t.Errorf("the sum of prices is %s, want 14345 thousandths", sum)
	}
	if keys := strings.Join(e.s3.Keys("lake"), "\n"); !strings.Contains(keys, "setaside/run=r1/00001.jsonl") || strings.Contains(keys, "setaside/run=r2/") {
		t.Errorf("the lake holds\n%s\nwant items set aside of the first run only", keys)
	}
}

// TestReconcile_limitsEachType has an item type of which all items are set aside,
// far below the limit of the night.
func TestReconcile_limitsEachType(t *testing.T) {
	t.Parallel()

	renamed := strings.ReplaceAll(customer, `"PK":{"S":"CUST#ann"}`, `"PK":{"S":"CUST#ann "}`)
	painted := strings.Replace(product, `"tags":{"SS":["a","b"]}`, `"color":{"N":"1"}`, 1)
	tests := map[string]struct {
		lines string
		want  []string
	}{
		"as many items of a type as the limit": {strings.Repeat(renamed+"\n", 10) + strings.Repeat(order+"\n", 10), nil},
		"one more": {
			strings.Repeat(renamed+"\n", 11) + strings.Repeat(order+"\n", 10),
			[]string{"11 of 11 items of type customer were set aside, and the model allows 10 (the larger of 10 and 1 per mille): ", "below s3://lake/setaside/run=r1/"},
		},
		"as many values of a column as the limit": {strings.Repeat(painted+"\n", 100), nil},
		"one value more": {
			strings.Repeat(painted+"\n", 101),
			[]string{"101 of 101 values of column color of product are wrong, and the model allows 100 (the larger of 100 and 10 per mille): wrong_type 101; each is kept with its reason below s3://lake/wrong/type=product/run=r1/"},
		},
		"a share of more values": {strings.Repeat(painted+"\n", 101) + strings.Repeat(product+"\n", 10_000-1), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			got, err := lake.NewReconciler(e.s3.Client(), store(t), "lake").Reconcile(t.Context(), night(t, e, tt.lines))
			if err != nil {
				t.Fatal(err)
			}
			if (got.Refusal == "") != (tt.want == nil) {
				t.Errorf("the refusal is %q, want %q", got.Refusal, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(got.Refusal, want) {
					t.Errorf("the refusal is %q, want %q", got.Refusal, want)
				}
			}
		})
	}
}

// TestReconcile_refusesAForeignTable says what keys the model expects, and what
// the items have instead, without their values.
func TestReconcile_refusesAForeignTable(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ lines, want string }{
		"other keys": {
			strings.Repeat(keyed("USER#ann", "PROFILE", "")+"\n", 3) + keyed("ORG#x", "MEMBER#ann", "") + "\n",
			"none of the 4 items became a row: model store expects keys like PK CUST#{username}, SK CUST#{username} (customer); " +
				"PK CUST#{username}, SK ORD#{orderid} (order); PK ORD#{orderid}, SK PROD#{productid} (product); " +
				"the items have PK USER#…, SK … (3); PK ORG#…, SK MEMBER#… (1)",
		},
		"keys of other names": {
			item(`"pk":{"S":"ann"},"sk":{"S":"ann"},"name":{"S":"Ann"}`) + "\n",
			"the items have no PK, no SK, the attributes name, pk, sk (1)",
		},
		"keys of another type": {item(`"PK":{"N":"17"},"SK":{"S":"x"}`) + "\n", "the items have PK of type N, SK … (1)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			got, err := lake.NewReconciler(e.s3.Client(), store(t), "lake").Reconcile(t.Context(), night(t, e, tt.lines))
			if err != nil || !strings.Contains(got.Refusal, tt.want) {
				t.Errorf("Reconcile() = %q, %v; want %q", got.Refusal, err, tt.want)
			}
		})
	}
}
