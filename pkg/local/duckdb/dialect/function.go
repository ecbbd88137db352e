package dialect

import "slices"

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
		bounded("repeat(x, n)", "strlen(x) * cast(n as hugeint)"),
		// Four bytes are the most that a character has.
		"create or replace macro " + Schema + ".lpad(x, n) as " + within("4 * cast(n as hugeint)", "system.main.lpad(x, n, ' ')") +
			", (x, n, fill) as " + within("4 * cast(n as hugeint)", "system.main.lpad(x, n, fill)"),
		"create or replace macro " + Schema + ".rpad(x, n) as " + within("4 * cast(n as hugeint)", "system.main.rpad(x, n, ' ')") +
			", (x, n, fill) as " + within("4 * cast(n as hugeint)", "system.main.rpad(x, n, fill)"),
		bounded("replace(x, part, y)", `strlen(x) + case when strlen(part) = 0 then 0 else
			(len(string_split(x, part)) - 1) * (cast(strlen(y) as hugeint) - strlen(part)) end`),
		"create or replace macro " + Schema + `.charindex(part, x) as strpos(x, part)`,
		"create or replace macro " + Schema + `.getdate() as make_timestamp(epoch_us(now()))`,
		"create or replace macro " + Schema + `.nvl2(x, a, b) as case when x is null then b else a end`,
		"create or replace macro " + Schema + `.date_trunc(part, x) as date_trunc(part, cast(x as timestamp))`,
		"create or replace macro " + Schema + `.substring(x, start) as case
			when start < 1 then error('substring with a start below 1') else system.main.substring(x, start) end,
			(x, start, n) as case
			when start < 1 or n < 0 then error('substring with a start below 1 or a negative length')
			else system.main.substring(x, start, n) end`,
		"create or replace macro " + Schema + `.dateadd(part, n, x) as cast(x as timestamp) + case part
			when 'year' then to_years(cast(n as integer)) when 'quarter' then to_months(cast(3 * n as integer))
			when 'month' then to_months(cast(n as integer)) when 'week' then to_days(cast(7 * n as integer))
			when 'day' then to_days(cast(n as integer)) when 'hour' then to_hours(cast(n as bigint))
			when 'minute' then to_minutes(cast(n as bigint)) when 'second' then to_seconds(cast(n as double)) end`,
	}
	connection = []string{
		`create or replace temp macro "//"(a, b) as case
			when (typeof(a) like 'DECIMAL%' or typeof(b) like 'DECIMAL%')
				and typeof(a) not in ('DOUBLE', 'FLOAT') and typeof(b) not in ('DOUBLE', 'FLOAT')
			then error('division of decimals has another scale in each engine; cast to double precision first')
			when b = 0 and a is not null then error('division by zero') else system.main."//"(a, b) end`,
		`create or replace temp macro "%"(a, b) as case
			when b = 0 and a is not null then error('division by zero') else system.main."%"(a, b) end`,
		`create or replace temp macro mod(a, b) as case
			when b = 0 and a is not null then error('division by zero') else system.main.mod(a, b) end`,
	}
	return file, connection
}

// maxText is the most bytes that a text of Redshift has. Functions whose result
// can be much longer than what they are given are held to it before they begin.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
const maxText = "65535"

// bounded defines a macro that calls DuckDB's function of its name if the result
// has no more bytes than a text of Redshift. Bytes is how many it can have.
func bounded(call, bytes string) string {
	return "create or replace macro " + Schema + "." + call + " as " + within(bytes, "system.main."+call)
}

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
