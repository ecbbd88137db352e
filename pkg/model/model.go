package model

import (
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/expr"
)

// Model declares one single-table design and the star schema made of it. It is
// what [Read] makes of a model file: every name is resolved, every default is
// filled in, and every rule of the format holds.
type Model struct {
	Name       string
	Source     []byte   // the file as it was read
	Keys       []Key    // the partition key and, if the table has one, the sort key
	TypeFrom   []string // attributes that name an item's type; the first that an item has decides. Empty if keys alone decide
	Ignored    []string // attributes that are known and left out
	SetAside   Limit    // how many items of a night may be set aside, all types together
	Calendar   Calendar
	Prefix     string // of the schemas: "tickets_" makes tickets_landing
	Items      []Item
	Dimensions []Dimension
	Facts      []Fact
	Checks     []Check
}

// Key is a key attribute of the table.
type Key struct {
	Name string
	Kind KeyKind
}

// KeyKind is the DynamoDB type of a key attribute.
type KeyKind string

// The types that DynamoDB has for keys. A binary key is read as its base64.
const (
	KeyString KeyKind = "S"
	KeyNumber KeyKind = "N"
	KeyBinary KeyKind = "B"
)

// Calendar says which days timestamps belong to and when a fiscal year starts.
type Calendar struct {
	TimeZone    string // of IANA, "Europe/Berlin"; "UTC" by default
	FiscalStart int    // month in which the fiscal year starts, 1 to 12; 0 if the model has no fiscal year
}

// Limit is how many items or values of a night may be wrong: the larger of a
// number and a share of all. A night beyond it is refused. The zero Limit lets
// none pass.
type Limit struct {
	Items    int64
	PerMille int64
}

// Of returns the limit for a night of that many items.
func (l Limit) Of(items int64) int64 {
	return max(l.Items, items/1000*l.PerMille+items%1000*l.PerMille/1000)
}

// Policy is what a wrong value costs.
type Policy int

// The policies of a column.
const (
	WrongItem  Policy = iota // the item is set aside
	WrongValue               // the column is null; the value is kept beside the row and counted
	WrongRow                 // the row within an item is left out; it is kept beside the others and counted
	WrongNight               // the night is refused
)

// Unknown is what becomes of attributes that the model does not declare.
type Unknown int

// The policies of an item type.
const (
	KeepUnknown   Unknown = iota // keep them beside the rows, and report them
	IgnoreUnknown                // drop them
	RefuseUnknown                // set the item aside
)

// Item is one item type of the table.
//
// An item is recognised by the type attribute where it has one, and by its keys
// otherwise. Both must agree: deletes of an incremental export carry keys only.
type Item struct {
	Rows             // the rows that items of the type are: one for each
	Values  []string // of the type attribute
	Skip    bool     // items of the type are counted and not loaded; Columns is empty
	Keys    []KeyTemplate
	Unknown Unknown
	Nested  []Rows // rows within an item
	// SetAside limits the items of the type that are set aside, WrongValues the
	// values of one column that are wrong, and the rows of one set within items that
	// are left out.
	SetAside    Limit
	WrongValues Limit
	// Shrink is the largest part of yesterday's rows, in percent, that may be
	// missing tonight: 100 lets the type vanish.
	Shrink int
}

// KeyTemplate is what an attribute of an item type looks like. The attribute is
// a key of the table, or any other, such as the key of an index.
type KeyTemplate struct {
	Attribute string
	TableKey  bool // the template recognises items; others only fill columns
	Template  Template
}

// Rows is a set of rows with the same columns: the items of a type, or what
// stands in a list or map of them. It is one data set of the lake and one landing
// table.
type Rows struct {
	Name    string   // of the Hive partition: "order", "order.line"
	Table   string   // of the landing table: "order", "order_line"
	Doc     string   // a description for people; may be empty
	Columns []Column // in the order of files and landing table
	// Path leads to the list or map of maps that holds the rows, for nested
	// rows; nil for items.
	Path []string
	// Wrong is what something costs that stands where a nested row is expected and
	// cannot be made one.
	Wrong Policy
	// Identity lists the columns that together identify a row: what the templates
	// of the table's keys capture, columns of keys without a template, and the
	// position of nested rows. It is never empty.
	Identity []string
}

// Declared reports whether the model file declares what identifies a row. Where
// it does not, a key is kept as it is, in an implicit column.
func (r Rows) Declared() bool {
	return !slices.ContainsFunc(r.Columns, func(c Column) bool { return c.Implicit })
}

