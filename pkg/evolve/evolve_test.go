package evolve_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/evolve"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// shop is a small model; edits are pairs of what stands in it and what does then.
func shop(t *testing.T, edits ...string) model.Model {
	t.Helper()
	text := `nightstar: 1
model: shop
table: { partitionKey: PK, sortKey: SK }
items:
  buyer:
    keys: { PK: "B#{buyerid}", SK: PROFILE }
    columns:
      buyerid: string(20)
      name: string(40)
      city: { from: Home.city, type: string(40) }
  sale:
    keys: { PK: "B#{buyerid}", SK: "S#{saleid}" }
    columns:
      buyerid: string(20)
      saleid: string(20)
      soldon: { type: date, required: true }
      price: decimal(9,2)
dimensions:
  date: { calendar: day }
  buyer: { of: buyer, key: buyerid, columns: [name, city] }
facts:
  sale:
    grain: One row for each sale.
    of: sale
    document: saleid
    dimensions: { date: soldon, buyer: buyerid }
    measures: [price]
`
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("the model has no %q", edits[i])
		}
		text = strings.ReplaceAll(text, edits[i], edits[i+1])
	}
	m, err := model.Read("shop.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// warehouse is an engine with what the tests do to it.
type warehouse struct {
	*testing.T
	engine sqlengine.Engine
}

// exec runs statements in one transaction.
func (w warehouse) exec(statements ...string) {
	w.Helper()
	tx, err := w.engine.Begin(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := tx.Exec(w.Context(), statement); err != nil {
			w.Fatalf("%v in %s", err, statement)
		}
	}
	if err := tx.Commit(); err != nil {
		w.Fatal(err)
	}
}

func (w warehouse) rows(query string) [][]string {
	w.Helper()
	tx, err := w.engine.Begin(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	result, err := tx.Exec(w.Context(), query)
	if err != nil {
		w.Fatalf("%v in %s", err, query)
	}
	rows := make([][]string, len(result.Rows))
	for i, row := range result.Rows {
		for _, value := range row {
			rows[i] = append(rows[i], fmt.Sprint(value))
		}
	}
	return rows
}

// compare reads the warehouse as the step does.
func (w warehouse) compare(m model.Model) evolve.Plan {
	w.Helper()
	there, err := evolve.New(m, w.rows(evolve.TablesQuery(m)))
	if err == nil && there.IsNoted() {
		err = there.Note(w.rows(evolve.NotedQuery(m)))
	}
	if err != nil {
		w.Fatal(err)
	}
	return evolve.Compare(m, there)
}

// prepare carries out the phase schema.
func (w warehouse) prepare(m model.Model) {
	w.Helper()
	for _, batch := range w.compare(m).Batches() {
		if len(batch) == 0 || len(batch) > 40 {
			w.Errorf("a batch has %d statements", len(batch))
		}
		w.exec(batch...)
	}
}

// follow carries a plan out: the phase schema, and what other phases call.
func (w warehouse) follow(m model.Model) {
	w.Helper()
	w.prepare(m)
	for _, phase := range star.Phases() {
		if calls := evolve.Calls(m, phase); len(calls) > 0 {
			w.exec(calls...)
		}
	}
	if left := w.compare(m); len(left.Changes)+len(left.Losses)+len(left.Foreign) > 0 {
		w.Errorf("the warehouse does not follow: %+v", left)
	}
}

func onEveryEngine(t *testing.T, test func(warehouse)) {
	t.Helper()
	for name, open := range localtest.Engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(warehouse{t, open(t)})
		})
	}
}

// TestCompare_everyModel creates the warehouses of all models side by side.
func TestCompare_everyModel(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(w warehouse) {
		for _, name := range models.Names() {
			m, err := models.Read(name)
			if err != nil {
				w.Fatal(err)
			}
			plan := w.compare(m)
			if len(plan.Changes) == 0 || plan.Stops(false) {
				w.Errorf("model %s in an empty warehouse: %+v, want only tables to create", name, plan)
			}
			w.follow(m)
		}
	})
}

