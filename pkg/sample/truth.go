package sample

import (
	"iter"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Truth computes what the star schema of a table must contain: the answers
// that a test, or the demonstration, compares the warehouse with. It is fed
// with the items of the table, each once and in any order, and adds cents.
//
// It reads items by its own rules and joins them in memory, about 200 bytes
// for each item; nothing of it is shared with the steps or with the SQL.
type Truth struct {
	model     model.Model
	patterns  patterns
	row       row // room for the item in hand
	rows      map[string]int
	setAside  map[Reason]int
	wrong     map[Reason]int
	customers map[string]residence
	orders    map[string]placed
	products  map[string]described
	lines     []sold
}

// residence is where a customer lives. It is a member of the address dimension
// if anything of it is known.
type residence struct {
	isMember      bool
	city, country string
}

type placed struct {
	username string
	at       time.Time
	items    int64
}

type described struct{ name, category, color string }

type sold struct {
	orderID, productID string
	cents              int64
}

// NewTruth returns the truth about an empty table of the model "store".
func NewTruth(store model.Model) *Truth {
	return &Truth{
		model:     store,
		patterns:  newPatterns(store),
		wrong:     map[Reason]int{},
		rows:      map[string]int{},
		setAside:  map[Reason]int{},
		customers: map[string]residence{},
		orders:    map[string]placed{},
		products:  map[string]described{},
	}
}

// Add takes an item into account and returns its verdict.
func (t *Truth) Add(item Item) Verdict {
	kind, v := t.row.judge(t.model, t.patterns, item)
	if !v.Loads() {
		t.setAside[v.Reason]++
		return v
	}
	t.rows[kind]++
	for _, reason := range v.Wrong {
		t.wrong[reason]++
	}
	switch kind {
	case "customer":
		t.addCustomer()
	case "order":
		t.orders[t.row.of("orderid").text] = placed{
			username: t.row.of("username").text,
			at:       t.row.of("orderdate").time,
			items:    t.row.of("numberofitems").number,
		}
	case "product":
		t.addLine()
	}
	return v
}

func (t *Truth) addCustomer() {
	home := residence{city: t.row.of("city").text, country: t.row.of("country").text}
	for _, part := range []string{"addressline1", "addressline2", "city", "postcode", "country"} {
		home.isMember = home.isMember || t.row.of(part).known
	}
	t.customers[t.row.of("username").text] = home
}

func (t *Truth) addLine() {
	line := sold{
		orderID:   t.row.of("orderid").text,
		productID: t.row.of("productid").text,
		cents:     t.row.of("price").number,
	}
	t.lines = append(t.lines, line)
	if _, known := t.products[line.productID]; !known {
		t.products[line.productID] = described{
			name:     t.row.of("productname").text,
			category: t.row.of("category").text,
			color:    t.row.of("color").text,
		}
	}
}

// Star is what the warehouse must contain, in numbers.
type Star struct {
	Rows     map[string]int // rows of each item type that reach the landing tables
	SetAside map[Reason]int // items that do not, by reason
	Wrong    map[Reason]int // values that are null in those rows because they do not fit, by reason

	Customers int // members of the customer dimension, the unknown one not counted
	Addresses int // members of the address dimension: customers of whom any part of one is known
	Products  int // members of the product dimension
	OrderDays int // days on which there are orders

	Facts            int   // rows of the fact: one for each order line
	Cents            int64 // sum of the prices
	UnknownOrders    int   // facts whose order is not in the table, so their date and customer are unknown
	UnknownCustomers int   // facts whose customer is not in the table, those without an order included
	UnknownAddresses int   // facts whose customer has no address, those without a customer included
}

// Star counts.
func (t *Truth) Star() Star {
	s := Star{Rows: t.rows, SetAside: t.setAside, Wrong: t.wrong, Customers: len(t.customers), Products: len(t.products)}
	for _, home := range t.customers {
		if home.isMember {
			s.Addresses++
		}
	}
	days := map[time.Time]bool{}
	for _, order := range t.orders {
		days[order.at.Truncate(24*time.Hour)] = true
	}
	s.OrderDays = len(days)
	for f := range t.Facts() {
		s.Facts++
		s.Cents += f.Cents
		if f.Ordered.IsZero() {
			s.UnknownOrders++
		}
		if f.Username == "" {
			s.UnknownCustomers++
		}
		if !f.HasAddress {
			s.UnknownAddresses++
		}
	}
	return s
}

// Fact is an order line with all that the star knows about it. Text is empty
// where there is no value.
type Fact struct {
	OrderID, ProductID           string
	Ordered                      time.Time // in UTC; zero when the order is not in the table
	NumberOfItems                int64     // of the order; zero when it does not say
	Username                     string    // empty when the customer is not in the table
	HasAddress                   bool      // whether the address is a member of its dimension
	City, Country                string
	ProductName, Category, Color string
	Cents                        int64 // the price
}

// Facts yields the rows of the fact in the order of their items, for answers
// that [Truth] does not compute itself.
func (t *Truth) Facts() iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		for _, line := range t.lines {
			product := t.products[line.productID]
			f := Fact{
				OrderID: line.orderID, ProductID: line.productID, Cents: line.cents,
				ProductName: product.name, Category: product.category, Color: product.color,
			}
			order := t.orders[line.orderID]
			f.Ordered, f.NumberOfItems = order.at, order.items
			if home, known := t.customers[order.username]; known {
				f.Username = order.username
				f.HasAddress, f.City, f.Country = home.isMember, home.city, home.country
			}
			if !yield(f) {
				return
			}
		}
	}
}
