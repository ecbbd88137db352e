package execution

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// Summary is what a run did, as far as it has come. A list or map that has nothing
// in it is empty and never nil.
type Summary struct {
	RunID    string                `json:"runId"`
	Status   string                `json:"status"`   // RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED
	Error    string                `json:"error"`    // name of the Fail state's error; empty if there is none
	Cause    string                `json:"cause"`    // what was reported, and what to do
	Seconds  float64               `json:"seconds"`  // from start to end, or to now
	Stages   []Stage               `json:"stages"`   // states of the machine, in its order
	Items    int64                 `json:"items"`    // items in the export's manifest
	Rows     map[string]int64      `json:"rows"`     // rows written to the lake, by set of rows
	SetAside map[string]int64      `json:"setAside"` // items kept aside, by "type: reason"
	Skipped  map[string]int64      `json:"skipped"`  // items, by item types that the model skips
	Wrong    map[string]int64      `json:"wrong"`    // values that are null in rows, by "rows.column: reason"
	LeftOut  map[string]int64      `json:"leftOut"`  // rows within items that could not be made, by "rows: reason"
	Unknown  map[string]int64      `json:"unknown"`  // items with an attribute that the model does not know, by "type.attribute"
	Tables   map[string]scalar.Sum `json:"tables"`   // rows of warehouse tables, and what was counted beside them
	Archived map[string]int64      `json:"archived"` // objects moved to the archive, by source
	Notes    []string              `json:"notes"`    // what was odd, and did not stop the run: a sentence each
}

// Empty returns the summary of a run that has done nothing.
func Empty() Summary {
	return Summary{
		Stages: []Stage{}, Rows: map[string]int64{}, SetAside: map[string]int64{}, Skipped: map[string]int64{},
		Wrong: map[string]int64{}, LeftOut: map[string]int64{}, Unknown: map[string]int64{}, Tables: map[string]scalar.Sum{},
		Archived: map[string]int64{}, Notes: []string{},
	}
}

// Stage returns the stage of that name, and whether the run has one.
func (s Summary) Stage(name string) (Stage, bool) {
	i := slices.IndexFunc(s.Stages, func(s Stage) bool { return s.Name == name })
	if i < 0 {
		return Stage{}, false
	}
	return s.Stages[i], true
}

// document is the part of the machine's data that the summary shows. Its
// fields are filled state by state.
type document struct {
	Lock struct {
		Notes []string `json:"notes"`
	} `json:"lock"`
	Plan   lakedoc.Plan  `json:"plan"`
	Night  lakedoc.Night `json:"night"`
	Landed []struct {
		Counts map[string]scalar.Sum `json:"counts"`
	} `json:"landed"`
	Transformed []struct {
		Counts map[string]scalar.Sum `json:"counts"`
	} `json:"transformed"`
	Archived []struct {
		Source  string   `json:"source"`
		Objects int64    `json:"objects"`
		Notes   []string `json:"notes"`
	} `json:"archived"`
}

// fill takes the counts from the machine's data as the last state left it.
func (s *Summary) fill(data string) error {
	var doc document
	if data != "" {
		if err := json.Unmarshal([]byte(data), &doc); err != nil {
			return fmt.Errorf("decode the data of the last state: %w", err)
		}
	}
	s.Items = doc.Plan.Items
	night := doc.Night
	maps.Copy(s.Rows, night.Rows)
	maps.Copy(s.Skipped, night.Skipped)
	for itemType, reasons := range night.SetAside {
		for reason, n := range reasons {
			s.SetAside[itemType+": "+string(reason)] = n
		}
	}
	for rows, columns := range night.Wrong {
		for column, reasons := range columns {
			for reason, n := range reasons {
				if column == lakedoc.WholeRow {
					add(s.LeftOut, rows+": "+string(reason), n)
					continue
				}
				add(s.Wrong, rows+"."+column+": "+string(reason), n)
			}
		}
	}
	for _, unknown := range night.Unknown {
		add(s.Unknown, unknown.Type+"."+unknown.Attribute, unknown.Items)
	}
	for _, table := range doc.Landed {
		maps.Copy(s.Tables, table.Counts)
	}
	for _, phase := range doc.Transformed {
		maps.Copy(s.Tables, phase.Counts)
	}
	s.Notes = append(append(s.Notes, doc.Lock.Notes...), night.Notes...)
	for _, archive := range doc.Archived {
		s.Notes = append(s.Notes, archive.Notes...)
		add(s.Archived, archive.Source, archive.Objects)
	}
	return nil
}

// add counts n more.
func add(to map[string]int64, name string, n int64) { to[name] += n }
