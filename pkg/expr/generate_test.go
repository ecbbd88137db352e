package expr_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nightstar-elt/nightstar/pkg/expr"
)

// row is a row of the table that expressions are evaluated over. A value is
// nil, *big.Rat for an integer or a decimal, float64, string, bool or time.Time.
type row map[string]any

// unsure is what an evaluation panics with where the language promises nothing:
// a number that leaves its type, or a double beyond its reliable digits.
type unsure struct{}

// sample is an expression with a plain evaluation of it, which knows nothing of
// SQL. Every operand is evaluated, as an engine may do.
type sample struct {
	text  string
	level int // 0 or, 1 and, 2 not, 3 comparison, 4 ||, 5 sum, 6 product, 7 sign, 8 anything else
	kind  expr.Kind
	scale int // of a decimal: digits after the point, at most
	eval  func(row) any
}

func (s sample) in(level int) string {
	if s.level < level {
		return "(" + s.text + ")"
	}
	return s.text
}

// strict makes an evaluation that gives null if an operand is null.
func strict(f func(v []any) any, args ...sample) func(row) any {
	return func(r row) any {
		values := make([]any, len(args))
		null := false
		for i, a := range args {
			values[i] = a.eval(r)
			null = null || values[i] == nil
		}
		if null {
			return nil
		}
		return f(values)
	}
}

// generator makes random expressions whose kinds are right.
type generator struct{ *rand.Rand }

func pick[T any](g generator, values ...T) T { return values[g.IntN(len(values))] }

func rat(n, d int64) *big.Rat { return big.NewRat(n, d) }

func tenTo(n int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
}

// kindOfColumn lists the columns of each kind in the table of the test.
func columnsOf(kind expr.Kind) []string {
	return map[expr.Kind][]string{
		expr.Integer: {"i", "j"}, expr.Decimal: {"d", "e"}, expr.Double: {"f", "g"}, expr.Text: {"s", "t"},
		expr.Bool: {"b", "c"}, expr.Date: {"day", "until"}, expr.Timestamp: {"created", "closed"},
	}[kind]
}

// make makes an expression of a kind, of at most depth levels.
func (g generator) make(kind expr.Kind, depth int) sample {
	if depth <= 0 || g.IntN(8) == 0 {
		return g.leaf(kind)
	}
	depth--
	if g.IntN(4) == 0 {
		return g.common(kind, depth)
	}
	switch kind {
	case expr.Integer:
		return g.integer(depth)
	case expr.Decimal:
		return g.decimal(depth)
	case expr.Double:
		return g.double(depth)
	case expr.Text:
		return g.text(depth)
	case expr.Bool:
		return g.boolean(depth)
	default:
		return g.instant(kind, depth)
	}
}

func (g generator) leaf(kind expr.Kind) sample {
	s := sample{kind: kind, level: 8}
	if kind == expr.Decimal {
		s.scale = 4
	}
	var v any
	switch {
	case g.IntN(3) > 0 || kind == expr.Double:
		column := pick(g, columnsOf(kind)...)
		s.text, s.eval = column, func(r row) any { return r[column] }
		return s
	case kind == expr.Integer:
		n := pick(g, 0, 1, 2, 7, 100, -1, -3, 2147483647)
		s.text, v = fmt.Sprint(n), rat(int64(n), 1)
		if n < 0 {
			s.level = 7
		}
	case kind == expr.Decimal:
		s.text = pick(g, "0.0", "1.5", "2.25", ".5", "10.005", "0.0001")
		v, _ = new(big.Rat).SetString(s.text)
	case kind == expr.Text:
		text := pick(g, "", " ", "a", "a ", "Ab", "it's", "x%y", "ü", "日本 ")
		s.text, v = "'"+strings.ReplaceAll(text, "'", "''")+"'", text
	case kind == expr.Bool:
		s.text, v = "true", true
	case kind == expr.Date:
		s.text, v = "date '2024-02-29'", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	default:
		s.text, v = "timestamp '1969-12-31 23:59:59.75'", time.Date(1969, 12, 31, 23, 59, 59, 750e6, time.UTC)
	}
	s.eval = func(row) any { return v }
	return s
}

