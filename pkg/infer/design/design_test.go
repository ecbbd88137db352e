package design_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/infer/design"
)

func TestRead_refuses(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		``:                 "it is not a JSON object",
		`[]`:               "it is not a JSON object",
		`{}`:               "neither a schema.json",
		`{"tables":[]}`:    "holds no table",
		`{"DataModel":[]}`: "holds no table",
		`{"tables":[{"table_config":{"table_name":"a"}},{"table_config":{"table_name":"b"}}]}`:                                                              "name one with --table: a, b",
		`{"tables":[{"table_config":{"table_name":"a","partition_key":"pk"},"entities":{}}]}`:                                                               "neither entities nor sample data",
		`{"tables":[{"table_config":{"table_name":"a","partition_key":"pk"},"entities":{"E":{}}}]}`:                                                         "no pk_template",
		`{"tables":[{"table_config":{"table_name":"a","partition_key":"pk"},"entities":{"E":{"pk_template":"x","fields":[{"name":"f","type":"float"}]}}}]}`: `type "float"`,
		`{"models":{},"indexes":{}}`: "no partition key",
		`{"DataModel":[{"TableName":"t","KeyAttributes":{"PartitionKey":{"AttributeName":"PK","AttributeType":"S"}},"TableData":[{"x":{"S":"1"}}]}]}`: "has no key PK",
		`{"DataModel":[{"TableName":"t","KeyAttributes":{"PartitionKey":{"AttributeName":"PK","AttributeType":"S"}},"TableData":["x"]}]}`:             "not DynamoDB JSON",
	} {
		if _, err := design.Read("f.json", []byte(text), ""); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "read f.json: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("Read(%s) = %v, want one line with %q", text, err, want)
		}
	}
}

// FuzzRead reads anything without a panic; the items of a design are JSON.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"mcp.json", "onetable.json", "workbench.json"} {
		text, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := design.Read("f", text, "Workshop")
		if err != nil {
			return
		}
		items, _ := d.Source()
		for _, item := range items {
			if !json.Valid([]byte(item)) {
				t.Errorf("%s is no JSON", item)
			}
		}
	})
}

// FuzzSaved takes any item for the one with OneTable's schema.
func FuzzSaved(f *testing.F) {
	f.Add([]byte(`{"models":{"M":{"a":{"L":[{"N":"1"},{"BOOL":true},{"SS":["x"]},{"S":"y"}]}}}}`))
	f.Fuzz(func(t *testing.T, item []byte) {
		if text, err := design.Saved(item); err == nil && !json.Valid(text) {
			t.Errorf("%s is no JSON", text)
		}
	})
}
