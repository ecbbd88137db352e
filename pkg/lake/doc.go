// Package lake turns the data files of a DynamoDB export into the Parquet
// lake, and proves that nothing was lost on the way.
//
// [Partitioner] is the hot path of the pipeline: one data file in, one
// Parquet object for each item type out, streamed. Every value is checked
// against the model. An item that cannot be loaded is set aside as a JSON
// line with its reason, object, line and field; the rest of the file is
// loaded. A file that contradicts its manifest publishes nothing at all.
//
// [Reconciler] reads what all files reported, proves that the counts add up
// to the manifest's, and writes the COPY manifests.
//
// Memory is bounded by what the open Parquet writers buffer together plus
// the upload parts in flight for each of them; the size of the file does not matter.
//
// The package does not know the export API, does not talk to the warehouse,
// and does not decide what an item should look like: that is package model.
//
// Keys in the lake bucket:
//
//	items/type=<type>/run=<run>/<file>.parquet   rows
//	setaside/run=<run>/<file>.jsonl              items that were not loaded
//	runs/<run>/plan.json                         the data files, written by package export
//	runs/<run>/files/<file>.json                 one Result for each data file
//	runs/<run>/copy/<type>.manifest              what COPY loads
package lake
