package expr

import "strings"

// SQL renders the expression with every name replaced by what column returns:
// the name of a column in the engines' spelling. Check has to succeed before.
func (e *Expr) SQL(column func(table, column string) string) string {
	e.mustBeChecked()
	r := &renderer{column: column}
	return r.expr(e.root, lowest)
}

// renderer writes nodes in SQL.
type renderer struct {
	column func(table, column string) string
}

// level tells how tight an operator binds.
type level int

// The levels. Engines differ between comparisons, concatenation and signs, so
// that these stand in parentheses wherever they are operands.
const (
	lowest level = iota
	disjunctions
	conjunctions
	predicates
	concatenations
	sums
	products
	primary
)

// expr renders a node, in parentheses if it binds less tight than least.
func (r *renderer) expr(n *node, least level) string {
	sql, level := r.node(n)
	if level < least {
		return "(" + sql + ")"
	}
	return sql
}

// all renders the operands of a node as arguments.
func (r *renderer) all(n *node) string {
	args := make([]string, len(n.args))
	for i, a := range n.args {
		args[i] = r.expr(a, lowest)
	}
	return strings.Join(args, ", ")
}

// in renders a node as a value of a kind that is wider than its own, together
// with others that need digits. DuckDB would drop some after the point if there
// were too many.
func (r *renderer) in(n *node, kind Kind, among digits, least level) string {
	switch {
	case kind == Decimal && n.kind != Null && among.precision() > maxDigits:
		return "cast(" + r.expr(n, lowest) + " as " + among.sql() + ")"
	case kind == Double && (n.kind == Integer || n.kind == Decimal):
		return "cast(" + r.expr(n, lowest) + " as double precision)"
	case kind == Timestamp && n.kind == Date:
		return "cast(" + r.expr(n, lowest) + " as timestamp)"
	}
	return r.expr(n, least)
}

// wide renders a number that is calculated with: an integer with 64 bits.
func (r *renderer) wide(n *node, least level) string {
	if n.kind == Integer && !isWide(n) {
		return "cast(" + r.expr(n, lowest) + " as bigint)"
	}
	return r.expr(n, least)
}

// isWide reports whether an integer is rendered with 64 bits for certain.
func isWide(n *node) bool {
	switch n.op {
	case "+", "-", "*", "negative", "abs", "mod", "datediff":
		return true
	case "cast":
		return n.to.name == "bigint"
	}
	return false
}

// compared renders an operand of a comparison. Redshift ignores blanks at the
// end of a text, so that the others have to:
// https://docs.aws.amazon.com/redshift/latest/dg/r_Examples_with_character_types.html
func (r *renderer) compared(n *node, kind Kind, among digits) string {
	switch {
	case kind != Text:
		return r.in(n, kind, among, sums)
	case n.op == "literal":
		return quoteText(strings.TrimRight(n.text, " "))
	case endsWithoutBlanks(n):
		return r.expr(n, sums)
	}
	return "rtrim(" + r.expr(n, lowest) + ", ' ')"
}

