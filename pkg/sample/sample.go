package sample

import (
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Options choose a sample.
type Options struct {
	Seed    uint64 // samples of the same seed are the same
	Items   int    // how many ordinary items, 1,500,000 for instance; below 1 there are none
	Awkward bool   // whether the items of [Cases] follow, on top of Items
}

// Sample is a table's worth of items. It holds the catalogue and the prices,
// less than 1 MiB; items are made while they are read.
type Sample struct {
	options   Options
	countries []country
	customers []int // running totals of the countries' customers
	demand    []demand
	shelves   []shelf
	days      []string          // of all years, "2021-01-01" first
	quarters  [quarters + 1]int // index in days at which each quarter starts
}

// New prepares a sample.
func New(o Options) *Sample {
	s := &Sample{options: o, countries: countries(), shelves: catalogue(o.Seed)}
	var weights []int
	for _, c := range s.countries {
		weights = append(weights, c.weight)
	}
	s.customers = running(weights)
	s.demand = demandOf(s.countries, categories())
	day := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; day.Year() < firstYear+years; day = day.AddDate(0, 0, 1) {
		if day.Day() == 1 && day.Month()%3 == 1 {
			s.quarters[(day.Year()-firstYear)*4+int(day.Month())/3] = len(s.days)
		}
		s.days = append(s.days, day.Format(time.DateOnly))
	}
	s.quarters[quarters] = len(s.days)
	return s
}

// Len is the number of items that Items yields.
func (s *Sample) Len() int {
	n := max(s.options.Items, 0)
	if s.options.Awkward {
		n += len(Cases())
	}
	return n
}

// Items yields the items: each customer, followed by their orders, each of
// them followed by its lines. Of samples that differ in their size only, the
// smaller one is the beginning of the larger one, up to its last full hundred.
// Items may be called again, also at the same time. However many items there
// are, it keeps one order in memory.
func (s *Sample) Items() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		g := generator{Sample: s, yield: yield, kind: text("product")}
		for group := 0; group*groupItems < s.options.Items; group++ {
			plan := g.planner.group(s.options.Seed, uint64(group), s.options.Items-group*groupItems)
			for i, orders := range plan {
				if !g.customer(group*groupCustomers+i, orders) {
					return
				}
			}
		}
		if !s.options.Awkward {
			return
		}
		for _, c := range Cases() {
			if !yield(c.Item) {
				return
			}
		}
	}
}

// generator makes items for one reader.
type generator struct {
	*Sample

	yield   func(Item) bool
	planner planner
	random  stream
	kind    types.AttributeValue // the type of order lines
	picked  []*product           // lines of the order in hand
	moments [32]byte             // room for the text of a time
}

// customer yields the customer of that number with their orders, and reports
// whether the reader wants more.
func (g *generator) customer(serial int, orders []int) bool {
	g.random.reset(g.options.Seed, forCustomer, uint64(serial))
	land := g.random.weighted(g.customers)
	item, key := g.person(&g.countries[land], serial).item()
	if !g.yield(item) {
		return false
	}
	for _, lines := range orders {
		if !g.order(key, &g.demand[land], lines) {
			return false
		}
	}
	return true
}

// person makes a customer. Of a hundred, four have an e-mail address that is
// NULL, four have none, and one has no address.
func (g *generator) person(c *country, serial int) customer {
	fullname, login := c.person(&g.random)
	p := customer{username: login + "." + memberNumber(serial), fullname: text(fullname)}
	if chance := g.random.below(100); chance < 4 {
		p.email = null()
	} else if chance >= 8 {
		p.email = text(p.username + "@" + c.domain)
	}
	if home := c.address(&g.random); !g.random.percent(1) {
		p.address = home.value()
	}
	return p
}

// order yields an order and its lines, which are different products.
func (g *generator) order(customer types.AttributeValue, d *demand, lines int) bool {
	quarter := g.random.weighted(d.quarters)
	o := order{customer: customer, id: g.random.uuid(), lines: lines, date: g.moment(quarter)}
	g.picked = g.picked[:0]
	for range lines {
		p := g.pick(&g.shelves[g.random.weighted(d.categories[quarter])])
		g.picked = append(g.picked, p)
		o.cents += p.cents[quarter]
	}
	item, key, id := o.item()
	if !g.yield(item) {
		return false
	}
	for _, p := range g.picked {
		if !g.yield(p.line(key, id, g.kind, quarter)) {
			return false
		}
	}
	return true
}

// pick chooses a product that the order in hand does not have yet: the keys of
// an order's lines are their products.
func (g *generator) pick(s *shelf) *product {
	i := g.random.weighted(s.totals)
	for slices.Contains(g.picked, &s.products[i]) {
		i = (i + 1) % len(s.products)
	}
	return &s.products[i]
}

// moment returns a millisecond of the quarter as ISO-8601 text in UTC. More people
// order in the evening than in the morning, and hardly any at night.
func (g *generator) moment(quarter int) string {
	// One letter for each hour that may be drawn: a is midnight, x eleven at night.
	const hours = "abghhiiijjjkkkklllmmmmnnnooopppqqqqrrrrrsssssstttttttuuuuuuuuvvvvvvwwwxx"
	first := g.quarters[quarter]
	day := g.days[first+g.random.below(g.quarters[quarter+1]-first)]
	moment := append(g.moments[:0], day...)
	moment = append(moment, 'T')
	moment = twoDigits(moment, int(hours[g.random.below(len(hours))]-'a'))
	moment = append(moment, ':')
	moment = twoDigits(moment, g.random.below(60))
	moment = append(moment, ':')
	moment = twoDigits(moment, g.random.below(60))
	moment = append(moment, '.', byte('0'+g.random.below(10)))
	moment = twoDigits(moment, g.random.below(100))
	return string(append(moment, 'Z'))
}

func twoDigits(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// memberNumber turns the serial number of a customer into digits that do not
// tell how many came before: eight of them for the first hundred million
// customers. The factor has no divisor in common with that number, so no two
// customers get the same.
func memberNumber(serial int) string {
	const all, factor, start = 100_000_000, 61_803_399, 27_182_818
	digits := []byte("00000000")
	n := (uint64(serial%all)*factor + start) % all
	for i := len(digits) - 1; n > 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	if serial >= all {
		return strconv.Itoa(serial/all) + string(digits)
	}
	return string(digits)
}
