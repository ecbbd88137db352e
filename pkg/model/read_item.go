package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// item resolves an item type.
func (r *reader) item(name word, f itemFile) Item {
	item := Item{
		Rows:        Rows{Name: name.text, Table: name.text, Doc: f.Doc.text},
		Values:      texts(f.Type),
		Skip:        f.Skip.value,
		SetAside:    r.limit(f.Limits.SetAside, defaultItemSetAside, defaultShare),
		WrongValues: r.limit(f.Limits.WrongValues, defaultWrongValues, defaultWrongShare),
		Shrink:      defaultShrink,
		Unknown:     map[string]Unknown{"": KeepUnknown, "keep": KeepUnknown, "ignore": IgnoreUnknown, "refuse": RefuseUnknown}[f.Unknown.text],
	}
	if f.Limits.Shrink.line > 0 {
		item.Shrink = f.Limits.Shrink.value
	}
	if item.Values == nil {
		item.Values = []string{name.text}
	}
	if f.Type != nil && len(r.out.TypeFrom) == 0 {
		r.at(f.Type[0].place, "item type %q has a value of the type attribute, and the table has no type attribute: write table: { typeAttribute: … }, or keys: { … }", name.text)
	}
	item.Keys = r.templates(name, f)
	if f.Skip.value {
		if f.Columns != nil || f.Rows != nil {
			r.at(f.Skip.place, "item type %q is skipped, so it has no columns: leave out one of both", name.text)
		}
		return item
	}
	if f.Columns == nil {
		r.at(f.place, "item type %q has no columns: declare one, or write \"skip: true\"", name.text)
	}
	r.unique("column", names(f.Columns))
	for _, c := range f.Columns {
		item.Columns = append(item.Columns, r.column(c.name, c.value, item.Keys))
	}
	for _, k := range f.Keys {
		template, err := ParseTemplate(k.value.text)
		if err != nil {
			continue // reported
		}
		for _, capture := range template.Names() {
			if _, declared := item.Column(capture); !declared {
				r.at(k.value.place, "{%s} fills a column that item type %q does not declare: add \"%s: string(64)\" to its columns", capture, name.text, capture)
			}
		}
	}
	item.Columns = append(item.Columns, implicit(r.out.Keys, item)...)
	item.Identity = identity(r.out.Keys, item)
	r.unique("rows", names(f.Rows))
	for _, n := range f.Rows {
		item.Nested = append(item.Nested, r.nested(item, n.name, n.value))
	}
	return item
}

// templates reads what keys look like.
func (r *reader) templates(name word, f itemFile) []KeyTemplate {
	var found []KeyTemplate
	for _, k := range f.Keys {
		template, err := ParseTemplate(k.value.text)
		if err != nil {
			r.at(k.value.place, "the template of %s: %v", k.name.text, err)
			continue
		}
		i := slices.IndexFunc(r.out.Keys, func(key Key) bool { return key.Name == k.name.text })
		if i >= 0 && r.out.Keys[i].Kind != KeyString && (len(template.parts) != 1 || !template.parts[0].capture) {
			r.at(k.value.place, "%s has type %s: its template is one column in braces, such as {id}", k.name.text, r.out.Keys[i].Kind)
		}
		found = append(found, KeyTemplate{Attribute: k.name.text, TableKey: i >= 0, Template: template})
	}
	if len(r.out.TypeFrom) == 0 {
		for _, key := range r.out.Keys {
			if !slices.ContainsFunc(f.Keys, func(k entry[word]) bool { return k.name.text == key.Name }) {
				r.at(name.place, "item type %q has no template for the key %s, and the table has no type attribute that decides: add keys: { %s: \"…\" }", name.text, key.Name, key.Name)
			}
		}
	}
	return found
}

