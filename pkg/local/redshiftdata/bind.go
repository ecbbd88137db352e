package redshiftdata

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// parameter is a named value of a statement, always text on the wire.
type parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// bind writes the values of parameters into statements, as string literals.
// Every parameter that a statement names must have a value, and every value
// must be used, as the service demands.
func bind(sqls []string, parameters []parameter) ([]string, error) {
	values := make(map[string]string, len(parameters))
	for _, p := range parameters {
		switch {
		case p.Name == "" || strings.Trim(p.Name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz") != "":
			return nil, fmt.Errorf("parameter name %q is not of letters, digits and underscores", p.Name)
		case p.Value == "":
			return nil, fmt.Errorf("parameter %q has no value: write null and '' into the statement", p.Name)
		case strings.ContainsRune(p.Value, 0) || !utf8.ValidString(p.Value):
			return nil, fmt.Errorf("parameter %q holds a NUL or is not UTF-8, which the warehouse does not store", p.Name)
		}
		if _, twice := values[p.Name]; twice {
			return nil, fmt.Errorf("parameter %q is given twice", p.Name)
		}
		values[p.Name] = p.Value
	}
	if len(values) == 0 {
		return sqls, nil
	}
	used := map[string]bool{}
	bound := make([]string, len(sqls))
	for i, text := range sqls {
		var err error
		if bound[i], err = bindOne(text, values, used); err != nil {
			return nil, fmt.Errorf("statement %d: %w", i+1, err)
		}
	}
	for _, p := range parameters {
		if !used[p.Name] {
			return nil, fmt.Errorf("parameter %q is used by no statement", p.Name)
		}
	}
	return bound, nil
}

// literal writes a value as an expression. A backslash can stand in no string
// that every engine reads alike, so it is put together from its number.
func literal(value string) string {
	parts := strings.Split(value, `\`)
	for i, part := range parts {
		parts[i] = sqltext.QuoteString(part)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " || chr(92) || ") + ")"
}

// bindOne replaces ":name" outside of literals, quoted names and comments.
func bindOne(text string, values map[string]string, used map[string]bool) (string, error) {
	tokens, err := sqltext.Scan(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	end := 0
	for i, t := range tokens[:max(len(tokens)-1, 0)] {
		next := tokens[i+1]
		if !t.Is(":") || next.Pos != t.End || next.Kind != sqltext.Word && next.Kind != sqltext.Number {
			continue
		}
		name := text[next.Pos:next.End]
		value, ok := values[name]
		if !ok {
			return "", fmt.Errorf("parameter %q has no value", name)
		}
		used[name] = true
		b.WriteString(text[end:t.Pos])
		// The spaces keep the literal apart from one beside it.
		b.WriteString(" " + literal(value) + " ")
		end = next.End
	}
	return b.String() + text[end:], nil
}
