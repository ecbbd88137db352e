package star_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// reference is the star as plain Go computes it from the nights, to compare
// the procedures with. It shares no code and no SQL with them.
type reference struct {
	keys  map[string]map[string]int // table → business key → surrogate key
	night map[string]map[int]string // dimension → key → the other cells, tonight
	dwh   map[string]map[int]member
	facts []fact
}

type member struct {
	cells   string
	deleted bool
}

type fact struct {
	order, date, customer, address, product int
	cents                                   int
	items                                   int // 0 stands for NULL
}

// parsed is an order with what the star needs of it.
type parsed struct {
	order

	day string
}

func newReference() *reference {
	r := &reference{keys: map[string]map[string]int{}, dwh: map[string]map[int]member{}}
	for _, table := range []string{"date", "customer", "address", "product", "order"} {
		r.keys[table] = map[string]int{}
		r.dwh[table] = map[int]member{}
	}
	return r
}

// apply is one night: land, stage, publish.
func (r *reference) apply(n night) {
	r.night = map[string]map[int]string{
		"date":     {0: "null|null|null|null|unknown|null|null|null|null|unknown|null"},
		"customer": {0: "null|null|unknown"},
		"address":  {0: "null|null|null|null|unknown|unknown"},
		"product":  {0: "null|unknown|unknown|unknown"},
	}
	orders := ordersByID(n)
	r.dates(n)
	r.customers(n)
	addresses := r.addresses(n)
	r.products(n)
	r.lines(n, orders, addresses)
	for table, rows := range r.night {
		for key := range r.dwh[table] {
			if _, here := rows[key]; !here {
				r.dwh[table][key] = member{cells: r.dwh[table][key].cells, deleted: true}
			}
		}
		for key, cells := range rows {
			r.dwh[table][key] = member{cells: cells}
		}
	}
}

// assign gives keys to those business keys that have none, in byte order.
func (r *reference) assign(table string, businessKeys map[string]bool) {
	for _, k := range slices.Sorted(maps.Keys(businessKeys)) {
		if _, known := r.keys[table][k]; !known {
			r.keys[table][k] = len(r.keys[table]) + 1
		}
	}
}

func (r *reference) dates(n night) {
	days := map[string]bool{}
	for _, o := range n.orders {
		days[o.at[:10]] = true
	}
	r.assign("date", days)
	for day := range days {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			panic(err)
		}
		isoYear, week := at.ISOWeek()
		weekday := (int(at.Weekday())+6)%7 + 1
		r.night["date"][r.keys["date"][day]] = fmt.Sprintf("%s|%d|%d|%d|%s|%d|%d|%d|%d|%s|%t", day,
			at.Year(), (int(at.Month())-1)/3+1, at.Month(), at.Month(), isoYear, week, at.Day(), weekday, at.Weekday(), weekday > 5)
	}
}

func (r *reference) customers(n night) {
	names := map[string]bool{}
	for _, c := range n.customers {
		names[c.username] = true
	}
	r.assign("customer", names)
	for _, c := range n.customers {
		r.night["customer"][r.keys["customer"][c.username]] = row(c.username, c.email, c.fullname)
	}
}

// addresses returns the key of the address of each customer who has one.
func (r *reference) addresses(n night) map[string]int {
	here := map[string]customer{}
	businessKeys := map[string]bool{}
	for _, c := range n.customers {
		if c.addressline1+c.addressline2+c.city+c.postcode+c.country != "" {
			businessKeys[addressKey(c)], here[c.username] = true, c
		}
	}
	r.assign("address", businessKeys)
	keys := map[string]int{}
	for name, c := range here {
		keys[name] = r.keys["address"][addressKey(c)]
		r.night["address"][keys[name]] = row(name, c.addressline1, c.addressline2, c.postcode, c.city, c.country)
	}
	return keys
}

// addressKey is written as it sorts: no user name of the tests has a bar.
func addressKey(c customer) string {
	return c.username + "|" + strings.TrimRight(strings.ReplaceAll(c.postcode, blank, ""), " ")
}