// common makes what there is for values of any kind.
func (g generator) common(kind expr.Kind, depth int) sample {
	a, b := g.make(kind, depth), g.make(kind, depth)
	s := sample{kind: kind, level: 8, scale: max(a.scale, b.scale)}
	a.eval, b.eval = within(a.eval, s.scale), within(b.eval, s.scale)
	ordered := kind != expr.Text && kind != expr.Bool
	switch n := g.IntN(5); {
	case n == 0 && ordered:
		name := pick(g, "greatest", "least")
		s.text = fmt.Sprintf("%s(%s, %s)", name, a.text, b.text)
		s.eval = func(r row) any {
			x, y := a.eval(r), b.eval(r)
			if x == nil || y != nil && (compare(x, y) < 0) == (name == "greatest") {
				return y
			}
			return x
		}
	case n == 1 && kind != expr.Bool:
		s.text = fmt.Sprintf("nullif(%s, %s)", a.text, b.text)
		s.eval = func(r row) any {
			x, y := a.eval(r), b.eval(r)
			if x != nil && y != nil && compare(x, y) == 0 {
				return nil
			}
			return x
		}
	case n == 2:
		when := g.make(expr.Bool, depth)
		s.text = fmt.Sprintf("case when %s then %s else %s end", when.text, a.text, b.text)
		s.eval = func(r row) any {
			x, y := a.eval(r), b.eval(r)
			if when.eval(r) == true {
				return x
			}
			return y
		}
	case n == 3:
		of := pick(g, expr.Integer, expr.Text, expr.Date)
		x, y := g.make(of, depth), g.make(of, depth)
		s.text = fmt.Sprintf("case %s when %s then %s when %s then %s end", x.text, y.text, a.text, x.text, b.text)
		s.eval = func(r row) any {
			v, w, one, two := x.eval(r), y.eval(r), a.eval(r), b.eval(r)
			switch {
			case v != nil && w != nil && compare(v, w) == 0:
				return one
			case v != nil:
				return two
			}
			return nil
		}
	default:
		s.text = fmt.Sprintf("coalesce(%s, %s)", a.text, b.text)
		s.eval = func(r row) any {
			x, y := a.eval(r), b.eval(r)
			if x == nil {
				return y
			}
			return x
		}
	}
	return s
}

// compare orders values: texts without the blanks at their end.
func compare(a, b any) int {
	switch a := a.(type) {
	case *big.Rat:
		if _, ok := b.(float64); ok {
			return compare(float(a), b)
		}
		return a.Cmp(b.(*big.Rat))
	case float64:
		x := a - float(b)
		return map[bool]int{true: 1}[x > 0] - map[bool]int{true: 1}[x < 0]
	case string:
		return strings.Compare(strings.TrimRight(a, " "), strings.TrimRight(b.(string), " "))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		return map[bool]int{true: 1}[a] - map[bool]int{true: 1}[b.(bool)]
	}
	panic(fmt.Sprintf("%T", a))
}

// float turns a number into a double, if all engines find the same one.
func float(v any) float64 {
	if f, ok := v.(float64); ok {
		return f
	}
	f, _ := v.(*big.Rat).Float64()
	return checked(f)
}

func checked(f float64) float64 {
	if math.Abs(f) > 1e12 || f != 0 && math.Abs(f) < 1e-12 {
		panic(unsure{})
	}
	return f
}

func integer(v *big.Rat) *big.Rat {
	if !v.IsInt() || !v.Num().IsInt64() {
		panic(unsure{})
	}
	return v
}

func round(v *big.Rat, places int) *big.Rat {
	scaled := new(big.Rat).Mul(v, tenTo(places))
	half := rat(int64(scaled.Sign()), 2)
	scaled.Add(scaled, half)
	return new(big.Rat).Quo(new(big.Rat).SetInt(new(big.Int).Quo(scaled.Num(), scaled.Denom())), tenTo(places))
}

// fits refuses a decimal that has more digits before the point than its type.
func fits(v *big.Rat, precision, scale int) *big.Rat {
	if new(big.Rat).Abs(v).Cmp(tenTo(precision-scale)) >= 0 {
		panic(unsure{})
	}
	return v
}

// within refuses a decimal that does not fit beside others of a scale.
func within(eval func(row) any, scale int) func(row) any {
	return func(r row) any {
		v := eval(r)
		if x, ok := v.(*big.Rat); ok {
			fits(x, 38, scale)
		}
		return v
	}
}

func roundFloat(f float64, places int) float64 {
	return math.Floor(checked(f)*math.Pow10(places) + 0.5)
}

