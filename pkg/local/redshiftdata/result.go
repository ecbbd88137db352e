package redshiftdata

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

type resultInput struct {
	Id        string
	NextToken string
}

// resultPage is the answer of GetStatementResult.
type resultPage struct {
	ColumnMetadata []columnMetadata
	NextToken      string `json:",omitempty"`
	Records        [][]field
	TotalNumRows   int64
}

type columnMetadata struct {
	Label    string `json:"label"`
	Name     string `json:"name"`
	Nullable int    `json:"nullable"` // 1: it may hold nulls
	TypeName string `json:"typeName"`
}

// field is a union: exactly one of its members is set.
type field struct {
	BooleanValue *bool   `json:"booleanValue,omitempty"`
	DoubleValue  any     `json:"doubleValue,omitempty"` // a number, or "NaN", "Infinity", "-Infinity"
	IsNull       bool    `json:"isNull,omitempty"`
	LongValue    *int64  `json:"longValue,omitempty"`
	StringValue  *string `json:"stringValue,omitempty"`
}

func (s *Server) getStatementResult(in resultInput) (*resultPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, p, err := s.find(in.Id)
	if err != nil {
		return nil, err
	}
	if p == nil && st.batch {
		return nil, invalid("statement %s is a batch; ask for the result of one of its parts, %s:1 to %s:%d", st.id, st.id, st.id, len(st.parts))
	}
	if p == nil {
		p = &st.parts[0]
	}
	if p.expired {
		return nil, missing("the result of %s made room for later ones; run the statement again", in.Id)
	}
	if st.status != statusFinished || p.result == nil || len(p.result.Columns) == 0 {
		return nil, missing("Query does not have result. Please check query status with DescribeStatement: %s is %s.",
			in.Id, p.status)
	}
	start, err := readToken(in.NextToken, in.Id, len(p.result.Rows))
	if err != nil {
		return nil, err
	}
	return s.page(in.Id, p.result, start)
}

// page returns the rows of a result from start on.
func (s *Server) page(id string, result *sqlengine.Result, start int) (*resultPage, error) {
	end := min(start+s.opts.PageRows, len(result.Rows))
	page := &resultPage{Records: make([][]field, 0, end-start), TotalNumRows: int64(len(result.Rows))}
	for _, c := range result.Columns {
		page.ColumnMetadata = append(page.ColumnMetadata, columnMetadata{Label: c.Name, Name: c.Name, Nullable: 1, TypeName: c.Type})
	}
	for _, row := range result.Rows[start:end] {
		record := make([]field, len(row))
		for i, value := range row {
			var err error
			if record[i], err = newField(value); err != nil {
				return nil, fmt.Errorf("column %q: %w", result.Columns[i].Name, err)
			}
		}
		page.Records = append(page.Records, record)
	}
	if end < len(result.Rows) {
		page.NextToken = writeToken(id, end)
	}
	return page, nil
}

func newField(value any) (field, error) {
	switch v := value.(type) {
	case nil:
		return field{IsNull: true}, nil
	case bool:
		return field{BooleanValue: &v}, nil
	case int64:
		return field{LongValue: &v}, nil
	case string:
		return field{StringValue: &v}, nil
	case float64:
		switch {
		case math.IsNaN(v):
			return field{DoubleValue: "NaN"}, nil
		case math.IsInf(v, 1):
			return field{DoubleValue: "Infinity"}, nil
		case math.IsInf(v, -1):
			return field{DoubleValue: "-Infinity"}, nil
		}
		return field{DoubleValue: v}, nil
	}
	return field{}, fmt.Errorf("a value of type %T has no form in the Data API", value)
}

// writeToken makes the token of the page that starts at a row.
func writeToken(id string, start int) string { return fmt.Sprintf("%s/%d", id, start) }

// readToken returns where a page starts, 0 without a token.
func readToken(token, id string, rows int) (int, error) {
	if token == "" {
		return 0, nil
	}
	text, ok := strings.CutPrefix(token, id+"/")
	start, err := strconv.Atoi(text)
	if !ok || err != nil || start < 1 || start >= rows {
		return 0, invalid("NextToken %q is not one of this result", token)
	}
	return start, nil
}
