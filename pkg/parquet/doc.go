// Package parquet writes flat tables as Parquet files, column by column and
// without reflection. It is the last stage of the partition step's hot path.
//
// # Use
//
//	w, err := parquet.NewWriter(object, []parquet.Column{
//		{Name: "orderid", Kind: parquet.String, Length: 64},
//		{Name: "amount", Kind: parquet.Decimal, Precision: 18, Scale: 2, Optional: true},
//	}, parquet.Options{})
//	...
//	err = w.AppendString(0, id)
//	err = w.AppendDecimal(1, high, low)
//	err = w.EndRow() // or w.DiscardRow() when something about the item is wrong
//	...
//	err = w.Close() // writes the footer; ErrNoRows if there is nothing to publish
//
// Values are copied when they are appended, in any order of columns. Nothing is
// coerced: a null in a required column, a value of another kind, one that is
// too long or too large, a row with too few or too many values are errors.
// DiscardRow takes back a row that has been begun, so a caller may convert and
// append in one go.
//
// # What is written
//
// Files of format version 1 with data pages V1, compressed with Snappy, as
// Redshift's COPY reads them
// (https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html).
// Decimals have the shortest fixed length that their precision needs, since
// COPY refuses any other; timestamps are in UTC.
//
// Each column begins with a dictionary, which is dropped as soon as it doesn't
// pay: strings that repeat shrink to a few bits, keys that don't are stored
// plainly. Pages are encoded and compressed while rows come in, and a row group
// goes to the destination when [Options.RowGroupBytes] are held, so memory
// depends on that and not on the file. [Writer.BufferedBytes] and
// [Writer.Flush] let a caller bound several writers together, and
// [Options.Buffers] lets them use the same memory in turn.
//
// Row groups carry minimum, maximum and null count in the order that the format
// defines for the type; strings beyond 256 bytes and INT96 carry the null
// count only. There is no page index and no Bloom filter.
//
// This package is the only one that imports github.com/xitongsys/parquet-go, and
// takes from it the Thrift structures of the file's metadata, none of its
// writers. It doesn't read files, doesn't know the model, and doesn't nest.
package parquet
