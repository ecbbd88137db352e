package dialect

import (
	"slices"
	"strings"
)

// Schema is the schema of the warehouse file in which package duckdb keeps
// procedures and the macros that translated SQL calls. Statements can not name
// it.
const Schema = "nightstar_local"

// function tells how a Redshift function is called in DuckDB. The list below is
// the set that is accepted. A function belongs in it if Redshift documents it
// for use with tables and DuckDB's result was compared with PostgreSQL's or, where
// that has no such function, with Redshift's documentation.
func function(name string) (duckDB []string, ok bool) {
	switch name {
	case "count", "sum", "min", "max", "avg", "bool_and", "bool_or", "any_value",
		"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile",
		"lag", "lead", "first_value", "last_value", "nth_value",
		"coalesce", "nullif", "greatest", "least",
		"lower", "upper", "length", "left", "right", "ltrim", "rtrim",
		"trim", "strpos", "position", "reverse", "split_part",
		"translate", "ascii", "chr", "md5",
		"abs", "ceil", "floor", "round", "trunc", "mod", "sign", "sqrt", "power", "exp", "ln",
		"extract", "date_part", "last_day", "cast":
		return []string{name}, true
	case "nvl":
		return []string{"coalesce"}, true
	case "len", "char_length", "character_length":
		return []string{"length"}, true
	case "btrim":
		return []string{"trim"}, true
	case "octet_length":
		return []string{"strlen"}, true
	case "ceiling":
		return []string{"ceil"}, true
	case "datediff":
		return []string{"date_diff"}, true
	case "repeat", "lpad", "rpad", "replace",
		"charindex", "substring", "date_trunc", "dateadd", "getdate", "nvl2":
		return []string{Schema, ".", name}, true
	case "to_char":
		return []string{"strftime"}, true
	}
	return nil, false
}

// Macros returns the statements that define what translated SQL calls. The
// first list belongs in the warehouse file, so that its views work in any
// DuckDB. The second replaces operators and belongs to each connection.
//
// DuckDB gives NULL for a division by zero, where Redshift and PostgreSQL fail.
// All three divide decimals to different types, so that is refused.
func Macros() (file, connection []string) {
	file = []string{
		"create or replace macro " + Schema + `.to_varchar(x, n) as case
			when x is null or strlen(cast(x as varchar)) <= n then cast(x as varchar)
			else error('value too long for type character varying(' || n || '), which Redshift would cut; use left()') end`,
		"create or replace macro " + Schema + `.check_digits(x) as case
			when typeof(x) = 'VARCHAR' and not regexp_full_match(trim(cast(x as varchar)), '[+-]?[0-9]+')
			then error('invalid input syntax for an integer: "' || x || '"') else x end`,
		macro("repeat", "x, n", within("strlen(v.x) * cast(v.n as hugeint)", "system.main.repeat(v.x, v.n)")),
		// Four bytes are the most that a character has.
		macro("lpad", "x, n", within("4 * cast(v.n as hugeint)", "system.main.lpad(v.x, v.n, ' ')")) +
			", " + signature("x, n, fill", within("4 * cast(v.n as hugeint)", "system.main.lpad(v.x, v.n, v.fill)")),
		macro("rpad", "x, n", within("4 * cast(v.n as hugeint)", "system.main.rpad(v.x, v.n, ' ')")) +
			", " + signature("x, n, fill", within("4 * cast(v.n as hugeint)", "system.main.rpad(v.x, v.n, v.fill)")),
		macro("replace", "x, part, y", within(`strlen(v.x) + case when strlen(v.part) = 0 then 0 else
			(len(string_split(v.x, v.part)) - 1) * (cast(strlen(v.y) as hugeint) - strlen(v.part)) end`,
			"system.main.replace(v.x, v.part, v.y)")),
		"create or replace macro " + Schema + `.charindex(part, x) as strpos(x, part)`,
		"create or replace macro " + Schema + `.getdate() as make_timestamp(epoch_us(now()))`,
		"create or replace macro " + Schema + `.nvl2(x, a, b) as case when x is null then b else a end`,
		"create or replace macro " + Schema + `.date_trunc(part, x) as date_trunc(part, cast(x as timestamp))`,
		macro("substring", "x, start", `case
			when v.start < 1 then error('substring with a start below 1') else system.main.substring(v.x, v.start) end`) +
			", " + signature("x, start, n", `case
			when v.start < 1 or v.n < 0 then error('substring with a start below 1 or a negative length')
			else system.main.substring(v.x, v.start, v.n) end`),
		macro("dateadd", "part, n, x", `cast(v.x as timestamp) + case v.part
			when 'year' then to_years(cast(v.n as integer)) when 'quarter' then to_months(cast(3 * v.n as integer))
			when 'month' then to_months(cast(v.n as integer)) when 'week' then to_days(cast(7 * v.n as integer))
			when 'day' then to_days(cast(v.n as integer)) when 'hour' then to_hours(cast(v.n as bigint))
			when 'minute' then to_minutes(cast(v.n as bigint)) when 'second' then to_seconds(cast(v.n as double)) end`),
	}
	connection = []string{
		operator("//", `case
			when (typeof(v.a) like 'DECIMAL%' or typeof(v.b) like 'DECIMAL%')
				and typeof(v.a) not in ('DOUBLE', 'FLOAT') and typeof(v.b) not in ('DOUBLE', 'FLOAT')
			then error('division of decimals has another scale in each engine; cast to double precision first')
			when v.b = 0 and v.a is not null then error('division by zero') else system.main."//"(v.a, v.b) end`),
		operator("%", `case
			when v.b = 0 and v.a is not null then error('division by zero') else system.main."%"(v.a, v.b) end`),
		operator("mod", `case
			when v.b = 0 and v.a is not null then error('division by zero') else system.main.mod(v.a, v.b) end`),
	}
	return file, connection
}

