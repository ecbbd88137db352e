package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/expr"
)

// scope is what references can name: a row, and the rows that it looks up.
type scope struct {
	own     Rows
	lookups []Lookup
	rows    []Rows // of the lookups
}

// column finds what a reference names.
func (s scope) column(ref Ref) (Column, error) {
	rows := s.own
	if ref.Lookup != "" {
		i := slices.IndexFunc(s.lookups, func(l Lookup) bool { return l.Name == ref.Lookup })
		if i < 0 {
			names := make([]string, len(s.lookups))
			for i, l := range s.lookups {
				names[i] = l.Name
			}
			return Column{}, fmt.Errorf("%q is not looked up here: %s; look it up in \"with\"", ref.Lookup, nearest(ref.Lookup, names))
		}
		rows = s.rows[i]
	}
	c, ok := rows.Column(ref.Column)
	if !ok {
		return Column{}, fmt.Errorf("%s has no column %q: %s", rows.Name, ref.Column, nearest(ref.Column, Names(rows.Columns)))
	}
	return c, nil
}

// ref reads "column" or "lookup.column".
func (r *reader) ref(s scope, w word) (Ref, Column, bool) {
	ref := Ref{Column: w.text}
	if lookup, column, ok := strings.Cut(w.text, "."); ok {
		ref = Ref{Lookup: lookup, Column: column}
	}
	c, err := s.column(ref)
	if err != nil {
		r.at(w.place, "%v", err)
		return ref, Column{}, false
	}
	return ref, c, true
}

// rows finds the rows that a dimension, a fact or a lookup is made of.
func (r *reader) rows(w word) (Rows, bool) {
	all := r.out.Relations()
	i := slices.IndexFunc(all, func(rows Rows) bool { return rows.Name == w.text })
	if i < 0 {
		names := make([]string, len(all))
		for i, rows := range all {
			names[i] = rows.Name
		}
		r.at(w.place, "%q is not an item type, or rows, that the model loads: %s", w.text, nearest(w.text, names))
		return Rows{}, false
	}
	return all[i], true
}

// scope resolves a row with its lookups, each of which may use those above.
func (r *reader) scope(of word, with entries[lookupFile]) (scope, bool) {
	own, ok := r.rows(of)
	if !ok {
		return scope{}, false
	}
	s := scope{own: own}
	r.unique("lookup", names(with))
	for _, w := range with {
		l := Lookup{Name: w.name.text}
		what := w.name
		if w.value.Of.set() {
			what = w.value.Of
		}
		rows, found := r.rows(what)
		if !found {
			ok = false
			continue
		}
		l.Of = rows.Name
		for _, on := range w.value.On {
			c, has := rows.Column(on.name.text)
			if !has {
				advice := nearest(on.name.text, Names(rows.Columns))
				if on.name.text == "of" || on.name.text == "latest" {
					advice = "beside \"of\" and \"latest\", columns stand below \"on\": { of: TYPE, on: { COLUMN: COLUMN } }"
				}
				r.at(on.name.place, "%s has no column %q: %s", rows.Name, on.name.text, advice)
			}
			ref, other, resolved := r.ref(s, on.value)
			if has && resolved && !alike(c.Type, other.Type) {
				r.at(on.value.place, "%s.%s is %s and %s is %s: they are never equal", rows.Name, c.Name, c.Type.Redshift(), ref, other.Type.Redshift())
			}
			l.On = append(l.On, Match{Column: on.name.text, Ref: ref})
			ok = ok && has && resolved
		}
		if w.value.Latest.set() {
			l.Latest = w.value.Latest.text
			if c, has := rows.Column(l.Latest); !has || !ordered(c.Type) {
				r.at(w.value.Latest.place, "%s has no column %q with an order: name a timestamp, a date or a number", rows.Name, l.Latest)
			}
		}
		s.lookups, s.rows = append(s.lookups, l), append(s.rows, rows)
	}
	return s, ok
}

