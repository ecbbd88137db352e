package startest_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star/startest"
)

// TestGenerate_isRead draws many models: the reader must take them all. And
// together they must use what the format has.
func TestGenerate_isRead(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for seed := range uint64(500) {
		text, err := startest.Generate(seed)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		m, err := model.Read("model.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		note(used, m)
	}
	for _, feature := range []string{
		"no sort key", "number as key", "binary as key", "no type attribute", "several type attributes", "skipped", "prefix", "fiscal year",
		"several captures", "template of an index", "nested list", "nested map", "refuses unknown", "time zone", "lookup", "latest lookup",
		"calendar in two roles", "where", "when", "first", "latest", "computed", "document", "optional key", "check", "double", "json",
	} {
		if !used[feature] {
			t.Errorf("no model has: %s", feature)
		}
	}
}

func note(used map[string]bool, m model.Model) {
	set := func(feature string, has bool) { used[feature] = used[feature] || has }
	set("no sort key", len(m.Keys) == 1)
	for _, key := range m.Keys {
		set("number as key", key.Kind == model.KeyNumber)
		set("binary as key", key.Kind == model.KeyBinary)
	}
	set("no type attribute", len(m.TypeFrom) == 0)
	set("several type attributes", len(m.TypeFrom) > 1)
	set("prefix", m.Prefix != "")
	set("fiscal year", m.Calendar.FiscalStart > 1)
	for _, item := range m.Items {
		set("skipped", item.Skip)
		set("refuses unknown", item.Unknown == model.RefuseUnknown)
		for _, k := range item.Keys {
			set("several captures", k.TableKey && len(k.Template.Names()) > 1)
			set("template of an index", !k.TableKey)
		}
	}
	for _, r := range m.Relations() {
		for _, c := range r.Columns {
			set("nested list", c.Position && c.Type.Kind == model.KindInteger)
			set("nested map", c.Position && c.Type.Kind == model.KindString)
			set("time zone", c.DayOf != "")
			set("double", c.Type.Kind == model.KindDouble)
			set("json", c.Type.Kind == model.KindJSON)
		}
	}
	for _, d := range m.Dimensions {
		set("first", d.First)
		set("latest", d.Latest != nil)
		set("where", d.Where != nil)
		set("when", d.When != nil)
		for _, k := range d.Key {
			set("optional key", k.Optional)
		}
	}
	for _, f := range m.Facts {
		set("document", f.Document != nil)
		roles := map[string]int{}
		for _, role := range f.Roles {
			d, _ := m.Dimension(role.Dimension)
			roles[d.Name]++
			set("calendar in two roles", d.Calendar && roles[d.Name] > 1)
		}
		for _, c := range f.Columns {
			set("computed", c.SQL != nil)
		}
		for _, l := range f.With {
			set("lookup", true)
			set("latest lookup", l.Latest != "")
		}
	}
	set("check", len(m.Checks) > 0)
}
