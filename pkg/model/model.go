package model

import "slices"

// Model declares one single-table design and the star schema made of it.
type Model struct {
	Name          string   // names generated things, for people
	PartitionKey  string   // attribute name of the partition key
	SortKey       string   // attribute name of the sort key
	TypeAttribute string   // attribute that names an item's type; empty if items carry none
	Ignored       []string // attributes that are known and left out, keys of indexes for instance; others that no column reads are kept as unknown
	SetAside      Limit    // how many items of a night may be set aside
	Items         []Item
	Landing       []Landing
	Dimensions    []Dimension
	Fact          Fact
}

// Limit is how many items of a night may be set aside: the larger of a number
// and a share of all items. A night beyond it is refused. The zero Limit lets
// none pass.
type Limit struct {
	Items    int64
	PerMille int64
}

// Of returns the limit for a night of that many items.
func (l Limit) Of(items int64) int64 {
	return max(l.Items, items/1000*l.PerMille+items%1000*l.PerMille/1000)
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
	Converts bool     // a value of another DynamoDB type is converted if that is exact; see [Type.Conversions]
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

// Identifies reports whether a column of an item identifies a member or a row
// of the warehouse: text that is a key of the table or repeats one, or that
// has the name of a business key. Redshift ignores blanks at the end when it
// compares text, so such a value must not have any
// (https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html).
func (m Model) Identifies(c Column) bool {
	if c.Type.Kind != KindString {
		return false
	}
	if c.Repeats != "" || len(c.From) == 1 && (c.From[0] == m.PartitionKey || c.From[0] == m.SortKey) {
		return true
	}
	keys := slices.Clone(m.Fact.BusinessKey)
	for _, d := range m.Dimensions {
		keys = append(keys, d.BusinessKey...)
	}
	return slices.Contains(Names(keys), c.Name)
}

// Measured returns the columns of an item type whose values are added up, from
// the data file to the fact: numbers that have the name of a measure. Sums are
// whole numbers of the column's last decimal: cents for a scale of two.
func (m Model) Measured(item Item) []Column {
	var measured []Column
	for _, c := range item.Columns {
		isNumber := c.Type.Kind == KindInteger || c.Type.Kind == KindBigInt || c.Type.Kind == KindDecimal
		if isNumber && slices.Contains(Names(m.Fact.Measures), c.Name) {
			measured = append(measured, c)
		}
	}
	return measured
}

// Names returns the names of columns, in order.
func Names(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}
