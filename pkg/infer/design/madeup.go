package design

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// perEntity is how many items are made up of an entity: enough that what refers to
// what cannot be chance.
const perEntity = 64

// Source returns items that follow the design: its sample data, or else items that
// are made up. An id has one value in all entities, so a field that is called like
// the id of another entity refers to it.
func (d *Design) Source() (items []string, madeUp bool) {
	if len(d.Items) > 0 {
		return d.Items, false
	}
	seen := map[string]bool{}
	for _, e := range d.Entities {
		for i := range perEntity {
			item := map[string]any{}
			if d.TypeAttribute != "" && e.Value != "" {
				item[d.TypeAttribute] = typed("S", e.Value)
			}
			own := d.own(e)
			for _, f := range e.Fields {
				item[f.Name] = f.value(e.Name, i, f.Name == own)
			}
			for _, t := range e.Templates {
				item[t.Attribute] = typed("S", e.fill(t, i, own))
			}
			for _, k := range d.Keys {
				if item[k.Name] == nil {
					item[k.Name] = typed("S", id(k.Name, i))
				}
				if k.Type == "N" {
					item[k.Name] = typed("N", fmt.Sprint(1000+i))
				}
			}
			key := fmt.Sprint(item[d.Keys[0].Name], item[d.Keys[len(d.Keys)-1].Name])
			if text, err := json.Marshal(item); err == nil && !seen[key] {
				seen[key] = true
				items = append(items, string(text))
			}
		}
	}
	return items, true
}

// own is the field that identifies an entity: the last one in its keys.
func (d *Design) own(e Entity) string {
	last := ""
	for _, k := range d.Keys {
		for _, t := range e.Templates {
			if t.Attribute != k.Name {
				continue
			}
			for _, p := range t.Parts {
				if p.Field != "" {
					last = p.Field
				}
			}
		}
	}
	if last == "" {
		last = d.Keys[0].Name
	}
	return last
}

// Example is a text that follows a template of the entity.
func (e Entity) Example(t Template) string { return e.fill(t, 0, "") }

// KeyText is the text of a key of an item, which is the JSON of its attributes.
func KeyText(item, key string) (string, bool) {
	var all map[string]map[string]any
	if err := json.Unmarshal([]byte(item), &all); err != nil {
		return "", false
	}
	for _, v := range all[key] {
		text, ok := v.(string)
		return text, ok
	}
	return "", false
}

// fill is the text of a key of the i-th item.
func (e Entity) fill(t Template, i int, own string) string {
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Field == "" {
			b.WriteString(p.Literal)
			continue
		}
		f := Field{Name: p.Field}
		for _, known := range e.Fields {
			if known.Name == p.Field {
				f = known
			}
		}
		for _, v := range f.value(e.Name, i, p.Field == own) {
			fmt.Fprint(&b, v)
		}
	}
	return b.String()
}

// value is what a field has in the i-th item. Ids that are not the item's own are
// those of few others.
func (f Field) value(entity string, i int, own bool) map[string]any {
	n := i
	if !own {
		n = int(sha256.Sum256(fmt.Append(nil, entity, f.Name, i))[0]) % 12
	}
	at := time.Unix(1_700_000_000+int64(i)*86_400, 0).UTC()
	switch f.Kind {
	case Integer:
		return typed("N", fmt.Sprint(10_000+i))
	case Decimal:
		return typed("N", fmt.Sprintf("%d.25", 10_000+i))
	case Truth:
		return map[string]any{"BOOL": i%2 == 0}
	case Time:
		return typed("S", at.Format("2006-01-02T15:04:05Z"))
	case Millis:
		return typed("N", fmt.Sprint(at.UnixMilli()))
	case Bytes:
		return typed("B", base64.StdEncoding.EncodeToString([]byte(id(f.Name, n))))
	case Set:
		return map[string]any{"SS": []string{id(f.Name, n)}}
	case Map, List:
		members := map[string]any{}
		for _, m := range f.Fields {
			members[m.Name] = m.value(entity+f.Name, i, false)
		}
		if f.Kind == Map {
			return map[string]any{"M": members}
		}
		if len(members) == 0 {
			return map[string]any{"L": []any{}}
		}
		return map[string]any{"L": []any{map[string]any{"M": members}}}
	default:
	}
	return typed("S", id(f.Name, n))
}

func typed(kind, text string) map[string]any { return map[string]any{kind: text} }

// id is the n-th value of the fields of a name.
func id(field string, n int) string {
	sum := sha256.Sum256(fmt.Append(nil, field, " ", n))
	return "7" + hex.EncodeToString(sum[:])[:25]
}
