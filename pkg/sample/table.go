package sample

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// The overloaded index of the store's table.
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

// CreateTable makes the table of a model, waits until it is active, and enables
// point-in-time recovery, without which DynamoDB exports nothing. It returns the
// table's ARN. A table of that name that has these keys already is as good,
// whatever it contains; one with other keys is an error.
//
// A model that leaves out the attributes GSIpk and GSIsk, as the store's does,
// has the index whose keys they are.
func CreateTable(ctx context.Context, api TableMaker, name string, m model.Model) (string, error) {
	d := definition(name, m)
	_, err := api.CreateTable(ctx, d)
	if _, exists := errors.AsType[*types.ResourceInUseException](err); err != nil && !exists {
		return "", fmt.Errorf("create table %s: %w", name, awsfault.Classify(err))
	}
	table, err := waitForTable(ctx, api, name)
	if err != nil {
		return "", fmt.Errorf("wait for table %s: %w", name, err)
	}
	if err := checkKeys(d, table); err != nil {
		return "", fmt.Errorf("use table %s: %w", name, fault.New(fault.Invalid, err))
	}
	if err := enableRecovery(ctx, api, name); err != nil {
		return "", fmt.Errorf("enable point-in-time recovery of table %s: %w", name, err)
	}
	return aws.ToString(table.TableArn), nil
}

func definition(name string, m model.Model) *dynamodb.CreateTableInput {
	input := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	var keys []string
	attribute := func(name string, kind types.ScalarAttributeType) {
		input.AttributeDefinitions = append(input.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: &name, AttributeType: kind,
		})
	}
	for _, key := range m.Keys {
		keys = append(keys, key.Name)
		attribute(key.Name, types.ScalarAttributeType(key.Kind))
	}
	input.KeySchema = keySchema(keys...)
	if slices.Contains(m.Ignored, indexPartitionKey) && slices.Contains(m.Ignored, indexSortKey) {
		input.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName:  aws.String(indexName),
			KeySchema:  keySchema(indexPartitionKey, indexSortKey),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}}
		attribute(indexPartitionKey, types.ScalarAttributeTypeS)
		attribute(indexSortKey, types.ScalarAttributeTypeS)
	}
	return input
}

// keySchema takes the partition key and, if there is one, the sort key.
func keySchema(keys ...string) []types.KeySchemaElement {
	var schema []types.KeySchemaElement
	for i, key := range keys {
		kind := types.KeyTypeHash
		if i > 0 {
			kind = types.KeyTypeRange
		}
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(key), KeyType: kind})
	}
	return schema
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
func checkKeys(want *dynamodb.CreateTableInput, table *types.TableDescription) error {
	kinds := func(definitions []types.AttributeDefinition) map[string]string {
		kinds := map[string]string{}
		for _, d := range definitions {
			kinds[aws.ToString(d.AttributeName)] = string(d.AttributeType)
		}
		return kinds
	}
	have, need := kinds(table.AttributeDefinitions), kinds(want.AttributeDefinitions)
	if got, want := spell(table.KeySchema, have), spell(want.KeySchema, need); got != want {
		return fmt.Errorf("its keys are %s, those of the model %s: choose another name", got, want)
	}
	for _, index := range want.GlobalSecondaryIndexes {
		keys := spell(index.KeySchema, need)
		if !slices.ContainsFunc(table.GlobalSecondaryIndexes, func(d types.GlobalSecondaryIndexDescription) bool {
			return spell(d.KeySchema, have) == keys
		}) {
			return fmt.Errorf("it has no index with the keys %s: choose another name", keys)
		}
	}
	return nil
}

// spell names keys with their types, the partition key first: "PK (S), SK (S)".
func spell(schema []types.KeySchemaElement, kinds map[string]string) string {
	keys := make([]string, 0, len(schema))
	for _, element := range schema {
		name := aws.ToString(element.AttributeName)
		key := fmt.Sprintf("%s (%s)", name, kinds[name])
		if element.KeyType == types.KeyTypeHash {
			keys = slices.Insert(keys, 0, key)
		} else {
			keys = append(keys, key)
		}
	}
	return strings.Join(keys, ", ")
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
