package sample

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is one item of the table. Items share attribute values: replace the
// value of an attribute, but do not change a value in place.
type Item = map[string]types.AttributeValue

// What keys start with.
const (
	customerPrefix = "CUST#"
	orderPrefix    = "ORD#"
	productPrefix  = "PROD#"
)

// customer is what a customer item says. Nil values are left out.
type customer struct {
	username string
	email    types.AttributeValue
	fullname types.AttributeValue
	address  types.AttributeValue
}

// address is what the Address map of a customer says.
type address struct{ line1, line2, city, postcode, country string }

// order is what an order item says.
type order struct {
	customer types.AttributeValue // CUST#<username>, shared with the customer's item
	id       string
	lines    int
	date     string
	cents    int
}

// item writes the customer. The key is returned for the orders to share.
func (c customer) item() (Item, types.AttributeValue) {
	key := text(customerPrefix + c.username)
	item := make(Item, 7)
	item["PK"] = key
	item["SK"] = key
	item["type"] = text("customer")
	item["username"] = text(c.username)
	set(item, "email", c.email)
	set(item, "fullname", c.fullname)
	set(item, "Address", c.address)
	return item, key
}

// value writes the address as the nested map of a customer.
func (a address) value() types.AttributeValue {
	fields := make(Item, 5)
	fields["addressline1"] = text(a.line1)
	if a.line2 != "" {
		fields["addressline2"] = text(a.line2)
	}
	fields["city"] = text(a.city)
	fields["postcode"] = text(a.postcode)
	fields["country"] = text(a.country)
	return &types.AttributeValueMemberM{Value: fields}
}

// item writes the order. The key and the id are returned for the lines to
// share.
func (o order) item() (item Item, key, id types.AttributeValue) {
	key, id = text(orderPrefix+o.id), text(o.id)
	return Item{
		"PK":            o.customer,
		"SK":            key,
		"GSIpk":         key,
		"GSIsk":         o.customer,
		"type":          text("order"),
		"orderid":       id,
		"numberofitems": &types.AttributeValueMemberN{Value: strconv.Itoa(o.lines)},
		"orderdate":     text(o.date),
		"amount":        number(o.cents),
	}, key, id
}

// line writes one product of an order, at the price of the quarter.
func (p *product) line(order, orderID, kind types.AttributeValue, quarter int) Item {
	item := make(Item, 11)
	item["PK"] = order
	item["SK"] = p.key
	item["GSIpk"] = order
	item["GSIsk"] = p.key
	item["type"] = kind
	item["orderid"] = orderID
	item["productid"] = p.id
	item["productname"] = p.name
	item["category"] = p.category
	set(item, "color", p.color)
	item["price"] = p.price[quarter]
	return item
}

func set(item Item, attribute string, value types.AttributeValue) {
	if value != nil {
		item[attribute] = value
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func null() types.AttributeValue { return &types.AttributeValueMemberNULL{Value: true} }

// number writes an amount of money the way DynamoDB gives it back: without the
// zeros at its end. So an item is the same before and after the table.
func number(cents int) types.AttributeValue {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	value := sign + strconv.Itoa(cents/100)
	if rest := cents % 100; rest%10 != 0 {
		value += "." + string([]byte{byte('0' + rest/10), byte('0' + rest%10)})
	} else if rest != 0 {
		value += "." + string([]byte{byte('0' + rest/10)})
	}
	return &types.AttributeValueMemberN{Value: value}
}
