package warehouse_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

const runID = "run-20261121-020000.000"

// store is the model that is delivered.
func store(t testing.TB) model.Model {
	t.Helper()
	m, err := models.Read(models.Default)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sums spells counts as the steps do.
func sums(counts map[string]int64) map[string]scalar.Sum {
	all := map[string]scalar.Sum{}
	for name, n := range counts {
		all[name] = scalar.SumOf(n)
	}
	return all
}

func TestPayloads(t *testing.T) {
	t.Parallel()

	t.Run("landing-load.in.json", awstest.RoundTrip[warehouse.LoadInput])
	t.Run("landing-load.out.json", awstest.RoundTrip[warehouse.Submitted])
	t.Run("transform.in.json", awstest.RoundTrip[warehouse.TransformInput])
	t.Run("transform.out.json", awstest.RoundTrip[warehouse.Submitted])
	t.Run("statement-poll.in.json", awstest.RoundTrip[warehouse.Submitted])
	t.Run("statement-poll.out.json", awstest.RoundTrip[warehouse.PollOutput])
}

// dataAPI keeps batches as the Data API does: a token that comes again means
// the batch that it began, and a batch stays as it is until the test says what
// became of it.
type dataAPI struct {
	mu       sync.Mutex
	batches  []*batch
	err      error // answer of every call, if not nil
	pageRows int   // rows of one page of a result; all if 0
}

type batch struct {
	in     *redshiftdata.BatchExecuteStatementInput
	status types.StatusString
	age    time.Duration  // how long ago it was created
	errs   map[int]string // by position of the statement, from 1
	reason string         // of the whole batch
	result *result        // of the last statement
}

type result struct {
	columns []string
	rows    [][]types.Field
}

func (d *dataAPI) BatchExecuteStatement(
	_ context.Context, in *redshiftdata.BatchExecuteStatementInput, _ ...func(*redshiftdata.Options),
) (*redshiftdata.BatchExecuteStatementOutput, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return nil, d.err
	}
	for i, known := range d.batches {
		if aws.ToString(known.in.ClientToken) == aws.ToString(in.ClientToken) {
			return &redshiftdata.BatchExecuteStatementOutput{Id: aws.String(batchID(i))}, nil
		}
	}
	d.batches = append(d.batches, &batch{in: in, status: types.StatusStringSubmitted})
	return &redshiftdata.BatchExecuteStatementOutput{Id: aws.String(batchID(len(d.batches) - 1))}, nil
}

func batchID(i int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", i) }

func (d *dataAPI) find(id *string) (*batch, error) {
	if d.err != nil {
		return nil, d.err
	}
	whole, _, _ := strings.Cut(aws.ToString(id), ":")
	for i, b := range d.batches {
		if batchID(i) == whole {
			return b, nil
		}
	}
	return nil, &types.ResourceNotFoundException{Message: aws.String("Query does not exist.")}
}

// DescribeStatement lists the first statement of the batch last, which nothing
// forbids. Beside one that failed the others are aborted.
func (d *dataAPI) DescribeStatement(
	_ context.Context, in *redshiftdata.DescribeStatementInput, _ ...func(*redshiftdata.Options),
) (*redshiftdata.DescribeStatementOutput, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, err := d.find(in.Id)
	if err != nil {
		return nil, err
	}
	out := &redshiftdata.DescribeStatementOutput{
		Id: in.Id, Status: b.status, HasResultSet: aws.Bool(false), CreatedAt: aws.Time(time.Now().Add(-b.age)),
	}
	if b.reason != "" {
		out.Error = &b.reason
	}
	for n := range b.in.Sqls {
		i := (n+1)%len(b.in.Sqls) + 1
		sub := types.SubStatementData{
			Id: aws.String(aws.ToString(in.Id) + ":" + strconv.Itoa(i)), QueryString: &b.in.Sqls[i-1],
			Status: types.StatementStatusString(b.status), HasResultSet: aws.Bool(i == len(b.in.Sqls) && b.result != nil),
		}
		if text, failed := b.errs[i]; failed {
			sub.Error = &text
		} else if b.status == types.StatusStringFailed {
			sub.Status = types.StatementStatusStringAborted
		}
		out.SubStatements = append(out.SubStatements, sub)
	}
	return out, nil
}

func (d *dataAPI) GetStatementResult(
	_ context.Context, in *redshiftdata.GetStatementResultInput, _ ...func(*redshiftdata.Options),
) (*redshiftdata.GetStatementResultOutput, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, err := d.find(in.Id)
	if err != nil {
		return nil, err
	}
	if last := fmt.Sprintf(":%d", len(b.in.Sqls)); b.result == nil || !strings.HasSuffix(aws.ToString(in.Id), last) {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Query does not have result.")}
	}
	out := &redshiftdata.GetStatementResultOutput{TotalNumRows: int64(len(b.result.rows))}
	for _, name := range b.result.columns {
		out.ColumnMetadata = append(out.ColumnMetadata, types.ColumnMetadata{Name: &name})
	}
	first, _ := strconv.Atoi(aws.ToString(in.NextToken))
	end := len(b.result.rows)
	if d.pageRows > 0 && first+d.pageRows < end {
		end = first + d.pageRows
		out.NextToken = aws.String(strconv.Itoa(end))
	}
	out.Records = b.result.rows[first:end]
	return out, nil
}

func counted(name string, rows int64) []types.Field {
	return []types.Field{text(name), &types.FieldMemberLongValue{Value: rows}}
}

func text(s string) types.Field { return &types.FieldMemberStringValue{Value: s} }

func named(rows ...[]types.Field) *result {
	return &result{columns: []string{"name", "rows"}, rows: rows}
}