// alike reports whether values of two types can be compared.
func alike(a, b Type) bool { return kind(a) == kind(b) || a.isNumeric() && b.isNumeric() }

func (t Type) isNumeric() bool { return t.IsNumber() || t.Kind == KindDouble }

func ordered(t Type) bool {
	return t.isNumeric() || t.Kind == KindTimestamp || t.Kind == KindDate
}

// kind is what a type is to an expression.
func kind(t Type) expr.Kind {
	switch t.Kind {
	case KindInteger, KindBigInt:
		return expr.Integer
	case KindDecimal:
		return expr.DecimalOf(t.Precision, t.Scale)
	case KindDouble:
		return expr.Double
	case KindBoolean:
		return expr.Bool
	case KindDate:
		return expr.Date
	case KindTimestamp:
		return expr.Timestamp
	case KindString, KindJSON:
	}
	return expr.Text
}

// expression reads a SQL expression and says what it gives.
func (r *reader) expression(s scope, w word) (*expr.Expr, expr.Kind) {
	e, err := expr.Parse(w.text)
	if err != nil {
		r.expressionProblem(w, err)
		return nil, expr.Null
	}
	got, err := e.Check(func(table, column string) (expr.Kind, error) {
		c, err := s.column(Ref{Lookup: table, Column: column})
		return kind(c.Type), err
	})
	if err != nil {
		r.expressionProblem(w, err)
		return nil, expr.Null
	}
	return e, got
}

// expressionProblem says where in an expression something is wrong.
func (r *reader) expressionProblem(w word, err error) {
	if e, ok := errors.AsType[*expr.Error](err); ok {
		r.at(w.place, "character %d of the expression: %s", e.Offset+1, e.Problem)
		return
	}
	r.at(w.place, "%v", err)
}

// condition reads a SQL condition; nil if there is none.
func (r *reader) condition(s scope, w word) *expr.Expr {
	if !w.set() {
		return nil
	}
	e, got := r.expression(s, w)
	if e != nil && got != expr.Bool {
		r.at(w.place, "a condition is true or false, and this is not: compare it with something")
	}
	return e
}

// starColumn resolves a column of a dimension or fact.
func (r *reader) starColumn(s scope, name word, f starColumnFile) (StarColumn, bool) {
	c := StarColumn{Name: name.text, Doc: f.Doc.text}
	r.name("column", name)
	switch {
	case f.SQL.set() && f.From.set():
		r.at(f.SQL.place, "column %q has an expression and a source: leave out one of both", name.text)
		return c, false
	case f.SQL.set():
		if !f.Type.set() {
			r.at(f.SQL.place, "column %q is computed: write its type, { sql: …, type: decimal(18,2) }", name.text)
			return c, false
		}
		c.Type = r.typeOf(f.Type)
		if c.SQL, _ = r.expression(s, f.SQL); c.SQL == nil {
			return c, false
		}
		cast, err := c.SQL.As(f.Type.text)
		if err != nil {
			r.expressionProblem(f.SQL, err)
			return c, false
		}
		c.SQL = cast
		return c, true
	}
	source := f.From
	if !source.set() {
		source = word{name.place, name.text}
	}
	if f.Type.set() {
		r.at(f.Type.place, "the type of column %q is that of its source: leave it out here", name.text)
	}
	ref, column, ok := r.ref(s, source)
	c.Ref, c.Type = ref, column.Type
	if c.Doc == "" {
		c.Doc = column.Doc
	}
	c.Required = column.Required && ref.Lookup == ""
	return c, ok
}

