package star_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// The members and lines that most rules are shown with.
var (
	ada = customer{username: "ada", fullname: "Ada", city: "Ulm", postcode: "89073", country: "Germany"}
	bob = customer{username: "bob", fullname: "Bob", city: "Wien", postcode: "1010", country: "Austria"}

	adasOrder = order{username: "ada", orderid: "o1", items: 2, at: "2022-03-01 08:30:00"}
	bobsOrder = order{username: "bob", orderid: "o2", items: 1, at: "2022-03-01 23:59:59.999999"}

	pen = line{orderid: "o1", productid: "p1", name: "Pen", category: "Office", color: "red", price: "1.50"}
	ink = line{orderid: "o1", productid: "p2", name: "Ink", category: "Office", color: "blue", price: "9.00"}
	cup = line{orderid: "o2", productid: "p3", name: "Cup", category: "Home", color: "white", price: "4.25"}
)

// usual is a night in which nothing is missing.
func usual() night {
	return night{
		customers: []customer{ada, bob},
		orders:    []order{adasOrder, bobsOrder},
		lines:     []line{pen, ink, cup},
	}
}

// changed applies edits to the usual night.
func changed(edits ...func(*night)) night {
	n := usual()
	for _, edit := range edits {
		edit(&n)
	}
	return n
}

// The facts as people see them, by names instead of keys.
const factsByName = `
select staging.orderkey.orderid, dwh.date.orderdate, dwh.customer.username, dwh.address.city,
    dwh.product.productname, dwh."order".price, dwh."order".numberofitems
from dwh."order"
inner join staging.orderkey on dwh."order".orderkey = staging.orderkey.orderkey
inner join dwh.date on dwh."order".datekey = dwh.date.datekey
inner join dwh.customer on dwh."order".customerkey = dwh.customer.customerkey
inner join dwh.address on dwh."order".addresskey = dwh.address.addresskey
inner join dwh.product on dwh."order".productkey = dwh.product.productkey
order by staging.orderkey.orderid, dwh.product.productid`

