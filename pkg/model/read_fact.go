package model

import (
	"slices"
	"time"
)

// fact resolves a fact table.
func (r *reader) fact(name word, f factFile) Fact {
	fact := Fact{Name: name.text, Doc: f.Doc.text, Grain: f.Grain.text, Of: f.Of.text}
	s, ok := r.scope(f.Of, f.With)
	if !ok {
		return fact
	}
	fact.With = s.lookups
	fact.Where = r.condition(s, f.Where)
	for _, w := range f.Document {
		if c, ok := r.starColumn(s, w, starColumnFile{From: w}); ok {
			if c.Ref.Lookup != "" {
				r.at(w.place, "the document of fact %q is identified by columns of %s: name one of those", name.text, s.own.Name)
			}
			fact.Document = append(fact.Document, r.keyColumn(s, c, w, "identifies a document"))
		}
	}
	for _, e := range f.Dimensions {
		r.role(&fact, s, e.name, e.value)
	}
	r.asOf(&fact, s, name, f)
	var columns []StarColumn
	for _, e := range f.Columns.columns {
		if c, ok := r.starColumn(s, e.name, e.value); ok {
			columns = append(columns, c)
		}
	}
	for _, e := range f.Measures.columns {
		if c, ok := r.starColumn(s, e.name, e.value); ok {
			c.Measure = true
			if !c.Type.isNumeric() {
				r.at(e.name.place, "measure %q is %s, which does not add up: put it below \"columns\"", c.Name, c.Type.Redshift())
			}
			if c.SQL == nil && c.Type.IsNumber() {
				r.measure(s, c.Ref)
			}
			columns = append(columns, c)
		}
	}
	r.factKey(&fact, s, name, f, columns)
	r.unique("column", append(names(f.Columns.columns), names(f.Measures.columns)...))
	generated := []string{fact.SurrogateKey()}
	for _, role := range fact.Roles {
		generated = append(generated, role.SurrogateKey())
	}
	for i, g := range generated {
		if slices.Contains(generated[:i], g) || slices.Contains(starNames(fact.Columns), g) {
			r.at(name.place, "fact %q would have two columns %q: rename a role or a column", name.text, g)
		}
	}
	return fact
}

// measure marks a column of the lake whose sum is proved on its way.
func (r *reader) measure(s scope, ref Ref) {
	name := s.own.Name
	for i, l := range s.lookups {
		if l.Name == ref.Lookup {
			name = s.rows[i].Name
		}
	}
	if rows := r.relation(name); rows != nil {
		i := slices.IndexFunc(rows.Columns, func(c Column) bool { return c.Name == ref.Column })
		rows.Columns[i].Measured = true
	}
}

// relation returns rows of the model, to be changed.
func (r *reader) relation(name string) *Rows {
	for i := range r.out.Items {
		item := &r.out.Items[i]
		if item.Name == name {
			return &item.Rows
		}
		for n := range item.Nested {
			if item.Nested[n].Name == name {
				return &item.Nested[n]
			}
		}
	}
	return nil
}

// role resolves a reference to a dimension.
func (r *reader) role(fact *Fact, s scope, name word, f roleFile) {
	r.name("role", name)
	role := Role{Name: name.text, Dimension: name.text}
	target := name
	if f.dimension.set() {
		role.Dimension, target = f.dimension.text, f.dimension
	}
	i := slices.IndexFunc(r.out.Dimensions, func(d Dimension) bool { return d.Name == role.Dimension })
	if i < 0 {
		var names []string
		for _, d := range r.out.Dimensions {
			names = append(names, d.Name)
		}
		r.at(target.place, "the model has no dimension %q: %s; a role of another name has its dimension inside, %s: { DIMENSION: COLUMN }",
			role.Dimension, nearest(role.Dimension, names), name.text)
		return
	}
	d := &r.out.Dimensions[i]
	if want := max(1, len(r.file.Dimensions[i].value.Key.columns)); len(f.on) != want {
		r.at(f.place, "dimension %q is identified by %d columns, and this names %d", d.Name, want, len(f.on))
		return
	}
	for n, w := range f.on {
		ref, c, ok := r.ref(s, w)
		if !ok || n >= len(d.Key) {
			return
		}
		switch {
		case d.Calendar && c.Type.Kind != KindTimestamp && c.Type.Kind != KindDate:
			r.at(w.place, "%s is %s: a calendar takes a timestamp or a date", ref, c.Type.Redshift())
			return
		case d.Calendar:
			ref = r.day(d, s, ref, c)
		case !alike(c.Type, d.Key[n].Type):
			r.at(w.place, "%s is %s, and %s.%s is %s: they are never equal", ref, c.Type.Redshift(), d.Name, d.Key[n].Name, d.Key[n].Type.Redshift())
		}
		role.On = append(role.On, ref)
	}
	fact.Roles = append(fact.Roles, role)
}

