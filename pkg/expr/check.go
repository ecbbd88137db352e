package expr

import (
	"errors"
	"fmt"
)

// Check binds the names and checks the kinds of an expression, and returns what
// it gives. Kind returns the kind of a column, or an error that says why there
// is no such column. The error is an [*Error].
func (e *Expr) Check(kind func(table, column string) (Kind, error)) (Kind, error) {
	c := &checker{column: kind}
	result := c.check(e.root)
	if c.err == nil && e.root.size > maxSize {
		c.fail(e.root, "the expression is too long; split it into several columns")
	}
	e.checked = c.err == nil
	if c.err != nil {
		return Null, c.err
	}
	return result, nil
}

// As returns the expression as a value of a type of model files, such as
// "decimal(18,2)": the text of a column's declaration. Check has to succeed
// before. It takes what loses nothing but the digits that a decimal has no
// place for, and text of any length: an engine refuses a text that is too
// long for its column.
func (e *Expr) As(declared string) (*Expr, error) {
	e.mustBeChecked()
	tokens, problem := scan(declared)
	if problem != nil {
		return nil, problem
	}
	p := &parser{tokens: tokens}
	to := p.dataType()
	if t := p.peek(0); t.kind != endToken {
		p.fail(t, "%s stands after the type", t)
	}
	if p.err != nil {
		return nil, p.err
	}
	from := e.root.kind
	switch {
	case from == Null, from == to.kind(), from == Date && to.kind() == Timestamp,
		from == Integer && to.kind().isNumber(),
		(from == Decimal || from == Double) && (to.kind() == Decimal || to.kind() == Double):
	default:
		return nil, &Error{e.root.at, fmt.Sprintf("the expression gives %s, but its column is declared %s; declare another type, or write cast(… as %s) where that is possible", from, to, to)}
	}
	if from == Text {
		return e, nil
	}
	if to.name == "decimal" && from == Double && to.scale > maxDoubleScale {
		return nil, &Error{e.root.at, doubleScale}
	}
	root := &node{op: "cast", args: []*node{e.root}, at: e.root.at, to: to, kind: to.kind()}
	return &Expr{text: e.text, root: root, names: e.names, checked: true}, nil
}

func (e *Expr) mustBeChecked() {
	if !e.checked {
		panic("expr: an expression is used before Check succeeded")
	}
}

// checker finds the kinds of nodes. After its first error it goes on without
// effect.
type checker struct {
	column func(table, column string) (Kind, error)
	err    *Error
}

func (c *checker) fail(n *node, format string, args ...any) Kind {
	if c.err == nil {
		c.err = &Error{n.at, fmt.Sprintf(format, args...)}
	}
	return Null
}

// check sets the kind and size of a node and of all below it.
func (c *checker) check(n *node) Kind {
	n.size = 4
	for _, a := range n.args {
		c.check(a)
		n.size += a.size + 8
	}
	// A subexpression that was wrong has no kind that says anything.
	if c.err == nil {
		n.kind = c.kind(n)
		n.digits = c.findDigits(n)
	}
	return n.kind
}

func (c *checker) kind(n *node) Kind {
	switch n.op {
	case "literal":
		return n.kind
	case "column":
		kind, err := c.column(n.table, n.text)
		if e, ok := errors.AsType[*Error](err); ok {
			return c.fail(n, "%s", e.Problem)
		}
		if err != nil {
			return c.fail(n, "%s", err)
		}
		if kind == Decimal {
			return c.fail(n, "the digits of this decimal are not known: its kind is given by DecimalOf")
		}
		scale := int(kind >> 16)
		n.digits = digits{int(kind>>8&0xff) - scale, scale}
		return kind.family()
	case "and", "or", "not":
		for _, a := range n.args {
			c.want(a, n.op, "a boolean", Bool)
		}
		return Bool
	case "+", "-", "*", "/", "negative":
		return c.arithmetic(n)
	case "||":
		for _, a := range n.args {
			if a.kind.isNumber() || a.kind == Date {
				return c.fail(a, "|| joins texts, but this is %s; write cast(… as string(n))", a.kind)
			}
			c.want(a, "||", "text", Text)
		}
		return Text
	case "compare", "in", "between":
		n.among = c.comparable(n.args)
		if n.among == Bool && !(n.op == "compare" && (n.text == "=" || n.text == "<>")) {
			return c.fail(n, "booleans are compared with = and <> only")
		}
		return Bool
	case "like":
		c.want(n.args[0], "like", "text", Text)
		return Bool
	case "is null":
		if n.args[0].kind == Null {
			return c.fail(n.args[0], "null is always null; a column or another value is expected")
		}
		return Bool
	case "case":
		return c.cases(n)
	case "cast":
		return c.cast(n)
	}
	return functions()[n.op].check(c, n)
}

// want requires one of the kinds.
func (c *checker) want(n *node, who, what string, kinds ...Kind) {
	for _, k := range kinds {
		if n.kind == k {
			return
		}
	}
	if n.kind == Null {
		c.fail(n, "%s of null is always null; %s is expected", who, what)
		return
	}
	c.fail(n, "%s takes %s, but this is %s%s", who, what, n.kind, hint(n, kinds[0]))
}

