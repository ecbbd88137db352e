package sample

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// basket is the order that the awkward lines belong to.
const basket = "awkward-basket"

// awkwardBasket is one order with its lines. The order's amount is the sum of
// the lines that load, because no other price is an amount of money.
func awkwardBasket() []Case {
	lines := append(awkwardPrices(), awkwardProducts()...)
	cents := 0
	for _, line := range lines {
		if price, ok := line.Item["price"].(*types.AttributeValueMemberN); ok && line.Verdict.Loads() {
			n, _ := unscaled(price.Value, maxDigits, 2)
			cents += int(n)
		}
	}
	order := awkwardOrder(basket, regular, "2023-05-10T09:30:00.000Z", len(lines), edit{"amount": number(cents)})
	return append([]Case{loads("an order of awkward lines", order)}, lines...)
}

func awkwardPrices() []Case {
	priced := func(product string, price types.AttributeValue) Item {
		return awkwardLine(basket, product, edit{"price": price})
	}
	return []Case{
		loads("a price of one cent", priced("awkward-cent", digits("0.01"))),
		loads("a price of many digits", priced("awkward-palace", digits("9999999.99"))),
		loads("a price of nothing", priced("awkward-gift", digits("0"))),
		loads("a price below nothing", priced("awkward-refund", digits("-19.99"))),
		loads("a price with an exponent", priced("awkward-exponent", digits("1.25E+1"))),
		refused("a price with three decimals", priced("awkward-mill", digits("12.345")), NumberNotExact, "price"),
		refused("a price far too small", priced("awkward-atom", digits("1E-30")), NumberNotExact, "price"),
		refused("a price far too large", priced("awkward-galaxy", digits("1E+30")), NumberOutOfRange, "price"),
		refused("a price that is text", priced("awkward-text", text("12.50")), WrongType, "price"),
		refused("a price that is NULL", priced("awkward-null", null()), MissingAttribute, "price"),
		refused("a line without a price", priced("awkward-priceless", nil), MissingAttribute, "price"),
	}
}

func awkwardProducts() []Case {
	line := func(product string, e edit) Item { return awkwardLine(basket, product, e) }
	return []Case{
		loads("a line with nothing but what is required", line("awkward-plain", edit{
			"productname": nil, "category": nil, "color": nil,
		})),
		loads("a product with an empty name and colour", line("awkward-empty", edit{
			"productname": text(""), "color": text(""),
		})),
		loads("a product in many scripts", line("awkward-scripts", edit{"productname": text(manyScripts)})),
		loads("a product with quotes, line ends, tabs and backslashes", line("awkward-quotes", edit{
			"productname": text(punctuation),
		})),
		loads("a product name of exactly 200 bytes", line("awkward-fits", edit{
			"productname": text(strings.Repeat("茶", 66) + "ok"),
		})),
		nulls("a product name of 67 characters and 201 bytes", line("awkward-tea", edit{
			"productname": text(strings.Repeat("茶", 67)),
		}), ValueTooLong, "productname"),
		nulls("a product name of 300 bytes", line("awkward-long", edit{
			"productname": text(strings.Repeat("very ", 58) + "long title"),
		}), ValueTooLong, "productname"),
		loads("a line whose order id stands in the keys alone", line("awkward-noorder", edit{"orderid": nil})),
		loads("a line whose product id stands in the keys alone", line("awkward-noproduct", edit{"productid": nil})),
	}
}
