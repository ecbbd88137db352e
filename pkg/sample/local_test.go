package sample_test

import (
	"math/big"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// TestLoad_throughSDK loads through the client of the SDK into an endpoint
// that leaves some writes unprocessed, and reads everything back.
func TestLoad_throughSDK(t *testing.T) {
	t.Parallel()

	endpoint, err := local.Open(t.TempDir(), nil, local.Options{
		Unprocessed: func(_ string, request int) bool { return request%7 == 3 },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(endpoint)
	t.Cleanup(func() {
		server.Close()
		if err := endpoint.Close(); err != nil {
			t.Error(err)
		}
	})
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", HTTPClient: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	if _, err := sample.CreateTable(t.Context(), client, "store", store()); err != nil {
		t.Fatalf("CreateTable() = %v", err)
	}
	s := sample.New(sample.Options{Seed: 1, Items: 1_000, Awkward: true})
	done, err := sample.Load(t.Context(), client, "store", s.Items(), sample.LoadOptions{Sleep: noSleep})
	if err != nil || done != s.Len() {
		t.Fatalf("Load() = %d, %v, want %d", done, err, s.Len())
	}

	stored := map[string]string{}
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: aws.String("store")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			stored[keyOf(item)] = encode(plain(item))
		}
	}
	if len(stored) != s.Len() {
		t.Errorf("the table has %d items, want %d", len(stored), s.Len())
	}
	for item := range s.Items() {
		if got, want := stored[keyOf(item)], encode(plain(item)); got != want {
			t.Errorf("item %s came back as\n%.2000s, went in as\n%.2000s", keyOf(item), got, want)
		}
	}

	out, err := client.DescribeContinuousBackups(t.Context(), &dynamodb.DescribeContinuousBackupsInput{
		TableName: aws.String("store"),
	})
	if err != nil {
		t.Fatal(err)
	}
	recovery := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if recovery == nil || recovery.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
		t.Errorf("point-in-time recovery = %+v, want it enabled", recovery)
	}
}

// plain puts the elements of sets in order, of which DynamoDB keeps none, and
// spells numbers as fractions, because it spells them in its own way.
func plain(item sample.Item) sample.Item {
	fraction := func(n string) string {
		r, _ := new(big.Rat).SetString(n)
		return r.RatString()
	}
	for attribute, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberN:
			item[attribute] = &types.AttributeValueMemberN{Value: fraction(v.Value)}
		case *types.AttributeValueMemberSS:
			slices.Sort(v.Value)
		case *types.AttributeValueMemberNS:
			for i, n := range v.Value {
				v.Value[i] = fraction(n)
			}
			slices.Sort(v.Value)
		case *types.AttributeValueMemberBS:
			slices.SortFunc(v.Value, slices.Compare)
		}
	}
	return item
}
