package sample_test

import (
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/sample"
)

func TestCases(t *testing.T) {
	t.Parallel()

	t.Run("have the verdict that the model gives them", func(t *testing.T) {
		t.Parallel()
		for _, c := range sample.Cases() {
			if diff := cmp.Diff(c.Verdict, sample.NewTruth(store()).Add(c.Item)); diff != "" {
				t.Errorf("%s (-stated +judged):\n%s", c.Name, diff)
			}
		}
	})

	t.Run("show every reason", func(t *testing.T) {
		t.Parallel()
		missing := map[sample.Reason]bool{
			"": true, sample.UnknownType: true, sample.TypeContradictsKey: true, sample.MissingAttribute: true,
			sample.WrongType: true, sample.NumberOutOfRange: true, sample.NumberNotExact: true,
			sample.ValueTooLong: true, sample.NotATimestamp: true, sample.NulCharacter: true, sample.TrailingBlank: true,
			sample.ValueContradictsKey: true,
		}
		for _, c := range sample.Cases() {
			delete(missing, c.Verdict.Reason)
			for _, reason := range c.Verdict.Wrong {
				delete(missing, reason)
			}
		}
		if len(missing) > 0 {
			t.Errorf("no case for the reasons %v", missing)
		}
	})

	t.Run("can be put into the table", func(t *testing.T) {
		t.Parallel()
		names, keys := map[string]bool{}, map[string]bool{}
		for _, c := range sample.Cases() {
			key := textOf(c.Item["PK"]) + " " + textOf(c.Item["SK"])
			if names[c.Name] || keys[key] {
				t.Errorf("two cases are called %q or have the keys %s", c.Name, key)
			}
			names[c.Name], keys[key] = true, true
			for _, attribute := range []string{"PK", "SK", "GSIpk", "GSIsk"} {
				if value, has := c.Item[attribute]; (has || len(attribute) == 2) && textOf(value) == "" {
					t.Errorf("%s: %s is not text, which DynamoDB refuses in a key", c.Name, attribute)
				}
			}
			if size := sizeOf(c.Item); size > 400<<10 {
				t.Errorf("%s: %d bytes, which DynamoDB refuses", c.Name, size)
			}
		}
	})

	t.Run("can be changed without changing the next reader's", func(t *testing.T) {
		t.Parallel()
		before := encode(sample.Cases()[0].Item)
		clear(sample.Cases()[0].Item)
		if diff := cmp.Diff(before, encode(sample.Cases()[0].Item)); diff != "" {
			t.Errorf("the first case changed (-before +after):\n%s", diff)
		}
	})
}

// TestCases_star counts by hand what the star makes of the cases.
func TestCases_star(t *testing.T) {
	t.Parallel()

	truth := sample.NewTruth(store())
	lines, aside, wrong := 0, map[sample.Reason]int{}, map[sample.Reason]int{}
	for _, c := range sample.Cases() {
		truth.Add(c.Item)
		for _, reason := range c.Verdict.Wrong {
			wrong[reason]++
		}
		switch _, isLine := c.Item["price"]; {
		case !c.Verdict.Loads():
			aside[c.Verdict.Reason]++
		case isLine:
			lines++
		}
	}
	star := truth.Star()
	if diff := cmp.Diff(aside, star.SetAside); diff != "" {
		t.Errorf("set aside (-stated +counted):\n%s", diff)
	}
	if diff := cmp.Diff(wrong, star.Wrong); diff != "" {
		t.Errorf("wrong values (-stated +counted):\n%s", diff)
	}
	got := []int{star.Facts, star.UnknownOrders, star.UnknownCustomers, star.UnknownAddresses}
	want := []int{
		lines,
		3, // two lost lines and the line of 30 February
		4, // these and the stranger's
		4, // the same: who lacks a postcode or a country has an address all the same
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts, unknown orders, customers, addresses (-want +got):\n%s", diff)
	}
	revenue := map[sample.Cell]int64{}
	for _, r := range truth.Revenue() {
		revenue[r.Cell] = r.Cents
	}
	wantRevenue := map[sample.Cell]int64{
		{Year: 2022, Quarter: 1, Country: "New Zealand", Category: "Curiosities"}: 0,    // not the time with an offset
		{Year: 2022, Quarter: 2, Country: "New Zealand", Category: "Curiosities"}: 3000, // but here, as are two more
		{Year: 2024, Quarter: 1, Country: "New Zealand", Category: "Curiosities"}: 1000,
		{Year: 2023, Quarter: 3, Country: "New Zealand", Category: "Curiosities"}: 1000, // without a postcode
		{Year: 2023, Quarter: 3, Country: "unknown", Category: "Curiosities"}:     1000, // without a country
		{Year: 2023, Quarter: 2, Country: "New Zealand", Category: "unknown"}:     1000,
		{Country: "unknown", Category: "Curiosities"}:                             3000,
	}
	for cell, cents := range wantRevenue {
		if revenue[cell] != cents {
			t.Errorf("revenue of %v = %d cents, want %d", cell, revenue[cell], cents)
		}
	}
}

// TestCases_keepToThemselves checks that the cases change no answer about the
// ordinary items.
func TestCases_keepToThemselves(t *testing.T) {
	t.Parallel()

	ordinary, both := sample.NewTruth(store()), sample.NewTruth(store())
	for item := range sample.New(sample.Options{Seed: 1, Items: 2_000}).Items() {
		ordinary.Add(item)
	}
	for item := range sample.New(sample.Options{Seed: 1, Items: 2_000, Awkward: true}).Items() {
		both.Add(item)
	}
	got := map[sample.Cell]int64{}
	for _, r := range both.Revenue() {
		got[r.Cell] = r.Cents
	}
	for _, r := range ordinary.Revenue() {
		if got[r.Cell] != r.Cents {
			t.Errorf("revenue of %v = %d cents with awkward items, %d without", r.Cell, got[r.Cell], r.Cents)
		}
	}
}

// TestCases_kinds lists the DynamoDB types that the cases bring along.
func TestCases_kinds(t *testing.T) {
	t.Parallel()

	kinds := map[string]bool{}
	for _, c := range sample.Cases() {
		for value := range maps.Values(c.Item) {
			switch value.(type) {
			case *types.AttributeValueMemberS:
				kinds["S"] = true
			case *types.AttributeValueMemberN:
				kinds["N"] = true
			case *types.AttributeValueMemberB:
				kinds["B"] = true
			case *types.AttributeValueMemberM:
				kinds["M"] = true
			case *types.AttributeValueMemberSS:
				kinds["SS"] = true
			case *types.AttributeValueMemberNS:
				kinds["NS"] = true
			case *types.AttributeValueMemberBS:
				kinds["BS"] = true
			case *types.AttributeValueMemberBOOL:
				kinds["BOOL"] = true
			case *types.AttributeValueMemberNULL:
				kinds["NULL"] = true
			}
		}
	}
	if len(kinds) != 9 {
		t.Errorf("the cases have attributes of the types %v, want all but lists at the top", kinds)
	}
}
