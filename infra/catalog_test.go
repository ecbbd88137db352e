package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

// read returns a model that is delivered.
func read(t *testing.T, name string) model.Model {
	t.Helper()
	m, err := models.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// parsed reads a model of a few lines.
func parsed(t *testing.T, items string) model.Model {
	t.Helper()
	m, err := model.Read("test.yaml", []byte("nightstar: 1\nmodel: test\ntable: { partitionKey: PK, typeAttribute: type }\nitems:\n"+items))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// glueTable is a table of the catalog, as far as the lake decides.
type glueTable struct {
	Location   string
	Columns    []string
	Partitions []string
	Template   string // of the location of a partition
}

// glueTables returns the tables of a database, by name.
func (s synthesised) glueTables(t *testing.T, database string) map[string]glueTable {
	t.Helper()
	columns := func(value any) []string {
		var all []string
		for _, c := range value.([]any) {
			all = append(all, at(t, c, "Name").(string)+" "+at(t, c, "Type").(string))
		}
		return all
	}
	found := map[string]glueTable{}
	for _, table := range s.ofType("AWS::Glue::Table") {
		if at(t, table.Properties, "DatabaseName", "Ref") != database {
			continue
		}
		input := table.Properties["TableInput"]
		parameters := at(t, input, "Parameters").(map[string]any)
		one := glueTable{
			Location: spelledBucket(at(t, input, "StorageDescriptor", "Location")),
			Columns:  columns(at(t, input, "StorageDescriptor", "Columns")), Partitions: columns(at(t, input, "PartitionKeys")),
		}
		if template, ok := parameters["storage.location.template"]; ok {
			one.Template = spelledBucket(template)
		}
		found[at(t, input, "Name").(string)] = one
	}
	return found
}

// spelledBucket is a URL of the template, with the first letters of the bucket's
// logical id.
func spelledBucket(value any) string {
	var text strings.Builder
	for _, part := range value.(map[string]any)["Fn::Join"].([]any)[1].([]any) {
		if ref, ok := part.(map[string]any); ok {
			part = strings.TrimRight(ref["Ref"].(string), "0123456789ABCDEF")
		}
		text.WriteString(part.(string))
	}
	return text.String()
}

// TestCatalog_followsTheModel: rows within items and folders beside the rows, too.
func TestCatalog_followsTheModel(t *testing.T) {
	for name, s := range map[string]synthesised{"store": environment(t, "prod"), "tickets": kind(t, "tickets")} {
		t.Run(name, func(t *testing.T) {
			m := read(t, name)
			lake, spectrum := map[string]glueTable{}, map[string]glueTable{}
			byRun := func(folder string, columns ...string) glueTable {
				return glueTable{Location: "s3://Lake/" + folder, Columns: columns, Partitions: []string{"run string"}, Template: "s3://Lake/" + folder + "run=${run}/"}
			}
			for _, rows := range m.Relations() {
				var columns []string
				for _, column := range rows.Columns {
					columns = append(columns, column.Name+" "+column.Type.Glue())
				}
				lake[rows.Table] = byRun("items/type="+rows.Name+"/", columns...)
				spectrum[rows.Table] = glueTable{Location: "s3://Lake/items/type=" + rows.Name + "/", Columns: columns}
				spectrum[rows.Table+"_changes"] = glueTable{
					Location: "s3://Lake/changes/type=" + rows.Name + "/", Columns: append([]string{"op string", "written timestamp"}, columns...),
				}
				query := "create or replace view " + rows.Table + "_current as\n"
				if !slices.ContainsFunc(slices.Collect(maps.Values(s.ofType("AWS::Athena::NamedQuery"))), func(r resource) bool {
					text, _ := r.Properties["QueryString"].(string)
					return strings.HasPrefix(text, query) && strings.Contains(text, `_spectrum"."`+rows.Table+`_changes"`)
				}) {
					t.Errorf("no saved query of Athena creates the view %s_current", rows.Table)
				}
			}
			spectrum["current_runs"] = glueTable{Location: "s3://Lake/current/", Columns: []string{"run string", "kind string"}}
			for _, item := range m.Items {
				if !item.Skip && item.Unknown == model.KeepUnknown {
					lake[item.Name+"_unknown"] = byRun("unknown/type="+item.Name+"/", "pk string", "sk string", "attributes string")
				}
			}
			lake["setaside"] = byRun("setaside/", "document string")
			lake["wrong"] = glueTable{
				Location: "s3://Lake/wrong/", Columns: []string{"document string"}, Partitions: []string{"type string", "run string"},
				Template: "s3://Lake/wrong/type=${type}/run=${run}/",
			}
			if diff := cmp.Diff(lake, s.glueTables(t, "LakeDatabase")); diff != "" {
				t.Errorf("lake (-model +tables):\n%s", diff)
			}
			if diff := cmp.Diff(spectrum, s.glueTables(t, "SpectrumDatabase")); diff != "" {
				t.Errorf("spectrum (-model +tables): Spectrum does not know projection\n%s", diff)
			}
		})
	}
	if _, nested := kind(t, "tickets").glueTables(t, "SpectrumDatabase")["ticket_change"]; !nested {
		t.Error("the model has no rows within items: the test shows nothing of them")
	}
	for folder, key := range map[string]string{
		"items/type=order.line/run=r/":   lakedoc.ItemsKey("order.line", "r", 1),
		"unknown/type=customer/run=r/":   lakedoc.UnknownKey("customer", "r", 1),
		"changes/type=order.line/run=r/": lakedoc.ChangesKey("order.line", "r", 1),
		"current/":                       lakedoc.StateKey,
		"wrong/type=order.line/run=r/":   lakedoc.WrongKey("order.line", "r", 1),
		"setaside/run=r/":                lakedoc.SetAsideKey("r", 1),
	} {
		if !strings.HasPrefix(key, folder) || strings.Contains(key[len(folder):], "/") {
			t.Errorf("the lake has %s, not in %s", key, folder)
		}
	}
}

// TestCatalog_namesAreApart: names that differ in an underscore are two tables.
func TestCatalog_namesAreApart(t *testing.T) {
	t.Parallel()

	if err := checkCatalog(parsed(t, "  orderline: { keys: { PK: \"A#{a}\" }, columns: { a: string(9) } }\n")); err != nil {
		t.Error(err)
	}
	for name, items := range map[string]string{
		"wrong":         "  wrong: { keys: { PK: \"A#{a}\" }, columns: { a: string(9) } }\n",
		"setaside":      "  setaside: { keys: { PK: \"A#{a}\" }, columns: { a: string(9) } }\n",
		"order.unknown": "  order: { keys: { PK: \"A#{a}\" }, columns: { a: string(9) }, rows: { unknown: { list: l, columns: { b: string(9) } } } }\n",
		"order.changes": "  order: { keys: { PK: \"A#{a}\" }, columns: { a: string(9) }, rows: { changes: { list: l, columns: { b: string(9) } } } }\n",
	} {
		err := checkCatalog(parsed(t, items))
		if want := "so " + name + " cannot have that name: rename it"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want one with %s", name, err, want)
		}
	}
}

// TestExportedType: an attribute of two types keeps both, and what cannot be a
// field is named.
func TestExportedType(t *testing.T) {
	t.Parallel()

	const item = "  %: { keys: { PK: \"%#{x%}\" }, columns: { x%: string(9), "
	one, two := strings.ReplaceAll(item, "%", "a"), strings.ReplaceAll(item, "%", "b")
	tests := map[string]struct {
		items   string
		want    string // beside the keys
		missing []string
	}{
		"a number and a text":        {one + "v: integer } }\n" + two + "v: string(9) } }\n", "v:struct<n:string,s:string>", nil},
		"a flag and a map":           {one + "v: boolean } }\n" + two + "w: { from: v.w, type: integer } } }\n", "v:struct<bool:boolean,m:struct<w:struct<n:string>>>", nil},
		"a text and anything":        {one + "v: string(9) } }\n" + two + "v: json } }\n", "v:string", nil},
		"one that converts":          {one + "v: { type: integer, convert: true } } }\n", "v:struct<n:string,s:string>", nil},
		"an epoch":                   {one + "v: { type: timestamp, format: epochSeconds } } }\n", "v:struct<n:string,s:string>", nil},
		"rows, and a map":            {one + "}, rows: { r: { list: v, columns: { n: integer } } } }\n" + two + "w: { from: v.w, type: integer } } }\n", "v:struct<l:array<struct<m:struct<n:struct<n:string>>>>,m:struct<w:struct<n:string>>>", nil},
		"rows":                       {one + "}, rows: { r: { map: v, columns: { n: integer } } } }\n", "v:struct<l:array<struct<m:struct<n:struct<n:string>>>>,m:map<string,struct<m:struct<n:struct<n:string>>>>>", nil},
		"a name that is not a field": {one + "v: { from: '\"order-date\"', type: date }, w: { from: 'm.\"a.b\"', type: date } } }\n", "m:struct<m:struct<>>", []string{"order-date", "m.a.b"}},
		"names that differ in case":  {one + "v: { from: Email, type: date }, w: { from: EMAIL, type: date } } }\n", "email:struct<s:string>", []string{"EMAIL"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, missing := exportedType(parsed(t, tt.items))
			if !strings.HasPrefix(got, "struct<pk:struct<s:string>,type:struct<s:string>,") || !strings.Contains(got, ","+tt.want) {
				t.Errorf("the type is %s, without %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}
