package asl

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// maxSeconds is the greatest number of seconds that any field may hold.
const maxSeconds = 99_999_999

// fields reads the fields of one object of the definition. It notes which were
// asked for, so that done can refuse the others; problems are collected and
// reading goes on with zero values.
type fields struct {
	parser *parser
	state  string
	prefix string
	values map[string]any
	known  map[string]bool
}

func (p *parser) fields(state, prefix string, value any) *fields {
	f := &fields{parser: p, state: state, prefix: prefix, known: map[string]bool{}}
	values, ok := value.(map[string]any)
	if !ok {
		p.refuse(state, prefix, "is %s, want an object", typeName(value))
		// Without any value, done has nothing more to complain about.
		return f
	}
	f.values = values
	return f
}

func (f *fields) name(field string) string {
	if f.prefix == "" {
		return field
	}
	return f.prefix + "." + field
}

func (f *fields) refuse(field, format string, args ...any) {
	f.parser.refuse(f.state, f.name(field), format, args...)
}

// get returns a field as it is. Asking for it makes it a known one.
func (f *fields) get(field string) (any, bool) {
	f.known[field] = true
	value, ok := f.values[field]
	return value, ok
}

func (f *fields) has(field string) bool {
	_, ok := f.values[field]
	return ok
}

// done refuses every field that was not read.
func (f *fields) done() {
	for _, field := range sortedKeys(f.values) {
		if !f.known[field] {
			f.refuse(field, "unknown or unsupported field")
		}
	}
}

func (f *fields) text(field string) string {
	value, ok := f.get(field)
	if !ok {
		return ""
	}
	text, ok := value.(string)
	if !ok {
		f.refuse(field, "is %s, want a string", typeName(value))
	}
	return text
}

func (f *fields) requiredText(field string) string {
	text := f.text(field)
	if value, ok := f.values[field]; !ok {
		if f.values != nil {
			f.refuse(field, "is missing")
		}
	} else if value == "" {
		f.refuse(field, "is empty")
	}
	return text
}

// oneOf reads a string that must be one of the options; the first is the
// default.
func (f *fields) oneOf(field string, options ...string) string {
	if !f.has(field) {
		f.get(field)
		return options[0]
	}
	text := f.text(field)
	for _, option := range options {
		if text == option {
			return text
		}
	}
	if _, ok := f.values[field].(string); ok {
		f.refuse(field, "is %q, supported is %q", text, options)
	}
	return options[0]
}

func (f *fields) integer(field string, fallback, low int) int {
	value, ok := f.get(field)
	if !ok {
		return fallback
	}
	number, ok := value.(json.Number)
	if !ok {
		f.refuse(field, "is %s, want an integer", typeName(value))
		return fallback
	}
	n, err := strconv.Atoi(number.String())
	if err != nil || n < low || n > maxSeconds {
		f.refuse(field, "is %s, want an integer from %d to %d", number, low, maxSeconds)
		return fallback
	}
	return n
}

func (f *fields) float(field string, fallback, low, high float64) float64 {
	value, ok := f.get(field)
	if !ok {
		return fallback
	}
	number, ok := value.(json.Number)
	if !ok {
		f.refuse(field, "is %s, want a number", typeName(value))
		return fallback
	}
	x, err := number.Float64()
	if err != nil || x < low || x > high {
		f.refuse(field, "is %s, want a number from %g to %g", number, low, high)
		return fallback
	}
	return x
}

// seconds reads a whole number of seconds; 0 means that the field is absent
// unless low allows it.
func (f *fields) seconds(field string, low int) time.Duration {
	return time.Duration(f.integer(field, 0, low)) * time.Second
}

func (f *fields) list(field string) []any {
	value, ok := f.get(field)
	if !ok {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		f.refuse(field, "is %s, want an array", typeName(value))
	}
	return list
}

// elements reads an array of objects.
func (f *fields) elements(field string) []*fields {
	list := f.list(field)
	objects := make([]*fields, len(list))
	for i, element := range list {
		objects[i] = f.parser.fields(f.state, f.name(field)+fmt.Sprintf("[%d]", i), element)
	}
	return objects
}

// child reads a field that holds an object; it is required.
func (f *fields) child(field string) *fields {
	value, ok := f.get(field)
	if !ok {
		if f.values != nil {
			f.refuse(field, "is missing")
		}
		return &fields{parser: f.parser, state: f.state, prefix: f.name(field), known: map[string]bool{}}
	}
	return f.parser.fields(f.state, f.name(field), value)
}
