package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// The order of columns is what COPY loads by and what the files of earlier
// nights have, so a change of it must be seen here.
func TestStore_columnsAndTheirOrder(t *testing.T) {
	t.Parallel()

	want := map[string][]string{
		"customer": {
			"username varchar(128) < username, required",
			"email varchar(320) < email",
			"fullname varchar(400) < fullname",
			"addressline1 varchar(400) < Address.addressline1",
			"addressline2 varchar(400) < Address.addressline2",
			"city varchar(200) < Address.city",
			"postcode varchar(40) < Address.postcode",
			"country varchar(100) < Address.country",
		},
		"order": {
			"pk varchar(140) < PK, required",
			"orderid varchar(64) < orderid, required",
			"numberofitems integer < numberofitems",
			"amount decimal(18,2) < amount",
			"orderdate timestamp < orderdate, required",
		},
		"product": {
			"orderid varchar(64) < orderid, required",
			"productid varchar(64) < productid, required",
			"productname varchar(200) < productname",
			"category varchar(100) < category",
			"color varchar(50) < color",
			"price decimal(18,2) < price, required",
		},
	}
	got := map[string][]string{}
	for _, item := range model.Store().Items {
		for _, c := range item.Columns {
			text := fmt.Sprintf("%s %s < %s", c.Name, c.Type.Redshift(), strings.Join(c.From, "."))
			if c.Required {
				text += ", required"
			}
			got[item.Name] = append(got[item.Name], text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Everything that has columns has those of the item type, in their order.
func TestStore_derivedColumnsFollowTheItems(t *testing.T) {
	t.Parallel()

	m := model.Store()
	for _, l := range m.Landing {
		item, ok := m.Item(l.Item)
		if !ok {
			t.Fatalf("landing table %s: no item type %s", l.Name, l.Item)
		}
		want := model.Names(item.Columns)
		landing, _ := m.LandingColumns(l.Name)
		table, _ := m.Table(model.SchemaLanding, l.Name)
		copied, _ := m.CopyColumns(l.Name)
		glue, _ := m.GlueColumns(l.Item)
		catalogue := make([]string, len(glue))
		for i, c := range glue {
			catalogue[i] = c.Name
		}
		for name, got := range map[string][]string{
			"LandingColumns": model.Names(landing), "Table": model.Names(table.Columns), "CopyColumns": copied, "GlueColumns": catalogue,
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s of %s (-item +got):\n%s", name, l.Name, diff)
			}
		}
	}
}

func TestStore_isValid(t *testing.T) {
	t.Parallel()

	if err := model.Store().Validate(); err != nil {
		t.Error(err)
	}
}