func endsWithoutBlanks(n *node) bool {
	switch n.op {
	case "trim", "cast":
		return true
	case "lower", "upper":
		return endsWithoutBlanks(n.args[0])
	}
	return false
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (r *renderer) node(n *node) (string, level) {
	switch n.op {
	case "literal":
		return r.literal(n)
	case "column":
		return r.column(n.table, n.text), primary
	case "or":
		return r.expr(n.args[0], disjunctions) + " or " + r.expr(n.args[1], conjunctions), disjunctions
	case "and":
		return r.expr(n.args[0], conjunctions) + " and " + r.expr(n.args[1], predicates), conjunctions
	case "not":
		return "not " + r.expr(n.args[0], primary), predicates - 1
	case "||":
		return r.expr(n.args[0], concatenations) + " || " + r.expr(n.args[1], primary), concatenations
	case "+", "-":
		return r.sum(n, sums), sums
	case "*":
		return r.sum(n, products), products
	case "/":
		return r.quotient(n), products
	case "negative":
		return "-" + r.wide(n.args[0], primary), sums
	case "compare":
		return r.compared(n.args[0], n.among, common(n.args...)) + " " + n.text + " " + r.compared(n.args[1], n.among, common(n.args...)), predicates
	case "is null":
		return r.expr(n.args[0], primary) + " is" + not(n) + " null", predicates
	case "in":
		items := make([]string, 0, len(n.args))
		for _, a := range n.args[1:] {
			items = append(items, r.compared(a, n.among, common(n.args...)))
		}
		return r.compared(n.args[0], n.among, common(n.args...)) + not(n) + " in (" + strings.Join(items, ", ") + ")", predicates
	case "between":
		d := common(n.args...)
		return r.compared(n.args[0], n.among, d) + not(n) + " between " +
			r.compared(n.args[1], n.among, d) + " and " + r.compared(n.args[2], n.among, d), predicates
	case "like":
		return r.expr(n.args[0], primary) + not(n) + " like " + quoteText(n.text), predicates
	case "case":
		return r.cases(n), primary
	case "cast":
		return r.cast(n), primary
	}
	return functions()[n.op].render(r, n), primary
}

func not(n *node) string {
	if n.not {
		return " not"
	}
	return ""
}

func (r *renderer) literal(n *node) (string, level) {
	switch n.kind {
	case Text:
		return quoteText(n.text), primary
	case Date:
		return "date '" + n.text + "'", primary
	case Timestamp:
		return "timestamp '" + n.text + "'", primary
	}
	if strings.HasPrefix(n.text, "-") {
		return n.text, sums
	}
	return n.text, primary
}

// sum renders a sum, difference or product.
func (r *renderer) sum(n *node, own level) string {
	a, b := n.args[0], n.args[1]
	if n.kind == Integer && !isWide(a) && !isWide(b) {
		return r.wide(a, own) + " " + n.op + " " + r.expr(b, own+1)
	}
	if n.kind == Decimal {
		return r.calculation(n, own)
	}
	return r.in(a, n.kind, digits{}, own) + " " + n.op + " " + r.in(b, n.kind, digits{}, own+1)
}

// quotient renders a division, which gives null instead of an error.
func (r *renderer) quotient(n *node) string {
	a, b := n.args[0], n.args[1]
	if isNonZero(b) {
		return r.in(a, Double, digits{}, products) + " / " + r.in(b, Double, digits{}, primary)
	}
	return r.in(a, Double, digits{}, products) + " / nullif(" + r.in(b, Double, digits{}, lowest) + ", 0)"
}

func isNonZero(n *node) bool { return n.op == "literal" && strings.ContainsAny(n.text, "123456789") }

func hasValue(n *node) bool { return strings.HasPrefix(n.text, "value") }

func hasElse(n *node) bool { return strings.HasSuffix(n.text, "else") }

// split parts the operands of a case: what is compared, or the conditions, and
// the results, of which the last is the default if there is one.
func split(n *node) (conditions, results []*node) {
	args := n.args
	if hasValue(n) {
		conditions, args = append(conditions, args[0]), args[1:]
	}
	for ; len(args) > 1; args = args[2:] {
		conditions, results = append(conditions, args[0]), append(results, args[1])
	}
	return conditions, append(results, args...)
}

func (r *renderer) cases(n *node) string {
	var b strings.Builder
	b.WriteString("case")
	conditions, results := split(n)
	condition := func(c *node) string { return r.expr(c, lowest) }
	if hasValue(n) {
		d := common(conditions...)
		condition = func(c *node) string { return r.compared(c, n.among, d) }
		b.WriteString(" " + condition(conditions[0]))
		conditions = conditions[1:]
	}
	d := common(results...)
	for i, c := range conditions {
		b.WriteString(" when " + condition(c) + " then " + r.in(results[i], n.kind, d, lowest))
	}
	if hasElse(n) {
		b.WriteString(" else " + r.in(results[len(results)-1], n.kind, d, lowest))
	}
	return b.String() + " end"
}

// cast renders a cast. Engines round a double in different ways when they cast
// it, so that it is rounded before.
func (r *renderer) cast(n *node) string {
	from := n.args[0]
	value := r.expr(from, lowest)
	switch {
	case from.kind == Double && n.to.kind() == Integer:
		value = r.scaled(from, 0)
	case from.kind == Decimal && n.to.kind() == Integer:
		value = "round(" + value + ", 0)"
	case from.kind == Double && n.to.kind() == Decimal:
		value = "cast(" + r.scaled(from, n.to.scale) + " as bigint)"
		if n.to.scale > 0 {
			value = "cast(" + value + " as decimal(19,0)) * 0." + strings.Repeat("0", n.to.scale-1) + "1"
		}
	}
	return "cast(" + value + " as " + n.to.sql() + ")"
}