// identity lists the columns that identify an item.
func identity(keys []Key, item Item) []string {
	var found []string
	for _, key := range keys {
		for _, name := range keyColumns(key, item) {
			if !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	for _, c := range item.Columns {
		if len(found) == 0 && c.Implicit {
			return []string{c.Name}
		}
	}
	return found
}

// keyColumns lists the columns that together say what a key is: what its
// template captures or, without a template, the column that it fills. Nil if
// there are none.
func keyColumns(key Key, item Item) []string {
	i := slices.IndexFunc(item.Keys, func(k KeyTemplate) bool { return k.Attribute == key.Name })
	if i >= 0 {
		return item.Keys[i].Template.Names()
	}
	for _, c := range item.Columns {
		if len(c.From) == 1 && c.From[0] == key.Name {
			return []string{c.Name}
		}
	}
	return nil
}

// implicit makes columns of keys that the item type says nothing of, so that its
// items can be told apart. If all keys are literals there is one item at most,
// which is identified by its partition key.
func implicit(keys []Key, item Item) []Column {
	var made []Column
	taken := append([]string{"position", "entry"}, Names(item.Columns)...)
	add := func(i int) {
		key := keys[i]
		bytes := []int{2048, 1024}[i] // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
		switch key.Kind {
		case KeyNumber:
			bytes = 172 // 38 digits, and up to 130 zeros
		case KeyBinary:
			bytes = (bytes + 2) / 3 * 4
		case KeyString:
		}
		name := nameOf(key.Name)
		for slices.Contains(taken, name) {
			name += "_"
		}
		taken = append(taken, name)
		made = append(made, Column{
			Name: name, Type: String(bytes), From: []string{key.Name}, Implicit: true, Required: true, Key: true,
			Converts: key.Kind != KeyString, Wrong: WrongItem, Doc: "The key " + key.Name + " as it is.",
		})
	}
	captured := false
	for i, key := range keys {
		hasTemplate := slices.ContainsFunc(item.Keys, func(k KeyTemplate) bool { return k.Attribute == key.Name })
		columns := keyColumns(key, item)
		if captured = captured || len(columns) > 0; !hasTemplate && len(columns) == 0 {
			add(i)
		}
	}
	if !captured && len(made) == 0 && len(keys) > 0 {
		add(0)
	}
	return made
}

// nameOf makes the name of a column of that of an attribute.
func nameOf(attribute string) string {
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, strings.ToLower(attribute))
	if !isName(name) || len(name) > maxName-4 {
		name = fmt.Sprintf("key_%.40s", name)
	}
	return name
}

// column resolves a column of an item type.
func (r *reader) column(name word, f columnFile, templates []KeyTemplate) Column {
	c := Column{Name: name.text, Doc: f.Doc.text, Required: f.Required.value, Converts: f.Convert.value, Layout: f.Layout.text, Truncate: f.Truncate.value}
	c.Type = r.typeOf(f.Type)
	c.From = []string{name.text}
	if f.From.set() {
		c.From = r.path(f.From)
	}
	for _, k := range templates {
		if k.Template.Captures(name.text) {
			c.Captured = true
			c.Key = c.Key || k.TableKey
		}
	}
	isKey := func(k Key) bool { return len(c.From) == 1 && c.From[0] == k.Name }
	if i := slices.IndexFunc(r.out.Keys, isKey); i >= 0 {
		c.Key = true
		c.Converts = c.Converts || r.out.Keys[i].Kind != KeyString
	}
	c.Required = c.Required || c.Key
	c.Converts = c.Converts || c.Captured
	r.format(&c, f)
	r.wrong(&c, f)
	if f.Convert.value && len(c.Type.Conversions()) == 0 {
		r.at(f.Convert.place, "nothing is converted to %s: leave out convert", f.Type.text)
	}
	if c.Captured && (c.Type.Kind == KindJSON || c.Type.Kind == KindDouble) {
		r.at(f.Type.place, "a column in a key template cannot be %s: write string(n), a number, a date or a timestamp", f.Type.text)
	}
	return c
}

// format reads how a timestamp is written.
func (r *reader) format(c *Column, f columnFile) {
	isTime := c.Type.Kind == KindTimestamp || c.Type.Kind == KindDate
	for _, w := range []word{f.Format, f.Layout} {
		if w.set() && !isTime {
			r.at(w.place, "column %q is %s: only a timestamp or a date has a format", c.Name, f.Type.text)
		}
	}
	if f.Truncate.line > 0 && c.Type.Kind != KindTimestamp {
		r.at(f.Truncate.place, "column %q is %s: only a timestamp is truncated, to the microsecond", c.Name, f.Type.text)
	}
	if f.Truncate.value && (f.Layout.set() || f.Format.set() && f.Format.text != "iso8601") {
		r.at(f.Truncate.place, "only ISO 8601 text is truncated: leave out truncate, or the format")
	}
	if f.Format.set() && f.Layout.set() {
		r.at(f.Layout.place, "column %q has a format and a layout: leave out one of both", c.Name)
	}
	switch {
	case f.Layout.set():
		c.Format = FormatLayout
		if !strings.ContainsAny(f.Layout.text, "0123456789") {
			r.at(f.Layout.place, "the layout %q says nothing of a time: write the moment Mon Jan 2 15:04:05 2006 as the attribute would, such as 02.01.2006 15:04", f.Layout.text)
		}
	default:
		c.Format = map[string]Format{"": FormatISO, "iso8601": FormatISO, "rfc1123": FormatRFC1123, "epochSeconds": FormatSeconds, "epochMillis": FormatMillis}[f.Format.text]
	}
	if c.Type.Kind == KindDate && (c.Format == FormatSeconds || c.Format == FormatMillis) {
		r.at(f.Format.place, "column %q is a date: seconds since 1970 are a timestamp; a fact's calendar takes its day", c.Name)
	}
}

// wrong reads what a wrong value costs.
func (r *reader) wrong(c *Column, f columnFile) {
	c.Wrong = WrongValue
	if c.Required || c.Key {
		c.Wrong = WrongItem
	}
	switch f.WhenWrong.text {
	case "value":
		if c.Required {
			r.at(f.WhenWrong.place, "column %q identifies or is required, so a row without it is worthless: write item or night", c.Name)
		}
	case "item":
		c.Wrong = WrongItem
	case "night":
		c.Wrong = WrongNight
	}
}

// wrongRows reads what it costs if a row within an item cannot be made.
func wrongRows(w word) Policy {
	switch w.text {
	case "item":
		return WrongItem
	case "night":
		return WrongNight
	}
	return WrongRow
}

// path reads the path to an attribute: names with dots between them, and double
// quotes around a name that contains a dot.
func (r *reader) path(w word) []string {
	var path []string
	rest := w.text
	for {
		name, after, more := strings.Cut(rest, ".")
		if strings.HasPrefix(rest, `"`) {
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				r.at(w.place, "the path %s has a quote that is not closed", w.text)
				return []string{w.text}
			}
			name, after = rest[1:end+1], rest[end+2:]
			more = strings.HasPrefix(after, ".")
			if after != "" && !more {
				r.at(w.place, "the path %s goes on after a quote: a dot belongs there", w.text)
				return []string{w.text}
			}
			after = strings.TrimPrefix(after, ".")
		}
		if name == "" {
			r.at(w.place, "the path %s has an empty name: put a name that contains a dot in double quotes, '\"a.b\".c'", w.text)
			return []string{w.text}
		}
		path = append(path, name)
		if !more {
			return path
		}
		rest = after
	}
}

