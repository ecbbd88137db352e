package dialect

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// Kind tells package duckdb what to do with a statement.
type Kind int

// The kinds of statements.
const (
	Query         Kind = iota + 1 // SQL returns rows
	Change                        // SQL inserts, updates or deletes rows of Target
	Define                        // SQL creates or drops Target
	AddColumn                     // Target gets the column Name, defined by SQL
	Rename                        // SQL gives Target the name Column
	SaveProcedure                 // Procedure becomes Target
	DropProcedure                 // Target goes
	Call                          // Target runs
	Nothing                       // SQL, if there is one, is run for its errors
)

// Statement is one statement in DuckDB's spelling.
type Statement struct {
	Kind      Kind
	Title     string       // the first words of the statement, for errors
	Target    sqltext.Name // what it changes, defines or calls
	SQL       string       // what DuckDB runs
	Column    string       // AddColumn: the name of the column; Rename: the new name of the table
	Procedure *Procedure   // SaveProcedure: what was declared

	Replace   bool // SaveProcedure: OR REPLACE
	IfExists  bool // Define, DropProcedure: DROP … IF EXISTS
	Temporary bool // Define: the table ends with the transaction's connection
	Schema    bool // Define: Target.Object is a schema
	Drop      bool // Define: DROP
}

// Translate turns a text of exactly one Redshift statement into what DuckDB
// runs, or tells the line and word that it refuses.
func Translate(text string) (*Statement, error) {
	tokens, err := sqltext.Scan(text)
	if err != nil {
		return nil, err
	}
	statements := sqltext.Split(tokens)
	if len(statements) != 1 {
		return nil, refuse(sqltext.Token{}, "the text holds %d statements instead of one", len(statements))
	}
	statement, err := translate(statements[0])
	if err != nil {
		return nil, inLine(text, err)
	}
	return statement, nil
}

// translate turns the tokens of a statement, at least one, into a statement.
func translate(tokens []sqltext.Token) (*Statement, error) {
	c := sqltext.NewCursor(tokens)
	var s *Statement
	var err error
	switch first := tokens[0]; {
	case first.Is("select", "with"):
		s, err = query(tokens)
	case first.Is("insert"):
		s, err = insert(c)
	case first.Is("update"):
		c.Next()
		s, err = change(c, tokens)
	case first.Is("delete"):
		if err = c.Expect("delete", "from"); err == nil {
			s, err = change(c, tokens)
		}
	case first.Is("create"):
		s, err = create(c)
	case first.Is("drop"):
		s, err = drop(c)
	case first.Is("alter"):
		s, err = alter(c)
	case first.Is("call"):
		s, err = call(c)
	case first.Is("grant", "analyze", "lock"):
		s, err = noOperation(c)
	case first.Is("truncate"):
		err = refuse(first, "truncate is refused: it commits in Redshift; use delete from")
	default:
		err = refuse(first, "a statement that starts with %s is refused: the local engine runs select, with, insert, update, delete, create, drop, alter table add column or rename to, call, grant, analyze and lock", c.Describe())
	}
	if err != nil {
		return nil, locate(c.Peek(0), err)
	}
	s.Title = title(tokens)
	return s, nil
}

// title returns the first words of a statement.
func title(tokens []sqltext.Token) string {
	n := 0
	for n < min(len(tokens), 8) && !tokens[n].Is("(", "as", "set", "where") && tokens[n].Kind != sqltext.Dollar {
		n++
	}
	return sqltext.Render(tokens[:n])
}

func query(tokens []sqltext.Token) (*Statement, error) {
	depth := 0
	for _, t := range tokens {
		switch {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case depth == 0 && t.Is("insert", "update", "delete", "into"):
			return nil, refuse(t, "%q in a query is refused: Redshift writes \"insert into … with …\", and select into is a create table as", t.Text)
		}
	}
	out, err := rewrite(tokens)
	if err != nil {
		return nil, err
	}
	return &Statement{Kind: Query, SQL: sqltext.Render(out)}, nil
}

// insert reads INSERT INTO table [(columns)] and a query, VALUES or DEFAULT
// VALUES.
func insert(c *sqltext.Cursor) (*Statement, error) {
	if err := c.Expect("insert", "into"); err != nil {
		return nil, err
	}
	target, err := c.Name()
	if err != nil {
		return nil, err
	}
	head := "insert into " + target.SQL()
	if c.Peek(0).Is("(") && !c.Peek(1).Is("select", "with") {
		columns, err := c.Identifiers()
		if err != nil {
			return nil, err
		}
		head += " " + nameList(columns)
	}
	s := &Statement{Kind: Change, Target: target}
	switch {
	case c.Peek(0).Is("select", "with", "("):
		body, err := query(c.Rest())
		if err != nil {
			return nil, err
		}
		s.SQL = head + " " + body.SQL
	case c.Peek(0).Is("values"):
		body, err := rewrite(c.Rest())
		if err != nil {
			return nil, err
		}
		s.SQL = head + " " + sqltext.Render(body)
	case c.Accept("default", "values"):
		if !c.Done() {
			return nil, refuse(c.Peek(0), "%s is too much", c.Describe())
		}
		s.SQL = head + " default values"
	default:
		return nil, refuse(c.Peek(0), "%s stands where a query or values are expected", c.Describe())
	}
	return s, nil
}

