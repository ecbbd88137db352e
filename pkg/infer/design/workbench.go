package design

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// workbenchTable is a table of a model of NoSQL Workbench.
type workbenchTable struct {
	Name string `json:"TableName"`
	Keys struct {
		PK workbenchAttribute  `json:"PartitionKey"`
		SK *workbenchAttribute `json:"SortKey"`
	} `json:"KeyAttributes"`
	Attributes []workbenchAttribute `json:"NonKeyAttributes"`
	Facets     []struct {
		Name  string `json:"FacetName"`
		Alias struct {
			PK string `json:"PartitionKeyAlias"`
			SK string `json:"SortKeyAlias"`
		} `json:"KeyAttributeAlias"`
		Attributes []string          `json:"NonKeyAttributes"`
		Data       []json.RawMessage `json:"TableData"`
	} `json:"TableFacets"`
	Data []json.RawMessage `json:"TableData"`
}

type workbenchAttribute struct {
	Name string `json:"AttributeName"`
	Type string `json:"AttributeType"`
}

// workbench reads a model of NoSQL Workbench. Its facets are views, which may show
// an item twice; with sample data, the items say more than the aliases of keys.
func workbench(text []byte, table string) (*Design, error) {
	var file struct {
		Tables []workbenchTable `json:"DataModel"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("it is not a model of NoSQL Workbench: %w", err)
	}
	t, err := one(file.Tables, table, func(t workbenchTable) string { return t.Name })
	if err != nil {
		return nil, err
	}
	d := &Design{Format: "a model of NoSQL Workbench", Table: t.Name, Keys: []Key{{t.Keys.PK.Name, t.Keys.PK.Type}}}
	if t.Keys.SK != nil {
		d.Keys = append(d.Keys, Key{t.Keys.SK.Name, t.Keys.SK.Type})
	}
	kinds := map[string]Kind{}
	for _, a := range t.Attributes {
		kinds[a.Name] = map[string]Kind{"N": Decimal, "BOOL": Truth, "M": Map, "L": List, "SS": Set, "NS": Set, "BS": Set, "B": Bytes}[a.Type]
		if kinds[a.Name] == Text && saysTime(a.Name) {
			kinds[a.Name] = Time
		}
	}
	samples := slices.Clone(t.Data)
	for _, f := range t.Facets {
		e := Entity{Name: f.Name}
		for i, alias := range []string{f.Alias.PK, f.Alias.SK}[:len(d.Keys)] {
			e.Templates = append(e.Templates, Template{d.Keys[i].Name, aliased(d.Keys[i].Name, alias)})
		}
		for _, name := range f.Attributes {
			e.Fields = append(e.Fields, Field{Name: name, Kind: kinds[name]})
		}
		for _, item := range f.Data {
			e.Samples = append(e.Samples, string(item))
		}
		samples = append(samples, f.Data...)
		d.Entities = append(d.Entities, e)
	}
	if len(t.Facets) == 0 {
		e := Entity{Name: t.Name}
		for _, k := range d.Keys {
			e.Templates = append(e.Templates, Template{k.Name, []Part{{Field: k.Name}}})
		}
		for _, a := range t.Attributes {
			e.Fields = append(e.Fields, Field{Name: a.Name, Kind: kinds[a.Name]})
		}
		d.Entities = append(d.Entities, e)
	}
	return d, d.sample(samples)
}

// aliased makes a template of the alias of a key. Without a placeholder it is no
// more than a name.
func aliased(key, alias string) []Part {
	for _, marks := range [][2]string{{"${", "}"}, {"{", "}"}, {"<", ">"}, {"[", "]"}} {
		if parts := parse(alias, marks[0], marks[1]); slices.ContainsFunc(parts, func(p Part) bool { return p.Field != "" }) {
			return parts
		}
	}
	return []Part{{Field: key}}
}

// sample takes items of sample data, each once.
func (d *Design) sample(all []json.RawMessage) error {
	seen := map[string]bool{}
	for n, text := range all {
		var item map[string]json.RawMessage
		if err := json.Unmarshal(text, &item); err != nil {
			return fmt.Errorf("item %d of the sample data is not DynamoDB JSON: %w", n+1, err)
		}
		var id strings.Builder
		for _, k := range d.Keys {
			if item[k.Name] == nil {
				return fmt.Errorf("item %d of the sample data has no key %s", n+1, k.Name)
			}
			id.Write(item[k.Name])
		}
		compact, err := json.Marshal(item)
		if err != nil {
			return fmt.Errorf("item %d of the sample data is not DynamoDB JSON: %w", n+1, err)
		}
		if !seen[id.String()] {
			seen[id.String()] = true
			d.Items = append(d.Items, string(compact))
		}
	}
	return nil
}
