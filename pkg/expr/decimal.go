package expr

import "fmt"

// DecimalOf is the kind of a column that is declared decimal(precision,scale).
// Only a column has it: Check returns Decimal for an expression.
func DecimalOf(precision, scale int) Kind {
	return Decimal | Kind(precision)<<8 | Kind(scale)<<16
}

// family is the kind without its digits.
func (k Kind) family() Kind { return k & 0xff }

// digits are the places of a decimal before and after its point. An integer has
// as many as its column may have in some engine. They follow the rules of
// DuckDB, which the other engines have room for:
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
type digits struct{ whole, scale int }

func (d digits) precision() int { return d.whole + d.scale }

// bounded shortens the whole part until all digits fit in a decimal. A value
// that has more of them is an error of the engine.
func (d digits) bounded() digits {
	return digits{min(d.whole, max(0, maxDigits-d.scale)), d.scale}
}

func (d digits) sql() string {
	d = d.bounded()
	return fmt.Sprintf("decimal(%d,%d)", d.precision(), d.scale)
}

// longInteger is how many digits an integer of 64 bits has, and the least
// precision with which DuckDB calculates in 128 bits: two decimals of less stay
// in 64 bits, even where the result has more.
const longInteger = 19

// common has room for the numbers of all nodes.
func common(nodes ...*node) digits {
	var d digits
	for _, n := range nodes {
		d.whole, d.scale = max(d.whole, n.digits.whole), max(d.scale, n.digits.scale)
	}
	return d
}

// lift returns what the first operand of a calculation with decimals is cast
// to, if it has to be so that DuckDB calculates in 128 bits.
func lift(n *node) (to digits, needed bool) {
	a, b := n.args[0].digits, n.args[1].digits
	if max(a.precision(), b.precision()) >= longInteger {
		return a, false
	}
	if n.op == "*" {
		return digits{longInteger - a.scale, a.scale}, a.precision()+b.precision() >= longInteger
	}
	c := common(n.args...)
	return digits{max(longInteger, c.precision()) - c.scale, c.scale}, c.precision()+1 >= longInteger
}

// findDigits sets the digits of a node whose operands have theirs.
func (c *checker) findDigits(n *node) digits {
	switch {
	case n.kind == Integer && n.op == "literal" && len(n.text) < 10:
		return digits{whole: 10}
	case n.kind == Integer:
		return digits{whole: longInteger}
	case n.kind != Decimal:
		return digits{}
	}
	switch n.op {
	case "literal", "column":
		return n.digits
	case "cast":
		return digits{n.to.precision - n.to.scale, n.to.scale}
	case "negative", "abs":
		return n.args[0].digits
	case "floor", "ceil":
		return digits{whole: n.args[0].digits.precision()}
	case "round":
		scale := min(n.args[0].digits.scale, atoi(n.args[1].text))
		return digits{n.args[0].digits.precision() - scale, scale}
	case "+", "-":
		to, needed := lift(n)
		if !needed {
			to = common(n.args...)
		}
		return digits{to.whole + 1, to.scale}.bounded()
	case "*":
		a, b := n.args[0].digits, n.args[1].digits
		if to, needed := lift(n); needed {
			a = to
		}
		if a.scale+b.scale > maxDigits {
			c.fail(n, "the product has %d digits after the point, and at most %d are possible; cast a factor to a decimal with fewer", a.scale+b.scale, maxDigits)
		}
		return digits{a.whole + b.whole, a.scale + b.scale}.bounded()
	case "case":
		_, results := split(n)
		return common(results...).bounded()
	}
	return common(n.args...).bounded()
}

// calculation renders a sum, difference or product of decimals.
func (r *renderer) calculation(n *node, own level) string {
	a, b := n.args[0], n.args[1]
	left := r.factor(a, own)
	if to, needed := lift(n); needed {
		left = "cast(" + r.expr(a, lowest) + " as " + to.sql() + ")"
	}
	return left + " " + n.op + " " + r.factor(b, own+1)
}

// factor renders an integer with the 64 bits that its digits are counted for.
func (r *renderer) factor(n *node, least level) string {
	if n.op == "literal" {
		return r.expr(n, least)
	}
	return r.wide(n, least)
}
