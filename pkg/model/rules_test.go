package model_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

func TestLimit_Of(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		limit model.Limit
		items int64
		want  int64
	}{
		"none without a limit":         {model.Limit{}, 1_000_000, 0},
		"the number for a small night": {model.Limit{Items: 100, PerMille: 1}, 50_000, 100},
		"the share for a large night":  {model.Limit{Items: 100, PerMille: 3}, 1_500_999, 4502},
		"the share of few items":       {model.Limit{PerMille: 500}, 3, 1},
		"all of them":                  {model.Limit{PerMille: 1000}, math.MaxInt64, math.MaxInt64},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.limit.Of(tt.items); got != tt.want {
				t.Errorf("%+v.Of(%d) = %d, want %d", tt.limit, tt.items, got, tt.want)
			}
		})
	}
}

func TestModel_Identifies(t *testing.T) {
	t.Parallel()

	got := columnsWhere(model.Store(), model.Store().Identifies)
	want := []string{
		"customer.username", "customer.postcode", "order.pk", "order.orderid", "product.orderid", "product.productid",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns that identify (-want +got):\n%s", diff)
	}
}

func TestModel_Measured(t *testing.T) {
	t.Parallel()

	m := model.Store()
	got := map[string][]string{}
	for _, item := range m.Items {
		got[item.Name] = model.Names(m.Measured(item))
	}
	want := map[string][]string{"customer": {}, "order": {"numberofitems"}, "product": {"price"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("measured columns (-want +got):\n%s", diff)
	}
}

func TestType_Conversions(t *testing.T) {
	t.Parallel()

	store := model.Store()
	got := columnsWhere(store, func(c model.Column) bool { return c.Converts })
	if diff := cmp.Diff([]string{"customer.postcode", "order.numberofitems"}, got); diff != "" {
		t.Errorf("columns of the store that convert (-want +got):\n%s", diff)
	}
	for kind, want := range map[model.Type][]string{
		model.String(5): {"N", "BOOL"}, model.Integer(): {"S"}, model.BigInt(): {"S"}, model.Decimal(5, 2): {"S"},
		model.Boolean(): {"S", "N"}, model.Timestamp(): nil, model.Date(): nil,
	} {
		if diff := cmp.Diff(want, kind.Conversions()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind.Redshift(), diff)
		}
	}
}

// columnsWhere names the columns of item types of which something is true.
func columnsWhere(m model.Model, is func(model.Column) bool) []string {
	var names []string
	for _, item := range m.Items {
		for _, c := range item.Columns {
			if is(c) {
				names = append(names, item.Name+"."+c.Name)
			}
		}
	}
	return names
}
