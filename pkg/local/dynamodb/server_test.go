package dynamodb_test

import (
	"encoding/json"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// raw sends one request as it is and returns status and answer.
func (e *endpoint) raw(t *testing.T, operation, body string) (int, string) {
	t.Helper()

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.http.URL+"/any/path", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", operation)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if want := strconv.FormatUint(uint64(crc32.ChecksumIEEE(answer)), 10); resp.Header.Get("X-Amz-Crc32") != want {
		t.Errorf("X-Amz-Crc32 = %q, want %q", resp.Header.Get("X-Amz-Crc32"), want)
	}
	if got := resp.Header.Get("Content-Type"); got != "application/x-amz-json-1.0" {
		t.Errorf("Content-Type = %q", got)
	}
	if resp.Header.Get("X-Amzn-Requestid") == "" {
		t.Error("no request id")
	}
	return resp.StatusCode, string(answer)
}

func TestServer_ServeHTTP_Refuses(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	const v = "DynamoDB_20120810."
	tests := map[string]struct {
		operation, body string
		status          int
		code, message   string
	}{
		"no operation": {"", `{}`, 400, "com.amazon.coral.service#UnknownOperationException",
			"X-Amz-Target"},
		"another service": {"DynamoDBStreams_20120810.ListStreams", `{}`, 400,
			"com.amazon.coral.service#UnknownOperationException", "ListStreams"},
		"an unsupported operation": {v + "TransactWriteItems", `{}`, 400,
			"com.amazon.coral.service#UnknownOperationException", `"TransactWriteItems" is not supported`},
		"updates": {v + "UpdateItem", `{}`, 400, "com.amazon.coral.service#UnknownOperationException",
			`"UpdateItem" is not supported`},
		"no JSON": {v + "ListTables", `hello`, 400, "com.amazon.coral.service#SerializationException",
			"unexpected"},
		"two values": {v + "ListTables", `{} {}`, 400, "com.amazon.coral.service#SerializationException",
			"follows"},
		"another type": {v + "DescribeTable", `{"TableName":5}`, 400,
			"com.amazon.coral.service#SerializationException", "TableName can not hold a JSON number"},
		"another type inside": {v + "CreateTable", `{"KeySchema":[{"AttributeName":5}]}`, 400,
			"com.amazon.coral.service#SerializationException", "AttributeName"},
		"a bad time": {v + "ExportTableToPointInTime", `{"ExportTime":"yesterday"}`, 400,
			"com.amazon.coral.service#SerializationException", "time"},
		"an unknown parameter": {v + "DescribeTable", `{"TableName":"shop","Color":1}`, 400,
			"com.amazon.coral.validate#ValidationException", `parameter "Color" is not supported`},
		"another spelling": {v + "DescribeTable", `{"tablename":"shop"}`, 400,
			"com.amazon.coral.validate#ValidationException", `parameter "tablename" is not supported`},
		"an unknown batch member": {v + "BatchWriteItem", `{"RequestItems":{"shop":[{"PutRequest":{"Thing":{}}}]}}`,
			400, "com.amazon.coral.validate#ValidationException", `"Thing"`},
		"an unknown write": {v + "BatchWriteItem", `{"RequestItems":{"shop":[{"UpdateRequest":{}}]}}`, 400,
			"com.amazon.coral.validate#ValidationException", `"UpdateRequest"`},
		"an unknown batch param": {v + "BatchWriteItem", `{"Color":{}}`, 400,
			"com.amazon.coral.validate#ValidationException", `"Color"`},
		"a table twice": {v + "BatchWriteItem",
			`{"RequestItems":{"shop":[{"DeleteRequest":{"Key":{"PK":{"S":"a"},"SK":{"S":"b"}}}}],"shop":[]}}`, 400,
			"com.amazon.coral.validate#ValidationException", "twice"},
		"no item": {v + "PutItem", `{"TableName":"shop"}`, 400,
			"com.amazon.coral.validate#ValidationException", "Item"},
		"no table": {v + "PutItem", `{}`, 400, "com.amazon.coral.validate#ValidationException",
			"TableName"},
		"a missing table": {v + "DescribeTable", `{"TableName":"none"}`, 400,
			"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "none"},
		"a JSON number as N": {v + "PutItem",
			`{"TableName":"shop","Item":{"PK":{"S":"a"},"SK":{"S":"b"},"n":{"N":5}}}`, 400,
			"com.amazon.coral.service#SerializationException", "a string"},
		"too many bytes": {v + "PutItem", strings.Repeat(" ", 16<<20+1), 413,
			"com.amazonaws.dynamodb.v20120810#RequestEntityTooLarge", "16777217"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			status, answer := e.raw(t, tt.operation, tt.body)
			var got struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal([]byte(answer), &got); err != nil {
				t.Fatalf("answer %q: %v", answer, err)
			}
			if status != tt.status || got.Type != tt.code || !strings.Contains(got.Message, tt.message) {
				t.Errorf("%d %s: %s, want %d %s with %q", status, got.Type, got.Message, tt.status, tt.code, tt.message)
			}
		})
	}
	t.Run("a GET", func(t *testing.T) {
		t.Parallel()

		w := httptest.NewRecorder()
		e.server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if w.Code != http.StatusBadRequest {
			t.Errorf("status %d", w.Code)
		}
	})
}

