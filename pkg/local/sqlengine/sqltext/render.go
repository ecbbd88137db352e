package sqltext

import "strings"

// Split cuts tokens at semicolons into statements and leaves out empty ones.
func Split(tokens []Token) [][]Token {
	var statements [][]Token
	start := 0
	for i := 0; i <= len(tokens); i++ {
		if i < len(tokens) && !tokens[i].Is(";") {
			continue
		}
		if i > start {
			statements = append(statements, tokens[start:i])
		}
		start = i + 1
	}
	return statements
}

// Render writes tokens as text on one line. Scanning the result gives the same
// tokens again, but for their places.
func Render(tokens []Token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && !joined(tokens[i-1], t) {
			b.WriteByte(' ')
		}
		b.WriteString(t.spell())
	}
	return b.String()
}

// joined reports whether two tokens stand together without a space: the parts
// of a name around its dot.
func joined(left, right Token) bool {
	return left.IsName() && right.Is(".") || left.Is(".") && right.IsName()
}

func (t Token) spell() string {
	switch t.Kind {
	case Quoted:
		return QuoteName(t.Text)
	case String:
		return QuoteString(t.Text)
	case Dollar:
		tag := "$$"
		for strings.Contains(t.Text+"$", tag) {
			tag = "$q" + tag[1:]
		}
		return tag + t.Text + tag
	case Word, Number, Symbol:
	}
	return t.Text
}

// QuoteName writes a name in double quotes.
func QuoteName(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteString writes a value as a string literal. A value with a backslash
// gives a literal that [Scan] refuses.
func QuoteString(value string) string {
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}
