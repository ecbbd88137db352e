package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lock"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// Input is the whole data of the machine, with what its context object says.
type Input struct {
	RunID     string `json:"runId"`
	Execution string `json:"execution"` // ARN
	StartedAt string `json:"startedAt"` // RFC 3339, as the context object spells times
	Entered   string `json:"entered"`   // when the state was entered: a Lambda retry keeps it, a redrive does not
	Attempt   int    `json:"attempt"`   // 1, or more after a retry; of submitting the row
	Place     string `json:"place"`     // where to record the run: [PlaceWarehouse] or [PlaceLake]
	State     State  `json:"state"`
}

// Where a run is recorded.
const (
	PlaceWarehouse = "warehouse" // as a row, once the star is published or failed to be
	PlaceLake      = "lake"      // as the record, when the run ends
)

// notRecorded is the one failure that may stand beside another: a night whose row
// could not be written is archived all the same.
const notRecorded = "RunNotRecorded"

// State is what a run has put into the data of the machine when it ends. What the
// steps that it did not reach would have added is missing. The machine keeps more,
// which does not matter here.
type State struct {
	Failed      map[string]Failure `json:"failed"` // by the name of the Fail state's error; empty for a run that succeeded
	Input       json.RawMessage    `json:"input"`  // of the execution; it may be anything
	Lock        Lock               `json:"lock"`
	Window      Window             `json:"window"`
	Exports     Exports            `json:"exports"`
	Plan        *lakedoc.Plan      `json:"plan"`
	Night       *lakedoc.Night     `json:"night"`
	Landed      []Counted          `json:"landed"`
	Transformed []Counted          `json:"transformed"`
	Archived    []Archived         `json:"archived"`
}

// Window is what the run has decided to load.
type Window struct {
	Reason string `json:"reason"`
}

// Exports are those that the run loads.
type Exports struct {
	List []Export `json:"list"`
}

// Lock is the output of the step lock.
type Lock struct {
	Previous string   `json:"previous"` // run id of the holder before this run; empty for the first
	Notes    []string `json:"notes"`    // what was odd about that run
}

// Failure is what a Catch kept.
type Failure struct {
	Error string `json:"Error"`
	Cause string `json:"Cause"`
}

// Counted is what the warehouse counted of one landing table or in one phase.
type Counted struct {
	Counts map[string]scalar.Sum `json:"counts"`
}

// failure returns the result of a run and the cause of a failure.
func (s State) failure() (result, cause string, err error) {
	names := slices.Sorted(maps.Keys(s.Failed))
	if len(names) > 1 {
		names = slices.DeleteFunc(names, func(name string) bool { return name == notRecorded })
	}
	switch len(names) {
	case 0:
		if s.Night == nil || len(s.Transformed) == 0 {
			return "", "", errors.New("nothing failed, but nothing was published")
		}
		return Loaded, "", nil
	case 1:
		if names[0] == "" {
			return "", "", errors.New("what failed has no name")
		}
		return names[0], s.Failed[names[0]].String(), nil
	default:
		return "", "", fmt.Errorf("it failed as %s, but a run ends once", strings.Join(names, " and as "))
	}
}

// startedBy is who the input of an execution says that it is of. An input of
// another shape names nobody, which is no reason not to record its run.
func startedBy(input []byte) string {
	var fields struct {
		StartedBy string `json:"startedBy"`
	}
	if err := json.Unmarshal(input, &fields); err != nil {
		return ""
	}
	return fields.StartedBy
}

// String tells what failed in words. A Lambda function reports its error as a
// JSON document with a message in it.
func (f Failure) String() string {
	var document struct {
		Message string `json:"errorMessage"`
	}
	cause := f.Cause
	if err := json.Unmarshal([]byte(f.Cause), &document); err == nil && document.Message != "" {
		cause = document.Message
	}
	if cause == "" || f.Error == "" {
		return f.Error + cause
	}
	return f.Error + ": " + cause
}

