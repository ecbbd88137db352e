package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// exportedType spells the type of an item in DynamoDB JSON: every attribute
// that the model reads, each in a struct with a field for each type that it
// occurs with, "struct<pk:struct<s:string>,…>". The catalog keeps names in lower
// case, and the serde finds attributes whatever their case. It leaves out what
// cannot be a field, and returns the paths.
func exportedType(m model.Model) (spelled string, missing []string) {
	root := &attributes{}
	for _, key := range m.Keys {
		root.add([]string{string(key.Kind)}, key.Name)
	}
	for _, name := range m.TypeFrom {
		root.add([]string{"S"}, name)
	}
	for _, item := range m.Items {
		for _, key := range item.Keys {
			if !key.TableKey {
				root.add([]string{"S"}, key.Attribute)
			}
		}
		root.columns(item.Columns)
		for _, nested := range item.Nested {
			root.rows(nested.Path).columns(nested.Columns)
		}
	}
	spelled = root.spell("", &missing)
	return spelled, missing
}

// exportedKinds are the DynamoDB types that a column's values may have; none if
// they may have any.
func exportedKinds(c model.Column) []string {
	var kinds []string
	switch c.Type.Kind {
	case model.KindInteger, model.KindBigInt, model.KindDecimal, model.KindDouble:
		kinds = []string{"N"}
	case model.KindBoolean:
		kinds = []string{"BOOL"}
	case model.KindJSON:
		return nil
	default: // dates are text by convention: DynamoDB has no type for them
		kinds = []string{"S"}
		if c.Format == model.FormatSeconds || c.Format == model.FormatMillis {
			kinds = []string{"N", "S"}
		}
	}
	if c.Converts {
		kinds = append(kinds, c.Type.Conversions()...)
	}
	return kinds
}

// attributes are the attributes of an item or of a map in it, in the order in
// which the model names them.
type attributes struct {
	names []string
	of    map[string]*attribute
}

// attribute is what the model reads of an attribute.
type attribute struct {
	any   bool        // a column takes it whatever its type is
	kinds []string    // scalar types
	inner *attributes // of a map; nil if no path leads through it
	rows  *attributes // of the maps in a list or map; nil if it holds no rows
}

func (a *attributes) get(name string) *attribute {
	if a.of == nil {
		a.of = map[string]*attribute{}
	}
	if a.of[name] == nil {
		a.names, a.of[name] = append(a.names, name), &attribute{}
	}
	return a.of[name]
}

// at returns the attribute at the end of a path, which has at least one name.
func (a *attributes) at(path []string) *attribute {
	for len(path) > 1 {
		through := a.get(path[0])
		if through.inner == nil {
			through.inner = &attributes{}
		}
		a, path = through.inner, path[1:]
	}
	return a.get(path[0])
}

func (a *attributes) add(kinds []string, path ...string) {
	end := a.at(path)
	for _, kind := range kinds {
		if !slices.Contains(end.kinds, kind) {
			end.kinds = append(end.kinds, kind)
		}
	}
}

// rows returns the attributes of the maps in the list or map at the end of a path.
func (a *attributes) rows(path []string) *attributes {
	end := a.at(path)
	if end.rows == nil {
		end.rows = &attributes{}
	}
	return end.rows
}

func (a *attributes) columns(columns []model.Column) {
	for _, c := range columns {
		if len(c.From) == 0 {
			continue
		}
		kinds := exportedKinds(c)
		a.add(kinds, c.From...)
		if kinds == nil {
			a.at(c.From).any = true
		}
	}
}

// spell spells the struct of the attributes. Names that no field of a Glue struct
// may have, or that differ from another's in case only, are added to missing.
func (a *attributes) spell(path string, missing *[]string) string {
	seen := map[string]bool{}
	var fields []string
	for _, name := range a.names {
		field := strings.ToLower(name)
		if seen[field] || !regexp.MustCompile(`^\w+$`).MatchString(name) {
			*missing = append(*missing, path+name)
			continue
		}
		seen[field] = true
		fields = append(fields, field+":"+a.of[name].spell(path+name+".", missing))
	}
	return "struct<" + strings.Join(fields, ",") + ">"
}

// spell spells a field for each type of the attribute. Where a column takes any
// type no fields could hold all of them: it is the text that stands in the export.
func (a *attribute) spell(path string, missing *[]string) string {
	if a.any {
		return "string"
	}
	var kinds []string
	for _, kind := range a.kinds {
		spelled := "string"
		if kind == "BOOL" {
			spelled = "boolean"
		}
		kinds = append(kinds, strings.ToLower(kind)+":"+spelled)
	}
	var row string // in a list or a map of maps
	if a.rows != nil {
		row = "struct<m:" + a.rows.spell(path, missing) + ">"
		kinds = append(kinds, "l:array<"+row+">")
	}
	switch {
	case a.inner != nil:
		kinds = append(kinds, "m:"+a.inner.spell(path, missing))
	case a.rows != nil:
		kinds = append(kinds, "m:map<string,"+row+">")
	}
	return "struct<" + strings.Join(kinds, ",") + ">"
}
