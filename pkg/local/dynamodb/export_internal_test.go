package dynamodb

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// newTestTable returns a table with a key of one string.
func newTestTable(t *testing.T) *table {
	t.Helper()

	table, err := createTable(filepath.Join(t.TempDir(), "table"), tableRecord{Definition: tableDefinition{
		TableName: "shop", BillingMode: "PAY_PER_REQUEST",
		AttributeDefinitions: []attributeDefinition{{AttributeName: "PK", AttributeType: "S"}},
		KeySchema:            []keyElement{{AttributeName: "PK", KeyType: "HASH"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.close(); err != nil {
			t.Error(err)
		}
	})
	return table
}

func (t *table) change(kind changelog.Kind, text string) error {
	var p item.Parser
	c, err := t.parse(&p, item.NewScanner([]byte(text)), kind, make([]item.Value, len(t.wanted)))
	if err != nil {
		return err
	}
	_, err = t.write(0, []change{c}, false)
	return err
}

// TestTable_latestPlaces_SurvivesEqualHashes gives different items the same
// hash, which does not happen in any test with real ones.
func TestTable_latestPlaces_SurvivesEqualHashes(t *testing.T) {
	t.Parallel()

	table := newTestTable(t)
	for _, c := range []struct {
		kind changelog.Kind
		text string
	}{
		{changelog.Put, `{"PK":{"S":"a"},"n":{"N":"1"}}`},
		{changelog.Put, `{"PK":{"S":"b"},"n":{"N":"1"}}`},
		{changelog.Put, `{"PK":{"S":"c"},"n":{"N":"1"}}`},
		{changelog.Put, `{"PK":{"S":"a"},"n":{"N":"2"}}`},
		{changelog.Delete, `{"PK":{"S":"b"}}`},
		{changelog.Delete, `{"PK":{"S":"c"}}`},
		{changelog.Put, `{"PK":{"S":"c"},"n":{"N":"2"}}`},
	} {
		if err := table.change(c.kind, c.text); err != nil {
			t.Fatal(err)
		}
	}
	partitions, _, err := table.snapshot(t.Context(), 0, 1<<62, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range partitions[0] {
		partitions[0][i].order = 42
	}
	places, err := table.latestPlaces(partitions[0])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range places {
		r, _, err := table.log.Read(p.offset(), p.lengthHint(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(r.Body))
	}
	want := []string{`{"PK":{"S":"a"},"n":{"N":"2"}}`, `{"PK":{"S":"c"},"n":{"N":"2"}}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestNewPlace(t *testing.T) {
	t.Parallel()

	for _, kind := range []changelog.Kind{changelog.Put, changelog.Delete} {
		for _, length := range []int{2, 1000, 500_000, 3_000_000} {
			r := changelog.Record{Kind: kind, Body: make([]byte, length)}
			p := newPlace(7, []byte("key"), 1<<40+3, r)
			if p.offset() != 1<<40+3 || p.isDelete() != (kind == changelog.Delete) {
				t.Errorf("place of a record of %d bytes: offset %d, delete %t", length, p.offset(), p.isDelete())
			}
			if size := length + changelog.Overhead; size <= 1<<20-lengthUnit && p.lengthHint() < size {
				t.Errorf("length hint %d of %d bytes", p.lengthHint(), size)
			}
		}
	}
}

// TestHash32_SpreadsKeys expects the keys of the sample to spread evenly over
// partitions.
func TestHash32_SpreadsKeys(t *testing.T) {
	t.Parallel()

	const keys, partitions = 40_000, 8
	var counts [partitions]int
	for i := range keys {
		counts[uint64(hash32(fmt.Appendf(nil, "CUST#user%d\x00\x01", i)))*partitions>>32]++
	}
	for i, n := range counts {
		if want := keys / partitions; n < want*9/10 || n > want*11/10 {
			t.Errorf("partition %d has %d keys, want about %d", i, n, want)
		}
	}
}
