package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// JSONSchema returns the JSON Schema of a model file, for editors. It says what
// the reader checks of the form of a file: keys, types, words. That names refer
// to something only the reader knows.
func JSONSchema() []byte {
	s := schemas{}
	root := s.of(reflect.TypeFor[file](), "")
	document := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "Nightstar model",
		"$ref":    root["$ref"],
		"$defs":   s,
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("encode the JSON Schema of a model: %v", err)) // maps of strings, numbers and lists
	}
	return append(text, '\n')
}

type object = map[string]any

// schemas holds the schema of each structure by its name.
type schemas map[string]any

// schema is implemented by the types that are decoded in a way of their own.
type schema interface {
	schema(s schemas) object
}

// of returns the schema of a type, narrowed by the tag of its field.
func (s schemas) of(t reflect.Type, tag reflect.StructTag) object {
	own, ok := reflect.New(t).Interface().(schema)
	if !ok {
		return s.structure(t)
	}
	found := own.schema(s)
	if words := strings.Fields(tag.Get("enum")); len(words) > 0 {
		found["enum"] = words
	}
	if pattern := tag.Get("pattern"); pattern != "" {
		found["pattern"] = pattern
	}
	if tag.Get("names") != "" {
		found["propertyNames"] = object{"pattern": fmt.Sprintf("^[a-z][a-z0-9_]{0,%d}$", maxName-1)}
	}
	return found
}

// structure returns a reference to the schema of a mapping with known keys.
func (s schemas) structure(t reflect.Type) object {
	name := strings.TrimSuffix(t.Name(), "File")
	reference := object{"$ref": "#/$defs/" + name}
	if _, known := s[name]; known {
		return reference
	}
	s[name] = nil // structures may nest
	properties, required := object{}, []string{}
	var short object
	for _, field := range fields(t) {
		property := s.of(field.Type, field.Tag)
		if field.Tag.Get("short") != "" {
			short = s.of(field.Type, field.Tag)
		}
		property["description"] = field.Tag.Get("doc")
		properties[field.Tag.Get("yaml")] = property
		if field.Tag.Get("need") != "" {
			required = append(required, field.Tag.Get("yaml"))
		}
	}
	mapping := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		mapping["required"] = required
	}
	s[name] = mapping
	if short != nil {
		s[name] = object{"anyOf": []any{short, mapping}}
	}
	return reference
}

func (*word) schema(schemas) object { return object{"type": "string", "minLength": 1} }

func (*number) schema(schemas) object { return object{"type": "integer", "minimum": 0} }

func (*truth) schema(schemas) object { return object{"type": "boolean"} }

func (*percent) schema(schemas) object {
	return object{"type": "string", "pattern": "^(100|[1-9]?[0-9])%$"}
}

func (*list[T]) schema(s schemas) object {
	one := s.of(reflect.TypeFor[T](), "")
	return object{"anyOf": []any{one, object{"type": "array", "items": one, "minItems": 1}}}
}

func (*entries[T]) schema(s schemas) object {
	return object{"type": "object", "additionalProperties": s.of(reflect.TypeFor[T](), "")}
}

func (*columnsFile) schema(s schemas) object {
	return object{"anyOf": []any{(*list[word])(nil).schema(s), (*entries[starColumnFile])(nil).schema(s)}}
}

func (*roleFile) schema(s schemas) object {
	columns := (*list[word])(nil).schema(s)
	return object{"anyOf": []any{columns, object{
		"type": "object", "additionalProperties": columns, "minProperties": 1, "maxProperties": 1,
	}}}
}

func (*lookupFile) schema(s schemas) object {
	short := (*entries[word])(nil).schema(s)
	short["not"] = object{"propertyNames": object{"enum": []string{"of", "latest"}}} // then on is missing
	return object{"anyOf": []any{short, s.structure(reflect.TypeFor[lookupFile]())}}
}
