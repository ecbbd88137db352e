package dynamodb_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
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
			e.put(t, "shop", attributes{"PK": str("CUST#" + c), "SK": str(order), "GSIpk": str(order),
				"GSIsk": str("CUST#" + c)})
			for p := range 2 {
				product := fmt.Sprintf("PROD#%d", p)
				e.put(t, "shop", attributes{"PK": str(order), "SK": str(product), "GSIpk": str(order),
					"GSIsk": str(product), "price": num("5")})
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
		"a partition": {condition: "PK = :p", values: attributes{":p": str("CUST#ann")},
			want: []string{"CUST#ann", "ORD#ann0", "ORD#ann1", "ORD#ann2"}},
		"a partition, backward": {condition: "PK = :p", values: attributes{":p": str("CUST#ann")}, backward: true,
			want: []string{"ORD#ann2", "ORD#ann1", "ORD#ann0", "CUST#ann"}},
		"nothing": {condition: "PK = :p", values: attributes{":p": str("CUST#an")}, want: []string{}},
		"one item": {condition: "PK = :p AND SK = :s", values: attributes{":p": str("CUST#ann"),
			":s": str("ORD#ann1")}, want: []string{"ORD#ann1"}},
		"a prefix": {condition: "PK = :p AND begins_with(SK, :s)",
			values: attributes{":p": str("CUST#ann"), ":s": str("ORD#")}, want: []string{"ORD#ann0", "ORD#ann1",
				"ORD#ann2"}},
		"less": {condition: "PK = :p AND SK < :s", values: attributes{":p": str("CUST#ann"),
			":s": str("ORD#ann1")}, want: []string{"CUST#ann", "ORD#ann0"}},
		"less or equal": {condition: "PK = :p AND SK <= :s", values: attributes{":p": str("CUST#ann"),
			":s": str("ORD#ann1")}, want: []string{"CUST#ann", "ORD#ann0", "ORD#ann1"}},
		"greater": {condition: "PK = :p AND SK > :s", values: attributes{":p": str("CUST#ann"),
			":s": str("ORD#ann1")}, want: []string{"ORD#ann2"}},
		"greater or equal": {condition: "PK = :p AND SK >= :s", values: attributes{":p": str("CUST#ann"),
			":s": str("ORD#ann1")}, want: []string{"ORD#ann1", "ORD#ann2"}},
		"between, both included": {condition: "PK = :p AND SK BETWEEN :s AND :t",
			values: attributes{":p": str("CUST#ann"), ":s": str("CUST#ann"), ":t": str("ORD#ann1")},
			want:   []string{"CUST#ann", "ORD#ann0", "ORD#ann1"}},
		"the index": {condition: "GSIpk = :p", index: "GSI", values: attributes{":p": str("ORD#bob1")},
			want: []string{"ORD#bob1", "PROD#0", "PROD#1"}},
		"the index, backward": {condition: "GSIpk = :p", index: "GSI", values: attributes{":p": str("ORD#bob1")},
			backward: true, want: []string{"PROD#1", "PROD#0", "ORD#bob1"}},
		"the index, with a range": {condition: "GSIpk = :p AND begins_with(GSIsk, :s)", index: "GSI",
			values: attributes{":p": str("ORD#bob1"), ":s": str("PROD")}, want: []string{"PROD#0", "PROD#1"}},
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
					if limit > 0 && page.Count > limit {
						t.Fatalf("page of %d items, limit %d", page.Count, limit)
					}
					if int(page.Count) != len(page.Items) || page.ScannedCount != page.Count {
						t.Fatalf("page of %d items counts %d of %d", len(page.Items), page.Count, page.ScannedCount)
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
	one := attributes{":p": str("CUST#ann")}
	two := attributes{":p": str("CUST#ann"), ":s": str("x")}
	tests := map[string]struct {
		condition string
		values    attributes
		change    func(*dynamodb.QueryInput)
		message   string
	}{
		"no condition":         {message: "can not be empty"},
		"no partition key":     {condition: "SK = :p", values: one, message: "missed key schema element: PK"},
		"a range of partition": {condition: "PK > :p", values: one, message: "not supported"},
		"another attribute":    {condition: "PK = :p AND x = :s", values: two, message: "not a key"},
		"two ranges": {
			condition: "PK = :p AND SK > :s AND SK < :s", values: two, message: "one condition per key",
		},
		"an unused value":  {condition: "PK = :p", values: two, message: "unused in expressions: keys: {:s}"},
		"another type":     {condition: "PK = :p", values: attributes{":p": num("1")}, message: "does not match schema"},
		"an empty value":   {condition: "PK = :p", values: attributes{":p": str("")}, message: "empty"},
		"a bad value name": {condition: "PK = :p", values: attributes{"p": str("x")}, message: "invalid key"},
		"a reversed range": {
			condition: "PK = :p AND SK BETWEEN :s AND :p", message: "BETWEEN",
			values: attributes{":p": str("a"), ":s": str("b")},
		},
		"a missing index": {
			condition: "PK = :p", values: one, message: "specified index: none",
			change: func(in *dynamodb.QueryInput) { in.IndexName = aws.String("none") },
		},
		"a consistent index": {
			condition: "GSIpk = :p", values: one, message: "Consistent reads",
			change: func(in *dynamodb.QueryInput) {
				in.IndexName, in.ConsistentRead = aws.String("GSI"), aws.Bool(true)
			},
		},
		"a filter": {
			condition: "PK = :p", values: one, message: `"FilterExpression" is not supported`,
			change: func(in *dynamodb.QueryInput) { in.FilterExpression = aws.String("x = :p") },
		},
		"legacy conditions": {
			condition: "PK = :p", values: one, message: `"KeyConditions" is not supported`,
			change: func(in *dynamodb.QueryInput) { in.KeyConditions = map[string]types.Condition{} },
		},
		"a limit of zero": {
			condition: "PK = :p", values: one, message: "Limit",
			change: func(in *dynamodb.QueryInput) { in.Limit = aws.Int32(0) },
		},
		"a start in another place": {
			condition: "PK = :p", values: one, message: "outside query boundaries",
			change: func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = attributes{"PK": str("x"), "SK": str("y")} },
		},
		"half a start": {
			condition: "PK = :p", values: one, message: "starting key is invalid",
			change: func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = attributes{"PK": str("x")} },
		},
		"too much of a start": {
			condition: "PK = :p", values: one, message: "starting key is invalid",
			change: func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = simple("CUST#ann", "x", "y") },
		},
		"all projected attributes": {
			condition: "PK = :p", values: one, message: "IndexName",
			change: func(in *dynamodb.QueryInput) { in.Select = types.SelectAllProjectedAttributes },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			in := &dynamodb.QueryInput{TableName: aws.String("shop"), ExpressionAttributeValues: tt.values}
			if tt.condition != "" {
				in.KeyConditionExpression = &tt.condition
			}
			if tt.change != nil {
				tt.change(in)
			}
			_, err := e.Query(t.Context(), in)
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
				{AttributeName: aws.String("id"), AttributeType: "N"}, {AttributeName: aws.String("at"),
					AttributeType: typ},
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
	between := query("numbers", "id = :i AND at BETWEEN :a AND :b", attributes{":i": id, ":a": num("-3.0"),
		":b": num("2")})
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
