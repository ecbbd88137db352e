package design

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// mcpTable is a table of a schema.json.
type mcpTable struct {
	Config struct {
		Name string `json:"table_name"`
		PK   string `json:"partition_key"`
		SK   string `json:"sort_key"`
	} `json:"table_config"`
	Indexes []struct {
		Name string `json:"name"`
		PK   any    `json:"partition_key"` // one name, or several
		SK   any    `json:"sort_key"`
	} `json:"gsi_list"`
	Entities map[string]mcpEntity `json:"entities"`
}

type mcpEntity struct {
	PK       string `json:"pk_template"`
	SK       string `json:"sk_template"`
	Mappings []struct {
		Name string `json:"name"`
		PK   any    `json:"pk_template"`
		SK   any    `json:"sk_template"`
	} `json:"gsi_mappings"`
	Fields []struct {
		Name     string `json:"name"`
		Type     string `json:"type"`
		Item     string `json:"item_type"`
		Required bool   `json:"required"`
	} `json:"fields"`
}

// mcp reads the schema.json of the DynamoDB MCP server.
func mcp(text []byte, table string) (*Design, error) {
	var file struct {
		Tables []mcpTable `json:"tables"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("it is not a schema.json of the DynamoDB MCP server: %w", err)
	}
	t, err := one(file.Tables, table, func(t mcpTable) string { return t.Config.Name })
	if err != nil {
		return nil, err
	}
	d := &Design{Format: "a schema.json of the DynamoDB MCP server", Table: t.Config.Name, Keys: []Key{{t.Config.PK, "S"}}}
	if t.Config.SK != "" {
		d.Keys = append(d.Keys, Key{t.Config.SK, "S"})
	}
	for _, name := range slices.Sorted(maps.Keys(t.Entities)) {
		e, err := t.entity(name)
		if err != nil {
			return nil, err
		}
		d.Entities = append(d.Entities, e)
	}
	return d, nil
}

func (t mcpTable) entity(name string) (Entity, error) {
	from := t.Entities[name]
	e := Entity{Name: name}
	kinds := map[string]Kind{"string": Text, "uuid": Text, "integer": Integer, "decimal": Decimal, "boolean": Truth, "array": List, "object": Map}
	for _, f := range from.Fields {
		kind, known := kinds[f.Type]
		if !known {
			return Entity{}, fmt.Errorf("%s.%s is of type %q, and types are string, integer, decimal, boolean, array, object and uuid", name, f.Name, f.Type)
		}
		if kind == Text && saysTime(f.Name) {
			kind = Time
		}
		e.Fields = append(e.Fields, Field{Name: f.Name, Kind: kind, Required: f.Required})
	}
	add := func(attribute, template string) {
		isField := slices.ContainsFunc(e.Fields, func(f Field) bool { return f.Name == attribute })
		if attribute != "" && template != "" && !(isField && template == "{"+attribute+"}") {
			e.Templates = append(e.Templates, Template{attribute, parse(template, "{", "}")})
		}
	}
	add(t.Config.PK, from.PK)
	add(t.Config.SK, from.SK)
	for _, m := range from.Mappings {
		for _, index := range t.Indexes {
			if index.Name != m.Name {
				continue
			}
			for _, pair := range [][2]any{{index.PK, m.PK}, {index.SK, m.SK}} {
				attribute, one := pair[0].(string) // keys of several attributes are attributes themselves
				template, too := pair[1].(string)
				if one && too {
					add(attribute, template)
				}
			}
		}
	}
	if cmp.Or(from.PK, from.SK) == "" {
		return Entity{}, fmt.Errorf("%s has no pk_template", name)
	}
	return e, nil
}
