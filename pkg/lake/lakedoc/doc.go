// Package lakedoc declares what the steps of a run leave for each other in the
// lake bucket: the documents, as Go types with their JSON, and the keys of all
// objects. Every step and every report reads them here, so that no two of them
// disagree.
//
//	items/type=<rows>/run=<run>/<file>.parquet   rows of an item type, or of those within its items
//	changes/type=<rows>/run=<run>/<file>.parquet what has changed of such rows, of an incremental run
//	unknown/type=<type>/run=<run>/<file>.parquet keys of items, and attributes that the model does not know
//	wrong/type=<rows>/run=<run>/<file>.jsonl     values that are null in a row, as they were
//	setaside/run=<run>/<file>.jsonl              items that were not loaded
//	runs/<run>/plan.json                         a list of [File]: the data files
//	runs/<run>/files/<file>.json                 a [Result] for each data file
//	runs/<run>/night.json                        the [Night]: what all files hold together
//	runs/<run>/copy/<rows>.manifest              what COPY loads
//	runs/<run>/run.json                          the record of the run
//	runs/<run>/model.yaml                        the model file that the run followed
//	runs/lock.json                               the run that may change lake and warehouse
//	runs/current.json                            the run whose objects readers of the lake use
//	current/runs.json                            that run, and those that the state of the table is made of, for queries
//	runs/archiving-<source>.json                 runs whose archiving is not finished
//
// The name of a set of rows is that of the model: "order", or "order.line" for
// rows within items. The package reads and writes nothing.
package lakedoc