// dimension resolves a dimension.
func (r *reader) dimension(name word, f dimensionFile) Dimension {
	d := Dimension{Name: name.text, Doc: f.Doc.text}
	if f.Calendar.set() == f.Of.set() {
		r.at(name.place, "dimension %q is a calendar, or made of an item type: write one of \"calendar: day\" and \"of: TYPE\"", name.text)
		return d
	}
	if f.Calendar.set() {
		return r.calendarDimension(d, f)
	}
	d.Of = f.Of.text
	s, ok := r.scope(f.Of, f.With)
	if !ok {
		return d
	}
	d.With = s.lookups
	d.Where = r.condition(s, f.Where)
	d.When = texts(f.When)
	for _, w := range f.When {
		if _, has := s.own.Column(w.text); !has {
			r.at(w.place, "%s has no column %q: %s", s.own.Name, w.text, nearest(w.text, Names(s.own.Columns)))
		}
	}
	if f.Key.columns == nil {
		r.at(name.place, "dimension %q does not say what identifies a member: write \"key: COLUMN\"", name.text)
	}
	for _, k := range f.Key.columns {
		if c, ok := r.starColumn(s, k.name, k.value); ok {
			d.Key = append(d.Key, r.keyColumn(s, c, k.name, "identifies members"))
		}
	}
	r.dimensionColumns(&d, s, f)
	d.First = f.Duplicates.text == "first"
	if f.Latest.set() {
		ref, c, ok := r.ref(s, f.Latest)
		if ok && !ordered(c.Type) {
			r.at(f.Latest.place, "%s is %s, which has no order here: name a timestamp, a date or a number", ref, c.Type.Redshift())
		}
		d.Latest = &ref
		if f.Duplicates.set() {
			r.at(f.Duplicates.place, "\"latest\" decides which row describes a member: leave out \"duplicates\"")
		}
	}
	r.history(&d, s, f)
	if !slices.ContainsFunc(r.file.Facts, func(e entry[factFile]) bool { return e.name.text == name.text }) {
		r.keyTaken(name, d.SurrogateKey(), starNames(d.Columns))
	}
	return d
}

// dimensionColumns resolves the columns of members, key columns first unless
// the file places them, and the labels of the unknown member.
func (r *reader) dimensionColumns(d *Dimension, s scope, f dimensionFile) {
	var columns []StarColumn
	for _, e := range f.Columns.columns {
		if c, ok := r.starColumn(s, e.name, e.value); ok {
			columns = append(columns, c)
		}
	}
	var first []StarColumn
	isKey := func(name string) bool {
		return slices.ContainsFunc(d.Key, func(k KeyColumn) bool { return k.Name == name })
	}
	for i, k := range d.Key {
		switch n := slices.IndexFunc(columns, func(c StarColumn) bool { return c.Name == k.Name }); {
		case n < 0:
			first = append(first, StarColumn{Name: k.Name, Type: k.Type, Ref: k.Ref})
		case (columns[n].SQL != nil || columns[n].Ref != k.Ref) && i < len(f.Key.columns):
			r.at(f.Key.columns[i].name.place, "column %q identifies members, and the dimension has another column of that name: rename the other one", k.Name)
		}
	}
	d.Columns = append(first, columns...)
	r.unique("column", names(f.Columns.columns))
	for i := range d.Columns {
		c := &d.Columns[i]
		c.Required = false // the unknown member has no value
		if f.Unknown == nil && !isKey(c.Name) && c.Type.Kind == KindString && c.Type.Length >= len(unknownLabel) {
			c.Label = unknownLabel
		}
	}
	for _, u := range f.Unknown {
		i := slices.IndexFunc(d.Columns, func(c StarColumn) bool { return c.Name == u.name.text })
		switch {
		case i < 0:
			r.at(u.name.place, "dimension %q has no column %q: %s", d.Name, u.name.text, nearest(u.name.text, starNames(d.Columns)))
		case isKey(u.name.text):
			r.at(u.name.place, "column %q identifies members: the unknown member has none", u.name.text)
		case d.Columns[i].Type.Kind != KindString:
			r.at(u.name.place, "column %q is %s: only text can say that a member is unknown", u.name.text, d.Columns[i].Type.Redshift())
		case len(u.value.text) > d.Columns[i].Type.Length:
			r.at(u.value.place, "column %q takes %d bytes, and this label has %d", u.name.text, d.Columns[i].Type.Length, len(u.value.text))
		default:
			d.Columns[i].Label = u.value.text
		}
	}
}

