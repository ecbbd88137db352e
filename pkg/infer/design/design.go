// Package design reads what other tools know of a table: the schema.json of AWS's
// DynamoDB MCP server, schemas of OneTable, and models of NoSQL Workbench.
//
// Such a file declares entities, with templates of keys or with sample data. It
// does not say how long texts are, and often not what refers to what.
package design

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Design is what a file declares of one table.
type Design struct {
	Format        string // what the file is, for people
	Table         string
	Keys          []Key
	TypeAttribute string // empty if none is declared
	Entities      []Entity
	Items         []string // sample data, each the JSON of an item's attributes
}

// Key is a key attribute of the table.
type Key struct{ Name, Type string } // S, N or B

// Entity is a type of items.
type Entity struct {
	Name      string
	Value     string     // of the type attribute, if there is one
	Templates []Template // of keys, those of indexes too
	Fields    []Field
	Samples   []string // sample data, each the JSON of an item's attributes
}

// Template is the form of a key attribute: literal text and names of fields in turn.
type Template struct {
	Attribute string
	Parts     []Part
}

// Part is literal text, or the name of a field.
type Part struct{ Literal, Field string }

// Field is an attribute.
type Field struct {
	Name     string // of the attribute
	Kind     Kind
	Required bool
	Fields   []Field // of a map, or of the maps in a list
}

// Kind is what a field holds.
type Kind int

// The kinds of fields.
const (
	Text Kind = iota
	Integer
	Decimal
	Truth
	Time   // ISO 8601
	Millis // of the epoch
	Map
	List
	Set
	Bytes
)

// maxFile bounds a design, in bytes.
const maxFile = 64 << 20

// Read reads a design. Of several tables in the file it takes the one named; the
// name may be empty if there is one only.
func Read(name string, text []byte, table string) (*Design, error) {
	d, err := read(text, table)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return d, nil
}

func read(text []byte, table string) (*Design, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("it has %d bytes, more than any design", len(text))
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("it is not a JSON object: %w", err)
	}
	has := func(name string) bool { _, ok := all[name]; return ok }
	var d *Design
	var err error
	switch {
	case has("DataModel"):
		d, err = workbench(text, table)
	case has("tables"):
		d, err = mcp(text, table)
	case has("models") && has("indexes"):
		d, err = oneTable(text)
	default:
		return nil, errors.New("it is neither a schema.json of the DynamoDB MCP server (tables), a OneTable schema (models, indexes) nor a model of NoSQL Workbench (DataModel)")
	}
	if err != nil {
		return nil, err
	}
	return d, d.check()
}

// check finds what no table can have.
func (d *Design) check() error {
	if len(d.Keys) == 0 || d.Keys[0].Name == "" {
		return fmt.Errorf("the table %s has no partition key", d.Table)
	}
	if len(d.Entities) == 0 && len(d.Items) == 0 {
		return fmt.Errorf("the table %s has neither entities nor sample data", d.Table)
	}
	for _, e := range d.Entities {
		for _, t := range e.Templates {
			if len(t.Parts) == 0 {
				return fmt.Errorf("%s has an empty template for %s", e.Name, t.Attribute)
			}
		}
	}
	return nil
}

// one picks the table of a name, or the only one.
func one[T any](all []T, name string, of func(T) string) (T, error) {
	var none T
	var names []string
	for _, t := range all {
		names = append(names, of(t))
	}
	i := slices.Index(names, name)
	switch {
	case len(all) == 0:
		return none, errors.New("it holds no table")
	case i >= 0:
		return all[i], nil
	case len(all) == 1:
		return all[0], nil
	case name == "":
		return none, fmt.Errorf("it holds %d tables: name one with --table: %s", len(all), strings.Join(names, ", "))
	}
	return none, fmt.Errorf("it holds no table %s, but %s: name one with --table", name, strings.Join(names, ", "))
}

// parse cuts a template at its placeholders, which stand between two marks.
func parse(text, before, after string) []Part {
	var parts []Part
	for text != "" {
		start := strings.Index(text, before)
		if start < 0 {
			break
		}
		end := strings.Index(text[start+len(before):], after)
		if end < 0 {
			break
		}
		if start > 0 {
			parts = append(parts, Part{Literal: text[:start]})
		}
		field := text[start+len(before):][:end]
		parts = append(parts, Part{Field: field})
		text = text[start+len(before)+end+len(after):]
	}
	if text != "" {
		parts = append(parts, Part{Literal: text})
	}
	return parts
}

// saysTime reports whether text of that name is a time.
func saysTime(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasSuffix(lower, "_at") || strings.HasSuffix(name, "At") || strings.HasSuffix(lower, "date") || strings.HasSuffix(lower, "timestamp")
}
