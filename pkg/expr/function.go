package expr

import (
	"strconv"
	"strings"
)

// function is what is known of a function.
type function struct {
	usage       string // how it is written
	least, most int    // arguments, without a date part
	check       func(*checker, *node) Kind
	render      func(*renderer, *node) string
}

// anyNumber is more arguments than an expression has.
const anyNumber = maxBytes

// functions returns all functions by name.
func functions() map[string]function {
	return map[string]function{
		"lower":   {"lower(x)", 1, 1, ofText(Text), call("lower")},
		"upper":   {"upper(x)", 1, 1, ofText(Text), call("upper")},
		"length":  {"length(x)", 1, 1, ofText(Integer), call("length")},
		"replace": {"replace(x, 'from', to)", 3, 3, checkReplace, call("replace")},
		"left":    {"left(x, length)", 2, 2, checkLength, call("left")},
		"right":   {"right(x, length)", 2, 2, checkLength, call("right")},
		// DuckDB's trim of one argument takes other spaces than blanks, too.
		"trim":      {"trim(x)", 1, 1, ofText(Text), func(r *renderer, n *node) string { return "btrim(" + r.all(n) + ", ' ')" }},
		"substring": {"substring(x, from, length)", 3, 3, checkSubstring, call("substring")},

		"abs":   {"abs(x)", 1, 1, ofNumber, func(r *renderer, n *node) string { return "abs(" + r.wide(n.args[0], lowest) + ")" }},
		"floor": {"floor(x)", 1, 1, ofNumber, whole("floor")},
		"ceil":  {"ceil(x)", 1, 1, ofNumber, whole("ceil")},
		"round": {"round(x, digits)", 2, 2, checkRound, renderRound},
		"mod":   {"mod(a, b)", 2, 2, checkMod, renderMod},

		"coalesce": {"coalesce(a, b)", 2, anyNumber, checkCoalesce, together("coalesce")},
		"greatest": {"greatest(a, b)", 2, anyNumber, checkGreatest, together("greatest")},
		"least":    {"least(a, b)", 2, anyNumber, checkGreatest, together("least")},
		"nullif":   {"nullif(a, b)", 2, 2, checkNullif, renderNullif},

		"cast":       {usage: "cast(x as type)"},
		"extract":    {"extract(year from x)", 1, 1, checkExtract, renderExtract},
		"date_trunc": {"date_trunc('month', x)", 1, 1, checkInstants(Timestamp), renderTrunc},
		"datediff":   {"datediff(day, from, to)", 2, 2, checkInstants(Integer), renderDiff},
		"dateadd":    {"dateadd(day, number, x)", 2, 2, checkAdd, renderAdd},
	}
}

// dateParts are the parts that a function takes: those that all engines count
// alike.
func dateParts(function string) []string {
	switch function {
	case "extract":
		return []string{"year", "quarter", "month", "day", "hour", "minute", "second", "dow", "doy"}
	case "date_trunc":
		return []string{"year", "quarter", "month", "week", "day", "hour", "minute", "second"}
	case "dateadd":
		return []string{"week", "day", "hour", "minute", "second"}
	}
	return []string{"second", "minute", "hour", "day"}
}

func call(name string) func(*renderer, *node) string {
	return func(r *renderer, n *node) string { return name + "(" + r.all(n) + ")" }
}

// together renders the values in one kind.
func together(name string) func(*renderer, *node) string {
	return func(r *renderer, n *node) string {
		args := make([]string, len(n.args))
		for i, a := range n.args {
			args[i] = r.in(a, n.kind, common(n.args...), lowest)
		}
		return name + "(" + strings.Join(args, ", ") + ")"
	}
}

func ofText(result Kind) func(*checker, *node) Kind {
	return func(c *checker, n *node) Kind {
		c.want(n.args[0], n.op, "text", Text)
		return result
	}
}

func ofNumber(c *checker, n *node) Kind {
	c.want(n.args[0], n.op, "a number", Integer, Decimal, Double)
	return n.args[0].kind
}

// literal requires an integer in digits within bounds and returns it.
func (c *checker) literal(n *node, who string, least, most int) int {
	v, err := strconv.Atoi(n.text)
	if n.op != "literal" || n.kind != Integer || err != nil || v < least || v > most {
		c.fail(n, "%s has to be an integer in digits, from %d to %d", who, least, most)
	}
	return v
}

func checkReplace(c *checker, n *node) Kind {
	for _, a := range n.args {
		c.want(a, "replace", "text", Text)
	}
	if from := n.args[1]; from.op != "literal" || from.text == "" {
		c.fail(from, "what replace looks for has to be a text in single quotes, of one character at least")
	}
	return Text
}

func checkLength(c *checker, n *node) Kind {
	c.want(n.args[0], n.op, "text", Text)
	c.literal(n.args[1], "the length", 1, maxString)
	return Text
}

func checkSubstring(c *checker, n *node) Kind {
	c.want(n.args[0], "substring", "text", Text)
	c.literal(n.args[1], "the start, counted from 1,", 1, maxString)
	c.literal(n.args[2], "the length", 1, maxString)
	return Text
}

