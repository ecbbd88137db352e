package infer

import (
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/inspect"
)

// typeAttribute decides whether an attribute names the types of items, and
// returns its place among the report's candidates; -1 if none does.
//
// An attribute names types if its values go with the structure of items: where
// items with keys of one form have different values, their attributes differ,
// too. Otherwise it is a value like any other: the type of a place is Parking.
func typeAttribute(r *inspect.Report) int {
	best, most := -1, 0.0
	for i := range r.TypeAttributes {
		if score := namesTypes(r, i); score > most+0.05 {
			best, most = i, score
		}
	}
	return best
}

// namesTypes returns the share of items that a candidate names the type of; 0 if
// it does not name types.
func namesTypes(r *inspect.Report, i int) float64 {
	without := map[string]bool{r.TypeAttributes[i]: true}
	var with int64
	values := map[string]map[string]int64{}         // by value, items by form
	forms := map[string]map[string]*inspect.Group{} // by form, a group for each value
	for _, g := range r.Groups {
		value := g.Values[i]
		if value == inspect.Several {
			return 0
		}
		if value == "" {
			continue
		}
		with += g.Items
		form := g.Pattern()
		if values[value] == nil {
			values[value] = map[string]int64{}
		}
		values[value][skeleton(g)] += g.Items
		if forms[form] == nil {
			forms[form] = map[string]*inspect.Group{}
		}
		if was := forms[form][value]; was == nil || was.Items < g.Items {
			forms[form][value] = g
		}
	}
	coverage := float64(with) / float64(max(r.Items, 1))
	if coverage < 0.6 || len(values) < 2 {
		return 0
	}
	var divides, idle int64
	for _, groups := range forms {
		d, n := divided(groups, without)
		if d {
			divides += n
		} else {
			idle += n
		}
	}
	if idle > divides && float64(idle) > 0.1*float64(with) {
		return 0
	}
	var scattered int64
	for _, by := range values {
		var sum, top int64
		for _, n := range by {
			sum, top = sum+n, max(top, n)
		}
		if float64(top) < 0.6*float64(sum) && len(by) > 2 {
			scattered += sum
		}
	}
	if float64(scattered) > 0.3*float64(with) {
		return 0
	}
	return coverage
}

// divided reports whether the groups with keys of one form have different
// attributes, and how many items speak. One group alone says nothing.
func divided(groups map[string]*inspect.Group, without map[string]bool) (bool, int64) {
	if len(groups) < 2 {
		return true, 0
	}
	var items int64
	differ, pairs := 0, 0
	for a, x := range groups {
		items += x.Items
		for b, y := range groups {
			if a >= b || alikeNames(a, b) {
				continue
			}
			pairs++
			if compare(x, y, without).differ() {
				differ++
			}
		}
	}
	return 2*differ > pairs || pairs == 0, items
}

// skeleton is the form of keys without their words.
func skeleton(g *inspect.Group) string {
	var b strings.Builder
	for _, key := range g.Keys {
		for _, s := range key {
			b.WriteByte('.')
			b.WriteString(s.Delim)
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// alikeNames reports whether two values are spellings of one name: Org and
// ORGANISATION, user and Users.
func alikeNames(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) >= 3 && strings.HasPrefix(b, a)
}