func TestCompare_changes(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name    string
		edits   []string
		changes []string // among others
		losses  []string // all
	}{
		{name: "nothing"},
		{"a new column", []string{"      city: {", "      phone: string(30)\n      city: {", "[name, city]", "[name, city, phone]"}, []string{"add dwh.buyer.phone varchar(30)"}, nil},
		{"wider text", []string{"name: string(40)", "name: string(80)"}, []string{"widen dwh.buyer.name from varchar(40) to varchar(80)"}, nil},
		{"wider keys", []string{"buyerid: string(20)", "buyerid: string(30)"}, []string{"widen staging.buyerkey.buyerid from varchar(20) to varchar(30)"}, nil},
		{
			"a new measure and role", []string{"price: decimal(9,2)", "price: decimal(9,2)\n      pieces: { type: integer, required: true }", "[price]", "[price, pieces]", "date: soldon,", "date: soldon, sent: { date: soldon },"},
			[]string{"add dwh.sale.sentdatekey, pieces integer"}, nil,
		},
		{"a new dimension", []string{"facts:", "  city: { of: buyer, key: city, duplicates: first }\nfacts:"}, []string{"create dwh.city", "create staging.citykey"}, nil},
		{"versions of members", []string{"key: buyerid, columns", "key: buyerid, history: versions, columns"}, []string{
			"add staging.buyerkey.version integer", "add dwh.buyer.version integer", "add dwh.buyer.validfrom, validto timestamp", "add dwh.buyer.current boolean",
			"dwh.sale.buyerkey refers to versions from now on",
		}, nil},
		{"a wider number", []string{"decimal(9,2)", "decimal(12,3)"}, []string{"widen dwh.sale.price from decimal(9,2) to decimal(12,3)"}, nil},
		{"a number with fewer digits before the point", []string{"decimal(9,2)", "decimal(9,4)"}, nil, []string{"dwh.sale.price is decimal(9,2) and would be decimal(9,4)"}},
		{"a column gone", []string{"[name, city]", "[name]"}, nil, []string{"dwh.buyer.city is no longer in the model"}},
		{"narrower text", []string{"name: string(40)", "name: string(20)"}, nil, []string{"dwh.buyer.name is varchar(40) and would be varchar(20)"}},
		{"another type", []string{"decimal(9,2)", "integer"}, nil, []string{"dwh.sale.price is decimal(9,2) and would be integer"}},
		{"another source", []string{"Home.city", "Work.city"}, nil, []string{
			"dwh.buyer.city came from buyer.city: attribute Home.city and would come from buyer.city: attribute Work.city",
		}},
		{"facts of some rows", []string{"    document:", "    where: price > 0\n    document:"}, nil, []string{
			`dwh.sale.salekey came from surrogate key of sale.saleid: SK "S#{saleid}" and would come from surrogate key of sale.saleid: SK "S#{saleid}", of rows where price > 0, with sale.price: attribute price`,
		}},
		{"members of some rows", []string{"key: buyerid, columns", "where: name <> 'test', key: buyerid, columns"}, nil, []string{
			`dwh.buyer.buyerkey came from surrogate key of buyer.buyerid: PK "B#{buyerid}" and would come from surrogate key of buyer.buyerid: PK "B#{buyerid}", of rows where name <> 'test', with buyer.name: attribute name`,
		}},
		{"members where something has a value", []string{"key: buyerid, columns", "when: [city], key: buyerid, columns"}, nil, []string{
			`dwh.buyer.buyerkey came from surrogate key of buyer.buyerid: PK "B#{buyerid}" and would come from surrogate key of buyer.buyerid: PK "B#{buyerid}", of rows with a value of buyer.city: attribute Home.city`,
		}},
		{"another row describes a member", []string{"key: buyerid, columns", "duplicates: first, key: buyerid, columns"}, nil, []string{
			`dwh.buyer.buyerkey came from surrogate key of buyer.buyerid: PK "B#{buyerid}" and would come from surrogate key of buyer.buyerid: PK "B#{buyerid}", described by the first row by its text`,
		}},
		{"a document gone", []string{"    document: saleid\n", ""}, nil, []string{
			"dwh.sale.salekey is no longer in the model",
		}},
	}
	onEveryEngine(t, func(w warehouse) {
		w.follow(shop(w.T))
		for _, tt := range tests {
			plan := w.compare(shop(w.T, tt.edits...))
			for _, want := range tt.changes {
				if !slices.Contains(plan.Changes, want) {
					w.Errorf("%s: changes %q, want %q among them", tt.name, plan.Changes, want)
				}
			}
			if tt.name == "nothing" && len(plan.Changes) > 0 {
				w.Errorf("an unchanged model changes %q", plan.Changes)
			}
			if diff := cmp.Diff(tt.losses, plan.Losses); diff != "" {
				w.Errorf("%s: losses (-want +got):\n%s", tt.name, diff)
			}
			if plan.Stops(false) != (len(tt.losses) > 0) || plan.Stops(true) {
				w.Errorf("%s: stops %t, with rebuild %t", tt.name, plan.Stops(false), plan.Stops(true))
			}
		}
	})
}

