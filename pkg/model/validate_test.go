package model_test

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

func TestModel_Validate(t *testing.T) {
	t.Parallel()

	column := func(name string) model.Column { return model.Column{Name: name, Type: model.Integer()} }
	tests := map[string]struct {
		edit func(*model.Model)
		want string
	}{
		"a partition key": {
			func(m *model.Model) { m.PartitionKey = "" },
			`model "store": name the partition key and the sort key`,
		},
		"a sort key": {
			func(m *model.Model) { m.SortKey = "" },
			`model "store": name the partition key and the sort key`,
		},
		"keys that are repeated by required text": {
			func(m *model.Model) { m.Items[0].Columns[0].Required = false },
			`item type "customer": column "username": only a required string can repeat a key`,
		},
		"keys that exist": {
			func(m *model.Model) { m.Items[0].Columns[0].Repeats = "id" },
			`only a required string can repeat a key, and the keys are "PK" and "SK"`,
		},
		"ignored attributes that no column reads": {
			func(m *model.Model) { m.Ignored = []string{"Address"} },
			`ignored attribute "Address": a key, the type or a column reads it`,
		},
		"ignored attributes that are no key": {
			func(m *model.Model) { m.Ignored = []string{"PK"} },
			`ignored attribute "PK": a key, the type or a column reads it`,
		},
		"ignored attributes once": {
			func(m *model.Model) { m.Ignored = []string{"a", "a"} },
			`ignored attribute "a" is named twice`,
		},
		"ignored attributes with a name": {
			func(m *model.Model) { m.Ignored = []string{""} },
			`ignored attribute: give its name`,
		},
		"a limit that is a share": {
			func(m *model.Model) { m.SetAside.PerMille = 1001 },
			`items set aside: a limit is a number of items and 0 to 1000 per mille`,
		},
		"conversions that exist": {
			func(m *model.Model) { m.Items[1].Columns[4].Converts = true },
			`item type "order": column "orderdate": nothing can be converted to it exactly`,
		},
		"conversions in item types only": {
			func(m *model.Model) { m.Fact.Measures[0].Converts = true },
			`column "price": nothing can be converted to it exactly`,
		},
		"item types with columns": {
			func(m *model.Model) { m.Items[0].Columns = nil },
			`item type "customer": declare at least one column`,
		},
		"item types that are recognised by something": {
			func(m *model.Model) {
				m.TypeAttribute = ""
				m.Items = m.Items[:1]
				m.Items[0].PartitionPrefix, m.Items[0].SortPrefix = "", ""
			},
			`item type "customer": without a type attribute, declare a key prefix`,
		},
		"prefixes that tell item types apart": {
			func(m *model.Model) { m.Items[1].SortPrefix = "CUST#1" },
			`item types "customer" and "order" have key prefixes that overlap`,
		},
		"item types with one name": {
			func(m *model.Model) { m.Items[1].Name = "customer" },
			`item type "customer" is declared twice`,
		},
		"names of item types": {
			func(m *model.Model) { m.Items[1].Name = "Order" },
			`item type "Order": a name is lower-case letters, digits and _, at most 63`,
		},
		"names of landing tables": {
			func(m *model.Model) { m.Landing[0].Name = "1st" },
			`landing table "1st": a name is`,
		},
		"landing tables with one name": {
			func(m *model.Model) { m.Landing[1].Name = "address" },
			`landing table "address" is declared twice`,
		},
		"landing tables of item types": {
			func(m *model.Model) { m.Landing[0].Item = "house" },
			`landing table "address": item type "house" is not declared`,
		},
		"names of dimensions": {
			func(m *model.Model) { m.Dimensions[0].Name = "" },
			`dimension "": a name is`,
		},
		"dimensions with one name": {
			func(m *model.Model) { m.Dimensions[1].Name = "date" },
			`dimension "date" is declared twice`,
		},
		"dimensions with a business key": {
			func(m *model.Model) { m.Dimensions[3].BusinessKey = nil },
			`dimension "product": name its business key`,
		},
		"columns of business keys": {
			func(m *model.Model) { m.Dimensions[3].BusinessKey[0].Type = model.String(0) },
			`dimension "product": column "productid": length 0 is not between 1 and 65535 bytes`,
		},
		"columns of dimensions": {
			func(m *model.Model) { m.Dimensions[3].Columns[0].Name = "Product ID" },
			`dimension "product": column "Product ID": a name is`,
		},
		"names of facts": {
			func(m *model.Model) { m.Fact.Name = "or der" },
			`fact "or der": a name is`,
		},
		"a fact with a business key": {
			func(m *model.Model) { m.Fact.BusinessKey = nil },
			`fact "order": name its business key`,
		},
		"measures": {
			func(m *model.Model) { m.Fact.Measures[0].Type = model.Decimal(39, 2) },
			`fact "order": column "price": decimal(39,2) is not within precision 1 to 38 and scale 0 to precision`,
		},
		"dimensions of the fact": {
			func(m *model.Model) { m.Fact.Dimensions[0] = "day" },
			`fact "order": dimension "day" is not declared`,
		},
		"dimensions of the fact once each": {
			func(m *model.Model) { m.Fact.Dimensions[0] = "customer" },
			`fact "order": dimension "customer" is named twice`,
		},
		"a fact whose rows are identified": {
			func(m *model.Model) { m.Fact.Key = nil },
			`fact "order": name the key columns that identify a row`,
		},
		"key columns that are there": {
			func(m *model.Model) { m.Fact.Key = []string{"orderkey", "linekey"} },
			`fact "order": key column "linekey" is none of its columns`,
		},
		"key columns that are never null": {
			func(m *model.Model) { m.Fact.Key = []string{"orderkey", "numberofitems"} },
			`fact "order": key column "numberofitems" may be null`,
		},
		"tables of the fact beside those of dimensions": {
			func(m *model.Model) { m.Fact.Name = "product" },
			`table staging.product would be made twice`,
		},
		"key tables beside other tables": {
			func(m *model.Model) { m.Dimensions[3].Name, m.Fact.Dimensions[3] = "orderkey", "orderkey" },
			`table staging.orderkey would be made twice`,
		},
		"names of key tables": {
			func(m *model.Model) {
				m.Landing[0].Name = strings.Repeat("a", 63)
				m.Fact.Name = strings.Repeat("b", 57)
			},
			"_maxkey: the name is longer than 63 characters",
		},
		"columns beside surrogate keys": {
			func(m *model.Model) { m.Dimensions[3].Columns[0].Name = "productkey" },
			`table staging.product: column "productkey" would be made twice`,
		},
		"columns beside the mark of the deleted": {
			func(m *model.Model) { m.Dimensions[3].Columns[0].Name = "deleted" },
			`table dwh.product: column "deleted" would be made twice`,
		},
		"measures beside keys": {
			func(m *model.Model) { m.Fact.Measures = append(m.Fact.Measures, column("datekey")) },
			`table staging."order": column "datekey" would be made twice`,
		},
		"columns with one name": {
			func(m *model.Model) { m.Items[0].Columns[1].Name = "username" },
			`item type "customer": column "username" is declared twice`,
		},
		"long names of columns": {
			func(m *model.Model) { m.Items[0].Columns[1].Name = strings.Repeat("a", 64) },
			`a name is lower-case letters, digits and _, at most 63`,
		},
		"columns of items with a path": {
			func(m *model.Model) { m.Items[0].Columns[1].From = nil },
			`item type "customer": column "email": a path to an attribute belongs to item types, and only there`,
		},
		"columns of dimensions without a path": {
			func(m *model.Model) { m.Dimensions[1].Columns[1].From = []string{"email"} },
			`dimension "customer": column "email": a path to an attribute belongs to item types, and only there`,
		},
		"long text": {
			func(m *model.Model) { m.Items[0].Columns[1].Type = model.String(65536) },
			`column "email": length 65536 is not between 1 and 65535 bytes`,
		},
		"scales within the precision": {
			func(m *model.Model) { m.Items[1].Columns[3].Type = model.Decimal(2, 3) },
			`column "amount": decimal(2,3) is not within precision 1 to 38 and scale 0 to precision`,
		},
		"scales that are not negative": {
			func(m *model.Model) { m.Items[1].Columns[3].Type = model.Decimal(2, -1) },
			`column "amount": decimal(2,-1) is not within`,
		},
		"decimals with digits": {
			func(m *model.Model) { m.Items[1].Columns[3].Type = model.Decimal(0, 0) },
			`column "amount": decimal(0,0) is not within`,
		},
		"known types": {
			func(m *model.Model) { m.Items[1].Columns[3].Type = model.Type{} },
			`column "amount": kind 0 is none of the declared logical types`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			m := model.Store()
			tt.edit(&m)
			if err := m.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Validate() = %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestModel_Validate_reportsAllAtOnce(t *testing.T) {
	t.Parallel()

	m := model.Store()
	m.SortKey = ""
	m.Items[0].Columns = nil
	m.Fact.Key = nil
	err := m.Validate()
	if err == nil {
		t.Fatal("Validate() = nil")
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 3 {
		t.Errorf("Validate() reports %d problems, want 3:\n%v", len(lines), err)
	}
}
