package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

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
	_, err = e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("shop"),
		FilterExpression: aws.String("price > :x")})
	wantError(t, err, "ValidationException", `"FilterExpression" is not supported`)
	_, err = e.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("shop"), Segment: aws.Int32(0),
		TotalSegments: aws.Int32(2)})
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
