package dynamodb_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// everyType is an item with every type and with characters that JSON escapes.
func everyType() attributes {
	return attributes{
		"PK": str("CUST#jürgen \"<&>\" \u2028 \x00\n😀"), "SK": str("CUST#1"),
		"number": num("123456789012345678901234567890.12345678"),
		"binary": &types.AttributeValueMemberB{Value: []byte{0, 255, 1}},
		"yes":    &types.AttributeValueMemberBOOL{Value: true}, "no": &types.AttributeValueMemberBOOL{Value: false},
		"null": &types.AttributeValueMemberNULL{Value: true}, "empty": str(""),
		"Address": &types.AttributeValueMemberM{Value: attributes{
			"city": str("Łódź"), "lines": &types.AttributeValueMemberL{Value: []types.AttributeValue{str("a"),
				num("-0.5")}},
			"none": &types.AttributeValueMemberM{Value: attributes{}},
		}},
		"strings":  &types.AttributeValueMemberSS{Value: []string{"b", "a"}},
		"numbers":  &types.AttributeValueMemberNS{Value: []string{"2", "-1.5"}},
		"binaries": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {}}},
	}
}

func (e *endpoint) get(t *testing.T, table, pk, sk string) attributes {
	t.Helper()

	out, err := e.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &table, Key: attributes{"PK": str(pk), "SK": str(sk)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func TestServer_PutGetDelete(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	first := everyType()
	pk := first["PK"].(*types.AttributeValueMemberS).Value
	e.put(t, "shop", first)
	if diff := cmp.Diff(first, e.get(t, "shop", pk, "CUST#1"), noSerde()); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}

	second := attributes{"PK": str(pk), "SK": str("CUST#1"), "n": num("1.50e2")}
	replaced, err := e.PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String("shop"), Item: second, ReturnValues: types.ReturnValueAllOld,
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, replaced.Attributes, noSerde()); diff != "" {
		t.Errorf("old item of PutItem (-want +got):\n%s", diff)
	}
	second["n"] = num("150")
	if diff := cmp.Diff(second, e.get(t, "shop", pk, "CUST#1"), noSerde()); diff != "" {
		t.Errorf("item put again (-want +got):\n%s", diff)
	}

	key := attributes{"PK": str(pk), "SK": str("CUST#1")}
	for _, want := range []attributes{second, nil} {
		deleted, err := e.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
			TableName: aws.String("shop"), Key: key, ReturnValues: types.ReturnValueAllOld,
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, deleted.Attributes, noSerde()); diff != "" {
			t.Errorf("old item of DeleteItem (-want +got):\n%s", diff)
		}
	}
	if got := e.get(t, "shop", pk, "CUST#1"); got != nil {
		t.Errorf("deleted item = %v", got)
	}
	out, err := e.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("shop")})
	if err != nil || *out.Table.ItemCount != 0 || *out.Table.TableSizeBytes != 0 {
		t.Errorf("the empty table has %d items, %d bytes, %v", *out.Table.ItemCount, *out.Table.TableSizeBytes, err)
	}
}

