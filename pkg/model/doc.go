// Package model reads model files. A model declares a single table and the star
// that is made of it: keys, item types and their columns, dimensions, facts.
//
// Everything that has columns is derived from it: Parquet files, Glue tables,
// every table of the warehouse, and the column list of every COPY. Redshift loads
// Parquet by position, so two columns of one type that are swapped in one place
// load without any error
// (https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html);
// that is why there is one declaration.
//
// [JSONSchema] describes each key of a file. [Read] reports everything that is
// wrong with one, each with its place and what to write instead.
//
// # History
//
// A dimension with "history: versions" keeps what its members looked like. Each
// version is a row with the columns of [HistoryColumns], and a fact refers to the
// version that was valid at its column asOf:
//
//	dimensions:
//	  user: { of: user, key: [orgid, email], history: versions, columns: [name] }
//	facts:
//	  ticket: { of: ticket, asOf: createdat, dimensions: { user: [orgid, assignee] }, … }
//
// Its key is that of an item type, and it looks nothing up, because the table says
// of items only when they were written. Package star makes the versions.
//
// # Expressions
//
// Keys called sql and where hold an expression over columns, and over columns of
// what is looked up, as lookup.column. It has one meaning on Redshift, PostgreSQL
// and DuckDB; package expr says which. There are + - * / || and comparisons; and,
// or, not; is null, in, between, like; case; and these functions:
//
//	lower(x)  upper(x)  trim(x)  length(x)
//	left(x, length)  right(x, length)  substring(x, from, length)  replace(x, 'from', to)
//	abs(x)  floor(x)  ceil(x)  round(x, digits)  mod(a, b)
//	coalesce(a, b)  nullif(a, b)  greatest(a, b)  least(a, b)  cast(x as type)
//	extract(year from x)  date_trunc('month', x)  datediff(day, from, to)  dateadd(day, number, x)
package model
