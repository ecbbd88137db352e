package lake_test

import (
	"cmp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

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
		reason     lakedoc.Reason // why something is left out of the rows
		field      string
		value      string // of what is left out
		of         string // the rows that it is left out of; those of the list by default
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
		"text instead of a list":   {attributes: `"lines":{"S":"a"}`, reason: lakedoc.WrongType, field: "lines", value: `{"S":"a"}`},
		"a string set":             {attributes: `"lines":{"SS":["a","b"]}`, reason: lakedoc.WrongType, field: "lines", value: `{"SS":["a","b"]}`},
		"a map instead of a list":  {attributes: `"lines":{"M":{}}`, reason: lakedoc.WrongType, field: "lines", value: `{"M":{}}`},
		"a list instead of a map":  {attributes: `"more":{"M":{"prices":{"L":[]}}}`, reason: lakedoc.WrongType, field: "more.prices", value: `{"L":[]}`, of: "basket.price"},
		"text that leads to a map": {attributes: `"more":{"S":"x"}`, reason: lakedoc.WrongType, field: "more", value: `{"S":"x"}`, of: "basket.price"},
		"text in a list":           {attributes: `"lines":{"L":[{"M":{"sku":{"S":"a"}}},{"S":"b"}]}`, lines: 1, reason: lakedoc.WrongType, field: "lines[1]", value: `{"S":"b"}`},
		"NULL in a list":           {attributes: `"lines":{"L":[{"NULL":true},{"M":{"sku":{"S":"a"}}}]}`, lines: 1, reason: lakedoc.WrongType, field: "lines[0]", value: `{"NULL":true}`},
		"NULL in a map":            {attributes: `"more":{"M":{"prices":{"M":{"e.u":{"NULL":true}}}}}`, reason: lakedoc.WrongType, field: `more.prices."e.u"`, value: `{"NULL":true}`, of: "basket.price"},
		"a line without its sku": {
			attributes: `"lines":{"L":[{"M":{"sku":{"S":"a"}}},{"M":{"count":{"S":"x"}}}]}`,
			lines:      1, reason: lakedoc.MissingAttribute, field: "lines[1].sku", value: `{"M":{"count":{"S":"x"}}}`,
		},
		"an entry with a blank": {attributes: `"more":{"M":{"prices":{"M":{"eur ":{"M":{}}}}}}`, reason: lakedoc.TrailingBlank, field: "more.prices.eur .entry", value: `{"M":{}}`, of: "basket.price"},
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
			if got.Rows["basket"] != 1 || got.Rows["basket.line"] != tt.lines || got.Rows["basket.price"] != tt.prices || got.Items != 1 {
				t.Fatalf("Partition() = %+v", got)
			}
			if tt.wrong == nil {
				tt.wrong = lakedoc.Wrong{}
			}
			if tt.reason != "" {
				of := cmp.Or(tt.of, "basket.line")
				tt.wrong.Add(of, lakedoc.WholeRow, tt.reason, 1)
				kept := e.wrongValues(t)[of+".(row)"]
				if len(kept) != 1 || kept[0].Field != tt.field || string(kept[0].Value) != tt.value {
					t.Errorf("kept %+v, want %s in %q", kept, tt.value, tt.field)
				}
			}
			if diff := gocmp.Diff(tt.wrong, got.Wrong); diff != "" {
				t.Errorf("wrong values (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(tt.unknown, got.Unknown); diff != "" && len(tt.unknown)+len(got.Unknown) > 0 {
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
	in := night(t, e, keyed("b#1", "#", good)+"\n"+keyed("b#2", "#", good+`,"more":{"S":"x"}`)+"\n"+keyed("b#4", "#", `"lines":{"SS":["a"]}`)+"\n", keyed("b#3", "#", good)+"\n")
	got, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := lakedoc.Night{
		Items: 4, Rows: map[string]int64{"basket": 4, "basket.line": 6}, SetAside: lakedoc.SetAside{},
		Skipped: map[string]int64{}, Notes: []string{},
		Wrong: lakedoc.Wrong{
			"basket.line":  {"count": {lakedoc.WrongType: 3}, lakedoc.WholeRow: {lakedoc.WrongType: 1}},
			"basket.price": {lakedoc.WholeRow: {lakedoc.WrongType: 1}},
		},
		Standing: map[string]int64{"basket": 4, "basket.line": 6},
		Tables: []lakedoc.TableLoad{
			{Table: "basket", Manifest: "s3://lake/runs/r1/copy/basket.manifest", Files: 2, Rows: 4, Bytes: e.bytes("basket"), Sums: map[string]scalar.Sum{}},
			{Table: "basket_line", Manifest: "s3://lake/runs/r1/copy/basket.line.manifest", Files: 2, Rows: 6, Bytes: e.bytes("basket.line"), Sums: map[string]scalar.Sum{"count": scalar.SumOf(6)}},
			{Table: "basket_price", Sums: map[string]scalar.Sum{}},
		},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("Reconcile() (-want +got):\n%s", diff)
	}
	wantRows := []map[string]any{
		{"id": "1", "position": int32(1), "sku": "a", "count": int32(2), "color": nil},
		{"id": "1", "position": int32(2), "sku": "b", "count": nil, "color": nil},
		{"id": "2", "position": int32(1), "sku": "a", "count": int32(2), "color": nil},
		{"id": "2", "position": int32(2), "sku": "b", "count": nil, "color": nil},
	}
	if diff := gocmp.Diff(wantRows, e.rows(t, "items/type=basket.line/run=r1/00001.parquet")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if wrong := e.wrongValues(t)["basket.line.count"]; len(wrong) != 3 || wrong[0].Field != "lines[1].count" {
		t.Errorf("kept %+v", wrong)
	}
}

// TestNested_policies lets a line without its sku, and a list that is text, cost
// what the model says.
func TestNested_policies(t *testing.T) {
	t.Parallel()

	for policy, want := range map[string]struct {
		baskets, lines, out, aside int64
		refusal                    string
	}{
		"row":   {baskets: 3, lines: 2, out: 2},
		"item":  {baskets: 1, lines: 1, aside: 2},
		"night": {baskets: 1, lines: 1, aside: 2, refusal: "the model refuses a night with a wrong value like that in line 1 of"},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			e, m := setup(t), read(t, strings.Replace(baskets, "list: lines", "list: lines\n        whenWrong: "+policy, 1))
			var err error
			if e.partition, err = lake.NewPartitioner(e.s3.Client(), m, "raw", "lake"); err != nil {
				t.Fatal(err)
			}
			in := night(t, e, keyed("b#1", "#", `"lines":{"L":[{"M":{}},{"M":{"sku":{"S":"a"}}}]}`)+"\n"+keyed("b#2", "#", `"lines":{"S":"a"}`)+"\n"+
				keyed("b#3", "#", `"lines":{"L":[{"M":{"sku":{"S":"a"}}}]}`)+"\n")
			got, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Rows["basket"] != want.baskets || got.Rows["basket.line"] != want.lines || got.SetAside.Of("basket") != want.aside ||
				got.Wrong.Of("basket.line", lakedoc.WholeRow) != want.out || !strings.HasPrefix(got.Refusal, want.refusal) || (got.Refusal == "") != (want.refusal == "") {
				t.Errorf("Reconcile() = %+v", got)
			}
		})
	}
}

// TestNested_limit leaves out more rows than the model allows.
func TestNested_limit(t *testing.T) {
	t.Parallel()

	e, m := setup(t), read(t, strings.Replace(baskets, "basket:\n", "basket:\n    limits: { wrongValues: { items: 1, perMille: 0 } }\n", 1))
	var err error
	if e.partition, err = lake.NewPartitioner(e.s3.Client(), m, "raw", "lake"); err != nil {
		t.Fatal(err)
	}
	in := night(t, e, keyed("b#1", "#", `"lines":{"L":[{"NULL":true},{"M":{"sku":{"S":"a"}}},{"S":"a"}]}`)+"\n")
	got, err := lake.NewReconciler(e.s3.Client(), m, "lake").Reconcile(t.Context(), in)
	want := "2 of 3 rows basket.line were left out, and the model allows 1 (the larger of 1 and 0 per mille): wrong_type 2; each is kept with its reason below s3://lake/wrong/type=basket.line/run=r1/"
	if err != nil || got.Refusal != want {
		t.Errorf("Reconcile() = %q, %v; want %q", got.Refusal, err, want)
	}
}
