package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// rewriter writes checked tokens as DuckDB reads them.
type rewriter struct {
	tokens []sqltext.Token
	out    []sqltext.Token
	open   []parenthesis
}

// parenthesis is one that is open in the output.
type parenthesis struct {
	call  string // the Redshift function whose arguments it holds
	start int    // where the call, or the parenthesis, starts in the output
	first int    // where its content starts in the output
}

// rewrite checks tokens and returns them in DuckDB's spelling.
func rewrite(tokens []sqltext.Token) ([]sqltext.Token, error) {
	if err := check(tokens); err != nil {
		return nil, err
	}
	r := &rewriter{tokens: tokens}
	for i := 0; i < len(tokens); {
		n, err := r.step(i)
		if err != nil {
			return nil, locate(tokens[i], err)
		}
		i += n
	}
	return r.out, nil
}

// words makes tokens of keywords, names without quotes, symbols and types.
func words(texts ...string) []sqltext.Token {
	var tokens []sqltext.Token
	for _, text := range texts {
		for _, part := range strings.Fields(text) {
			kind := sqltext.Symbol
			switch c := part[0]; {
			case '0' <= c && c <= '9':
				kind = sqltext.Number
			case 'a' <= c && c <= 'z' || c == '_':
				kind = sqltext.Word
			}
			tokens = append(tokens, sqltext.Token{Kind: kind, Text: part})
		}
	}
	return tokens
}

func (r *rewriter) emit(tokens ...sqltext.Token) { r.out = append(r.out, tokens...) }

// top returns the innermost open parenthesis.
func (r *rewriter) top() parenthesis {
	if len(r.open) == 0 {
		return parenthesis{}
	}
	return r.open[len(r.open)-1]
}

// step writes what stands at i and returns how many tokens that was.
func (r *rewriter) step(i int) (int, error) {
	t := r.tokens[i]
	switch {
	case i+1 < len(r.tokens) && r.tokens[i+1].Is("(") && isCall(r.tokens, i+1):
		return r.call(i)
	case t.Is("("):
		r.open = append(r.open, parenthesis{start: len(r.out), first: len(r.out) + 1})
	case t.Is(")"):
		return 1, r.close(t)
	case t.Is("as") && r.top().call == "cast":
		return r.castAs(i)
	case t.Is("::"):
		return r.castTo(i)
	case t.Is("from", "for") && r.top().call == "substring":
		r.emit(words(",")...)
		return 1, nil
	case t.Is("sysdate"):
		r.emit(words(Schema, ".", "getdate", "(", ")")...)
		return 1, nil
	}
	r.emit(t)
	return 1, nil
}

// call writes the name of a function, its parenthesis and, where it is one,
// its date part.
func (r *rewriter) call(i int) (int, error) {
	name := r.tokens[i].Text
	duckDB, _ := function(name)
	start := len(r.out)
	r.emit(words(duckDB...)...)
	r.emit(r.tokens[i+1])
	r.open = append(r.open, parenthesis{call: name, start: start, first: len(r.out)})
	if i+2 >= len(r.tokens) {
		return 2, nil
	}
	part := r.tokens[i+2]
	if name == "extract" && !(part.Kind == sqltext.Word && isPart(part.Text)) {
		return 0, refuse(part, "date part %q is refused: the engines do not count it alike", part.Text)
	}
	if !takesPart(name) {
		return 2, nil
	}
	if part.Kind != sqltext.Word && part.Kind != sqltext.String || !isPart(strings.ToLower(part.Text)) {
		return 0, refuse(part, "date part %q of %s is refused: the engines do not count it alike", part.Text, name)
	}
	r.emit(sqltext.Token{Kind: sqltext.String, Text: strings.ToLower(part.Text), Pos: part.Pos})
	return 3, nil
}

// close writes a closing parenthesis, after a last look at the arguments.
func (r *rewriter) close(t sqltext.Token) error {
	top := r.top()
	switch top.call {
	case "cast":
		return refuse(t, "cast has no \"as\" and type")
	case "avg":
		if !isDouble(r.out[top.first:]) {
			return refuse(t, "avg of anything but a cast to double precision is refused: Redshift gives an integer for integers")
		}
	case "to_char":
		last := &r.out[len(r.out)-1]
		if last.Kind != sqltext.String {
			return refuse(t, "to_char needs its format as a literal")
		}
		format, err := timeFormat(last.Text)
		if err != nil {
			return refuse(*last, "to_char: %w", err)
		}
		last.Text = format
	}
	r.open = r.open[:len(r.open)-1]
	r.emit(t)
	return nil
}

