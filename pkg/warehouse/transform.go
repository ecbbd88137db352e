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
}

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

// Transform submits all statements of one phase as one transaction. It expects
// no counts: the statements prove their own result before they commit.
//
// Running twice is safe: a repeat with the same attempt is answered with the
// statement that was submitted first, and the phases themselves can be
// repeated.
func (t *Transformer) Transform(ctx context.Context, in TransformInput) (Submitted, error) {
	statements, err := t.statementsFunc(in.Phase)
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("read the statements of phase %q: %w", in.Phase, err))
	}
	id, err := t.target.submit(ctx, t.api, work{
		step: "transform", runID: in.RunID, subject: in.Phase, attempt: in.Attempt, statements: statements,
	})
	if err != nil {
		return Submitted{}, err
	}
	return Submitted{StatementID: id, Attempt: in.Attempt, Expect: map[string]int64{}}, nil
}
