package warehouse

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// Query asks the warehouse one question, for people and reports. Values are nil,
// bool, int64, float64 or, decimals and times among them, text. It asks for the
// result every interval.
func Query(ctx context.Context, api inspector, target Target, query string, interval time.Duration) (columns []string, rows [][]any, err error) {
	batch, err := target.read(ctx, api, "query", "question", 1, query, interval)
	if err != nil {
		return nil, nil, err
	}
	id := batch + ":1"
	pages := redshiftdata.NewGetStatementResultPaginator(api, &redshiftdata.GetStatementResultInput{Id: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("read result of statement %s: %w", id, awsfault.Classify(err))
		}
		columns = columns[:0]
		for _, column := range page.ColumnMetadata {
			columns = append(columns, aws.ToString(column.Name))
		}
		for _, record := range page.Records {
			row := make([]any, len(record))
			for i, field := range record {
				if row[i], err = valueOf(field); err != nil {
					return nil, nil, fault.New(fault.Corrupt, fmt.Errorf("read result of statement %s: %w", id, err))
				}
			}
			rows = append(rows, row)
		}
	}
	return columns, rows, nil
}

func valueOf(field types.Field) (any, error) {
	switch v := field.(type) {
	case *types.FieldMemberIsNull:
		return nil, nil //nolint:nilnil // that is the value
	case *types.FieldMemberBooleanValue:
		return v.Value, nil
	case *types.FieldMemberDoubleValue:
		return v.Value, nil
	case *types.FieldMemberLongValue:
		return v.Value, nil
	case *types.FieldMemberStringValue:
		return v.Value, nil
	}
	return nil, fmt.Errorf("a %T is no value", field)
}