func (r *reference) products(n night) {
	times := map[string]string{}
	for _, o := range n.orders {
		times[o.orderid] = max(times[o.orderid], o.at)
	}
	best := map[string]line{}
	ids := map[string]bool{}
	for _, l := range n.lines {
		ids[l.productid] = true
		old, again := best[l.productid]
		if !again || cmp.Or(cmp.Compare(times[old.orderid], times[l.orderid]), cmp.Compare(old.orderid, l.orderid),
			compare(l.name, old.name), compare(l.color, old.color), compare(l.category, old.category)) < 0 {
			best[l.productid] = l
		}
	}
	r.assign("product", ids)
	for id, l := range best {
		r.night["product"][r.keys["product"][id]] = row(id, l.name, l.color, l.category)
	}
}

func ordersByID(n night) map[string]parsed {
	orders := map[string]parsed{}
	for _, o := range n.orders {
		orders[o.orderid] = parsed{order: o, day: o.at[:10]}
	}
	return orders
}

func (r *reference) lines(n night, orders map[string]parsed, addresses map[string]int) {
	ids := map[string]bool{}
	for id := range orders {
		ids[id] = true
	}
	for _, l := range n.lines {
		ids[l.orderid] = true
	}
	r.assign("order", ids)
	here := map[string]int{}
	for _, c := range n.customers {
		here[c.username] = r.keys["customer"][c.username]
	}
	r.facts = nil
	for _, l := range n.lines {
		o := orders[l.orderid] // the zero order has the key 0 everywhere
		r.facts = append(r.facts, fact{
			order: r.keys["order"][l.orderid], date: r.keys["date"][o.day], customer: here[o.username],
			address: addresses[o.username], product: r.keys["product"][l.productid], cents: cents(l.price), items: o.items,
		})
	}
}

// dump writes every table as warehouse.star does.
func (r *reference) dump() map[string][]string {
	dump := map[string][]string{}
	for table, keys := range r.keys {
		dump["staging."+table+"_maxkey"] = []string{fmt.Sprint(len(keys))}
		dump["staging."+table+"key"] = []string{}
		for k, n := range keys {
			dump["staging."+table+"key"] = append(dump["staging."+table+"key"], fmt.Sprintf("%d|%s", n, k))
		}
	}
	for table, rows := range r.night {
		for k, cells := range rows {
			dump["staging."+table] = append(dump["staging."+table], fmt.Sprintf("%d|%s", k, cells))
		}
		for k, m := range r.dwh[table] {
			dump["dwh."+table] = append(dump["dwh."+table], fmt.Sprintf("%d|%s|%t", k, m.cells, m.deleted))
		}
	}
	facts := []string{}
	for _, f := range r.facts {
		items := fmt.Sprint(f.items)
		if f.items == 0 {
			items = "null"
		}
		facts = append(facts, fmt.Sprintf("%d|%d|%d|%d|%d|%s|%s",
			f.order, f.date, f.customer, f.address, f.product, money(f.cents), items))
	}
	dump[`staging."order"`], dump[`dwh."order"`] = facts, slices.Clone(facts)
	for _, rows := range dump {
		slices.Sort(rows)
	}
	return dump
}

// compare orders text by its bytes, NULL last.
func compare(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(min(len(b), 1), min(len(a), 1))
	}
	return cmp.Compare(strings.ReplaceAll(a, blank, ""), strings.ReplaceAll(b, blank, ""))
}

func row(cells ...string) string {
	for i, c := range cells {
		switch c {
		case "":
			cells[i] = "null"
		case blank:
			cells[i] = ""
		}
	}
	return strings.Join(cells, "|")
}

func cents(price string) int {
	var units, rest int
	if _, err := fmt.Sscanf(price, "%d.%02d", &units, &rest); err != nil {
		panic(fmt.Sprintf("price %q of a test: %v", price, err))
	}
	return units*100 + rest
}

func money(cents int) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}
