package sqltext

import (
	"fmt"
	"strings"
)

// Name is the name of a table, view or procedure, in lower case. Schema is
// empty if the text gave none.
type Name struct {
	Schema string
	Object string
}

// String writes the name for people: landing.order.
func (n Name) String() string {
	if n.Schema == "" {
		return n.Object
	}
	return n.Schema + "." + n.Object
}

// SQL writes the name for an engine, in quotes.
func (n Name) SQL() string {
	if n.Schema == "" {
		return QuoteName(n.Object)
	}
	return QuoteName(n.Schema) + "." + QuoteName(n.Object)
}

// ParseName reads "schema.object" or "object", each part in quotes or not.
func ParseName(text string) (Name, error) {
	tokens, err := Scan(text)
	if err != nil {
		return Name{}, err
	}
	c := NewCursor(tokens)
	name, err := c.Name()
	if err != nil {
		return Name{}, err
	}
	if !c.Done() {
		return Name{}, fmt.Errorf("parse name %q: %s is too much", text, c.Describe())
	}
	return name, nil
}

// Cursor reads tokens from the first to the last. Its methods never read past
// the end: there they see a token of no kind.
type Cursor struct {
	tokens []Token
	pos    int
}

// NewCursor returns a cursor before the first token.
func NewCursor(tokens []Token) *Cursor { return &Cursor{tokens: tokens} }

// Done reports whether all tokens are read.
func (c *Cursor) Done() bool { return c.pos >= len(c.tokens) }

// Peek returns the token that comes n places after the next one.
func (c *Cursor) Peek(n int) Token {
	if c.pos+n >= len(c.tokens) {
		return Token{}
	}
	return c.tokens[c.pos+n]
}

// Next reads one token.
func (c *Cursor) Next() Token {
	t := c.Peek(0)
	if !c.Done() {
		c.pos++
	}
	return t
}

// Rest returns the tokens that are not read yet.
func (c *Cursor) Rest() []Token { return c.tokens[min(c.pos, len(c.tokens)):] }

// Skip moves over n tokens.
func (c *Cursor) Skip(n int) { c.pos = min(c.pos+n, len(c.tokens)) }

// Accept reads a sequence of keywords and symbols if it comes next.
func (c *Cursor) Accept(sequence ...string) bool {
	for i, text := range sequence {
		if !c.Peek(i).Is(text) {
			return false
		}
	}
	c.Skip(len(sequence))
	return true
}

// Expect reads a sequence of keywords and symbols or tells what stands there.
func (c *Cursor) Expect(sequence ...string) error {
	for _, text := range sequence {
		if !c.Peek(0).Is(text) {
			return fmt.Errorf("%s stands where %q is expected", c.Describe(), text)
		}
		c.Next()
	}
	return nil
}

// Identifier reads one part of a name.
func (c *Cursor) Identifier() (string, error) {
	if !c.Peek(0).IsName() {
		return "", fmt.Errorf("%s stands where a name is expected", c.Describe())
	}
	return c.Next().Text, nil
}

// Name reads the name of a table, view or procedure.
func (c *Cursor) Name() (Name, error) {
	first, err := c.Identifier()
	if err != nil {
		return Name{}, err
	}
	if !c.Accept(".") {
		return Name{Object: first}, nil
	}
	second, err := c.Identifier()
	if err != nil {
		return Name{}, err
	}
	if c.Peek(0).Is(".") {
		return Name{}, fmt.Errorf("name %s.%s has a third part; the connection has one database", first, second)
	}
	return Name{Schema: first, Object: second}, nil
}

// Parenthesised reads "( … )" and returns the tokens between.
func (c *Cursor) Parenthesised() ([]Token, error) {
	if err := c.Expect("("); err != nil {
		return nil, err
	}
	depth := 1
	for i, t := range c.Rest() {
		switch {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		}
		if depth == 0 {
			inner := c.Rest()[:i]
			c.Skip(i + 1)
			return inner, nil
		}
	}
	return nil, fmt.Errorf("a parenthesis has no end")
}

// Identifiers reads "(a, b, …)".
func (c *Cursor) Identifiers() ([]string, error) {
	inner, err := c.Parenthesised()
	if err != nil {
		return nil, err
	}
	list := NewCursor(inner)
	var names []string
	for {
		name, err := list.Identifier()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if list.Done() {
			return names, nil
		}
		if err := list.Expect(","); err != nil {
			return nil, err
		}
	}
}

// Describe names the next token for an error.
func (c *Cursor) Describe() string {
	if c.Done() {
		return "the end"
	}
	const longest = 40
	text := c.Peek(0).spell()
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}
