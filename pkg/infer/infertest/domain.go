package infertest

import (
	"fmt"
	"math/rand/v2"
)

// Role is what a type is in the star.
type Role string

// The roles that are measured. A header is what finer facts belong to.
const (
	Fact      Role = "fact"
	Dimension Role = "dimension"
	Header    Role = "header"
)

// Entity is a type of items.
type Entity struct {
	Name    string
	Role    Role
	Share   float64 // of the items of a design
	Parent  string  // in whose partition items lie; empty for a partition of their own
	Root    bool    // has a partition of its own although it has a parent
	Refs    []Ref   // attributes that hold ids of other types
	Fields  []Field
	Changes []string // a state that stands in the sort key, where the convention does that
}

// Ref is an attribute with the id of another type.
type Ref struct{ Attribute, To string }

// Field is an attribute.
type Field struct {
	Name  string
	Value func(r *rand.Rand, i int) string // as DynamoDB JSON
	Share float64                          // of the items that have it; 0 for all
}

// Domain is a business.
type Domain struct {
	Name     string
	Entities []Entity
}

func text(words ...string) func(*rand.Rand, int) string {
	return func(r *rand.Rand, _ int) string { return fmt.Sprintf(`{"S":%q}`, words[r.IntN(len(words))]) }
}

func name(kind string) func(*rand.Rand, int) string {
	return func(r *rand.Rand, i int) string {
		return fmt.Sprintf(`{"S":"%s %s %d"}`, kind, []string{"North", "Blue", "Old", "Grand", "Little"}[r.IntN(5)], i)
	}
}

func whole(most int) func(*rand.Rand, int) string {
	return func(r *rand.Rand, _ int) string { return fmt.Sprintf(`{"N":"%d"}`, 1+r.IntN(most)) }
}

func money(most int) func(*rand.Rand, int) string {
	return func(r *rand.Rand, _ int) string { return fmt.Sprintf(`{"N":"%d.%02d"}`, r.IntN(most), r.IntN(100)) }
}

func moment(r *rand.Rand, _ int) string {
	return fmt.Sprintf(`{"S":"202%d-%02d-%02dT%02d:%02d:%02d.%03dZ"}`, r.IntN(5), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000))
}

func day(r *rand.Rand, _ int) string {
	return fmt.Sprintf(`{"S":"202%d-%02d-%02d"}`, r.IntN(5), 1+r.IntN(12), 1+r.IntN(28))
}

func seconds(r *rand.Rand, _ int) string {
	return fmt.Sprintf(`{"N":"%d"}`, 1_600_000_000+r.IntN(100_000_000))
}

func email(r *rand.Rand, i int) string {
	return fmt.Sprintf(`{"S":"p%d.%d@example.com"}`, i, r.IntN(100))
}

func yes(r *rand.Rand, _ int) string { return fmt.Sprintf(`{"BOOL":%v}`, r.IntN(2) == 0) }

func address(r *rand.Rand, _ int) string {
	return fmt.Sprintf(`{"M":{"street":{"S":"Road %d"},"city":{"S":%q},"zip":{"S":"%05d"}}}`, r.IntN(900), []string{"Oslo", "Bergen", "Turku", "Malmö"}[r.IntN(4)], r.IntN(99999))
}

