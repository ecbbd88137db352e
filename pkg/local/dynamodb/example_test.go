package dynamodb_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// The endpoint is a handler: serve it on a loopback address and point any
// client there.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "dynamodb")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	endpoint, err := local.Open(dir, newBucket("raw"), local.Options{}) // a real one is an *s3.Client
	if err != nil {
		fmt.Println(err)
		return
	}
	defer endpoint.Close()
	server := httptest.NewServer(endpoint)
	defer server.Close()

	client := newClient(server.URL)
	out, err := client.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:            aws.String("store"),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("PK"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("PK"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*out.TableDescription.TableArn)
	// Output: arn:aws:dynamodb:us-east-1:000000000000:table/store
}
