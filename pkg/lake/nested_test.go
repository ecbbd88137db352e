package lake_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

const baskets = `
nightstar: 1
model: baskets
table: { partitionKey: PK, sortKey: SK }
items:
  basket:
    keys: { PK: "b#{id}", SK: "#" }
    columns: { id: string(8), note: string(4) }
    rows:
      line:
        list: lines
        columns:
          sku: { type: string(8), required: true }
          count: integer
          color: { from: look.color, type: string(4) }
      price:
        map: more.prices
        columns: { amount: "decimal(8,2)" }
`

// TestNested makes rows of lists and maps of maps.
func TestNested(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		attributes string
		lines      int64
		prices     int64
		reason     lakedoc.Reason // if the item is set aside
		field      string
		wrong      lakedoc.Wrong
		unknown    []lakedoc.Unknown
		kept       string // of what the model does not know
	}{
		"neither list nor map":    {},
		"an empty list, and NULL": {attributes: `"lines":{"L":[]},"more":{"NULL":true}`},
		"rows of both": {
			attributes: `"lines":{"L":[{"M":{"sku":{"S":"a"},"count":{"N":"2"}}},{"M":{"look":{"M":{"color":{"S":"red"}}},"sku":{"S":"b"}}}]},` +
				`"more":{"M":{"prices":{"M":{"eur":{"M":{"amount":{"N":"1.5"}}},"n\u006fk":{"M":{}}}}}}`,
			lines: 2, prices: 2,
		},
		"text instead of a list":   {attributes: `"lines":{"S":"a"}`, reason: lakedoc.WrongType, field: "lines"},
		"a map instead of a list":  {attributes: `"lines":{"M":{}}`, reason: lakedoc.WrongType, field: "lines"},
		"a list instead of a map":  {attributes: `"more":{"M":{"prices":{"L":[]}}}`, reason: lakedoc.WrongType, field: "more.prices"},
		"text that leads to a map": {attributes: `"more":{"S":"x"}`, reason: lakedoc.WrongType, field: "more"},
		"text in a list":           {attributes: `"lines":{"L":[{"M":{"sku":{"S":"a"}}},{"S":"b"}]}`, reason: lakedoc.WrongType, field: "lines[1]"},
		"NULL in a map":            {attributes: `"more":{"M":{"prices":{"M":{"e.u":{"NULL":true}}}}}`, reason: lakedoc.WrongType, field: `more.prices."e.u"`},
		"a line without its sku":   {attributes: `"lines":{"L":[{"M":{"sku":{"S":"a"}}},{"M":{}}]}`, reason: lakedoc.MissingAttribute, field: "lines[1].sku"},
		"an entry with a blank":    {attributes: `"more":{"M":{"prices":{"M":{"eur ":{"M":{}}}}}}`, reason: lakedoc.TrailingBlank, field: "more.prices.eur .entry"},
		"values that are wrong": {
			attributes: `"note":{"S":"too long"},"lines":{"L":[{"M":{"sku":{"S":"a"},"count":{"N":"1.5"}}},{"M":{"sku":{"S":"b"},"look":{"S":"x"}}}]}`,
			lines:      2,
			wrong: lakedoc.Wrong{
				"basket":      {"note": {lakedoc.ValueTooLong: 1}},
				"basket.line": {"count": {lakedoc.NumberNotExact: 1}, "color": {lakedoc.WrongType: 1}},
			},
		},
		"attributes that nobody knows": {
			attributes: `"gift":{"BOOL":true},"lines":{"L":[{"M":{"sku":{"S":"a"}}},{"M":{"sku":{"S":"b"},"gift":{"S":"y"},"look":{"M":{"size":{"N":"1"}}}}}]}`,
			lines:      2,
			unknown: []lakedoc.Unknown{
				{Type: "basket", Attribute: "gift", Kind: "BOOL", Items: 1}, {Type: "basket.line", Attribute: "gift", Kind: "S", Items: 1},
				{Type: "basket.line", Attribute: "look.size", Kind: "N", Items: 1},
			},
			kept: `{"gift":{"BOOL":true},"lines":{"L":[{"M":{}},{"M":{"gift":{"S":"y"},"look":{"M":{"size":{"N":"1"}}}}}]}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, got := split(t, baskets, keyed("b#1", "#", tt.attributes))
			if tt.reason != "" {
				if kept := e.setAside(t)[1]; got.SetAside["basket"][tt.reason] != 1 || len(got.Rows) != 0 || kept.Field != tt.field {
					t.Fatalf("set aside %v for %q, rows %v; want %s for %q", got.SetAside, kept.Field, got.Rows, tt.reason, tt.field)
				}
				return
			}
			if got.Rows["basket"] != 1 || got.Rows["basket.line"] != tt.lines || got.Rows["basket.price"] != tt.prices || got.Items != 1 {
				t.Fatalf("Partition() = %+v", got)
			}
			if tt.wrong == nil {
				tt.wrong = lakedoc.Wrong{}
			}
			if diff := cmp.Diff(tt.wrong, got.Wrong); diff != "" {
				t.Errorf("wrong values (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unknown, got.Unknown); diff != "" && len(tt.unknown)+len(got.Unknown) > 0 {
				t.Errorf("unknown attributes (-want +got):\n%s", diff)
			}
			if tt.kept != "" {
				if row := e.rows(t, "unknown/type=basket/run=r1/00001.parquet")[0]; row["attributes"] != tt.kept {
					t.Errorf("kept %s, want %s", row["attributes"], tt.kept)
				}
			}
		})
	}
}

// TestNested_night loads rows of items beside them, and accounts for both.
func TestNested_night(t *testing.T) {
	t.Parallel()

	const lines = `"lines":{"L":[{"M":{"sku":{"S":"a"},"count":{"N":"2"}}},{"M":{"sku":{"S":"b"},"count":{"N":"x"}}}]}`
	good := strings.Replace(lines, `{"N":"x"}`, `{"S":"x"}`, 1)
	e, m := setup(t), read(t, baskets)
	for i := range m.Items[0].Nested[0].Columns {
		c := &m.Items[0].Nested[0].Columns[i]
		c.Measured = c.Name == "count"
	}
	var err error
	if e.partition, err = lake.NewPartitioner(e.s3.Client(), m, "raw", "lake"); err != nil {
		t.Fatal(err)
	}
	in := night(t, e, keyed("b#1", "#", good)+"\n"+keyed("b#2", "#", good+`,"more":{"S":"x"}`)+"\n", keyed("b#3", "#", good)+"\n")
	got, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := lakedoc.Night{
		Items: 3, Rows: map[string]int64{"basket": 2, "basket.line": 4}, SetAside: lakedoc.SetAside{"basket": {lakedoc.WrongType: 1}},
		Skipped: map[string]int64{}, Wrong: lakedoc.Wrong{"basket.line": {"count": {lakedoc.WrongType: 2}}}, Notes: []string{},
		Standing: map[string]int64{"basket": 2, "basket.line": 4},
		Tables: []lakedoc.TableLoad{
			{Table: "basket", Manifest: "s3://lake/runs/r1/copy/basket.manifest", Files: 2, Rows: 2, Bytes: e.bytes("basket"), Sums: map[string]scalar.Sum{}},
			{Table: "basket_line", Manifest: "s3://lake/runs/r1/copy/basket.line.manifest", Files: 2, Rows: 4, Bytes: e.bytes("basket.line"), Sums: map[string]scalar.Sum{"count": scalar.SumOf(4)}},
			{Table: "basket_price", Sums: map[string]scalar.Sum{}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Reconcile() (-want +got):\n%s", diff)
	}
	wantRows := []map[string]any{
		{"id": "1", "position": int32(1), "sku": "a", "count": int32(2), "color": nil},
		{"id": "1", "position": int32(2), "sku": "b", "count": nil, "color": nil},
	}
	if diff := cmp.Diff(wantRows, e.rows(t, "items/type=basket.line/run=r1/00001.parquet")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if wrong := e.wrongValues(t)["basket.line.count"]; len(wrong) != 2 || wrong[0].Field != "lines[1].count" {
		t.Errorf("kept %+v", wrong)
	}
}
