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
