package dialect

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// Reasons for a refusal, after the words that are refused.
const (
	absent = "Redshift does not have it"
	local  = "the local engine does not run it as Redshift does"
	leader = "in Redshift it can not be used with tables; use getdate()"
)

// refusedWords are refused wherever they stand without quotes.
func refusedWords(word string) string {
	switch word {
	case "returning", "asof", "positional", "semi", "anti", "lateral", "tablesample",
		"glob", "exclude", "fetch", "window", "summarize", "materialized", "overriding", "nextval", "serial":
		return absent
	case "pivot", "unpivot", "similar", "collate", "timestamptz", "timetz":
		return local
	case "current_timestamp", "localtimestamp", "current_time", "localtime":
		return leader
	case Schema:
		return "the schema belongs to the local engine"
	}
	return ""
}

// refusedSequences are refused wherever they stand.
func refusedSequences() map[string]string {
	return map[string]string{
		"is distinct from":     absent + "; compare with coalesce()",
		"is not distinct from": absent + "; compare with coalesce()",
		"distinct on":          absent + "; use qualify row_number()",
		"on conflict":          absent + "; delete and insert in one transaction",
		"group by all":         absent,
		"order by all":         absent,
		"union by":             absent,
		"all by":               absent,
		"filter (":             absent + "; use case inside the aggregate",
		"* replace":            absent,
		"using sample":         absent,
		"intersect all":        absent,
		"except all":           absent,
		"for update":           absent,
		"for share":            absent,
		"with ordinality":      absent,
		"at (":                 absent,
		"( from":               absent + "; a query starts with select",
		"union from":           absent + "; a query starts with select",
		"all from":             absent + "; a query starts with select",
		"except from":          absent + "; a query starts with select",
		"intersect from":       absent + "; a query starts with select",
		"within group":         local,
		"ignore nulls":         local,
		"respect nulls":        local,
		"select top":           local + "; use limit",
		"select into":          local + "; use create table as",
	}
}

// isOperator reports whether all engines read the symbol alike. Division of
// text patterns (~) and bits are not among them.
func isOperator(symbol string) bool {
	return slices.Contains([]string{
		"(", ")", ",", ".", "::", "+", "-", "*", "/", "%", "||",
		"=", "<>", "!=", "<", ">", "<=", ">=",
	}, symbol)
}

// isKeyword reports whether an expression or a parenthesis can follow the word,
// so that a word after it can be a function and it is none itself.
func isKeyword(word string) bool {
	return slices.Contains([]string{
		"select", "distinct", "all", "any", "some", "where", "and", "or", "not", "on",
		"having", "by", "when", "then", "else", "case", "in", "between", "like",
		"ilike", "is", "from", "join", "limit", "offset", "set", "using", "values",
		"escape", "union", "except", "intersect", "minus", "over", "partition", "qualify",
		"exists", "as", "with", "recursive", "interval", "rollup", "cube", "sets",
		"default", "if",
	}, word)
}

// frame is what is known of one open parenthesis, or of the whole text.
type frame struct {
	call   string // the function whose arguments these are
	clause string // the clause that the last token belongs to
	window string // for a window definition: the function that it belongs to
	order  bool   // the window has an order
	rows   bool   // the window has a frame
}

// checker refuses what is not Redshift SQL that DuckDB, after rewriting,
// answers alike.
type checker struct {
	tokens    []sqltext.Token
	frames    []frame
	closed    string // the function of the parenthesis that was just closed
	sequences map[string]string
}

func check(tokens []sqltext.Token) error {
	c := &checker{tokens: tokens, frames: []frame{{}}, sequences: refusedSequences()}
	for i := range tokens {
		if err := c.token(i); err != nil {
			return err
		}
	}
	if len(c.frames) != 1 {
		return refuse(tokens[len(tokens)-1], "a parenthesis has no end")
	}
	return nil
}

func (c *checker) top() *frame { return &c.frames[len(c.frames)-1] }

func (c *checker) at(i int) sqltext.Token {
	if i < 0 || i >= len(c.tokens) {
		return sqltext.Token{}
	}
	return c.tokens[i]
}

