package infer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/infer/design"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
	"github.com/nightstar-elt/nightstar/pkg/inspect/source"
)

func readDesign(t *testing.T, file, table string) *design.Design {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	d, err := design.Read(file, text, table)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestInfer_designs makes models of what other tools declare, without an export.
func TestInfer_designs(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		file, table string
		roles       string
		want        []string // in the model
	}{
		"MCP server":      {"mcp.json", "Workshop", "customer dimension, mechanic dimension, repair fact", []string{`"CUSTOMER#{customer_id}"`, `"REPAIR#{repair_id}"`, "date: started_at", "price: \"decimal(18,4)\"", "mechanic: mechanic_id", "No items were read"}},
		"OneTable":        {"onetable.json", "", "ticket header, venue dimension", []string{"typeAttribute: _type", `"venue#{venueid}"`, "city: { from: location.city", "list: extras", "dimensions:", "price: price"}},
		"NoSQL Workbench": {"workbench.json", "", "flowerbed dimension, harvest fact", []string{"weight: weight", "Inferred from 5 items", "flowerbed:"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := readDesign(t, tt.file, tt.table)
			items, madeUp := d.Source()
			o := inspect.Options{TypeAttribute: d.TypeAttribute}
			for _, k := range d.Keys {
				o.Keys = append(o.Keys, k.Name)
			}
			report, err := inspect.Read(t.Context(), source.Lines(tt.file, items), o)
			if err != nil {
				t.Fatal(err)
			}
			result, err := infer.Infer(report, infer.Options{Design: d, From: tt.file, MadeUp: madeUp, Name: d.Table})
			if err != nil {
				t.Fatal(err)
			}
			var roles []string
			for _, one := range result.Types {
				roles = append(roles, one.Name+" "+one.Role)
			}
			if got := strings.Join(sorted(roles), ", "); got != tt.roles {
				t.Errorf("roles = %s, want %s", got, tt.roles)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(result.Text), want) {
					t.Errorf("the model lacks %s", want)
				}
			}
			folder := inspecttest.Export(t, 1, items...)
			if loaded := load(t, result.Model, folder); loaded.SetAside.Total() > 0 || loaded.Wrong.Total() > 0 {
				t.Errorf("set aside %v, wrong %v", loaded.SetAside, loaded.Wrong)
			}
			if t.Failed() {
				t.Logf("%s", result.Text)
			}
		})
	}
}

// TestInfer_declaredAndSeen takes names from a design and everything else from
// items, and asks where they disagree. OneTable's schema is found in the table.
func TestInfer_declaredAndSeen(t *testing.T) {
	t.Parallel()

	var items []string
	for i := range 40 {
		items = append(items, fmt.Sprintf(`{"pk":{"S":"CUSTOMER#%d"},"sk":{"S":"PROFILE"},"full_name":{"S":"A %[1]d"}}`, 5000+i),
			fmt.Sprintf(`{"pk":{"S":"CUSTOMER#%d"},"sk":{"S":"REPAIR#%d"},"price":{"S":"%[2]d.50"},"started_at":{"S":"2026-01-02T03:04:05Z"}}`, 5000+i, 70000+i))
	}
	d := readDesign(t, "mcp.json", "Workshop")
	result, err := infer.Infer(inspected(t, items...), infer.Options{Design: d, From: "mcp.json"})
	if err != nil {
		t.Fatal(err)
	}
	text := string(result.Text)
	for _, want := range []string{"customer:", "{repair_id}", "{customer_id}", "mcp.json declares Mechanic, and no items", "declares Repair.price as a number, and values are S", "Names are those of mcp.json"} {
		if !strings.Contains(text, want) {
			t.Errorf("the model lacks %q:\n%s", want, text)
		}
	}

	saved := `{"pk":{"S":"_schema"},"sk":{"S":"_schema:Current"},"_type":{"S":"_Schema"},"format":{"S":"onetable:1.0.0"},"name":{"S":"Current"},"version":{"S":"0.0.1"},"queries":{"M":{}},` +
		`"params":{"M":{"typeField":{"S":"_type"},"isoDates":{"BOOL":true}}},"indexes":{"M":{"primary":{"M":{"hash":{"S":"pk"},"sort":{"S":"sk"}}}}},` +
		`"models":{"M":{"Pet":{"M":{"pk":{"M":{"type":{"S":"string"},"value":{"S":"pet#${petNumber}"}}},"sk":{"M":{"type":{"S":"string"},"value":{"S":"pet#"}}},"age":{"M":{"type":{"S":"number"}}}}}}}}`
	items = []string{saved}
	for i := range 40 {
		items = append(items, fmt.Sprintf(`{"pk":{"S":"pet#%d"},"sk":{"S":"pet#"},"_type":{"S":"Pet"},"age":{"N":"%d"}}`, 300+i, i%7))
	}
	if result, err = infer.Infer(inspected(t, items...), infer.Options{}); err != nil {
		t.Fatal(err)
	}
	if text = string(result.Text); !strings.Contains(text, "{petnumber}") || !strings.Contains(text, "the OneTable schema in the table") || !strings.Contains(text, "a tool keeps it for its own use") {
		t.Errorf("the saved schema is not used:\n%s", text)
	}
}

func sorted(all []string) []string {
	slices.Sort(all)
	return all
}
