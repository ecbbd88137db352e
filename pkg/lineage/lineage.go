// Package lineage says where each column of the warehouse comes from: from
// which attribute of which item type, by which rule of the model.
//
// People read it, and the warehouse keeps it beside each column, so that a later
// model can be compared with what is there: a column that has its name and type
// and comes from elsewhere is another column.
package lineage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/expr"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// Column is a column of a table of the warehouse.
type Column struct {
	Schema   string // without the model's prefix
	Table    string
	Name     string
	Type     string // as Redshift spells it
	Required bool
	Key      bool   // part of the table's key
	Of       string // the set of rows that the value comes from, "order.line"; empty if Nightstar makes it
	From     string // where the value comes from, in words
}

// CountsVersions reports whether the column numbers the versions of members.
func (c Column) CountsVersions() bool { return c.Name == model.Version && c.From == history(c.Name) }

// Columns returns all columns of a model's warehouse, in the order of creation.
func Columns(m model.Model) []Column {
	t := tracer{m}
	var all []Column
	for _, table := range star.Tables(m) {
		schema := strings.TrimPrefix(table.Schema, m.Prefix)
		for _, c := range table.Columns {
			of, from := t.origin(schema, table.Name, c.Name)
			all = append(all, Column{
				Schema: schema, Table: table.Name, Name: c.Name, Type: c.Type.Redshift(), Required: c.Required,
				Key: slices.Contains(table.Key, c.Name), Of: of, From: from,
			})
		}
	}
	return all
}

// byNightstar is where a column comes from that no item fills.
const byNightstar = "kept by Nightstar"

// AsOf stands between what identifies a member and the moment that decides which
// of its versions a fact refers to.
const AsOf = ", in the version that was valid at "

type tracer struct{ model.Model }

// origin returns where a column comes from. Columns that Nightstar fills by
// itself say so.
func (t tracer) origin(schema, table, column string) (of, from string) {
	switch schema {
	case model.Changes, model.Mirror:
		for _, rows := range t.Relations() {
			if _, of := rows.Column(column); of && (rows.Table == table || table == star.LandingTable(t.Model, star.Full, rows).Name) {
				return rows.Name, t.column(rows, column)
			}
		}
	case model.Staging, model.DWH:
		for _, d := range t.Dimensions {
			if table == d.Name || table == d.SurrogateKey() {
				of, from := t.member(d, column)
				if table == d.Name && column == d.SurrogateKey() {
					from += t.described(d)
				}
				return of, from
			}
		}
		for _, f := range t.Facts {
			if table == f.Name || table == f.SurrogateKey() {
				of, from := t.fact(f, column)
				if table == f.Name && column == f.Key[0] {
					from += t.where(f.Of, f.With, f.Where)
				}
				return of, from
			}
		}
	}
	return "", byNightstar
}

// member returns where a column of a dimension, or of its keys, comes from.
func (t tracer) member(d model.Dimension, column string) (of, from string) {
	if column == d.SurrogateKey() {
		return d.Of, "surrogate key of " + t.keys(d.Of, d.With, d.Key)
	}
	if d.Versions {
		if from := history(column); from != "" {
			return "", from
		}
	}
	if d.Calendar && column != model.Deleted {
		from := "the calendar, in " + t.Calendar.TimeZone
		if strings.HasPrefix(column, "fiscal") {
			from += ", with fiscal years from " + time.Month(t.Calendar.FiscalStart).String()
		}
		return "", from
	}
	for _, c := range d.Columns {
		if c.Name == column {
			return t.starColumn(d.Of, d.With, c)
		}
	}
	for _, k := range d.Key {
		if k.Name == column {
			return t.ref(d.Of, d.With, k.Ref)
		}
	}
	return "", byNightstar
}

// history returns where a column of versions comes from, or "".
func history(column string) string {
	switch column {
	case model.Version:
		return byNightstar + ": the number of the version, from 1 for each member"
	case model.ValidFrom:
		return byNightstar + ": when the item was written with these values, or, if a full export showed them first, the time of the export; " + model.Always + " for the first version"
	case model.ValidTo:
		return byNightstar + ": the validfrom of the next version; " + model.Forever + " for the last one"
	case model.Current:
		return byNightstar + ": true for the last version of each member"
	}
	return ""
}

// described says which rows describe members. It stands with the surrogate key,
// because it is the business of all columns.
func (t tracer) described(d model.Dimension) string {
	rule := t.where(d.Of, d.With, d.Where)
	var when []string
	for _, name := range d.When {
		_, from := t.ref(d.Of, d.With, model.Ref{Column: name})
		when = append(when, from)
	}
	if len(when) > 0 {
		rule += ", of rows with a value of " + strings.Join(when, " or ")
	}
	if d.Latest != nil {
		_, from := t.ref(d.Of, d.With, *d.Latest)
		rule += ", described by the row with the highest " + from
	}
	if d.First {
		rule += ", described by the first row by its text"
	}
	return rule
}

