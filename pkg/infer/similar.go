package infer

import (
	"github.com/nightstar-elt/nightstar/pkg/inspect"
)

// usual is the share of items from which on an attribute belongs to a type.
const usual = 0.95

// likeness says how two groups' attributes compare.
type likeness struct {
	shared   int  // attributes that both usually have
	missing  int  // usual attributes of one that the other never has
	together int  // usual attributes of either
	few      bool // one of them has so few items that any attribute may be usual
}

// compare compares the attributes of two groups, other than those that name types.
// An attribute that only some items have says nothing.
func compare(a, b *inspect.Group, without map[string]bool) likeness {
	l := likeness{few: min(a.Items, b.Items) <= 3}
	count := func(x, y *inspect.Group, first bool) {
		for name, attribute := range x.Root.Members {
			if without[name] || float64(attribute.Present()) < usual*float64(x.Items) {
				continue
			}
			other, has := y.Root.Members[name]
			both := has && float64(other.Present()) >= usual*float64(y.Items)
			switch {
			case both && first:
				l.shared++
				l.together++
			case both:
			case !has:
				l.missing++
				l.together++
			default:
				l.together++
			}
		}
	}
	count(a, b, true)
	count(b, a, false)
	return l
}

// agree reports whether the items of both groups may be of one type.
func (l likeness) agree() bool {
	if l.few {
		return float64(l.missing) <= 0.4*float64(l.together)
	}
	return float64(l.missing) <= 0.2*float64(l.together)
}

// differ reports whether they can hardly be.
func (l likeness) differ() bool {
	return l.missing >= 2 && float64(l.missing) >= 0.4*float64(l.together)
}
