package design

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// oneTableFile is a schema of OneTable. Where it was saved in the table, types are
// in lower case.
type oneTableFile struct {
	Indexes map[string]struct {
		Hash string `json:"hash"`
		Sort string `json:"sort"`
	} `json:"indexes"`
	Models map[string]map[string]oneTableField `json:"models"`
	Params struct {
		TypeField  string `json:"typeField"`
		ISODates   bool   `json:"isoDates"`
		Timestamps any    `json:"timestamps"`
		Created    string `json:"createdField"`
		Updated    string `json:"updatedField"`
		Separator  string `json:"separator"`
	} `json:"params"`
}

type oneTableField struct {
	Type     any                      `json:"type"`
	Value    any                      `json:"value"` // text; a function in JavaScript
	Map      any                      `json:"map"`
	Required bool                     `json:"required"`
	ISODates *bool                    `json:"isoDates"`
	Schema   map[string]oneTableField `json:"schema"`
	Items    *oneTableField           `json:"items"`
}

// oneTable reads a schema of OneTable.
func oneTable(text []byte) (*Design, error) {
	var file oneTableFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("it is not a schema of OneTable: %w", err)
	}
	primary := file.Indexes["primary"]
	d := &Design{Format: "a schema of OneTable", TypeAttribute: cmp.Or(file.Params.TypeField, "_type"), Keys: []Key{{primary.Hash, "S"}}}
	if primary.Sort != "" {
		d.Keys = append(d.Keys, Key{primary.Sort, "S"})
	}
	for _, name := range slices.Sorted(maps.Keys(file.Models)) {
		if strings.HasPrefix(name, "_") {
			continue // OneTable's own
		}
		d.Entities = append(d.Entities, file.entity(name))
	}
	return d, nil
}

func (o oneTableFile) entity(name string) Entity {
	e := Entity{Name: name, Value: name}
	fields := o.Models[name]
	attributes := map[string]string{} // by field
	for field, f := range fields {
		attributes[field] = f.attribute(field)
	}
	isKey := func(attribute string) bool {
		for _, index := range o.Indexes {
			if attribute == index.Hash || attribute == index.Sort {
				return true
			}
		}
		return false
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		f := fields[field]
		template, templated := f.Value.(string)
		if templated && isKey(attributes[field]) {
			parts := parse(strings.ReplaceAll(template, "${"+cmp.Or(o.Params.TypeField, "_type")+"}", name), "${", "}")
			for i := range parts {
				plain, _, _ := strings.Cut(parts[i].Field, ":") // ${count:6:0} is padded
				parts[i].Field = cmp.Or(attributes[plain], plain)
			}
			e.Templates = append(e.Templates, Template{attributes[field], parts})
			continue
		}
		e.Fields = append(e.Fields, o.field(attributes[field], f))
	}
	times := o.Params.Timestamps == true
	for stamp, attribute := range map[string]string{"create": cmp.Or(o.Params.Created, "created"), "update": cmp.Or(o.Params.Updated, "updated")} {
		if (times || o.Params.Timestamps == stamp) && fields[attribute].Type == nil {
			e.Fields = append(e.Fields, o.field(attribute, oneTableField{Type: "date"}))
		}
	}
	slices.SortFunc(e.Fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return e
}

// attribute is what a field is called in the table.
func (f oneTableField) attribute(field string) string {
	if mapped, ok := f.Map.(string); ok && mapped != "" {
		mapped, _, _ = strings.Cut(mapped, ".") // several fields may be packed into one attribute
		return mapped
	}
	return field
}

func (o oneTableFile) field(attribute string, f oneTableField) Field {
	kind, _ := f.Type.(string)
	found := Field{Name: attribute, Required: f.Required}
	of := f.Schema
	switch strings.ToLower(kind) {
	case "number":
		found.Kind = Decimal
	case "boolean":
		found.Kind = Truth
	case "date":
		found.Kind = Millis
		if f.ISODates != nil && *f.ISODates || f.ISODates == nil && o.Params.ISODates {
			found.Kind = Time
		}
	case "object":
		found.Kind = Map
	case "array":
		found.Kind = List
		if f.Items != nil {
			of = f.Items.Schema
		}
	case "set":
		found.Kind = Set
	case "buffer", "binary", "arraybuffer":
		found.Kind = Bytes
	default:
	}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		found.Fields = append(found.Fields, o.field(of[name].attribute(name), of[name]))
	}
	return found
}

// Saved returns the schema that OneTable has saved in an item of the table, as the
// JSON that [Read] takes. The item is the JSON of its attributes.
func Saved(item []byte) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(item, &all); err != nil {
		return nil, fmt.Errorf("read the schema that OneTable has saved: %w", err)
	}
	plain := map[string]any{}
	for name, value := range all {
		v, err := unwrapped(value)
		if err != nil {
			return nil, fmt.Errorf("read the schema that OneTable has saved: %s: %w", name, err)
		}
		plain[name] = v
	}
	return json.Marshal(plain) //nolint:wrapcheck // it never fails for what was JSON
}

// unwrapped is an attribute value as plain JSON.
func unwrapped(value json.RawMessage) (any, error) {
	var v struct {
		S    *string
		N    *string
		BOOL *bool
		M    map[string]json.RawMessage
		L    []json.RawMessage
		SS   []string
	}
	if err := json.Unmarshal(value, &v); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it was about
	}
	switch {
	case v.S != nil:
		return *v.S, nil
	case v.N != nil:
		if _, err := strconv.ParseFloat(*v.N, 64); err != nil {
			return nil, err //nolint:wrapcheck // as above
		}
		return json.Number(*v.N), nil
	case v.BOOL != nil:
		return *v.BOOL, nil
	case v.M != nil:
		all := map[string]any{}
		for name, member := range v.M {
			m, err := unwrapped(member)
			if err != nil {
				return nil, err
			}
			all[name] = m
		}
		return all, nil
	case v.L != nil:
		all := []any{}
		for _, element := range v.L {
			m, err := unwrapped(element)
			if err != nil {
				return nil, err
			}
			all = append(all, m)
		}
		return all, nil
	case v.SS != nil:
		return v.SS, nil
	}
	return nil, nil
}
