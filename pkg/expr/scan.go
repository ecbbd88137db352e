package expr

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// tokenKind is the lexical kind of a token.
type tokenKind int

const (
	endToken    tokenKind = iota
	wordToken             // keyword or name, in lower case
	quotedToken           // name in double quotes, in lower case
	textToken             // literal in single quotes
	numberToken           // without sign
	symbolToken
)

// token is one token of an expression.
type token struct {
	kind tokenKind
	text string
	at   int // offset in the expression
}

func (t token) is(texts ...string) bool {
	for _, s := range texts {
		if (t.kind == wordToken || t.kind == symbolToken) && t.text == s {
			return true
		}
	}
	return false
}

// String describes the token in an error.
func (t token) String() string {
	switch t.kind {
	case endToken:
		return "the end of the expression"
	case textToken:
		return "the text '" + cut(t.text) + "'"
	default:
		return `"` + cut(t.text) + `"`
	}
}

// cut shortens what an error quotes.
func cut(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// scan splits an expression into tokens, of which the last is the end.
func scan(s string) ([]token, *Error) {
	if len(s) > maxBytes {
		return nil, &Error{maxBytes, fmt.Sprintf("the expression has %d bytes; at most %d are read", len(s), maxBytes)}
	}
	var tokens []token
	for i := 0; i < len(s); {
		if strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			i++
			continue
		}
		t, n, problem := next(s[i:])
		if problem != "" {
			return nil, &Error{i + n, problem}
		}
		t.at = i
		tokens = append(tokens, t)
		i += n
	}
	return append(tokens, token{kind: endToken, at: len(s)}), nil
}

// next reads the token at the start of s and returns its length, or what is
// wrong and where.
func next(s string) (t token, n int, problem string) {
	switch c := s[0]; {
	case c == '\'':
		return literal(s)
	case c == '"':
		return quotedName(s)
	case isDigit(c), c == '.' && len(s) > 1 && isDigit(s[1]):
		return numeral(s)
	case isLetter(c):
		for n = 1; n < len(s) && (isLetter(s[n]) || isDigit(s[n])); n++ {
		}
		return token{kind: wordToken, text: strings.ToLower(s[:n])}, n, ""
	}
	for _, refused := range []struct{ start, problem string }{
		{"--", "a comment is not read; leave it out, or write - (-x) for two signs"},
		{"/*", "a comment is not read; leave it out"},
		{";", "a semicolon is not read: an expression is a single value"},
		{"::", "the cast :: is not read; write cast(… as …)"},
		{"==", `"==" is not an operator; write =`},
		{"=>", `"=>" is not an operator; write >=`},
		{"=<", `"=<" is not an operator; write <=`},
		{"&&", `"&&" is not an operator; write and`},
		{"%", `"%" is not an operator; write mod(a, b)`},
		{"~", `"~" is not an operator; write like`},
		{"!~", `"!~" is not an operator; write not like`},
		{"$", "a parameter is not read; write a literal or the name of a column"},
		{":", "a parameter is not read; write a literal or the name of a column"},
		{"?", "a parameter is not read; write a literal or the name of a column"},
		{"`", "a name is quoted with double quotes"},
	} {
		if strings.HasPrefix(s, refused.start) {
			return t, 0, refused.problem
		}
	}
	for _, operator := range []string{"||", "<>", "!=", "<=", ">=", "(", ")", ",", ".", "+", "-", "*", "/", "=", "<", ">"} {
		if strings.HasPrefix(s, operator) {
			return token{kind: symbolToken, text: operator}, len(operator), ""
		}
	}
	r, _ := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return t, 0, "the expression is not UTF-8"
	}
	return t, 0, fmt.Sprintf("the character %q has no meaning in an expression; a name with it is quoted with double quotes", r)
}

// quote reads up to the closing quote, where a doubled quote stands for one.
func quote(s string) (value string, n int, problem string) {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		if i+1 < len(s) && s[i+1] == s[0] {
			i++
			continue
		}
		q := s[:1]
		value = strings.ReplaceAll(s[1:i], q+q, q)
		switch {
		case !utf8.ValidString(value):
			return "", 0, "the expression is not UTF-8"
		case strings.ContainsRune(value, 0):
			return "", 0, "a zero byte is not possible: Redshift does not store it"
		}
		return value, i + 1, ""
	}
	return "", 0, "the closing " + s[:1] + " is missing"
}

func literal(s string) (t token, n int, problem string) {
	value, n, problem := quote(s)
	if at := strings.IndexByte(value, '\\'); at >= 0 && problem == "" {
		return t, 0, `a backslash in a text means one thing in Redshift and another elsewhere; leave it out`
	}
	return token{kind: textToken, text: value}, n, problem
}

func quotedName(s string) (t token, n int, problem string) {
	value, n, problem := quote(s)
	if value == "" && problem == "" {
		return t, 0, "the name between the quotes is missing; a text is written in single quotes"
	}
	return token{kind: quotedToken, text: strings.ToLower(value)}, n, problem
}

func numeral(s string) (t token, n int, problem string) {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n < len(s) && s[n] == '.' {
		n++
		for n < len(s) && isDigit(s[n]) {
			n++
		}
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		return t, 0, "a number with an exponent is not read; write all of its digits"
	}
	if n < len(s) && (isLetter(s[n]) || s[n] == '.') {
		return t, 0, fmt.Sprintf("%q is neither a number nor a name", s[:n+1])
	}
	if s[n-1] == '.' {
		return t, 0, fmt.Sprintf("digits are missing after the point; write %s0 or %s", s[:n], s[:n-1])
	}
	value := s[:n]
	if value[0] == '.' {
		value = "0" + value
	}
	return token{kind: numberToken, text: value}, n, ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
