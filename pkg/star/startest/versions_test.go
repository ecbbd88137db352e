package startest_test

import (
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/star/startest"
)

// versions is a model whose facts refer to versions in many ways: by a timestamp
// and by a date, of their own and of what they look up, and twice to one dimension.
const versions = `nightstar: 1
model: versions
table: { partitionKey: PK, sortKey: SK }
limits: { setAside: { items: 1000, perMille: 1000 } }
items:
  customer:
    keys: { PK: "C#{customerid}", SK: PROFILE }
    limits: { setAside: { items: 1000 }, wrongValues: { items: 1000 } }
    columns:
      customerid: string(3)
      name: string(20)
      city: string(20)
      credit: decimal(9,2)
      active: boolean
  product:
    keys: { PK: "P#{productid}", SK: "P#{productid}" }
    limits: { setAside: { items: 1000 }, wrongValues: { items: 1000 } }
    columns:
      productid: integer
      title: string(20)
      weight: double
  order:
    keys: { PK: "C#{customerid}", SK: "O#{orderid}" }
    limits: { setAside: { items: 1000 }, wrongValues: { items: 1000 } }
    columns:
      customerid: string(3)
      orderid: integer
      productid: integer
      orderedat: timestamp
      shippedon: date
    rows:
      line: { list: lines, columns: { productid: integer, soldby: string(3), pieces: integer } }
dimensions:
  date: { calendar: day }
  customer:
    of: customer
    key: { id: customerid }
    where: active or active is null
    history: versions
    columns: { name: name, city: city, rich: { sql: "credit > 10", type: boolean } }
  product: { of: product, key: productid, history: versions, columns: [title, weight] }
facts:
  order:
    grain: One row for each order.
    of: order
    asOf: orderedat
    dimensions: { shipped: { date: shippedon }, customer: customerid, product: productid }
    columns: [orderedat]
  line:
    grain: One row for each line.
    of: order.line
    with:
      order: { customerid: customerid, orderid: orderid }
      product: { productid: order.productid }
    asOf: order.shippedon
    document: [customerid, orderid]
    dimensions: { buyer: { customer: order.customerid }, seller: { customer: soldby }, product: productid, main: { product: product.productid } }
    columns: { on: order.shippedon }
    measures: [pieces]
`

