package warehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// Target is the warehouse that statements are sent to.
type Target struct {
	Database  string
	Workgroup string // of Redshift Serverless; empty with a cluster
	Cluster   string // identifier of a provisioned cluster; empty with a workgroup
	SecretARN string // secret of the warehouse user; empty for temporary IAM credentials

	CopyRoleARN string // role that COPY reads with; empty for the warehouse's default role
}

// validate runs with every submission, so that a wrong configuration reaches
// the state machine as Invalid and not as a function that does not start.
func (t Target) validate() error {
	var err error
	switch {
	case t.Database == "":
		err = errors.New("the database has no name")
	case (t.Workgroup == "") == (t.Cluster == ""):
		err = fmt.Errorf("name either a workgroup or a cluster: they are %q and %q", t.Workgroup, t.Cluster)
	default:
		return nil
	}
	return fault.New(fault.Invalid, fmt.Errorf("check warehouse settings: %w", err))
}

// Submitted is a batch that the Data API has accepted, and what has to come
// out of it. It is the output of landing-load, transform and record and the
// input of statement-poll.
//
// Work that one batch does not hold is cut into parts, each a batch and so a
// transaction of its own. Next is the part to submit when this one is done.
type Submitted struct {
	StatementID string                `json:"statementId"`
	Part        int                   `json:"part"`    // 1 for the first
	Next        int                   `json:"next"`    // 0 if this is the last part
	Attempt     int                   `json:"attempt"` // 1 for the first submission of this part
	Read        []string              `json:"read"`    // statements whose results the next part reads; [] for none
	Expect      map[string]scalar.Sum `json:"expect"`  // rows and sums by name that the last statement must select; {} for none
	Wait        int                   `json:"wait"`    // seconds until the next poll; see [PollOutput]
}

type submitter interface {
	BatchExecuteStatement(
		context.Context, *redshiftdata.BatchExecuteStatementInput, ...func(*redshiftdata.Options),
	) (*redshiftdata.BatchExecuteStatementOutput, error)
}

// work is one piece of work for the warehouse, in the run and attempt that it
// belongs to.
type work struct {
	step       string // "landing-load"
	runID      string
	subject    string   // table or phase
	part, next int      // see [Submitted]; 0 for the only part
	with       []string // run ids of other runs that it is done for, too
	attempt    int
	entered    string // when the state that asks for it was entered
	statements []string
	parameters []types.SqlParameter // by name, shared by the statements; values are never spliced into their text
}

// maxBatch is how many statements one batch takes:
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
const maxBatch = 40

// submit sends the work, which is expected to select these counts at its end.
func (t Target) submit(ctx context.Context, api submitter, w work, expect map[string]scalar.Sum) (Submitted, error) {
	var err error
	w.part = max(w.part, 1)
	switch {
	case w.runID == "":
		err = errors.New("the run has no id")
	case w.entered == "":
		err = errors.New("the time at which its state was entered is missing")
	case w.attempt < 1:
		err = fmt.Errorf("attempt %d: attempts are counted from 1", w.attempt)
	case len(w.statements) == 0 || len(w.statements) > maxBatch:
		err = fmt.Errorf("%d statements: a batch takes 1 to %d", len(w.statements), maxBatch)
	}
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("check %s of %q: %w", w.step, w.subject, err))
	}
	if err := t.validate(); err != nil {
		return Submitted{}, err
	}
	out, err := api.BatchExecuteStatement(ctx, &redshiftdata.BatchExecuteStatementInput{
		Sqls:              w.statements,
		Parameters:        w.parameters,
		Database:          &t.Database,
		WorkgroupName:     optional(t.Workgroup),
		ClusterIdentifier: optional(t.Cluster),
		SecretArn:         optional(t.SecretARN),
		StatementName:     aws.String(w.name()),
		ClientToken:       aws.String(w.token()),
	})
	if err != nil {
		return Submitted{}, fmt.Errorf("submit %s: %w", w.subject, awsfault.Classify(err))
	}
	if aws.ToString(out.Id) == "" {
		return Submitted{}, fmt.Errorf("submit %s: the answer names no statement", w.subject)
	}
	return Submitted{
		StatementID: *out.Id, Part: w.part, Next: w.next, Attempt: w.attempt, Read: []string{}, Expect: expect, Wait: shortestWait,
	}, nil
}

// name is what the Data API lists the batch by.
func (w work) name() string {
	if w.part == 1 {
		return w.runID + " " + w.subject
	}
	return fmt.Sprintf("%s %s %d", w.runID, w.subject, w.part)
}

// token makes a repeat of the same submission the same statement: the Data API
// remembers a token for eight hours. It holds the attempt and the time at which
// the state was entered, because work that is asked for again must not be
// answered with the statement that failed: a retry of the same state keeps that
// time, a state that is entered again, or redriven, has another. The line
// breaks keep the parts apart; a token has at most 64 characters.
func (w work) token() string {
	parts := append([]string{w.step, w.runID, w.subject, strconv.Itoa(w.part), strconv.Itoa(w.attempt), w.entered}, w.with...)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:])
}

// optional is nil for an empty setting, which the Data API would refuse.
func optional(setting string) *string {
	if setting == "" {
		return nil
	}
	return &setting
}
