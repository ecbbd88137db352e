package sample

import (
	"regexp"
	"testing"
)

func TestPlanner_group(t *testing.T) {
	t.Parallel()

	var p planner
	for limit := range groupItems + 1 {
		for n := range uint64(50) {
			plan := p.group(42, n, limit)
			items := len(plan)
			for _, orders := range plan {
				for _, lines := range orders {
					items += 1 + lines
					if lines < 1 || lines > 5 {
						t.Errorf("group %d of %d items has an order of %d lines, want 1 to 5", n, limit, lines)
					}
				}
			}
			if items != limit {
				t.Errorf("group %d has %d items, want %d", n, items, limit)
			}
		}
	}
}

func TestPlanner_deals(t *testing.T) {
	t.Parallel()

	customers, orders, lines := len(ordersOfCustomers()), 0, 0
	for _, count := range ordersOfCustomers() {
		orders += count
	}
	for _, count := range linesOfOrders() {
		lines += count
	}
	if customers != groupCustomers || orders != len(linesOfOrders()) || customers+orders+lines != groupItems {
		t.Errorf("a group has %d customers, %d orders, %d lines, want %d items with every order dealt",
			customers, orders, lines, groupItems)
	}
}

func TestMemberNumber(t *testing.T) {
	t.Parallel()

	seen := map[string]bool{}
	for serial := range 200_000 {
		n := memberNumber(serial)
		if len(n) != 8 || seen[n] {
			t.Fatalf("memberNumber(%d) = %q, want eight digits that no other customer has", serial, n)
		}
		seen[n] = true
	}
	if n := memberNumber(100_000_000); n != "1"+memberNumber(0) {
		t.Errorf("memberNumber(100000000) = %q, want a digit more", n)
	}
}

func TestStream_weighted(t *testing.T) {
	t.Parallel()

	var s stream
	s.reset(1, forPlan, 1)
	weights := []int{1, 0, 5, 4}
	totals, counts := running(weights), make([]int, 4)
	const draws = 100_000
	for range draws {
		counts[s.weighted(totals)]++
	}
	for i, count := range counts {
		want := draws * weights[i] / 10
		if count < want-1000 || count > want+1000 {
			t.Errorf("index %d drawn %d times, want about %d", i, count, want)
		}
	}
}

func TestStream_fill(t *testing.T) {
	t.Parallel()

	var s stream
	s.reset(1, forPlan, 1)
	const layout = "Bât. @, #e"
	if got := s.fill(layout); !regexp.MustCompile(`^Bât\. [A-Z], [0-9]e$`).MatchString(got) {
		t.Errorf("fill(%q) = %q, want a letter and a digit in their places", layout, got)
	}
}

func TestStream_uuid(t *testing.T) {
	t.Parallel()

	var s stream
	s.reset(1, forPlan, 1)
	pattern := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for range 1000 {
		if id := s.uuid(); !pattern.MatchString(id) {
			t.Fatalf("uuid() = %q, want a UUID of version 4", id)
		}
	}
}
