package dynamodb_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/document"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// noSerde lets cmp look into the types of the SDK.
func noSerde() cmp.Option {
	return cmpopts.IgnoreTypes(document.NoSerde{})
}

func TestServer_DescribeTable(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{Region: "eu-west-1"})
	created := e.createTable(t, "shop")
	if created.TableStatus != types.TableStatusCreating {
		t.Errorf("CreateTable reports %s, want CREATING", created.TableStatus)
	}
	e.put(t, "shop",
		simple("a", "1", "x"),
		attributes{"PK": str("b"), "SK": str("1"), "GSIpk": str("g"), "GSIsk": str("h")},
	)
	out, err := e.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("shop")})
	if err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:dynamodb:eu-west-1:000000000000:table/shop"
	noThroughput := types.ProvisionedThroughputDescription{
		NumberOfDecreasesToday: aws.Int64(0), ReadCapacityUnits: aws.Int64(0), WriteCapacityUnits: aws.Int64(0),
	}
	want := &types.TableDescription{
		TableName: aws.String("shop"), TableArn: &arn, TableId: created.TableId, TableStatus: types.TableStatusActive,
		CreationDateTime: aws.Time(e.clock.Now()),
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("PK"), AttributeType: "S"}, {AttributeName: aws.String("SK"),
				AttributeType: "S"},
			{AttributeName: aws.String("GSIpk"), AttributeType: "S"}, {AttributeName: aws.String("GSIsk"),
				AttributeType: "S"},
		},
		KeySchema: keySchema("PK", "SK"),
		ItemCount: aws.Int64(2), TableSizeBytes: aws.Int64((2 + 1 + 2 + 1 + 5 + 1) + (2 + 1 + 2 + 1 + 5 + 1 + 5 + 1)),
		ProvisionedThroughput:     &noThroughput,
		BillingModeSummary:        &types.BillingModeSummary{BillingMode: types.BillingModePayPerRequest},
		DeletionProtectionEnabled: aws.Bool(false),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndexDescription{{
			IndexName: aws.String("GSI"), IndexArn: aws.String(arn + "/index/GSI"),
			IndexStatus: types.IndexStatusActive,
			KeySchema:   keySchema("GSIpk", "GSIsk"),
			Projection:  &types.Projection{ProjectionType: types.ProjectionTypeAll},
			ItemCount:   aws.Int64(1), ProvisionedThroughput: &noThroughput,
		}},
	}
	if diff := cmp.Diff(want, out.Table, noSerde()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if len(aws.ToString(created.TableId)) != 36 {
		t.Errorf("TableId = %q, want a UUID", aws.ToString(created.TableId))
	}
	byARN, err := e.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &arn})
	if err != nil || aws.ToString(byARN.Table.TableId) != aws.ToString(created.TableId) {
		t.Errorf("DescribeTable by ARN: %v", err)
	}
}

func TestServer_TablesComeAndGo(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	for _, name := range []string{"beta", "alpha", "delta", "gamma"} {
		e.createTable(t, name)
	}
	_, err := e.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("alpha"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: "N"}},
		KeySchema:            keySchema("id"),
	})
	wantError(t, err, "ResourceInUseException", "alpha")

	var pages [][]string
	p := dynamodb.NewListTablesPaginator(e, &dynamodb.ListTablesInput{Limit: aws.Int32(3)})
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page.TableNames)
	}
	if diff := cmp.Diff([][]string{{"alpha", "beta", "delta"}, {"gamma"}}, pages); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}

	e.put(t, "beta", simple("a", "1", "x"))
	deleted, err := e.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("beta")})
	if err != nil || deleted.TableDescription.TableStatus != types.TableStatusDeleting {
		t.Fatalf("DeleteTable: %v", err)
	}
	_, err = e.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("beta")})
	wantError(t, err, "ResourceNotFoundException", "beta")
	_, err = e.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("beta")})
	wantError(t, err, "ResourceNotFoundException", "beta")

	e.createTable(t, "beta")
	out, err := e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("beta")})
	if err != nil || out.Count != 0 {
		t.Errorf("a table created again has %d items, %v", out.Count, err)
	}
}

func TestServer_CreateTable_Refuses(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	define := func(pairs ...string) (out []types.AttributeDefinition) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, types.AttributeDefinition{
				AttributeName: &pairs[i], AttributeType: types.ScalarAttributeType(pairs[i+1]),
			})
		}
		return out
	}
	index := func(name, projection string, keys ...string) []types.GlobalSecondaryIndex {
		return []types.GlobalSecondaryIndex{{
			IndexName: &name, KeySchema: keySchema(keys...),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(projection)},
		}}
	}
	tests := map[string]struct {
		change  func(*dynamodb.CreateTableInput)
		message string
	}{
		"a short name": {func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("ab") }, "TableName"},
		"a path as name": {func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("../../x") },
			"TableName"},
		"an undefined key": {func(in *dynamodb.CreateTableInput) { in.KeySchema = keySchema("PK", "X") },
			"not defined"},
		"an unused def": {func(in *dynamodb.CreateTableInput) { in.KeySchema = keySchema("PK") }, "exactly match"},
		"no key": {func(in *dynamodb.CreateTableInput) { in.KeySchema = []types.KeySchemaElement{} },
			"0 elements"},
		"one key twice": {func(in *dynamodb.CreateTableInput) { in.KeySchema = keySchema("PK", "PK") },
			"same name"},
		"a map as key": {func(in *dynamodb.CreateTableInput) {
			in.AttributeDefinitions = define("PK", "M", "SK",
				"S")
		}, "S, N or B"},
		"a def twice": {func(in *dynamodb.CreateTableInput) {
			in.AttributeDefinitions = define("PK", "S", "PK",
				"S")
		}, "Duplicate"},
		"no throughput": {func(in *dynamodb.CreateTableInput) { in.BillingMode = types.BillingModeProvisioned },
			"ReadCapacityUnits"},
		"index without key": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = index("GSI", "ALL",
				"X")
		}, "not defined"},
		"index with no name": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = index("", "ALL",
				"PK")
		}, "IndexName"},
		"index twice": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = append(index("GSI", "ALL", "SK"), index("GSI", "ALL", "SK")...)
		}, "Duplicate index"},
		"unknown projection": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = index("GSI", "SOME",
				"SK")
		}, "SOME"},
		"include of nothing": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = index("GSI",
				"INCLUDE", "SK")
		}, "NonKey"},
		"tags": {func(in *dynamodb.CreateTableInput) {
			in.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
		}, `parameter "Tags" is not supported`},
		"streams": {func(in *dynamodb.CreateTableInput) {
			in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true)}
		}, `parameter "StreamSpecification" is not supported`},
		"deletion protection": {func(in *dynamodb.CreateTableInput) { in.DeletionProtectionEnabled = aws.Bool(true) },
			"not supported"},
		"an index's on-demand limits": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = index("GSI", "ALL", "SK")
			limits := &types.OnDemandThroughput{MaxReadRequestUnits: aws.Int64(1)}
			in.GlobalSecondaryIndexes[0].OnDemandThroughput = limits
		}, `member "OnDemandThroughput" of parameter "GlobalSecondaryIndexes" is not supported`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			in := &dynamodb.CreateTableInput{
				TableName: aws.String("table"), BillingMode: types.BillingModePayPerRequest,
				AttributeDefinitions: define("PK", "S", "SK", "S"), KeySchema: keySchema("PK", "SK"),
			}
			tt.change(in)
			_, err := e.CreateTable(t.Context(), in)
			wantError(t, err, "ValidationException", tt.message)
		})
	}
}
