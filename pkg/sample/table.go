package sample

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// TableMaker is the DynamoDB calls that make a table.
type TableMaker interface {
	CreateTable(
		context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.CreateTableOutput, error)
	DescribeTable(
		context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.DescribeTableOutput, error)
	UpdateContinuousBackups(
		context.Context, *dynamodb.UpdateContinuousBackupsInput, ...func(*dynamodb.Options),
	) (*dynamodb.UpdateContinuousBackupsOutput, error)
}

// The overloaded index of the table.
const (
	indexName         = "GSI"
	indexPartitionKey = "GSIpk"
	indexSortKey      = "GSIsk"
)

// How long a table is waited for. A new table takes some ten seconds on AWS.
const (
	tablePause = 2 * time.Second
	tableTries = 150
)

// CreateTable makes the table that the sample loads into, waits until it and
// its index are active, and enables point-in-time recovery, without which
// DynamoDB exports nothing. It returns the table's ARN. A table of that name
// that has these keys already is as good, whatever it contains; one with other
// keys is an error.
func CreateTable(ctx context.Context, api TableMaker, name string) (string, error) {
	_, err := api.CreateTable(ctx, definition(name))
	if _, exists := errors.AsType[*types.ResourceInUseException](err); err != nil && !exists {
		return "", fmt.Errorf("create table %s: %w", name, awsfault.Classify(err))
	}
	table, err := waitForTable(ctx, api, name)
	if err != nil {
		return "", fmt.Errorf("wait for table %s: %w", name, err)
	}
	if err := checkKeys(table); err != nil {
		return "", fmt.Errorf("use table %s: %w", name, fault.New(fault.Invalid, err))
	}
	if err := enableRecovery(ctx, api, name); err != nil {
		return "", fmt.Errorf("enable point-in-time recovery of table %s: %w", name, err)
	}
	return aws.ToString(table.TableArn), nil
}

func definition(name string) *dynamodb.CreateTableInput {
	store := model.Store()
	input := &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema(store.PartitionKey, store.SortKey),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String(indexName),
			KeySchema:  keySchema(indexPartitionKey, indexSortKey),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	}
	for _, attribute := range []string{store.PartitionKey, store.SortKey, indexPartitionKey, indexSortKey} {
		input.AttributeDefinitions = append(input.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: &attribute, AttributeType: types.ScalarAttributeTypeS,
		})
	}
	return input
}

func keySchema(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &partition, KeyType: types.KeyTypeHash},
		{AttributeName: &sort, KeyType: types.KeyTypeRange},
	}
}

// waitForTable describes the table until it and its indexes are active. A new
// table may be unknown for a moment, because descriptions are eventually
// consistent:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
func waitForTable(ctx context.Context, api TableMaker, name string) (*types.TableDescription, error) {
	for range tableTries {
		out, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if _, unknown := errors.AsType[*types.ResourceNotFoundException](err); err != nil && !unknown {
			return nil, awsfault.Classify(err)
		}
		if err == nil && isActive(out.Table) {
			return out.Table, nil
		}
		if err := sleep(ctx, tablePause); err != nil {
			return nil, err
		}
	}
	return nil, fault.New(fault.Transient, fmt.Errorf("not active after %v", tableTries*tablePause))
}

func isActive(table *types.TableDescription) bool {
	for _, index := range table.GlobalSecondaryIndexes {
		if index.IndexStatus != types.IndexStatusActive {
			return false
		}
	}
	return table.TableStatus == types.TableStatusActive
}

// checkKeys refuses a table of that name that was made for something else.
func checkKeys(table *types.TableDescription) error {
	store := model.Store()
	if got := keysOf(table.KeySchema); got != store.PartitionKey+", "+store.SortKey {
		return fmt.Errorf("its keys are %s, not %s, %s: choose another name", got, store.PartitionKey, store.SortKey)
	}
	for _, index := range table.GlobalSecondaryIndexes {
		if keysOf(index.KeySchema) == indexPartitionKey+", "+indexSortKey {
			return nil
		}
	}
	return fmt.Errorf("it has no index with the keys %s, %s: choose another name", indexPartitionKey, indexSortKey)
}

func keysOf(schema []types.KeySchemaElement) string {
	var partition, sort string
	for _, element := range schema {
		if element.KeyType == types.KeyTypeHash {
			partition = aws.ToString(element.AttributeName)
		} else {
			sort = aws.ToString(element.AttributeName)
		}
	}
	return partition + ", " + sort
}

// enableRecovery repeats while DynamoDB is still preparing the backups of a
// new table, which it reports as an error.
func enableRecovery(ctx context.Context, api TableMaker, name string) error {
	for range tableTries {
		_, err := api.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName: &name,
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
				PointInTimeRecoveryEnabled: aws.Bool(true),
			},
		})
		if err == nil {
			return nil
		}
		if _, preparing := errors.AsType[*types.ContinuousBackupsUnavailableException](err); !preparing {
			return awsfault.Classify(err)
		}
		if err := sleep(ctx, tablePause); err != nil {
			return err
		}
	}
	return fault.New(fault.Transient, fmt.Errorf("not possible after %v", tableTries*tablePause))
}
