package asl

import (
	"fmt"
	"maps"
	"strings"
)

// template is a compiled payload template: Parameters, ResultSelector,
// ItemSelector and the Parameters of readers and writers. A field whose name
// ends in .$ is computed, everything else is taken as written.
type template struct {
	literal any
	object  map[string]template
	list    []template
	compute expression
}

func parseTemplate(value any) (template, error) {
	switch value := value.(type) {
	case map[string]any:
		return parseTemplateObject(value)
	case []any:
		list := make([]template, len(value))
		for i, element := range value {
			var err error
			if list[i], err = parseTemplate(element); err != nil {
				return template{}, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return template{list: list}, nil
	default:
		return template{literal: value}, nil
	}
}

func parseTemplateObject(value map[string]any) (template, error) {
	object := make(map[string]template, len(value))
	for _, key := range sortedKeys(value) {
		name, computed := strings.CutSuffix(key, ".$")
		if _, double := object[name]; double {
			return template{}, fmt.Errorf("%s: the field is given with and without .$", name)
		}
		var (
			child template
			err   error
		)
		if computed {
			child, err = parseComputed(value[key])
		} else {
			child, err = parseTemplate(value[key])
		}
		if err != nil {
			return template{}, fmt.Errorf("%s: %w", key, err)
		}
		object[name] = child
	}
	return template{object: object}, nil
}

func parseComputed(value any) (template, error) {
	text, ok := value.(string)
	if !ok {
		return template{}, fmt.Errorf("is %s, a field ending in .$ needs a path or a function", typeName(value))
	}
	compute, err := parseExpression(text)
	if err != nil {
		return template{}, err
	}
	return template{compute: compute}, nil
}

// eval builds the payload. Every call returns fresh objects and arrays around
// values shared with the scope.
func (t template) eval(sc scope) (any, error) {
	switch {
	case t.compute != nil:
		return t.compute.eval(sc)
	case t.object != nil:
		object := make(map[string]any, len(t.object))
		for _, key := range sortedKeys(t.object) {
			value, err := t.object[key].eval(sc)
			if err != nil {
				return nil, err
			}
			object[key] = value
		}
		return object, nil
	case t.list != nil:
		list := make([]any, len(t.list))
		for i, element := range t.list {
			var err error
			if list[i], err = element.eval(sc); err != nil {
				return nil, err
			}
		}
		return list, nil
	default:
		return t.literal, nil
	}
}

func (t template) paths(visit func(Path)) {
	if t.compute != nil {
		t.compute.paths(visit)
	}
	for child := range maps.Values(t.object) {
		child.paths(visit)
	}
	for _, child := range t.list {
		child.paths(visit)
	}
}

// text evaluates the field name of an object template to a string.
func (t template) text(sc scope, name string) (string, error) {
	value, err := t.object[name].eval(sc)
	if err != nil {
		return "", err
	}
	text, ok := value.(string)
	if !ok {
		return "", failf(ErrorRuntime, "%s is %s, not a string", name, typeName(value))
	}
	return text, nil
}