func checkRound(c *checker, n *node) Kind {
	c.literal(n.args[1], "the number of digits after the point", 0, maxDoubleScale)
	return ofNumber(c, n)
}

func checkMod(c *checker, n *node) Kind {
	for _, a := range n.args {
		c.want(a, "mod", "integers", Integer)
	}
	return Integer
}

func checkCoalesce(c *checker, n *node) Kind {
	kind := c.together(n.args)
	if kind == Null {
		return c.fail(n, "every value is null; one other value at least is expected")
	}
	return kind
}

func checkGreatest(c *checker, n *node) Kind {
	for _, a := range n.args {
		c.want(a, n.op, "numbers, dates or timestamps", Integer, Decimal, Double, Date, Timestamp)
	}
	return c.together(n.args)
}

func checkNullif(c *checker, n *node) Kind {
	n.among = c.comparable(n.args)
	n.size += n.args[0].size // which a text is rendered twice in
	return n.among
}

func checkExtract(c *checker, n *node) Kind {
	if x := n.args[0]; x.kind == Date && (n.text == "hour" || n.text == "minute" || n.text == "second") {
		return c.fail(x, "a date has no %s; a timestamp is expected", n.text)
	}
	return checkInstants(Integer)(c, n)
}

func checkInstants(result Kind) func(*checker, *node) Kind {
	return func(c *checker, n *node) Kind {
		for _, a := range n.args {
			c.want(a, n.op, "a date or a timestamp", Date, Timestamp)
		}
		return result
	}
}

func checkAdd(c *checker, n *node) Kind {
	const most = 1_000_000
	c.literal(n.args[0], "what dateadd adds", -most, most)
	c.want(n.args[1], "dateadd", "a date or a timestamp", Date, Timestamp)
	return Timestamp
}

// whole rounds down or up: an integer is whole already.
func whole(name string) func(*renderer, *node) string {
	return func(r *renderer, n *node) string {
		if n.kind == Integer {
			return r.expr(n.args[0], primary)
		}
		return name + "(" + r.all(n) + ")"
	}
}

func renderRound(r *renderer, n *node) string {
	x := n.args[0]
	switch n.kind {
	case Integer:
		return r.expr(x, primary)
	case Decimal:
		return call("round")(r, n)
	}
	places := atoi(n.args[1].text)
	if places == 0 {
		return r.scaled(x, 0)
	}
	return "(" + r.scaled(x, places) + " / cast(" + power(places) + " as double precision))"
}

func renderMod(r *renderer, n *node) string {
	divisor := r.expr(n.args[1], lowest)
	if !isNonZero(n.args[1]) {
		divisor = "nullif(" + divisor + ", 0)"
	}
	return "mod(" + r.wide(n.args[0], lowest) + ", " + divisor + ")"
}

func renderNullif(r *renderer, n *node) string {
	a, b := n.args[0], n.args[1]
	if n.kind == Text {
		return "case when " + r.compared(a, Text, digits{}) + " = " + r.compared(b, Text, digits{}) + " then null else " + r.expr(a, lowest) + " end"
	}
	return together("nullif")(r, n)
}

// renderExtract takes the floor of seconds, which have a fraction in one engine
// only.
func renderExtract(r *renderer, n *node) string {
	part := "extract(" + n.text + " from " + r.expr(n.args[0], primary) + ")"
	if n.text == "second" {
		part = "floor(" + part + ")"
	}
	return "cast(" + part + " as integer)"
}

func renderTrunc(r *renderer, n *node) string {
	return "date_trunc('" + n.text + "', " + r.instant(n.args[0], lowest) + ")"
}

// renderDiff counts from the starts of the parts, which are whole seconds.
func renderDiff(r *renderer, n *node) string {
	start := func(x *node) string {
		return "cast(extract(epoch from date_trunc('" + n.text + "', " + r.instant(x, lowest) + ")) as bigint)"
	}
	seconds := "(" + start(n.args[1]) + " - " + start(n.args[0]) + ")"
	switch n.text {
	case "minute":
		return "(" + seconds + " / 60)"
	case "hour":
		return "(" + seconds + " / 3600)"
	case "day":
		return "(" + seconds + " / 86400)"
	}
	return seconds
}

func renderAdd(r *renderer, n *node) string {
	count, part, sign := atoi(n.args[0].text), n.text, " + "
	if part == "week" {
		part, count = "day", 7*count
	}
	if count < 0 {
		sign, count = " - ", -count
	}
	return "(" + r.instant(n.args[1], sums) + sign + "interval '" + strconv.Itoa(count) + " " + part + "')"
}

// scaled renders a double times a power of ten, rounded.
func (r *renderer) scaled(x *node, places int) string {
	if places == 0 {
		return "floor(" + r.expr(x, sums) + " + 0.5)"
	}
	return "floor(" + r.expr(x, products) + " * " + power(places) + " + 0.5)"
}

func (r *renderer) instant(n *node, least level) string { return r.in(n, Timestamp, digits{}, least) }

// atoi reads the digits of a literal that has been checked.
func atoi(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func power(places int) string { return "1" + strings.Repeat("0", places) }
