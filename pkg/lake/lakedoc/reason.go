package lakedoc

// Reason says why an item was set aside, or why a value is null in its row. Its
// text stands in the lines that are kept and in the summary of a run.
type Reason string

// The reasons. Each names what has to change before the item or value can be
// loaded: the item in the table, or the model.
const (
	NotAnItem           Reason = "not_an_item"           // the line is not {"Item":{…}} in DynamoDB JSON
	MissingKey          Reason = "missing_key"           // a key of the table is missing or of another type
	UnknownType         Reason = "unknown_type"          // the model declares no such item type
	AmbiguousType       Reason = "ambiguous_type"        // the keys fit several item types, and no type attribute decides
	TypeContradictsKey  Reason = "type_contradicts_key"  // the type attribute says one thing, the keys another
	ValueContradictsKey Reason = "value_contradicts_key" // what a key says is said differently elsewhere in the item
	UnknownAttribute    Reason = "unknown_attribute"     // an attribute that the model does not declare, of a type that refuses such
	MissingAttribute    Reason = "missing_attribute"     // a required attribute is absent or NULL
	WrongType           Reason = "wrong_type"            // a DynamoDB type that the column does not take
	WrongForm           Reason = "wrong_form"            // text that does not follow the column's template
	NumberOutOfRange    Reason = "number_out_of_range"   // more digits than the column has
	NumberNotExact      Reason = "number_not_exact"      // more decimal places than the column has
	ValueTooLong        Reason = "value_too_long"        // more bytes than the column has
	NotATimestamp       Reason = "not_a_timestamp"       // not written as declared, or finer than a microsecond
	NotATruthValue      Reason = "not_a_truth_value"     // not BOOL
	TrailingBlank       Reason = "trailing_blank"        // a blank at the end of text that identifies: Redshift does not compare it
	NulCharacter        Reason = "nul_character"         // text with a NUL, which ends a record in Redshift
)
