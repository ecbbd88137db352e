package dynamodb_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// text returns a string or number attribute.
func text(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	default:
		return ""
	}
}

func column(items []attributes, name string) []string {
	out := []string{}
	for _, item := range items {
		out = append(out, text(item[name]))
	}
	return out
}

// startQueries fills a table with the keys of the sample's design.
func startQueries(t *testing.T) *endpoint {
	t.Helper()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	for _, c := range []string{"ann", "anna", "bob"} {
		e.put(t, "shop", attributes{"PK": str("CUST#" + c), "SK": str("CUST#" + c)})
		for o := range 3 {
			order := fmt.Sprintf("ORD#%s%d", c, o)
			e.put(t, "shop", attributes{"PK": str("CUST#" + c), "SK": str(order), "GSIpk": str(order), "GSIsk": str("CUST#" + c)})
			for p := range 2 {
				product := fmt.Sprintf("PROD#%d", p)
				e.put(t, "shop", attributes{"PK": str(order), "SK": str(product), "GSIpk": str(order), "GSIsk": str(product), "price": num("5")})
			}
		}
	}
	return e
}

func TestServer_Query(t *testing.T) {
	t.Parallel()

	e := startQueries(t)
	tests := map[string]struct {
		condition string
		index     string
		values    attributes
		backward  bool
		want      []string
	}{
		"a partition":             {condition: "PK = :p", values: attributes{":p": str("CUST#ann")}, want: []string{"CUST#ann", "ORD#ann0", "ORD#ann1", "ORD#ann2"}},
		"a partition, backward":   {condition: "PK = :p", values: attributes{":p": str("CUST#ann")}, backward: true, want: []string{"ORD#ann2", "ORD#ann1", "ORD#ann0", "CUST#ann"}},
		"nothing":                 {condition: "PK = :p", values: attributes{":p": str("CUST#an")}, want: []string{}},
		"one item":                {condition: "PK = :p AND SK = :s", values: attributes{":p": str("CUST#ann"), ":s": str("ORD#ann1")}, want: []string{"ORD#ann1"}},
		"a prefix":                {condition: "PK = :p AND begins_with(SK, :s)", values: attributes{":p": str("CUST#ann"), ":s": str("ORD#")}, want: []string{"ORD#ann0", "ORD#ann1", "ORD#ann2"}},
		"less":                    {condition: "PK = :p AND SK < :s", values: attributes{":p": str("CUST#ann"), ":s": str("ORD#ann1")}, want: []string{"CUST#ann", "ORD#ann0"}},
		"less or equal":           {condition: "PK = :p AND SK <= :s", values: attributes{":p": str("CUST#ann"), ":s": str("ORD#ann1")}, want: []string{"CUST#ann", "ORD#ann0", "ORD#ann1"}},
		"greater":                 {condition: "PK = :p AND SK > :s", values: attributes{":p": str("CUST#ann"), ":s": str("ORD#ann1")}, want: []string{"ORD#ann2"}},
		"greater or equal":        {condition: "PK = :p AND SK >= :s", values: attributes{":p": str("CUST#ann"), ":s": str("ORD#ann1")}, want: []string{"ORD#ann1", "ORD#ann2"}},
		"between, both included":  {condition: "PK = :p AND SK BETWEEN :s AND :t", values: attributes{":p": str("CUST#ann"), ":s": str("CUST#ann"), ":t": str("ORD#ann1")}, want: []string{"CUST#ann", "ORD#ann0", "ORD#ann1"}},
		"the index":               {condition: "GSIpk = :p", index: "GSI", values: attributes{":p": str("ORD#bob1")}, want: []string{"ORD#bob1", "PROD#0", "PROD#1"}},
		"the index, backward":     {condition: "GSIpk = :p", index: "GSI", values: attributes{":p": str("ORD#bob1")}, backward: true, want: []string{"PROD#1", "PROD#0", "ORD#bob1"}},
		"the index, with a range": {condition: "GSIpk = :p AND begins_with(GSIsk, :s)", index: "GSI", values: attributes{":p": str("ORD#bob1"), ":s": str("PROD")}, want: []string{"PROD#0", "PROD#1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			for _, limit := range []int32{0, 1, 2} {
				in := &dynamodb.QueryInput{
					TableName: aws.String("shop"), KeyConditionExpression: &tt.condition,
					ExpressionAttributeValues: tt.values, ScanIndexForward: aws.Bool(!tt.backward),
				}
				if tt.index != "" {
					in.IndexName = &tt.index
				}
				if limit > 0 {
					in.Limit = &limit
				}
				var got []attributes
				p := dynamodb.NewQueryPaginator(e, in)
				for p.HasMorePages() {
					page, err := p.NextPage(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if limit > 0 && page.Count > limit || int(page.Count) != len(page.Items) || page.ScannedCount != page.Count {
						t.Fatalf("page of %d items, Count %d, ScannedCount %d, limit %d", len(page.Items), page.Count, page.ScannedCount, limit)
					}
					got = append(got, page.Items...)
				}
				if diff := cmp.Diff(tt.want, column(got, "SK")); diff != "" {
					t.Errorf("limit %d, sort keys (-want +got):\n%s", limit, diff)
				}
			}
		})
	}
}

