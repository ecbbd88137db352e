package model

import (
	"slices"
	"strings"
	"time"
)

// Read reads a model file. The error is [FileError]: everything that is wrong
// with the file, each with its line and column. The name is that of the file,
// for errors.
func Read(name string, source []byte) (Model, error) {
	r := &reader{report: report{file: name}}
	r.file = parse(&r.report, source)
	if err := r.err(); err != nil {
		return Model{}, err
	}
	m := r.model()
	if err := r.err(); err != nil {
		return Model{}, err
	}
	m.Source = source
	return m, nil
}

// reader makes a model of a file that has been decoded.
type reader struct {
	report
	file file
	out  Model
}

// The limits of a model that says nothing of them.
const (
	defaultSetAside     = 100
	defaultItemSetAside = 10
	defaultWrongValues  = 100
	defaultShare        = 1  // per mille of items that are set aside
	defaultWrongShare   = 10 // per mille of values that are wrong
	defaultShrink       = 50
)

// model resolves the whole file.
func (r *reader) model() Model {
	f := &r.file
	if f.Version.value != 1 {
		r.at(f.Version.place, "this is version %d of the format, and 1 is the only one there is: write \"nightstar: 1\"", f.Version.value)
	}
	r.name("model", f.Model)
	r.out = Model{
		Name:     f.Model.text,
		Keys:     r.tableKeys(),
		TypeFrom: texts(f.Table.TypeAttribute),
		Ignored:  texts(f.Table.Ignore),
		SetAside: r.limit(f.Limits.SetAside, defaultSetAside, defaultShare),
		Calendar: r.calendar(),
		Prefix:   f.Schemas.Prefix.text,
	}
	if p := f.Schemas.Prefix; p.set() && !isName(p.text) {
		r.at(p.place, "the prefix %q cannot begin the name of a schema: lower-case letters, digits and _, beginning with a letter", p.text)
	}
	if f.Items == nil {
		r.at(place{1, 1}, "the model has no item types: declare one below \"items\"")
	}
	r.unique("item type", names(f.Items))
	for _, e := range f.Items {
		r.out.Items = append(r.out.Items, r.item(e.name, e.value))
	}
	r.apart()
	r.ignored()
	r.unique("dimension or fact", append(names(f.Dimensions), names(f.Facts)...))
	for _, e := range f.Dimensions {
		r.out.Dimensions = append(r.out.Dimensions, r.dimension(e.name, e.value))
	}
	for _, e := range f.Facts {
		r.out.Facts = append(r.out.Facts, r.fact(e.name, e.value))
	}
	r.daysAreUsed()
	for _, e := range f.Checks {
		r.out.Checks = append(r.out.Checks, r.check(e.name, e.value))
	}
	r.tables()
	return r.out
}

func texts(words []word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.text)
	}
	return all
}

func names[T any](all entries[T]) []word {
	words := make([]word, len(all))
	for i, e := range all {
		words[i] = e.name
	}
	return words
}

// name checks what a table or column is called.
func (r *reader) name(what string, w word) {
	if !isName(w.text) {
		r.at(w.place, "%s %q: a name has lower-case letters, digits and _, begins with a letter and has at most %d bytes; try %q",
			what, w.text, maxName, asName(w.text))
	}
	if w.text == procedureVariable {
		r.at(w.place, "%s %q: every stored procedure has a variable of that name, which SQL would take for it; choose another", what, w.text)
	}
}

// procedureVariable is what PL/pgSQL declares in every procedure
// (https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html).
const procedureVariable = "found"

// asName makes a name of text, for advice.
func asName(text string) string {
	name := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_':
			return c
		case c >= 'A' && c <= 'Z':
			return c - 'A' + 'a'
		}
		return '_'
	}, text)
	if name == "" || name[0] < 'a' {
		name = "x" + name
	}
	return name[:min(len(name), maxName)]
}

// unique checks that no two things of a kind have one name.
func (r *reader) unique(what string, words []word) {
	for i, w := range words {
		r.name(what, w)
		if first := slices.IndexFunc(words[:i], func(other word) bool { return other.text == w.text }); first >= 0 {
			r.at(w.place, "%s %q is declared in line %d already", what, w.text, words[first].line)
		}
	}
}