const unknownLabel = "unknown"

func starNames(columns []StarColumn) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// keyTaken checks that generated columns do not meet declared ones.
func (r *reader) keyTaken(by word, key string, columns []string) {
	for _, generated := range []string{key, Deleted} {
		if slices.Contains(columns, generated) {
			r.at(by.place, "%q would have two columns %q, a declared and a generated one: rename the declared one, { name: COLUMN }", by.text, generated)
		}
	}
}

// keyColumn makes a business key's column of a resolved one.
func (r *reader) keyColumn(s scope, c StarColumn, w word, does string) KeyColumn {
	k := KeyColumn{Name: c.Name, Type: c.Type, Ref: c.Ref}
	switch {
	case c.SQL != nil:
		r.at(w.place, "column %q is computed, and what %s must be a column of the lake", c.Name, does)
	case c.Type.Kind == KindJSON, c.Type.Kind == KindDouble:
		r.at(w.place, "column %q is %s, which %s badly: its values have no single spelling", c.Name, c.Type.Redshift(), does)
	case c.Required: // so it is not looked up
		rows := r.relation(s.own.Name)
		i := slices.IndexFunc(rows.Columns, func(own Column) bool { return own.Name == c.Ref.Column })
		rows.Columns[i].Key = true
	case c.Type.Kind == KindString:
		k.Optional = true
	default:
		r.at(w.place, "column %q %s, so every row needs a value: add \"required: true\" to the column of the item type", c.Name, does)
	}
	return k
}

// calendarDimension resolves a dimension of days.
func (r *reader) calendarDimension(d Dimension, f dimensionFile) Dimension {
	for name, w := range map[string]place{
		"with": first(names(f.With)), "where": f.Where.place, "when": first(f.When), "latest": f.Latest.place,
		"duplicates": f.Duplicates.place, "history": f.History.place, "columns": f.Columns.place, "unknown": first(names(f.Unknown)),
	} {
		if w.line > 0 {
			r.at(w, "a calendar has its own columns: leave out %q", name)
		}
	}
	d.Calendar = true
	key := "fulldate"
	switch len(f.Key.columns) {
	case 0:
	case 1:
		r.name("column", f.Key.columns[0].name)
		key = f.Key.columns[0].name.text
	default:
		r.at(f.Key.place, "a calendar has one key, the day: write \"key: fulldate\"")
	}
	d.Key = []KeyColumn{{Name: key, Type: Date()}}
	d.Columns = []StarColumn{
		{Name: key, Type: Date(), Doc: "The day."},
		{Name: "year", Type: Integer()},
		{Name: "quarter", Type: Integer()},
		{Name: "month", Type: Integer()},
		{Name: "monthname", Type: String(9), Label: unknownLabel},
		{Name: "isoyear", Type: Integer(), Doc: "The year that the week belongs to by ISO 8601. Group by it and week."},
		{Name: "week", Type: Integer(), Doc: "The week by ISO 8601."},
		{Name: "day", Type: Integer(), Doc: "The day of the month."},
		{Name: "dayofweek", Type: Integer(), Doc: "1 is Monday."},
		{Name: "dayname", Type: String(9), Label: unknownLabel},
		{Name: "isweekend", Type: Boolean()},
	}
	if r.out.Calendar.FiscalStart > 0 {
		d.Columns = append(d.Columns,
			StarColumn{Name: "fiscalyear", Type: Integer(), Doc: "The calendar year in which the fiscal year ends."},
			StarColumn{Name: "fiscalquarter", Type: Integer()})
	}
	if n := slices.IndexFunc(d.Columns[1:], func(c StarColumn) bool { return c.Name == key }); n >= 0 {
		r.at(f.Key.place, "%q is another column of a calendar: choose another name for the day", key)
	}
	return d
}

func first(words []word) place {
	if len(words) == 0 {
		return place{}
	}
	return words[0].place
}