func TestServer_GetItem_Projects(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.put(t, "shop", attributes{"PK": str("a"), "SK": str("b"), "x": num("1"), "y y": num("2"), "z": num("3")})
	in := &dynamodb.GetItemInput{
		TableName: aws.String("shop"), Key: attributes{"PK": str("a"), "SK": str("b")},
		ProjectionExpression: aws.String("x, #y"), ExpressionAttributeNames: map[string]string{"#y": "y y"},
	}
	out, err := e.GetItem(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(attributes{"x": num("1"), "y y": num("2")}, out.Item, noSerde()); diff != "" {
		t.Errorf("projected item (-want +got):\n%s", diff)
	}
	in.ProjectionExpression = aws.String("x")
	_, err = e.GetItem(t.Context(), in)
	wantError(t, err, "ValidationException", "unused")
	in.ProjectionExpression = nil
	_, err = e.GetItem(t.Context(), in)
	wantError(t, err, "ValidationException", "only be specified when using expressions")
}

func TestServer_PutItem_Refuses(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	const validation = "ValidationException"
	tests := map[string]struct {
		change  func(*dynamodb.PutItemInput)
		message string
	}{
		"no sort key":     {func(in *dynamodb.PutItemInput) { delete(in.Item, "SK") }, "Missing the key SK"},
		"a number as key": {func(in *dynamodb.PutItemInput) { in.Item["PK"] = num("1") }, "expected: S actual: N"},
		"an empty key":    {func(in *dynamodb.PutItemInput) { in.Item["SK"] = str("") }, "empty"},
		"a long hash key": {func(in *dynamodb.PutItemInput) { in.Item["PK"] = str(strings.Repeat("x", 2049)) },
			"2048"},
		"a long range key": {func(in *dynamodb.PutItemInput) { in.Item["SK"] = str(strings.Repeat("x", 1025)) },
			"1024"},
		"a number on the index": {func(in *dynamodb.PutItemInput) {
			in.Item["GSIpk"], in.Item["GSIsk"] = num("1"), str("x")
		}, "IndexName: GSI"},
		"an empty string on the index": {func(in *dynamodb.PutItemInput) {
			in.Item["GSIpk"], in.Item["GSIsk"] = str("x"), str("")
		}, "IndexKey: GSIsk"},
		"too large": {func(in *dynamodb.PutItemInput) { in.Item["x"] = str(strings.Repeat("x", 400<<10)) },
			"maximum allowed size"},
		"a number with 39 digits": {func(in *dynamodb.PutItemInput) {
			in.Item["x"] = num(strings.Repeat("7", 39))
		}, "38 significant digits"},
		"an empty set": {func(in *dynamodb.PutItemInput) {
			in.Item["x"] = &types.AttributeValueMemberSS{Value: []string{}}
		}, "may not be empty"},
		"a condition": {func(in *dynamodb.PutItemInput) {
			in.ConditionExpression = aws.String("attribute_not_exists(PK)")
		}, `"ConditionExpression" is not supported`},
		"new values": {func(in *dynamodb.PutItemInput) { in.ReturnValues = types.ReturnValueAllNew },
			`ReturnValues "ALL_NEW"`},
		"capacities": {func(in *dynamodb.PutItemInput) {
			in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
		}, `ReturnConsumedCapacity "TOTAL"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			in := &dynamodb.PutItemInput{TableName: aws.String("shop"), Item: simple("a", "b", "c")}
			tt.change(in)
			_, err := e.PutItem(t.Context(), in)
			wantError(t, err, validation, tt.message)
		})
	}

	t.Run("a missing table", func(t *testing.T) {
		t.Parallel()

		_, err := e.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("none"), Item: simple("a", "b",
			"c")})
		wantError(t, err, "ResourceNotFoundException", "none")
	})
	t.Run("an item of exactly 400 KiB is accepted", func(t *testing.T) {
		t.Parallel()

		item := simple("a", "largest", "c")
		item["x"] = str(strings.Repeat("x", 400<<10-(2+1+2+7+5+1+1)))
		e.put(t, "shop", item)
		if diff := cmp.Diff(item, e.get(t, "shop", "a", "largest"), noSerde()); diff != "" {
			t.Errorf("largest item (-want +got):\n%s", diff)
		}
	})
	for name, key := range map[string]attributes{
		"a key with too little": {"PK": str("a")},
		"a key with too much":   {"PK": str("a"), "SK": str("b"), "x": str("c")},
		"a key of other types":  {"PK": str("a"), "SK": num("1")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := e.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("shop"), Key: key})
			wantError(t, err, validation, "does not match the schema")
			_, err = e.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("shop"), Key: key})
			wantError(t, err, validation, "does not match the schema")
		})
	}
}

func putRequest(item attributes) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}
}

func deleteRequest(pk, sk string) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: attributes{"PK": str(pk), "SK": str(sk)}}}
}

func TestServer_BatchWriteItem(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "one")
	e.createTable(t, "two")
	e.put(t, "one", simple("a", "0", "old"), simple("a", "1", "old"))
	var puts []types.WriteRequest
	for i := 1; i < 24; i++ {
		puts = append(puts, putRequest(simple("a", fmt.Sprint(i), "new")))
	}
	out, err := e.BatchWriteItem(t.Context(),
		&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
			"one": append(puts, deleteRequest("a", "0")),
			"two": {putRequest(everyType())},
		}})
	if err != nil || len(out.UnprocessedItems) != 0 {
		t.Fatalf("BatchWriteItem() leaves %v, %v", out, err)
	}
	got, err := e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("one")})
	if err != nil || got.Count != 23 {
		t.Fatalf("Scan() = %d items, %v, want 23", got.Count, err)
	}
	for _, item := range got.Items {
		var value string
		if err := attributevalue.Unmarshal(item["value"], &value); err != nil || value != "new" {
			t.Errorf("item %v: %v, want the new one", item, err)
		}
	}
	if got := e.get(t, "two", everyType()["PK"].(*types.AttributeValueMemberS).Value, "CUST#1"); got == nil {
		t.Error("the item of the second table is missing")
	}
}

func TestServer_BatchWriteItem_LeavesUnprocessed(t *testing.T) {
	t.Parallel()

	rejected := map[string]int{}
	e := start(t, local.Options{Unprocessed: func(table string, request int) bool {
		rejected[table]++
		return request%2 == 0 && rejected[table] <= 4
	}})
	e.createTable(t, "shop")
	e.put(t, "shop", simple("a", "2", "x"))
	pending := map[string][]types.WriteRequest{"shop": {
		putRequest(everyType()), putRequest(simple("a", "1", "x")), deleteRequest("a", "2"), putRequest(simple("a",
			"3", "x")),
	}}
	want := map[string][]types.WriteRequest{"shop": {pending["shop"][0], pending["shop"][2]}}
	out, err := e.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: pending})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.UnprocessedItems, noSerde()); diff != "" {
		t.Fatalf("unprocessed (-want +got):\n%s", diff)
	}
	if got := e.get(t, "shop", "a", "2"); got == nil {
		t.Error("an unprocessed delete was executed")
	}
	out, err = e.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: out.UnprocessedItems})
	if err != nil || len(out.UnprocessedItems) != 0 {
		t.Fatalf("second attempt: %v, %v", out, err)
	}
	count, err := e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("shop"), Select: types.SelectCount})
	if err != nil || count.Count != 3 || count.Items != nil {
		t.Errorf("Scan() = %d items, %v, want 3", count.Count, err)
	}
}

func TestServer_BatchWriteItem_RefusesAsAWhole(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	many := make([]types.WriteRequest, 26)
	for i := range many {
		many[i] = putRequest(simple("a", fmt.Sprint(i), "x"))
	}
	good := putRequest(simple("a", "good", "x"))
	tests := map[string]struct {
		requests map[string][]types.WriteRequest
		code     string
		message  string
	}{
		"too many":         {map[string][]types.WriteRequest{"shop": many}, "ValidationException", "Too many items"},
		"none":             {map[string][]types.WriteRequest{}, "ValidationException", "empty"},
		"none for a table": {map[string][]types.WriteRequest{"shop": {}}, "ValidationException", "empty"},
		"a missing table":  {map[string][]types.WriteRequest{"none": {good}}, "ResourceNotFoundException", "none"},
		"an item twice": {map[string][]types.WriteRequest{"shop": {good, putRequest(simple("a", "good", "y"))}},
			"ValidationException", "duplicates"},
		"a put and a delete": {map[string][]types.WriteRequest{"shop": {good, deleteRequest("a", "good")}},
			"ValidationException", "duplicates"},
		"one bad item": {map[string][]types.WriteRequest{"shop": {good, putRequest(simple("", "x", "x"))}},
			"ValidationException", "empty"},
		"neither": {map[string][]types.WriteRequest{"shop": {good, {}}}, "ValidationException",
			"exactly one"},
		"both": {map[string][]types.WriteRequest{"shop": {{PutRequest: good.PutRequest,
			DeleteRequest: deleteRequest("a", "z").DeleteRequest}}}, "ValidationException", "exactly one"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := e.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: tt.requests})
			wantError(t, err, tt.code, tt.message)
			if got := e.get(t, "shop", "a", "good"); got != nil {
				t.Error("a part of the batch was written")
			}
		})
	}
}

func TestServer_BatchGetItem(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.put(t, "shop", simple("a", "1", "x"), simple("a", "2", "y"))
	keys := []attributes{
		{"PK": str("none"), "SK": str("1")},
		{"PK": str("a"), "SK": str("1")},
		{"PK": str("none"), "SK": str("2")},
		{"PK": str("a"), "SK": str("2")},
		{"PK": str("none"), "SK": str("3")},
	}
	out, err := e.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{"shop": {Keys: keys, ProjectionExpression: aws.String("SK")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]attributes{"shop": {{"SK": str("1")}, {"SK": str("2")}}}
	if diff := cmp.Diff(want, out.Responses, noSerde()); diff != "" {
		t.Errorf("responses (-want +got):\n%s", diff)
	}
	duplicate := maps.Clone(keys[0])
	_, err = e.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{"shop": {Keys: append(keys, duplicate)}},
	})
	wantError(t, err, "ValidationException", "duplicates")
	_, err = e.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{"shop": {Keys: []attributes{}}},
	})
	wantError(t, err, "ValidationException", "0 keys")
}