func TestRules(t *testing.T) {
	t.Parallel()

	usualFacts := []string{
		"o1|2022-03-01|ada|Ulm|Pen|1.50|2",
		"o1|2022-03-01|ada|Ulm|Ink|9.00|2",
		"o2|2022-03-01|bob|Wien|Cup|4.25|1",
	}
	tests := map[string]struct {
		nights []night
		query  string
		want   []string
	}{
		"the fact has one row for each product of each order": {
			nights: []night{usual()},
			query:  factsByName,
			want:   usualFacts,
		},
		"an order joins on its day, not on its instant": {
			nights: []night{usual()},
			query:  `select datekey, orderdate, isweekend from dwh.date order by datekey`,
			want:   []string{"0|null|null", "1|2022-03-01|false"},
		},
		"a day is described by ISO 8601, and a week has a year of its own": {
			nights: []night{changed(func(n *night) { n.orders[0].at = "2021-01-03 00:00:00" })},
			query: `select orderdate, year, quarter, month, monthname, isoyear, week, day, dayofweek, dayname, isweekend
				from dwh.date where datekey = 1`,
			want: []string{"2021-01-03|2021|1|1|January|2020|53|3|7|Sunday|true"},
		},
		"an order whose item is missing keeps its lines, on unknown members": {
			nights: []night{changed(func(n *night) { n.orders = n.orders[:1] })},
			query:  factsByName,
			want:   []string{usualFacts[0], usualFacts[1], "o2|null|null|unknown|Cup|4.25|null"},
		},
		"a missing customer is unknown, and so is the address": {
			nights: []night{changed(func(n *night) { n.customers = n.customers[:1] })},
			query:  factsByName,
			want:   []string{usualFacts[0], usualFacts[1], "o2|2022-03-01|null|unknown|Cup|4.25|1"},
		},
		"a customer without an address is known, the address is not": {
			nights: []night{changed(func(n *night) { n.customers[1] = customer{username: "bob"} })},
			query:  factsByName,
			want:   []string{usualFacts[0], usualFacts[1], "o2|2022-03-01|bob|unknown|Cup|4.25|1"},
		},
		"a customer who is gone is unknown to the facts of the night": {
			nights: []night{usual(), changed(func(n *night) { n.customers = n.customers[:1] })},
			query:  factsByName,
			want:   []string{usualFacts[0], usualFacts[1], "o2|2022-03-01|null|unknown|Cup|4.25|1"},
		},
		"a customer who moved has one address, so his orders are not doubled": {
			nights: []night{usual(), changed(func(n *night) { n.customers[1].postcode, n.customers[1].city = "8010", "Graz" })},
			query:  factsByName,
			want:   []string{usualFacts[0], usualFacts[1], "o2|2022-03-01|bob|Graz|Cup|4.25|1"},
		},
		"the address he left stays and is marked": {
			nights: []night{usual(), changed(func(n *night) { n.customers[1].postcode, n.customers[1].city = "8010", "Graz" })},
			query:  `select addresskey, city, deleted from dwh.address where username = 'bob' order by addresskey`,
			want:   []string{"2|Wien|true", "3|Graz|false"},
		},
		"moving back gives the old address its key again": {
			nights: []night{usual(), changed(func(n *night) { n.customers[1].postcode = "8010" }), usual()},
			query:  `select addresskey, postcode, deleted from dwh.address where username = 'bob' order by addresskey`,
			want:   []string{"2|1010|false", "3|8010|true"},
		},
		"a corrected street is the same address": {
			nights: []night{usual(), changed(func(n *night) { n.customers[1].addressline1 = "Ring 1" })},
			query:  `select addresskey, addressline1, deleted from dwh.address where username = 'bob'`,
			want:   []string{"2|Ring 1|false"},
		},
		"an address without a postcode is an address": {
			nights: []night{changed(func(n *night) { n.customers[0].postcode = "" })},
			query:  `select addresskey, username, postcode, city from dwh.address where addresskey <> 0 order by addresskey`,
			want:   []string{"1|ada|null|Ulm", "2|bob|1010|Wien"},
		},
		"a missing, an empty and a blank postcode are the same address": {
			nights: []night{
				changed(func(n *night) { n.customers[0].postcode = "" }),
				changed(func(n *night) { n.customers[0].postcode = blank }),
				changed(func(n *night) { n.customers[0].postcode = "  " }),
			},
			query: `select addresskey, username, city, deleted from dwh.address where addresskey <> 0 order by addresskey`,
			want:  []string{"1|ada|Ulm|false", "2|bob|Wien|false"},
		},
		"items gone from the source leave the fact": {
			nights: []night{usual(), changed(func(n *night) { n.orders, n.lines = n.orders[:1], n.lines[:2] })},
			query:  factsByName,
			want:   usualFacts[:2],
		},
		"members gone from the source are kept and marked": {
			nights: []night{usual(), {customers: []customer{ada}, orders: []order{adasOrder}, lines: []line{pen}}},
			query: `select 'customer', username, deleted from dwh.customer where customerkey <> 0
				union all select 'product', productid, deleted from dwh.product where productkey <> 0
				order by 1, 2`,
			want: []string{"customer|ada|false", "customer|bob|true", "product|p1|false", "product|p2|true", "product|p3|true"},
		},
		"a day without orders any more is marked": {
			nights: []night{
				changed(func(n *night) { n.orders[1].at = "2020-12-31 00:00:00" }),
				changed(func(n *night) { n.orders, n.lines = n.orders[:1], n.lines[:2] }),
			},
			query: `select orderdate, deleted from dwh.date where datekey <> 0 order by orderdate`,
			want:  []string{"2020-12-31|true", "2022-03-01|false"},
		},
		"members that return are not marked any more, and keep their keys": {
			nights: []night{usual(), {customers: []customer{ada}, orders: []order{adasOrder}, lines: []line{pen}}, usual()},
			query: `select 'customer', customerkey, username, deleted from dwh.customer where customerkey <> 0
				union all select 'product', productkey, productid, deleted from dwh.product where productkey <> 0
				order by 1, 2`,
			want: []string{
				"customer|1|ada|false", "customer|2|bob|false",
				"product|1|p1|false", "product|2|p2|false", "product|3|p3|false",
			},
		},
		"an order whose lines shrink loses them": {
			nights: []night{usual(), changed(func(n *night) { n.lines = []line{ink, cup} })},
			query:  factsByName,
			want:   usualFacts[1:],
		},
		"an order whose lines shrink to none disappears": {
			nights: []night{usual(), changed(func(n *night) { n.lines = []line{cup} })},
			query:  factsByName,
			want:   usualFacts[2:],
		},
		"an order without lines has no fact": {
			nights: []night{changed(func(n *night) { n.lines = []line{cup} })},
			query:  factsByName,
			want:   usualFacts[2:],
		},
		"a product is what its latest order says, each fact keeps its price": {
			nights: []night{changed(func(n *night) {
				n.orders[1].at = "2022-03-02 00:00:00"
				n.lines = []line{pen, {orderid: "o2", productid: "p1", name: "Pen II", category: "Art", price: "1.75"}}
			})},
			query: factsByName,
			want:  []string{"o1|2022-03-01|ada|Ulm|Pen II|1.50|2", "o2|2022-03-02|bob|Wien|Pen II|1.75|1"},
		},
		"of orders at one instant the highest order id describes the product": {
			nights: []night{changed(func(n *night) {
				n.orders[1].at = n.orders[0].at
				n.lines = []line{{orderid: "o2", productid: "p1", name: "Pen of o2", price: "1.00"}, pen}
			})},
			query: `select productkey, productname, color, category from dwh.product where productkey <> 0`,
			want:  []string{"1|Pen of o2|null|null"},
		},
		"a line without its order describes a product only if no other does": {
			nights: []night{changed(func(n *night) {
				n.lines = append(n.lines, line{orderid: "zz", productid: "p1", name: "Orphan", price: "1.00"})
			})},
			query: `select productname from dwh.product where productid = 'p1'`,
			want:  []string{"Pen"},
		},
		"new members get keys after the highest, in the order of their names": {
			nights: []night{
				changed(func(n *night) { n.customers = []customer{{username: "m"}} }),
				changed(func(n *night) { n.customers = []customer{{username: "z"}, {username: "m"}, {username: "a"}} }),
			},
			query: `select customerkey, username from staging.customerkey order by customerkey`,
			want:  []string{"1|m", "2|a", "3|z"},
		},
		"keys follow the bytes of names, not a language": {
			nights: []night{changed(func(n *night) { n.customers = []customer{{username: "ä"}, {username: "a"}, {username: "B"}} })},
			query:  `select customerkey, username from staging.customerkey order by customerkey`,
			want:   []string{"1|B", "2|a", "3|ä"},
		},
		"prices are exact": {
			nights: []night{changed(func(n *night) {
				n.lines = []line{
					{orderid: "o1", productid: "p1", price: "9999999999999999.99"},
					{orderid: "o1", productid: "p2", price: "0.01"},
					{orderid: "o2", productid: "p1", price: "-3.10"},
				}
			})},
			query: `select price from dwh."order" order by price`,
			want:  []string{"-3.10", "0.01", "9999999999999999.99"},
		},
		"publishing empties landing": {
			nights: []night{usual()},
			query: `select count(*) from mirror.customer_next
				union all select count(*) from mirror.order_next union all select count(*) from mirror.product_next`,
			want: []string{"0", "0", "0"},
		},
		"a night without any order is a star of unknown members": {
			nights: []night{{customers: []customer{{username: "ada"}}}},
			query: `select 'date', count(*) from dwh.date union all select 'product', count(*) from dwh.product
				union all select 'order', count(*) from dwh."order" order by 1`,
			want: []string{"date|1", "order|0", "product|1"},
		},
	}
	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				w := w.in(t)
				w.empty()
				for _, n := range tt.nights {
					w.run(n)
				}
				if diff := cmp.Diff(tt.want, w.exec(tt.query)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestPhases_countWhatTheyDid(t *testing.T) {
	t.Parallel()

	n := changed(func(n *night) {
		n.customers[1] = customer{username: "bob"} // no address
		n.lines = append(n.lines, line{orderid: "lost", productid: "p1", price: "2.00"})
	})
	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.run(usual())
		w.load(n)
		stage := []string{
			"landing has no row, and these rows of dwh would go: if the table was emptied on purpose, delete them first|0",
			"landing tables loaded|3", "landing tables that another run loaded|0", "landing tables: runs that loaded them|1",
			"landing.customer|2", "landing.customer of run tonight|2",
			"landing.customer unique by username for customer|2", "landing.customer unique by username, postcode for address|1",
			"landing.order|2", "landing.order of run tonight|2", "landing.order sum of numberofitems|3", "landing.order unique by orderid|2",
			"landing.product|4", "landing.product of run tonight|4", "landing.product sum of price|1675",
			"staging.address|2", "staging.customer|3", "staging.date|2", "staging.order|4", "staging.order sum of price|1675",
			"staging.order unique by orderkey, productkey|4", "staging.product|4",
		}
		got := w.phase(star.PhaseStage)
		if diff := cmp.Diff(stage, slices.DeleteFunc(slices.Clone(got), ofKeys)); diff != "" {
			t.Errorf("stage (-want +got):\n%s", diff)
		}
		for _, name := range expected(w.model) {
			if !slices.ContainsFunc(got, func(row string) bool { return strings.HasPrefix(row, name+"|") }) {
				t.Errorf("stage does not report %q, which the step transform expects", name)
			}
		}
		publish := []string{
			"dwh and staging know their run|2", "dwh and staging show one run|1", "dwh of run tonight|1",
			"dwh.address|3", "dwh.address deleted|1", "dwh.address not deleted|2",
			"dwh.customer|3", "dwh.customer deleted|0", "dwh.customer not deleted|3",
			"dwh.date|2", "dwh.date deleted|0", "dwh.date not deleted|2",
			"dwh.order|4", "dwh.order on unknown address|2", "dwh.order on unknown customer|1",
			"dwh.order on unknown date|1", "dwh.order on unknown product|0",
			"dwh.order sum of numberofitems|5", "dwh.order sum of price|1675",
			"dwh.order without address|0", "dwh.order without customer|0", "dwh.order without date|0", "dwh.order without product|0",
			"dwh.product|4", "dwh.product deleted|0", "dwh.product not deleted|4",
		}
		if diff := cmp.Diff(publish, slices.DeleteFunc(w.phase(star.PhasePublish), ofKeys)); diff != "" {
			t.Errorf("publish (-want +got):\n%s", diff)
		}
	})
}