// Domains are the businesses of the benchmark.
func Domains() []Domain {
	return []Domain{
		{Name: "shop", Entities: []Entity{
			{Name: "Customer", Role: Dimension, Share: 0.1, Fields: []Field{{"email", email, 0}, {"fullName", name("Person"), 0}, {"address", address, 0.9}, {"createdAt", moment, 0}}},
			{Name: "Product", Role: Dimension, Share: 0.05, Fields: []Field{{"title", name("Thing"), 0}, {"category", text("books", "toys", "tools"), 0}, {"price", money(900), 0}}},
			{Name: "Order", Role: Header, Share: 0.25, Parent: "Customer", Fields: []Field{{"status", text("open", "paid", "sent"), 0}, {"placedAt", moment, 0}, {"total", money(5000), 0}, {"note", name("Note"), 0.2}}},
			{Name: "OrderLine", Role: Fact, Share: 0.6, Parent: "Order", Refs: []Ref{{"productId", "Product"}}, Fields: []Field{{"quantity", whole(9), 0}, {"unitPrice", money(900), 0}, {"discount", money(5), 0.3}}},
		}},
		{Name: "desk", Entities: []Entity{
			{Name: "Organisation", Role: Dimension, Share: 0.02, Fields: []Field{{"name", name("Org"), 0}, {"plan", text("free", "gold"), 0}, {"seats", whole(500), 0}}},
			{Name: "User", Role: Dimension, Share: 0.1, Parent: "Organisation", Fields: []Field{{"email", email, 0}, {"name", name("Person"), 0}, {"active", yes, 0}}},
			{Name: "Ticket", Role: Fact, Share: 0.68, Parent: "Organisation", Refs: []Ref{{"assigneeId", "User"}}, Changes: []string{"open", "waiting", "closed"},
				Fields: []Field{{"subject", name("Problem"), 0}, {"priority", whole(4), 0}, {"openedAt", moment, 0}, {"closedAt", moment, 0.5}, {"minutes", whole(600), 0.7}}},
			{Name: "Article", Role: Dimension, Share: 0.2, Fields: []Field{{"heading", name("How"), 0}, {"language", text("en", "de", "fi"), 0}, {"body", name("Body"), 0}}},
		}},
		{Name: "fleet", Entities: []Entity{
			{Name: "Site", Role: Dimension, Share: 0.01, Fields: []Field{{"label", name("Site"), 0}, {"region", text("eu", "us"), 0}, {"address", address, 0}}},
			{Name: "Device", Role: Dimension, Share: 0.05, Refs: []Ref{{"siteId", "Site"}}, Fields: []Field{{"model", text("X1", "X2", "Y7"), 0}, {"firmware", text("1.2", "1.3"), 0}, {"installedOn", day, 0}}},
			{Name: "Reading", Role: Fact, Share: 0.9, Parent: "Device", Fields: []Field{{"temperature", money(50), 0}, {"battery", whole(100), 0}, {"takenAt", seconds, 0}}},
			{Name: "Alert", Role: Fact, Share: 0.04, Parent: "Device", Changes: []string{"raised", "cleared"}, Fields: []Field{{"severity", whole(5), 0}, {"raisedAt", moment, 0}, {"message", name("Alert"), 0}}},
		}},
		{Name: "school", Entities: []Entity{
			{Name: "Student", Role: Dimension, Share: 0.2, Fields: []Field{{"fullName", name("Pupil"), 0}, {"birthDate", day, 0}, {"email", email, 0.8}}},
			{Name: "Course", Role: Dimension, Share: 0.03, Fields: []Field{{"title", name("Course"), 0}, {"credits", whole(10), 0}, {"term", text("spring", "autumn"), 0}}},
			{Name: "Enrollment", Role: Fact, Share: 0.77, Parent: "Student", Refs: []Ref{{"courseId", "Course"}}, Fields: []Field{{"enrolledAt", moment, 0}, {"grade", whole(6), 0.6}}},
		}},
		{Name: "bank", Entities: []Entity{
			{Name: "Client", Role: Dimension, Share: 0.1, Fields: []Field{{"legalName", name("Client"), 0}, {"segment", text("retail", "corporate"), 0}, {"since", day, 0}}},
			{Name: "Account", Role: Dimension, Share: 0.15, Parent: "Client", Root: true, Refs: []Ref{{"clientId", "Client"}}, Fields: []Field{{"currency", text("EUR", "NOK"), 0}, {"iban", name("IBAN"), 0}}},
			{Name: "Merchant", Role: Dimension, Share: 0.05, Fields: []Field{{"brand", name("Shop"), 0}, {"country", text("NO", "FI"), 0}}},
			{Name: "Transaction", Role: Fact, Share: 0.7, Parent: "Account", Refs: []Ref{{"merchantId", "Merchant"}}, Fields: []Field{{"amount", money(9000), 0}, {"bookedAt", moment, 0}, {"reference", name("Ref"), 0.5}}},
		}},
	}
}
