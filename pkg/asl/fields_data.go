package asl

// This file reads the fields that say which data a state works on.

// dataPath is an InputPath, OutputPath or ResultPath: a path, or null.
type dataPath struct {
	path Path
	null bool
}

// whole reports whether the path is the default, $.
func (d dataPath) whole() bool {
	return !d.null && !d.path.context && len(d.path.steps) == 0
}

// dataPath reads a path that may be null; without the field it is $.
func (f *fields) dataPath(field string) dataPath {
	value, ok := f.get(field)
	if !ok {
		return dataPath{}
	}
	if value == nil {
		return dataPath{null: true}
	}
	return dataPath{path: f.path(field)}
}

// resultPath reads a path that data is written to.
func (f *fields) resultPath() dataPath {
	const field = "ResultPath"
	path := f.dataPath(field)
	if path.path.context {
		f.refuse(field, "writes to the context object")
	}
	return path
}

// path reads a reference path.
func (f *fields) path(field string) Path {
	if !f.has(field) {
		f.get(field)
		return Path{}
	}
	text := f.text(field)
	if _, ok := f.values[field].(string); !ok {
		return Path{}
	}
	path, err := ParsePath(text)
	if err != nil {
		f.refuse(field, "%v", err)
		return Path{}
	}
	f.checkPath(field, path, false)
	return path
}

// expression reads a path or an intrinsic function, as ErrorPath and CausePath
// have it.
func (f *fields) expression(field string) expression {
	text := f.text(field)
	if _, ok := f.values[field].(string); !ok {
		return constant{}
	}
	expr, err := parseExpression(text)
	if err != nil {
		f.refuse(field, "%v", err)
		return constant{}
	}
	expr.paths(func(path Path) { f.checkPath(field, path, false) })
	return expr
}

// template reads a payload template, or nil when the field is absent. Only an
// ItemSelector may use the item of a Map.
func (f *fields) template(field string, withItem bool) *template {
	value, ok := f.get(field)
	if !ok {
		return nil
	}
	if _, ok := value.(map[string]any); !ok {
		f.refuse(field, "is %s, want an object", typeName(value))
		return nil
	}
	compiled, err := parseTemplate(value)
	if err != nil {
		f.refuse(field, "%v", err)
		return nil
	}
	compiled.paths(func(path Path) { f.checkPath(field, path, withItem) })
	return &compiled
}

// checkPath refuses places of the context object that never exist here.
func (f *fields) checkPath(field string, path Path, withItem bool) {
	if !path.context || len(path.steps) == 0 {
		return
	}
	names := make([]string, 0, len(path.steps))
	for _, s := range path.steps {
		if s.isIndex {
			break
		}
		names = append(names, s.key)
	}
	for depth, place := 0, contextShape(withItem); place != nil; depth++ {
		if depth == len(names) {
			return
		}
		child, ok := place[names[depth]]
		if !ok {
			f.refuse(field, "path %s is not in the context object", path)
			return
		}
		place = child
	}
}

// shape is the form of an object; nil stands for anything.
type shape map[string]shape

// contextShape is what a definition may select from the context object. An
// item exists only while an ItemSelector is evaluated: the service tells users
// not to rely on it inside the iterations. See
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html.
func contextShape(withItem bool) shape {
	root := shape{
		"Execution": {
			"Id": nil, "Input": nil, "Name": nil, "RoleArn": nil, "StartTime": nil, "RedriveCount": nil,
		},
		"State":        {"Name": nil, "EnteredTime": nil, "RetryCount": nil},
		"StateMachine": {"Id": nil, "Name": nil},
	}
	if withItem {
		root["Map"] = shape{"Item": {"Index": nil, "Value": nil}}
	}
	return root
}
