package redshiftdata

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// Limits of the service:
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
const (
	maxStatement  = 200 << 10 // bytes
	maxBatch      = 40
	maxActive     = 500
	maxToken      = 64
	maxName       = 500
	statementTime = 24 * time.Hour
)

// common are the fields that ExecuteStatement and BatchExecuteStatement share.
type common struct {
	ClientToken             string
	ClusterIdentifier       string
	Database                string
	DbUser                  string
	Parameters              []parameter
	ResultFormat            string
	SecretArn               string
	SessionId               string
	SessionKeepAliveSeconds int
	StatementName           string
	WithEvent               bool
	WorkgroupName           string
}

type executeInput struct {
	common
	Sql string
}

type batchInput struct {
	common
	Sqls []string
}

// submitted is what both operations answer.
type submitted struct {
	ClusterIdentifier string `json:",omitempty"`
	CreatedAt         timestamp
	Database          string
	DbUser            string `json:",omitempty"`
	Id                string
	SecretArn         string `json:",omitempty"`
	WorkgroupName     string `json:",omitempty"`
}

func (s *Server) executeStatement(in executeInput) (*submitted, error) {
	return s.submit(in.common, []string{in.Sql}, false)
}

func (s *Server) batchExecuteStatement(in batchInput) (*submitted, error) {
	if len(in.Sqls) < 1 || len(in.Sqls) > maxBatch {
		return nil, invalid("Sqls has %d statements: a batch takes 1 to %d", len(in.Sqls), maxBatch)
	}
	return s.submit(in.common, in.Sqls, true)
}

// submit checks a request, starts its statement and answers at once.
func (s *Server) submit(in common, sqls []string, batch bool) (*submitted, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	for i, text := range sqls {
		if err := validateText(text); err != nil {
			return nil, invalid("statement %d: %v", i+1, err)
		}
	}
	bound, err := bind(sqls, in.Parameters)
	if err != nil {
		return nil, invalid("%v", err)
	}
	fingerprint, err := json.Marshal(struct {
		In    common
		Sqls  []string
		Batch bool
	}{in, sqls, batch})
	if err != nil {
		return nil, fmt.Errorf("remember client token: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	if old := s.tokens[in.ClientToken]; old != nil {
		if old.fingerprint != string(fingerprint) {
			return nil, invalid("ClientToken %q belongs to statement %s, which is another request", in.ClientToken, old.id)
		}
		return old.submitted(), nil
	}
	if s.closed {
		return nil, errClosed
	}
	if n := s.active(); n >= maxActive {
		return nil, awsjson.Refuse("ActiveStatementsExceededException", "%d statements are active; wait until some have ended", n)
	}
	return s.start(in, sqls, bound, batch, string(fingerprint)).submitted(), nil
}

// start registers a statement and runs it in a goroutine. The caller holds the
// lock.
func (s *Server) start(in common, sqls, bound []string, batch bool, fingerprint string) *statement {
	ctx, cancel := context.WithTimeout(context.Background(), statementTime)
	now := s.opts.Clock()
	st := &statement{
		id: uuid.NewString(), in: in, batch: batch, fingerprint: fingerprint,
		progress: progress{status: statusSubmitted, created: now, updated: now}, cancel: cancel,
	}
	for i := range sqls {
		st.parts = append(st.parts, part{
			sql: sqls[i], bound: bound[i],
			progress: progress{status: statusSubmitted, created: now, updated: now},
		})
	}
	s.statements[st.id] = st
	s.order = append(s.order, st)
	if in.ClientToken != "" {
		s.tokens[in.ClientToken] = st
	}
	s.running.Go(func() {
		defer cancel()
		s.run(ctx, st)
	})
	return st
}

// validate checks the shared fields.
func (in common) validate() error {
	switch {
	case in.Database == "":
		return invalid("Database is required")
	case in.WorkgroupName == "" && in.ClusterIdentifier == "":
		return invalid("WorkgroupName or ClusterIdentifier is required")
	case in.WorkgroupName != "" && in.ClusterIdentifier != "":
		return invalid("WorkgroupName and ClusterIdentifier exclude each other")
	case in.WorkgroupName != "" && in.DbUser != "":
		return invalid("DbUser belongs to a cluster; a workgroup takes the caller's identity or SecretArn")
	case len(in.ClientToken) > maxToken:
		return invalid("ClientToken has %d characters: it takes %d", len(in.ClientToken), maxToken)
	case len(in.StatementName) > maxName:
		return invalid("StatementName has %d characters: it takes %d", len(in.StatementName), maxName)
	case cmp.Or(in.ResultFormat, "JSON") != "JSON":
		return invalid("ResultFormat %q is refused: the local endpoint has JSON", in.ResultFormat)
	case in.SessionId != "" || in.SessionKeepAliveSeconds != 0:
		return invalid("SessionId and SessionKeepAliveSeconds are refused: the local endpoint has no sessions")
	case in.WithEvent:
		return invalid("WithEvent is refused: the local endpoint sends no events")
	}
	return nil
}

// validateText checks that a text is one statement. A text that is not even
// SQL passes: that is an error of the statement.
func validateText(text string) error {
	if text == "" {
		return fmt.Errorf("the text is empty")
	}
	if len(text) > maxStatement {
		return fmt.Errorf("the text has %d bytes: it takes %d", len(text), maxStatement)
	}
	tokens, err := sqltext.Scan(text)
	if err != nil {
		return nil //nolint:nilerr // the engine refuses it, with the statement's own failure
	}
	if n := len(sqltext.Split(tokens)); n != 1 {
		return fmt.Errorf("the text holds %d statements instead of one", n)
	}
	return nil
}
