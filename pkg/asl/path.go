package asl

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Path is a reference path: it names exactly one place in a JSON document.
//
// $ is the document and $$ the context object; .name and ['name'] select a
// field, [3] an array element. Wildcards, slices, filters, negative indexes and
// recursive descent are no reference paths and are refused by [ParsePath]. See
// https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html.
type Path struct {
	context bool
	steps   []step
}

// step selects a field, or an element when key is empty and index set.
type step struct {
	key     string
	index   int
	isIndex bool
}

// ParsePath reads a reference path.
func ParsePath(text string) (Path, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return Path{}, fmt.Errorf("path %q does not start with $", text)
	}
	var path Path
	rest, path.context = strings.CutPrefix(rest, "$")
	for rest != "" {
		next, remaining, err := parseStep(rest)
		if err != nil {
			return Path{}, fmt.Errorf("path %q: %w", text, err)
		}
		path.steps = append(path.steps, next)
		rest = remaining
	}
	return path, nil
}

func parseStep(text string) (step, string, error) {
	switch {
	case text[0] == '.':
		end := 1
		for end < len(text) {
			r, size := utf8.DecodeRuneInString(text[end:])
			if !isNameRune(r) {
				break
			}
			end += size
		}
		if end == 1 {
			return step{}, "", errors.New("only field names may follow a dot (quote others as ['…'])")
		}
		return step{key: text[1:end]}, text[end:], nil
	case strings.HasPrefix(text, "['"):
		return parseQuoted(text)
	case text[0] == '[':
		return parseIndex(text)
	default:
		return step{}, "", fmt.Errorf("%q is neither a field nor an index", text)
	}
}

func isNameRune(r rune) bool {
	return r == '_' || r == '-' || (r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)))
}

func parseQuoted(text string) (step, string, error) {
	var key strings.Builder
	for i := len("['"); i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '\\' || text[i+1] == '\''):
			i++
			key.WriteByte(text[i])
		case text[i] == '\\':
			return step{}, "", errors.New(`only \\ and \' can be escaped in a quoted field`)
		case text[i] == '\'':
			rest, ok := strings.CutPrefix(text[i+1:], "]")
			if !ok {
				return step{}, "", errors.New("a quoted field must end in ']")
			}
			return step{key: key.String()}, rest, nil
		default:
			key.WriteByte(text[i])
		}
	}
	return step{}, "", errors.New("a quoted field is not closed")
}

func parseIndex(text string) (step, string, error) {
	digits, rest, ok := strings.Cut(text[1:], "]")
	if !ok {
		return step{}, "", errors.New("an index is not closed")
	}
	index, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return step{}, "", fmt.Errorf("[%s] is not the index of one element", digits)
	}
	return step{index: int(index), isIndex: true}, rest, nil
}

// String returns the path as text; parsing it again gives the same path.
func (p Path) String() string {
	var text strings.Builder
	text.WriteByte('$')
	if p.context {
		text.WriteByte('$')
	}
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, s := range p.steps {
		switch {
		case s.isIndex:
			fmt.Fprintf(&text, "[%d]", s.index)
		case isPlainName(s.key):
			text.WriteString("." + s.key)
		default:
			text.WriteString("['" + quote.Replace(s.key) + "']")
		}
	}
	return text.String()
}

func isPlainName(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool { return !isNameRune(r) })
}

// IsContext reports whether the path selects from the context object.
func (p Path) IsContext() bool {
	return p.context
}

// Get returns the value that the path selects in document, and whether there
// is one. A field that is present and null is found.
func (p Path) Get(document any) (any, bool) {
	for _, s := range p.steps {
		if s.isIndex {
			list, ok := document.([]any)
			if !ok || s.index >= len(list) {
				return nil, false
			}
			document = list[s.index]
			continue
		}
		object, ok := document.(map[string]any)
		if !ok {
			return nil, false
		}
		if document, ok = object[s.key]; !ok {
			return nil, false
		}
	}
	return document, true
}

// Set returns document with value at the path. Missing fields on the way are
// made; elements must exist. The document itself is left as it is: what lies on
// the path is copied, the rest shared.
func (p Path) Set(document, value any) (any, error) {
	if p.context {
		return nil, fmt.Errorf("path %s: the context object can not be changed", p)
	}
	result, err := setSteps(document, true, p.steps, value)
	if err != nil {
		return nil, fmt.Errorf("path %s: %w", p, err)
	}
	return result, nil
}

func setSteps(document any, present bool, steps []step, value any) (any, error) {
	if len(steps) == 0 {
		return value, nil
	}
	if steps[0].isIndex {
		return setElement(document, steps, value)
	}
	object, ok := document.(map[string]any)
	if present && !ok {
		return nil, fmt.Errorf("field %q can not be put into %s", steps[0].key, typeName(document))
	}
	object = maps.Clone(object)
	if object == nil {
		object = map[string]any{}
	}
	child, found := object[steps[0].key]
	changed, err := setSteps(child, found, steps[1:], value)
	if err != nil {
		return nil, err
	}
	object[steps[0].key] = changed
	return object, nil
}

func setElement(document any, steps []step, value any) (any, error) {
	list, ok := document.([]any)
	if !ok || steps[0].index >= len(list) {
		return nil, fmt.Errorf("element %d does not exist in %s", steps[0].index, typeName(document))
	}
	changed, err := setSteps(list[steps[0].index], true, steps[1:], value)
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	list[steps[0].index] = changed
	return list, nil
}
