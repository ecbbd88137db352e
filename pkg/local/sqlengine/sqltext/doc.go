// Package sqltext splits Redshift SQL into tokens and puts tokens back together.
//
// It serves the local Data API endpoint, which has to find parameters, statement
// ends and COPY in a text, and the engines, which rewrite a statement before
// they run it. It knows how the text is spelled and nothing of what it means.
//
// It accepts the spelling that Redshift, PostgreSQL and DuckDB read alike, and
// refuses the rest with the line it stands on: backslashes in string literals
// (an escape in Redshift, a plain character in the others), literals with a
// prefix such as E'…', positional parameters such as $1, and bytes that are no
// UTF-8. Names fold to lower case, in quotes too, as Redshift does unless
// enable_case_sensitive_identifier is on:
// https://docs.aws.amazon.com/redshift/latest/dg/r_names.html
package sqltext
