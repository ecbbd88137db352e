package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// reader takes values out of one block of cdk.json and remembers what is wrong
// with it, so that one attempt shows every mistake. A key that nobody asked
// for is a mistake too: it is a misspelled one, whose default would be used.
type reader struct {
	path     string // "environments.dev.storage", for messages
	values   map[string]any
	asked    map[string]bool
	absent   bool // the block is missing, and that has been said
	problems *[]string
}

func newReader(path string, values map[string]any, problems *[]string) reader {
	return reader{path: path, values: values, asked: map[string]bool{}, problems: problems}
}

// block reads a block within the block.
func (r reader) block(key string) reader {
	value, ok := take[map[string]any](r, key, "an object")
	inner := newReader(r.path+"."+key, value, r.problems)
	inner.absent = !ok
	return inner
}

// text reads a text that must say something.
func (r reader) text(key string) string {
	value, ok := take[string](r, key, "a text")
	if ok && value == "" {
		r.refuse(key, "is empty")
	}
	return value
}

// maybe reads a text that may be empty, but not missing: to leave something
// out is a decision that cdk.json shows.
func (r reader) maybe(key string) string {
	value, _ := take[string](r, key, "a text")
	return value
}

func (r reader) flag(key string) bool {
	value, _ := take[bool](r, key, "true or false")
	return value
}

// texts reads a list of texts.
func (r reader) texts(key string) []string {
	values, ok := take[[]any](r, key, "a list of texts")
	var all []string
	for i, value := range values {
		text, isText := value.(string)
		if ok && (!isText || text == "") {
			r.refuse(key, fmt.Sprintf("has %v at place %d, not a text", value, i+1))
		}
		all = append(all, text)
	}
	return all
}

// pairs reads an object of texts.
func (r reader) pairs(key string) map[string]string {
	values, _ := take[map[string]any](r, key, "an object of texts")
	all := map[string]string{}
	for name, value := range values {
		text, ok := value.(string)
		if !ok {
			r.refuse(key, fmt.Sprintf("has %v for %q, not a text", value, name))
		}
		all[name] = text
	}
	return all
}

// number reads a whole number between least and most.
func (r reader) number(key string, least, most int) int {
	value, ok := take[float64](r, key, "a number")
	if ok && (value != math.Trunc(value) || value < float64(least) || value > float64(most)) {
		r.refuse(key, fmt.Sprintf("is %v, not a whole number between %d and %d", value, least, most))
		return least
	}
	return int(value)
}

// finish reports the keys that nobody asked for.
func (r reader) finish() {
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		if !r.asked[key] {
			known := strings.Join(slices.Sorted(maps.Keys(r.asked)), ", ")
			r.refuse(key, "is unknown; known here: "+known)
		}
	}
}

// refuse reports what is wrong with the value of a key.
func (r reader) refuse(key, problem string) {
	*r.problems = append(*r.problems, r.path+"."+key+" "+problem)
}

func take[T any](r reader, key, kind string) (T, bool) {
	var none T
	r.asked[key] = true
	if r.absent {
		return none, false
	}
	value, ok := r.values[key]
	if !ok {
		r.refuse(key, "is missing; it is "+kind)
		return none, false
	}
	typed, ok := value.(T)
	if !ok {
		r.refuse(key, fmt.Sprintf("is %v, not %s", value, kind))
	}
	return typed, ok
}