func floorRat(v *big.Rat) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Div(v.Num(), v.Denom())) // Euclidean: the denominator is positive
}

// arithmetic makes a sum, difference or product of numbers.
func (g generator) arithmetic(kind expr.Kind, a, b sample) sample {
	op := pick(g, "+", "-", "*")
	level := map[string]int{"+": 5, "-": 5, "*": 6}[op]
	s := sample{kind: kind, level: level, text: a.in(level) + " " + op + " " + b.in(level+1)}
	s.scale = max(a.scale, b.scale)
	if op == "*" {
		s.scale = a.scale + b.scale
	}
	if kind == expr.Decimal && s.scale > 38 {
		return a
	}
	s.eval = strict(func(v []any) any {
		if kind == expr.Double {
			x, y := float(v[0]), float(v[1])
			return checked(map[string]float64{"+": x + y, "-": x - y, "*": x * y}[op])
		}
		x, y, z := v[0].(*big.Rat), v[1].(*big.Rat), new(big.Rat)
		switch op {
		case "+":
			z.Add(x, y)
		case "-":
			z.Sub(x, y)
		default:
			z.Mul(x, y)
		}
		if kind == expr.Integer {
			return integer(z)
		}
		fits(x, 38, max(a.scale, b.scale))
		fits(y, 38, max(a.scale, b.scale))
		return fits(z, 38, s.scale)
	}, a, b)
	return s
}

// signed makes -x or abs(x).
func (g generator) signed(a sample) sample {
	s := a
	negative := g.IntN(2) == 0
	s.text, s.level = "abs("+a.text+")", 8
	if negative {
		s.text, s.level = "- "+a.in(7), 7
	}
	s.eval = strict(func(v []any) any {
		if f, ok := v[0].(float64); ok {
			if negative {
				return -f
			}
			return math.Abs(f)
		}
		z := new(big.Rat).Neg(v[0].(*big.Rat))
		if !negative {
			z.Abs(z)
		}
		if a.kind == expr.Integer {
			integer(z)
		}
		return z
	}, a)
	return s
}

func (g generator) integer(depth int) sample {
	s := sample{kind: expr.Integer, level: 8}
	switch g.IntN(8) {
	case 0:
		return g.signed(g.make(expr.Integer, depth))
	case 1:
		a, b := g.make(expr.Integer, depth), g.make(expr.Integer, depth)
		s.text = fmt.Sprintf("mod(%s, %s)", a.text, b.text)
		s.eval = strict(func(v []any) any {
			x, y := v[0].(*big.Rat).Num(), v[1].(*big.Rat).Num()
			if y.Sign() == 0 {
				return nil
			}
			return new(big.Rat).SetInt(new(big.Int).Rem(x, y))
		}, a, b)
	case 2:
		a := g.make(expr.Text, depth)
		s.text = fmt.Sprintf("length(%s)", a.text)
		s.eval = strict(func(v []any) any { return rat(int64(utf8.RuneCountInString(v[0].(string))), 1) }, a)
	case 3:
		a, part := g.make(expr.Timestamp, depth), pick(g, "year", "quarter", "month", "day", "hour", "minute", "second", "dow", "doy")
		s.text = fmt.Sprintf("extract(%s from %s)", part, a.text)
		s.eval = strict(func(v []any) any {
			t := v[0].(time.Time)
			return rat(int64(map[string]int{
				"year": t.Year(), "quarter": (int(t.Month()) + 2) / 3, "month": int(t.Month()), "day": t.Day(),
				"hour": t.Hour(), "minute": t.Minute(), "second": t.Second(), "dow": int(t.Weekday()), "doy": t.YearDay(),
			}[part]), 1)
		}, a)
	case 4:
		kinds := []expr.Kind{expr.Date, expr.Timestamp}
		a, b := g.make(pick(g, kinds...), depth), g.make(pick(g, kinds...), depth)
		part := pick(g, "second", "minute", "hour", "day")
		s.text = fmt.Sprintf("datediff(%s, %s, %s)", part, a.text, b.text)
		s.eval = strict(func(v []any) any {
			seconds := map[string]int64{"second": 1, "minute": 60, "hour": 3600, "day": 86400}[part]
			boundary := func(t any) *big.Rat { return floorRat(rat(t.(time.Time).Unix(), seconds)) }
			return new(big.Rat).Sub(boundary(v[1]), boundary(v[0]))
		}, a, b)
	case 5:
		a := g.make(pick(g, expr.Decimal, expr.Double), depth)
		s.text = fmt.Sprintf("cast(%s as bigint)", a.text)
		s.eval = strict(func(v []any) any {
			if f, ok := v[0].(float64); ok {
				return rat(int64(roundFloat(f, 0)), 1)
			}
			return integer(round(v[0].(*big.Rat), 0))
		}, a)
	default:
		return g.arithmetic(expr.Integer, g.make(expr.Integer, depth), g.make(expr.Integer, depth))
	}
	return s
}