// recorded returns the record and the row of a run.
func (in Input) recorded() (Run, warehouse.RunRow, error) {
	run, err := in.run()
	var row warehouse.RunRow
	if err == nil {
		row, err = run.row()
	}
	if err != nil {
		return Run{}, warehouse.RunRow{}, fault.New(fault.Invalid, fmt.Errorf("record run %q: %w", in.RunID, err))
	}
	return run, row, nil
}

// run assembles the record. It depends on nothing but the input, so that a
// repeat writes the same bytes.
func (in Input) run() (Run, error) {
	if err := lock.CheckName(in.RunID); err != nil {
		return Run{}, err //nolint:wrapcheck // names the run
	}
	started, err := time.Parse(time.RFC3339Nano, in.StartedAt)
	if err != nil {
		return Run{}, fmt.Errorf("read start of the run: %w", err)
	}
	ended, err := time.Parse(time.RFC3339Nano, in.Entered)
	if err != nil {
		return Run{}, fmt.Errorf("read end of the run: %w", err)
	}
	result, cause, err := in.State.failure()
	if err != nil {
		return Run{}, err
	}
	r := Run{
		RunID: in.RunID, Execution: in.Execution, StartedBy: startedBy(in.State.Input), Result: result, Cause: cause, Previous: in.State.Lock.Previous,
		Reason: in.State.Window.Reason, Archived: in.State.Archived, Counts: in.State.counts(), Notes: slices.Clone(in.State.Lock.Notes),
	}
	r.Accept, _ = lakedoc.ParseAccept(in.State.Input) //nolint:errcheck // the steps that ask for it refuse another shape
	r.lasted(started, ended)
	if failed, there := in.State.Failed[notRecorded]; there && result != notRecorded {
		r.Notes = append(r.Notes, "the warehouse lacks the row of this run, which the next one adds: "+failed.String())
	}
	if all := in.State.Exports.List; len(all) > 0 {
		r.Export = all[0]
		if len(all) > 1 {
			r.Exports = all
		}
	}
	for _, archived := range in.State.Archived {
		r.Notes = append(r.Notes, archived.Notes...)
	}
	if plan := in.State.Plan; plan != nil {
		r.Items, r.Export.TableARN, r.Export.Files, r.Export.Bytes = &plan.Items, plan.TableARN, plan.Files, plan.Bytes
		r.Mode, r.Export.From, r.Export.TableID = plan.Mode, plan.From, plan.TableID
		if plan.ExportTime != "" {
			r.Export.Time = plan.ExportTime
		}
	}
	if night := in.State.Night; night != nil {
		r.Items, r.Rows, r.SetAside, r.Skipped, r.Wrong = &night.Items, night.Rows, night.SetAside, night.Skipped, night.Wrong
		r.Tables, r.Deletes = night.Tables, night.Deletes
		r.Notes = append(r.Notes, night.Notes...)
		if len(in.State.Transformed) > 0 { // until then they are only in the lake
			r.RowsLoaded = new(int64)
			for _, n := range night.Rows {
				*r.RowsLoaded += n
			}
		}
	}
	return r, nil
}

// lasted sets when the run started and ended, with a note if one of them is
// not known, or the clock went back meanwhile: it then ended when it started.
func (r *Run) lasted(started, ended time.Time) {
	switch {
	case started.IsZero():
		r.Notes = append(r.Notes, "the start of the run is unknown; the record says when it ended")
		started = ended
	case ended.IsZero():
		r.Notes = append(r.Notes, "the end of the run is unknown; the record says when it started")
		ended = started
	case ended.Before(started):
		r.Notes = append(r.Notes, fmt.Sprintf("the clock went back while the run went on: it says that the run ended at %s, before it started",
			ended.UTC().Format(time.RFC3339Nano)))
		ended = started
	}
	r.StartedAt, r.EndedAt, r.Seconds = started.UTC(), ended.UTC(), int64(ended.Sub(started).Seconds())
}

// counts merges what the warehouse counted. A name that was counted twice, as
// landing tables are when they are loaded and when they are staged, was proved
// to have one number.
func (s State) counts() map[string]scalar.Sum {
	counts := map[string]scalar.Sum{}
	for _, counted := range slices.Concat(s.Landed, s.Transformed) {
		maps.Copy(counts, counted.Counts)
	}
	return counts
}
