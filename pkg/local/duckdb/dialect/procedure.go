package dialect

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// maxSource is how many bytes the source of a procedure may have:
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-constraints.html
const maxSource = 2 << 20

// Procedure is a stored procedure: its source, and what the source says.
type Procedure struct {
	Source    string // the text between the dollar quotes
	Variables []Variable
	Steps     []Step
}

// Variable is a variable that a procedure declares.
type Variable struct {
	Name    string
	Type    string // DuckDB's spelling
	Bytes   int    // longest value of a VARCHAR, 0 for other types
	Initial string // DuckDB expression of its first value; "null" if none is given
}

// Hold spells the DuckDB expression of a value that the variable holds. It
// fails for one that the variable can not hold.
func (v Variable) Hold(value string) string {
	if v.Bytes > 0 {
		return fmt.Sprintf("%s.to_varchar(%s, %d)", Schema, value, v.Bytes)
	}
	return fmt.Sprintf("cast(%s as %s)", value, v.Type)
}

// Step is one statement of a body. Statement is set for a plain statement and
// for SELECT INTO, Guard for IF … THEN RAISE EXCEPTION.
type Step struct {
	Line      int // of the body, from 1
	Statement *Statement
	Into      []string // SELECT INTO: the variables that get the first row
	Guard     *Guard
}

// Guard raises an exception if its condition is true.
type Guard struct {
	Condition Expression
	Format    string // every % stands for the next argument, %% for one %
	Arguments []Expression
}

// Expression is an expression over variables.
type Expression struct{ tokens []sqltext.Token }

// SQL writes the expression in DuckDB's spelling, with every variable replaced
// by its value. Values holds DuckDB expressions by the names of variables.
func (e Expression) SQL(values map[string]string) string {
	text := ""
	for _, t := range e.tokens {
		if value, ok := values[t.Text]; ok && t.IsName() {
			text += " (" + value + ")"
			continue
		}
		text += " " + sqltext.Render([]sqltext.Token{t})
	}
	return text
}

// createProcedure reads the rest of CREATE PROCEDURE, from the name on.
func createProcedure(c *sqltext.Cursor, replace bool) (*Statement, error) {
	at := c.Peek(0)
	name, err := c.Name()
	if err != nil {
		return nil, err
	}
	if name.Schema == "" {
		return nil, refuse(at, "procedure %s needs a schema", name)
	}
	if !c.Accept("(", ")") {
		return nil, refuse(c.Peek(0), "procedure %s is refused at %s: the local engine runs procedures without arguments", name, c.Describe())
	}
	source, found, language := "", false, false
	for !c.Done() {
		at := c.Peek(0)
		switch {
		case !language && c.Accept("language", "plpgsql"):
			language = true
		case !found && c.Accept("as"):
			body := c.Next()
			if body.Kind != sqltext.Dollar && body.Kind != sqltext.String {
				return nil, refuse(at, "the body of procedure %s has to stand between $$ and $$", name)
			}
			source, found = body.Text, true
		default:
			return nil, refuse(at, "procedure %s is refused at %s: the local engine runs procedures in the default mode, language plpgsql", name, c.Describe())
		}
	}
	if !found || !language {
		return nil, refuse(at, "procedure %s needs a body and language plpgsql", name)
	}
	procedure, err := ParseBody(source)
	if err != nil {
		return nil, refuse(at, "procedure %s: %w", name, err)
	}
	return &Statement{Kind: SaveProcedure, Target: name, Procedure: procedure, Replace: replace}, nil
}

// ParseBody reads the body of a procedure and refuses, by name, every statement
// that the local engine does not run.
func ParseBody(source string) (*Procedure, error) {
	if len(source) > maxSource {
		return nil, fmt.Errorf("the body has %d bytes: Redshift takes %d", len(source), maxSource)
	}
	tokens, err := sqltext.Scan(source)
	if err != nil {
		return nil, err
	}
	b := &body{source: source, c: sqltext.NewCursor(tokens), procedure: &Procedure{Source: source}}
	if err := b.read(); err != nil {
		return nil, inLine(source, locate(b.c.Peek(0), err))
	}
	return b.procedure, nil
}

