// Package model is the declaration of what the pipeline loads: the table's
// keys, its item types and their attributes, the landing tables, the
// dimensions and the fact.
//
// Everything that has columns is derived from it: the Parquet schema and the
// order of its columns, the Glue tables, the DDL under sql/schema, and the
// column list of every COPY. Redshift loads Parquet by position, so two
// columns of one type that are swapped in one place load without any error
// (https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html);
// that is why there is one declaration.
//
// To add an attribute: add a [Column] to its item type in store.go, run
// `make generate`, and use the new landing column in a procedure under
// sql/procedures. Tests name the place that was forgotten.
//
// Until that is done the attribute is not lost: the lake keeps it below unknown/
// and every run reports it. An attribute that nobody wants is declared in
// [Model.Ignored].
//
// The package holds no values of items and talks to no service. It imports
// the standard library only.
package model
