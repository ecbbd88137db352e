package model

// UnknownGlueColumns returns the columns of the files below unknown/ in the
// lake, in file order: the keys of an item, and those of its attributes that
// the model does not know, as one JSON object in DynamoDB JSON. They are the
// same for all item types. The text is as long as an item: beyond what
// Spectrum reads, 65,535 bytes, ask Athena.
func UnknownGlueColumns() []GlueColumn {
	return []GlueColumn{{Name: "pk", Type: "string"}, {Name: "sk", Type: "string"}, {Name: "attributes", Type: "string"}}
}