// castAs reads the rest of cast(… as type) and wraps what cast holds.
func (r *rewriter) castAs(i int) (int, error) {
	c := sqltext.NewCursor(r.tokens[i+1:])
	to, err := readType(c)
	if err != nil {
		return 0, err
	}
	if err := c.Expect(")"); err != nil {
		return 0, err
	}
	top := r.top()
	r.open = r.open[:len(r.open)-1]
	return len(r.tokens) - i - len(c.Rest()), r.wrap(top.start, top.first, to)
}

// castTo reads ::type and wraps the operand before it.
func (r *rewriter) castTo(i int) (int, error) {
	c := sqltext.NewCursor(r.tokens[i+1:])
	to, err := readType(c)
	if err != nil {
		return 0, err
	}
	start, ok := operand(r.out)
	if !ok || start < r.top().first {
		return 0, refuse(r.tokens[i], "what :: casts is not clear; write cast(… as …)")
	}
	return len(r.tokens) - i - len(c.Rest()), r.wrap(start, start, to)
}

// wrap replaces the output from start by a cast of the output from first.
func (r *rewriter) wrap(start, first int, to dataType) error {
	// A cast copies what it holds, here once and in its macro up to four times:
	// without limits a long chain of casts would take minutes and all memory.
	const longest, deepest = 5000, 5
	if len(r.out)-first > longest {
		return fmt.Errorf("a cast of more than %d words is refused", longest)
	}
	if castsWithin(r.out[first:]) >= deepest {
		return fmt.Errorf("casts within casts are refused beyond %d", deepest)
	}
	operand := append([]sqltext.Token(nil), r.out[first:]...)
	r.out = r.out[:start]
	switch {
	case to.bytes > 0:
		r.emit(words(Schema, ".", "to_varchar", "(")...)
		r.emit(operand...)
		r.emit(words(",")...)
		r.emit(number(to.bytes), words(")")[0])
		return nil
	case to.integer:
		r.emit(words("cast", "(", Schema, ".", "check_digits", "(")...)
		r.emit(operand...)
		r.emit(words(")")...)
	default:
		r.emit(words("cast", "(")...)
		r.emit(operand...)
	}
	r.emit(words("as", to.sql, ")")...)
	return nil
}

// castsWithin returns how many of the casts that wrap makes stand within each
// other in the output.
func castsWithin(out []sqltext.Token) int {
	var open []int // for each open parenthesis, the casts around what it holds
	deepest := 0
	for i, t := range out {
		switch {
		case t.Is("("):
			around := 0
			if len(open) > 0 {
				around = open[len(open)-1]
			}
			if i > 0 && out[i-1].Is("cast", "to_varchar") {
				around++
			}
			deepest = max(deepest, around)
			open = append(open, around)
		case t.Is(")") && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	return deepest
}

// operand finds where the operand of :: at the end of the output starts: a
// name, a literal, a parenthesis or a call.
func operand(out []sqltext.Token) (start int, ok bool) {
	i := len(out) - 1
	if i < 0 {
		return 0, false
	}
	switch t := out[i]; {
	case t.Is(")"):
		if i = opening(out); i < 0 {
			return 0, false
		}
		if i > 0 && isCall(out, i) {
			i--
		} else {
			return i, true
		}
	case t.Is("end"), t.Kind == sqltext.Symbol, t.Kind == sqltext.Dollar,
		t.Kind == sqltext.Word && isKeyword(t.Text) && !(i > 0 && out[i-1].Is(".")):
		return 0, false
	case t.Kind == sqltext.String || t.Kind == sqltext.Number:
		if i > 0 && t.Kind == sqltext.String && out[i-1].Is("date", "timestamp", "interval") {
			i--
		}
		return i, true
	}
	for i >= 2 && out[i-1].Is(".") && out[i-2].IsName() {
		i -= 2
	}
	return i, true
}

// opening finds the parenthesis that the last token closes.
func opening(out []sqltext.Token) int {
	depth := 0
	for i := len(out) - 1; i >= 0; i-- {
		switch {
		case out[i].Is(")"):
			depth++
		case out[i].Is("("):
			depth--
		}
		if depth == 0 {
			return i
		}
	}
	return -1
}

// isDouble reports whether tokens are nothing but a cast to double precision.
func isDouble(tokens []sqltext.Token) bool {
	if len(tokens) > 0 && tokens[0].Is("distinct") {
		tokens = tokens[1:]
	}
	n := len(tokens)
	return n > 4 && tokens[0].Is("cast") && tokens[n-1].Is(")") && tokens[n-2].Is("double") &&
		opening(tokens) == 1
}

func number(n int) sqltext.Token {
	return sqltext.Token{Kind: sqltext.Number, Text: strconv.Itoa(n)}
}