func TestServer_Query_Refuses(t *testing.T) {
	t.Parallel()

	e := startQueries(t)
	pk := attributes{":p": str("CUST#ann")}
	both := attributes{":p": str("CUST#ann"), ":s": str("x")}
	tests := map[string]struct {
		in      dynamodb.QueryInput
		message string
	}{
		"no condition":         {dynamodb.QueryInput{}, "can not be empty"},
		"no partition key":     {dynamodb.QueryInput{KeyConditionExpression: aws.String("SK = :p"), ExpressionAttributeValues: pk}, "missed key schema element: PK"},
		"a range of partition": {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK > :p"), ExpressionAttributeValues: pk}, "not supported"},
		"another attribute":    {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p AND x = :s"), ExpressionAttributeValues: both}, "not a key"},
		"two ranges":           {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p AND SK > :s AND SK < :s"), ExpressionAttributeValues: both}, "one condition per key"},
		"an unused value":      {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: both}, "unused in expressions: keys: {:s}"},
		"another type":         {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: attributes{":p": num("1")}}, "does not match schema type"},
		"an empty value":       {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: attributes{":p": str("")}}, "empty"},
		"a reversed range": {dynamodb.QueryInput{
			KeyConditionExpression:    aws.String("PK = :p AND SK BETWEEN :s AND :p"),
			ExpressionAttributeValues: attributes{":p": str("a"), ":s": str("b")},
		}, "BETWEEN"},
		"a missing index":          {dynamodb.QueryInput{IndexName: aws.String("none"), KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: pk}, "specified index: none"},
		"a consistent index":       {dynamodb.QueryInput{IndexName: aws.String("GSI"), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("GSIpk = :p"), ExpressionAttributeValues: pk}, "Consistent reads"},
		"a filter":                 {dynamodb.QueryInput{FilterExpression: aws.String("x = :p"), KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: pk}, `"FilterExpression" is not supported`},
		"legacy conditions":        {dynamodb.QueryInput{KeyConditions: map[string]types.Condition{"PK": {ComparisonOperator: "EQ"}}}, `"KeyConditions" is not supported`},
		"a limit of zero":          {dynamodb.QueryInput{Limit: aws.Int32(0), KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: pk}, "Limit"},
		"a bad value name":         {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: attributes{"p": str("x")}}, "invalid key"},
		"a start in another place": {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: pk, ExclusiveStartKey: attributes{"PK": str("x"), "SK": str("y")}}, "outside query boundaries"},
		"half a start":             {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: pk, ExclusiveStartKey: attributes{"PK": str("x")}}, "starting key is invalid"},
		"too much of a start":      {dynamodb.QueryInput{KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: pk, ExclusiveStartKey: simple("CUST#ann", "x", "y")}, "starting key is invalid"},
		"all projected attributes": {dynamodb.QueryInput{Select: types.SelectAllProjectedAttributes, KeyConditionExpression: aws.String("PK = :p"), ExpressionAttributeValues: pk}, "IndexName"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tt.in.TableName = aws.String("shop")
			_, err := e.Query(t.Context(), &tt.in)
			wantError(t, err, "ValidationException", tt.message)
		})
	}
}