func TestServer_ServeHTTP_ReadsBodiesOfUnknownLength(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	send := func(body io.Reader) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
		r.ContentLength = -1
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.DescribeTable")
		w := httptest.NewRecorder()
		e.server.ServeHTTP(w, r)
		return w.Code
	}
	if got := send(strings.NewReader(`{"TableName":"shop"}`)); got != http.StatusOK {
		t.Errorf("status %d, want 200", got)
	}
	if got := send(strings.NewReader(strings.Repeat(" ", 17<<20))); got != http.StatusRequestEntityTooLarge {
		t.Errorf("status of a large body %d, want 413", got)
	}
}

func TestServer_ServeHTTP_TakesNullForAbsent(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	status, answer := e.raw(t, "DynamoDB_20120810.Scan", `{"TableName":"shop","Limit":null,"FilterExpression":null}`)
	if status != 400 || !strings.Contains(answer, "FilterExpression") {
		t.Errorf("an unsupported parameter that is null: %d %s", status, answer)
	}
	if status, answer = e.raw(t, "DynamoDB_20120810.Scan", `{"TableName":"shop","Limit":null}`); status != 200 {
		t.Errorf("a null Limit: %d %s", status, answer)
	}
}

// TestServer_ReportsFailureOfStorage closes the log under the server.
func TestServer_ReportsFailureOfStorage(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.put(t, "shop", simple("a", "1", "x"))
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := e.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("shop"), Item: simple("a", "2", "x")})
	wantError(t, err, "InternalServerError", "closed")
	_, err = e.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("shop"), Key: attributes{"PK": str("a"), "SK": str("1")},
	})
	wantError(t, err, "InternalServerError", "closed")
	_, err = e.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("x"), KeySchema: keySchema("id"), BillingMode: types.BillingModePayPerRequest,
	})
	wantError(t, err, "ValidationException", "TableName")
}

// FuzzServer_ServeHTTP checks that no request makes the endpoint panic or fail,
// that every answer is JSON with a fitting status, and that every item in the
// table can be exported and read again.
func FuzzServer_ServeHTTP(f *testing.F) {
	for _, seed := range []struct{ operation, body string }{
		{"PutItem", `{"TableName":"shop","Item":{"PK":{"S":"a"},"SK":{"S":"b"},"x":{"M":{"y":{"NS":["1","2e3"]}}}},"ReturnValues":"ALL_OLD"}`},
		{"BatchWriteItem",
			`{"RequestItems":{"shop":[{"PutRequest":{"Item":{"PK":{"S":"a"},"SK":{"S":"b"},"GSIpk":{"S":"c"},"GSIsk":{"S":"d"}}}},{"DeleteRequest":{"Key":{"PK":{"S":"a"},"SK":{"S":"\u0000"}}}}]}}`},
		{"DeleteItem", `{"TableName":"shop","Key":{"PK":{"S":"a"},"SK":{"S":"b"}}}`},
		{"GetItem", `{"TableName":"shop","Key":{"PK":{"S":"a"},"SK":{"S":"b"}},"ProjectionExpression":"#x","ExpressionAttributeNames":{"#x":"x"}}`},
		{"Query", `{"TableName":"shop","KeyConditionExpression":"PK = :p AND begins_with(SK, :s)","ExpressionAttributeValues":{":p":{"S":"a"},":s":{"S":"b"}},"ScanIndexForward":false,"Limit":1}`},
		{"Query", `{"TableName":"shop","IndexName":"GSI","KeyConditionExpression":"GSIpk = :p","ExpressionAttributeValues":{":p":{"S":"c"}},"ExclusiveStartKey":{"PK":{"S":"a"},"SK":{"S":"b"},"GSIpk":{"S":"c"},"GSIsk":{"S":"d"}}}`},
		{"Scan", `{"TableName":"shop","ExclusiveStartKey":{"PK":{"S":"a"},"SK":{"S":"b"}},"Select":"COUNT"}`},
		{"CreateTable", `{"TableName":"other","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"N"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}`},
		{"UpdateContinuousBackups",
			`{"TableName":"shop","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":3}}`},
		{"ExportTableToPointInTime",
			`{"TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/shop","S3Bucket":"raw","ExportTime":1795226400.001,"ClientToken":"t"}`},
		{"DescribeExport", `{"ExportArn":"arn:aws:dynamodb:us-east-1:000000000000:table/shop/export/1"}`},
		{"ListExports", `{"MaxResults":3,"NextToken":"x"}`},
		{"ListTables", `{"Limit":1,"ExclusiveStartTableName":"a"}`},
	} {
		f.Add(seed.operation, seed.body)
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		e := startIn(t, t.TempDir(), newClock(), newBucket("raw"), local.Options{Partitions: 1})
		e.createTable(t, "shop")
		e.enableRecovery(t, "shop")
		e.put(t, "shop", attributes{"PK": str("a"), "SK": str("b"), "GSIpk": str("c"), "GSIsk": str("d")})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
		w := httptest.NewRecorder()
		e.server.ServeHTTP(w, r)
		if !json.Valid(w.Body.Bytes()) || w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		if operation == "DeleteTable" || operation == "UpdateContinuousBackups" {
			return
		}
		got, want := e.bucket.read(t, *e.export(t, "shop", nil).ExportManifest).items, e.scanAll(t, "shop", "")
		if len(got) != len(want) {
			t.Fatalf("%d items exported, %d in the table", len(got), len(want))
		}
	})
}
