package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Parse reads an expression. The error is an [*Error].
func Parse(text string) (*Expr, error) {
	tokens, problem := scan(text)
	if problem != nil {
		return nil, problem
	}
	p := &parser{tokens: tokens}
	root := p.or()
	if t := p.peek(0); t.kind != endToken {
		p.fail(t, "%s", leftover(t))
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Expr{text: text, root: root, names: p.names}, nil
}

// parser reads tokens by recursive descent. After its first error it stands at
// the end of the tokens, so that every loop ends.
type parser struct {
	tokens []token
	i      int
	level  int
	names  []Name
	err    *Error
}

func (p *parser) fail(at token, format string, args ...any) *node {
	if p.err == nil {
		p.err = &Error{at.at, fmt.Sprintf(format, args...)}
	}
	p.i = len(p.tokens) - 1
	return &node{op: "literal"}
}

func (p *parser) peek(n int) token { return p.tokens[min(p.i+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.peek(0)
	p.i = min(p.i+1, len(p.tokens)-1)
	return t
}

// accept moves past the words if they are next.
func (p *parser) accept(words ...string) bool {
	for i, w := range words {
		if !p.peek(i).is(w) {
			return false
		}
	}
	p.i += len(words)
	return true
}

func (p *parser) expect(word string) {
	if t := p.peek(0); !p.accept(word) {
		p.fail(t, `"%s" is expected, but here is %s`, word, t)
	}
}

// make makes a node of operands.
func (p *parser) make(op string, at token, args ...*node) *node {
	n := &node{op: op, text: at.text, at: at.at, args: args}
	for _, a := range args {
		n.depth = max(n.depth, a.depth+1)
	}
	if n.depth > maxDepth {
		return p.tooDeep(at)
	}
	return n
}

func (p *parser) tooDeep(at token) *node {
	return p.fail(at, "the expression is nested more than %d levels deep; split it into several columns", maxDepth)
}

// chain reads operands that operators of one level join.
func (p *parser) chain(operand func() *node, operators ...string) *node {
	n := operand()
	for p.peek(0).is(operators...) {
		op := p.next()
		n = p.make(op.text, op, n, operand())
	}
	return n
}

func (p *parser) or() *node {
	p.level++
	defer func() { p.level-- }()
	if p.level > maxDepth {
		return p.tooDeep(p.peek(0))
	}
	return p.chain(func() *node { return p.chain(p.negation, "and") }, "or")
}

func (p *parser) negation() *node {
	var nots []token
	for p.peek(0).is("not") && !p.peek(1).is(".") {
		nots = append(nots, p.next())
	}
	n := p.predicate()
	for i := len(nots) - 1; i >= 0; i-- {
		n = p.make("not", nots[i], n)
	}
	return n
}

// predicate reads a value, or a comparison of values.
func (p *parser) predicate() *node {
	left := p.concatenation()
	n := p.comparison(left)
	if t := p.peek(0); n != left && isPredicate(t) {
		return p.fail(t, `comparisons are not chained; join two with "and", or put one in parentheses`)
	}
	return n
}

func isPredicate(t token) bool {
	return t.is("=", "<>", "!=", "<", "<=", ">", ">=", "is", "in", "between", "like", "not")
}

func (p *parser) comparison(left *node) *node {
	t := p.peek(0)
	if t.is("=", "<>", "!=", "<", "<=", ">", ">=") {
		p.next()
		n := p.make("compare", t, left, p.concatenation())
		if n.text == "!=" {
			n.text = "<>"
		}
		return n
	}
	if p.accept("is") {
		not := p.accept("not")
		if w := p.peek(0); !p.accept("null") {
			return p.fail(w, `after "is", only "null" or "not null" is read; a boolean is tested by itself, and other values with =`)
		}
		n := p.make("is null", t, left)
		n.not = not
		return n
	}
	not := p.accept("not")
	t = p.peek(0)
	var n *node
	switch {
	case p.accept("in"):
		p.expect("(")
		if w := p.peek(0); w.is("select", "with") {
			return p.fail(w, "%s", subquery)
		}
		n = p.make("in", t, append([]*node{left}, p.list()...)...)
	case p.accept("between"):
		low := p.concatenation()
		p.expect("and")
		n = p.make("between", t, left, low, p.concatenation())
	case p.accept("like"):
		pattern := p.next()
		if pattern.kind != textToken {
			return p.fail(pattern, "the pattern of like has to be a text in single quotes, such as 'A%%'")
		}
		n = p.make("like", t, left)
		n.text = pattern.text
	case not:
		return p.fail(t, `after "not", "in", "between" or "like" is expected, but here is %s`, t)
	default:
		return left
	}
	n.not = not
	return n
}

func (p *parser) concatenation() *node { return p.chain(p.sum, "||") }

func (p *parser) sum() *node {
	return p.chain(func() *node { return p.chain(p.signed, "*", "/") }, "+", "-")
}

// signed reads a value with the signs before it.
func (p *parser) signed() *node {
	var signs []token
	for p.peek(0).is("-") {
		signs = append(signs, p.next())
	}
	n := p.value()
	for i := len(signs) - 1; i >= 0; i-- {
		if n.op == "literal" && n.kind.isNumber() && !strings.HasPrefix(n.text, "-") {
			n.text, n.at = "-"+n.text, signs[i].at
			continue
		}
		n = p.make("negative", signs[i], n)
	}
	return n
}

// value reads a literal, a column, a call, a case or a parenthesis.
func (p *parser) value() *node {
	t := p.next()
	switch {
	case t.is("("):
		if w := p.peek(0); w.is("select", "with") {
			return p.fail(w, "%s", subquery)
		}
		n := p.or()
		p.expect(")")
		return n
	case t.kind == numberToken:
		return p.number(t)
	case t.kind == textToken:
		return &node{op: "literal", kind: Text, text: t.text, at: t.at}
	case t.kind != wordToken && t.kind != quotedToken:
		return p.fail(t, "a value is expected, but here is %s", t)
	case p.peek(0).is(".") || t.kind == quotedToken:
		return p.column(t)
	case t.is("true", "false"):
		return &node{op: "literal", kind: Bool, text: t.text, at: t.at}
	case t.is("null"):
		return &node{op: "literal", kind: Null, text: t.text, at: t.at}
	case t.is("case"):
		return p.cases(t)
	case t.is("date", "timestamp") && p.peek(0).kind == textToken:
		return p.instant(t)
	}
	if problem := notAColumn(t); problem != "" {
		return p.fail(t, "%s", problem)
	}
	if p.peek(0).is("(") {
		return p.call(t)
	}
	return p.column(t)
}

// column reads the rest of a column's name.
func (p *parser) column(t token) *node {
	n := &node{op: "column", text: t.text, at: t.at}
	if p.accept(".") {
		c := p.next()
		if c.kind != wordToken && c.kind != quotedToken {
			return p.fail(c, "the name of a column is expected after %q, but here is %s", t.text+".", c)
		}
		if after := p.peek(0); after.is(".") {
			return p.fail(after, "a column is written as column or table.column, without a schema")
		}
		n.table, n.text = t.text, c.text
	}
	if after := p.peek(0); after.is("(") {
		return p.fail(after, "a function is called by its plain name, without quotes or a schema")
	}
	p.names = append(p.names, Name{Table: n.table, Column: n.text, Offset: n.at})
	return n
}

func (p *parser) number(t token) *node {
	n := &node{op: "literal", kind: Integer, at: t.at}
	whole, fraction, isDecimal := strings.Cut(t.text, ".")
	whole = strings.TrimLeft(whole, "0")
	n.text = whole
	if whole == "" {
		n.text = "0"
	}
	if isDecimal {
		n.kind, n.text, n.digits = Decimal, n.text+"."+fraction, digits{len(n.text), len(fraction)}
		if len(whole)+len(fraction) > maxDigits {
			return p.fail(t, "a number has at most %d digits", maxDigits)
		}
		return n
	}
	if _, err := strconv.ParseInt(n.text, 10, 64); err != nil {
		return p.fail(t, "an integer has at most 64 bits; a larger number is written as a decimal, such as 1.0")
	}
	return n
}

// instant reads the text after date or timestamp.
func (p *parser) instant(t token) *node {
	value := p.next()
	n := &node{op: "literal", kind: Date, at: t.at}
	layout, example := "2006-01-02", "date '2024-12-31'"
	if t.text == "timestamp" {
		n.kind, layout, example = Timestamp, "2006-01-02 15:04:05", "timestamp '2024-12-31 23:59:59', in UTC and with at most six digits after the second"
	}
	at, err := time.Parse(layout, strings.Replace(value.text, "T", " ", 1))
	if err != nil || at.Year() < 1 || at.Nanosecond()%1000 != 0 {
		return p.fail(value, "%s is not a %s that exists; write %s", value, t.text, example)
	}
	n.text = at.Format(strings.Replace(layout, "05", "05.999999", 1))
	return n
}

// cases reads the rest of case: its operands are the value that is compared, if
// there is one, then pairs of condition and result, then the default if there
// is one. The text tells them apart.
func (p *parser) cases(t token) *node {
	n := p.make("case", t)
	n.text = ""
	if !p.peek(0).is("when") || p.peek(1).is(".") {
		n.text = "value"
		n.args = append(n.args, p.or())
	}
	for p.accept("when") {
		n.args = append(n.args, p.or())
		p.expect("then")
		n.args = append(n.args, p.or())
	}
	if len(n.args) < 2 {
		return p.fail(p.peek(0), `"when" is expected, but here is %s`, p.peek(0))
	}
	if p.accept("else") {
		n.text += " else"
		n.args = append(n.args, p.or())
	}
	p.expect("end")
	made := p.make("case", t, n.args...)
	made.text = n.text
	return made
}

// list reads values up to the closing parenthesis, one at least.
func (p *parser) list() []*node {
	args := []*node{p.or()}
	for p.accept(",") {
		args = append(args, p.or())
	}
	p.expect(")")
	return args
}

// call reads the rest of a call of a function.
func (p *parser) call(t token) *node {
	f, ok := functions()[t.text]
	if !ok {
		return p.fail(t, "%s", unknownFunction(t.text))
	}
	p.next()
	var part string
	switch t.text {
	case "cast":
		operand := p.or()
		p.expect("as")
		n := p.make("cast", t, operand)
		n.to = p.dataType()
		p.expect(")")
		return n
	case "extract":
		part = p.part(t, "from")
	case "date_trunc", "datediff", "dateadd":
		part = p.part(t, ",")
	}
	var args []*node
	if !p.accept(")") {
		args = p.list()
	}
	if len(args) < f.least || len(args) > f.most {
		return p.fail(t, "%s is written %s", t.text, f.usage)
	}
	n := p.make(t.text, t, args...)
	n.text = part
	return n
}

// part reads the date part of a function and what follows it.
func (p *parser) part(f token, after string) string {
	t := p.next()
	parts := dateParts(f.text)
	for _, part := range parts {
		if (t.kind == wordToken || t.kind == textToken) && strings.ToLower(t.text) == part {
			p.expect(after)
			return part
		}
	}
	p.fail(t, "%s is not a part that %s takes; it takes %s", t, f.text, strings.Join(parts, ", "))
	return ""
}
