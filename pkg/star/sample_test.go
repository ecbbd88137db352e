package star_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/sample"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// The sample's own arithmetic and the star must say the same. The whole way
// from items to files is tested elsewhere; here the items are put into landing
// by INSERT.
func TestSample_answersAsItsTruth(t *testing.T) {
	t.Parallel()

	m := store(t)
	truth := sample.NewTruth(m)
	rows := map[string][]string{} // item type → rows in SQL
	for item := range sample.New(sample.Options{Seed: 3, Items: 4000}).Items() {
		if verdict := truth.Add(item); !verdict.Loads() {
			t.Fatalf("an ordinary item does not load: %v", verdict)
		}
		name := item[m.TypeFrom[0]].(*types.AttributeValueMemberS).Value
		rows[name] = append(rows[name], landingRow(t, m, name, item))
	}
	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		for _, r := range m.Relations() {
			table := star.LandingTable(m, star.Full, r)
			for chunk := range slices.Chunk(rows[r.Name], 500) {
				w.exec("insert into " + table.String() + " (" + strings.Join(model.Names(table.Columns), ", ") +
					") values\n" + strings.Join(chunk, ",\n"))
			}
			w.exec(w.loaded(r.Table, tonight)...)
		}
		w.phase(star.PhaseStage)
		counts := w.phase(star.PhasePublish)
		star := truth.Star()
		for _, want := range []string{
			"dwh of run tonight|1", fmt.Sprint("dwh.address|", star.Addresses+1), "dwh.address deleted|0",
			fmt.Sprint("dwh.customer|", star.Customers+1), "dwh.customer deleted|0",
			fmt.Sprint("dwh.date|", star.OrderDays+1), "dwh.date deleted|0",
			fmt.Sprint("dwh.order|", star.Facts),
			fmt.Sprint("dwh.order on unknown address|", star.UnknownAddresses),
			fmt.Sprint("dwh.order on unknown customer|", star.UnknownCustomers),
			fmt.Sprint("dwh.order on unknown date|", star.UnknownOrders), "dwh.order on unknown product|0",
			fmt.Sprint("dwh.order sum of price|", star.Cents),
			fmt.Sprint("dwh.product|", star.Products+1), "dwh.product deleted|0",
		} {
			if !slices.Contains(counts, want) {
				t.Errorf("publish does not report %s:\n%s", want, strings.Join(counts, "\n"))
			}
		}
		if diff := cmp.Diff(sampleGrowth(truth), w.exec(query(t, "quarterly_growth"))); diff != "" {
			t.Errorf("growth (-sample +star):\n%s", diff)
		}
	})
}

// landingRow spells an item as a row of VALUES.
func landingRow(t *testing.T, m model.Model, name string, item sample.Item) string {
	t.Helper()
	declared, ok := m.Item(name)
	if !ok {
		t.Fatalf("item type %s is not declared", name)
	}
	captured := map[string]string{}
	for _, key := range declared.Keys {
		text := item[key.Attribute].(*types.AttributeValueMemberS).Value
		values, _ := key.Template.Match([]byte(text), nil)
		for i, name := range key.Template.Names() {
			captured[name] = string(values[i])
		}
	}
	cells := make([]string, len(declared.Columns))
	for i, c := range declared.Columns {
		if c.Captured {
			cells[i] = literal(c, captured[c.Name])
			continue
		}
		var value types.AttributeValue = &types.AttributeValueMemberM{Value: item}
		for _, step := range c.From {
			fields, _ := value.(*types.AttributeValueMemberM)
			if fields == nil {
				value = nil
				break
			}
			value = fields.Value[step]
		}
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			cells[i] = literal(c, strings.NewReplacer("T", " ", "Z", "").Replace(v.Value))
			if c.Type.Kind != model.KindTimestamp {
				cells[i] = literal(c, v.Value)
			}
		case *types.AttributeValueMemberN:
			cells[i] = literal(c, v.Value)
		default:
			cells[i] = "null"
		}
	}
	return "(" + strings.Join(cells, ", ") + ")"
}

// sampleGrowth writes the sample's growth as the query does.
func sampleGrowth(truth *sample.Truth) []string {
	var all []string
	for _, g := range truth.Growth() {
		growth := "null"
		if g.BeforeCents != 0 {
			growth = money(int(g.BasisPoints))
		}
		all = append(all, fmt.Sprintf("%s|%s|%d|%d|%s|%s|%s", g.Country, g.Category, g.Year, g.Quarter,
			money(int(g.Cents)), money(int(g.BeforeCents)), growth))
	}
	return all
}