// rounded makes floor, ceil and round.
func (g generator) rounded(a sample) sample {
	s := a
	name, places := pick(g, "floor", "ceil", "round"), g.IntN(3)
	s.level, s.scale = 8, 0
	s.text = fmt.Sprintf("%s(%s)", name, a.text)
	if name == "round" {
		s.text, s.scale = fmt.Sprintf("round(%s, %d)", a.text, places), min(a.scale, places)
	}
	s.eval = strict(func(v []any) any {
		if f, ok := v[0].(float64); ok {
			switch name {
			case "floor":
				return math.Floor(f)
			case "ceil":
				return math.Ceil(f)
			}
			return roundFloat(f, places) / math.Pow10(places)
		}
		x := v[0].(*big.Rat)
		switch name {
		case "floor":
			return floorRat(x)
		case "ceil":
			return new(big.Rat).Neg(floorRat(new(big.Rat).Neg(x)))
		}
		return round(x, places)
	}, a)
	return s
}

func (g generator) decimal(depth int) sample {
	switch g.IntN(5) {
	case 0:
		return g.signed(g.make(expr.Decimal, depth))
	case 1:
		return g.rounded(g.make(expr.Decimal, depth))
	case 2:
		a := g.make(pick(g, expr.Integer, expr.Decimal, expr.Double), depth)
		s := sample{kind: expr.Decimal, level: 8, scale: g.IntN(5)}
		precision := pick(g, 12, 18, 30)
		s.text = fmt.Sprintf("cast(%s as decimal(%d,%d))", a.text, precision, s.scale)
		s.eval = strict(func(v []any) any {
			if f, ok := v[0].(float64); ok {
				return fits(new(big.Rat).Quo(rat(int64(roundFloat(f, s.scale)), 1), tenTo(s.scale)), precision, s.scale)
			}
			return fits(round(v[0].(*big.Rat), s.scale), precision, s.scale)
		}, a)
		return s
	default:
		a, b := g.make(expr.Decimal, depth), g.make(pick(g, expr.Decimal, expr.Integer), depth)
		return g.arithmetic(expr.Decimal, a, b)
	}
}

func (g generator) double(depth int) sample {
	numbers := []expr.Kind{expr.Integer, expr.Decimal, expr.Double}
	switch g.IntN(5) {
	case 0:
		return g.signed(g.make(expr.Double, depth))
	case 1:
		return g.rounded(g.make(expr.Double, depth))
	case 2:
		a := g.make(pick(g, numbers...), depth)
		return sample{
			kind: expr.Double, level: 8, text: fmt.Sprintf("cast(%s as double)", a.text),
			eval: strict(func(v []any) any { return float(v[0]) }, a),
		}
	case 3:
		a, b := g.make(pick(g, numbers...), depth), g.make(pick(g, numbers...), depth)
		return sample{
			kind: expr.Double, level: 6, text: a.in(6) + " / " + b.in(7),
			eval: strict(func(v []any) any {
				x, y := float(v[0]), float(v[1])
				if y == 0 {
					return nil
				}
				return checked(x / y)
			}, a, b),
		}
	default:
		return g.arithmetic(expr.Double, g.make(expr.Double, depth), g.make(pick(g, numbers...), depth))
	}
}

