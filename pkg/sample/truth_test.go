package sample_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// tiny is a store whose answers fit into a head.
func tiny() []sample.Item {
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	n := func(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
	order := func(id, user, date, items string) sample.Item {
		return sample.Item{
			"PK": s("CUST#" + user), "SK": s("ORD#" + id), "type": s("order"), "orderid": s(id),
			"orderdate": s(date), "numberofitems": n(items),
		}
	}
	line := func(order, product, category, price string) sample.Item {
		return sample.Item{
			"PK": s("ORD#" + order), "SK": s("PROD#" + product), "type": s("product"), "orderid": s(order),
			"productid": s(product), "productname": s("The " + product), "category": s(category), "price": n(price),
		}
	}
	customer := func(user string, address sample.Item) sample.Item {
		key := s("CUST#" + user)
		item := sample.Item{"PK": key, "SK": key, "type": s("customer"), "username": s(user)}
		if address != nil {
			item["Address"] = &types.AttributeValueMemberM{Value: address}
		}
		return item
	}
	misnamed := customer("misnamed", nil)
	misnamed["username"] = s("ann")
	return []sample.Item{
		line("o1", "novel", "Books", "10"), // before its order: items come in any order
		order("o1", "ann", "2021-05-01T12:00:00Z", "2"),
		line("o1", "kite", "Toys", "5.5"),
		customer("ann", sample.Item{"postcode": s("LS1 4AB"), "country": s("United Kingdom"), "city": s("Leeds")}),
		customer("bob", nil),
		customer("cy", sample.Item{"country": s("France")}), // an address without a postcode
		order("o2", "ann", "2022-05-20", "2"),
		line("o2", "novel", "Books", "15"),
		line("o2", "kite", "Toys", "3.67"),
		order("o3", "bob", "2022-06-30T23:59:59.999Z", "1"),
		line("o3", "atlas", "Books", "7.25"),
		order("o4", "nobody", "2022-07-01T00:00:00Z", "1"),
		line("o4", "kite", "Toys", "1"),
		order("o5", "ann", "2022-04-01T01:00:00+02:00", "1"), // 31 March in UTC
		line("o5", "kite", "Toys", "3"),
		order("o6", "cy", "2021-05-01 23:00:00", "1"),
		line("o6", "atlas", "Books", "8"),
		line("lost", "atlas", "Books", "2"),
		misnamed,
		line("o2", "speck", "Toys", "0.005"),
	}
}

func TestTruth(t *testing.T) {
	t.Parallel()

	truth := sample.NewTruth(store())
	for _, item := range tiny() {
		truth.Add(item)
	}
	wantStar := sample.Star{
		Rows:     map[string]int{"customer": 3, "order": 6, "product": 9},
		SetAside: map[sample.Reason]int{sample.ValueContradictsKey: 1, sample.NumberNotExact: 1}, Wrong: map[sample.Reason]int{},
		Customers: 3, Addresses: 2, Products: 3, OrderDays: 5,
		Facts: 9, Cents: 1000 + 550 + 1500 + 367 + 725 + 100 + 300 + 800 + 200,
		UnknownOrders: 1, UnknownCustomers: 2, UnknownAddresses: 3,
	}
	if diff := cmp.Diff(wantStar, truth.Star()); diff != "" {
		t.Errorf("Star() (-want +got):\n%s", diff)
	}
	cell := func(year, quarter int, country, category string) sample.Cell {
		return sample.Cell{Year: year, Quarter: quarter, Country: country, Category: category}
	}
	wantRevenue := []sample.Revenue{
		{Cell: cell(2021, 2, "France", "Books"), Cents: 800},
		{Cell: cell(2021, 2, "United Kingdom", "Books"), Cents: 1000},
		{Cell: cell(2022, 2, "United Kingdom", "Books"), Cents: 1500},
		{Cell: cell(2021, 2, "United Kingdom", "Toys"), Cents: 550},
		{Cell: cell(2022, 1, "United Kingdom", "Toys"), Cents: 300},
		{Cell: cell(2022, 2, "United Kingdom", "Toys"), Cents: 367},
		{Cell: cell(0, 0, "unknown", "Books"), Cents: 200},
		{Cell: cell(2022, 2, "unknown", "Books"), Cents: 725},
		{Cell: cell(2022, 3, "unknown", "Toys"), Cents: 100},
	}
	if diff := cmp.Diff(wantRevenue, truth.Revenue()); diff != "" {
		t.Errorf("Revenue() (-want +got):\n%s", diff)
	}
	wantGrowth := []sample.Growth{
		{Cell: cell(2021, 2, "France", "Books"), Cents: 800},
		{Cell: cell(2022, 2, "France", "Books"), BeforeCents: 800, BasisPoints: -10000},
		{Cell: cell(2021, 2, "United Kingdom", "Books"), Cents: 1000},
		{Cell: cell(2022, 2, "United Kingdom", "Books"), Cents: 1500, BeforeCents: 1000, BasisPoints: 5000},
		{Cell: cell(2021, 2, "United Kingdom", "Toys"), Cents: 550},
		{Cell: cell(2022, 1, "United Kingdom", "Toys"), Cents: 300},
		{Cell: cell(2022, 2, "United Kingdom", "Toys"), Cents: 367, BeforeCents: 550, BasisPoints: -3327},
		{Cell: cell(2022, 2, "unknown", "Books"), Cents: 725},
		{Cell: cell(2022, 3, "unknown", "Toys"), Cents: 100},
	}
	if diff := cmp.Diff(wantGrowth, truth.Growth()); diff != "" {
		t.Errorf("Growth() (-want +got):\n%s", diff)
	}
}

func TestTruth_Facts(t *testing.T) {
	t.Parallel()

	truth := sample.NewTruth(store())
	for _, item := range tiny() {
		truth.Add(item)
	}
	facts := slices.Collect(truth.Facts())
	want := sample.Fact{
		OrderID: "o1", ProductID: "novel", Ordered: time.Date(2021, 5, 1, 12, 0, 0, 0, time.UTC), NumberOfItems: 2,
		Username: "ann", HasAddress: true, City: "Leeds", Country: "United Kingdom",
		ProductName: "The novel", Category: "Books", Cents: 1000,
	}
	if diff := cmp.Diff(want, facts[0]); diff != "" {
		t.Errorf("first fact (-want +got):\n%s", diff)
	}
	lost := sample.Fact{OrderID: "lost", ProductID: "atlas", ProductName: "The atlas", Category: "Books", Cents: 200}
	if diff := cmp.Diff(lost, facts[len(facts)-1]); diff != "" {
		t.Errorf("last fact (-want +got):\n%s", diff)
	}
	for range truth.Facts() {
		break // a reader may stop
	}
}

func TestTruth_Growth(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		before, now string
		want        int64
	}{
		"rounds to the nearest":                {before: "3", now: "4", want: 3333},
		"rounds two thirds up":                 {before: "3", now: "5", want: 6667},
		"rounds a half away from zero, up":     {before: "400", now: "400.02", want: 1},
		"rounds a half away from zero, down":   {before: "400", now: "399.98", want: -1},
		"counts a loss of everything":          {before: "3", now: "0", want: -10000},
		"takes refunds of the year before too": {before: "-2", now: "1", want: -15000},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			truth := sample.NewTruth(store())
			items := tiny()
			for _, item := range []int{1, 3, 6} { // the order of 2021, its customer, and the order of 2022
				truth.Add(items[item])
			}
			set(items[0], tt.before)
			set(items[7], tt.now)
			truth.Add(items[0])
			truth.Add(items[7])
			got := truth.Growth()
			if len(got) != 2 || got[1].Year != 2022 || got[1].BasisPoints != tt.want {
				t.Errorf("Growth() = %v, want %d basis points in the second year", got, tt.want)
			}
		})
	}
}

func set(item sample.Item, price string) {
	item["price"] = &types.AttributeValueMemberN{Value: price}
}
