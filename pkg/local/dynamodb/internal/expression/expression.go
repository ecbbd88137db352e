// Package expression reads the expressions of Query, Scan and GetItem that the
// local DynamoDB endpoint supports: key conditions, and projections of whole
// attributes.
//
// It turns text and placeholders into plain values and checks them against the
// grammar, with DynamoDB's wording where that is known. It neither knows the
// key schema nor evaluates anything. It does not know DynamoDB's reserved words:
// an expression with one of them works here and is refused there.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
package expression

import (
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// Placeholders are what a request gives for the #names and :values in its
// expressions. They remember which of them were used.
type Placeholders struct {
	Names  map[string]string
	Values map[string]item.Value
	used   map[string]bool
}

// CheckUsed refuses placeholders that no expression has used.
func (p *Placeholders) CheckUsed() error {
	for _, kind := range []struct {
		parameter string
		names     []string
	}{
		{"ExpressionAttributeValues", slices.Sorted(maps.Keys(p.Values))},
		{"ExpressionAttributeNames", slices.Sorted(maps.Keys(p.Names))},
	} {
		unused := slices.DeleteFunc(kind.names, func(name string) bool { return p.used[name] })
		if len(unused) > 0 {
			return refuse("Value provided in %s unused in expressions: keys: {%s}", kind.parameter,
				strings.Join(unused, ", "))
		}
	}
	return nil
}

func (p *Placeholders) use(placeholder string) {
	if p.used == nil {
		p.used = map[string]bool{}
	}
	p.used[placeholder] = true
}

// Operator is a comparison in a key condition.
type Operator string

// The operators of key conditions.
const (
	Equal          Operator = "="
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
	Between        Operator = "BETWEEN"
	BeginsWith     Operator = "begins_with"
)

// Condition compares one attribute with one value, or two for [Between].
type Condition struct {
	Attribute string
	Operator  Operator
	Values    []item.Value
}

// KeyConditions reads a KeyConditionExpression: conditions joined by AND. That
// they fit a key is left to the caller.
func KeyConditions(text string, placeholders *Placeholders) ([]Condition, error) {
	p, err := newParser("KeyConditionExpression", text, placeholders)
	if err != nil {
		return nil, err
	}
	conditions, err := p.conjunction()
	if err != nil {
		return nil, err
	}
	return conditions, p.end()
}

// Projection reads a ProjectionExpression and returns the attributes it names.
// Paths into maps and lists are refused.
func Projection(text string, placeholders *Placeholders) ([]string, error) {
	p, err := newParser("ProjectionExpression", text, placeholders)
	if err != nil {
		return nil, err
	}
	var names []string
	for {
		name, err := p.attribute()
		if err != nil {
			return nil, err
		}
		if slices.Contains(names, name) {
			return nil, p.refuse("Two document paths overlap with each other; must remove or rewrite one of these "+
				"paths; path: [%s]", name)
		}
		names = append(names, name)
		if !p.take(",") {
			return names, p.end()
		}
	}
}

// parser reads the tokens of one expression from left to right.
type parser struct {
	parameter    string
	tokens       []string
	placeholders *Placeholders
}

func newParser(parameter, text string, placeholders *Placeholders) (*parser, error) {
	p := &parser{parameter: parameter, placeholders: placeholders}
	if len(text) > maxBytes {
		return nil, p.refuse("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	for rest := strings.TrimLeft(text, space); rest != ""; rest = strings.TrimLeft(rest, space) {
		n := tokenLength(rest)
		if n == 0 {
			return nil, p.refuse("Syntax error; token: %q, near: %q", rest[:1], near(rest))
		}
		p.tokens = append(p.tokens, rest[:n])
		rest = rest[n:]
	}
	if len(p.tokens) == 0 {
		return nil, p.refuse("The expression can not be empty;")
	}
	return p, nil
}

const (
	space    = " \t\r\n"
	maxBytes = 4096 // of one expression; it also bounds how deep parentheses nest
)

// tokenLength returns the length of the token at the start of text, or 0.
func tokenLength(text string) int {
	switch text[0] {
	case '(', ')', ',', '=', '.', '[', ']':
		return 1
	case '<', '>':
		if len(text) > 1 && (text[1] == '=' || text[:2] == "<>") {
			return 2
		}
		return 1
	}
	n := 0
	if text[0] == '#' || text[0] == ':' {
		n = 1
	}
	start := n
	for n < len(text) && isWord(text[n]) {
		n++
	}
	if n == start {
		return 0
	}
	return n
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func near(text string) string {
	return text[:min(len(text), 20)]
}

func refuse(format string, args ...any) error {
	return awsjson.Refuse(awsjson.CodeValidation, format, args...)
}

func (p *parser) refuse(format string, args ...any) error {
	return refuse("Invalid "+p.parameter+": "+format, args...)
}

// unexpected refuses the next token, or the end.
func (p *parser) unexpected() error {
	token := "<EOF>"
	if len(p.tokens) > 0 {
		token = p.tokens[0]
	}
	return p.refuse("Syntax error; token: %q, near: %q", token, near(strings.Join(p.tokens, " ")))
}

func (p *parser) end() error {
	if len(p.tokens) > 0 {
		return p.unexpected()
	}
	return nil
}

// take consumes the token if it comes next; keywords match in any case.
func (p *parser) take(token string) bool {
	if len(p.tokens) == 0 || !strings.EqualFold(p.tokens[0], token) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *parser) expect(token string) error {
	if !p.take(token) {
		return p.unexpected()
	}
	return nil
}

// conjunction reads conditions joined by AND, each possibly in parentheses.
func (p *parser) conjunction() ([]Condition, error) {
	var conditions []Condition
	for {
		more, err := p.factor()
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, more...)
		if !p.take("AND") {
			return conditions, p.refuseOperator()
		}
	}
}

// refuseOperator names an operator that other expressions know.
func (p *parser) refuseOperator() error {
	for _, operator := range []string{"OR", "NOT", "IN", "<>"} {
		if p.take(operator) {
			return p.refuse("Invalid operator used in KeyConditionExpression: %s", operator)
		}
	}
	return nil
}

func (p *parser) factor() ([]Condition, error) {
	if p.take("(") {
		conditions, err := p.conjunction()
		if err != nil {
			return nil, err
		}
		return conditions, p.expect(")")
	}
	if err := p.refuseOperator(); err != nil {
		return nil, err
	}
	if len(p.tokens) > 1 && p.tokens[1] == "(" {
		return p.function()
	}
	return p.comparison()
}

// function reads begins_with(attribute, :value).
func (p *parser) function() ([]Condition, error) {
	name := p.tokens[0]
	if name != string(BeginsWith) {
		return nil, p.refuse("Invalid function name; function: %s", name)
	}
	p.tokens = p.tokens[2:]
	attribute, err := p.attribute()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	if value.Type != item.String && value.Type != item.Binary {
		return nil, p.refuse("Incorrect operand type for operator or function; operator or function: begins_with, "+
			"operand type: %s", value.Type)
	}
	return []Condition{{Attribute: attribute, Operator: BeginsWith, Values: []item.Value{value}}}, p.expect(")")
}

func (p *parser) comparison() ([]Condition, error) {
	attribute, err := p.attribute()
	if err != nil {
		return nil, err
	}
	for _, operator := range []Operator{Equal, Less, LessOrEqual, Greater, GreaterOrEqual, Between} {
		if !p.take(string(operator)) {
			continue
		}
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		c := Condition{Attribute: attribute, Operator: operator, Values: []item.Value{value}}
		if operator != Between {
			return []Condition{c}, nil
		}
		if err := p.expect("AND"); err != nil {
			return nil, err
		}
		high, err := p.value()
		c.Values = append(c.Values, high)
		return []Condition{c}, err
	}
	if err := p.refuseOperator(); err != nil {
		return nil, err
	}
	return nil, p.unexpected()
}

// attribute reads the name of a top-level attribute.
func (p *parser) attribute() (string, error) {
	if len(p.tokens) == 0 || !isWord(p.tokens[0][0]) && p.tokens[0][0] != '#' {
		return "", p.unexpected()
	}
	name := p.tokens[0]
	if name[0] >= '0' && name[0] <= '9' {
		return "", p.unexpected()
	}
	p.tokens = p.tokens[1:]
	if name[0] == '#' {
		full, ok := p.placeholders.Names[name]
		if !ok {
			return "", p.refuse("An expression attribute name used in the document path is not defined; attribute "+
				"name: %s", name)
		}
		p.placeholders.use(name)
		name = full
	}
	if len(p.tokens) > 0 && (p.tokens[0] == "." || p.tokens[0] == "[") {
		return "", p.refuse("paths into maps and lists, here below %q, are not supported by the local endpoint", name)
	}
	return name, nil
}

// value reads a :value.
func (p *parser) value() (item.Value, error) {
	if len(p.tokens) == 0 || p.tokens[0][0] != ':' {
		return item.Value{}, p.unexpected()
	}
	name := p.tokens[0]
	p.tokens = p.tokens[1:]
	value, ok := p.placeholders.Values[name]
	if !ok {
		return item.Value{}, p.refuse("An expression attribute value used in expression is not defined; attribute "+
			"value: %s", name)
	}
	p.placeholders.use(name)
	return value, nil
}
