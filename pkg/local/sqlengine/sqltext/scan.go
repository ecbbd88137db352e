package sqltext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Kind is the lexical kind of a token.
type Kind int

// The kinds of tokens. Comments and white space are no tokens.
const (
	Word   Kind = iota + 1 // a keyword or a name without quotes
	Quoted                 // a name in double quotes
	String                 // a literal in single quotes
	Dollar                 // a literal in dollar quotes
	Number                 // a number without sign
	Symbol                 // an operator or a punctuation mark
)

// Token is one token of a text.
type Token struct {
	Kind Kind

	// Text is a name in lower case, the value of a literal without its
	// quotes, or a number or symbol as written.
	Text string

	// Pos and End are the byte offsets of the token in the text.
	Pos, End int
}

// Is reports whether the token is one of the keywords or symbols. A quoted
// name and a literal never are.
func (t Token) Is(texts ...string) bool {
	if t.Kind != Word && t.Kind != Symbol {
		return false
	}
	for _, text := range texts {
		if t.Text == text {
			return true
		}
	}
	return false
}

// IsName reports whether the token can name something.
func (t Token) IsName() bool { return t.Kind == Word || t.Kind == Quoted }

// Scan splits a text into its tokens.
func Scan(text string) ([]Token, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("scan SQL: the text is not UTF-8")
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, fmt.Errorf("scan SQL line %d: a NUL byte", Line(text, i))
	}
	s := scanner{text: text}
	for {
		if err := s.skip(); err != nil {
			return nil, err
		}
		if s.pos == len(text) {
			return s.tokens, nil
		}
		if err := s.next(); err != nil {
			return nil, err
		}
	}
}

// Line is the line, from 1, of a byte offset in a text.
func Line(text string, pos int) int {
	return 1 + strings.Count(text[:min(pos, len(text))], "\n")
}

type scanner struct {
	text   string
	pos    int
	tokens []Token
}

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("scan SQL line %d: %w", Line(s.text, s.pos), fmt.Errorf(format, args...))
}

func (s *scanner) rest() string { return s.text[s.pos:] }

// skip moves past white space and comments.
func (s *scanner) skip() error {
	for s.pos < len(s.text) {
		rest := s.rest()
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			s.pos++
		case strings.HasPrefix(rest, "--"):
			if end := strings.IndexByte(rest, '\n'); end >= 0 {
				s.pos += end
			} else {
				s.pos = len(s.text)
			}
		case strings.HasPrefix(rest, "/*"):
			n := commentLength(rest)
			if n < 0 {
				return s.errorf("a comment has no end")
			}
			s.pos += n
		default:
			return nil
		}
	}
	return nil
}