// ofKeys reports whether a count is one of those that every table of keys has.
func ofKeys(row string) bool {
	return strings.Contains(row, "key") && !strings.Contains(row, "unique by") ||
		strings.Contains(row, " members|") || strings.Contains(row, " keys|")
}

// expected are the names that a run of this model expects of its stage phase.
func expected(m model.Model) []string {
	var names []string
	for _, r := range m.Relations() {
		names = append(names, "landing."+r.Table, "landing."+r.Table+" of run "+tonight)
		for _, c := range r.Measured() {
			names = append(names, "landing."+r.Table+" sum of "+c.Name)
		}
	}
	return names
}

func TestPhases_areAllOrNothing(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.run(usual())
		want := w.star()
		w.load(randomNight(1, 1))
		for _, phase := range []string{star.PhaseStage, star.PhasePublish} {
			if _, err := w.batch(append(w.statements(phase), "select 1 from dwh.no_such_table")...); err == nil {
				t.Fatalf("phase %s with a wrong statement succeeded", phase)
			}
			if diff := cmp.Diff(want, w.star()); diff != "" {
				t.Errorf("phase %s that failed changed the star (-before +after):\n%s", phase, diff)
			}
		}
	})
}

func TestStage_refusesALandingThatWasPublished(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.run(usual())
		want := w.star()
		_, err := w.try(star.PhaseStage)
		if err == nil || !strings.Contains(err.Error(), "landing tables loaded: counted 0, expected 3") {
			t.Errorf("staging an empty landing = %v", err)
		}
		if diff := cmp.Diff(want, w.star()); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
	})
}

