// Package lake turns the data files of a DynamoDB export into the Parquet
// lake, and proves that nothing was lost on the way.
//
// [Partitioner] is the hot path of the pipeline: one data file in, one Parquet
// object for each set of rows out, streamed. Every value is checked against the
// model. What cannot be loaded is kept as a JSON line with its reason, object,
// line and field; the rest of the file is loaded. A file that contradicts its
// manifest publishes nothing at all.
//
// What is not lost, and what is not guessed:
//
//   - An item is of the type that its type attribute names, and its keys must have
//     the form of that type. Where it names none, the form of its keys decides, if
//     only one type has it. Items of types that the model skips are counted.
//   - A wrong value costs what its column says: the item, which is set aside; the
//     value, which is null in the row and kept beside it; the row within an item,
//     which is left out and kept beside the others; or the night.
//   - An attribute that the model does not know, at the top or inside a map that
//     it reads, is kept beside the row, and reported by rows, name, DynamoDB type
//     and count. The files of rows have the same columns whatever items hold.
//   - Maps in a list or map that the model declares become rows of their own. They
//     are not items, and are counted apart; those of an item that is set aside are
//     not written.
//   - A value of another DynamoDB type than its column's is converted if the
//     column says so and nothing of it changes ([model.Type.Conversions]).
//   - Required text that identifies a row must not end in a blank: Redshift does
//     not see it, so two members would become one. Letters of another case are
//     another member.
//   - Measures are added up exactly, object by object, for the warehouse to prove
//     the same sum. One beyond 38 digits refuses the night.
//   - Lines of nothing but white space are not items.
//
// [Reconciler] reads what all files reported, proves that the counts add up to
// the manifest's and that every object is there, writes the COPY manifests, and
// refuses a night of which more is wrong than the model allows: items of one
// type, items of all types, values of one column. It also refuses a night whose
// items became no row, because then they are those of another table.
//
// Memory is bounded by what the open Parquet writers buffer together plus
// the upload parts in flight for each of them, and by the rows within one item; the size
// of the file does not matter. Nor does what it unpacks to: it is given up at the
// first line beyond those that its manifest counts, at [ddbjson.DefaultMaxLine]
// bytes without a line end, and at blank lines beyond one for each item and 1,000.
//
// The package does not know the export API, does not talk to the warehouse,
// and does not decide what an item should look like: that is package model. What
// it writes, and under which keys, stands in package lakedoc.
package lake