// hint ends a sentence with how a value becomes one of the wanted kind.
func hint(n *node, wanted Kind) string {
	switch {
	case wanted == Bool && n.kind.isNumber():
		return "; write … <> 0"
	case wanted == Bool && n.kind == Text:
		return "; write … = 'true'"
	case wanted.isNumber() && n.kind == Text:
		return "; declare the item's column as a number, with convert: true if the table holds it as text"
	case wanted.isNumber() && n.kind == Bool:
		return "; write case when … then 1 else 0 end"
	case wanted == Text && (n.kind.isNumber() || n.kind == Date):
		return "; write cast(… as string(n))"
	case wanted == Date && n.kind == Text && n.op == "literal":
		return "; write date '2024-12-31' or timestamp '2024-12-31 23:59:59'"
	case wanted == Timestamp && n.kind == Date:
		return "; write cast(… as timestamp)"
	case wanted == Date && n.kind == Text:
		return "; declare the item's column as timestamp or date"
	}
	return ""
}

func (c *checker) arithmetic(n *node) Kind {
	name := n.op
	if n.op == "negative" {
		name = "the sign -"
	}
	for _, a := range n.args {
		if a.kind.isTime() {
			return c.fail(n, "%s takes numbers, but this is %s; write dateadd(day, 1, x) or datediff(day, a, b)", name, a.kind)
		}
		if a.kind == Text && n.op == "+" {
			return c.fail(a, "+ takes numbers, but this is text; texts are joined with ||")
		}
		c.want(a, name, "numbers", Integer, Decimal, Double)
	}
	if n.op == "/" {
		return Double
	}
	return c.together(n.args)
}

// together returns the kind in which values of one column or comparison are
// brought together: nulls have any, and of numbers the widest decides.
func (c *checker) together(nodes []*node) Kind {
	result := Null
	for _, n := range nodes {
		switch {
		case n.kind == Null || n.kind == result:
		case result == Null:
			result = n.kind
		case result.isNumber() && n.kind.isNumber():
			result = max(result, n.kind)
		default:
			wanted := result
			if wanted == Timestamp && n.kind != Date {
				wanted = Date
			}
			return c.fail(n, "this is %s, but before it stands %s%s", n.kind, result, hint(n, wanted))
		}
	}
	return result
}

// comparable returns the kind in which values are compared.
func (c *checker) comparable(nodes []*node) Kind {
	for _, n := range nodes {
		if n.kind == Null {
			c.fail(n, "a comparison with null is never true; write is null or is not null")
		}
	}
	return c.together(nodes)
}

// cases checks a case and returns the kind of its results.
func (c *checker) cases(n *node) Kind {
	conditions, results := split(n)
	if hasValue(n) {
		n.among = c.comparable(conditions)
	} else {
		for _, a := range conditions {
			c.want(a, "when", "a boolean", Bool)
		}
	}
	kind := c.together(results)
	if kind == Null {
		return c.fail(n, "every result of the case is null; one value at least is expected")
	}
	return kind
}

// cast checks cast(x as type).
func (c *checker) cast(n *node) Kind {
	from, to := n.args[0], n.to.kind()
	switch {
	case from.kind == Null:
	case from.kind == Text && to == Text:
		return c.fail(from, "this is text already; leave the cast out, or write left(x, n) to shorten it")
	case from.kind == Text && to == Bool:
		return c.fail(from, "a text is not cast to a boolean; write … = 'true'")
	case from.kind == Text:
		return c.fail(from, "a text is not cast to %s, because the first text that is none would stop the night; declare the item's column as %s", n.to, n.to)
	case to == Text:
		return c.castToText(n)
	case from.kind.isNumber() && to.isNumber():
		if from.kind == Double && n.to.name == "decimal" && n.to.scale > maxDoubleScale {
			return c.fail(n, doubleScale)
		}
	case from.kind.isTime() && to.isTime():
	case from.kind == to:
	case to == Bool && from.kind.isNumber():
		return c.fail(from, "a number is not cast to a boolean; write … <> 0")
	case from.kind == Bool && to.isNumber():
		return c.fail(from, "a boolean is not cast to a number; write case when … then 1 else 0 end")
	default:
		return c.fail(from, "%s cannot become %s", from.kind, n.to)
	}
	return to
}

// castToText takes what all engines write alike, into a string that is long
// enough for all of it: a cast to a shorter one would cut in some engines.
func (c *checker) castToText(n *node) Kind {
	from := n.args[0]
	var needs int
	switch from.kind {
	case Integer:
		needs = 20
		if from.op == "cast" && from.to.name == "integer" {
			needs = 11
		}
	case Decimal:
		if from.op != "cast" && from.op != "column" {
			return c.fail(from, "the digits of a calculated decimal are not certain; write cast(cast(… as decimal(18,2)) as %s)", n.to)
		}
		needs = from.digits.precision() + 3
	case Date:
		needs = 10
	case Timestamp:
		return c.fail(from, "the engines write a timestamp in different ways; write cast(cast(… as date) as string(10))")
	case Double:
		return c.fail(from, "the engines write a double in different ways; write cast(cast(… as decimal(18,2)) as %s)", n.to)
	default:
		return c.fail(from, "%s is not cast to text; write case when … then 'true' else 'false' end", from.kind)
	}
	if n.to.length < needs {
		return c.fail(n, "%s may be too short for %s; write string(%d)", n.to, from.kind, needs)
	}
	return Text
}

// maxDoubleScale is how many digits after the point a double can be rounded to.
const (
	maxDoubleScale = 15
	doubleScale    = "a double has 15 reliable digits; declare a decimal with at most 15 digits after the point"
)
