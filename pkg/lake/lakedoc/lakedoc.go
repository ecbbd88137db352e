package lakedoc

import (
	"cmp"
	"maps"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// Plan is the work list of a run.
type Plan struct {
	Bucket     string `json:"bucket"`     // the lake bucket
	Key        string `json:"key"`        // of a JSON array of [File]
	Files      int    `json:"files"`      // how many
	Items      int64  `json:"items"`      // as the export's summary counts them
	ExportTime string `json:"exportTime"` // RFC 3339: the moment that the items show; empty if the summary does not say
	TableARN   string `json:"tableArn"`   // of the exported table; empty if the summary does not say
	Bytes      int64  `json:"bytes"`      // that DynamoDB bills the export by; 0 if the summary does not say
	Refusal    string `json:"refusal"`    // why the export must not be loaded, although it is whole; empty if it may

	Mode        string `json:"mode"`        // [Full] or [Incremental]
	From        string `json:"from"`        // RFC 3339: when the changes of an increment begin, which end before ExportTime; empty otherwise
	TableID     string `json:"tableId"`     // of the exported table: another table of the same name has another; empty if the summary does not say
	ManifestKey string `json:"manifestKey"` // of the one summary that was planned; empty for several

	Phases []string `json:"phases"` // that bring the exports into the warehouse, by the names of package star
}

// The modes of a run.
const (
	Full        = "full"        // everything that the table has
	Incremental = "incremental" // what has changed since the last published run
)

// File is one data file of an export: an entry of the work list.
type File struct {
	Number int    `json:"number"` // place in the manifest, from 1; names the objects made of the file
	Key    string `json:"key"`    // in the raw bucket
	Items  int64  `json:"items"`  // as the export's manifest counts them
	MD5    string `json:"md5"`    // base64, of the compressed object

	Changes bool `json:"changes,omitempty"` // the lines are changes of items, not items
}

// Result is what became of one data file. Its counts add up: Items is the sum of
// the rows of item types, SetAside, Skipped and, of an increment, Deletes, unless
// Problem says why the file was not used.
type Result struct {
	File     int              `json:"file"`
	Key      string           `json:"key"`
	Items    int64            `json:"items"`             // lines decoded
	Rows     map[string]int64 `json:"rows"`              // by set of rows
	SetAside SetAside         `json:"setAside"`          // items that were not loaded
	Skipped  map[string]int64 `json:"skipped"`           // items, by item types that the model skips
	Wrong    Wrong            `json:"wrong"`             // values that are null in rows
	Objects  []Object         `json:"objects"`           // the rows
	Problem  string           `json:"problem"`           // how the file contradicts its manifest; then nothing was written
	Refusal  string           `json:"refusal,omitempty"` // why the night must not be loaded, although the file is as it should be

	Aside        *Object          `json:"aside,omitempty"`        // the items set aside, if there are any
	WrongObjects []Object         `json:"wrongObjects,omitempty"` // the values, as they were
	Patterns     map[string]int64 `json:"patterns,omitempty"`     // what keys look like that no item type has, without values; bounded

	Unknown        []Unknown        `json:"unknown,omitempty"`        // attributes that the model does not know; bounded
	WithUnknown    map[string]int64 `json:"withUnknown,omitempty"`    // items of which such attributes were kept, by item type
	UnknownObjects []Object         `json:"unknownObjects,omitempty"` // what they were kept in

	Deletes int64            `json:"deletes,omitempty"` // changes without a new image
	Deleted map[string]int64 `json:"deleted,omitempty"` // rows that say what to delete, by set of rows; they are not among Rows
	Lost    map[string]int64 `json:"lost,omitempty"`    // items that an item type had and has no more, as far as the file says
}

// Done is all that the data of the machine says of a data file: executions are
// read by more people than the lake, and names of attributes and keys may be as
// personal as values. The [Result] stays in the lake.
type Done struct {
	File  int   `json:"file"`
	Items int64 `json:"items"`
}

// Done returns what the data of the machine says of the file.
func (r Result) Done() Done { return Done{File: r.File, Items: r.Items} }

// Object is one object of the lake.
type Object struct {
	Type  string                `json:"type"` // set of rows; empty for items set aside
	Key   string                `json:"key"`
	Bytes int64                 `json:"bytes"`
	ETag  string                `json:"etag"` // as S3 gave it when the object was complete
	Rows  int64                 `json:"rows"`
	Sums  map[string]scalar.Sum `json:"sums,omitempty"` // of the measured columns, in units of their last decimal place

	Deletes int64 `json:"deletes,omitempty"` // those of Rows that say what to delete
}

// Night is what the run has in the lake, and what to load.
type Night struct {
	Items    int64            `json:"items"`    // of the export
	Rows     map[string]int64 `json:"rows"`     // by set of rows
	SetAside SetAside         `json:"setAside"` // items that were not loaded
	Skipped  map[string]int64 `json:"skipped"`  // items, by item types that the model skips
	Wrong    Wrong            `json:"wrong"`    // values that are null in rows
	Unknown  []Unknown        `json:"unknown"`  // attributes that the model does not know; bounded; see [Night.Public]
	Refusal  string           `json:"refusal"`  // why the night must not be loaded; empty if it may
	Shrunk   string           `json:"shrunk"`   // what is missing that the last published run had; empty if nothing is, or it is accepted
	Notes    []string         `json:"notes"`    // what was odd, and did not stop the run: a sentence each
	Tables   []TableLoad      `json:"tables"`

	ExportTime string `json:"exportTime"` // as in [Plan], for the next run to compare its export with
	TableARN   string `json:"tableArn"`

	Mode        string           `json:"mode,omitempty"`        // as in [Plan], as the next two; a night of an earlier release has none, and is full
	From        string           `json:"from,omitempty"`        //
	TableID     string           `json:"tableId,omitempty"`     //
	Deletes     int64            `json:"deletes"`               // changes without a new image
	Fingerprint string           `json:"fingerprint,omitempty"` // of what is generated for the model: increments need the same
	FullTime    string           `json:"fullTime,omitempty"`    // ExportTime of the last full run up to here
	Standing    map[string]int64 `json:"standing,omitempty"`    // rows of the last full run up to here, by set of rows
}

// Public returns what the data of the machine says of the night: all but the names
// of attributes that the model does not know. See [Done].
func (n Night) Public() Night {
	n.Unknown = nil
	return n
}

// Current is the document that names the last published run, and what the state of
// the table is made of in the lake: the items of one run, and the changes of others
// since then.
type Current struct {
	RunID      string   `json:"runId"`
	Base       string   `json:"base,omitempty"`       // the last full run; RunID if it is empty
	Increments []string `json:"increments,omitempty"` // runs since then, in their order
}

// Holds reports whether the state of the table is made of what a run left.
func (c Current) Holds(run string) bool {
	return run == c.Base || run == c.RunID || slices.Contains(c.Increments, run)
}

// StateRun is a run that the state of the table is made of.
type StateRun struct {
	Run  string `json:"run"`
	Kind string `json:"kind"` // "base" for the one whose items count, "increment" for one whose changes do
}

// Runs returns the runs that the state of the table is made of, in their order.
func (c Current) Runs() []StateRun {
	runs := []StateRun{{cmp.Or(c.Base, c.RunID), "base"}}
	for _, run := range c.Increments {
		runs = append(runs, StateRun{run, "increment"})
	}
	return runs
}

// Then returns the document for a run that is published after this one. The same
// run twice is the same as once.
func (c Current) Then(run string, incremental bool) Current {
	if !incremental {
		return Current{RunID: run, Base: run}
	}
	next := Current{RunID: run, Base: cmp.Or(c.Base, c.RunID), Increments: slices.Clone(c.Increments)}
	if !slices.Contains(next.Increments, run) {
		next.Increments = append(next.Increments, run)
	}
	return next
}

// TableLoad is the load of one landing table.
type TableLoad struct {
	Table    string                `json:"table"`    // without schema, as the model has it
	Manifest string                `json:"manifest"` // s3:// URL; empty if there are no files
	Files    int                   `json:"files"`
	Rows     int64                 `json:"rows"`
	Bytes    int64                 `json:"bytes,omitempty"` // of all files
	Sums     map[string]scalar.Sum `json:"sums"`            // of the measured columns, in units of their last decimal place

	Deletes int64 `json:"deletes,omitempty"` // those of Rows that say what to delete
}

// Unknown is an attribute that items have and the model does not know.
type Unknown struct {
	Type      string `json:"type"`      // set of rows
	Attribute string `json:"attribute"` // path; [Further] for those that the list has no place for
	Kind      string `json:"kind"`      // DynamoDB's type tag
	Items     int64  `json:"items"`     // that have it; two paths that are spelled alike count twice
}

// Further is the attribute of the entry that counts what a list has no place
// for. Its kind is empty.
const Further = "…"

// NoType is the item type of items that none was recognised of. No model has a
// type of this name.
const NoType = "?"

// SetAside counts the items that were not loaded, by item type and reason.
type SetAside map[string]map[Reason]int64

// Add counts n more items.
func (s SetAside) Add(itemType string, reason Reason, n int64) {
	if s[itemType] == nil {
		s[itemType] = map[Reason]int64{}
	}
	s[itemType][reason] += n
}

// Merge adds other counts.
func (s SetAside) Merge(other SetAside) {
	for itemType, reasons := range other {
		for reason, n := range reasons {
			s.Add(itemType, reason, n)
		}
	}
}

// Total returns how many items there are.
func (s SetAside) Total() int64 {
	var total int64
	for _, reasons := range s {
		total += sum(reasons)
	}
	return total
}

// Of returns how many items of one type there are.
func (s SetAside) Of(itemType string) int64 { return sum(s[itemType]) }

// ByReason returns how many items there are, by reason alone.
func (s SetAside) ByReason() map[Reason]int64 {
	all := map[Reason]int64{}
	for _, reasons := range s {
		for reason, n := range reasons {
			all[reason] += n
		}
	}
	return all
}

// WholeRow stands for a column where [Wrong] counts rows within items that are left
// out, because they cannot be made.
const WholeRow = "(row)"

// Wrong counts the values that are null in rows, by set of rows, column and
// reason; and under [WholeRow] the rows that are left out.
type Wrong map[string]map[string]map[Reason]int64

// Add counts n more values.
func (w Wrong) Add(rows, column string, reason Reason, n int64) {
	if w[rows] == nil {
		w[rows] = map[string]map[Reason]int64{}
	}
	if w[rows][column] == nil {
		w[rows][column] = map[Reason]int64{}
	}
	w[rows][column][reason] += n
}

// Merge adds other counts.
func (w Wrong) Merge(other Wrong) {
	for rows, columns := range other {
		for column, reasons := range columns {
			for reason, n := range reasons {
				w.Add(rows, column, reason, n)
			}
		}
	}
}

// Total returns how many values there are.
func (w Wrong) Total() int64 {
	var total int64
	for rows := range w {
		total += w.In(rows)
	}
	return total
}

// In returns how many values of one set of rows there are.
func (w Wrong) In(rows string) int64 {
	var total int64
	for _, reasons := range w[rows] {
		total += sum(reasons)
	}
	return total
}

// Of returns how many values of one column there are.
func (w Wrong) Of(rows, column string) int64 { return sum(w[rows][column]) }

func sum(reasons map[Reason]int64) int64 {
	var total int64
	for n := range maps.Values(reasons) {
		total += n
	}
	return total
}
