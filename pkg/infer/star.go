package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// star are the dimensions and facts of a model.
type star struct {
	calendar   string // name of the dimension of days; empty if no fact has a time
	dimensions []*dimension
	facts      []*fact
}

type dimension struct {
	name    string
	of      string
	key     []*column
	first   bool   // several rows may describe a member
	latest  string // column that picks one of them
	columns []*column
	comment string
	target  *itemType // that references lead to; nil for one made of facts
}

type fact struct {
	name     string
	source   source
	grain    string
	lookups  []lookup
	document []*column
	roles    []factRole
	columns  []*column
	measures []*column
	comment  string
}

type lookup struct {
	name string
	of   *itemType
	on   [][2]string // column of what is looked up, reference
}

type factRole struct {
	name      string
	dimension string
	on        []string
	comment   string
}

// star decides dimensions and facts. Every table gets a name of its own.
func (b *builder) star() star {
	var s star
	taken := names{"nightstar": true}
	for _, t := range b.types { // what an earlier star has found within facts
		for _, c := range t.columns {
			if c.refers != nil && c.refers.to == nil {
				c.refers = nil
			}
		}
	}
	dims := map[*itemType]*dimension{}
	for _, t := range b.types {
		if t.role != isDimension {
			continue
		}
		d := b.dimension(t, taken)
		dims[t] = d
		s.dimensions = append(s.dimensions, d)
	}
	for _, src := range b.events() {
		f := &fact{source: src, name: taken.take(src.table(), src.table()+"_fact")}
		s.facts = append(s.facts, f)
	}
	for _, f := range s.facts {
		// A dimension that stands within the facts: their products, if no items
		// describe products.
		s.dimensions = append(s.dimensions, b.within(f, taken)...)
	}
	calendar := ""
	for _, f := range s.facts {
		if b.fill(f, &s, dims, func() string {
			if calendar == "" {
				calendar = taken.take("date", "calendar", "day")
			}
			return calendar
		}); len(f.roles) == 0 {
			f.comment += "; it has no dimension"
		}
	}
	s.calendar = calendar
	return s
}

// events lists what facts are made of.
func (b *builder) events() []source {
	var all []source
	for _, t := range b.types {
		// A header with numbers of its own is a fact, too: they stand nowhere else.
		if t.role == isFact || t.role == isHeader && len(t.source().measures()) > 0 {
			all = append(all, t.source())
		}
		for _, r := range t.rows {
			if r.isFact() {
				all = append(all, r.source())
			}
		}
	}
	return all
}

// dimension makes a dimension of a type.
func (b *builder) dimension(t *itemType, taken names) *dimension {
	d := &dimension{name: taken.take(t.name, t.name+"_dim"), of: t.name, target: t, comment: t.why}
	d.key = b.key(t)
	d.first = len(d.key) < len(t.identity)
	for _, c := range t.columns {
		if slices.Contains(d.key, c) || c.class == other || c.index != nil || isIndexKey(lastOf(c)) || c.name == "deleted" || c.name == d.name+"key" {
			continue
		}
		if len(d.columns) < 60 {
			d.columns = append(d.columns, c)
		}
	}
	return d
}

// key is what identifies a type: the id that others refer to, or all its captures.
func (b *builder) key(t *itemType) []*column {
	for _, o := range b.types {
		for _, r := range o.refs {
			if r.to == t {
				return []*column{r.id}
			}
		}
		for _, n := range o.rows {
			for _, r := range n.refs {
				if r.to == t {
					return []*column{r.id}
				}
			}
		}
	}
	return t.identity
}

