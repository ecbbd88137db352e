package model

import "slices"

// Model declares one single-table design and the star schema made of it.
type Model struct {
	Name          string // names generated things, for people
	PartitionKey  string // attribute name of the partition key
	SortKey       string // attribute name of the sort key
	TypeAttribute string // attribute that names an item's type; empty if items carry none
	Items         []Item
	Landing       []Landing
	Dimensions    []Dimension
	Fact          Fact
}

// Item is one item type of the table. Its rows go to the lake partition
// type=Name, with the item's columns in their declared order.
//
// An item is recognised by the value of the type attribute where it has one,
// and by the prefixes of its keys otherwise. Both must agree: deletes of an
// incremental export carry keys only.
type Item struct {
	Name            string // value of the type attribute and of the Hive partition
	PartitionPrefix string // what the partition key starts with, "CUST#"
	SortPrefix      string // what the sort key starts with, "ORD#"
	Columns         []Column
}

// Column is one column and, in an item, where its value comes from.
type Column struct {
	Name     string   // lower case: Redshift folds names, Glue demands it
	Type     Type     //
	From     []string // path to the attribute, through maps; empty in dimensions and facts
	Required bool     // a row without a value is refused
	Repeats  string   // key attribute that the value repeats behind its prefix; an item that differs is refused
}

// Landing is a landing table. It has exactly the columns of its item type:
// COPY can leave out columns of a table, but never columns of a file.
type Landing struct {
	Name string
	Item string
}

// Dimension is one dimension of the star. Its staging tables are the rows of
// the night, the key table that gives each business key its surrogate key,
// and the highest surrogate key given so far.
type Dimension struct {
	Name        string
	BusinessKey []Column // identifies a member in the source
	Columns     []Column // attributes of a member, business key included where people want to see it
}

// SurrogateKey is the name of the dimension's key column: "customerkey".
func (d Dimension) SurrogateKey() string { return d.Name + "key" }

// Fact is the fact table: one row for each line, with a surrogate key of the
// document that the line belongs to, one key for each dimension, and measures.
type Fact struct {
	Name        string
	Grain       string   // one sentence, for people
	BusinessKey []Column // identifies the document in the source
	Dimensions  []string // in the order of the key columns
	Measures    []Column
	Key         []string // columns that identify a row: what the grain says, in names
}

// SurrogateKey is the name of the fact's own key column: "orderkey".
func (f Fact) SurrogateKey() string { return f.Name + "key" }

// Item returns the item type of that name.
func (m Model) Item(name string) (Item, bool) {
	i := slices.IndexFunc(m.Items, func(item Item) bool { return item.Name == name })
	if i < 0 {
		return Item{}, false
	}
	return m.Items[i], true
}

// LandingColumns returns the columns of a landing table, in file order.
func (m Model) LandingColumns(table string) ([]Column, bool) {
	i := slices.IndexFunc(m.Landing, func(l Landing) bool { return l.Name == table })
	if i < 0 {
		return nil, false
	}
	item, ok := m.Item(m.Landing[i].Item)
	return item.Columns, ok
}

// Names returns the names of columns, in order.
func Names(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}
