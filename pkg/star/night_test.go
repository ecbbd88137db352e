package star_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// night is what one export holds, as rows of the landing tables.
type night struct {
	customers []customer
	orders    []order
	lines     []line
}

// Empty text stands for NULL in these rows; blank makes the empty text.
type customer struct {
	username, email, fullname                           string
	addressline1, addressline2, city, postcode, country string
}

type order struct {
	username, orderid string
	items             int // 0 stands for NULL
	at                string
}

type line struct {
	orderid, productid, name, category, color string
	price                                     string
}

// blank is the text without characters, which is not NULL.
const blank = "\x00"

// insert empties a landing table and fills it with the rows of the night.
func (n night) insert(t *testing.T, m model.Model, r model.Rows) []string {
	t.Helper()
	table := star.LandingTable(m, star.Full, r)
	var rows []string
	for _, values := range n.rows(r.Name) {
		if len(values) != len(table.Columns) {
			t.Fatalf("%s has columns %v: the tests give %d values", table, model.Names(table.Columns), len(values))
		}
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = literal(table.Columns[i], v)
		}
		rows = append(rows, "("+strings.Join(cells, ", ")+")")
	}
	statements := []string{"delete from " + table.String()}
	if len(rows) > 0 {
		statements = append(statements, "insert into "+table.String()+" ("+
			strings.Join(model.Names(table.Columns), ", ")+") values\n"+strings.Join(rows, ",\n"))
	}
	return statements
}

// rows returns the items of a type as text, in the order of the columns.
func (n night) rows(item string) [][]string {
	var rows [][]string
	switch item {
	case "customer":
		for _, c := range n.customers {
			rows = append(rows, []string{
				c.username, c.email, c.fullname, c.addressline1, c.addressline2, c.city, c.postcode, c.country,
			})
		}
	case "order":
		for _, o := range n.orders {
			items := ""
			if o.items != 0 {
				items = strconv.Itoa(o.items)
			}
			rows = append(rows, []string{"CUST#" + o.username, o.username, o.orderid, items, "", o.at})
		}
	case "product":
		for _, l := range n.lines {
			rows = append(rows, []string{l.orderid, l.productid, l.name, l.category, l.color, l.price})
		}
	}
	return rows
}

// literal spells a value for a column.
func literal(c model.Column, text string) string {
	switch {
	case text == "":
		return "null"
	case c.Type.IsNumber():
		return text
	case c.Type.Kind == model.KindTimestamp:
		return fmt.Sprintf("cast('%s' as timestamp)", text)
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(text, blank, ""), "'", "''") + "'"
}
