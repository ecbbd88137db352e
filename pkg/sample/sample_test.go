package sample_test

import (
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// TestSample_golden pins the bytes of samples. A new sum here means that
// everybody's demonstration shows other numbers: worth a line in the changelog.
func TestSample_golden(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		options sample.Options
		want    string
	}{
		"of the first seed":                 {sample.Options{Seed: 1, Items: 10_000}, "d3cac0f44648b0b6"},
		"of another seed":                   {sample.Options{Seed: math.MaxUint64, Items: 10_000}, "338cab00488d2e78"},
		"of a size that is cut":             {sample.Options{Seed: 1, Items: 137}, "614a3fab9ef267cf"},
		"of the awkward cases on their own": {sample.Options{Awkward: true}, "a4d6af5c45fe7a77"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := sum(sample.New(tt.options).Items()); got != tt.want {
				t.Errorf("sum of the items = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSample_Items(t *testing.T) {
	t.Parallel()

	t.Run("are the same when they are read again, at the same time", func(t *testing.T) {
		t.Parallel()
		s := sample.New(sample.Options{Seed: 7, Items: 300, Awkward: true})
		next, stop := iter.Pull(s.Items())
		defer stop()
		for item := range s.Items() {
			again, _ := next()
			if diff := cmp.Diff(encode(item), encode(again)); diff != "" {
				t.Fatalf("second reading differs (-first +second):\n%s", diff)
			}
		}
	})

	t.Run("start alike in samples of different size", func(t *testing.T) {
		t.Parallel()
		long := slices.Collect(sample.New(sample.Options{Seed: 7, Items: 1000}).Items())
		short := slices.Collect(sample.New(sample.Options{Seed: 7, Items: 430}).Items())
		if sum(slices.Values(long[:400])) != sum(slices.Values(short[:400])) {
			t.Error("the first 400 items differ, want them to depend on the seed only")
		}
	})

	t.Run("are different for different seeds", func(t *testing.T) {
		t.Parallel()
		one, two := sample.New(sample.Options{Seed: 1, Items: 100}), sample.New(sample.Options{Seed: 2, Items: 100})
		if sum(one.Items()) == sum(two.Items()) {
			t.Error("seeds 1 and 2 give the same items")
		}
	})

	t.Run("are not made before they are read", func(t *testing.T) {
		t.Parallel()
		read := 0
		for range sample.New(sample.Options{Seed: 7, Items: math.MaxInt32}).Items() {
			if read++; read == 1000 {
				break // the others would take an hour and all the memory
			}
		}
	})

	t.Run("stop when the reader has enough", func(t *testing.T) {
		t.Parallel()
		for limit := range 120 {
			read := 0
			for range sample.New(sample.Options{Items: 100, Awkward: true}).Items() {
				if read++; read > limit {
					break
				}
			}
			if read != limit+1 {
				t.Fatalf("read %d items, want %d", read, limit+1)
			}
		}
	})
}

func TestSample_Len(t *testing.T) {
	t.Parallel()

	for _, items := range []int{-1, 0, 1, 2, 3, 99, 100, 101, 1_999} {
		s := sample.New(sample.Options{Seed: 3, Items: items})
		count := 0
		for range s.Items() {
			count++
		}
		if want := max(items, 0); count != want || s.Len() != want {
			t.Errorf("Items: %d yields %d items and Len() = %d, want %d", items, count, s.Len(), want)
		}
		s = sample.New(sample.Options{Seed: 3, Items: items, Awkward: true})
		if want := max(items, 0) + len(sample.Cases()); s.Len() != want {
			t.Errorf("Items: %d and Awkward: Len() = %d, want %d", items, s.Len(), want)
		}
	}
}

// TestSample_mix holds the sample to the size that the specification names:
// 1.5 million items of 355 bytes on average.
func TestSample_mix(t *testing.T) {
	t.Parallel()

	const items = 100_000
	counts := map[string]int{}
	bytes := 0
	for item := range sample.New(sample.Options{Seed: 1, Items: items}).Items() {
		counts[textOf(item["type"])]++
		bytes += sizeOf(item)
	}
	want := map[string]int{"customer": items / 10, "order": 3 * items / 10, "product": 6 * items / 10}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("items by type (-want +got):\n%s", diff)
	}
	if average := float64(bytes) / items; average < 353 || average > 357 {
		t.Errorf("average item = %.1f bytes, want about 355", average)
	}
}

// TestSample_order checks what a store would promise about each order.
func TestSample_order(t *testing.T) {
	t.Parallel()

	var customer, order sample.Item
	var lines []sample.Item
	keys := map[string]bool{}
	check := func() {
		if order == nil {
			return
		}
		cents := 0
		for _, line := range lines {
			cents += centsOf(t, line["price"])
		}
		if got := centsOf(t, order["amount"]); got != cents {
			t.Errorf("order %s: amount = %d cents, want %d", textOf(order["orderid"]), got, cents)
		}
		if got := numberOf(order["numberofitems"]); got != strconv.Itoa(len(lines)) {
			t.Errorf("order %s: numberofitems = %s, want %d", textOf(order["orderid"]), got, len(lines))
		}
		order, lines = nil, nil
	}
	for item := range sample.New(sample.Options{Seed: 5, Items: 20_037}).Items() {
		pk, sk := textOf(item["PK"]), textOf(item["SK"])
		if keys[pk+sk] {
			t.Fatalf("two items with the keys %s, %s", pk, sk)
		}
		keys[pk+sk] = true
		switch textOf(item["type"]) {
		case "customer":
			check()
			customer = item
			wantKeys(t, item, "CUST#"+textOf(item["username"]), "CUST#"+textOf(item["username"]), "", "")
		case "order":
			check()
			order = item
			id, owner := "ORD#"+textOf(item["orderid"]), textOf(customer["PK"])
			wantKeys(t, item, owner, id, id, owner)
			date, err := time.Parse(time.RFC3339, textOf(item["orderdate"]))
			if err != nil || date.Location() != time.UTC || date.Year() < 2021 || date.Year() > 2024 {
				t.Errorf("orderdate = %q, want a time in UTC from 2021 to 2024", textOf(item["orderdate"]))
			}
		case "product":
			lines = append(lines, item)
			id := "PROD#" + textOf(item["productid"])
			wantKeys(t, item, textOf(order["SK"]), id, textOf(order["SK"]), id)
			if textOf(item["orderid"]) != textOf(order["orderid"]) {
				t.Errorf("line of order %s has orderid %s", textOf(order["orderid"]), textOf(item["orderid"]))
			}
		}
	}
	check()
}

// TestSample_variety looks for what a demonstration has to show.
func TestSample_variety(t *testing.T) {
	t.Parallel()

	seen := map[string]map[string]bool{}
	see := func(what, value string) {
		if seen[what] == nil {
			seen[what] = map[string]bool{}
		}
		seen[what][value] = true
	}
	prices := map[string]map[string]bool{}
	for item := range sample.New(sample.Options{Seed: 1, Items: 60_000}).Items() {
		switch textOf(item["type"]) {
		case "customer":
			email := "absent"
			switch item["email"].(type) {
			case *types.AttributeValueMemberS:
				email = "text"
			case *types.AttributeValueMemberNULL:
				email = "NULL"
			}
			see("email", email)
			see("full name", textOf(item["fullname"]))
			home, ok := item["Address"].(*types.AttributeValueMemberM)
			if !ok {
				see("address", "absent")
				continue
			}
			see("address", "map")
			see("country", textOf(home.Value["country"]))
			see("city", textOf(home.Value["city"]))
			see("second line", strconv.FormatBool(home.Value["addressline2"] != nil))
		case "order":
			see("quarter", textOf(item["orderdate"])[:4]+quarter(textOf(item["orderdate"])))
			see("hour", textOf(item["orderdate"])[11:13])
		case "product":
			id := textOf(item["productid"])
			see("product", id)
			see("category", textOf(item["category"]))
			see("colour", textOf(item["color"]))
			if prices[id] == nil {
				prices[id] = map[string]bool{}
			}
			prices[id][numberOf(item["price"])] = true
		}
	}
	atLeast := map[string]int{
		"email": 3, "full name": 1500, "address": 2, "country": 8, "city": 60, "second line": 2,
		"quarter": 16, "hour": 18, "product": 300, "category": 10, "colour": 20,
	}
	for what, want := range atLeast {
		if got := len(seen[what]); got < want {
			t.Errorf("%d kinds of %s, want at least %d: %q", got, what, want, slices.Sorted(maps.Keys(seen[what])))
		}
	}
	for id, different := range prices {
		if len(different) < 3 {
			t.Errorf("product %s has only %d prices, want them to change over time", id, len(different))
		}
	}
}

// TestSample_growth checks that the chart that the store is about is worth a
// look: some grow, some shrink, and not all alike.
func TestSample_growth(t *testing.T) {
	t.Parallel()

	truth := sample.NewTruth(store())
	for item := range sample.New(sample.Options{Seed: 1, Items: 200_000}).Items() {
		truth.Add(item)
	}
	type flow struct{ now, before int64 }
	byCell := map[sample.Cell]flow{}
	for _, g := range truth.Growth() {
		if g.Year == 2021 {
			continue
		}
		cell := sample.Cell{Country: g.Country, Category: g.Category}
		f := byCell[cell]
		byCell[cell] = flow{now: f.now + g.Cents, before: f.before + g.BeforeCents}
	}
	grow, shrink := 0, 0
	for cell, f := range byCell {
		percent := (f.now - f.before) * 100 / f.before
		if percent > 15 {
			grow++
		}
		if percent < -10 {
			shrink++
		}
		if percent < -80 || percent > 400 {
			t.Errorf("%s, %s: %d %% in a year, which no store has", cell.Country, cell.Category, percent)
		}
	}
	if grow < 20 || shrink < 15 {
		t.Errorf("of %d cells %d grow and %d shrink clearly, want at least 20 and 15", len(byCell), grow, shrink)
	}
}

// TestSample_model ties the sample to the model in both directions.
func TestSample_model(t *testing.T) {
	t.Parallel()

	// What the sample produces and no column reads: the keys where the item
	// says the same in an attribute, and the keys of the index.
	unread := map[string][]string{
		"customer": {"PK", "SK", "type"},
		"order":    {"SK", "GSIpk", "GSIsk", "type"},
		"product":  {"PK", "SK", "GSIpk", "GSIsk", "type"},
	}
	produced := map[string]map[string]bool{}
	for item := range sample.New(sample.Options{Seed: 1, Items: 1_000}).Items() {
		kind := textOf(item["type"])
		if produced[kind] == nil {
			produced[kind] = map[string]bool{}
		}
		for _, path := range paths("", item) {
			produced[kind][path] = true
		}
	}
	for _, declared := range store().Items {
		want := map[string]bool{}
		for _, c := range declared.Columns {
			want[strings.Join(c.From, ".")] = true
		}
		if declared.Name == "order" { // whose customer stands in its key alone
			delete(want, "username")
		}
		for _, attribute := range unread[declared.Name] {
			if want[attribute] {
				t.Errorf("%s: %s is listed as unread, but the model reads it", declared.Name, attribute)
			}
			want[attribute] = true
		}
		if diff := cmp.Diff(want, produced[declared.Name]); diff != "" {
			t.Errorf("attributes of %s (-read by the model or listed +produced):\n%s", declared.Name, diff)
		}
	}
}

func wantKeys(t *testing.T, item sample.Item, want ...string) {
	t.Helper()
	got := []string{textOf(item["PK"]), textOf(item["SK"]), textOf(item["GSIpk"]), textOf(item["GSIsk"])}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys PK, SK, GSIpk, GSIsk (-want +got):\n%s", diff)
	}
}

func BenchmarkSample(b *testing.B) {
	b.ReportAllocs()
	read := 0
	for range sample.New(sample.Options{Seed: 1, Items: b.N}).Items() {
		read++
	}
	b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "items/s")
}

func BenchmarkTruth(b *testing.B) {
	b.ReportAllocs()
	truth := sample.NewTruth(store())
	for item := range sample.New(sample.Options{Seed: 1, Items: b.N}).Items() {
		truth.Add(item)
	}
}
