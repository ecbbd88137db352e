package warehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// TransformInput names one phase of the warehouse's statements.
type TransformInput struct {
	RunID   string `json:"runId"`
	Phase   string `json:"phase"`   // "schema", "procedures", "stage" or "publish"
	Attempt int    `json:"attempt"` // 1, or more after a retry
	Entered string `json:"entered"` // when the state was entered: a Lambda retry keeps it, a redrive does not

	// Tables are the landing tables that were loaded, with their rows and sums.
	// The phase that stages must find the same.
	Tables []LoadedTable `json:"tables"`
}

// LoadedTable is what a landing table holds after its load.
type LoadedTable struct {
	Table string           `json:"table"`
	Rows  int64            `json:"rows"`
	Sums  map[string]int64 `json:"sums"` // by measure, in units of its last decimal place; {} for none
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
// what it found in the landing tables, and is expected to have found what this
// run has loaded: rows, sums, and that they are the rows of this run. Anything
// else has changed the tables in between, and nothing is published. The phase
// that publishes is expected to leave this run in the star.
//
// Running twice is safe: a repeat with the same attempt, in the same entry of
// the state, is answered with the statement that was submitted first, and the
// phases themselves can be repeated.
func (t *Transformer) Transform(ctx context.Context, in TransformInput) (Submitted, error) {
	statements, err := t.statementsFunc(in.Phase)
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("read the statements of phase %q: %w", in.Phase, err))
	}
	expect, err := in.expect()
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("submit phase %q: %w", in.Phase, err))
	}
	return t.target.submit(ctx, t.api, work{
		step: "transform", runID: in.RunID, subject: in.Phase, attempt: in.Attempt, entered: in.Entered,
		statements: statements,
	}, expect)
}

// expect is what the last statement of the phase must select. The phases spell
// these names in sql/phases.
func (in TransformInput) expect() (map[string]int64, error) {
	expect := map[string]int64{}
	switch in.Phase {
	case stagePhase:
		if len(in.Tables) == 0 {
			return nil, errors.New("nobody said which tables were loaded")
		}
		for _, t := range in.Tables {
			if t.Sums == nil {
				return nil, fmt.Errorf("nobody said what the measures of %q add up to", t.Table)
			}
			name := model.SchemaLanding + "." + t.Table
			expect[name] = t.Rows
			expect[name+ofRun+in.RunID] = t.Rows
			for measure, sum := range t.Sums {
				expect[name+" sum of "+measure] = sum
			}
		}
	case publishPhase:
		expect[model.SchemaDWH+ofRun+in.RunID] = 1
	}
	return expect, nil
}
