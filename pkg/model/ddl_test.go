package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Two columns that change places anywhere in the declaration must show in the
// DDL, which package sql compares with the committed files.
func TestModel_Schema_showsColumnsThatChangedPlaces(t *testing.T) {
	t.Parallel()

	lists := map[string]func(*model.Model) []model.Column{
		"customer items": func(m *model.Model) []model.Column { return m.Items[0].Columns },
		"order items":    func(m *model.Model) []model.Column { return m.Items[1].Columns },
		"product items":  func(m *model.Model) []model.Column { return m.Items[2].Columns },
		"dates":          func(m *model.Model) []model.Column { return m.Dimensions[0].Columns },
		"customers":      func(m *model.Model) []model.Column { return m.Dimensions[1].Columns },
		"addresses":      func(m *model.Model) []model.Column { return m.Dimensions[2].Columns },
		"products":       func(m *model.Model) []model.Column { return m.Dimensions[3].Columns },
		"business key":   func(m *model.Model) []model.Column { return m.Dimensions[2].BusinessKey },
		"measures":       func(m *model.Model) []model.Column { return m.Fact.Measures },
	}
	want := model.Store().Schema()
	for name, list := range lists {
		for i := range len(list(new(model.Store()))) - 1 {
			m := model.Store()
			columns := list(&m)
			columns[i], columns[i+1] = columns[i+1], columns[i]
			if cmp.Equal(want, m.Schema()) {
				t.Errorf("%s: columns %s and %s changed places and the DDL is the same", name, columns[i].Name, columns[i+1].Name)
			}
		}
	}
	m := model.Store()
	m.Fact.Dimensions[0], m.Fact.Dimensions[1] = m.Fact.Dimensions[1], m.Fact.Dimensions[0]
	if cmp.Equal(want, m.Schema()) {
		t.Error("two keys of the fact changed places and the DDL is the same")
	}
}

func TestModel_Tables(t *testing.T) {
	t.Parallel()

	var got []string
	for _, table := range model.Store().Tables() {
		got = append(got, table.String()+" key "+strings.Join(table.Key, ","))
	}
	want := []string{
		"landing.address key ", "landing.customer key ", `landing."order" key `, "landing.product key ",
		"staging.datekey key datekey", "staging.date_maxkey key ", "staging.date key datekey",
		"staging.customerkey key customerkey", "staging.customer_maxkey key ", "staging.customer key customerkey",
		"staging.addresskey key addresskey", "staging.address_maxkey key ", "staging.address key addresskey",
		"staging.productkey key productkey", "staging.product_maxkey key ", "staging.product key productkey",
		"staging.orderkey key orderkey", "staging.order_maxkey key ", `staging."order" key orderkey,productkey`,
		"dwh.date key datekey", "dwh.customer key customerkey", "dwh.address key addresskey", "dwh.product key productkey",
		`dwh."order" key orderkey,productkey`,
		"etl.run key run_id", "etl.run_table key run_id,name", "etl.content key schema_name",
		"etl.landing_address key ", "etl.landing_customer key ", "etl.landing_order key ", "etl.landing_product key ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestModel_lookupsOfWhatIsNotThere(t *testing.T) {
	t.Parallel()

	m := model.Store()
	if _, ok := m.Item("house"); ok {
		t.Error("Item found what is not declared")
	}
	if _, ok := m.LandingColumns("house"); ok {
		t.Error("LandingColumns found what is not declared")
	}
	if _, ok := m.CopyColumns("house"); ok {
		t.Error("CopyColumns found what is not declared")
	}
	if _, ok := m.GlueColumns("house"); ok {
		t.Error("GlueColumns found what is not declared")
	}
	if _, ok := m.Table(model.SchemaDWH, "house"); ok {
		t.Error("Table found what is not declared")
	}
}

func TestQuoteName(t *testing.T) {
	t.Parallel()

	for name, want := range map[string]string{
		"order": `"order"`, "user": `"user"`, "tag": `"tag"`, "aes128": `"aes128"`, "without": `"without"`,
		"date": "date", "orders": "orders", "year": "year", "zone": "zone", "a": "a",
	} {
		if got := model.QuoteName(name); got != want {
			t.Errorf("QuoteName(%q) = %s, want %s", name, got, want)
		}
	}
}

// A reserved word is quoted wherever the model uses it.
func TestModel_Schema_quotesReservedWords(t *testing.T) {
	t.Parallel()

	m := model.Store()
	m.Items[0].Columns[1].Name = "user"
	m.Dimensions[3].Columns[1].Name = "tag"
	m.Fact.Key = []string{"orderkey", "productkey"}
	all := ""
	for _, script := range m.Schema() {
		all += script.Text
	}
	for _, want := range []string{"\n    \"user\" varchar(320),", "\n    \"tag\" varchar(200),", `exists dwh."order" (`} {
		if !strings.Contains(all, want) {
			t.Errorf("the DDL does not hold %q", want)
		}
	}
	columns, _ := m.CopyColumns("customer")
	if !slices.Contains(columns, `"user"`) {
		t.Errorf("CopyColumns() = %q, want \"user\" in quotes", columns)
	}
}