// daysAreUsed checks that each calendar has days.
func (r *reader) daysAreUsed() {
	for i, d := range r.out.Dimensions {
		refers := func(role entry[roleFile]) bool {
			return role.name.text == d.Name || role.value.dimension.text == d.Name
		}
		named := slices.ContainsFunc(r.file.Facts, func(f entry[factFile]) bool { return slices.ContainsFunc(f.value.Dimensions, refers) })
		if d.Calendar && !named {
			r.at(r.file.Dimensions[i].name.place, "no fact refers to the calendar %q, so it would have no day: name it below the \"dimensions\" of a fact, %s: COLUMN", d.Name, d.Name)
		}
	}
}

func (r *reader) tableKeys() []Key {
	var found []Key
	for _, k := range []keyFile{r.file.Table.PartitionKey, r.file.Table.SortKey} {
		if !k.Name.set() {
			continue
		}
		key := Key{Name: k.Name.text, Kind: KeyString}
		if k.Type.set() {
			key.Kind = KeyKind(k.Type.text)
		}
		if len(found) > 0 && found[0].Name == key.Name {
			r.at(k.Name.place, "the sort key has the name of the partition key; leave sortKey out if the table has none")
		}
		found = append(found, key)
	}
	return found
}

// limit reads a limit that may leave out either number.
func (r *reader) limit(l limitFile, items, perMille int64) Limit {
	if l.line == 0 {
		return Limit{Items: items, PerMille: perMille}
	}
	if l.PerMille.value > 1000 {
		r.at(l.PerMille.place, "%d per mille is more than all: write 0 to 1000", l.PerMille.value)
	}
	return Limit{Items: l.Items.value, PerMille: l.PerMille.value}
}

func (r *reader) calendar() Calendar {
	c := Calendar{TimeZone: "UTC"}
	if zone := r.file.Calendar.TimeZone; zone.set() {
		c.TimeZone = zone.text
		if _, err := time.LoadLocation(zone.text); err != nil || zone.text == "Local" {
			r.at(zone.place, "%q is not a time zone of the IANA database: write one such as Europe/Berlin", zone.text)
		}
	}
	if month := r.file.Calendar.FiscalYearStart; month.set() {
		for m := time.January; m <= time.December; m++ {
			if m.String() == month.text {
				c.FiscalStart = int(m)
			}
		}
	}
	return c
}

// ignored checks that nothing is left out that is wanted.
func (r *reader) ignored() {
	for _, w := range r.file.Table.Ignore {
		wanted := slices.Contains(r.out.TypeFrom, w.text) || slices.ContainsFunc(r.out.Keys, func(k Key) bool { return k.Name == w.text })
		for _, item := range r.out.Items {
			wanted = wanted || slices.ContainsFunc(item.Columns, func(c Column) bool { return len(c.From) > 0 && c.From[0] == w.text })
			wanted = wanted || slices.ContainsFunc(item.Keys, func(k KeyTemplate) bool { return k.Attribute == w.text })
			wanted = wanted || slices.ContainsFunc(item.Nested, func(n Rows) bool { return n.Path[0] == w.text })
		}
		if wanted {
			r.at(w.place, "attribute %q is to be ignored, but a key, the type or a column reads it", w.text)
		}
	}
}

// tables checks the names of the tables that follow from the model.
func (r *reader) tables() {
	made := map[string]word{}
	add := func(schema, table string, by word) {
		name := schema + "." + table
		if len(table) > maxName {
			r.at(by.place, "%q would make the table %s, whose name is longer than %d bytes", by.text, name, maxName)
		}
		if other, twice := made[name]; twice && other.text == by.text {
			return // reported
		} else if twice {
			r.at(by.place, "%q and %q (line %d) would both make the table %s: rename one", by.text, other.text, other.line, name)
			return
		}
		made[name] = by
	}
	for _, item := range r.file.Items {
		if item.value.Skip.value {
			continue
		}
		add(Landing, item.name.text, item.name)
		for _, rows := range item.value.Rows {
			add(Landing, item.name.text+"_"+rows.name.text, rows.name)
		}
	}
	for _, w := range append(names(r.file.Dimensions), names(r.file.Facts)...) {
		add(Staging, w.text, w)
		add(Staging, w.text+"key", w)
		add(Staging, w.text+"_maxkey", w)
		if w.text == ownTable {
			r.at(w.place, "%q is the name of a table that marks the schemas as Nightstar's: choose another", w.text)
		}
	}
}

// ownTable is the name of the table in each schema that says that Nightstar
// made it.
const ownTable = "nightstar"
