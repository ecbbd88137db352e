package infer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
)

// inspected reads an export of these items.
func inspected(t *testing.T, items ...string) *inspect.Report {
	t.Helper()
	r, err := inspecttest.Read(t, inspecttest.Export(t, 2, items...), inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func orders(n int) []string {
	var items []string
	for i := range n {
		items = append(items, fmt.Sprintf(`{"PK":{"S":"CUST#%d"},"SK":{"S":"PROFILE"},"name":{"S":"Ann %[1]d"},"address":{"M":{"city":{"S":"Oslo"}}}}`, 1000+i))
		items = append(items, fmt.Sprintf(`{"PK":{"S":"CUST#%d"},"SK":{"S":"ORD#%d"},"total":{"N":"%[2]d.5"},"placedAt":{"S":"2024-01-02T03:04:05Z"},"lines":{"L":[{"M":{"sku":{"S":"a"},"n":{"N":"1"}}}]}}`, 1000+i, 7000+i))
	}
	return items
}

func TestAgainst(t *testing.T) {
	t.Parallel()

	was, err := infer.Infer(inspected(t, orders(50)...), infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if drift := infer.Against(inspected(t, orders(50)...), was.Model); len(drift) > 0 {
		t.Errorf("the export that the model was made of has drifted: %q", drift)
	}
	long := strings.Repeat("x", 300)
	tests := map[string]struct {
		item string
		want string
	}{
		"a new type":           {`{"PK":{"S":"SHOP#1"},"SK":{"S":"SHOP#1"},"rent":{"N":"1"}}`, "new item type: 1 % of 101 items with keys like SHOP#{}"},
		"a new attribute":      {`{"PK":{"S":"CUST#9"},"SK":{"S":"PROFILE"},"name":{"S":"x"},"vip":{"BOOL":true}}`, "new attribute vip of cust, in 2 % of 51 items (BOOL)"},
		"one within a map":     {`{"PK":{"S":"CUST#9"},"SK":{"S":"PROFILE"},"name":{"S":"x"},"address":{"M":{"zip":{"S":"1"}}}}`, "new attribute address.zip of cust"},
		"one within rows":      {`{"PK":{"S":"CUST#9"},"SK":{"S":"ORD#9"},"total":{"N":"1"},"placedAt":{"S":"2024-01-02"},"lines":{"L":[{"M":{"color":{"S":"a"}}}]}}`, "new attribute color of ord.line"},
		"a longer text":        {`{"PK":{"S":"CUST#9"},"SK":{"S":"PROFILE"},"name":{"S":"` + long + `"}}`, "cust.name takes 20 bytes, and the longest value has 300: write string(512)"},
		"more digits":          {`{"PK":{"S":"CUST#9"},"SK":{"S":"ORD#9"},"total":{"N":"1.12345"},"placedAt":{"S":"2024-01-02"}}`, "ord.total is decimal(18,2), and values have up to 4 digits before the point and 5 after"},
		"another type":         {`{"PK":{"S":"CUST#9"},"SK":{"S":"ORD#9"},"total":{"S":"much"},"placedAt":{"S":"2024-01-02"}}`, "1 of 51 values are not numbers"},
		"a time that is none":  {`{"PK":{"S":"CUST#9"},"SK":{"S":"ORD#9"},"total":{"N":"1"},"placedAt":{"S":"soon"}}`, "1 of 51 values are no ISO 8601 time"},
		"a longer id in a key": {`{"PK":{"S":"CUST#` + long + `"},"SK":{"S":"PROFILE"},"name":{"S":"x"}}`, "takes 20 bytes, and the longest in PK has 300"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drift := infer.Against(inspected(t, append(orders(50), tt.item)...), was.Model)
			if !strings.Contains(strings.Join(drift, "\n"), tt.want) {
				t.Errorf("drift = %q, want %q", drift, tt.want)
			}
		})
	}
	fewer := infer.Against(inspected(t, `{"PK":{"S":"CUST#9"},"SK":{"S":"PROFILE"},"name":{"S":"x"}}`), was.Model)
	if len(fewer) != 1 || !strings.Contains(fewer[0], "ord has no items") {
		t.Errorf("drift = %q", fewer)
	}
	other := infer.Against(inspected(t, `{"id":{"S":"9"},"name":{"S":"x"}}`), was.Model)
	if len(other) != 1 || !strings.Contains(other[0], "the key PK (S) of the model") {
		t.Errorf("drift = %q", other)
	}
}
