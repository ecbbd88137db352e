package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/evolve"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// TransformInput names one part of one phase of the warehouse's statements.
type TransformInput struct {
	RunID   string `json:"runId"`
	Phase   string `json:"phase"`   // "schema", "procedures", "full", "repair" or "increment"
	Part    int    `json:"part"`    // 1 for the first; see [Submitted]
	Attempt int    `json:"attempt"` // 1, or more after a retry
	Entered string `json:"entered"` // when the state was entered: a Lambda retry keeps it, a redrive does not

	// Input is that of the execution, for its field rebuild.
	Input json.RawMessage `json:"input"`
	Read  []string        `json:"read"` // see [Submitted]

	// Tables are the landing tables that were loaded, with their rows and sums.
	// The phase that changes the star must find the same.
	Tables []lakedoc.TableLoad `json:"tables"`
	Window Window              `json:"window,omitzero"`
}

// Window is what a run has loaded of the table's history, in times of RFC 3339.
type Window struct {
	From    string `json:"from"` // of an increment; empty otherwise
	To      string `json:"to"`   // the moment that the rows show; if it is empty there is no watermark
	TableID string `json:"tableId"`
}

// ofRun stands before the id of a run in names that prove whose rows were
// counted. They are compared and not handed on: what was counted is said by the
// names without, which are the same every night.
const ofRun = " of run "

// Transformer submits the phases of a model.
type Transformer struct {
	api    transformAPI
	target Target
	model  model.Model
}

type transformAPI interface {
	submitter
	resultReader
}

// NewTransformer returns the handler of the step transform for a model, which
// must be valid.
func NewTransformer(api transformAPI, target Target, m model.Model) *Transformer {
	return &Transformer{api: api, target: target, model: m}
}

// Transform submits one part of a phase as one transaction.
//
// The phase schema first reads what the warehouse holds, then what Nightstar
// noted of it, and then submits what package evolve makes of both: see there. A
// warehouse that cannot follow the model without a loss is ModelChanged.
//
// The phase that moves rows has one part, which proves its own result before it
// commits: also that the landing tables hold what this run has loaded, in rows
// and sums. Anything else has changed the tables in between, and nothing is
// published. It selects what it counted, and is expected to leave this run in the
// star.
//
// Running twice is safe: a repeat with the same attempt, in the same entry of
// the state, is answered with the statement that was submitted first, and the
// phases themselves can be repeated.
func (t *Transformer) Transform(ctx context.Context, in TransformInput) (Submitted, error) {
	work, reads, err := t.part(ctx, in)
	if err != nil {
		return Submitted{}, fmt.Errorf("prepare part %d of phase %q: %w", in.Part, in.Phase, err)
	}
	expect, err := in.expect()
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("submit phase %q: %w", in.Phase, err))
	}
	submitted, err := t.target.submit(ctx, t.api, work, expect)
	if err != nil {
		return Submitted{}, err
	}
	submitted.Read = append(submitted.Read, in.Read...)
	if reads {
		submitted.Read = append(submitted.Read, submitted.StatementID)
	}
	return submitted, nil
}

// part is the work of one part of a phase, and whether the parts after it read
// what it selects.
func (t *Transformer) part(ctx context.Context, in TransformInput) (w work, reads bool, err error) {
	w = work{
		step: "transform", runID: in.RunID, subject: in.Phase, part: in.Part, attempt: in.Attempt, entered: in.Entered,
	}
	var batches [][]string
	first := 1 // the part that submits the first batch
	if in.Phase == star.PhaseSchema {
		query, plan, err := t.compare(ctx, in)
		if err != nil || query != "" {
			w.statements, w.next = []string{query, endOfReading}, in.Part+1
			return w, true, err
		}
		batches, first = plan.Batches(), len(in.Read)+1
	} else if batches, err = star.Batches(t.model, in.Phase); err != nil {
		return w, false, fault.New(fault.Invalid, err)
	}
	if in.changesStar() {
		if len(batches) != 1 {
			return w, false, fault.New(fault.Invalid, fmt.Errorf("it has %d parts, and must be one transaction", len(batches)))
		}
		window, err := in.window()
		if err != nil {
			return w, false, fault.New(fault.Invalid, err)
		}
		first := append(evolve.Calls(t.model, in.Phase), star.Announce(t.model, in.RunID, window, in.loaded())...)
		if batches[0] = append(first, batches[0]...); len(batches[0]) > star.MaxStatements {
			return w, false, fault.New(fault.Invalid, fmt.Errorf("it has %d statements, and the Data API takes %d: give the model fewer tables", len(batches[0]), star.MaxStatements))
		}
	}
	if in.Part < first || in.Part >= first+len(batches) {
		return w, false, fault.New(fault.Invalid, fmt.Errorf("the phase has no such part: it ends with part %d", first+len(batches)-1))
	}
	w.statements = batches[in.Part-first]
	if in.Part < first+len(batches)-1 {
		w.next = in.Part + 1
	}
	return w, false, nil
}

