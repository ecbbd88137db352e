package star_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/sql"
)

// sale is a fact with its dimensions, as plain Go knows it.
type sale struct {
	order, customer    int
	day                string // empty when unknown
	year, month        int
	country, category  string
	productid, product string
	unknown            map[string]bool
	cents, items       int
}

func (s sale) quarter() int { return (s.month-1)/3 + 1 }

// sales joins the facts of the reference.
func (r *reference) sales() []sale {
	var all []sale
	for _, f := range r.facts {
		address := strings.Split(r.night["address"][f.address], "|")
		product := strings.Split(r.night["product"][f.product], "|")
		s := sale{
			order: f.order, customer: f.customer, cents: f.cents, items: f.items,
			country: known(address[5]), category: known(product[3]), productid: product[0], product: product[1],
			unknown: map[string]bool{
				"date": f.date == 0, "customer": f.customer == 0, "address": f.address == 0, "product": f.product == 0,
			},
		}
		if f.date != 0 {
			s.day, _, _ = strings.Cut(r.night["date"][f.date], "|")
			if _, err := fmt.Sscanf(s.day, "%d-%d-", &s.year, &s.month); err != nil {
				panic(err)
			}
		}
		all = append(all, s)
	}
	return all
}

func known(cell string) string {
	if cell == "null" {
		return "unknown"
	}
	return cell
}

// answers computes what each query must answer, by the arithmetic of whole
// cents.
func answers() map[string]func([]sale) []string {
	return map[string]func([]sale) []string{
		"quarterly_growth":    quarterlyGrowth,
		"monthly_revenue":     monthlyRevenue,
		"top_products":        topProducts,
		"average_order_value": averageOrderValue,
		"repeat_customers":    repeatCustomers,
		"price_history":       priceHistory,
		"unknown_members":     unknownMembers,
		"last_runs": func([]sale) []string { // nobody records the nights of these tests
			return []string{tonight + "|null|null|null|null|null|null|true|null"}
		},
	}
}

func TestQueries_answerAsPlainGoDoes(t *testing.T) {
	t.Parallel()

	queries, err := sql.Queries()
	if err != nil {
		t.Fatal(err)
	}
	nights := map[string]night{
		"full": randomNight(11, 0), "usual": usual(), "without facts": {customers: []customer{ada}},
		"with ties": changed(func(n *night) {
			n.lines = nil
			for _, product := range []string{"p4|A", "p3|B", "p2|C", "p1|D"} {
				id, name, _ := strings.Cut(product, "|")
				n.lines = append(n.lines, line{orderid: "o1", productid: id, name: name, category: "Art", price: "2.00"})
			}
		}),
	}
	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		for name, n := range nights {
			want := newReference()
			want.apply(n)
			w.empty()
			w.run(n)
			for _, q := range queries {
				answer, ok := answers()[q.Name]
				if !ok {
					t.Errorf("no arithmetic checks the query %s", q.Name)
					continue
				}
				if diff := gocmp.Diff(answer(want.sales()), w.exec(q.SQL)); diff != "" {
					t.Errorf("%s night, %s (-plain Go +SQL):\n%s", name, q.Name, diff)
				}
			}
		}
	})
}

// query returns the text of a query.
func query(t *testing.T, name string) string {
	t.Helper()
	queries, err := sql.Queries()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(queries, func(q sql.Query) bool { return q.Name == name })
	if i < 0 {
		t.Fatalf("there is no query %s", name)
	}
	return queries[i].SQL
}

func TestLastRuns_byHand(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.run(usual())
		w.exec(`insert into etl.run (run_id, started_at, ended_at, seconds, result, cause, items, rows_loaded, set_aside)
			values ('failed', cast('2026-11-22 02:00:00' as timestamp), cast('2026-11-22 02:00:09' as timestamp), 9, 'LandingFailed', 'Rejected: x', 7, null, 0),
			('yesterday', cast('2026-11-20 02:00:00' as timestamp), cast('2026-11-20 02:20:00' as timestamp), 1200, 'Loaded', null, 9, 8, 1)`)
		runs := func(star string) []string {
			return []string{
				star, "failed|2026-11-22 02:00:00|9|LandingFailed|7|null|0|false|Rejected: x",
				"yesterday|2026-11-20 02:00:00|1200|Loaded|9|8|1|false|null",
			}
		}
		if diff := gocmp.Diff(runs("tonight|null|null|null|null|null|null|true|null"), w.exec(query(t, "last_runs"))); diff != "" {
			t.Errorf("before the run is recorded (-want +got):\n%s", diff)
		}
		w.exec(`insert into etl.run (run_id, started_at, ended_at, seconds, result, items, rows_loaded, set_aside)
			values ('tonight', cast('2026-11-23 02:00:00' as timestamp), cast('2026-11-23 02:00:04' as timestamp), 4, 'Loaded', 9, 9, 0)`)
		if diff := gocmp.Diff(runs("tonight|2026-11-23 02:00:00|4|Loaded|9|9|0|true|null"), w.exec(query(t, "last_runs"))); diff != "" {
			t.Errorf("recorded (-want +got):\n%s", diff)
		}
	})
}