// Column returns the column of that name.
func (r Rows) Column(name string) (Column, bool) {
	i := slices.IndexFunc(r.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return r.Columns[i], true
}

// Column is one column of the lake and of a landing table, and where its value
// comes from.
type Column struct {
	Name string // lower case: Redshift folds names, Glue demands it
	Type Type
	Doc  string // a description for people; may be empty
	// From is the path to the attribute, through maps, from the item or, for nested
	// rows, from the row's map. Nil if the value comes from elsewhere. With
	// Captured set it leads to an attribute that, where an item has it, must say
	// the same.
	From     []string
	Captured bool   // a template of the item's keys has a capture of this name
	Implicit bool   // not in the model file: a key of the table that the item type says nothing of
	Inherits bool   // a nested row's column that repeats the column of that name of its item
	Position bool   // the place of a nested row in its list, from 1, or its name in a map
	DayOf    string // the timestamp column whose local calendar day this is, see [Calendar]
	Required bool   // a row without a value is wrong
	Key      bool   // identifies rows or members: text of a required one must not end in a blank, which Redshift ignores
	Converts bool   // a value of another DynamoDB type is converted if that is exact; see [Type.Conversions]
	Format   Format // how a timestamp or date is written
	Layout   string // of package time, for FormatLayout
	Truncate bool   // digits beyond the microsecond are cut off
	Wrong    Policy
	Measured bool // values are added up from the data file to the fact, to prove that none is lost
}

// Format is how a timestamp is written.
type Format int

// The formats of timestamps and dates.
const (
	FormatISO     Format = iota // ISO 8601 text
	FormatRFC1123               // "Mon, 02 Jan 2006 15:04:05 GMT"
	FormatSeconds               // seconds since 1970, N or S
	FormatMillis                // milliseconds since 1970, N or S
	FormatLayout                // the layout of package time in Column.Layout
)

// Ref names a column of the row that a fact or dimension is made of, or of a
// row that it looks up.
type Ref struct {
	Lookup string // name of the lookup; empty for the row itself
	Column string
}

// String spells the reference as the model file does: "order.orderdate".
func (r Ref) String() string {
	if r.Lookup == "" {
		return r.Column
	}
	return r.Lookup + "." + r.Column
}

// Lookup is another row that a fact or dimension looks up: at most one for each
// of its rows, which is proved every night.
type Lookup struct {
	Name   string // by which the model refers to it
	Of     string // [Rows.Name]
	On     []Match
	Latest string // the timestamp or number column whose highest value picks the row among several; empty if several are wrong
}

// Match is one condition of a lookup: the looked-up column equals the reference.
type Match struct {
	Column string
	Ref    Ref
}

// Dimension is one dimension of the star.
type Dimension struct {
	Name    string
	Doc     string
	Of      string       // [Rows.Name] of the rows that describe members; empty for a calendar
	With    []Lookup     // what those rows look up
	Where   *expr.Expr   // rows for which it is not true describe no member; nil for all
	Key     []KeyColumn  // identifies a member
	When    []string     // a row describes a member only where one of these columns has a value; empty for all
	Columns []StarColumn // of a member, in the order of the table; business key where people want to see it
	// Latest picks the row that describes a member among several: the one with
	// the highest value. Nil if the key can have only one row, or First is set.
	Latest *Ref
	First  bool // among several rows the first by its text describes the member
	// Versions keeps what members looked like: each version of a member has a row
	// and a surrogate key of its own, see [HistoryColumns]. The key is then the
	// identity of an item type, so that one item describes each member.
	Versions bool
	// Calendar dimensions list the columns of timestamps and dates whose days
	// are members.
	Calendar bool
	Days     []Day
}

// Day is a column whose days are members of a calendar.
type Day struct {
	Of     string // [Rows.Name]
	Column string // a date, or a timestamp whose day in UTC counts
}

// KeyColumn is a column of a business key.
type KeyColumn struct {
	Name string
	Type Type
	Ref  Ref
	// Optional text identifies as the empty text where it is missing, and blanks
	// at its end do not count.
	Optional bool
}

// StarColumn is a column of a dimension or a fact, beside its keys.
type StarColumn struct {
	Name     string
	Type     Type
	Doc      string
	Ref      Ref        // where the value comes from, unless SQL is set
	SQL      *expr.Expr // the expression that computes it, as a value of the type
	Label    string     // what the unknown member of a dimension says; empty for null
	Required bool       // never null
	Measure  bool       // added up by people; every night proves its sum from staging to dwh
}

// SurrogateKey is the name of the dimension's key column: "customerkey".
func (d Dimension) SurrogateKey() string { return d.Name + "key" }

// Fact is a fact table: one row for each row of Of.
type Fact struct {
	Name  string
	Doc   string
	Grain string // one sentence, for people
	Of    string // [Rows.Name]
	With  []Lookup
	Where *expr.Expr // rows for which it is not true are not facts; nil for all
	// Document is the business key of what a fact belongs to, an order for its
	// lines. It gets a surrogate key. Empty if the model names none.
	Document []KeyColumn
	Roles    []Role
	Key      []string     // columns of the fact table that identify a row
	Columns  []StarColumn // measures last
}

// SurrogateKey is the name of the fact's own key column: "orderkey".
func (f Fact) SurrogateKey() string { return f.Name + "key" }

// Role is a dimension as a fact refers to it. Where the night does not hold the
// member, or a lookup of the reference finds no row, the fact refers to the
// unknown member.
type Role struct {
	Name      string // of the role, often the dimension's
	Dimension string
	On        []Ref // in the order of the dimension's key
	// AsOf is the moment that decides which version of the member the fact refers
	// to: a timestamp, or a date, which counts from its beginning. Nil if the
	// dimension has no versions.
	AsOf *Ref
}

// Refs lists what a fact's rows say of the member: its key, and the moment.
func (r Role) Refs() []Ref {
	if r.AsOf == nil {
		return r.On
	}
	return append(slices.Clone(r.On), *r.AsOf)
}

// SurrogateKey is the name of the fact's column: "createddatekey" for the role
// created of the dimension date, "datekey" for the role date.
func (r Role) SurrogateKey() string {
	if r.Name == r.Dimension {
		return r.Name + "key"
	}
	return r.Name + r.Dimension + "key"
}

// Check is a rule of the business that every row must obey.
type Check struct {
	Name string
	Of   string     // [Rows.Name]
	SQL  *expr.Expr // true for a row that breaks the rule
	Warn bool       // count such rows instead of stopping the night
}

// Item returns the item type of that name.
func (m Model) Item(name string) (Item, bool) {
	i := slices.IndexFunc(m.Items, func(item Item) bool { return item.Name == name })
	if i < 0 {
		return Item{}, false
	}
	return m.Items[i], true
}

// Relations returns every set of rows that is loaded, those within items after
// their items, in the order of the file. Item types that are skipped have none.
func (m Model) Relations() []Rows {
	var all []Rows
	for _, item := range m.Items {
		if item.Skip {
			continue
		}
		all = append(append(all, item.Rows), item.Nested...)
	}
	return all
}

// Relation returns the rows of that name.
func (m Model) Relation(name string) (Rows, bool) {
	all := m.Relations()
	i := slices.IndexFunc(all, func(r Rows) bool { return r.Name == name })
	if i < 0 {
		return Rows{}, false
	}
	return all[i], true
}

// Dimension returns the dimension of that name.
func (m Model) Dimension(name string) (Dimension, bool) {
	i := slices.IndexFunc(m.Dimensions, func(d Dimension) bool { return d.Name == name })
	if i < 0 {
		return Dimension{}, false
	}
	return m.Dimensions[i], true
}

// Schema spells the name of one of the model's schemas: [Landing] with the
// prefix "tickets_" is "tickets_landing".
func (m Model) Schema(name string) string { return m.Prefix + name }

// The schemas of the warehouse, in the order in which rows pass them, and the
// pipeline's own. Their names in SQL have the model's prefix.
const (
	Changes = "changes" // the changes of an increment, as they were loaded
	Mirror  = "mirror"  // one current row of each item and nested row; beside it the rows of a full export, as they were loaded
	Delta   = "touched" // what an increment touches, while it is applied
	Staging = "staging" // the night with surrogate keys, and the keys given so far
	DWH     = "dwh"     // the star that people read
	ETL     = "etl"     // runs, what each schema holds, every proof
)

// Landing stands before the name of what a full export loaded, in counts.
const Landing = "landing"

// Measured returns the columns whose values are added up, in their order. Sums
// are whole numbers of the column's last decimal place: cents for a scale of
// two.
func (r Rows) Measured() []Column {
	var measured []Column
	for _, c := range r.Columns {
		if c.Measured {
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
