package sample

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Case is an awkward item that a table may hold, and what must become of it.
type Case struct {
	Name    string // what is awkward about it
	Item    Item
	Verdict Verdict
}

// Cases returns the awkward items, the same every time. DynamoDB accepts all
// of them: their keys are complete and no two are equal. They keep to
// themselves, as orders of customers in New Zealand for products in the
// category Curiosities, so that they change no answer about another country's
// trade in another category.
//
// Lines of an order that is set aside load all the same; they are facts
// without a date and a customer, like those whose order was never there.
func Cases() []Case {
	return slices.Concat(
		awkwardCustomers(), awkwardAddresses(), awkwardTypes(),
		awkwardOrders(), awkwardNumbersOfItems(), awkwardDates(), awkwardBasket(),
	)
}

// regular is the customer who places the awkward orders.
const regular = "awkward.kiri"

// edit changes attributes of an item; a nil value removes its attribute.
type edit map[string]types.AttributeValue

func (e edit) apply(item Item) Item {
	for attribute, value := range e {
		if value == nil {
			delete(item, attribute)
		} else {
			item[attribute] = value
		}
	}
	return item
}

// loads and refused make a case of an item that loads as it is, or does not.
func loads(name string, item Item) Case { return Case{Name: name, Item: item} }

func refused(name string, item Item, reason Reason, field string) Case {
	return Case{Name: name, Item: item, Verdict: Verdict{Reason: reason, Field: field}}
}

// nulls makes a case of an item that loads with null in these columns.
func nulls(name string, item Item, reason Reason, columns ...string) Case {
	wrong := map[string]Reason{}
	for _, column := range columns {
		wrong[column] = reason
	}
	return Case{Name: name, Item: item, Verdict: Verdict{Wrong: wrong}}
}

func awkwardCustomer(username string, e edit) Item {
	c := customer{
		username: username,
		email:    text(username + "@letterbox.example"),
		fullname: text("Kiri Walker"),
		address: address{
			line1: "7 Tinakori Road", line2: "Flat 2", city: "Wellington", postcode: "6011", country: "New Zealand",
		}.value(),
	}
	item, _ := c.item()
	return e.apply(item)
}

// awkwardAddress is the address of an awkward customer, changed.
func awkwardAddress(e edit) types.AttributeValue {
	home := address{line1: "7 Tinakori Road", city: "Wellington", postcode: "6011", country: "New Zealand"}.value()
	fields, _ := home.(*types.AttributeValueMemberM)
	e.apply(fields.Value)
	return home
}

func awkwardOrder(id, username, date string, lines int, e edit) Item {
	o := order{customer: text(customerPrefix + username), id: id, lines: lines, date: date, cents: 1000 * lines}
	item, _, _ := o.item()
	return e.apply(item)
}

// awkwardLine is a line at a price of 10.
func awkwardLine(orderID, productID string, e edit) Item {
	p := product{
		key: text(productPrefix + productID), id: text(productID), name: text("Curiosity " + productID),
		category: text("Curiosities"), color: text("Plaid"),
	}
	p.price[0] = number(1000)
	return e.apply(p.line(text(orderPrefix+orderID), text(orderID), text("product"), 0))
}

func digits(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func list(values ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: values}
}

func mapping(m Item) types.AttributeValue { return &types.AttributeValueMemberM{Value: m} }