// where says which rows count.
func (t tracer) where(of string, with []model.Lookup, condition *expr.Expr) string {
	if condition == nil {
		return ""
	}
	return ", of rows where " + t.expression(of, with, condition)
}

// fact returns where a column of a fact, or of the keys of its document, comes
// from.
func (t tracer) fact(f model.Fact, column string) (of, from string) {
	if column == f.SurrogateKey() && len(f.Document) > 0 {
		return f.Of, "surrogate key of " + t.keys(f.Of, f.With, f.Document)
	}
	for _, role := range f.Roles {
		if role.SurrogateKey() != column {
			continue
		}
		var by []string
		for _, ref := range role.On {
			_, from := t.ref(f.Of, f.With, ref)
			by = append(by, from)
		}
		if role.AsOf != nil {
			_, from := t.ref(f.Of, f.With, *role.AsOf)
			by[len(by)-1] += AsOf + from
		}
		return f.Of, "key of " + role.Dimension + " by " + strings.Join(by, "; ")
	}
	for _, c := range f.Columns {
		if c.Name == column {
			return t.starColumn(f.Of, f.With, c)
		}
	}
	for _, k := range f.Document {
		if k.Name == column {
			return t.ref(f.Of, f.With, k.Ref)
		}
	}
	return "", byNightstar
}

// keys describes a business key.
func (t tracer) keys(of string, with []model.Lookup, key []model.KeyColumn) string {
	if of == "" {
		return "the day, in " + t.Calendar.TimeZone
	}
	var parts []string
	for _, k := range key {
		_, from := t.ref(of, with, k.Ref)
		parts = append(parts, from)
	}
	return strings.Join(parts, "; ")
}

func (t tracer) starColumn(of string, with []model.Lookup, c model.StarColumn) (string, string) {
	if c.SQL == nil {
		return t.ref(of, with, c.Ref)
	}
	return of, t.expression(of, with, c.SQL)
}

// expression is the text of an expression, and where its columns come from.
func (t tracer) expression(of string, with []model.Lookup, e *expr.Expr) string {
	text := strings.Join(strings.Fields(e.String()), " ")
	var seen []string
	for _, name := range e.Names() {
		_, from := t.ref(of, with, model.Ref{Lookup: name.Table, Column: name.Column})
		if !slices.Contains(seen, from) {
			seen = append(seen, from)
		}
	}
	if len(seen) == 0 {
		return text
	}
	return text + ", with " + strings.Join(seen, "; ")
}

// ref describes a column of the rows that a table is made of, or of what they
// look up.
func (t tracer) ref(of string, with []model.Lookup, ref model.Ref) (rows, from string) {
	if ref.Lookup == "" {
		r, _ := t.Relation(of)
		return of, of + "." + ref.Column + ": " + t.column(r, ref.Column)
	}
	i := slices.IndexFunc(with, func(l model.Lookup) bool { return l.Name == ref.Lookup })
	if i < 0 {
		return "", ref.String() // a model that was read has no such reference
	}
	l := with[i]
	var on []string
	for _, m := range l.On {
		on = append(on, l.Of+"."+m.Column+" = "+m.Ref.String())
	}
	condition := " where " + strings.Join(on, " and ")
	if l.Latest != "" {
		condition += ", the one with the latest " + l.Latest
	}
	r, _ := t.Relation(l.Of)
	return l.Of, l.Of + "." + ref.Column + condition + ": " + t.column(r, ref.Column)
}

// column describes where a column of the lake comes from.
func (t tracer) column(rows model.Rows, name string) string {
	c, _ := rows.Column(name)
	item := t.itemOf(rows)
	var parts []string
	for _, key := range item.Keys {
		if !c.Inherits && key.Template.Captures(name) {
			parts = append(parts, fmt.Sprintf("%s %q", key.Attribute, key.Template))
		}
	}
	switch {
	case c.Position:
		return "place in " + strings.Join(rows.Path, ".")
	case c.Inherits:
		return "its " + item.Name + ", " + t.column(item.Rows, name)
	case c.DayOf != "":
		return fmt.Sprintf("the day, in %s, of %s", t.Calendar.TimeZone, t.column(rows, c.DayOf))
	case len(parts) > 0:
		return strings.Join(parts, " and ") + format(c)
	}
	return "attribute " + strings.Join(c.From, ".") + format(c)
}

// itemOf returns the item type that holds the rows.
func (t tracer) itemOf(rows model.Rows) model.Item {
	for _, item := range t.Items {
		if item.Name == rows.Name || slices.ContainsFunc(item.Nested, func(r model.Rows) bool { return r.Name == rows.Name }) {
			return item
		}
	}
	return model.Item{}
}

// format says how a column is written in the table, where it is not ISO 8601.
func format(c model.Column) string {
	switch c.Format {
	case model.FormatRFC1123:
		return ", as RFC 1123"
	case model.FormatSeconds:
		return ", as seconds since 1970"
	case model.FormatMillis:
		return ", as milliseconds since 1970"
	case model.FormatLayout:
		return fmt.Sprintf(", as %q", c.Layout)
	case model.FormatISO:
	}
	return ""
}
