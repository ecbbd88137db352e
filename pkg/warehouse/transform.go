package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// TransformInput names one part of one phase of the warehouse's statements.
type TransformInput struct {
	RunID   string `json:"runId"`
	Phase   string `json:"phase"`   // "schema", "procedures", "stage" or "publish"
	Part    int    `json:"part"`    // 1 for the first; see [Submitted]
	Attempt int    `json:"attempt"` // 1, or more after a retry
	Entered string `json:"entered"` // when the state was entered: a Lambda retry keeps it, a redrive does not

	// Input is that of the execution, for its field rebuild.
	Input json.RawMessage `json:"input"`
	Read  []string        `json:"read"` // see [Submitted]

	// Tables are the landing tables that were loaded, with their rows and sums.
	// The phase that stages must find the same.
	Tables []lakedoc.TableLoad `json:"tables"`
}

// ofRun stands before the id of a run in names that prove whose rows were
// counted. They are compared and not handed on: what was counted is said by the
// names without, which are the same every night.
const ofRun = " of run "

// The phases that name a run in what they select at their end.
const (
	stagePhase   = "stage"   // reads the landing tables
	publishPhase = "publish" // fills the star
)

// Transformer submits the phases.
type Transformer struct {
	api         submitter
	target      Target
	batchesFunc func(phase string) ([][]string, error)
}

// NewTransformer returns the handler of the step transform. The statements of
// a phase, cut into batches, are asked for with its name, in every call.
func NewTransformer(api submitter, target Target, batchesFunc func(phase string) ([][]string, error)) *Transformer {
	return &Transformer{api: api, target: target, batchesFunc: batchesFunc}
}

// Transform submits one part of a phase as one transaction. The phases that move
// rows have one part, which proves its own result before it commits. The phase
// that stages also selects what it found in the landing tables, and is expected
// to have found what this run has loaded: rows, sums, and that they are the rows
// of this run. Anything else has changed the tables in between, and nothing is
// published. The phase that publishes is expected to leave this run in the star.
//
// Running twice is safe: a repeat with the same attempt, in the same entry of
// the state, is answered with the statement that was submitted first, and the
// phases themselves can be repeated.
func (t *Transformer) Transform(ctx context.Context, in TransformInput) (Submitted, error) {
	batches, err := t.batchesFunc(in.Phase)
	if err == nil && (in.Part < 1 || in.Part > len(batches)) {
		err = fmt.Errorf("it has %d parts, and none of number %d", len(batches), in.Part)
	}
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("read the statements of phase %q: %w", in.Phase, err))
	}
	expect, err := in.expect()
	if err == nil && len(batches) > 1 && (in.Phase == stagePhase || in.Phase == publishPhase) {
		err = fmt.Errorf("it has %d parts, and must be one transaction", len(batches))
	}
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("submit phase %q: %w", in.Phase, err))
	}
	w := work{
		step: "transform", runID: in.RunID, subject: in.Phase, part: in.Part, attempt: in.Attempt, entered: in.Entered,
		statements: batches[in.Part-1],
	}
	if in.Part < len(batches) {
		w.next = in.Part + 1
	}
	return t.target.submit(ctx, t.api, w, expect)
}

// expect is what the last statement of the phase must select. Package star
// spells these names in the phases.
func (in TransformInput) expect() (map[string]scalar.Sum, error) {
	expect := map[string]scalar.Sum{}
	switch in.Phase {
	case stagePhase:
		if len(in.Tables) == 0 {
			return nil, errors.New("the list of loaded tables is missing")
		}
		for _, t := range in.Tables {
			if t.Sums == nil {
				return nil, fmt.Errorf("the sums of %q are missing", t.Table)
			}
			name := landed(t.Table)
			expect[name] = scalar.SumOf(t.Rows)
			expect[name+ofRun+in.RunID] = scalar.SumOf(t.Rows)
			for measure, sum := range t.Sums {
				expect[name+" sum of "+measure] = sum
			}
		}
	case publishPhase:
		expect[model.DWH+ofRun+in.RunID] = scalar.SumOf(1)
	}
	return expect, nil
}