// TestServer_Query_SortsNumbersAndBinaries uses keys of the other types.
func TestServer_Query_SortsNumbersAndBinaries(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	for name, typ := range map[string]types.ScalarAttributeType{"numbers": "N", "binaries": "B"} {
		_, err := e.CreateTable(t.Context(), &dynamodb.CreateTableInput{
			TableName: &name, BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema("id", "at"),
			AttributeDefinitions: []types.AttributeDefinition{
				{AttributeName: aws.String("id"), AttributeType: "N"}, {AttributeName: aws.String("at"), AttributeType: typ},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	wantNumbers := []string{"-1000", "-20", "-3", "-0.5", "0", "0.001", "2", "10", "1000000"}
	var wantBinaries [][]byte
	for i, n := range []string{"10", "1e6", "-3", "0", "-20", "2", "-1e3", "0.001", "-0.5"} {
		e.put(t, "numbers", attributes{"id": num("1.0"), "at": num(n)})
		b := binary.BigEndian.AppendUint32(nil, uint32(i*7919%256)<<24|255)
		wantBinaries = append(wantBinaries, b)
		e.put(t, "binaries", attributes{"id": num("1"), "at": &types.AttributeValueMemberB{Value: b}})
	}
	query := func(table, condition string, values attributes) []attributes {
		out, err := e.Query(t.Context(), &dynamodb.QueryInput{
			TableName: &table, KeyConditionExpression: &condition, ExpressionAttributeValues: values,
		})
		if err != nil {
			t.Fatal(err)
		}
		return out.Items
	}
	id := num("1")
	if diff := cmp.Diff(wantNumbers, column(query("numbers", "id = :i", attributes{":i": id}), "at")); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	between := query("numbers", "id = :i AND at BETWEEN :a AND :b", attributes{":i": id, ":a": num("-3.0"), ":b": num("2")})
	if diff := cmp.Diff([]string{"-3", "-0.5", "0", "0.001", "2"}, column(between, "at")); diff != "" {
		t.Errorf("numbers between -3 and 2 (-want +got):\n%s", diff)
	}
	slices.SortFunc(wantBinaries, bytes.Compare)
	var binaries [][]byte
	for _, item := range query("binaries", "id = :i", attributes{":i": id}) {
		binaries = append(binaries, item["at"].(*types.AttributeValueMemberB).Value)
	}
	if diff := cmp.Diff(wantBinaries, binaries); diff != "" {
		t.Errorf("binaries (-want +got):\n%s", diff)
	}
}

func TestServer_Scan(t *testing.T) {
	t.Parallel()

	e := startQueries(t)
	for _, tt := range []struct {
		index string
		want  int
	}{{"", 3 + 9 + 18}, {"GSI", 9 + 18}} {
		for _, limit := range []int32{1, 7, 100} {
			in := &dynamodb.ScanInput{TableName: aws.String("shop"), Limit: &limit}
			if tt.index != "" {
				in.IndexName = &tt.index
			}
			seen := map[string]bool{}
			p := dynamodb.NewScanPaginator(e, in)
			for p.HasMorePages() {
				page, err := p.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range page.Items {
					key := text(item["PK"]) + " " + text(item["SK"])
					if seen[key] {
						t.Errorf("index %q, limit %d: %s comes twice", tt.index, limit, key)
					}
					seen[key] = true
				}
			}
			if len(seen) != tt.want {
				t.Errorf("index %q, limit %d: %d items, want %d", tt.index, limit, len(seen), tt.want)
			}
		}
	}
	out, err := e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("shop"), Select: types.SelectCount})
	if err != nil || out.Count != 30 || out.ScannedCount != 30 || out.Items != nil || out.LastEvaluatedKey != nil {
		t.Errorf("count = %d of %d, %v, want 30", out.Count, out.ScannedCount, err)
	}
	_, err = e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("shop"), FilterExpression: aws.String("price > :x")})
	wantError(t, err, "ValidationException", `"FilterExpression" is not supported`)
	_, err = e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("shop"), Segment: aws.Int32(0), TotalSegments: aws.Int32(2)})
	wantError(t, err, "ValidationException", "not supported")
}

func TestServer_Scan_EndsPageAtOneMegabyte(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	for i := range 12 {
		e.put(t, "shop", simple("a", fmt.Sprint(i), strings.Repeat("x", 300<<10)))
	}
	p := dynamodb.NewScanPaginator(e, &dynamodb.ScanInput{TableName: aws.String("shop")})
	var counts []int32
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, page.Count)
	}
	if diff := cmp.Diff([]int32{4, 4, 4, 0}, counts); diff != "" {
		t.Errorf("items in pages (-want +got):\n%s", diff)
	}
}

// TestServer_Query_IndexFollowsTheItem changes and removes the index key.
func TestServer_Query_IndexFollowsTheItem(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	onIndex := func(pk string) []string {
		out, err := e.Query(t.Context(), &dynamodb.QueryInput{
			TableName: aws.String("shop"), IndexName: aws.String("GSI"), KeyConditionExpression: aws.String("GSIpk = :p"),
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
			index("all", types.ProjectionTypeAll), index("keys", types.ProjectionTypeKeysOnly), index("some", types.ProjectionTypeInclude, "x"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	item := attributes{"PK": str("p"), "g": str("g"), "x": num("1"), "y": num("2")}
	e.put(t, "shop", item)
	query := func(index, projection string, selects types.Select) (attributes, error) {
		in := &dynamodb.QueryInput{
			TableName: aws.String("shop"), IndexName: &index, KeyConditionExpression: aws.String("g = :g"), Select: selects,
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
		{index: "some", selects: types.SelectAllProjectedAttributes, want: attributes{"PK": str("p"), "g": str("g"), "x": num("1")}},
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
			t.Errorf("index %s, projection %q, select %q: %v (-want +got):\n%s", tt.index, tt.projection, tt.selects, err, diff)
		}
	}
}
