package local_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/sample"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// TestNight_tooMuchSetAside lets as many items go bad as the model allows, one
// more, and then mends them.
func TestNight_tooMuchSetAside(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 8, Items: 300}).Items())
	product, _ := m.env.Model().Item("product")
	limit := int(product.SetAside.Of(400))

	m.seed(t, slices.Values(lamps(limit, &types.AttributeValueMemberS{Value: "cheap"})))
	allowed := m.mustSucceed(t, execution.Input{})
	if allowed.SetAside["product: wrong_type"] != int64(limit) {
		t.Fatalf("the run set aside %v, want %d items", allowed.SetAside, limit)
	}
	star := m.star(t)

	m.seed(t, slices.Values(lamps(limit+1, &types.AttributeValueMemberS{Value: "cheap"})))
	refused := m.night(t, execution.Input{})
	says := fmt.Sprintf(" items of type product were set aside, and the model allows %d", limit)
	if refused.Status != "FAILED" || refused.Error != "TooManySetAside" || !strings.Contains(refused.Cause, says) ||
		!strings.Contains(refused.Cause, "wrong_type") || !strings.Contains(refused.Cause, "setaside/run="+refused.RunID) {
		t.Errorf("run %s %s: %s: %s; want TooManySetAside with the count, the reason and where to look",
			refused.RunID, refused.Status, refused.Error, refused.Cause)
	}
	if diff := cmp.Diff(star, m.star(t)); diff != "" {
		t.Errorf("the star after a refused night (-before +after):\n%s", diff)
	}

	m.seed(t, slices.Values(lamps(limit+1, &types.AttributeValueMemberN{Value: "1"})))
	mended := m.mustSucceed(t, execution.Input{})
	if len(mended.SetAside) != 0 || mended.Tables["dwh.order"] != plus(allowed.Tables["dwh.order"], limit+1) {
		t.Errorf("with mended items the run set aside %v and counts %s facts, %s before", mended.SetAside, mended.Tables["dwh.order"], allowed.Tables["dwh.order"])
	}
}

func plus(sum scalar.Sum, n int) scalar.Sum {
	sum, _ = sum.Add(scalar.SumOf(int64(n)))
	return sum
}

// lamps are lines of an order that does not exist, all at one price.
func lamps(n int, price types.AttributeValue) []sample.Item {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	var items []sample.Item
	for i := range n {
		id := fmt.Sprintf("lamp-%03d", i)
		items = append(items, sample.Item{
			"PK": text("ORD#lamps"), "SK": text("PROD#" + id), "type": text("product"),
			"orderid": text("lamps"), "productid": text(id), "price": price,
		})
	}
	return items
}