// Concatenation returns the statement that makes a connection hold the results of
// || to what a text of Redshift has. In DuckDB's own SQL || also joins lists.
func Concatenation() string {
	return `create or replace temp macro "||"(a, b) as list_transform([system.main."||"(a, b)], lambda v: ` +
		within("strlen(v)", "v") + ")[1]"
}

// macro defines a macro of the warehouse file. In the expression the parameters
// are the members of v.
func macro(name, parameters, expression string) string {
	return "create or replace macro " + Schema + "." + name + signature(parameters, expression)
}

func operator(name, expression string) string {
	return `create or replace temp macro "` + name + `"` + signature("a, b", expression)
}

// signature writes what follows the name of a macro. DuckDB puts the text of an
// argument wherever its parameter stands, so where that is more than once, nested
// calls would grow beyond all bounds: here each parameter stands once.
func signature(parameters, expression string) string {
	var members []string
	for name := range strings.SplitSeq(parameters, ", ") {
		members = append(members, name+" := "+name)
	}
	return "(" + parameters + ") as list_transform([struct_pack(" + strings.Join(members, ", ") + ")], lambda v: " + expression + ")[1]"
}

// maxText is the most bytes that a text of Redshift has. Functions whose result
// can be much longer than what they are given are held to it before they begin.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
const maxText = "65535"

func within(bytes, expression string) string {
	return "case when " + bytes + " > " + maxText + " then error('the text would have more than " + maxText +
		" bytes, which is the most in Redshift') else " + expression + " end"
}

// isAggregate reports whether Redshift wants a frame for the function when its
// window has an order.
func isAggregate(name string) bool {
	return slices.Contains([]string{
		"count", "sum", "min", "max", "avg", "bool_and", "bool_or", "any_value",
		"first_value", "last_value", "nth_value",
	}, name)
}

// takesPart reports whether the first argument of the function is a date part,
// which may be a word.
func takesPart(name string) bool {
	return slices.Contains([]string{"date_part", "date_trunc", "dateadd", "datediff"}, name)
}

// isPart reports whether both engines know the date part by that name and count
// it alike.
func isPart(name string) bool {
	return slices.Contains([]string{
		"year", "quarter", "month", "week", "day", "hour", "minute", "second",
		"dow", "doy", "epoch",
	}, name)
}
