package dialect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// create reads CREATE SCHEMA, TABLE, VIEW and PROCEDURE.
func create(c *sqltext.Cursor) (*Statement, error) {
	c.Next()
	replace := c.Accept("or", "replace")
	switch kind := c.Next(); {
	case kind.Is("procedure"):
		return createProcedure(c, replace)
	case kind.Is("view"):
		return createView(c, replace)
	case kind.Is("schema", "table", "temp", "temporary") && replace:
		return nil, refuse(kind, "create or replace %s is refused: %s", kind.Text, absent)
	case kind.Is("schema"):
		return createSchema(c)
	case kind.Is("temp", "temporary"):
		if err := c.Expect("table"); err != nil {
			return nil, err
		}
		return createTable(c, true)
	case kind.Is("table"):
		return createTable(c, false)
	default:
		return nil, refuse(kind, "create %q is refused: the local engine creates schemas, tables, views and procedures", kind.Text)
	}
}

func createSchema(c *sqltext.Cursor) (*Statement, error) {
	sql := "create schema "
	if c.Accept("if", "not", "exists") {
		sql += "if not exists "
	}
	at := c.Peek(0)
	name, err := c.Identifier()
	if err != nil {
		return nil, err
	}
	if name == Schema {
		return nil, refuse(at, "schema %s belongs to the local engine", name)
	}
	return &Statement{Kind: Define, Schema: true, Target: sqltext.Name{Object: name}, SQL: sql + sqltext.QuoteName(name)}, atEnd(c)
}

func createView(c *sqltext.Cursor, replace bool) (*Statement, error) {
	name, err := c.Name()
	if err != nil {
		return nil, err
	}
	sql := "create view "
	if replace {
		sql = "create or replace view "
	}
	sql += name.SQL()
	if c.Peek(0).Is("(") {
		columns, err := c.Identifiers()
		if err != nil {
			return nil, err
		}
		sql += " " + nameList(columns)
	}
	if err := c.Expect("as"); err != nil {
		return nil, err
	}
	rest := c.Rest()
	// Every view of DuckDB binds late.
	if n := len(rest) - 4; n > 0 && sqltext.NewCursor(rest[n:]).Accept("with", "no", "schema", "binding") {
		rest = rest[:n]
	}
	body, err := selection(c.Peek(0), rest)
	if err != nil {
		return nil, err
	}
	return &Statement{Kind: Define, Target: name, SQL: sql + " as " + body}, nil
}

// selection translates the query of a view or of CREATE TABLE AS.
func selection(at sqltext.Token, tokens []sqltext.Token) (string, error) {
	if len(tokens) == 0 || !tokens[0].Is("select", "with", "(") {
		return "", refuse(at, "a query is expected after \"as\"")
	}
	body, err := query(tokens)
	if err != nil {
		return "", err
	}
	return body.SQL, nil
}

// createTable reads the rest of CREATE TABLE, from IF NOT EXISTS on.
func createTable(c *sqltext.Cursor, temporary bool) (*Statement, error) {
	sql := "create table "
	if temporary {
		sql = "create temp table "
	}
	if c.Accept("if", "not", "exists") {
		sql += "if not exists "
	}
	at := c.Peek(0)
	name, err := c.Name()
	if err != nil {
		return nil, err
	}
	if len(name.Object) > 127 || name.Schema == Schema {
		return nil, refuse(at, "table name %s is refused: names have at most 127 bytes, and schema %s belongs to the local engine", name, Schema)
	}
	s := &Statement{Kind: Define, Target: name, Temporary: temporary, SQL: sql + name.SQL()}
	if !c.Peek(0).Is("(") {
		if err := readTableAttributes(c); err != nil {
			return nil, err
		}
		if err := c.Expect("as"); err != nil {
			return nil, err
		}
		body, err := selection(c.Peek(0), c.Rest())
		s.SQL += " as " + body
		return s, err
	}
	inner, err := c.Parenthesised()
	if err != nil {
		return nil, err
	}
	columns, err := readColumns(inner)
	if err != nil {
		return nil, err
	}
	s.SQL += " (" + columns + ")"
	if err := readTableAttributes(c); err != nil {
		return nil, err
	}
	return s, atEnd(c)
}