func TestQuarterlyGrowth_byHand(t *testing.T) {
	t.Parallel()

	sold := func(at, price string) night {
		id := at + price
		return night{
			orders: []order{{username: "ada", orderid: id, at: at}},
			lines:  []line{{orderid: id, productid: "p", category: "Office", price: price}},
		}
	}
	all := night{customers: []customer{ada}}
	for _, n := range []night{
		sold("2020-04-01 00:00:00", "80.00"), sold("2021-06-30 23:59:59", "90.00"), // 12.5 % more
		sold("2021-01-01 00:00:00", "30.00"), sold("2022-02-01 00:00:00", "10.00"), // two thirds less
		sold("2022-12-01 00:00:00", "0.00"), sold("2023-12-01 00:00:00", "5.00"), // from nothing
		sold("2020-07-01 00:00:00", "8.00"), sold("2022-08-01 00:00:00", "9.00"), // a year between
		sold("2021-10-01 00:00:00", "7.00"),
		sold("2019-01-01 00:00:00", "-4.00"), sold("2020-01-01 00:00:00", "6.00"), // from more given back than sold
	} {
		all.orders, all.lines = append(all.orders, n.orders...), append(all.lines, n.lines...)
	}
	want := []string{
		"Germany|Office|2019|1|-4.00|0.00|null",
		"Germany|Office|2020|1|6.00|-4.00|null",
		"Germany|Office|2020|2|80.00|0.00|null",
		"Germany|Office|2020|3|8.00|0.00|null",
		"Germany|Office|2021|1|30.00|6.00|400.00",
		"Germany|Office|2021|2|90.00|80.00|12.50",
		"Germany|Office|2021|4|7.00|0.00|null",
		"Germany|Office|2022|1|10.00|30.00|-66.67",
		"Germany|Office|2022|3|9.00|0.00|null",
		"Germany|Office|2022|4|0.00|7.00|-100.00",
		"Germany|Office|2023|4|5.00|0.00|null",
	}
	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.run(all)
		if diff := gocmp.Diff(want, w.exec(query(t, "quarterly_growth"))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func quarterlyGrowth(sales []sale) []string {
	type cell struct {
		country, category string
		year, quarter     int
	}
	now, cells, seen := map[cell]int{}, map[cell]bool{}, map[[2]int]bool{}
	for _, s := range sales {
		if s.unknown["date"] {
			continue
		}
		c := cell{s.country, s.category, s.year, s.quarter()}
		now[c] += s.cents
		cells[c] = true
		seen[[2]int{c.year, c.quarter}] = true
		c.year++
		cells[c] = true
	}
	answer := []string{}
	for _, c := range slices.SortedFunc(maps.Keys(cells), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.country, b.country), cmp.Compare(a.category, b.category),
			cmp.Compare(a.year, b.year), cmp.Compare(a.quarter, b.quarter))
	}) {
		if !seen[[2]int{c.year, c.quarter}] {
			continue
		}
		before := now[cell{c.country, c.category, c.year - 1, c.quarter}]
		growth := "null"
		if before > 0 {
			growth = money(divide(10000*(now[c]-before), before))
		}
		answer = append(answer, fmt.Sprintf("%s|%s|%d|%d|%s|%s|%s",
			c.country, c.category, c.year, c.quarter, money(now[c]), money(before), growth))
	}
	return answer
}

func monthlyRevenue(sales []sale) []string {
	orders, revenue := map[[2]int]map[int]bool{}, map[[2]int]int{}
	for _, s := range sales {
		if s.unknown["date"] {
			continue
		}
		month := [2]int{s.year, s.month}
		if orders[month] == nil {
			orders[month] = map[int]bool{}
		}
		orders[month][s.order] = true
		revenue[month] += s.cents
	}
	answer := []string{}
	change, soFar, last := "null", 0, [2]int{}
	for _, month := range slices.SortedFunc(maps.Keys(revenue), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }) {
		if month[0] != last[0] {
			soFar = 0
		}
		soFar += revenue[month]
		if len(answer) > 0 {
			change = money(revenue[month] - revenue[last])
		}
		answer = append(answer, fmt.Sprintf("%d|%d|%d|%s|%s|%s|%s", month[0], month[1], len(orders[month]),
			money(revenue[month]), money(divide(revenue[month], len(orders[month]))), change, money(soFar)))
		last = month
	}
	return answer
}

