package main

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// newTable returns the ARN of the table that is exported: the one that cdk.json
// names, or a new one. An existing table needs point-in-time recovery, which
// this stack cannot turn on for a table that is not its own.
func newTable(stack awscdk.Stack, cfg Config, m model.Model) *string {
	switch {
	case strings.HasPrefix(cfg.Table, "arn:"):
		return jsii.String(cfg.Table)
	case cfg.Table != "":
		return stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("dynamodb"), Resource: jsii.String("table"), ResourceName: jsii.String(cfg.Table),
		})
	}
	var encryption awsdynamodb.TableEncryption // by a key that AWS owns
	if cfg.key != nil {
		encryption = awsdynamodb.TableEncryption_CUSTOMER_MANAGED
	}
	props := &awsdynamodb.TableProps{
		TableName:    jsii.String(cfg.Name),
		PartitionKey: keyAttribute(m.Keys[0]),
		BillingMode:  awsdynamodb.BillingMode_PAY_PER_REQUEST,
		// Without it DynamoDB exports nothing.
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		DeletionProtection: jsii.Bool(cfg.Protected),
		Encryption:         encryption,
		EncryptionKey:      cfg.key,
		RemovalPolicy:      removal(cfg),
	}
	if len(m.Keys) > 1 {
		props.SortKey = keyAttribute(m.Keys[1])
	}
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), props)
	// The overloaded index of the store's design. No step reads it; the application does.
	if index := []string{"GSIpk", "GSIsk"}; slices.Contains(m.Ignored, index[0]) && slices.Contains(m.Ignored, index[1]) {
		table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:    jsii.String("GSI"),
			PartitionKey: keyAttribute(model.Key{Name: index[0], Kind: model.KeyString}),
			SortKey:      keyAttribute(model.Key{Name: index[1], Kind: model.KeyString}),
		})
	}
	output(stack, "TableName", "The DynamoDB table that is exported.", table.TableName())
	return table.TableArn()
}

// tableKey is the ARN of the key that the table is encrypted with, nil for a key
// of AWS.
func (cfg Config) tableKey() *string {
	switch {
	case cfg.TableKeyARN != "":
		return jsii.String(cfg.TableKeyARN)
	case cfg.Table == "":
		return cfg.keyARN()
	}
	return nil
}

func keyAttribute(key model.Key) *awsdynamodb.Attribute {
	kinds := map[model.KeyKind]awsdynamodb.AttributeType{
		model.KeyString: awsdynamodb.AttributeType_STRING,
		model.KeyNumber: awsdynamodb.AttributeType_NUMBER,
		model.KeyBinary: awsdynamodb.AttributeType_BINARY,
	}
	return &awsdynamodb.Attribute{Name: jsii.String(key.Name), Type: kinds[key.Kind]}
}
