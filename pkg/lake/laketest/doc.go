// Package laketest holds a corpus of hostile lines, as a data file of an
// export could have them, each with what must become of it. It serves the
// tests of package lake, which split the lines, and those of package local,
// which run a whole night over them. Nothing that is deployed imports it.
package laketest

// Line is one line of a data file. It becomes a row of an item type, or is set
// aside for a reason.
type Line struct {
	Name string // what is hostile about it
	Text string // without a line end

	Type    string            // item type of the row; empty if the line is set aside
	Values  map[string]string // by column, the values in question; all others are not looked at
	Nulls   []string          // columns without a value
	Wrong   map[string]string // by column, why a value is null in the row and kept beside it
	Unknown string            // JSON that is kept beside the row; empty if the model knows everything

	Reason string // why it is set aside; empty if it becomes a row
	Field  string // attribute to blame; empty if it is the whole line
}

// loads makes a line of a customer that becomes a row with these values.
func loads(name, username, attributes string, values map[string]string) Line {
	return Line{Name: name, Text: customer(username, attributes), Type: "customer", Values: values}
}

// keeps makes a line of a customer with attributes that the model does not
// know, and no others beside the user name.
func keeps(name, username, attributes string) Line {
	l := loads(name, username, ","+attributes, map[string]string{"username": username})
	l.Unknown = "{" + attributes + "}"
	return l
}

// loses makes a line that becomes a row without the value of one column, which
// is kept beside it.
func loses(name, text, rows string, values map[string]string, column, reason string) Line {
	return Line{Name: name, Text: text, Type: rows, Values: values, Nulls: []string{column}, Wrong: map[string]string{column: reason}}
}

// refused makes a line that is set aside.
func refused(name, text, reason, field string) Line {
	return Line{Name: name, Text: text, Reason: reason, Field: field}
}

// customer writes a customer. The name is JSON text, escapes and all.
func customer(username, attributes string) string {
	return `{"Item":{"PK":{"S":"CUST#` + username + `"},"SK":{"S":"CUST#` + username + `"},"type":{"S":"customer"},` +
		`"username":{"S":"` + username + `"}` + attributes + `}}`
}

// product writes an order line whose order is missing, at a price.
func product(id, price string) string {
	return `{"Item":{"PK":{"S":"ORD#hostile"},"SK":{"S":"PROD#` + id + `"},"type":{"S":"product"},"orderid":{"S":"hostile"},` +
		`"productid":{"S":"` + id + `"},"price":` + price + `}}`
}

// priced makes a line of a product that becomes a row with that price.
func priced(name, id, price, want string) Line {
	return Line{Name: name, Text: product(id, price), Type: "product", Values: map[string]string{"productid": id, "price": want}}
}