// within finds dimensions that only facts describe: an id in their keys that many
// of them share and no type explains.
func (b *builder) within(f *fact, taken names) []*dimension {
	if f.source.rows != nil {
		return nil
	}
	t := f.source.of
	var found []*dimension
	for _, c := range t.identity {
		if c.capture.key > 0 && c.word == "" {
			continue // such as a state, which stands in the fact itself
		}
		if c.refers != nil || c.class != text || c.capture.unique || c.capture.rest || c.sketch == nil || timely(c) {
			continue
		}
		n := c.sketch.Distinct()
		if n < 2 || n*10 > t.group.Items*9 {
			continue
		}
		name := strings.TrimSuffix(strings.TrimSuffix(c.name, "id"), "_")
		if name == "" || name == "x" {
			name = c.name
		}
		if saysTime(name) && c.word == "" {
			continue
		}
		d := &dimension{name: taken.take(name, name+"_of_"+f.name), of: t.name, key: []*column{c}, first: true}
		part := t.group.Segments[c.capture.key][c.capture.segment]
		for _, o := range t.columns {
			if o == c || o.identity || o.attribute == nil || len(o.path) != 1 || o.class == other || o.refers != nil || o.class == instant || o.name == "deleted" {
				continue
			}
			if depends, on := part.Depends(o.path[0]); depends && on >= 5 && o.share > 0.5 && o.sketch != nil && (o.sketch.Distinct() > 1) {
				d.columns = append(d.columns, o)
			}
		}
		for _, at := range t.source().times() {
			if d.latest == "" && at.share == 1 {
				d.latest = at.name
			}
		}
		d.comment = fmt.Sprintf("no item describes it; %s in %s items", spell.Count(n, "value", "values"), spell.Int(t.group.Items))
		if b.madeUp {
			d.comment = "no entity describes it"
		}
		if !c.sketch.Exact() {
			d.comment = strings.Replace(d.comment, "; ", "; about ", 1)
		}
		found = append(found, d)
		c.refers = &reference{column: c, id: c, share: 1}
	}
	return found
}

// fill decides what a fact looks up, its roles, columns and measures.
func (b *builder) fill(f *fact, s *star, dims map[*itemType]*dimension, calendar func() string) {
	src := f.source
	t := src.of
	of := t.name
	if src.rows != nil {
		of = fmt.Sprintf("%s in the %s of a %s", strings.ReplaceAll(src.rows.name, "_", " "), strings.Join(src.rows.path, "."), t.name)
	}
	f.grain = fmt.Sprintf("One row for each %s.", strings.ReplaceAll(of, "_", " "))
	f.comment = t.why
	if src.rows != nil {
		f.comment = src.rows.comment
	}
	w := &weaver{b: b, f: f, s: s, dims: dims, calendar: calendar, lookups: names{}}
	prefix := ""
	if src.rows != nil {
		w.parent()
	}
	w.follow(src.columns, src.refs, prefix, t, 0)
	if src.rows != nil {
		w.item()
	}
	w.times()
	w.finish()
	for _, c := range src.columns {
		switch {
		case c.refers != nil || c.class == other || c.identity && c.class == number || c.class == instant || c.index != nil || isIndexKey(lastOf(c)) || c.name == f.name+"key":
		case c.class == number && slices.Contains(src.measures(), c) && adds(lastOf(c)):
			f.measures = append(f.measures, c)
		case len(f.columns) < 40 && c.kind != "text" && !slices.ContainsFunc(s.dimensions, func(d *dimension) bool { return d.of == src.name() && slices.Contains(d.columns, c) }):
			f.columns = append(f.columns, c)
		}
	}
}

// adds reports whether it makes sense to add up numbers of that name.
func adds(name string) bool {
	return !contains(plain(name), "percent", "ratio", "rate", "latitude", "longitude", "temperature", "humidity", "average", "level", "age", "rank", "score", "rating") ||
		contains(plain(name), "mileage", "storage", "usage", "wage")
}

// weaver connects a fact with its dimensions.
type weaver struct {
	b        *builder
	f        *fact
	s        *star
	dims     map[*itemType]*dimension
	calendar func() string
	lookups  names
	found    []link
	dates    []link
}

// link is a column that leads to a dimension.
type link struct {
	dimension string
	ref       string // of the column
	column    *column
	comment   string
}

// maxHops is how far a fact looks: from a line to its order, and to what that
// belongs to.
const maxHops = 2