// TestHistories_versions runs random histories of one model, in which facts refer
// to many versions.
func TestHistories_versions(t *testing.T) {
	t.Parallel()
	m, err := model.Read("versions.yaml", []byte(versions))
	if err != nil {
		t.Fatal(err)
	}
	from, n := seeds(t)
	if os.Getenv("STARTEST_SEEDS") == "" {
		n = 2
	}
	for seed := from; seed < from+n; seed++ {
		for name, open := range engines {
			t.Run(fmt.Sprintf("%d/%s", seed, name), func(t *testing.T) {
				t.Parallel()
				engine, err := open(t.Context(), t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				if err := history(t.Context(), m, engine, seed); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
				if err := engine.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// story is a small model, for histories that are told by hand.
const story = `nightstar: 1
model: story
table: { partitionKey: PK, sortKey: SK }
items:
  customer: { keys: { PK: "C#{name}", SK: PROFILE }, columns: { name: string(9), city: string(9) } }
  order: { keys: { PK: "C#{name}", SK: "O#{number}" }, columns: { name: string(9), number: integer, at: timestamp } }
dimensions:
  customer: { of: customer, key: name, history: versions, columns: [city] }
facts:
  order: { grain: One row for each order., of: order, dimensions: { customer: name }, columns: [at] }
`

// TestVersions tells the history of two customers: which versions there are after
// each run, and which of them orders refer to.
func TestVersions(t *testing.T) {
	t.Parallel()
	m, err := model.Read("story.yaml", []byte(story))
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engine, err := open(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			w, err := newWarehouse(t.Context(), m, engine, "")
			if err != nil {
				t.Fatal(err)
			}
			told(t, w)
			older(t, w, startest.Landing{Rows: map[string][]startest.Row{"customer": {{Cells: customer("ann", "Bern")}}}})
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func customer(name string, city startest.Cell) map[string]startest.Cell {
	return map[string]startest.Cell{"name": name, "city": city}
}

func order(name string, number int64, at startest.Cell) map[string]startest.Cell {
	return map[string]startest.Cell{"name": name, "number": big.NewRat(number, 1), "at": at}
}

func told(t *testing.T, w *warehouse) {
	t.Helper()
	day := func(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }
	put := func(at time.Time, cells map[string]startest.Cell) startest.Change {
		return startest.Change{Op: model.Put, Written: at, Cells: cells}
	}
	gone := func(at time.Time, name string) startest.Change {
		return startest.Change{Op: model.Delete, Written: at, Cells: map[string]startest.Cell{"name": name}}
	}
	table := func(rows map[string][]map[string]startest.Cell) startest.Landing {
		l := startest.Landing{Rows: map[string][]startest.Row{}}
		for name, some := range rows {
			for i, cells := range some {
				l.Rows[name] = append(l.Rows[name], startest.Row{Item: i, Cells: cells})
			}
		}
		return l
	}
	first := func(versions ...string) []string {
		return append([]string{"0|∅|unknown|1|0001-01-01|9999-12-31|true|false"}, versions...)
	}
	const tick = time.Microsecond
	orders := []map[string]startest.Cell{
		order("ann", 1, day(4).Add(-tick)), order("ann", 2, day(4)), order("ann", 3, day(6)), order("ann", 4, nil),
		order("ann", 5, time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)), order("bob", 6, day(2)),
	}
	ann := customer("ann", "Rome")
	steps := []struct {
		about     string
		full      *startest.Landing
		changes   map[string][]startest.Change
		to        time.Time
		customers []string
		orders    []string // number and key of the customer
	}{
		{
			"what a first full export shows has no beginning, and an order may come before its customer",
			new(table(map[string][]map[string]startest.Cell{"customer": {ann}, "order": orders})), nil, day(3),
			first("1|ann|Rome|1|0001-01-01|9999-12-31|true|false"), []string{"1|1", "2|1", "3|1", "4|0", "5|1", "6|0"},
		},
		{
			"a write begins a version, and the customer who was missing has come",
			nil, map[string][]startest.Change{"customer": {put(day(4), customer("ann", "Oslo")), put(day(4), customer("bob", nil))}}, day(5),
			first("1|ann|Rome|1|0001-01-01|2026-03-04|false|false", "2|ann|Oslo|2|2026-03-04|9999-12-31|true|false", "3|bob|∅|1|0001-01-01|9999-12-31|true|false"),
			[]string{"1|1", "2|2", "3|2", "4|0", "5|1", "6|3"},
		},
		{
			"each write counts, one that changes nothing does not, and a late order refers to the version of its time",
			nil, map[string][]startest.Change{
				"customer": {put(day(7), customer("ann", "Oslo")), put(day(6), customer("ann", "Kyiv")), put(day(5), customer("ann", "Oslo"))},
				"order":    {put(day(7), order("ann", 7, day(3)))},
			}, day(8),
			first("1|ann|Rome|1|0001-01-01|2026-03-04|false|false", "2|ann|Oslo|2|2026-03-04|2026-03-06|false|false", "3|bob|∅|1|0001-01-01|9999-12-31|true|false",
				"4|ann|Kyiv|3|2026-03-06|2026-03-07|false|false", "5|ann|Oslo|4|2026-03-07|9999-12-31|true|false"),
			[]string{"1|1", "2|2", "3|4", "4|0", "5|1", "6|3", "7|1"},
		},
		{
			"a delete marks all versions and ends none",
			nil, map[string][]startest.Change{"customer": {gone(day(9), "ann"), put(day(9), customer("bob", nil))}}, day(10),
			first("1|ann|Rome|1|0001-01-01|2026-03-04|false|true", "2|ann|Oslo|2|2026-03-04|2026-03-06|false|true", "3|bob|∅|1|0001-01-01|9999-12-31|true|false",
				"4|ann|Kyiv|3|2026-03-06|2026-03-07|false|true", "5|ann|Oslo|4|2026-03-07|9999-12-31|true|true"),
			[]string{"1|1", "2|2", "3|4", "4|0", "5|1", "6|3", "7|1"},
		},
		{
			"a full export goes on with the versions, and what it shows first begins with it",
			new(table(map[string][]map[string]startest.Cell{"customer": {customer("ann", "Oslo"), customer("bob", "Ulm")}, "order": append(orders, order("bob", 8, day(11)))})), nil, day(11),
			first("1|ann|Rome|1|0001-01-01|2026-03-04|false|false", "2|ann|Oslo|2|2026-03-04|2026-03-06|false|false", "3|bob|∅|1|0001-01-01|2026-03-11|false|false",
				"4|ann|Kyiv|3|2026-03-06|2026-03-07|false|false", "5|ann|Oslo|4|2026-03-07|9999-12-31|true|false", "6|bob|Ulm|2|2026-03-11|9999-12-31|true|false"),
			[]string{"1|1", "2|2", "3|4", "4|0", "5|1", "6|3", "8|6"},
		},
		{
			"a value that goes begins a version",
			nil, map[string][]startest.Change{"customer": {put(day(12), customer("bob", nil))}}, day(13),
			first("1|ann|Rome|1|0001-01-01|2026-03-04|false|false", "2|ann|Oslo|2|2026-03-04|2026-03-06|false|false", "3|bob|∅|1|0001-01-01|2026-03-11|false|false",
				"4|ann|Kyiv|3|2026-03-06|2026-03-07|false|false", "5|ann|Oslo|4|2026-03-07|9999-12-31|true|false", "6|bob|Ulm|2|2026-03-11|2026-03-12|false|false",
				"7|bob|∅|3|2026-03-12|9999-12-31|true|false"),
			[]string{"1|1", "2|2", "3|4", "4|0", "5|1", "6|3", "8|6"},
		},
	}
	var from time.Time
	for _, s := range steps {
		var err error
		if s.full != nil {
			err = w.full(*s.full, s.to)
		} else {
			err = w.increment(startest.Changes{Rows: s.changes}, star.Window{Mode: star.Increment, From: from, To: s.to})
		}
		if err != nil {
			t.Fatalf("%s: %v", s.about, err)
		}
		from = s.to
		customers := w.lines(t, "select customerkey, name, city, version, cast(validfrom as date), cast(validto as date), current, deleted from dwh.customer order by customerkey")
		orders := w.lines(t, `select number, customerkey from dwh."order" order by number`)
		if diff := cmp.Diff(s.customers, customers) + cmp.Diff(s.orders, orders); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.about, diff)
		}
	}
}

// older offers an export that is older than the versions.
func older(t *testing.T, w *warehouse, rows startest.Landing) {
	t.Helper()
	before := w.lines(t, "select customerkey, version, current from dwh.customer order by customerkey")
	err := w.full(rows, time.Date(2026, 3, 7, 11, 0, 0, 0, time.UTC))
	if err == nil || !strings.Contains(err.Error(), "because what was loaded is older than the star") {
		t.Errorf("an export that is older than the star: %v", err)
	}
	if diff := cmp.Diff(before, w.lines(t, "select customerkey, version, current from dwh.customer order by customerkey")); diff != "" {
		t.Errorf("an older export has changed versions (-want +got):\n%s", diff)
	}
}

// lines returns the rows of a query as text.
func (w *warehouse) lines(t *testing.T, query string) []string {
	t.Helper()
	tx, err := w.engine.Begin(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	result, err := tx.Exec(w.ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, row := range result.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			if cells[i] = fmt.Sprint(v); v == nil {
				cells[i] = "∅"
			}
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return lines
}
