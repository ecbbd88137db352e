package startest

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// evaluate computes the expressions that [Generate] writes: names, literals,
// arithmetic, comparisons, logic, case, and a few functions. It reads the text
// anew each time, and panics on anything else.
func evaluate(text string, column func(table, column string) Cell) Cell {
	e := &evaluation{tokens: token.FindAllString(text, -1), column: column}
	value := e.or()
	if len(e.tokens) > 0 {
		panic(fmt.Sprintf("%q is not read from %q on", text, e.tokens[0]))
	}
	return value
}

var token = regexp.MustCompile(`'(?:[^']|'')*'|"[^"]*"|[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z_0-9]*|<>|<=|>=|\|\||[-+*/(),.=<>]`)

type evaluation struct {
	tokens []string
	column func(table, column string) Cell
}

// take takes the next token if it is one of these.
func (e *evaluation) take(words ...string) string {
	if len(e.tokens) > 0 && slices.Contains(words, e.tokens[0]) {
		return e.next()
	}
	return ""
}

func (e *evaluation) next() string {
	first := e.tokens[0]
	e.tokens = e.tokens[1:]
	return first
}

func (e *evaluation) must(word string) {
	if e.take(word) == "" {
		panic(fmt.Sprintf("%q is missing before %q", word, e.tokens))
	}
}

func (e *evaluation) or() Cell {
	value := e.and()
	for e.take("or") != "" {
		switch other := e.and(); {
		case value == true || other == true:
			value = true
		case value == nil || other == nil:
			value = nil
		}
	}
	return value
}

func (e *evaluation) and() Cell {
	value := e.not()
	for e.take("and") != "" {
		switch other := e.not(); {
		case value == false || other == false:
			value = false
		case value == nil || other == nil:
			value = nil
		}
	}
	return value
}

func (e *evaluation) not() Cell {
	if e.take("not") == "" {
		return e.predicate()
	}
	if value := e.not(); value != nil {
		return !value.(bool)
	}
	return nil
}

func (e *evaluation) predicate() Cell {
	value := e.sum()
	switch operator := e.take("=", "<>", "<", "<=", ">", ">=", "is", "in", "between"); operator {
	case "":
		return value
	case "is":
		not := e.take("not") != ""
		e.must("null")
		return (value == nil) != not
	case "in":
		e.must("(")
		return isOneOf(value, e.arguments())
	case "between":
		from := e.sum()
		e.must("and")
		return between(value, from, e.sum())
	default:
		return comparison(operator, value, e.sum())
	}
}

func isOneOf(value Cell, list []Cell) Cell {
	found := Cell(false)
	for _, one := range list {
		switch comparison("=", value, one) {
		case true:
			return true
		case nil:
			found = nil
		}
	}
	return found
}

func between(value, from, to Cell) Cell {
	low, high := comparison(">=", value, from), comparison("<=", value, to)
	switch {
	case low == false || high == false:
		return false
	case low == nil || high == nil:
		return nil
	}
	return true
}

// comparison compares two values. Blanks at the end of texts do not count.
func comparison(operator string, a, b Cell) Cell {
	if a == nil || b == nil {
		return nil
	}
	if x, isText := a.(string); isText {
		a, b = strings.TrimRight(x, " "), strings.TrimRight(b.(string), " ")
	}
	order := compare(a, b)
	return map[string]bool{"=": order == 0, "<>": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]
}

func (e *evaluation) sum() Cell {
	value := e.product()
	for {
		operator := e.take("+", "-", "||")
		if operator == "" {
			return value
		}
		value = operate(operator, value, e.product())
	}
}

func (e *evaluation) product() Cell {
	value := e.unary()
	for {
		operator := e.take("*", "/")
		if operator == "" {
			return value
		}
		value = operate(operator, value, e.unary())
	}
}

// operate computes with exact numbers exactly, and with doubles otherwise. A
// quotient is a double, or null where the divisor is 0.
func operate(operator string, a, b Cell) Cell {
	if a == nil || b == nil {
		return nil
	}
	x, exact := a.(*big.Rat)
	y, both := b.(*big.Rat)
	exact = exact && both
	switch operator {
	case "||":
		return a.(string) + b.(string)
	case "/":
		if double(b) == 0 {
			return nil
		}
		return double(a) / double(b)
	case "+":
		if exact {
			return new(big.Rat).Add(x, y)
		}
		return double(a) + double(b)
	case "-":
		if exact {
			return new(big.Rat).Sub(x, y)
		}
		return double(a) - double(b)
	}
	if exact {
		return new(big.Rat).Mul(x, y)
	}
	return double(a) * double(b)
}

func (e *evaluation) unary() Cell {
	if e.take("-") != "" {
		return operate("-", whole(0), e.unary())
	}
	return e.primary()
}

func (e *evaluation) primary() Cell {
	word := e.next()
	switch {
	case word == "(":
		value := e.or()
		e.must(")")
		return value
	case word[0] == '\'':
		return strings.ReplaceAll(word[1:len(word)-1], "''", "'")
	case word[0] >= '0' && word[0] <= '9':
		n, _ := new(big.Rat).SetString(word)
		return n
	case word == "true", word == "false":
		return word == "true"
	case word == "null":
		return nil
	case word == "case":
		return e.choice()
	case e.take("(") != "":
		return e.function(word)
	case e.take(".") != "":
		return e.column(strings.Trim(word, `"`), strings.Trim(e.next(), `"`))
	}
	return e.column("", strings.Trim(word, `"`))
}

func (e *evaluation) choice() Cell {
	var chosen Cell
	done := false
	for e.take("when") != "" {
		condition := e.or()
		e.must("then")
		if value := e.or(); condition == true && !done {
			chosen, done = value, true
		}
	}
	if e.take("else") != "" {
		if value := e.or(); !done {
			chosen = value
		}
	}
	e.must("end")
	return chosen
}

func (e *evaluation) arguments() []Cell {
	var all []Cell
	for {
		all = append(all, e.or())
		if e.take(",") == "" {
			e.must(")")
			return all
		}
	}
}

func (e *evaluation) function(name string) Cell {
	switch name {
	case "coalesce":
		for _, value := range e.arguments() {
			if value != nil {
				return value
			}
		}
		return nil
	case "datediff":
		part := e.next()
		e.must(",")
		return datediff(part, e.arguments())
	case "extract":
		part := e.next()
		e.must("from")
		return extract(part, e.arguments()[0])
	}
	arguments := e.arguments()
	if slices.Contains(arguments, nil) {
		return nil
	}
	switch name {
	case "length":
		return whole(utf8.RuneCountInString(arguments[0].(string)))
	case "abs":
		if exact, ok := arguments[0].(*big.Rat); ok {
			return new(big.Rat).Abs(exact)
		}
		return math.Abs(double(arguments[0]))
	}
	panic(fmt.Sprintf("the function %s is not known here", name))
}

// datediff counts the boundaries between two instants.
func datediff(part string, between []Cell) Cell {
	if between[0] == nil || between[1] == nil {
		return nil
	}
	unit := map[string]time.Duration{"day": 24 * time.Hour, "hour": time.Hour, "minute": time.Minute}[part]
	count := func(c Cell) int64 { return c.(time.Time).Truncate(unit).Unix() / int64(unit.Seconds()) }
	return big.NewRat(count(between[1])-count(between[0]), 1)
}

func extract(part string, of Cell) Cell {
	if of == nil {
		return nil
	}
	at := of.(time.Time)
	return whole(map[string]int{"year": at.Year(), "month": int(at.Month()), "day": at.Day(), "hour": at.Hour()}[part])
}
