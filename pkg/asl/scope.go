package asl

// scope is what an expression can see: $ is data, $$ the context object.
type scope struct {
	data    any
	context map[string]any
}

// expression is a path, an intrinsic function or a literal in one.
type expression interface {
	// eval returns the value, or a *TaskError.
	eval(sc scope) (any, error)
	// paths calls visit with every path the expression reads.
	paths(visit func(Path))
}

func (p Path) eval(sc scope) (any, error) {
	document := sc.data
	if p.context {
		document = sc.context
	}
	value, ok := p.Get(document)
	if !ok {
		return nil, failf(ErrorRuntime, "path %s selects nothing", p)
	}
	return value, nil
}

func (p Path) paths(visit func(Path)) {
	visit(p)
}
