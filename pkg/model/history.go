package model

import (
	"slices"
	"strings"
)

// The columns by which a dimension with versions says what version of a member
// a row is. A version is valid from a moment on, and until the next one begins.
const (
	Version   = "version"   // counts from 1 for each member
	ValidFrom = "validfrom" // the first moment of the version; of the first version [Always]
	ValidTo   = "validto"   // the first moment after it; of the last version [Forever]
	Current   = "current"   // marks the last version
)

// The bounds of time, as SQL writes them. The first version of a member is valid
// from the beginning, because nothing earlier is known, and a fact may be older
// than the item of its member.
const (
	Always  = "0001-01-01 00:00:00"
	Forever = "9999-12-31 23:59:59.999999"
)

// Deleted is the column of a dimension in [DWH] that marks a member which the
// source no longer holds.
const Deleted = "deleted"

// HistoryColumns returns the columns that a dimension with versions has beside
// its own, before [Deleted].
func HistoryColumns() []Column {
	return []Column{
		{Name: Version, Type: Integer(), Required: true, Doc: "The number of the version, from 1 for each member."},
		{Name: ValidFrom, Type: Timestamp(), Required: true, Doc: "The first moment of the version."},
		{Name: ValidTo, Type: Timestamp(), Required: true, Doc: "The first moment after the version."},
		{Name: Current, Type: Boolean(), Required: true, Doc: "Whether the version is the last one of its member."},
	}
}

// history reads what a dimension remembers of its members. Versions are kept of
// what is written as a whole: items.
func (r *reader) history(d *Dimension, s scope, f dimensionFile) {
	if d.Versions = f.History.text == "versions"; !d.Versions {
		return
	}
	refuse := func(w place, problem, instead string) {
		r.at(w, "dimension %q keeps versions, and %s: %s, or \"history: overwrite\"", d.Name, problem, instead)
	}
	if s.own.Path != nil {
		item, _, _ := strings.Cut(s.own.Name, ".")
		refuse(f.Of.place, s.own.Name+" are rows within items, which change with their item", "write \"of: "+item+"\"")
		return
	}
	if len(f.With) > 0 {
		refuse(f.With[0].name.place, "what it looks up has no versions",
			"leave out \"with\", and give each item type that describes members a dimension of its own")
	}
	if f.Latest.set() {
		refuse(f.Latest.place, "each item has its own versions", "leave out \"latest\", and write the columns that identify an item below \"key\", "+keyOf(s.own))
	}
	if f.Duplicates.set() {
		refuse(f.Duplicates.place, "each item has its own versions", "leave out \"duplicates\", and write the columns that identify an item below \"key\", "+keyOf(s.own))
	}
	var key []string
	for _, k := range d.Key {
		if k.Ref.Lookup == "" {
			key = append(key, k.Ref.Column)
		}
	}
	slices.Sort(key)
	if len(d.Key) == len(f.Key.columns) && f.Key.columns != nil && !slices.Equal(key, slices.Sorted(slices.Values(s.own.Identity))) {
		refuse(f.Key.place, "its key is not that of an item of type "+s.own.Name, "write \""+keyOf(s.own)+"\"")
	}
	for _, generated := range HistoryColumns() {
		if slices.Contains(starNames(d.Columns), generated.Name) {
			r.at(f.History.place, "%q would have two columns %q, a declared and a generated one: rename the declared one, { name: COLUMN }", d.Name, generated.Name)
		}
	}
}

func keyOf(rows Rows) string { return "key: [" + strings.Join(rows.Identity, ", ") + "]" }

// asOf finds the column that says which versions of its members a fact refers to.
func (r *reader) asOf(fact *Fact, s scope, name word, f factFile) {
	var at *Ref
	if f.AsOf.set() {
		ref, c, ok := r.ref(s, f.AsOf)
		if ok && c.Type.Kind != KindTimestamp && c.Type.Kind != KindDate {
			r.at(f.AsOf.place, "%s is %s, which is no moment: name a timestamp or a date", ref, c.Type.Redshift())
		}
		at = &ref
	}
	for i := range fact.Roles {
		role := &fact.Roles[i]
		if d, _ := r.out.Dimension(role.Dimension); !d.Versions {
			continue
		}
		if at == nil {
			if at = r.onlyMoment(fact, s, name, f, role.Dimension); at == nil {
				return
			}
		}
		role.AsOf = at
	}
}

// onlyMoment returns the column of a fact that says when it happened, where there
// is no doubt: that of its only calendar, or the only timestamp or date of its
// rows.
func (r *reader) onlyMoment(fact *Fact, s scope, name word, f factFile, dimension string) *Ref {
	var moments []string
	for _, e := range f.Dimensions {
		of := e.name.text
		if e.value.dimension.set() {
			of = e.value.dimension.text
		}
		if d, _ := r.out.Dimension(of); d.Calendar && len(e.value.on) == 1 && !slices.Contains(moments, e.value.on[0].text) {
			moments = append(moments, e.value.on[0].text)
		}
	}
	if len(moments) == 0 {
		for _, c := range s.own.Columns {
			if (c.Type.Kind == KindTimestamp || c.Type.Kind == KindDate) && c.DayOf == "" {
				moments = append(moments, c.Name)
			}
		}
	}
	if len(moments) == 1 {
		lookup, column, ok := strings.Cut(moments[0], ".")
		if !ok {
			lookup, column = "", moments[0]
		}
		return &Ref{Lookup: lookup, Column: column}
	}
	doubt := "no column of it says when it happened: write \"asOf: COLUMN\" with a timestamp or a date of " + fact.Of + ", or of what the fact looks up"
	if len(moments) > 1 {
		doubt = strings.Join(moments, ", ") + " may say when it happened: write \"asOf: " + moments[0] + "\", or another one"
	}
	r.at(name.place, "fact %q refers to versions of %q, and %s", name.text, dimension, doubt)
	return nil
}