func (g generator) text(depth int) sample {
	a := g.make(expr.Text, depth)
	s := sample{kind: expr.Text, level: 8}
	ascii := func(f func(string) string) func([]any) any {
		return func(v []any) any {
			if strings.ContainsFunc(v[0].(string), func(r rune) bool { return r >= utf8.RuneSelf }) {
				panic(unsure{})
			}
			return f(v[0].(string))
		}
	}
	n, start := 1+g.IntN(3), 1+g.IntN(3)
	cutTo := func(v []any, from, to int) string {
		runes := []rune(v[0].(string))
		return string(runes[min(max(from, 0), len(runes)):min(max(to, 0), len(runes))])
	}
	switch g.IntN(9) {
	case 0:
		s.text, s.eval = "lower("+a.text+")", strict(ascii(strings.ToLower), a)
	case 1:
		s.text, s.eval = "upper("+a.text+")", strict(ascii(strings.ToUpper), a)
	case 2:
		s.text, s.eval = "trim("+a.text+")", strict(func(v []any) any { return strings.Trim(v[0].(string), " ") }, a)
	case 3:
		s.text = fmt.Sprintf("substring(%s, %d, %d)", a.text, start, n)
		s.eval = strict(func(v []any) any { return cutTo(v, start-1, start-1+n) }, a)
	case 4:
		s.text = fmt.Sprintf("left(%s, %d)", a.text, n)
		s.eval = strict(func(v []any) any { return cutTo(v, 0, n) }, a)
	case 5:
		s.text = fmt.Sprintf("right(%s, %d)", a.text, n)
		s.eval = strict(func(v []any) any {
			length := utf8.RuneCountInString(v[0].(string))
			return cutTo(v, length-n, length)
		}, a)
	case 6:
		b := g.make(expr.Text, depth)
		from := pick(g, "a", "日", " ")
		s.text = fmt.Sprintf("replace(%s, '%s', %s)", a.text, from, b.text)
		s.eval = strict(func(v []any) any { return strings.ReplaceAll(v[0].(string), from, v[1].(string)) }, a, b)
	case 7:
		b := g.make(pick(g, expr.Integer, expr.Date), depth)
		s.text = fmt.Sprintf("cast(%s as string(20))", b.text)
		s.eval = strict(func(v []any) any {
			if t, ok := v[0].(time.Time); ok {
				return t.Format(time.DateOnly)
			}
			return v[0].(*big.Rat).Num().String()
		}, b)
	default:
		b := g.make(expr.Text, depth)
		s.level, s.text = 4, a.in(4)+" || "+b.in(5)
		s.eval = strict(func(v []any) any { return v[0].(string) + v[1].(string) }, a, b)
	}
	return s
}

// like matches a pattern in the plainest way.
func like(s, pattern []rune) bool {
	if len(pattern) == 0 {
		return len(s) == 0
	}
	if pattern[0] == '%' {
		for i := range len(s) + 1 {
			if like(s[i:], pattern[1:]) {
				return true
			}
		}
		return false
	}
	return len(s) > 0 && (pattern[0] == '_' || pattern[0] == s[0]) && like(s[1:], pattern[1:])
}