// fill puts a member into the warehouse as nights do.
func (w warehouse) fill() {
	w.Helper()
	w.exec("insert into staging.buyerkey (buyerkey, buyerid) values (1, 'ann')", "insert into staging.buyer_maxkey (buyermaxkey) values (1)",
		"insert into dwh.buyer (buyerkey, buyerid, name, city, deleted) values (1, 'ann', 'Ann', 'Rome', true)")
}

// TestBatches_keepRows: what follows without a loss keeps keys and members.
func TestBatches_keepRows(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(w warehouse) {
		w.follow(shop(w.T))
		w.fill()
		wider := shop(w.T, "buyerid: string(20)", "buyerid: string(30)", "      city: {", "      phone: string(30)\n      city: {", "[name, city]", "[name, city, phone]")
		w.prepare(wider)
		// Until the star is published it is as it was, in structure as well.
		if got := w.rows("select buyerkey, buyerid, name, city, deleted from dwh.buyer"); !cmp.Equal(got, [][]string{{"1", "ann", "Ann", "Rome", "true"}}) {
			w.Errorf("dwh.buyer before it is published: %q", got)
		}
		w.follow(wider)
		for query, want := range map[string][][]string{
			"select buyerkey, buyerid from staging.buyerkey":                                       {{"1", "ann"}},
			"select buyermaxkey from staging.buyer_maxkey":                                         {{"1"}},
			"select buyerkey, buyerid, name, city, deleted from dwh.buyer":                         {{"1", "ann", "Ann", "Rome", "true"}},
			"select count(*) from dwh.buyer where phone is null":                                   {{"1"}},
			"select type from etl.catalog where column_name = 'phone' and in_key":                  {},
			"select count(*) from information_schema.tables where table_name = 'nightstar_before'": {{"0"}},
		} {
			if got := w.rows(query); !cmp.Equal(got, want) {
				w.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	})
}

// TestBatches_history: members become their own first versions, and versions are
// given up only by a rebuild.
func TestBatches_history(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(w warehouse) {
		w.follow(shop(w.T))
		w.fill()
		versions := shop(w.T, "key: buyerid, columns", "key: buyerid, history: versions, columns")
		w.follow(versions)
		for query, want := range map[string][][]string{
			"select buyerkey, buyerid, version from staging.buyerkey":                        {{"1", "ann", "1"}},
			"select buyerkey, name, version, current, deleted from dwh.buyer":                {{"1", "Ann", "1", "true", "true"}},
			"select extract(year from validfrom), extract(year from validto) from dwh.buyer": {{"1", "9999"}},
		} {
			if got := w.rows(query); !cmp.Equal(got, want) {
				w.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		plan := w.compare(shop(w.T))
		if want := `dwh.buyer has versions of its members, and "history: overwrite" would keep none of them`; !slices.Contains(plan.Losses, want) || !plan.Stops(false) {
			w.Errorf("losses %q, want %q among them", plan.Losses, want)
		}
		dated := shop(w.T, "key: buyerid, columns", "key: buyerid, history: versions, columns", "price: decimal(9,2)", "price: decimal(9,2)\n      paidat: timestamp", "of: sale\n", "of: sale\n    asOf: paidat\n")
		if plan := w.compare(dated); !plan.Stops(false) || !strings.Contains(plan.Losses[0], "would come from") {
			w.Errorf("another moment decides: losses %q", plan.Losses)
		}
		w.follow(shop(w.T))
		if got := w.rows("select count(*) from staging.buyerkey"); !cmp.Equal(got, [][]string{{"0"}}) {
			w.Errorf("%q surrogate keys are left of versions after a rebuild without them", got)
		}
	})
}

// TestBatches_rebuild: a rebuild keeps surrogate keys where business keys are
// equal, and starts again where they are others.
func TestBatches_rebuild(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(w warehouse) {
		w.follow(shop(w.T))
		w.fill()
		w.follow(shop(w.T, "Home.city", "Work.city"))
		if got := w.rows("select buyerkey from staging.buyerkey"); !cmp.Equal(got, [][]string{{"1"}}) {
			w.Errorf("surrogate keys after a rebuild: %q", got)
		}
		if got := w.rows("select count(*) from dwh.buyer"); !cmp.Equal(got, [][]string{{"0"}}) {
			w.Errorf("the star after a rebuild holds %q members", got)
		}
		other := shop(w.T, "key: buyerid", "key: [buyerid, city]", "buyer: buyerid }", "buyer: [buyerid, buyer.city] }", "document: saleid", "document: saleid\n    with: { buyer: { buyerid: buyerid } }")
		w.prepare(other)
		// The rebuild fails here, and somebody restores the model.
		if got := w.rows("select buyerkey, buyerid from staging.buyerkey"); !cmp.Equal(got, [][]string{{"1", "ann"}}) {
			w.Errorf("surrogate keys after a rebuild that failed: %q", got)
		}
		if plan := w.compare(shop(w.T, "Home.city", "Work.city")); plan.Stops(false) {
			w.Errorf("the model is restored after a rebuild that failed: %+v", plan)
		}
		w.follow(other)
		for _, table := range []string{"buyerkey", "buyer_maxkey"} {
			if got := w.rows("select count(*) from staging." + table); !cmp.Equal(got, [][]string{{"0"}}) {
				w.Errorf("staging.%s has %q rows after the business key has changed", table, got)
			}
		}
	})
}

// TestCompare_foreign: what Nightstar did not create stays as it is.
func TestCompare_foreign(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(w warehouse) {
		w.exec("create schema staging", "create table staging.numbers (n integer)", "create schema dwh")
		m := shop(w.T)
		plan := w.compare(m)
		if diff := cmp.Diff([]string{"schema staging with numbers"}, plan.Foreign); diff != "" || !plan.Stops(true) {
			w.Errorf("foreign (-want +got):\n%s", diff)
		}
		prefixed := shop(w.T, "table:", "schemas: { prefix: shop_ }\ntable:")
		w.follow(prefixed)
		w.exec("create table shop_dwh.notes (n integer)", "create view shop_dwh.names as select name from shop_dwh.buyer")
		if plan := w.compare(prefixed); plan.Stops(false) {
			w.Errorf("a table and a view beside ours: %+v", plan)
		}
		grown := shop(w.T, "table:", "schemas: { prefix: shop_ }\ntable:", "facts:", "  notes: { of: buyer, key: name, duplicates: first }\nfacts:")
		if plan := w.compare(grown); !slices.Equal(plan.Foreign, []string{"table shop_dwh.notes"}) {
			w.Errorf("a table that stands where one of ours belongs: %+v", plan)
		}
	})
}