// typeOf reads a type.
func (r *reader) typeOf(w word) Type {
	name, arguments, bracket := strings.Cut(w.text, "(")
	var numbers []int
	if bracket {
		inner, closed := strings.CutSuffix(arguments, ")")
		for text := range strings.SplitSeq(inner, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil || !closed {
				r.at(w.place, "%q is not a type: write string(64) or decimal(18,2)", w.text)
				return Integer()
			}
			numbers = append(numbers, n)
		}
	}
	plain := map[string]Type{
		"text": Text(), "integer": Integer(), "bigint": BigInt(), "double": Double(), "boolean": Boolean(),
		"date": Date(), "timestamp": Timestamp(), "json": JSON(),
	}
	var t Type
	switch {
	case name == "string" && len(numbers) == 1:
		t = String(numbers[0])
	case name == "string":
		r.at(w.place, "string has a length in bytes: write string(64)")
		return Text()
	case name == "decimal" && len(numbers) == 2:
		t = Decimal(numbers[0], numbers[1])
	case name == "decimal":
		r.at(w.place, "decimal has digits, and digits after the point: write decimal(18,2)")
		return Integer()
	default:
		known, ok := plain[name]
		if !ok {
			r.at(w.place, "%q is not a type: %s", w.text, nearest(name, typeNames()))
			return Integer()
		}
		if bracket {
			r.at(w.place, "%s has no length: write %s", name, name)
		}
		t = known
	}
	if err := t.validate(); err != nil {
		r.at(w.place, "%v", err)
	}
	return t
}

