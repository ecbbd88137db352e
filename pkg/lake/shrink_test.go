package lake_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// publish leaves the documents of a run that was published before, with so many
// rows and these sums.
func (e export) publish(t *testing.T, tables ...lakedoc.TableLoad) {
	t.Helper()
	body, err := json.Marshal(lakedoc.Night{Tables: tables})
	if err != nil {
		t.Fatal(err)
	}
	e.s3.Put("lake", lakedoc.CurrentKey, []byte(`{"runId":"r0"}`))
	e.s3.Put("lake", lakedoc.NightKey("r0"), body)
}

func loaded(table string, rows int64, sums map[string]scalar.Sum) lakedoc.TableLoad {
	return lakedoc.TableLoad{Table: table, Rows: rows, Sums: sums}
}

func cents(n int64) map[string]scalar.Sum { return map[string]scalar.Sum{"price": scalar.SumOf(n)} }

func TestReconcile_comparesWithTheLastPublishedRun(t *testing.T) {
	t.Parallel()

	vanish := func(m *model.Model) { m.Items[0].Shrink = 100 }
	tests := map[string]struct {
		before []lakedoc.TableLoad
		lines  string
		input  string
		change func(*model.Model)
		want   []string // in what the night says; nil if it may be loaded
	}{
		"a type vanishes": {
			before: []lakedoc.TableLoad{loaded("customer", 1, nil)}, lines: order + "\n",
			want: []string{
				"since run r0, the last that was published: customer has 0 rows, before 1, and the model lets type customer lose 50% (limits: shrink). Nothing of this run was loaded.",
				`{"accept":["customer"],"export":{"manifestKey":"run=r1/manifest-summary.json"}}`, "nightstar run --accept customer ",
			},
		},
		"a type that the model lets vanish":  {before: []lakedoc.TableLoad{loaded("customer", 1, nil)}, lines: order + "\n", change: vanish},
		"a type that is accepted":            {before: []lakedoc.TableLoad{loaded("customer", 80, nil)}, lines: order + "\n", input: `{"accept":["customer"]}`},
		"a type that was not there":          {before: []lakedoc.TableLoad{loaded("customer", 0, nil)}, lines: order + "\n"},
		"types of another model":             {before: []lakedoc.TableLoad{loaded("ticket", 80, cents(1))}, lines: order + "\n"},
		"half of the rows":                   {before: []lakedoc.TableLoad{loaded("order", 4, nil)}, lines: strings.Repeat(order+"\n", 2)},
		"less than half of the rows":         {before: []lakedoc.TableLoad{loaded("order", 5, nil)}, lines: strings.Repeat(order+"\n", 2), want: []string{"order has 2 rows, before 5, "}},
		"half of the sum":                    {before: []lakedoc.TableLoad{loaded("product", 1, cents(-400))}, lines: priced("-2")},
		"less than half of the sum":          {before: []lakedoc.TableLoad{loaded("product", 1, cents(-401))}, lines: priced("-2"), want: []string{"the sum of column price of product is -2.00, before -4.01, and the model lets type product lose 50%"}},
		"the other sign":                     {before: []lakedoc.TableLoad{loaded("product", 1, cents(-400))}, lines: priced("2")},
		"a sum of nothing":                   {before: []lakedoc.TableLoad{loaded("product", 1, cents(0))}, lines: priced("0")},
		"a sum that is a measure since then": {before: []lakedoc.TableLoad{loaded("product", 1, nil)}, lines: priced("2")},
		"sums beyond 64 bits": {
			before: []lakedoc.TableLoad{loaded("product", 1, map[string]scalar.Sum{"price": parseSum(t, strings.Repeat("9", 38))})}, lines: priced("0.01"),
			want: []string{"product is 0.01, before 999999999999999999999999999999999999.99, "},
		},
		"two types, one of them accepted": {
			before: []lakedoc.TableLoad{loaded("customer", 80, nil), loaded("product", 9, cents(1))}, lines: order + "\n", input: `{"accept":["table","customer"]}`,
			want: []string{": product has 0 rows, before 9, ", `{"accept":["table","customer","product"],`},
		},
		"the next type": {
			before: []lakedoc.TableLoad{loaded("customer", 80, nil), loaded("product", 9, cents(1))}, lines: order + "\n",
			want: []string{"customer has 0 rows, before 80, ", "; product has 0 rows, before 9, ", "--accept customer --accept product "},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			m := store(t)
			if tt.change != nil {
				tt.change(&m)
			}
			e.publish(t, tt.before...)
			in := night(t, e, tt.lines)
			in.Plan.ManifestKey, in.Input = "run=r1/manifest-summary.json", json.RawMessage(tt.input)
			got, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), in)
			if err != nil || got.Refusal != "" || len(got.Notes) > 0 || (got.Shrunk == "") != (tt.want == nil) {
				t.Fatalf("Reconcile() = %+v, %v; want %q", got, err, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(got.Shrunk, want) {
					t.Errorf("it says %q, want %q", got.Shrunk, want)
				}
			}
		})
	}
}

func parseSum(t *testing.T, digits string) scalar.Sum {
	t.Helper()
	sum, err := scalar.ParseSum(digits)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestReconcile_comparesNestedRows loses the lines of an order, and keeps orders.
func TestReconcile_comparesNestedRows(t *testing.T) {
	t.Parallel()

	e := setup(t)
	m := read(t, baskets)
	i := slices.IndexFunc(m.Items, func(item model.Item) bool { return len(item.Nested) > 0 })
	rows := m.Items[i].Nested[0]
	e.publish(t, loaded(rows.Table, 3, nil))
	got, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), night(t, e, ""))
	if want := rows.Name + " has 0 rows, before 3, and the model lets type " + m.Items[i].Name; err != nil || !strings.Contains(got.Shrunk, want) {
		t.Errorf("Reconcile() says %q, %v; want %q", got.Shrunk, err, want)
	}
}

// TestReconcile_whenTheLastRunCannotBeRead goes on where documents are damaged,
// and says so, but not where S3 does not answer.
func TestReconcile_whenTheLastRunCannotBeRead(t *testing.T) {
	t.Parallel()

	e := setup(t)
	e.publish(t, loaded("customer", 80, nil))
	e.s3.Update("lake", lakedoc.NightKey("r0"), func(o *awstest.Object) { o.Damaged = true })
	in := night(t, e, order+"\n")
	reconciler := lake.NewReconciler(e.s3.Client(), store(t), "lake")
	got, err := reconciler.Reconcile(t.Context(), in)
	if err != nil || got.Shrunk != "" || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "runs/r0/night.json") {
		t.Errorf("Reconcile() = %+v, %v; want a note", got, err)
	}
	e.s3.Fail(func(c awstest.Call) *awstest.Failure {
		if c.Key != lakedoc.CurrentKey {
			return nil
		}
		return &awstest.Failure{Status: 403, Code: "AccessDenied"}
	})
	if got, err := reconciler.Reconcile(t.Context(), in); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Reconcile() = %+v, %v; want Invalid", got, err)
	}
}

func TestReconcile_acceptIsNoList(t *testing.T) {
	t.Parallel()

	e := setup(t)
	in := night(t, e, order+"\n")
	in.Input = json.RawMessage(`{"accept":"customer"}`)
	if _, err := lake.NewReconciler(e.s3.Client(), store(t), "lake").Reconcile(t.Context(), in); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Reconcile() = %v; want Invalid", err)
	}
}
