package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxCallDepth bounds nested intrinsic functions. The service allows ten.
const maxCallDepth = 10

// call is one intrinsic function with its arguments. See
// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html.
type call struct {
	name string
	args []expression
}

// constant is a literal argument of an intrinsic function.
type constant struct {
	value any
}

func (c constant) eval(scope) (any, error) { return c.value, nil }

func (constant) paths(func(Path)) {}

// unescaped returns the constant without the backslashes that the parser left
// for the pattern of States.Format.
func (c constant) unescaped() constant {
	text, ok := c.value.(string)
	if !ok {
		return c
	}
	return constant{value: strings.NewReplacer(`\\`, `\`, `\{`, `{`, `\}`, `}`).Replace(text)}
}

// parseExpression reads what may stand in a field ending in .$: a path or an
// intrinsic function.
func parseExpression(text string) (expression, error) {
	if strings.HasPrefix(text, "$") {
		path, err := ParsePath(text)
		if err != nil {
			return nil, err
		}
		return path, nil
	}
	p := &callParser{text: text}
	expr, err := p.call(0)
	if err == nil && p.rest() != "" {
		err = fmt.Errorf("%q follows the function", p.rest())
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	return expr, nil
}

// callParser is a recursive-descent parser of intrinsic functions.
type callParser struct {
	text string
	at   int
}

func (p *callParser) rest() string {
	return p.text[p.at:]
}

func (p *callParser) skipSpace() {
	p.at += len(p.rest()) - len(strings.TrimLeft(p.rest(), " \t"))
}

func (p *callParser) accept(token string) bool {
	p.skipSpace()
	if !strings.HasPrefix(p.rest(), token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *callParser) call(depth int) (expression, error) {
	if depth >= maxCallDepth {
		return nil, fmt.Errorf("functions are nested deeper than %d", maxCallDepth)
	}
	name, _, ok := strings.Cut(p.rest(), "(")
	if !ok || !strings.HasPrefix(name, "States.") {
		return nil, errors.New("is neither a path nor an intrinsic function")
	}
	p.at += len(name) + len("(")
	result := call{name: name}
	for !p.accept(")") {
		if len(result.args) > 0 && !p.accept(",") {
			return nil, fmt.Errorf("%s: want , or ) before %q", name, p.rest())
		}
		arg, err := p.argument(depth)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if text, ok := arg.(constant); ok && !(name == "States.Format" && len(result.args) == 0) {
			arg = text.unescaped()
		}
		result.args = append(result.args, arg)
	}
	return result, result.check()
}

func (p *callParser) argument(depth int) (expression, error) {
	p.skipSpace()
	switch rest := p.rest(); {
	case rest == "":
		return nil, errors.New("an argument is missing")
	case rest[0] == '\'':
		return p.quoted()
	case rest[0] == '$':
		word := p.word()
		return ParsePath(word)
	case strings.HasPrefix(rest, "States."):
		return p.call(depth + 1)
	default:
		return literalArgument(p.word())
	}
}

// word takes the text up to the comma or parenthesis that ends an argument;
// both may stand in the quoted field of a path.
func (p *callParser) word() string {
	start, quoted := p.at, false
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		switch {
		case c == '\\' && quoted && p.at+1 < len(p.text):
			p.at++
		case c == '\'':
			quoted = !quoted
		case !quoted && (c == ',' || c == ')'):
			return strings.TrimRight(p.text[start:p.at], " \t")
		}
	}
	return p.text[start:]
}

func literalArgument(word string) (expression, error) {
	value, err := decodeValue([]byte(word))
	if err != nil {
		return nil, fmt.Errorf("%q is not an argument", word)
	}
	switch value.(type) {
	case nil, bool, json.Number:
		return constant{value: value}, nil
	default:
		return nil, fmt.Errorf("%q is not an argument: a literal is a 'string', a number, a boolean or null", word)
	}
}

// quoted reads a string literal. All escapes but that of the quote stay as they
// are: in the pattern of States.Format an escaped brace differs from a plain one.
func (p *callParser) quoted() (expression, error) {
	var text strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		switch {
		case c == '\'':
			p.at++
			return constant{value: text.String()}, nil
		case c != '\\':
			text.WriteByte(c)
		case p.at+1 < len(p.text) && strings.IndexByte(`\'{}`, p.text[p.at+1]) >= 0:
			p.at++
			if p.text[p.at] != '\'' {
				text.WriteByte('\\')
			}
			text.WriteByte(p.text[p.at])
		default:
			return nil, errors.New(`only \' \\ \{ and \} can be escaped in a string`)
		}
	}
	return nil, errors.New("a string is not closed")
}