// body reads the body of a procedure.
type body struct {
	source    string
	c         *sqltext.Cursor
	procedure *Procedure
}

func (b *body) read() error {
	if b.c.Accept("declare") {
		for !b.c.Peek(0).Is("begin") {
			if err := b.declaration(); err != nil {
				return err
			}
		}
	}
	if err := b.c.Expect("begin"); err != nil {
		return err
	}
	for !b.c.Peek(0).Is("end") {
		if b.c.Done() {
			return fmt.Errorf("the body has no end")
		}
		if b.c.Accept(";") {
			continue
		}
		if err := b.step(); err != nil {
			return err
		}
	}
	b.c.Next()
	b.c.Accept(";")
	return atEnd(b.c)
}

// declaration reads "name type [:= expression];".
func (b *body) declaration() error {
	at := b.c.Peek(0)
	name, err := b.c.Identifier()
	if err != nil {
		return err
	}
	if b.variable(name) {
		return refuse(at, "variable %s is declared twice", name)
	}
	if isKeyword(name) || isReserved(name) {
		return refuse(at, "variable %s has the name of a keyword", name)
	}
	typ, err := readType(b.c)
	if err != nil {
		return err
	}
	if !typ.integer && !typ.numeric && typ.bytes == 0 {
		return refuse(at, "variable %s is refused: variables are bigint, integer, numeric or varchar", name)
	}
	v := Variable{Name: name, Type: typ.sql, Bytes: typ.bytes, Initial: "null"}
	if b.c.Accept(":=") || b.c.Accept("default") {
		initial, err := b.expression("the start value of "+name, ";")
		if err != nil {
			return err
		}
		if uses(initial.tokens, b.procedure.Variables) {
			return refuse(at, "variable %s starts with another variable", name)
		}
		v.Initial = initial.SQL(nil)
	}
	b.procedure.Variables = append(b.procedure.Variables, v)
	return b.c.Expect(";")
}

func (b *body) variable(name string) bool {
	for _, v := range b.procedure.Variables {
		if v.Name == name {
			return true
		}
	}
	return false
}

// uses reports whether tokens name one of the variables.
func uses(tokens []sqltext.Token, variables []Variable) bool {
	for i, t := range tokens {
		if !t.IsName() || i > 0 && tokens[i-1].Is(".") {
			continue
		}
		for _, v := range variables {
			if v.Name == t.Text {
				return true
			}
		}
	}
	return false
}

// expression reads an expression over variables up to one of the stops, which
// it leaves.
func (b *body) expression(what string, stops ...string) (Expression, error) {
	tokens := b.c.Rest()
	n := length(tokens, stops...)
	if n == 0 || n == len(tokens) {
		return Expression{}, fmt.Errorf("%s has no expression that ends with %q", what, stops)
	}
	tokens = tokens[:n]
	for i, t := range tokens {
		switch {
		case t.Is("select"):
			return Expression{}, refuse(t, "%s has a query: put its result in a variable with select into", what)
		case t.IsName() && !b.variable(t.Text) && !isExpressionWord(tokens, i):
			return Expression{}, refuse(t, "%s uses %q, which is not a variable", what, t.Text)
		}
	}
	out, err := rewrite(tokens)
	if err != nil {
		return Expression{}, err
	}
	b.c.Skip(n)
	return Expression{tokens: out}, nil
}

// isExpressionWord reports whether the name at i is a keyword of expressions,
// a function or a type.
func isExpressionWord(tokens []sqltext.Token, i int) bool {
	if i+1 < len(tokens) && tokens[i+1].Is("(") || i > 0 && tokens[i-1].Is("as", "::") {
		return true
	}
	return tokens[i].Is("and", "or", "not", "is", "null", "true", "false", "in", "between",
		"case", "when", "then", "else", "end", "as", "precision", "varying")
}

// length returns how many tokens stand before the first of the stops that is
// outside of parentheses and of case … end.
func length(tokens []sqltext.Token, stops ...string) int {
	depth := 0
	for i, t := range tokens {
		if depth == 0 && t.Is(stops...) {
			return i
		}
		switch {
		case t.Is("(", "case"):
			depth++
		case t.Is(")", "end") && depth > 0:
			depth--
		}
	}
	return len(tokens)
}