// day makes the days of a column members of a calendar. In a time zone other
// than UTC the lake computes them, in a column of their own.
func (r *reader) day(d *Dimension, s scope, ref Ref, c Column) Ref {
	name := s.own.Name
	for i, l := range s.lookups {
		if l.Name == ref.Lookup {
			name = s.rows[i].Name
		}
	}
	if c.Type.Kind == KindTimestamp && r.out.Calendar.TimeZone != time.UTC.String() {
		rows := r.relation(name)
		ref.Column = c.Name + "_day"
		if _, made := rows.Column(ref.Column); !made {
			rows.Columns = append(rows.Columns, Column{
				Name: ref.Column, Type: Date(), DayOf: c.Name, Required: c.Required, Wrong: c.Wrong,
				Doc: "The day of " + c.Name + " in " + r.out.Calendar.TimeZone + ".",
			})
		}
	}
	day := Day{Of: name, Column: ref.Column}
	if !slices.Contains(d.Days, day) {
		d.Days = append(d.Days, day)
	}
	return ref
}

// factKey resolves what identifies a fact. A key column that the document or a
// dimension stands for is their surrogate key; any other becomes a column.
func (r *reader) factKey(fact *Fact, s scope, name word, f factFile, columns []StarColumn) {
	key := f.Key
	if key == nil {
		if !s.own.Declared() {
			r.at(name.place, "fact %q does not say what identifies a row, and the keys of %s do not say it either: write \"key: [COLUMN]\"", name.text, s.own.Name)
		}
		for _, column := range s.own.Identity {
			key = append(key, word{name.place, column})
		}
	}
	inDocument := func(column string) bool {
		return slices.ContainsFunc(fact.Document, func(k KeyColumn) bool { return k.Ref == Ref{Column: column} })
	}
	isKey := func(k KeyColumn) bool {
		return slices.ContainsFunc(key, func(w word) bool { return w.text == k.Ref.Column })
	}
	whole := len(fact.Document) > 0 && !slices.ContainsFunc(fact.Document, func(k KeyColumn) bool { return !isKey(k) })
	if whole {
		fact.Key = append(fact.Key, fact.SurrogateKey())
	}
	var added []StarColumn
	for _, w := range key {
		if whole && inDocument(w.text) {
			continue
		}
		if role := r.identifying(fact, w.text); role != "" {
			fact.Key = append(fact.Key, role)
			continue
		}
		c, ok := r.starColumn(s, w, starColumnFile{From: w})
		if !ok {
			continue
		}
		if !c.Required {
			r.at(w.place, "column %q identifies a fact, so every row needs a value: add \"required: true\" to the column of the item type", c.Name)
		}
		fact.Key = append(fact.Key, c.Name)
		switch i := slices.IndexFunc(columns, func(other StarColumn) bool { return other.Name == c.Name }); {
		case i < 0:
			added = append(added, c)
		case columns[i].SQL != nil || columns[i].Ref != c.Ref:
			r.at(w.place, "column %q identifies a fact, and the fact has another column of that name: rename the other one", c.Name)
		}
	}
	fact.Columns = append(added, columns...)
}

// identifying returns the surrogate key of a dimension that has a member for
// each value of a column of the fact's rows, so that the key stands for it. A
// version does not: a fact without a moment has none.
func (r *reader) identifying(fact *Fact, column string) string {
	for _, role := range fact.Roles {
		d, _ := r.out.Dimension(role.Dimension)
		own := !d.Versions && d.Of == fact.Of && d.Where == nil && d.When == nil && len(d.Key) == 1 && d.Key[0].Ref == Ref{Column: column} && !d.Key[0].Optional
		if own && len(role.On) == 1 && role.On[0] == (Ref{Column: column}) {
			return role.SurrogateKey()
		}
	}
	return ""
}

// check resolves a rule of the business.
func (r *reader) check(name word, f checkFile) Check {
	c := Check{Name: name.text, Of: f.Of.text, Warn: f.Severity.text == "warn"}
	rows, ok := r.rows(f.Of)
	if ok {
		c.SQL = r.condition(scope{own: rows}, f.SQL)
	}
	return c
}