// check refuses functions that do not exist here and wrong argument counts.
func (c call) check() error {
	count := len(c.args)
	switch c.name {
	case "States.Format":
		return c.checkFormat()
	case "States.Array":
		return nil
	case "States.JsonToString", "States.StringToJson", "States.ArrayLength":
		if count != 1 {
			return fmt.Errorf("%s takes one argument, not %d", c.name, count)
		}
		return nil
	case "States.MathAdd":
		if count != 2 {
			return fmt.Errorf("%s takes two arguments, not %d", c.name, count)
		}
		return nil
	default:
		return fmt.Errorf("function %q is not supported", c.name)
	}
}

func (c call) checkFormat() error {
	if len(c.args) == 0 {
		return errors.New("States.Format needs a string literal first")
	}
	text, ok := c.args[0].(constant)
	if pattern, isText := text.value.(string); ok && isText {
		parts, err := splitFormat(pattern)
		if err != nil {
			return err
		}
		if holes := len(parts) - 1; holes != len(c.args)-1 {
			return fmt.Errorf("States.Format has %d {} and %d values", holes, len(c.args)-1)
		}
		return nil
	}
	return errors.New("States.Format needs a string literal first")
}

func (c call) paths(visit func(Path)) {
	for _, arg := range c.args {
		arg.paths(visit)
	}
}

func (c call) eval(sc scope) (any, error) {
	args := make([]any, len(c.args))
	for i, arg := range c.args {
		var err error
		if args[i], err = arg.eval(sc); err != nil {
			return nil, err
		}
	}
	value, err := c.apply(args)
	if err != nil {
		return nil, failf(ErrorIntrinsic, "%s: %v", c.name, err)
	}
	return value, nil
}

func (c call) apply(args []any) (any, error) {
	switch c.name {
	case "States.Format":
		return format(args)
	case "States.JsonToString":
		data, err := encodeValue(args[0])
		return string(data), err
	case "States.StringToJson":
		return stringToJSON(args[0])
	case "States.Array":
		return args, nil
	case "States.ArrayLength":
		list, ok := args[0].([]any)
		if !ok {
			return nil, fmt.Errorf("argument is %s, not an array", typeName(args[0]))
		}
		return json.Number(strconv.Itoa(len(list))), nil
	default:
		return add(args[0], args[1])
	}
}

// splitFormat cuts a pattern at its {} and removes the escapes.
func splitFormat(pattern string) ([]string, error) {
	parts := []string{""}
	last := func() *string { return &parts[len(parts)-1] }
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			i++
			*last() += string(pattern[i])
		case strings.HasPrefix(pattern[i:], "{}"):
			i++
			parts = append(parts, "")
		case c == '{' || c == '}':
			return nil, fmt.Errorf("a lone %q must be escaped with a backslash", c)
		default:
			*last() += pattern[i : i+1]
		}
	}
	return parts, nil
}

func format(args []any) (any, error) {
	pattern, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("first argument is %s, not a string", typeName(args[0]))
	}
	parts, err := splitFormat(pattern)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for i, part := range parts {
		text.WriteString(part)
		if i == len(parts)-1 {
			break
		}
		if s, ok := args[i+1].(string); ok {
			text.WriteString(s)
			continue
		}
		data, err := encodeValue(args[i+1])
		if err != nil {
			return nil, err
		}
		text.Write(data)
	}
	return text.String(), nil
}

func stringToJSON(arg any) (any, error) {
	text, ok := arg.(string)
	if !ok {
		return nil, fmt.Errorf("argument is %s, not a string", typeName(arg))
	}
	value, err := decodeValue([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("argument is not JSON: %w", err)
	}
	return value, nil
}

// add sums two integers of 32 bits, the range that the service documents.
func add(a, b any) (any, error) {
	sum := int64(0)
	for _, arg := range []any{a, b} {
		number, ok := arg.(json.Number)
		if !ok {
			return nil, fmt.Errorf("argument is %s, not a number", typeName(arg))
		}
		n, err := strconv.ParseInt(number.String(), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("argument %s is not an integer of 32 bits", number)
		}
		sum += n
	}
	if sum < math.MinInt32 || sum > math.MaxInt32 {
		return nil, fmt.Errorf("sum %d is not an integer of 32 bits", sum)
	}
	return json.Number(strconv.FormatInt(sum, 10)), nil
}
