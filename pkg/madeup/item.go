package madeup

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// item writes a row as an item.
func (w *world) item(t *kind, row values) Item {
	r := w.random(t.Name, "item", fmt.Sprint(row))
	item := Item{}
	if len(w.model.TypeFrom) > 0 {
		item[w.model.TypeFrom[0]] = &types.AttributeValueMemberS{Value: t.Values[r.IntN(len(t.Values))]}
	}
	for _, c := range t.Columns {
		v, has := row[c.Name]
		isKey := len(c.From) == 1 && slices.ContainsFunc(w.model.Keys, func(k model.Key) bool { return k.Name == c.From[0] })
		if !has || c.Captured || c.From == nil || isKey {
			continue
		}
		put(item, c.From, v.attribute())
	}
	for _, key := range w.model.Keys {
		if i := slices.IndexFunc(t.Columns, func(c model.Column) bool { return len(c.From) == 1 && c.From[0] == key.Name }); i >= 0 {
			item[key.Name] = keyValue(key.Kind, row[t.Columns[i].Name].text)
			continue
		}
		item[key.Name] = keyValue(key.Kind, "1")
	}
	for _, k := range t.Keys {
		var captures []string
		whole := true
		for _, name := range k.Template.Names() {
			v, has := row[name]
			whole = whole && has && v.text != ""
			captures = append(captures, v.text)
		}
		if !whole {
			continue // of an index, in which the item is not
		}
		kind := model.KeyString
		if i := slices.IndexFunc(w.model.Keys, func(key model.Key) bool { return key.Name == k.Attribute }); i >= 0 {
			kind = w.model.Keys[i].Kind
		}
		item[k.Attribute] = keyValue(kind, k.Template.Fill(captures))
	}
	for _, rows := range t.Nested {
		put(item, rows.Path, w.nested(t, rows, row))
	}
	return item
}

// nested makes the rows within an item up.
func (w *world) nested(t *kind, rows model.Rows, parent values) types.AttributeValue {
	r := w.random(t.Name, rows.Name, fmt.Sprint(parent))
	list, entries := []types.AttributeValue{}, map[string]types.AttributeValue{}
	isList := true
	at := firstDay.Add(time.Duration(r.Int64N(int64(lastDay.Sub(firstDay)))))
	for n := range r.IntN(4) {
		element := Item{}
		for _, c := range rows.Columns {
			isList = isList && (!c.Position || c.Type.Kind == model.KindInteger)
			if c.Inherits || c.Position || c.DayOf != "" {
				continue
			}
			v, refers := w.other(t, rows, c)
			if !refers {
				v = w.value(r, c, &at)
			}
			put(element, c.From, v.attribute())
		}
		list = append(list, &types.AttributeValueMemberM{Value: element})
		entries["entry"+strconv.Itoa(n+1)] = &types.AttributeValueMemberM{Value: element}
	}
	for _, c := range rows.Columns {
		isList = isList && (!c.Position || c.Type.Kind == model.KindInteger)
	}
	if isList {
		return &types.AttributeValueMemberL{Value: list}
	}
	return &types.AttributeValueMemberM{Value: entries}
}

// other returns a value that leads to an item which the rows look up by this
// column alone.
func (w *world) other(t *kind, rows model.Rows, c model.Column) (value, bool) {
	for _, fact := range w.model.Facts {
		if fact.Of != rows.Name {
			continue
		}
		for _, l := range fact.With {
			if len(l.On) != 1 || l.On[0].Ref != (model.Ref{Column: c.Name}) {
				continue
			}
			i := slices.IndexFunc(w.types, func(other *kind) bool { return other.Name == l.Of })
			if i >= 0 && len(w.types[i].rows) > 0 {
				r := w.random(t.Name, rows.Name, c.Name, len(t.rows))
				return w.types[i].rows[r.IntN(len(w.types[i].rows))][l.On[0].Column], true
			}
		}
	}
	return value{}, false
}

// put sets the attribute at a path, through maps that it makes.
func put(item Item, path []string, v types.AttributeValue) {
	for _, name := range path[:len(path)-1] {
		inner, ok := item[name].(*types.AttributeValueMemberM)
		if !ok {
			inner = &types.AttributeValueMemberM{Value: Item{}}
			item[name] = inner
		}
		item = inner.Value
	}
	item[path[len(path)-1]] = v
}

func keyValue(kind model.KeyKind, text string) types.AttributeValue {
	switch kind {
	case model.KeyNumber:
		return &types.AttributeValueMemberN{Value: text}
	case model.KeyBinary:
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			raw = []byte(text)
		}
		return &types.AttributeValueMemberB{Value: raw}
	case model.KeyString:
	}
	return &types.AttributeValueMemberS{Value: text}
}

func (v value) attribute() types.AttributeValue {
	switch v.kind {
	case 'N':
		return &types.AttributeValueMemberN{Value: v.text}
	case 'b':
		return &types.AttributeValueMemberBOOL{Value: v.text == "true"}
	case 'j':
		return &types.AttributeValueMemberM{Value: Item{
			"name": &types.AttributeValueMemberS{Value: v.text},
			"tags": &types.AttributeValueMemberSS{Value: []string{v.text, "made-up"}},
		}}
	}
	return &types.AttributeValueMemberS{Value: v.text}
}
