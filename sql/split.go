package sql

import (
	"fmt"
	"strings"
)

// Split cuts a script into its statements at the semicolons that are outside
// of quotes, comments and dollar-quoted bodies. A statement runs from its
// first to its last token: comments and white space around it are dropped,
// those within are kept.
//
// Block comments nest, as in Redshift and PostgreSQL. A backslash has no
// meaning of its own. Text that ends within a quote, a comment or a body is an
// error.
func Split(script string) ([]string, error) {
	var statements []string
	start, end := -1, -1 // the statement so far is script[start:end]
	for i := 0; i < len(script); {
		kind, n, err := token(script[i:])
		if err != nil {
			line := 1 + strings.Count(script[:i], "\n")
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		switch {
		case kind == blank:
		case kind == separator && start >= 0:
			statements = append(statements, script[start:end])
			start = -1
		case kind == separator:
		default:
			if start < 0 {
				start = i
			}
			end = i + n
		}
		i += n
	}
	if start >= 0 {
		statements = append(statements, script[start:end])
	}
	return statements, nil
}

type tokenKind int

const (
	word      tokenKind = iota // anything that belongs to a statement
	blank                      // white space or a comment
	separator                  // a semicolon between statements
)

// token returns the kind and length of the token that text begins with.
func token(text string) (tokenKind, int, error) {
	switch c := text[0]; {
	case c == ';':
		return separator, 1, nil
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		return blank, 1, nil
	case strings.HasPrefix(text, "--"):
		n := strings.IndexByte(text, '\n')
		if n < 0 {
			n = len(text)
		}
		return blank, n, nil
	case strings.HasPrefix(text, "/*"):
		n, err := blockComment(text)
		return blank, n, err
	case c == '\'' || c == '"':
		n := strings.IndexByte(text[1:], c)
		if n < 0 {
			return word, 0, fmt.Errorf("the quote %c is not closed", c)
		}
		return word, n + 2, nil // a doubled quote is two quotes side by side
	case c == '$':
		return dollarQuote(text)
	case isIdentifier(c):
		n := 1
		for n < len(text) && (isIdentifier(text[n]) || text[n] == '$') {
			n++
		}
		return word, n, nil
	}
	return word, 1, nil
}

func blockComment(text string) (int, error) {
	depth := 0
	for i := 0; i+1 < len(text); {
		switch text[i : i+2] {
		case "/*":
			depth++
			i += 2
		case "*/":
			depth--
			i += 2
			if depth == 0 {
				return i, nil
			}
		default:
			i++
		}
	}
	return 0, fmt.Errorf("the comment /* is not closed")
}

// dollarQuote returns a body between $tag$ and $tag$ as one token. A dollar
// sign that opens no body is a token by itself.
func dollarQuote(text string) (tokenKind, int, error) {
	n := 1
	for n < len(text) && isIdentifier(text[n]) {
		n++
	}
	if n == len(text) || text[n] != '$' || text[1] >= '0' && text[1] <= '9' {
		return word, 1, nil
	}
	tag := text[:n+1]
	body := strings.Index(text[len(tag):], tag)
	if body < 0 {
		return word, 0, fmt.Errorf("the body %s is not closed", tag)
	}
	return word, len(tag) + body + len(tag), nil
}

// isIdentifier reports whether c can be part of a name. Bytes of other
// alphabets can.
func isIdentifier(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