// follow takes the references of a row: to dimensions, and to headers, whose own
// references follow.
func (w *weaver) follow(columns []*column, refs []*reference, prefix string, t *itemType, hops int) {
	for _, c := range columns {
		again := isIndexKey(lastOf(c)) && slices.ContainsFunc(columns, func(o *column) bool { return o.class == instant && !isIndexKey(lastOf(o)) })
		if c.class == instant && c.share >= 0.05 && !again {
			w.dates = append(w.dates, link{ref: prefix + c.name, column: c})
		}
		if prefix == "" && c.refers != nil && c.refers.to == nil {
			for _, d := range w.s.dimensions {
				if d.of == t.name && len(d.key) == 1 && d.key[0] == c && d.target == nil {
					w.found = append(w.found, link{dimension: d.name, ref: c.name, column: c})
				}
			}
		}
	}
	for _, r := range refs {
		if r.column.index != nil && slices.ContainsFunc(refs, func(o *reference) bool { return o.to == r.to && o.column.index == nil }) {
			continue // the key of an index says it once more
		}
		comment := fmt.Sprintf("%.1f %% of the values looked at are ids of %s", 100*r.share, r.to.name)
		if w.b.madeUp {
			comment = "named after the id of " + r.to.name
		}
		if d := w.dims[r.to]; d != nil {
			if len(d.key) == 1 && d.key[0] == r.id {
				w.found = append(w.found, link{d.name, prefix + r.column.name, r.column, comment})
			}
			continue
		}
		if r.to.role != isHeader || hops >= maxHops || r.to == t || r.to == w.f.source.of {
			continue
		}
		if slices.ContainsFunc(w.f.lookups, func(l lookup) bool { return l.of == r.to }) {
			continue
		}
		l := lookup{name: w.lookups.take(r.to.name), of: r.to, on: [][2]string{{r.id.name, prefix + r.column.name}}}
		w.f.lookups = append(w.f.lookups, l)
		if prefix == "" && hops == 0 && w.f.source.rows == nil && w.f.document == nil {
			w.f.document = []*column{r.column}
		}
		w.follow(r.to.columns, r.to.refs, l.name+".", r.to, hops+1)
	}
}

// parent leads from rows within items to the dimension of the item, and to what
// its keys refer to.
func (w *weaver) parent() {
	t := w.f.source.of
	if d := w.dims[t]; d != nil {
		var on []string
		for _, c := range d.key {
			on = append(on, c.name)
		}
		w.f.roles = append(w.f.roles, factRole{name: d.name, dimension: d.name, on: on, comment: "the item that the row stands in"})
	}
}

// item looks up the item of a row, for its times and references.
func (w *weaver) item() {
	t := w.f.source.of
	if w.dims[t] != nil || t.role == isCopy {
		return
	}
	l := lookup{name: w.lookups.take(t.name), of: t}
	for _, c := range t.identity {
		l.on = append(l.on, [2]string{c.name, c.name})
	}
	w.f.lookups = append(w.f.lookups, l)
	w.f.document = t.identity
	for _, c := range t.identity { // the row has them itself
		if r := c.refers; r != nil && r.to != nil && w.dims[r.to] != nil {
			w.follow(nil, []*reference{r}, "", t, 0)
		}
	}
	var refs []*reference
	for _, r := range t.refs {
		if !r.column.identity {
			refs = append(refs, r)
		}
	}
	w.follow(t.columns, refs, l.name+".", t, 1)
}

// times makes roles of the calendar.
func (w *weaver) times() {
	for _, d := range w.dates[:min(len(w.dates), 8)] {
		w.found = append(w.found, link{dimension: w.calendar(), ref: d.ref, column: d.column})
	}
}

// finish names the roles: after the dimension where one leads to it, and after
// their columns otherwise.
func (w *weaver) finish() {
	taken := names{}
	for _, r := range w.f.roles {
		taken[r.name] = true
	}
	count := map[string]int{}
	for _, l := range w.found {
		count[l.dimension]++
	}
	for _, l := range w.found {
		if slices.ContainsFunc(w.f.roles, func(r factRole) bool {
			// What a row says itself counts, not what the order it belongs to says.
			return r.dimension == l.dimension && (r.on[0] == l.ref || l.column.class != instant && strings.Contains(l.ref, "."))
		}) {
			continue
		}
		role := factRole{dimension: l.dimension, on: []string{l.ref}, comment: l.comment}
		if count[l.dimension] == 1 && !taken[l.dimension] {
			role.name = taken.take(l.dimension)
		} else {
			role.name = taken.take(roleName(l), roleName(l)+"_of_"+strings.ReplaceAll(l.ref, ".", "_"))
		}
		w.f.roles = append(w.f.roles, role)
	}
}

// roleName is what a column says of the role: created for createdat.
func roleName(l link) string {
	name := l.column.name
	for _, ending := range []string{"_at", "_on", "_date", "_time", "_id", "timestamp", "date", "time", "at", "on", "id", "by"} {
		if cut, ok := strings.CutSuffix(name, ending); ok && len(cut) > 2 {
			name = strings.Trim(cut, "_")
			break
		}
	}
	if name == "" || name == l.dimension {
		name = l.column.name
	}
	if prefix, _, ok := strings.Cut(l.ref, "."); ok {
		name = prefix + "_" + name
	}
	return asName(name)
}
