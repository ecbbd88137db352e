package sample_test

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/sample"
)

func ExampleNew() {
	for item := range sample.New(sample.Options{Seed: 1, Items: 4}).Items() {
		fmt.Println(textOf(item["PK"]), textOf(item["SK"])[:5], textOf(item["type"]))
	}
	// Output:
	// CUST#isabella.williams.27182818 CUST# customer
	// CUST#isabella.williams.27182818 ORD#5 order
	// ORD#5ea6b1d2-4d61-4be6-8f01-4261a3117fa2 PROD# product
	// CUST#matthias.fischer.88986217 CUST# customer
}

func ExampleCases() {
	for _, c := range sample.Cases() {
		if c.Verdict.Reason == sample.NumberNotExact {
			fmt.Printf("%s: %s of %s\n", c.Name, c.Verdict.Reason, c.Verdict.Field)
		}
	}
	// Output:
	// a price with three decimals: number_not_exact of price
	// a price far too small: number_not_exact of price
}

func ExampleTruth() {
	truth := sample.NewTruth(store())
	for item := range sample.New(sample.Options{Seed: 1, Items: 50_000}).Items() {
		truth.Add(item)
	}
	for _, g := range truth.Growth() {
		if g.Year == 2022 && g.Quarter == 2 && g.Country == "Germany" && g.BasisPoints > 0 {
			fmt.Printf("%s: %d.%02d %%\n", g.Category, g.BasisPoints/100, g.BasisPoints%100)
		}
	}
	// Output:
	// Books: 20.83 %
	// Fashion: 51.68 %
	// Garden: 14.67 %
	// Health & Beauty: 9.51 %
	// Pet Supplies: 6.91 %
}
