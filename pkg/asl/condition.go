package asl

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// condition is the test of a Choice rule. A Variable that selects nothing is
// an error unless the test is IsPresent.
type condition func(sc scope) (bool, error)

// comparison tests a value against an operand; values of other types than the
// operator's do not hold and are not errors.
type comparison func(value, operand any) bool

// condition reads a test: And, Or, Not, or one comparison of a Variable. See
// https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html.
func (f *fields) condition() condition {
	defer f.done()
	f.text("Comment")
	switch {
	case f.has("And"):
		return f.all("And", true)
	case f.has("Or"):
		return f.all("Or", false)
	case f.has("Not"):
		test := f.child("Not").condition()
		return func(sc scope) (bool, error) {
			holds, err := test(sc)
			return !holds, err
		}
	default:
		return f.comparison()
	}
}

// all reads And (stop at the first test that is false) or Or (stop at true).
func (f *fields) all(field string, goOn bool) condition {
	var tests []condition
	for _, entry := range f.elements(field) {
		tests = append(tests, entry.condition())
	}
	if len(tests) == 0 {
		f.refuse(field, "is empty")
	}
	return func(sc scope) (bool, error) {
		for _, test := range tests {
			if holds, err := test(sc); err != nil || holds != goOn {
				return holds, err
			}
		}
		return goOn, nil
	}
}

// comparison reads Variable and its one operator.
func (f *fields) comparison() condition {
	f.requiredText("Variable")
	variable := f.path("Variable")
	operators := slices.DeleteFunc(sortedKeys(f.values), func(field string) bool {
		return field == "Variable" || field == "Next" || field == "Comment"
	})
	if len(operators) == 1 {
		return f.operator(operators[0], variable)
	}
	if f.values != nil {
		f.refuse("Variable", "needs exactly one operator beside it, has %q", operators)
	}
	for _, operator := range operators {
		f.get(operator)
	}
	return nil
}

// operator reads one operator. It returns nil for one that does not exist: the
// field is then refused as unknown.
func (f *fields) operator(operator string, variable Path) condition {
	if strings.HasPrefix(operator, "Is") {
		return f.typeTest(operator, variable)
	}
	name, byPath := strings.CutSuffix(operator, "Path")
	kind, compare := comparisonNamed(name)
	if compare == nil || (byPath && name == "StringMatches") {
		return nil
	}
	if byPath {
		return compareWith(variable, compare, f.path(operator).eval)
	}
	operand, _ := f.get(operator)
	if typeName(operand) != kind {
		f.refuse(operator, "is %s, want %s", typeName(operand), kind)
	}
	return compareWith(variable, compare, constant{value: operand}.eval)
}

func compareWith(variable Path, compare comparison, operand func(scope) (any, error)) condition {
	return func(sc scope) (bool, error) {
		value, err := variable.eval(sc)
		if err != nil {
			return false, err
		}
		other, err := operand(sc)
		if err != nil {
			return false, err
		}
		return compare(value, other), nil
	}
}

// typeTest reads IsPresent, IsNull, IsString, IsNumeric and IsBoolean; it
// returns nil for another name.
func (f *fields) typeTest(operator string, variable Path) condition {
	kinds := map[string]string{
		"IsNull": "null", "IsString": "a string", "IsNumeric": "a number", "IsBoolean": "a boolean",
	}
	kind, ok := kinds[operator]
	if !ok && operator != "IsPresent" {
		return nil
	}
	want, _ := f.get(operator)
	if typeName(want) != "a boolean" {
		f.refuse(operator, "is %s, want a boolean", typeName(want))
	}
	return func(sc scope) (bool, error) {
		value, err := variable.eval(sc)
		if operator == "IsPresent" {
			return (err == nil) == (want == true), nil
		}
		return (typeName(value) == kind) == (want == true), err
	}
}

// comparisonNamed returns the type that an operator compares and its test.
func comparisonNamed(operator string) (string, comparison) {
	orders := map[string]func(int) bool{
		"Equals":            func(order int) bool { return order == 0 },
		"LessThan":          func(order int) bool { return order < 0 },
		"LessThanEquals":    func(order int) bool { return order <= 0 },
		"GreaterThan":       func(order int) bool { return order > 0 },
		"GreaterThanEquals": func(order int) bool { return order >= 0 },
	}
	if operator == "StringMatches" {
		return "a string", onType(func(value, pattern string) bool { return wildcard(pattern, value) })
	}
	if operator == "BooleanEquals" {
		return "a boolean", onType(func(a, b bool) bool { return a == b })
	}
	if order, ok := strings.CutPrefix(operator, "String"); ok && orders[order] != nil {
		return "a string", onType(func(a, b string) bool { return orders[order](strings.Compare(a, b)) })
	}
	if order, ok := strings.CutPrefix(operator, "Numeric"); ok && orders[order] != nil {
		return "a number", onType(func(a, b json.Number) bool { return orders[order](compareNumbers(a, b)) })
	}
	return "", nil
}

func onType[T any](test func(a, b T) bool) comparison {
	return func(value, operand any) bool {
		a, okA := value.(T)
		b, okB := operand.(T)
		return okA && okB && test(a, b)
	}
}

// compareNumbers is exact for integers of 64 bits; others are compared as
// floating-point numbers, as JSON readers commonly do.
func compareNumbers(a, b json.Number) int {
	i, errI := strconv.ParseInt(a.String(), 10, 64)
	j, errJ := strconv.ParseInt(b.String(), 10, 64)
	if errI == nil && errJ == nil {
		return cmp.Compare(i, j)
	}
	// Out of range gives an infinity of the right sign, which compares well.
	x, _ := strconv.ParseFloat(a.String(), 64)
	y, _ := strconv.ParseFloat(b.String(), 64)
	return cmp.Compare(x, y)
}

// wildcard matches text with a pattern in which * stands for any characters
// and a backslash takes the next character literally.
func wildcard(pattern, text string) bool {
	p, t := 0, 0
	// On a mismatch the last star takes one more byte and matching restarts
	// behind it, so no pattern takes more than quadratic time.
	star, resume := -1, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, resume = p, t
			p++
			continue
		}
		literal := p
		if p+1 < len(pattern) && pattern[p] == '\\' {
			literal = p + 1
		}
		if literal < len(pattern) && pattern[literal] == text[t] {
			p, t = literal+1, t+1
			continue
		}
		if star < 0 {
			return false
		}
		resume++
		p, t = star+1, resume
	}
	return strings.Trim(pattern[p:], "*") == ""
}
