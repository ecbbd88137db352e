package star

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// quoted spells names in SQL.
func quoted(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = model.QuoteName(name)
	}
	return all
}

// text spells a text literal. Redshift takes a backslash for an escape, and
// others for a character.
func text(s string) string {
	s = "'" + strings.ReplaceAll(s, "'", "''") + "'"
	return strings.ReplaceAll(s, `\`, "' || chr(92) || '")
}

// maxName is how many bytes a name has in PostgreSQL at most. What is longer is
// cut, and may be another name then.
const maxName = 63

// fit shortens a generated name that is too long.
func fit(name string) string {
	if len(name) <= maxName {
		return name
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name)) // a hash takes everything
	return fmt.Sprintf("%s_%08x", name[:maxName-9], hash.Sum32())
}

// indent moves every line but the first to the right.
func indent(spaces int, s string) string {
	return strings.ReplaceAll(s, "\n", "\n"+strings.Repeat(" ", spaces))
}

// list spells expressions one below the other.
func list(items []string) string {
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = "    " + indent(4, item)
	}
	return strings.Join(lines, ",\n")
}

// fields spells names side by side, on lines of at most 78 characters.
func fields(names []string) string {
	var b strings.Builder
	width := 0
	for i, name := range names {
		if i < len(names)-1 {
			name += ","
		}
		if width > 0 && width+1+len(name) > 78-4 {
			b.WriteString("\n    ")
			width = 0
		} else if width > 0 {
			b.WriteString(" ")
			width++
		}
		b.WriteString(name)
		width += len(name)
	}
	return b.String()
}

// comment spells paragraphs as comments, on lines of at most 80 characters.
func comment(paragraphs ...string) string {
	var b strings.Builder
	for _, p := range paragraphs {
		width := 0
		for _, word := range strings.Fields(p) {
			if width > 0 && width+1+len(word) > 80 {
				b.WriteString("\n")
				width = 0
			}
			if width == 0 {
				b.WriteString("--")
				width = 2
			}
			b.WriteString(" " + word)
			width += 1 + len(word)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// cte spells a common table expression.
func cte(name, query string) string { return name + " as (\n    " + indent(4, query) + "\n)" }

// with spells the WITH clause, or nothing.
func with(ctes []string) string {
	if len(ctes) == 0 {
		return ""
	}
	return "with " + strings.Join(ctes, ",\n") + "\n"
}

// selection spells a SELECT of expressions.
func selection(exprs []string, from string) string {
	if len(exprs) == 1 && !strings.Contains(exprs[0], "\n") {
		return "select " + exprs[0] + "\n" + from
	}
	return "select\n" + list(exprs) + "\n" + from
}

// where spells the WHERE clause, or nothing.
func where(conditions []string) string {
	if len(conditions) == 0 {
		return ""
	}
	return "\nwhere " + indent(4, strings.Join(conditions, "\nand "))
}

// insert spells INSERT with the names of the columns.
func insert(table string, columns []string, query string) string {
	if line := "insert into " + table + " (" + strings.Join(columns, ", ") + ")\n"; len(line) <= 80 {
		return line + query
	}
	return "insert into " + table + " (\n    " + fields(columns) + "\n)\n" + query
}

// values spells a row of values.
func values(row []string) string {
	if line := "values (" + strings.Join(row, ", ") + ")"; len(line) <= 80 {
		return line
	}
	return "values (\n    " + fields(row) + "\n)"
}

// as gives an expression a name, unless it has it already.
func as(expr, name string) string {
	name = model.QuoteName(name)
	if strings.HasSuffix(expr, "."+name) {
		return expr
	}
	return expr + " as " + name
}

// fresh returns a name that is not taken.
func fresh(name string, taken ...string) string {
	for i := 0; i < len(taken); i++ {
		if taken[i] == name {
			name, i = name+"_", -1
		}
	}
	return name
}
