package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	subquery = "a query is not possible inside an expression; a fact looks up other items with \"with\""
	clock    = "%s is refused: a result may not depend on the clock, or a repeated run would give another one; compare columns with each other"
	window   = "a window function is not possible: an expression sees one row"
)

// leftover says why a word cannot follow a complete expression.
func leftover(t token) string {
	switch {
	case t.is("over", "filter", "within"):
		return window
	case t.is("ilike"):
		return `"ilike" is not an operator; write lower(x) like 'a%'`
	case t.is("similar", "rlike", "regexp", "glob"):
		return fmt.Sprintf("%s is not an operator; write like", t)
	case t.is("isnull"):
		return `"isnull" is not an operator; write is null`
	case t.is("notnull"):
		return `"notnull" is not an operator; write is not null`
	case t.is("escape"):
		return "like has no escape character here; compare with left, right or substring instead"
	case t.is("collate"):
		return "a collation is not possible: text is ordered by its bytes; write lower(x) to ignore capitals"
	case t.is("at"):
		return "a time zone is not possible in an expression: timestamps are in UTC"
	case t.is("div", "mod"):
		return fmt.Sprintf("%s is not an operator; write %s", t,
			map[string]string{"div": "cast(floor(a / b) as bigint)", "mod": "mod(a, b)"}[t.text])
	case t.is("from", "where", "group", "order", "limit", "union"):
		return fmt.Sprintf("%s belongs to a query; an expression is a single value", t)
	case t.is("as"):
		return `a name is not given inside an expression; leave "as" out`
	case t.is(")"):
		return "the closing parenthesis has no opening one"
	case t.is(","):
		return "an expression is a single value; leave the comma out"
	}
	return fmt.Sprintf("an operator or the end is expected, but here is %s", t)
}

// notAColumn says why a word without quotes is not the name of a column.
func notAColumn(t token) string {
	switch {
	case t.is("current_date", "current_timestamp", "current_time", "localtimestamp", "localtime", "sysdate"):
		return fmt.Sprintf(clock, t)
	case t.is("select", "with", "exists"):
		return subquery
	case t.is("interval"):
		return "an interval is not possible; write dateadd(day, 1, x)"
	case t.is("distinct"):
		return `"distinct" belongs to a query; an expression sees one row`
	case t.is("and", "or", "not", "is", "in", "between", "like", "when", "then", "else", "end", "as"):
		return fmt.Sprintf("a value is expected, but here is %s; a column of that name is written in double quotes", t)
	}
	return ""
}

// sayInstead is what to write instead of functions that some engine has.
func sayInstead(name string) string {
	for _, known := range [...]struct{ names, instead string }{
		{"nvl ifnull isnull", "coalesce(a, b)"},
		{"if iif decode nvl2 switch", "case when … then … else … end"},
		{"concat concat_ws", "a || b"},
		{"len char_length character_length octet_length", "length(x)"},
		{"substr mid split_part", "substring(x, from, length)"},
		{"ceiling", "ceil(x)"},
		{"trunc truncate", "floor(x) or round(x, digits)"},
		{"pow power sqrt", "x * x"},
		{"date_part year month day quarter hour minute second weekday to_char strftime", "extract(year from x)"},
		{"date_add add_months adddate", "dateadd(day, 1, x)"},
		{"date_diff timestampdiff months_between", "datediff(day, a, b)"},
		{"strpos position charindex instr contains starts_with regexp_like regexp_matches", "x like '%a%'"},
		{"ltrim rtrim btrim strip", "trim(x)"},
		{"lcase", "lower(x)"},
		{"ucase", "upper(x)"},
		{"try_cast convert to_number to_date to_timestamp", "cast(x as type)"},
	} {
		if slices.Contains(strings.Fields(known.names), name) {
			return known.instead
		}
	}
	return ""
}

// unknownFunction says what to write instead of a function that does not exist.
func unknownFunction(name string) string {
	switch name {
	case "now", "getdate", "sysdate", "today", "age", "clock_timestamp", "timeofday",
		"current_date", "current_timestamp", "localtimestamp", "random", "rand":
		return fmt.Sprintf(clock, name+"()")
	case "sum", "count", "avg", "min", "max", "any_value", "listagg", "string_agg", "array_agg", "median",
		"bool_and", "bool_or", "stddev", "variance":
		instead := "an expression sees one row"
		if name == "min" || name == "max" {
			instead += "; the " + map[string]string{"min": "smallest of several values is least", "max": "largest of several values is greatest"}[name] + "(a, b)"
		}
		return fmt.Sprintf("%s is an aggregate, which is not possible: %s", name, instead)
	case "row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value", "ntile":
		return fmt.Sprintf("%s: %s", name, window)
	case "exists", "any", "all", "some":
		return subquery
	}
	if instead := sayInstead(name); instead != "" {
		return fmt.Sprintf("the function %s does not exist here; write %s", name, instead)
	}
	names := slices.Sorted(maps.Keys(functions()))
	problem := fmt.Sprintf("the function %s does not exist", cut(name))
	if s := suggest(name, names); s != "" {
		return problem + s
	}
	return problem + "; there are " + strings.Join(names, ", ")
}