func (g generator) boolean(depth int) sample {
	s := sample{kind: expr.Bool, level: 3}
	kind := pick(g, expr.Integer, expr.Decimal, expr.Double, expr.Text, expr.Date, expr.Timestamp)
	kinds := []expr.Kind{kind}
	if kind == expr.Integer || kind == expr.Decimal || kind == expr.Double {
		kinds = []expr.Kind{expr.Integer, expr.Decimal, expr.Double}
	}
	a, b, c := g.make(kind, depth), g.make(pick(g, kinds...), depth), g.make(pick(g, kinds...), depth)
	not, word := g.IntN(2) == 0, ""
	if not {
		word = "not "
	}
	switch g.IntN(8) {
	case 0:
		s.text = fmt.Sprintf("%s is %snull", a.in(4), word)
		s.eval = func(r row) any { return (a.eval(r) == nil) != not }
	case 1:
		s.text = fmt.Sprintf("%s %sin (%s, %s)", a.in(4), word, b.text, c.text)
		s.eval = func(r row) any {
			x, y, z := a.eval(r), b.eval(r), c.eval(r)
			same := func(v any) any {
				if x == nil || v == nil {
					return nil
				}
				if among(a, b, c) == expr.Double {
					return float(x) == float(v)
				}
				return compare(x, v) == 0
			}
			return negate(either(same(y), same(z)), not)
		}
	case 2:
		s.text = fmt.Sprintf("%s %sbetween %s and %s", a.in(4), word, b.in(4), c.in(4))
		s.eval = func(r row) any {
			x, y, z := a.eval(r), b.eval(r), c.eval(r)
			less := func(v, w any) any {
				if v == nil || w == nil {
					return nil
				}
				if among(a, b, c) == expr.Double {
					return float(v) <= float(w)
				}
				return compare(v, w) <= 0
			}
			return negate(negate(either(negate(less(y, x), true), negate(less(x, z), true)), true), not)
		}
	case 3:
		text, pattern := g.make(expr.Text, depth), pick(g, "a%", "%b", "_", "%'s%", "%日_%", "", "x%%y")
		s.text = fmt.Sprintf("%s %slike '%s'", text.in(4), word, strings.ReplaceAll(pattern, "'", "''"))
		s.eval = strict(func(v []any) any { return like([]rune(v[0].(string)), []rune(pattern)) != not }, text)
	case 4:
		x := g.make(expr.Bool, depth)
		s.level, s.text = 2, "not "+x.in(2)
		s.eval = func(r row) any { return negate(x.eval(r), true) }
	case 5:
		x, y := g.make(expr.Bool, depth), g.make(expr.Bool, depth)
		s.level, s.text = 0, x.in(0)+" or "+y.in(1)
		s.eval = func(r row) any { return either(x.eval(r), y.eval(r)) }
	case 6:
		x, y := g.make(expr.Bool, depth), g.make(expr.Bool, depth)
		s.level, s.text = 1, x.in(1)+" and "+y.in(2)
		s.eval = func(r row) any {
			return negate(either(negate(x.eval(r), true), negate(y.eval(r), true)), true)
		}
	default:
		op := pick(g, "=", "<>", "!=", "<", "<=", ">", ">=")
		s.text = fmt.Sprintf("%s %s %s", a.in(4), op, b.in(4))
		s.eval = strict(func(v []any) any {
			n := compare(v[0], v[1])
			return map[string]bool{"=": n == 0, "<>": n != 0, "!=": n != 0, "<": n < 0, "<=": n <= 0, ">": n > 0, ">=": n >= 0}[op]
		}, a, b)
	}
	return s
}

// among is the kind in which values are compared.
func among(samples ...sample) expr.Kind {
	for _, s := range samples {
		if s.kind == expr.Double {
			return expr.Double
		}
	}
	return samples[0].kind
}

func negate(v any, not bool) any {
	if b, ok := v.(bool); ok {
		return b != not
	}
	return v
}

func either(a, b any) any {
	switch {
	case a == true || b == true:
		return true
	case a == nil || b == nil:
		return nil
	}
	return false
}

func (g generator) instant(kind expr.Kind, depth int) sample {
	s := sample{kind: kind, level: 8}
	a := g.make(pick(g, expr.Date, expr.Timestamp), depth)
	if kind == expr.Date {
		s.text = fmt.Sprintf("cast(%s as date)", a.text)
		s.eval = strict(func(v []any) any { return v[0].(time.Time).Truncate(24 * time.Hour) }, a)
		return s
	}
	switch g.IntN(3) {
	case 0:
		s.text = fmt.Sprintf("cast(%s as timestamp)", a.text)
		s.eval = a.eval
	case 1:
		part, n := pick(g, "week", "day", "hour", "minute", "second"), g.IntN(2001)-1000
		s.text = fmt.Sprintf("dateadd(%s, %d, %s)", part, n, a.text)
		s.eval = strict(func(v []any) any {
			unit := map[string]time.Duration{"week": 168 * time.Hour, "day": 24 * time.Hour, "hour": time.Hour, "minute": time.Minute, "second": time.Second}[part]
			return v[0].(time.Time).Add(time.Duration(n) * unit)
		}, a)
	default:
		part := pick(g, "year", "quarter", "month", "week", "day", "hour", "minute", "second")
		s.text = fmt.Sprintf("date_trunc('%s', %s)", part, a.text)
		s.eval = strict(func(v []any) any { return truncate(part, v[0].(time.Time)) }, a)
	}
	return s
}

func truncate(part string, t time.Time) time.Time {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	switch part {
	case "year":
		return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	case "quarter":
		return time.Date(t.Year(), t.Month()-(t.Month()-1)%3, 1, 0, 0, 0, 0, time.UTC)
	case "month":
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case "week":
		return day.AddDate(0, 0, -(int(t.Weekday())+6)%7)
	case "day":
		return day
	case "hour":
		return day.Add(time.Duration(t.Hour()) * time.Hour)
	case "minute":
		return day.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