func nameList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = sqltext.QuoteName(name)
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}

// change reads UPDATE and DELETE FROM, with the cursor before the table.
func change(c *sqltext.Cursor, tokens []sqltext.Token) (*Statement, error) {
	target, err := c.Name()
	if err != nil {
		return nil, err
	}
	out, err := rewrite(tokens)
	if err != nil {
		return nil, err
	}
	return &Statement{Kind: Change, Target: target, SQL: sqltext.Render(out)}, nil
}

func call(c *sqltext.Cursor) (*Statement, error) {
	c.Next()
	target, err := c.Name()
	if err != nil {
		return nil, err
	}
	if err := c.Expect("(", ")"); err != nil {
		return nil, err
	}
	return &Statement{Kind: Call, Target: target}, atEnd(c)
}

// noOperation reads GRANT, ANALYZE and LOCK.
func noOperation(c *sqltext.Cursor) (*Statement, error) {
	s := &Statement{Kind: Nothing}
	switch verb := c.Next(); {
	case verb.Is("grant"):
		if !slices.ContainsFunc(c.Rest(), func(t sqltext.Token) bool { return t.Is("to") }) {
			return nil, refuse(verb, "grant names nobody with \"to\"")
		}
		return s, nil
	case verb.Is("analyze") && c.Done():
		return s, nil
	case verb.Is("lock"):
		c.Accept("table")
	}
	var checks []string
	for {
		name, err := c.Name()
		if err != nil {
			return nil, err
		}
		checks = append(checks, "select 1 from "+name.SQL()+" where false")
		if !c.Accept(",") {
			s.SQL = strings.Join(checks, " union all ")
			return s, atEnd(c)
		}
	}
}

// drop reads DROP TABLE, VIEW, SCHEMA and PROCEDURE.
func drop(c *sqltext.Cursor) (*Statement, error) {
	c.Next()
	kind := c.Next()
	if !kind.Is("table", "view", "schema", "procedure") {
		return nil, refuse(kind, "drop %q is refused: the local engine drops tables, views, schemas and procedures", kind.Text)
	}
	s := &Statement{Kind: Define, Drop: true, Schema: kind.Is("schema"), IfExists: c.Accept("if", "exists")}
	name, err := c.Name()
	if err != nil {
		return nil, err
	}
	if s.Schema && (name.Schema != "" || name.Object == Schema) {
		return nil, refuse(kind, "schema %s can not be dropped", name)
	}
	s.Target = name
	s.SQL = "drop " + kind.Text + " "
	if s.IfExists {
		s.SQL += "if exists "
	}
	s.SQL += name.SQL()
	switch {
	case kind.Is("procedure"):
		s.Kind, s.SQL = DropProcedure, ""
		if err := c.Expect("(", ")"); err != nil {
			return nil, err
		}
	case c.Accept("cascade"):
		s.SQL += " cascade"
	default:
		c.Accept("restrict")
	}
	return s, atEnd(c)
}

// alter reads ALTER TABLE table ADD [COLUMN] definition, or RENAME TO name.
func alter(c *sqltext.Cursor) (*Statement, error) {
	if err := c.Expect("alter", "table"); err != nil {
		return nil, err
	}
	target, err := c.Name()
	if err != nil {
		return nil, err
	}
	const limits = "alter table %s is refused at %s: the local engine only adds columns and renames tables"
	if c.Peek(0).Is("rename") && c.Peek(1).Is("to") {
		c.Next()
		c.Next()
		name, err := c.Name()
		if err != nil {
			return nil, err
		}
		if name.Schema != "" {
			return nil, refuse(c.Peek(0), "alter table %s is refused: a table is renamed within its schema", target)
		}
		sql := "alter table " + target.SQL() + " rename to " + sqltext.QuoteName(name.Object)
		return &Statement{Kind: Rename, Target: target, Column: name.Object, SQL: sql}, atEnd(c)
	}
	if !c.Accept("add") {
		return nil, refuse(c.Peek(0), limits, target, c.Describe())
	}
	c.Accept("column")
	if c.Peek(0).Is("constraint", "primary", "unique", "foreign", "check") {
		return nil, refuse(c.Peek(0), limits, target, c.Describe())
	}
	column, err := readColumn(c)
	if err != nil {
		return nil, err
	}
	return &Statement{Kind: AddColumn, Target: target, Column: column.name, SQL: column.sql()}, atEnd(c)
}

// atEnd tells what stands after the end of a statement.
func atEnd(c *sqltext.Cursor) error {
	if c.Done() {
		return nil
	}
	return refuse(c.Peek(0), "%s is refused: the statement should end before it", c.Describe())
}
