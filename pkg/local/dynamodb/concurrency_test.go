package dynamodb_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// TestServer_ManyAtOnce lets clients write the same items, read them and export
// them at the same time. In the end table, index, counts and log must agree.
func TestServer_ManyAtOnce(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	const writers, rounds, keys = 6, 60, 20
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for r := range rounds {
				pk := fmt.Sprint((w + r) % keys)
				put := &dynamodb.PutItemInput{TableName: aws.String("shop"), Item: attributes{
					"PK": str(pk), "SK": str("x"), "GSIpk": str(fmt.Sprint(r % 5)), "GSIsk": str(fmt.Sprint(w)),
				}}
				if _, err := e.PutItem(t.Context(), put); err != nil {
					t.Error(err)
				}
				if r%7 == 0 {
					key := attributes{"PK": str(pk), "SK": str("x")}
					in := &dynamodb.DeleteItemInput{TableName: aws.String("shop"), Key: key}
					if _, err := e.DeleteItem(t.Context(), in); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for range 2 {
		group.Go(func() {
			for range 15 {
				in := &dynamodb.ScanInput{TableName: aws.String("shop"), IndexName: aws.String("GSI")}
				scan, err := e.Scan(t.Context(), in)
				if err != nil || int(scan.Count) > keys {
					t.Errorf("Scan() = %d items, %v", scan.Count, err)
				}
				e.bucket.read(t, *e.export(t, "shop", nil).ExportManifest)
			}
		})
	}
	group.Wait()

	table := e.scanAll(t, "shop", "")
	if diff := diffItems(table, e.scanAll(t, "shop", "GSI")); diff != "" {
		t.Errorf("table and index (-table +index):\n%s", diff)
	}
	if diff := diffItems(table, e.bucket.read(t, *e.export(t, "shop", nil).ExportManifest).items); diff != "" {
		t.Errorf("table and export (-table +export):\n%s", diff)
	}
	out, err := e.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("shop")})
	if err != nil {
		t.Fatal(err)
	}
	got := []int64{*out.Table.ItemCount, *out.Table.GlobalSecondaryIndexes[0].ItemCount}
	if diff := cmp.Diff([]int64{int64(len(table)), int64(len(table))}, got); diff != "" {
		t.Errorf("counts of table and index (-want +got):\n%s", diff)
	}
}