func topProducts(sales []sale) []string {
	type product struct{ category, id, name string }
	revenue, units, total := map[product]int{}, map[product]int{}, map[string]int{}
	for _, s := range sales {
		p := product{s.category, s.productid, s.product}
		revenue[p] += s.cents
		units[p]++
		total[s.category] += s.cents
	}
	answer, place := []string{}, map[string]int{}
	for _, p := range slices.SortedFunc(maps.Keys(revenue), func(a, b product) int {
		return cmp.Or(cmp.Compare(a.category, b.category), cmp.Compare(revenue[b], revenue[a]), cmp.Compare(a.id, b.id))
	}) {
		place[p.category]++
		if place[p.category] <= 3 {
			answer = append(answer, fmt.Sprintf("%s|%d|%s|%s|%d|%s|%s", p.category, place[p.category], p.id, p.name,
				units[p], money(revenue[p]), tenths(1000*revenue[p], total[p.category])))
		}
	}
	return answer
}

func averageOrderValue(sales []sale) []string {
	type placed struct {
		country string
		order   int
	}
	revenue, items := map[placed]int{}, map[placed]int{}
	for _, s := range sales {
		p := placed{s.country, s.order}
		revenue[p] += s.cents
		items[p] = s.items
	}
	orders, cents, counted, sum := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for p, r := range revenue {
		orders[p.country]++
		cents[p.country] += r
		if items[p] != 0 {
			counted[p.country]++
			sum[p.country] += items[p]
		}
	}
	answer := []string{}
	for _, c := range slices.Sorted(maps.Keys(orders)) {
		answer = append(answer, fmt.Sprintf("%s|%d|%s|%s|%s", c, orders[c], money(cents[c]),
			money(divide(cents[c], orders[c])), tenths(10*sum[c], counted[c])))
	}
	return answer
}

func repeatCustomers(sales []sale) []string {
	orders, revenue, total := map[int]map[int]bool{}, map[int]int{}, 0
	for _, s := range sales {
		if s.unknown["customer"] {
			continue
		}
		if orders[s.customer] == nil {
			orders[s.customer] = map[int]bool{}
		}
		orders[s.customer][s.order] = true
		revenue[s.customer] += s.cents
		total += s.cents
	}
	names := []string{"1 order", "2 orders", "3 to 4 orders", "5 orders or more"}
	customers, count, cents := map[string]int{}, map[string]int{}, map[string]int{}
	for c, o := range orders {
		name := names[[]int{0, 0, 1, 2, 2, 3}[min(len(o), 5)]]
		customers[name]++
		count[name] += len(o)
		cents[name] += revenue[c]
	}
	answer := []string{}
	for _, name := range names {
		if customers[name] > 0 {
			answer = append(answer, fmt.Sprintf("%s|%d|%d|%s|%s|%s", name, customers[name], count[name], money(cents[name]),
				tenths(1000*customers[name], len(orders)), tenths(1000*cents[name], total)))
		}
	}
	return answer
}

func priceHistory(sales []sale) []string {
	type price struct {
		id, name string
		cents    int
	}
	days := map[price][]string{}
	for _, s := range sales {
		if !s.unknown["date"] {
			p := price{s.productid, s.product, s.cents}
			days[p] = append(days[p], s.day)
		}
	}
	answer, last := []string{}, price{}
	for _, p := range slices.SortedFunc(maps.Keys(days), func(a, b price) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(slices.Min(days[a]), slices.Min(days[b])), cmp.Compare(a.cents, b.cents))
	}) {
		change := "null"
		if last.id == p.id {
			change = money(p.cents - last.cents)
		}
		answer = append(answer, fmt.Sprintf("%s|%s|%s|%s|%s|%d|%s", p.id, p.name, money(p.cents),
			slices.Min(days[p]), slices.Max(days[p]), len(days[p]), change))
		last = p
	}
	return answer
}

func unknownMembers(sales []sale) []string {
	answer := []string{}
	for _, dimension := range []string{"address", "customer", "date", "product"} {
		facts, cents := 0, 0
		for _, s := range sales {
			if s.unknown[dimension] {
				facts++
				cents += s.cents
			}
		}
		answer = append(answer, fmt.Sprintf("%s|%d|%s", dimension, facts, money(cents)))
	}
	return answer
}

// tenths is n/by to one place, or null if there is nothing to have a share of.
func tenths(n, by int) string {
	if by <= 0 {
		return "null"
	}
	rounded := divide(n, by)
	return fmt.Sprintf("%d.%d", rounded/10, rounded%10)
}

// divide rounds to the nearest whole number, halves away from zero.
func divide(n, by int) int {
	if n < 0 {
		return -divide(-n, by)
	}
	return (2*n + by) / (2 * by)
}
