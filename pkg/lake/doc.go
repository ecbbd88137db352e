// Package lake turns the data files of a DynamoDB export into the Parquet
// lake, and proves that nothing was lost on the way.
//
// [Partitioner] is the hot path of the pipeline: one data file in, one
// Parquet object for each item type out, streamed. Every value is checked
// against the model. An item that cannot be loaded is set aside as a JSON
// line with its reason, object, line and field; the rest of the file is
// loaded. A file that contradicts its manifest publishes nothing at all.
//
// What is not lost, and what is not guessed:
//
//   - An attribute that the model does not know, at the top or inside a map that
//     it reads, is kept beside the row, and reported by item type, name, DynamoDB
//     type and count. The files of rows have the same columns whatever items hold.
//   - A value of another DynamoDB type than its column's is converted if the
//     column says so and nothing of it changes ([model.Type.Conversions]);
//     otherwise the item is set aside.
//   - Text that identifies a member must not end in a blank: Redshift does not
//     see it, so two members would become one. Letters of another case are
//     another member.
//   - Measures are added up as whole numbers, object by object, for the
//     warehouse to prove the same sum. One beyond 64 bits is a problem of its file.
//   - Lines of nothing but white space are no items.
//
// [Reconciler] reads what all files reported, proves that the counts add up
// to the manifest's and that every object is there, writes the COPY manifests,
// and refuses a night of which more was set aside than the model allows.
//
// Memory is bounded by what the open Parquet writers buffer together plus
// the upload parts in flight for each of them; the size of the file does not
// matter. Nor does what it unpacks to: it is given up at the first line beyond
// those that its manifest counts, at [ddbjson.DefaultMaxLine] bytes without a
// line end, and at blank lines beyond one for each item and 1,000.
//
// The package does not know the export API, does not talk to the warehouse,
// and does not decide what an item should look like: that is package model.
//
// Keys in the lake bucket:
//
//	items/type=<type>/run=<run>/<file>.parquet   rows
//	unknown/type=<type>/run=<run>/<file>.parquet keys, and attributes that the model does not know
//	setaside/run=<run>/<file>.jsonl              items that were not loaded
//	runs/<run>/plan.json                         the data files, written by package export
//	runs/<run>/files/<file>.json                 one Result for each data file
//	runs/<run>/night.json                        what all files hold together
//	runs/<run>/copy/<type>.manifest              what COPY loads
package lake
