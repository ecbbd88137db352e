package startest

import (
	"strings"
)

// Value is an attribute value of DynamoDB.
type Value struct {
	Kind     string // the type tag: S, N, B, BOOL, NULL, M, L, SS, NS or BS
	Text     string // of S, N and B, which is base64; of BOOL, true or false
	Elements []Value
	Members  []Attribute // of M
}

// Attribute is a name with its value.
type Attribute struct {
	Name  string
	Value Value
}

// Item is an item of the table: its attributes in the order of the file.
type Item []Attribute

// S is a text.
func S(text string) Value { return Value{Kind: "S", Text: text} }

// N is a number.
func N(text string) Value { return Value{Kind: "N", Text: text} }

// Get returns the value at a path through maps. It is false if nothing is
// there: the attribute is missing or NULL, or a map on the way is. A value on
// the way that is no map is returned with the kind "unreachable".
func (item Item) Get(path []string) (Value, bool) {
	return Value{Kind: "M", Members: item}.get(path)
}

func (v Value) get(path []string) (Value, bool) {
	if v.Kind == "NULL" {
		return Value{}, false
	}
	if len(path) == 0 {
		return v, true
	}
	if v.Kind != "M" {
		return Value{Kind: "unreachable"}, true
	}
	for _, a := range v.Members {
		if a.Name == path[0] {
			return a.Value.get(path[1:])
		}
	}
	return Value{}, false
}

// set returns attributes with a value at a path, through maps that it makes.
func set(attributes []Attribute, path []string, v Value) []Attribute {
	for i, a := range attributes {
		if a.Name == path[0] {
			if len(path) > 1 {
				v = Value{Kind: "M", Members: set(a.Value.Members, path[1:], v)}
			}
			attributes[i].Value = v
			return attributes
		}
	}
	if len(path) > 1 {
		v = Value{Kind: "M", Members: set(nil, path[1:], v)}
	}
	return append(attributes, Attribute{path[0], v})
}

// JSON spells the item as a line of an export.
func (item Item) JSON() string {
	return `{"Item":` + strings.TrimSuffix(strings.TrimPrefix(Value{Kind: "M", Members: item}.JSON(), `{"M":`), "}") + "}"
}

// JSON spells the value in DynamoDB JSON.
func (v Value) JSON() string {
	var content string
	switch v.Kind {
	case "S", "N", "B":
		content = quote(v.Text)
	case "BOOL":
		content = v.Text
	case "NULL":
		content = "true"
	case "M":
		parts := make([]string, len(v.Members))
		for i, a := range v.Members {
			parts[i] = quote(a.Name) + ":" + a.Value.JSON()
		}
		content = "{" + strings.Join(parts, ",") + "}"
	case "L":
		content = list(v.Elements, Value.JSON)
	default:
		content = list(v.Elements, func(e Value) string { return quote(e.Text) })
	}
	return `{"` + v.Kind + `":` + content + "}"
}

// Plain spells the value as common JSON, as a column of type json holds it:
// sets and lists as arrays, maps as objects, numbers with all their digits.
func (v Value) Plain() string {
	switch v.Kind {
	case "S", "B":
		return quote(v.Text)
	case "N", "BOOL":
		return v.Text
	case "NULL":
		return "null"
	case "M":
		parts := make([]string, len(v.Members))
		for i, a := range v.Members {
			parts[i] = quote(a.Name) + ":" + a.Value.Plain()
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return list(v.Elements, Value.Plain)
}

func list(elements []Value, spell func(Value) string) string {
	parts := make([]string, len(elements))
	for i, e := range elements {
		parts[i] = spell(e)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// quote spells text as JSON does. The texts of these tests have no control
// characters.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
