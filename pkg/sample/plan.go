package sample

// A group is ten customers with thirty orders and sixty order lines: one
// hundred items. Every group deals the same hands in another order, so the mix
// of the whole is exact and not only likely.
const (
	groupCustomers = 10
	groupItems     = 100
)

// ordersOfCustomers and linesOfOrders are the hands of a group: some people
// never order, and most orders are small.
func ordersOfCustomers() [10]int { return [10]int{0, 1, 1, 2, 2, 3, 3, 4, 5, 9} }

func linesOfOrders() [30]int {
	return [30]int{
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
		3, 3, 3, 3, 3,
		4, 4,
		5,
	}
}

// planner deals the groups. Its result is valid until the next call.
type planner struct {
	random stream
	orders [10]int
	lines  [30]int
	plan   [][]int
}

// group returns, for each customer of the nth group, the numbers of lines of
// their orders: together limit items, 100 at most.
func (p *planner) group(seed uint64, n uint64, limit int) [][]int {
	p.random.reset(seed, forPlan, n)
	p.orders, p.lines, p.plan = ordersOfCustomers(), linesOfOrders(), p.plan[:0]
	p.random.shuffle(p.orders[:])
	p.random.shuffle(p.lines[:])
	rest := p.lines[:]
	for _, count := range p.orders {
		p.plan = append(p.plan, rest[:count:count])
		rest = rest[count:]
	}
	if limit < groupItems {
		return fit(p.plan, limit)
	}
	return p.plan
}

// fit cuts a plan to exactly limit items and keeps orders whole: the last one
// has fewer lines than dealt, never fewer than it states. One item that is too
// little for an order becomes one more customer.
func fit(plan [][]int, limit int) [][]int {
	left := limit
	for i, orders := range plan {
		if left == 0 {
			return plan[:i]
		}
		left--
		for j := range orders {
			if left < 2 {
				plan[i] = orders[:j]
				break
			}
			orders[j] = min(orders[j], left-1)
			left -= 1 + orders[j]
		}
	}
	if left == 1 {
		plan = append(plan, nil)
	}
	return plan
}
