package sample_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// account is a DynamoDB with one table, whose parts take their time.
type account struct {
	created     *dynamodb.CreateTableInput
	at          time.Time
	table       time.Duration // until the table is active
	index       time.Duration // until its index is
	backups     time.Duration // until backups can be set up
	recoverable bool
	refuse      error // of CreateTable
}

func (a *account) CreateTable(
	_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.CreateTableOutput, error) {
	if a.refuse != nil {
		return nil, a.refuse
	}
	if a.created != nil {
		return nil, &types.ResourceInUseException{}
	}
	a.created, a.at = in, time.Now()
	return &dynamodb.CreateTableOutput{}, nil
}

func (a *account) DescribeTable(
	_ context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	if a.created == nil || *in.TableName != *a.created.TableName || time.Since(a.at) < time.Second {
		return nil, &types.ResourceNotFoundException{}
	}
	table := &types.TableDescription{
		TableArn:    aws.String("arn:aws:dynamodb:eu-west-1:123456789012:table/" + *in.TableName),
		TableStatus: types.TableStatusCreating,
		KeySchema:   a.created.KeySchema, AttributeDefinitions: a.created.AttributeDefinitions,
	}
	if time.Since(a.at) >= a.table {
		table.TableStatus = types.TableStatusActive
	}
	for _, index := range a.created.GlobalSecondaryIndexes {
		status := types.IndexStatusCreating
		if time.Since(a.at) >= a.index {
			status = types.IndexStatusActive
		}
		table.GlobalSecondaryIndexes = append(table.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{
			IndexName: index.IndexName, KeySchema: index.KeySchema, IndexStatus: status,
		})
	}
	return &dynamodb.DescribeTableOutput{Table: table}, nil
}

func (a *account) UpdateContinuousBackups(
	_ context.Context, in *dynamodb.UpdateContinuousBackupsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	if time.Since(a.at) < a.backups {
		return nil, &types.ContinuousBackupsUnavailableException{}
	}
	a.recoverable = *in.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
	return &dynamodb.UpdateContinuousBackupsOutput{}, nil
}

func TestCreateTable(t *testing.T) {
	t.Parallel()

	tests := map[string]account{
		"makes a table":                     {},
		"waits for the table":               {table: 20 * time.Second},
		"waits for the index":               {index: 45 * time.Second},
		"waits until backups can be set up": {table: 5 * time.Second, backups: 30 * time.Second},
		"waits for one after the other":     {table: time.Minute, index: 2 * time.Minute, backups: 3 * time.Minute},
	}
	for name, a := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				arn, err := sample.CreateTable(t.Context(), &a, "shop", store())
				if err != nil || arn != "arn:aws:dynamodb:eu-west-1:123456789012:table/shop" || !a.recoverable {
					t.Fatalf("CreateTable() = %q, %v, recoverable: %v", arn, err, a.recoverable)
				}
				if waited := time.Since(start); waited < max(a.table, a.index, a.backups) {
					t.Errorf("returned after %v, before the table was ready", waited)
				}
				again, err := sample.CreateTable(t.Context(), &a, "shop", store())
				if err != nil || again != arn {
					t.Errorf("CreateTable() = %q, %v the second time, want the same table", again, err)
				}
			})
		})
	}
}

func TestCreateTable_definition(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		var a account
		if _, err := sample.CreateTable(t.Context(), &a, "shop", store()); err != nil {
			t.Fatalf("CreateTable() = %v", err)
		}
		in := a.created
		schema := func(elements []types.KeySchemaElement) string {
			var parts []string
			for _, e := range elements {
				parts = append(parts, *e.AttributeName+" "+string(e.KeyType))
			}
			return strings.Join(parts, ", ")
		}
		if got := schema(in.KeySchema); got != "PK HASH, SK RANGE" {
			t.Errorf("keys of the table: %s", got)
		}
		indexes := in.GlobalSecondaryIndexes
		if len(indexes) != 1 || schema(indexes[0].KeySchema) != "GSIpk HASH, GSIsk RANGE" {
			t.Errorf("indexes: %v, want one with the keys GSIpk and GSIsk", indexes)
		}
		if in.BillingMode != types.BillingModePayPerRequest || in.ProvisionedThroughput != nil {
			t.Errorf("billing mode = %s, want on demand", in.BillingMode)
		}
		if len(in.AttributeDefinitions) != 4 {
			t.Errorf("%d attributes are defined, want the four of the keys", len(in.AttributeDefinitions))
		}
		for _, definition := range in.AttributeDefinitions {
			if definition.AttributeType != types.ScalarAttributeTypeS {
				t.Errorf("attribute %s is %s, want text", *definition.AttributeName, definition.AttributeType)
			}
		}
	})
}

func TestCreateTable_errors(t *testing.T) {
	t.Parallel()

	other := func(keys, index string) *dynamodb.CreateTableInput {
		pair := func(names string) []types.KeySchemaElement {
			partition, sort, _ := strings.Cut(names, " ")
			return []types.KeySchemaElement{
				{AttributeName: &sort, KeyType: types.KeyTypeRange},
				{AttributeName: &partition, KeyType: types.KeyTypeHash},
			}
		}
		var attributes []types.AttributeDefinition
		for _, name := range strings.Fields(keys + " " + index) {
			attributes = append(attributes, types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS})
		}
		return &dynamodb.CreateTableInput{
			TableName: aws.String("shop"), KeySchema: pair(keys), AttributeDefinitions: attributes,
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{KeySchema: pair(index)}},
		}
	}
	tests := map[string]struct {
		account account
		kind    fault.Kind
		says    string
	}{
		"refuses a table with other keys": {
			account{created: other("id at", "GSIpk GSIsk")}, fault.Invalid, "its keys are id (S), at (S), those of the model PK (S), SK (S)",
		},
		"refuses a table with another index": {
			account{created: other("PK SK", "a b")}, fault.Invalid, "no index with the keys GSIpk (S), GSIsk (S)",
		},
		"passes on that there are too many tables": {
			account{refuse: &types.LimitExceededException{}}, fault.Transient, "create table shop: ",
		},
		"does not wait for ever for the table": {
			account{table: time.Hour}, fault.Transient, "wait for table shop: not active after 5m0s",
		},
		"does not wait for ever for backups": {
			account{backups: time.Hour}, fault.Transient, "recovery of table shop: not possible after 5m0s",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				arn, err := sample.CreateTable(t.Context(), &tt.account, "shop", store())
				if arn != "" || err == nil || fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("CreateTable() = %q, %v (%s), want %q (%s)", arn, err, fault.KindOf(err), tt.says, tt.kind)
				}
			})
		})
	}

	t.Run("stops when the context ends", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			start := time.Now()
			_, err := sample.CreateTable(ctx, &account{table: time.Hour}, "shop", store())
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
				t.Errorf("CreateTable() = %v after %v, want the deadline", err, time.Since(start))
			}
		})
	})
}
