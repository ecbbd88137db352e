package lake

import "fmt"

// Reason says why an item was set aside. Its text stands in the set-aside
// lines and in the summary of a run.
type Reason string

// The reasons. Each names what has to change before the item can be loaded:
// the item in the table, or the model.
const (
	NotAnItem           Reason = "not_an_item"           // the line is not {"Item":{…}} in DynamoDB JSON
	MissingKey          Reason = "missing_key"           // no partition or sort key, or not as a string
	UnknownType         Reason = "unknown_type"          // the model declares no such item type
	TypeContradictsKey  Reason = "type_contradicts_key"  // the type attribute says one thing, the key pattern another
	ValueContradictsKey Reason = "value_contradicts_key" // an attribute that repeats a key says something else
	MissingAttribute    Reason = "missing_attribute"     // a required attribute is absent or NULL
	WrongType           Reason = "wrong_type"            // a DynamoDB type that the column does not take
	NumberOutOfRange    Reason = "number_out_of_range"   // more digits than the column has
	NumberNotExact      Reason = "number_not_exact"      // more decimal places than the column has
	ValueTooLong        Reason = "value_too_long"        // more bytes than the column has
	NotATimestamp       Reason = "not_a_timestamp"       // not ISO-8601, or finer than a microsecond
	NotATruthValue      Reason = "not_a_truth_value"     // not BOOL
	TrailingBlank       Reason = "trailing_blank"        // a blank at the end of text that identifies: Redshift does not compare it
	NulCharacter        Reason = "nul_character"         // text with a NUL, which ends a record in Redshift
)

// refusal is why one item is not loaded.
type refusal struct {
	reason Reason
	field  string // attribute path, "Address.city"; empty when it is the whole item
	detail string // quotes at most a name or a number of the item; it goes beside the item, into no log
}

func refuse(reason Reason, field, format string, args ...any) *refusal {
	return &refusal{reason: reason, field: field, detail: fmt.Sprintf(format, args...)}
}
