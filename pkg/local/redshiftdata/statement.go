package redshiftdata

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// The statuses of a statement, in their order.
const (
	statusSubmitted = "SUBMITTED"
	statusPicked    = "PICKED"
	statusStarted   = "STARTED"
	statusFinished  = "FINISHED"
	statusFailed    = "FAILED"
	statusAborted   = "ABORTED"
)

// progress is how far a statement, or a part of a batch, has come.
type progress struct {
	status  string
	err     string
	created time.Time
	updated time.Time
	started time.Time
	ended   time.Time
	queryID int64
}

// statement is one call of ExecuteStatement or BatchExecuteStatement. What can
// change is guarded by the server's lock.
type statement struct {
	progress
	id          string
	in          common
	batch       bool
	fingerprint string // of the request, to compare calls with the same token
	cancel      context.CancelFunc
	cancelled   bool // by a call of CancelStatement
	parts       []part
}

// part is one SQL statement.
type part struct {
	progress
	sql    string // as it was submitted
	bound  string // with the values of its parameters
	result *sqlengine.Result
	size   int64
	// expired tells that the result was let go before its time.
	expired bool
}

// done reports whether a statement has ended.
func (p progress) done() bool {
	return slices.Contains([]string{statusFinished, statusFailed, statusAborted}, p.status)
}

// duration is how long a statement ran.
func (p progress) duration() time.Duration {
	if p.started.IsZero() || p.ended.IsZero() {
		return 0
	}
	return p.ended.Sub(p.started)
}

func (st *statement) submitted() *submitted {
	return &submitted{
		ClusterIdentifier: st.in.ClusterIdentifier, CreatedAt: timestamp{Time: st.created}, Database: st.in.Database,
		DbUser: st.in.DbUser, Id: st.id, SecretArn: st.in.SecretArn, WorkgroupName: st.in.WorkgroupName,
	}
}

type idInput struct{ Id string }

// description is the answer of DescribeStatement.
type description struct {
	ClusterIdentifier string `json:",omitempty"`
	CreatedAt         timestamp
	Database          string `json:",omitempty"`
	DbUser            string `json:",omitempty"`
	Duration          int64  // nanoseconds
	Error             string `json:",omitempty"`
	HasResultSet      bool
	Id                string
	QueryParameters   []parameter `json:",omitempty"`
	QueryString       string      `json:",omitempty"`
	RedshiftPid       int64
	RedshiftQueryId   int64
	ResultFormat      string
	ResultRows        int64 // -1 if there is no count
	ResultSize        int64
	SecretArn         string `json:",omitempty"`
	Status            string
	SubStatements     []subStatement `json:",omitempty"`
	UpdatedAt         timestamp
	WorkgroupName     string `json:",omitempty"`
}

// subStatement describes one statement of a batch.
type subStatement struct {
	CreatedAt       timestamp
	Duration        int64  // nanoseconds
	Error           string `json:",omitempty"`
	HasResultSet    bool
	Id              string
	QueryString     string
	RedshiftQueryId int64
	ResultRows      int64 // -1 if there is no count
	ResultSize      int64
	Status          string
	UpdatedAt       timestamp
}

func (s *Server) describeStatement(in idInput) (*description, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, p, err := s.find(in.Id)
	if err != nil {
		return nil, err
	}
	d := &description{
		ClusterIdentifier: st.in.ClusterIdentifier, Database: st.in.Database, DbUser: st.in.DbUser,
		QueryParameters: st.in.Parameters, ResultFormat: "JSON", SecretArn: st.in.SecretArn,
		WorkgroupName: st.in.WorkgroupName, Id: in.Id,
	}
	if p == nil && !st.batch {
		p = &st.parts[0]
	}
	if p != nil {
		sub := p.describe(in.Id)
		d.CreatedAt, d.Duration, d.Error, d.HasResultSet = sub.CreatedAt, sub.Duration, sub.Error, sub.HasResultSet
		d.QueryString, d.RedshiftQueryId, d.ResultRows, d.ResultSize = sub.QueryString, sub.RedshiftQueryId, sub.ResultRows, sub.ResultSize
		d.Status, d.UpdatedAt = sub.Status, sub.UpdatedAt
		return d, nil
	}
	d.CreatedAt, d.UpdatedAt, d.Duration = timestamp{Time: st.created}, timestamp{Time: st.updated}, st.duration().Nanoseconds()
	d.Status, d.Error, d.RedshiftQueryId, d.ResultRows = st.status, st.err, -1, -1
	for i := range st.parts {
		sub := st.parts[i].describe(fmt.Sprintf("%s:%d", st.id, i+1))
		d.SubStatements = append(d.SubStatements, sub)
		d.HasResultSet = d.HasResultSet || sub.HasResultSet
		d.ResultSize += sub.ResultSize
	}
	return d, nil
}

func (p *part) describe(id string) subStatement {
	sub := subStatement{
		CreatedAt: timestamp{Time: p.created}, Duration: p.duration().Nanoseconds(), Error: p.err, Id: id,
		QueryString: p.sql, RedshiftQueryId: p.queryID, ResultRows: -1, ResultSize: p.size,
		Status: p.status, UpdatedAt: timestamp{Time: p.updated},
	}
	if p.result != nil {
		sub.HasResultSet = len(p.result.Columns) > 0
		sub.ResultRows = p.result.Affected
		if sub.HasResultSet {
			sub.ResultRows = int64(len(p.result.Rows))
		}
	}
	return sub
}

type cancelled struct{ Status bool }

// cancelStatement interrupts a statement. The whole of a batch is cancelled,
// never a part of it.
func (s *Server) cancelStatement(in idInput) (*cancelled, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, p, err := s.find(in.Id)
	if err != nil {
		return nil, err
	}
	if p != nil {
		return nil, invalid("statement %s is part of a batch; cancel %s", in.Id, st.id)
	}
	if st.done() {
		return nil, invalid("Could not cancel a query that is already in %s state with ID: %s", st.status, st.id)
	}
	st.cancelled = true
	st.cancel()
	return &cancelled{Status: true}, nil
}
