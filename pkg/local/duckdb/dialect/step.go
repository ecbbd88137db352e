package dialect

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// step reads one statement of a body with its semicolon.
func (b *body) step() error {
	at := b.c.Peek(0)
	step := Step{Line: sqltext.Line(b.source, at.Pos)}
	if b.c.Accept("if") {
		guard, err := b.guard()
		if err != nil {
			return locate(at, err)
		}
		step.Guard = guard
		b.procedure.Steps = append(b.procedure.Steps, step)
		return nil
	}
	tokens := b.c.Rest()
	end := length(tokens, ";")
	if end == len(tokens) {
		return refuse(at, "a statement has no semicolon")
	}
	tokens = tokens[:end]
	var err error
	switch {
	case at.Is("select", "with"):
		step.Into, tokens, err = b.into(tokens)
	case at.Is("create") && !createsTable(tokens), at.Is("drop") && !tokens[min(1, end-1)].Is("table"):
		err = refuse(at, "%s in a procedure is refused: procedures create and drop tables only", title(tokens))
	case at.Is("insert", "update", "delete", "call", "lock", "analyze", "create", "drop", "alter"):
	default:
		err = refuse(at, "%s in a procedure is refused: the local engine runs insert, update, delete, select into, if … then raise exception, call, lock, analyze, and create, alter and drop of tables", b.c.Describe())
	}
	if err != nil {
		return locate(at, err)
	}
	if uses(tokens, b.procedure.Variables) {
		return refuse(at, "%s uses a variable: the local engine knows variables in select into, if and raise only", title(tokens))
	}
	if step.Statement, err = translate(tokens); err != nil {
		return locate(at, err)
	}
	b.c.Skip(end + 1)
	b.procedure.Steps = append(b.procedure.Steps, step)
	return nil
}

func createsTable(tokens []sqltext.Token) bool {
	c := sqltext.NewCursor(tokens)
	return c.Accept("create", "table") || c.Accept("create", "temp", "table") || c.Accept("create", "temporary", "table")
}

// into takes "into a, b" out of a query. It stands before or after the
// selected expressions: "select into a max(x) from t", "select max(x) into a
// from t".
func (b *body) into(tokens []sqltext.Token) (variables []string, rest []sqltext.Token, err error) {
	at := length(tokens, "into")
	if at == len(tokens) {
		return nil, nil, fmt.Errorf("a query in a procedure needs \"into\" and a variable for its result")
	}
	end := at + 1
	for {
		if end >= len(tokens) || !tokens[end].IsName() || !b.variable(tokens[end].Text) {
			return nil, nil, refuse(tokens[at], "into names something that is not a variable")
		}
		variables = append(variables, tokens[end].Text)
		end++
		if end >= len(tokens) || !tokens[end].Is(",") {
			break
		}
		end++
	}
	if at == 0 {
		return nil, nil, refuse(tokens[0], "into has no query before it")
	}
	return variables, append(append([]sqltext.Token(nil), tokens[:at]...), tokens[end:]...), nil
}

// guard reads the rest of IF condition THEN RAISE EXCEPTION … END IF;
func (b *body) guard() (*Guard, error) {
	condition, err := b.expression("an if", "then")
	if err != nil {
		return nil, err
	}
	b.c.Next()
	if !b.c.Accept("raise", "exception") {
		return nil, refuse(b.c.Peek(0), "%s after then is refused: an if can only raise an exception", b.c.Describe())
	}
	at := b.c.Next()
	if at.Kind != sqltext.String {
		return nil, refuse(at, "raise exception needs its message as a literal")
	}
	g := &Guard{Condition: condition, Format: at.Text}
	for b.c.Accept(",") {
		argument, err := b.expression("raise exception", ",", ";")
		if err != nil {
			return nil, err
		}
		g.Arguments = append(g.Arguments, argument)
	}
	if want := strings.Count(strings.ReplaceAll(g.Format, "%%", ""), "%"); want != len(g.Arguments) {
		return nil, refuse(at, "raise exception has %d arguments for %d %% signs", len(g.Arguments), want)
	}
	if err := b.c.Expect(";"); err != nil {
		return nil, err
	}
	if !b.c.Accept("end", "if") {
		return nil, refuse(b.c.Peek(0), "%s is refused where end if should stand", b.c.Describe())
	}
	return g, b.c.Expect(";")
}

// Message fills the arguments into the format.
func (g *Guard) Message(arguments []string) string {
	var b strings.Builder
	for rest := g.Format; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "%%"):
			b.WriteByte('%')
			rest = rest[2:]
		case rest[0] == '%' && len(arguments) > 0:
			b.WriteString(arguments[0])
			arguments, rest = arguments[1:], rest[1:]
		default:
			b.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return b.String()
}