// readTableAttributes passes over what tells Redshift where to put rows.
func readTableAttributes(c *sqltext.Cursor) error {
	for {
		switch {
		case c.Accept("backup", "yes"), c.Accept("backup", "no"), c.Accept("encode", "auto"),
			c.Accept("sortkey", "auto"),
			c.Accept("diststyle", "auto"), c.Accept("diststyle", "even"),
			c.Accept("diststyle", "key"), c.Accept("diststyle", "all"):
		case c.Peek(0).Is("distkey", "sortkey") && c.Peek(1).Is("("),
			c.Peek(0).Is("compound", "interleaved") && c.Peek(1).Is("sortkey"):
			for !c.Peek(0).Is("(") {
				c.Next()
			}
			if _, err := c.Identifiers(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// column is one column of a table.
type column struct {
	name     string
	typ      dataType
	notNull  bool
	fallback string // the default, in DuckDB's spelling
}

func (c column) sql() string {
	name := sqltext.QuoteName(c.name)
	text := name + " " + c.typ.sql
	if c.fallback != "" {
		text += " default " + c.fallback
	}
	if c.notNull {
		text += " not null"
	}
	if c.typ.bytes > 0 {
		text += fmt.Sprintf(" check (strlen(%s) <= %d)", name, c.typ.bytes)
	}
	return text
}

// readColumns reads what stands between the parentheses of CREATE TABLE.
func readColumns(tokens []sqltext.Token) (string, error) {
	c := sqltext.NewCursor(tokens)
	var columns []column
	var keys []string
	for {
		at := c.Peek(0)
		if at.Is("constraint", "primary", "unique", "foreign", "like", "check") {
			key, err := readConstraint(c)
			if err != nil {
				return "", locate(c.Peek(0), err)
			}
			keys = append(keys, key...)
		} else {
			next, err := readColumn(c)
			if err != nil {
				return "", locate(c.Peek(0), err)
			}
			if slices.ContainsFunc(columns, func(have column) bool { return have.name == next.name }) {
				return "", refuse(at, "column %q is declared twice", next.name)
			}
			columns = append(columns, next)
		}
		if c.Done() {
			break
		}
		if err := c.Expect(","); err != nil {
			return "", locate(c.Peek(0), err)
		}
	}
	texts := make([]string, len(columns))
	for i, next := range columns {
		next.notNull = next.notNull || slices.Contains(keys, next.name)
		texts[i] = next.sql()
	}
	for _, key := range keys {
		if !slices.ContainsFunc(columns, func(have column) bool { return have.name == key }) {
			return "", refuse(tokens[0], "primary key column %q is not declared", key)
		}
	}
	return strings.Join(texts, ", "), nil
}

// readConstraint passes over a constraint of a table and returns the columns
// of a primary key.
func readConstraint(c *sqltext.Cursor) ([]string, error) {
	if c.Accept("constraint") {
		if _, err := c.Identifier(); err != nil {
			return nil, err
		}
	}
	switch {
	case c.Accept("primary", "key"):
		return c.Identifiers()
	case c.Accept("unique"):
		_, err := c.Identifiers()
		return nil, err
	case c.Accept("foreign", "key"):
		if _, err := c.Identifiers(); err != nil {
			return nil, err
		}
		return nil, readReference(c)
	}
	return nil, refuse(c.Peek(0), "%s is refused: tables have primary key, unique and foreign key constraints", c.Describe())
}

// readReference passes over REFERENCES table [(columns)].
func readReference(c *sqltext.Cursor) error {
	if err := c.Expect("references"); err != nil {
		return err
	}
	if _, err := c.Name(); err != nil {
		return err
	}
	if c.Peek(0).Is("(") {
		_, err := c.Identifiers()
		return err
	}
	return nil
}

// readColumn reads the definition of one column.
func readColumn(c *sqltext.Cursor) (column, error) {
	at := c.Peek(0)
	name, err := c.Identifier()
	if err != nil {
		return column{}, err
	}
	if at.Kind == sqltext.Word && isReserved(name) {
		return column{}, refuse(at, "column name %s is a reserved word in Redshift; write it in quotes", name)
	}
	next := column{name: name}
	if next.typ, err = readType(c); err != nil {
		return column{}, err
	}
	for {
		switch {
		case c.Done(), c.Peek(0).Is(","):
			return next, nil
		case c.Accept("not", "null"), c.Accept("primary", "key"):
			next.notNull = true
		case c.Accept("null"), c.Accept("unique"), c.Accept("distkey"), c.Accept("sortkey"):
		case c.Accept("encode"):
			if _, err := c.Identifier(); err != nil {
				return column{}, err
			}
		case c.Peek(0).Is("references"):
			if err := readReference(c); err != nil {
				return column{}, err
			}
		case c.Accept("default"):
			if next.fallback, err = readDefault(c); err != nil {
				return column{}, err
			}
		default:
			return column{}, refuse(c.Peek(0), "%s is refused in the definition of column %q: keys that Redshift numbers itself have gaps, and the local engine has no identity", c.Describe(), name)
		}
	}
}

// readDefault reads the expression after DEFAULT: up to a comma or to the next
// attribute.
func readDefault(c *sqltext.Cursor) (string, error) {
	rest := c.Rest()
	n, depth := 0, 0
	for n < len(rest) {
		t := rest[n]
		if depth == 0 && n > 0 && t.Is(",", "not", "null", "primary", "unique", "distkey", "sortkey", "encode", "references") {
			break
		}
		switch {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		}
		n++
	}
	if n == 0 {
		return "", fmt.Errorf("a default has no value")
	}
	out, err := rewrite(rest[:n])
	if err != nil {
		return "", err
	}
	c.Skip(n)
	return sqltext.Render(out), nil
}

// isReserved reports whether Redshift reserves a word that DuckDB takes as the
// name of a column.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html
func isReserved(word string) bool {
	return slices.Contains([]string{
		"aes128", "aes256", "allowoverwrite", "authorization", "backup", "binary", "blanksasnull",
		"bytedict", "bzip2", "credentials", "current_user_id", "deflate", "defrag", "delta",
		"delta32k", "disable", "emptyasnull", "enable", "encode", "encrypt", "encryption",
		"explicit", "freeze", "full", "globaldict256", "globaldict64k", "gzip", "identity",
		"ignore", "ilike", "interval", "isnull", "language", "lun", "luns", "lzo", "lzop",
		"minus", "mostly16", "mostly32", "mostly8", "new", "notnull", "nulls", "off", "offline",
		"oid", "old", "open", "overlaps", "parallel", "partition", "percent", "permissions",
		"raw", "readratio", "recover", "rejectlog", "resort", "respect", "restore", "session_user",
		"similar", "snapshot", "sysdate", "system", "tag", "tdes", "text255", "text32k", "timestamp",
		"top", "truncatecolumns", "verbose", "wallet", "user", "order", "group", "default", "offset",
		"true", "false", "end", "desc", "table", "grant", "leading", "trailing", "both",
	}, word)
}
