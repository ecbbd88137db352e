package warehouse

import (
	"context"
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// TransformInput names one phase of the warehouse's statements.
type TransformInput struct {
	RunID   string `json:"runId"`
	Phase   string `json:"phase"`   // "schema", "procedures", "stage" or "publish"
	Attempt int    `json:"attempt"` // 1, or more after a retry
	Entered string `json:"entered"` // when the state was entered: a Lambda retry keeps it, a redrive does not

	// Tables are the landing tables that were loaded, with their rows. The phase
	// that stages must find as many.
	Tables []LoadedTable `json:"tables"`
}

// LoadedTable is what a landing table holds after its load.
type LoadedTable struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// stagePhase is the phase that reads the landing tables.
const stagePhase = "stage"

// Transformer submits the phases.
type Transformer struct {
	api            submitter
	target         Target
	statementsFunc func(phase string) ([]string, error)
}

// NewTransformer returns the handler of the step transform. The statements of
// a phase are asked for with its name, in every call.
func NewTransformer(api submitter, target Target, statementsFunc func(phase string) ([]string, error)) *Transformer {
	return &Transformer{api: api, target: target, statementsFunc: statementsFunc}
}

// Transform submits all statements of one phase as one transaction, which
// proves its own result before it commits. The phase that stages also selects
// how many rows it found in the landing tables, and is expected to have found
// those that were loaded: anything else has changed them in between.
//
// Running twice is safe: a repeat with the same attempt, in the same
// entry of the state, is answered with the
// statement that was submitted first, and the phases themselves can be
// repeated.
func (t *Transformer) Transform(ctx context.Context, in TransformInput) (Submitted, error) {
	statements, err := t.statementsFunc(in.Phase)
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("read the statements of phase %q: %w", in.Phase, err))
	}
	expect := map[string]int64{}
	if in.Phase == stagePhase {
		for _, table := range in.Tables {
			expect["landing."+table.Table] = table.Rows
		}
	}
	return t.target.submit(ctx, t.api, work{
		step: "transform", runID: in.RunID, subject: in.Phase, attempt: in.Attempt, entered: in.Entered,
		statements: statements,
	}, expect)
}
