package dynamodb_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// TestServer_Query_IndexFollowsTheItem changes and removes the index key.
func TestServer_Query_IndexFollowsTheItem(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	onIndex := func(pk string) []string {
		out, err := e.Query(t.Context(), &dynamodb.QueryInput{
			TableName: aws.String("shop"), IndexName: aws.String("GSI"),
			KeyConditionExpression:    aws.String("GSIpk = :p"),
			ExpressionAttributeValues: attributes{":p": str(pk)},
		})
		if err != nil {
			t.Fatal(err)
		}
		return column(out.Items, "PK")
	}
	item := func(pk, gsi string) attributes {
		a := attributes{"PK": str(pk), "SK": str("1"), "GSIsk": str("s")}
		if gsi != "" {
			a["GSIpk"] = str(gsi)
		}
		return a
	}
	e.put(t, "shop", item("a", "g"), item("b", "g"), item("c", "h"), item("a", "g"))
	if got := onIndex("g"); len(got) != 2 {
		t.Errorf("items with the same index key: %v", got)
	}
	e.put(t, "shop", item("b", "h"))
	if diff := cmp.Diff([]string{"a"}, onIndex("g")); diff != "" {
		t.Errorf("after a change (-want +got):\n%s", diff)
	}
	e.put(t, "shop", item("a", ""))
	if diff := cmp.Diff([]string{}, onIndex("g")); diff != "" {
		t.Errorf("after the removal of the key (-want +got):\n%s", diff)
	}
	e.delete(t, "shop", "c", "1")
	if diff := cmp.Diff([]string{"b"}, onIndex("h")); diff != "" {
		t.Errorf("after a delete (-want +got):\n%s", diff)
	}
}

// TestServer_Query_PagesThroughEqualIndexKeys rewrites each item once it was
// seen: its record moves, its place among items of the same index key must not.
func TestServer_Query_PagesThroughEqualIndexKeys(t *testing.T) {
	t.Parallel()

	for _, forward := range []bool{true, false} {
		e := start(t, local.Options{})
		e.createTable(t, "shop")
		const items = 30
		put := func(pk string) {
			e.put(t, "shop", attributes{"PK": str(pk), "SK": str("1"), "GSIpk": str("g"), "GSIsk": str("s")})
		}
		for i := range items {
			put(fmt.Sprint(i))
		}
		seen := map[string]int{}
		p := dynamodb.NewQueryPaginator(e, &dynamodb.QueryInput{
			TableName: aws.String("shop"), IndexName: aws.String("GSI"), Limit: aws.Int32(1), ScanIndexForward: &forward,
			KeyConditionExpression: aws.String("GSIpk = :p"), ExpressionAttributeValues: attributes{":p": str("g")},
		})
		for pages := 0; p.HasMorePages() && pages < 2*items; pages++ {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				pk := text(item["PK"])
				seen[pk]++
				put(pk)
			}
		}
		for i := range items {
			if n := seen[fmt.Sprint(i)]; n != 1 {
				t.Errorf("forward %t: item %d was seen %d times", forward, i, n)
			}
		}
	}
}

func TestServer_Query_Projections(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	index := func(name string, projection types.ProjectionType, include ...string) types.GlobalSecondaryIndex {
		return types.GlobalSecondaryIndex{
			IndexName: &name, KeySchema: keySchema("g"),
			Projection: &types.Projection{ProjectionType: projection, NonKeyAttributes: include},
		}
	}
	_, err := e.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("shop"), BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema("PK"),
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("PK"), AttributeType: "S"}, {AttributeName: aws.String("g"), AttributeType: "S"},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			index("all", types.ProjectionTypeAll), index("keys", types.ProjectionTypeKeysOnly), index("some",
				types.ProjectionTypeInclude, "x"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	item := attributes{"PK": str("p"), "g": str("g"), "x": num("1"), "y": num("2")}
	e.put(t, "shop", item)
	query := func(index, projection string, selects types.Select) (attributes, error) {
		in := &dynamodb.QueryInput{
			TableName: aws.String("shop"), IndexName: &index, KeyConditionExpression: aws.String("g = :g"),
			Select:                    selects,
			ExpressionAttributeValues: attributes{":g": str("g")},
		}
		if projection != "" {
			in.ProjectionExpression = &projection
		}
		out, err := e.Query(t.Context(), in)
		if err != nil {
			return nil, err
		}
		return out.Items[0], nil
	}
	for _, tt := range []struct {
		index, projection string
		selects           types.Select
		want              attributes
		refusal           string
	}{
		{index: "all", want: item},
		{index: "all", selects: types.SelectAllAttributes, want: item},
		{index: "keys", want: attributes{"PK": str("p"), "g": str("g")}},
		{index: "some", want: attributes{"PK": str("p"), "g": str("g"), "x": num("1")}},
		{index: "some", selects: types.SelectAllProjectedAttributes, want: attributes{"PK": str("p"), "g": str("g"),
			"x": num("1")}},
		{index: "some", projection: "x", want: attributes{"x": num("1")}},
		{index: "all", projection: "y", selects: types.SelectSpecificAttributes, want: attributes{"y": num("2")}},
		{index: "some", projection: "y", refusal: "does not project y"},
		{index: "some", selects: types.SelectAllAttributes, refusal: "ALL_ATTRIBUTES"},
		{index: "all", selects: types.SelectSpecificAttributes, refusal: "ProjectionExpression"},
		{index: "all", projection: "y", selects: types.SelectCount, refusal: "Cannot specify the ProjectionExpression"},
	} {
		got, err := query(tt.index, tt.projection, tt.selects)
		if tt.refusal != "" {
			wantError(t, err, "ValidationException", tt.refusal)
			continue
		}
		if diff := cmp.Diff(tt.want, got, noSerde()); err != nil || diff != "" {
			t.Errorf("index %s, projection %q, select %q: %v (-want +got):\n%s", tt.index, tt.projection, tt.selects,
				err, diff)
		}
	}
}
