// Package evolve lets a warehouse follow its model.
//
// Nightstar notes each column that it creates in etl.catalog: type, key, and
// where the value comes from, as package lineage says it. Before a run loads
// anything, [Compare] holds what is noted, and what is really there, against the
// model. A catalog of our own is needed because the engine's says neither what a
// column means nor who created a table, and Redshift's says less than others'.
//
// What loses nothing is applied: new tables, new columns, wider text, and any
// change of tables whose rows live for one night only. What would lose or
// reinterpret data stops the run, unless a rebuild is asked for. A table that
// Nightstar did not create is never touched.
//
// A table that changes is created anew, because Redshift's ALTER TABLE changes
// types outside of transactions only
// (https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html). Tables of
// dwh change in the transaction that publishes, by the procedure dwh.follow:
// until then readers see the star as it was, in structure as well. The tables of
// surrogate keys change in the transaction that stages, by staging.follow: a
// rebuild that fails before gives no key away.
//
// The package writes SQL and runs none.
package evolve