func TestStage_refusesAnExportWithoutItems(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.run(usual())
		want := w.star()
		w.load(night{})
		_, err := w.try(star.PhaseStage)
		if err == nil || !strings.Contains(err.Error(), "these rows of dwh would go: if the table was emptied on purpose, delete them first: counted 3, expected 0") {
			t.Errorf("staging a night without items = %v", err)
		}
		if diff := cmp.Diff(want, w.star()); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
	})
}

// A line that came twice would be counted twice: nothing can tell which of the
// two is right.
func TestStage_refusesALineThatCameTwice(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.dropKeys()
		w.load(changed(func(n *night) { n.lines = append(n.lines, pen) }))
		_, err := w.try(star.PhaseStage)
		if err == nil || !strings.Contains(err.Error(), "staging.order unique by orderkey, productkey: counted 3, expected 4") {
			t.Errorf("staging a line twice = %v", err)
		}
	})
}

// Two items with one business key: nothing says which of them is right.
func TestStage_refusesItemsWithOneBusinessKey(t *testing.T) {
	t.Parallel()

	other := adasOrder
	other.username = "bob"
	tests := map[string]struct {
		edit func(*night)
		want string
	}{
		"two customers of one name": {
			func(n *night) { n.customers = append(n.customers, customer{username: "bob", fullname: "Robert"}) },
			"landing.customer unique by username for customer: counted 2, expected 3",
		},
		"two orders of one id, of two customers": {
			func(n *night) { n.orders = append(n.orders, other) },
			"landing.order unique by orderid: counted 2, expected 3",
		},
		"two orders of one id, without lines": {
			func(n *night) {
				n.orders = append(n.orders, order{username: "ada", orderid: "o3", at: other.at}, order{username: "bob", orderid: "o3", at: other.at})
			},
			"landing.order unique by orderid: counted 3, expected 4",
		},
	}
	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.dropKeys()
		for name, tt := range tests {
			w.load(changed(tt.edit))
			if _, err := w.try(star.PhaseStage); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: staging = %v, want %s", name, err, tt.want)
			}
		}
	})
}