func typeNames() []string {
	return []string{"string", "text", "integer", "bigint", "decimal", "double", "boolean", "date", "timestamp", "json"}
}

// nested resolves rows within an item.
func (r *reader) nested(item Item, name word, f rowsFile) Rows {
	rows := Rows{Name: item.Name + "." + name.text, Table: item.Table + "_" + name.text, Doc: f.Doc.text, Wrong: wrongRows(f.Wrong)}
	place := Column{Name: "position", Type: Integer(), Position: true, Required: true, Key: true, Wrong: rows.Wrong, Doc: "The place in the list, from 1."}
	switch {
	case f.List.set() && f.Map.set(), !f.List.set() && !f.Map.set():
		r.at(name.place, "rows %q are a list or a map: write one of \"list: PATH\" and \"map: PATH\"", name.text)
		rows.Path = []string{name.text}
	case f.List.set():
		rows.Path = r.path(f.List)
	case f.Map.set():
		rows.Path = r.path(f.Map)
		place = Column{Name: "entry", Type: String(255), Position: true, Required: true, Key: true, Wrong: rows.Wrong, Doc: "The name in the map."}
	}
	if !item.Declared() {
		r.at(name.place, "rows %q cannot be told apart: declare the keys of item type %q, so that their columns identify its rows", name.text, item.Name)
	}
	for _, key := range item.Identity {
		if key == place.Name {
			r.at(name.place, "rows %q would have two columns %q, that of the keys of item type %q and the place of a row: rename the one in the keys", name.text, key, item.Name)
			continue
		}
		c, _ := item.Column(key)
		c.Inherits, c.Captured, c.From = true, false, nil
		rows.Columns = append(rows.Columns, c)
	}
	rows.Columns = append(rows.Columns, place)
	rows.Identity = append(slices.Clone(item.Identity), place.Name)
	r.unique("column", names(f.Columns))
	for _, c := range f.Columns {
		if _, taken := rows.Column(c.name.text); taken {
			r.at(c.name.place, "rows %q have a column %q from the keys of their item already: choose another name, with \"from: %s\"", name.text, c.name.text, c.name.text)
			continue
		}
		column := r.column(c.name, c.value, nil)
		column.Key = false
		column.Required = c.value.Required.value
		switch {
		case c.value.WhenWrong.set():
		case column.Required:
			column.Wrong = rows.Wrong
		default:
			column.Wrong = WrongValue
		}
		rows.Columns = append(rows.Columns, column)
	}
	return rows
}

// apart checks that no two item types claim the same items.
func (r *reader) apart() {
	items := r.out.Items
	for i := range items {
		for j := range i {
			if len(items[i].Keys) < len(r.file.Items[i].value.Keys) || len(items[j].Keys) < len(r.file.Items[j].value.Keys) {
				continue // a template of theirs is wrong, which is reported
			}
			if key, both := claims(r.out, items[j], items[i]); both {
				r.at(r.file.Items[i].name.place, "item types %q and %q cannot be told apart: an item with %s is both; give them different literals, keep a mark out of an id such as {id!#}, or name a type attribute", items[j].Name, items[i].Name, key)
			}
		}
	}
}

// claims returns an example of an item that is of both types.
func claims(m Model, a, b Item) (string, bool) {
	common := slices.IndexFunc(a.Values, func(v string) bool { return slices.Contains(b.Values, v) })
	if len(m.TypeFrom) > 0 && common < 0 {
		return "", false // the type attribute decides
	}
	var example []string
	if len(m.TypeFrom) > 0 {
		example = append(example, fmt.Sprintf("%s %q", m.TypeFrom[0], a.Values[common]))
	}
	for _, key := range m.Keys {
		in := func(item Item) int {
			return slices.IndexFunc(item.Keys, func(k KeyTemplate) bool { return k.Attribute == key.Name })
		}
		x, y := in(a), in(b)
		if x < 0 || y < 0 {
			continue // one of both takes any key
		}
		text, overlap := a.Keys[x].Template.Common(b.Keys[y].Template)
		if !overlap {
			return "", false
		}
		example = append(example, fmt.Sprintf("%s %q", key.Name, text))
	}
	return strings.Join(example, ", "), true
}