func (c *checker) token(i int) error {
	t := c.tokens[i]
	switch t.Kind {
	case sqltext.Word:
		return c.word(i)
	case sqltext.Symbol:
		return c.symbol(i)
	case sqltext.Quoted:
		if strings.ContainsAny(t.Text, `./\`) || t.Text == Schema {
			return refuse(t, "name %q is refused: the local engine would read it as a file", t.Text)
		}
	case sqltext.String:
		if c.top().clause == "from" && c.at(i-1).Is("from", "join", ",") {
			return refuse(t, "a query of the file %q is refused: %s; use copy", t.Text, absent)
		}
	case sqltext.Dollar:
		return refuse(t, "a dollar-quoted text stands outside of create procedure")
	case sqltext.Number:
	}
	return nil
}

func (c *checker) word(i int) error {
	t := c.tokens[i]
	if c.at(i - 1).Is(".") {
		return nil
	}
	if reason := refusedWords(t.Text); reason != "" {
		return refuse(t, "%q is refused: %s", t.Text, reason)
	}
	if err := c.sequence(i); err != nil {
		return err
	}
	top := c.top()
	switch t.Text {
	case "from":
		// Inside these functions FROM separates arguments.
		if !slices.Contains([]string{"extract", "trim", "substring"}, top.call) {
			top.clause = "from"
		}
	case "join":
		top.clause = "from"
	case "select", "where", "group", "having", "qualify", "limit", "on", "set", "values", "union":
		top.clause = t.Text
	case "order":
		top.clause = "order"
		top.order = top.order || top.window != ""
	case "rows":
		top.rows = true
	case "range", "groups":
		if top.window != "" {
			return refuse(t, "a window frame of %s is refused: %s; use rows", t.Text, absent)
		}
	case "over":
		if c.closed != "" && !c.at(i+1).Is("(") {
			return refuse(t, "a window by name is refused: %s", absent)
		}
	}
	if c.at(i-1).Is(",") && t.Is("from", "where", "group", "having", "order", "limit", "qualify", "union", "set") {
		return refuse(t, "a comma stands before %q", t.Text)
	}
	return nil
}

// sequence refuses the sequences of two to four words that start at i.
func (c *checker) sequence(i int) error {
	text := c.tokens[i].Text
	for n := 1; n < 4 && (c.at(i+n).Kind == sqltext.Word || c.at(i+n).Kind == sqltext.Symbol); n++ {
		text += " " + c.at(i+n).Text
		if reason, ok := c.sequences[text]; ok {
			return refuse(c.tokens[i], "%q is refused: %s", text, reason)
		}
	}
	return nil
}

func (c *checker) symbol(i int) error {
	t := c.tokens[i]
	if !isOperator(t.Text) {
		return refuse(t, "%q is refused: it is not an operator that Redshift and the local engine share", t.Text)
	}
	if t.Is("(", "*") {
		if err := c.sequence(i); err != nil {
			return err
		}
	}
	switch t.Text {
	case "(":
		return c.open(i)
	case ")":
		return c.close(i)
	case ",":
		if c.at(i+1).Kind == 0 {
			return refuse(t, "a comma stands at the end")
		}
		if c.top().clause == "on" {
			c.top().clause = "from"
		}
	case "%":
		if c.top().clause == "limit" {
			return refuse(t, "a limit in percent is refused: %s", absent)
		}
	}
	return nil
}

func (c *checker) open(i int) error {
	t := c.tokens[i]
	next := frame{}
	if c.at(i - 1).Is("over") {
		next.window = c.closed
	}
	if isCall(c.tokens, i) {
		name := c.at(i - 1)
		if c.at(i - 2).Is(".") {
			return refuse(name, "function %s.%s is refused: only built-in functions can be called", c.at(i-3).Text, name.Text)
		}
		if _, ok := function(name.Text); !ok {
			return refuse(name, "function %s is refused: it is not in the list of functions that Redshift and the local engine answer alike", name.Text)
		}
		if c.at(i+1).Is(")") && name.Text == "count" {
			return refuse(t, "count() is refused: %s; use count(*)", absent)
		}
		next.call = name.Text
	}
	if c.at(i + 1).Is("values") {
		return refuse(c.at(i+1), "values as a table is refused: %s; use select … union all", absent)
	}
	c.frames = append(c.frames, next)
	return nil
}

func (c *checker) close(i int) error {
	t := c.tokens[i]
	if len(c.frames) == 1 {
		return refuse(t, "a closing parenthesis has no start")
	}
	if c.at(i - 1).Is(",") {
		return refuse(t, "a comma stands before a closing parenthesis")
	}
	top := c.top()
	if top.order && !top.rows && isAggregate(top.window) {
		return refuse(t, "%s over (… order by …) is refused: Redshift wants a frame, such as rows unbounded preceding", top.window)
	}
	c.closed = top.call
	c.frames = c.frames[:len(c.frames)-1]
	return nil
}

// isCall reports whether the parenthesis at i opens the arguments of a
// function, not a grouping, a list of columns or the length of a type.
func isCall(tokens []sqltext.Token, i int) bool {
	if i < 1 || !tokens[i-1].IsName() {
		return false
	}
	if tokens[i-1].Kind == sqltext.Word && isKeyword(tokens[i-1].Text) {
		return false
	}
	if i == 1 {
		return true
	}
	switch before := tokens[i-2]; {
	case before.Is("as", "::", "with", "recursive", ")"):
		return false // an alias, a type or a common table expression
	case before.Is(","):
		return !isCommonTable(tokens[i:])
	case before.Kind == sqltext.Word:
		return isKeyword(before.Text)
	default:
		return before.Kind != sqltext.Quoted
	}
}

// isCommonTable reports whether tokens are "(columns) as (…": what follows the
// name of a common table expression.
func isCommonTable(tokens []sqltext.Token) bool {
	c := sqltext.NewCursor(tokens)
	_, err := c.Parenthesised()
	return err == nil && c.Accept("as", "(")
}