// compare returns the next query to submit, or how the warehouse follows the model.
func (t *Transformer) compare(ctx context.Context, in TransformInput) (query string, plan evolve.Plan, err error) {
	rebuild, err := in.rebuild()
	if err != nil {
		return "", plan, fault.New(fault.Invalid, err)
	}
	if len(in.Read) == 0 {
		return evolve.TablesQuery(t.model), plan, nil
	}
	warehouse, err := t.readTables(ctx, in.Read[0])
	if err != nil {
		return "", plan, err
	}
	if warehouse.IsNoted() {
		if len(in.Read) == 1 {
			return evolve.NotedQuery(t.model), plan, nil
		}
		rows, err := texts(ctx, t.api, in.Read[1])
		if err == nil {
			err = warehouse.Note(rows)
		}
		if err != nil {
			return "", plan, err
		}
	}
	plan = evolve.Compare(t.model, warehouse)
	if plan.Stops(rebuild) {
		return "", plan, fault.New(fault.ModelChanged, errors.New(plan.Problem()))
	}
	return "", plan, nil
}

func (t *Transformer) readTables(ctx context.Context, statement string) (evolve.Warehouse, error) {
	rows, err := texts(ctx, t.api, statement)
	if err != nil {
		return evolve.Warehouse{}, err
	}
	return evolve.New(t.model, rows) //nolint:wrapcheck // says what it read
}

// rebuild reports whether the input of the execution asks for a new star. It may
// be anything.
func (in TransformInput) rebuild() (bool, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(in.Input, &fields); err != nil || fields["rebuild"] == nil {
		return false, nil //nolint:nilerr // an input of another shape asks for nothing
	}
	var rebuild bool
	if err := json.Unmarshal(fields["rebuild"], &rebuild); err != nil {
		return false, fmt.Errorf("the input has a field rebuild that is neither true nor false: %s", fields["rebuild"])
	}
	return rebuild, nil
}

// changesStar reports whether the phase is one that changes what people read.
func (in TransformInput) changesStar() bool {
	return star.ChangesStar(in.Phase)
}

func (in TransformInput) window() (star.Window, error) {
	w := star.Window{Mode: star.Full, TableID: in.Window.TableID}
	if in.Phase == star.PhaseIncrement {
		w.Mode = star.Increment
	}
	var errFrom, errTo error
	w.From, errFrom = moment(in.Window.From)
	w.To, errTo = moment(in.Window.To)
	if err := errors.Join(errFrom, errTo); err != nil {
		return w, fmt.Errorf("read the window of the run: %w", err)
	}
	return w, nil
}

// moment reads a time, which is zero if it is not known.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text) //nolint:wrapcheck // names the text
}

// loaded is what the run has loaded, by the names of proofs.
func (in TransformInput) loaded() map[string]string {
	numbers := map[string]string{}
	for _, t := range in.Tables {
		numbers[in.counted(t.Table)] = scalar.SumOf(t.Rows).String()
		for measure, sum := range t.Sums {
			numbers[in.counted(t.Table)+" sum of "+measure] = sum.String()
		}
	}
	return numbers
}

// counted is the name by which package star counts what was loaded: rows of a
// table, or changes of them. Sums are those of rows that were put.
func (in TransformInput) counted(table string) string {
	if in.Phase == star.PhaseIncrement {
		return model.Changes + "." + table
	}
	return landed(table)
}

// expect is what the last statement of the phase must select. Package star
// spells these names.
func (in TransformInput) expect() (map[string]scalar.Sum, error) {
	if !in.changesStar() {
		return map[string]scalar.Sum{}, nil
	}
	if len(in.Tables) == 0 {
		return nil, errors.New("the list of loaded tables is missing")
	}
	expect := map[string]scalar.Sum{model.DWH + ofRun + in.RunID: scalar.SumOf(1)}
	for _, t := range in.Tables {
		if t.Sums == nil {
			return nil, fmt.Errorf("the sums of %q are missing", t.Table)
		}
		expect[in.counted(t.Table)] = scalar.SumOf(t.Rows)
		for measure, sum := range t.Sums {
			expect[in.counted(t.Table)+" sum of "+measure] = sum
		}
	}
	return expect, nil
}
