// Package ddbjson reads the data files of a DynamoDB export in DynamoDB JSON:
// one item per line, every value wrapped in its type tag,
//
//	{"Item":{"PK":{"S":"CUST#ann"},"age":{"N":"41"},"Address":{"M":{"city":{"S":"Oslo"}}}}}
//
// It is the first stage of the partition step and its hot path. There is no
// tree, no reflection and, once the buffers have grown, no allocation per item.
//
// # Use
//
// A [Reader] cuts the decompressed file into lines. A [Selector] is compiled
// once from the attribute paths that anybody wants, each with a slot number. A
// [Decoder] walks a line once, checks all of it, and remembers the values
// at those paths, whatever their order in the line:
//
//	selector, err := ddbjson.NewSelector([]string{"type"}, []string{"PK"}, []string{"Address", "city"})
//	decoder := ddbjson.NewDecoder(selector)
//	reader := ddbjson.NewReader(gunzipped, 0)
//	for {
//		line, err := reader.Next() // io.EOF after the last line
//		...
//		if err := decoder.Decode(line); err != nil {
//			... // a *SyntaxError: set the line aside
//		}
//		city := decoder.Value(2)
//		switch city.Kind() {
//		case ddbjson.Missing, ddbjson.Null: // no value
//		case ddbjson.String: // city.Text(&scratch)
//		default: // the wrong type
//		}
//	}
//
// One selector for the union of all item types is the intended use: the type
// attribute may stand last in the line, and a second pass costs more than a
// few slots that stay [Missing].
//
// [Value] gives text without copying where the line holds no escape, decodes
// base64, and iterates over maps, lists and sets ([Value.Members],
// [Value.Elements]). [Decoder.Item] is the whole item as a map.
// [Selector.Group] says which slots belong to one type of item; then
// [Decoder.Covers] tells, at the cost of one instruction for each attribute,
// whether a line has any others, and [Decoder.AppendOthers] gives them. Names, values and everything
// reached through them are windows into the line: they are valid until the
// next call of [Reader.Next] or [Decoder.Decode].
//
// # What is accepted
//
// Every line is checked from end to end, the parts nobody selected included:
// RFC 8259 JSON in valid UTF-8; exactly {"Item":{…}}; exactly one known type tag
// for each value; no attribute name twice in one map, even when spelled with
// different escapes; no unpaired surrogate escape; numbers in decimal notation
// within DynamoDB's 38 digits and exponent range; canonical padded base64;
// NULL only as true; sets that are not empty; at most 64 levels of nesting,
// twice what DynamoDB stores
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
// Anything else is a [SyntaxError] with byte offset, attribute path and cause;
// nothing panics.
//
// [ChangeDecoder] does the same for the lines of incremental exports, which hold
// the keys of an item and up to two images of it.
//
// The package does not decompress, does not convert numbers (package scalar
// does), does not know the model, and does not look for equal elements in a set.
// It imports the standard library only.
package ddbjson
