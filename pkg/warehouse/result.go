package warehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

type resultReader interface {
	GetStatementResult(
		context.Context, *redshiftdata.GetStatementResultInput, ...func(*redshiftdata.Options),
	) (*redshiftdata.GetStatementResultOutput, error)
}

// texts reads what the first statement of a batch selected, all of it text, page
// by page.
func texts(ctx context.Context, api resultReader, batch string) ([][]string, error) {
	id := batch + ":1"
	rows := [][]string{}
	pages := redshiftdata.NewGetStatementResultPaginator(api, &redshiftdata.GetStatementResultInput{Id: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read result of statement %s: %w", id, awsfault.Classify(err))
		}
		for _, record := range page.Records {
			row := make([]string, len(record))
			for i, field := range record {
				text, ok := field.(*types.FieldMemberStringValue)
				if !ok {
					return nil, fault.New(fault.Corrupt, fmt.Errorf("read result of statement %s: a %T is not text", id, field))
				}
				row[i] = text.Value
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// counts reads a result whose rows are a name and a number, page by page.
func (p *Poller) counts(ctx context.Context, id string) (map[string]scalar.Sum, error) {
	counts := map[string]scalar.Sum{}
	pages := redshiftdata.NewGetStatementResultPaginator(p.api, &redshiftdata.GetStatementResultInput{Id: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read result of statement %s: %w", id, awsfault.Classify(err))
		}
		if err := addPage(counts, page); err != nil {
			return nil, fault.New(fault.Corrupt, fmt.Errorf("read result of statement %s: %w", id, err))
		}
	}
	return counts, nil
}

func addPage(counts map[string]scalar.Sum, page *redshiftdata.GetStatementResultOutput) error {
	columns := page.ColumnMetadata
	if len(columns) != 2 || aws.ToString(columns[0].Name) != "name" || aws.ToString(columns[1].Name) != "rows" {
		names := make([]string, len(columns))
		for i, column := range columns {
			names[i] = aws.ToString(column.Name)
		}
		return fmt.Errorf("its columns are %q: want name and rows", names)
	}
	for _, record := range page.Records {
		if len(record) != len(columns) {
			return fmt.Errorf("a row has %d values for %d columns", len(record), len(columns))
		}
		name, ok := record[0].(*types.FieldMemberStringValue)
		if !ok {
			return errors.New("a name is not a string")
		}
		if _, ok := counts[name.Value]; ok {
			return fmt.Errorf("%q is counted twice", name.Value)
		}
		rows, err := integer(record[1])
		if err != nil {
			return fmt.Errorf("rows of %q: %w", name.Value, err)
		}
		counts[name.Value] = rows
	}
	return nil
}

// integer reads a whole number. The Data API hands out integers as numbers and
// decimals, which a sum of integers is, as text.
func integer(field types.Field) (scalar.Sum, error) {
	switch value := field.(type) {
	case *types.FieldMemberLongValue:
		return scalar.SumOf(value.Value), nil
	case *types.FieldMemberStringValue:
		n, err := scalar.ParseSum(value.Value)
		if err != nil {
			return scalar.Sum{}, fmt.Errorf("%q is not a whole number", value.Value)
		}
		return n, nil
	case *types.FieldMemberIsNull:
		return scalar.Sum{}, errors.New("null is not a whole number")
	}
	return scalar.Sum{}, fmt.Errorf("a %T is not a whole number", field)
}
