package redshiftdata

import (
	"cmp"
	"slices"
	"strings"
)

// maxList is how many statements a page of a list has.
const maxList = 100

type listInput struct {
	ClusterIdentifier string
	Database          string
	MaxResults        int
	NextToken         string
	RoleLevel         *bool // one role calls the local endpoint
	StatementName     string
	Status            string
	WorkgroupName     string
}

type statementList struct {
	NextToken  string `json:",omitempty"`
	Statements []listedStatement
}

type listedStatement struct {
	CreatedAt        timestamp
	Id               string
	IsBatchStatement bool
	QueryParameters  []parameter `json:",omitempty"`
	QueryString      string      `json:",omitempty"`
	QueryStrings     []string    `json:",omitempty"`
	ResultFormat     string
	SecretArn        string `json:",omitempty"`
	StatementName    string `json:",omitempty"`
	Status           string
	UpdatedAt        timestamp
}

// listStatements returns statements, the newest first: the finished ones unless
// a status is named.
func (s *Server) listStatements(in listInput) (*statementList, error) {
	status := cmp.Or(in.Status, statusFinished)
	known := []string{"ALL", statusSubmitted, statusPicked, statusStarted, statusFinished, statusFailed, statusAborted}
	if !slices.Contains(known, status) {
		return nil, invalid("Status %q is none of %s", in.Status, strings.Join(known, ", "))
	}
	if in.MaxResults < 0 || in.MaxResults > maxList {
		return nil, invalid("MaxResults %d is not between 0 and %d", in.MaxResults, maxList)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	list := &statementList{Statements: []listedStatement{}}
	skipping := in.NextToken != ""
	for _, st := range slices.Backward(s.order) {
		if skipping {
			skipping = st.id != in.NextToken
			continue
		}
		if !st.matches(in, status) {
			continue
		}
		if n := len(list.Statements); n == cmp.Or(in.MaxResults, maxList) {
			list.NextToken = list.Statements[n-1].Id
			return list, nil
		}
		list.Statements = append(list.Statements, st.list())
	}
	if skipping {
		return nil, invalid("NextToken %q is not one of this list", in.NextToken)
	}
	return list, nil
}

func (st *statement) matches(in listInput, status string) bool {
	return (status == "ALL" || st.status == status) &&
		strings.HasPrefix(st.in.StatementName, in.StatementName) &&
		(in.Database == "" || in.Database == st.in.Database) &&
		(in.WorkgroupName == "" || in.WorkgroupName == st.in.WorkgroupName) &&
		(in.ClusterIdentifier == "" || in.ClusterIdentifier == st.in.ClusterIdentifier)
}

func (st *statement) list() listedStatement {
	l := listedStatement{
		CreatedAt: timestamp{Time: st.created}, Id: st.id, IsBatchStatement: st.batch, QueryParameters: st.in.Parameters,
		ResultFormat: "JSON", SecretArn: st.in.SecretArn, StatementName: st.in.StatementName,
		Status: st.status, UpdatedAt: timestamp{Time: st.updated},
	}
	if !st.batch {
		l.QueryString = st.parts[0].sql
		return l
	}
	for _, p := range st.parts {
		l.QueryStrings = append(l.QueryStrings, p.sql)
	}
	return l
}