// commentLength returns the length of the comment at the start of text, with
// the comments nested in it, or -1 if it has no end.
func commentLength(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// next reads one token.
func (s *scanner) next() error {
	c := s.text[s.pos]
	switch {
	case c == '\'':
		return s.literal()
	case c == '"':
		return s.quotedName()
	case c == '$':
		return s.dollar()
	case isDigit(c), c == '.' && s.pos+1 < len(s.text) && isDigit(s.text[s.pos+1]):
		return s.number()
	case isNameStart(c):
		return s.word()
	case strings.IndexByte("(),;.[]{}", c) >= 0:
		s.emit(Symbol, string(c), 1)
		return nil
	case c == ':':
		n := 1
		if rest := s.rest(); strings.HasPrefix(rest, "::") || strings.HasPrefix(rest, ":=") {
			n = 2
		}
		s.emit(Symbol, s.text[s.pos:s.pos+n], n)
		return nil
	case strings.IndexByte(operatorBytes, c) >= 0:
		n := operatorLength(s.rest())
		s.emit(Symbol, s.text[s.pos:s.pos+n], n)
		return nil
	}
	return s.errorf("the character %q has no meaning in SQL", c)
}

func (s *scanner) emit(kind Kind, text string, length int) {
	s.tokens = append(s.tokens, Token{Kind: kind, Text: text, Pos: s.pos, End: s.pos + length})
	s.pos += length
}

// quoted reads text up to the closing quote and returns the value, in which a
// doubled quote stands for one, and the length in the text.
func (s *scanner) quoted(quote byte) (value string, length int, err error) {
	var b strings.Builder
	rest := s.rest()
	for i := 1; i < len(rest); i++ {
		if rest[i] != quote {
			b.WriteByte(rest[i])
			continue
		}
		if i+1 < len(rest) && rest[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		return b.String(), i + 1, nil
	}
	return "", 0, s.errorf("%c has no closing %c", quote, quote)
}

func (s *scanner) literal() error {
	value, length, err := s.quoted('\'')
	if err != nil {
		return err
	}
	if strings.Contains(value, `\`) {
		return s.errorf("a string literal with a backslash means one thing in Redshift and another elsewhere; build it with chr(92)")
	}
	s.emit(String, value, length)
	return nil
}

func (s *scanner) quotedName() error {
	value, length, err := s.quoted('"')
	if err != nil {
		return err
	}
	if value == "" {
		return s.errorf("a quoted name is empty")
	}
	s.emit(Quoted, strings.ToLower(value), length)
	return nil
}

// dollar reads $tag$…$tag$.
func (s *scanner) dollar() error {
	rest := s.rest()
	end := 1
	for end < len(rest) && isNamePart(rest[end]) && rest[end] != '$' {
		end++
	}
	if end == len(rest) || rest[end] != '$' || isDigit(rest[1]) {
		return s.errorf("%q is a positional parameter or an unfinished dollar quote; parameters are written :name", rest[:end])
	}
	tag := rest[:end+1]
	length := strings.Index(rest[len(tag):], tag)
	if length < 0 {
		return s.errorf("%s has no closing %s", tag, tag)
	}
	s.emit(Dollar, rest[len(tag):len(tag)+length], length+2*len(tag))
	return nil
}

func (s *scanner) number() error {
	rest := s.rest()
	i := digits(rest, 0)
	if i < len(rest) && rest[i] == '.' {
		i = digits(rest, i+1)
	}
	if i < len(rest) && (rest[i] == 'e' || rest[i] == 'E') {
		j := i + 1
		if j < len(rest) && (rest[j] == '+' || rest[j] == '-') {
			j++
		}
		if k := digits(rest, j); k > j {
			i = k
		}
	}
	if i < len(rest) && isNamePart(rest[i]) {
		return s.errorf("%q is neither a number nor a name", rest[:i+1])
	}
	s.emit(Number, rest[:i], i)
	return nil
}

func digits(text string, i int) int {
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	return i
}

func (s *scanner) word() error {
	rest := s.rest()
	i := 1
	for i < len(rest) && isNamePart(rest[i]) {
		i++
	}
	name := strings.ToLower(rest[:i])
	if i < len(rest) && rest[i] == '\'' && (name == "e" || name == "b" || name == "x" || name == "n") {
		return s.errorf("a string literal with the prefix %q is not accepted", rest[:i])
	}
	s.emit(Word, name, i)
	return nil
}

const (
	operatorBytes   = "+-*/<>=~!@#%^&|`?"
	longestOperator = 16 // far beyond any that exists; keeps the scan linear
)

// operatorLength returns the length of the operator at the start of text, by
// the rule of PostgreSQL: the longest run of operator characters that starts
// no comment and, unless it holds a character that SQL does not use, does not
// end in a sign: "=-1" is "=" and "-1".
func operatorLength(text string) int {
	n := 1
	for n < min(len(text), longestOperator) && strings.IndexByte(operatorBytes, text[n]) >= 0 {
		n++
	}
	for i := 1; i < n; i++ {
		if strings.HasPrefix(text[i:], "--") || strings.HasPrefix(text[i:], "/*") {
			n = i
		}
	}
	if strings.ContainsAny(text[:n], "~!@#%^&|`?") {
		return n
	}
	for n > 1 && (text[n-1] == '+' || text[n-1] == '-') {
		n--
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNameStart(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf
}

func isNamePart(c byte) bool { return isNameStart(c) || isDigit(c) || c == '$' }
