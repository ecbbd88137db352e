package star_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/star"
)

// randomNight makes an export with everything that can be wrong with one: the
// same seed and night give the same rows.
func randomNight(seed, nth uint64) night {
	random := rand.New(rand.NewPCG(seed, nth))
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	var n night
	for range 40 {
		name := fmt.Sprintf("user%02d", random.IntN(30)) // some never
		c := customer{
			username: name,
			email:    pick("", blank, name+"@example.com"),
			fullname: pick("Ada", "Björn", "Zoë O'Neill", ""),
		}
		if random.IntN(4) > 0 {
			c.city = pick("", "Ulm", "Łódź", "München")
			c.postcode = pick("", blank, "  ", "89073", "89073 ", "1010", "E1 6AN")
			c.country = pick("Germany", "Austria", "日本", "")
			c.addressline1 = pick("", "1 Road", blank)
		}
		if !slices.ContainsFunc(n.customers, func(other customer) bool { return other.username == name }) {
			n.customers = append(n.customers, c)
		}
	}
	for range 80 {
		o := order{
			username: fmt.Sprintf("user%02d", random.IntN(34)), // some are no customers
			orderid:  fmt.Sprintf("o%03d", random.IntN(100)),
			items:    random.IntN(4),
			at: fmt.Sprintf("202%d-%02d-%02d %02d:00:00", random.IntN(5), 1+random.IntN(12),
				1+random.IntN(28), random.IntN(24)),
		}
		if !slices.ContainsFunc(n.orders, func(other order) bool { return other.orderid == o.orderid }) {
			n.orders = append(n.orders, o)
		}
	}
	for range 250 {
		l := line{
			orderid:   fmt.Sprintf("o%03d", random.IntN(110)), // some without order
			productid: fmt.Sprintf("p%02d", random.IntN(15)),
			name:      pick("Pen", "Ink", "Red Pen", "筆"),
			category:  pick("Office", "Art", ""),
			color:     pick("red", "blue", "", blank),
			price:     money(random.IntN(5000)),
		}
		same := func(other line) bool { return other.orderid == l.orderid && other.productid == l.productid }
		if !slices.ContainsFunc(n.lines, same) {
			n.lines = append(n.lines, l)
		}
	}
	return n
}

func TestNights_agreeWithPlainGo(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		want := newReference()
		for nth := range uint64(4) {
			n := randomNight(7, nth)
			want.apply(n)
			w.run(n)
			if diff := cmp.Diff(want.dump(), w.star()); diff != "" {
				t.Fatalf("night %d (-plain Go +SQL):\n%s", nth, diff)
			}
		}
	})
}

func TestNight_again_changesNothing(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.run(randomNight(7, 0))
		n := randomNight(7, 1)
		w.run(n)
		want := w.star()

		w.run(n)
		if diff := cmp.Diff(want, w.star()); diff != "" {
			t.Errorf("the same night again (-once +twice):\n%s", diff)
		}
		w.phase(star.PhaseSchema)
		w.phase(star.PhaseProcedures)
		w.phase(star.PhasePublish)
		if diff := cmp.Diff(want, w.star()); diff != "" {
			t.Errorf("publishing again (-once +twice):\n%s", diff)
		}
	})
}
