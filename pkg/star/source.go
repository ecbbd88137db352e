package star

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/expr"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// source is what a statement reads: rows of a landing table, what they look up,
// and the members that a fact has in its roles.
//
// A lookup is a common table expression with at most one row for each key. What
// depends on one lookup alone, further lookups and members, is found within it:
// the customer of an order once for each order, not for each of its lines.
type source struct {
	g      generator
	rows   model.Rows
	with   []model.Lookup
	roles  []model.Role
	parent map[string]string          // lookup → the lookup within which it is found; "" if it is none
	home   map[string]string          // role → likewise
	shown  map[string]map[string]bool // lookup → columns that the statement reads
	used   map[string]map[string]bool // lookup → columns that are read somewhere
}

// demand is what a statement wants from its source.
type demand struct {
	refs  []model.Ref
	exprs []*expr.Expr
	roles []model.Role
}

// source returns the source of rows with some of the lookups: those that are
// in demand, and those that these need.
func (g generator) source(of string, with []model.Lookup, d demand) *source {
	rows, _ := g.Relation(of)
	s := &source{g: g, rows: rows, roles: d.roles}
	refs := slices.Clone(d.refs)
	for _, e := range d.exprs {
		refs = append(refs, refsOf(e)...)
	}
	needed := map[string]bool{}
	var need func(ref model.Ref)
	need = func(ref model.Ref) {
		if ref.Lookup == "" || needed[ref.Lookup] {
			return
		}
		needed[ref.Lookup] = true
		for _, l := range with {
			if l.Name != ref.Lookup {
				continue
			}
			for _, m := range l.On {
				need(m.Ref)
			}
		}
	}
	for _, ref := range refs {
		need(ref)
	}
	for _, role := range d.roles {
		for _, ref := range role.Refs() {
			need(ref)
		}
	}
	for _, l := range with {
		if needed[l.Name] {
			s.with = append(s.with, l)
		}
	}
	s.nest(refs, g.within == "") // of few rows, only what these look up is joined
	if s.ambiguous() {
		s.nest(refs, false)
	}
	return s
}

// nest decides what is found within which lookup.
func (s *source) nest(refs []model.Ref, within bool) {
	s.parent, s.home = map[string]string{}, map[string]string{}
	s.shown, s.used = map[string]map[string]bool{}, map[string]map[string]bool{}
	for _, l := range s.with {
		s.shown[l.Name], s.used[l.Name] = map[string]bool{}, map[string]bool{}
	}
	read := func(ref model.Ref, shown bool) {
		if ref.Lookup == "" {
			return
		}
		s.used[ref.Lookup][ref.Column] = true
		if shown {
			s.shown[ref.Lookup][ref.Column] = true
		}
	}
	for _, ref := range refs {
		read(ref, true)
	}
	for _, l := range s.with {
		on := make([]model.Ref, len(l.On))
		for i, m := range l.On {
			on[i] = m.Ref
			s.used[l.Name][m.Column] = true
		}
		if within {
			s.parent[l.Name] = commonLookup(on)
		}
		for _, ref := range on {
			read(ref, s.parent[l.Name] == "")
		}
	}
	for _, role := range s.roles {
		if within {
			s.home[role.Name] = commonLookup(role.Refs())
		}
		for _, ref := range role.Refs() {
			read(ref, s.home[role.Name] == "")
		}
		if s.home[role.Name] == "" {
			for _, ref := range s.mustBeFound(role) {
				read(ref, true)
			}
		}
	}
}

// mustBeFound lists a column of each lookup that optional text of a role comes
// from. The column has a value where the lookup finds a row. Where it finds
// none, the member is unknown, and not the one that the empty text identifies.
func (s *source) mustBeFound(role model.Role) []model.Ref {
	var refs []model.Ref
	d, _ := s.g.Dimension(role.Dimension)
	for i, k := range d.Key {
		if lookup := role.On[i].Lookup; k.Optional && lookup != "" {
			refs = append(refs, model.Ref{Lookup: lookup, Column: s.lookup(lookup).On[0].Column})
		}
	}
	return refs
}

// commonLookup returns the lookup that all of the columns come from, or "".
func commonLookup(refs []model.Ref) string {
	for _, ref := range refs {
		if ref.Lookup != refs[0].Lookup {
			return ""
		}
	}
	return refs[0].Lookup
}

// lookup returns the lookup of that name.
func (s *source) lookup(name string) model.Lookup {
	return s.with[slices.IndexFunc(s.with, func(l model.Lookup) bool { return l.Name == name })]
}

// children returns the lookups within one, or the outermost ones, so that each
// comes after those that it refers to.
func (s *source) children(name string) []model.Lookup {
	var waiting, ordered []model.Lookup
	for _, l := range s.with {
		if s.parent[l.Name] == name {
			waiting = append(waiting, l)
		}
	}
	placed := func(l model.Lookup) bool {
		for _, m := range l.On {
			if slices.ContainsFunc(waiting, func(w model.Lookup) bool { return m.Ref.Lookup != "" && w.Name == s.root(m.Ref.Lookup) }) {
				return false
			}
		}
		return true
	}
	for len(waiting) > 0 {
		next := max(0, slices.IndexFunc(waiting, placed)) // lookups in a ring are an error of the model
		ordered = append(ordered, waiting[next])
		waiting = slices.Delete(waiting, next, next+1)
	}
	return ordered
}

// inside returns the roles whose members are found within a lookup, or by the
// statement itself.
func (s *source) inside(name string) []model.Role {
	return slices.DeleteFunc(slices.Clone(s.roles), func(r model.Role) bool { return s.home[r.Name] != name })
}

// root returns the outermost lookup that a lookup is within.
func (s *source) root(name string) string {
	for s.parent[name] != "" {
		name = s.parent[name]
	}
	return name
}

// exported lists the columns of a lookup that whatever is around it reads,
// beside those it is joined on, as name and expression.
func (s *source) exported(l model.Lookup) (names, exprs []string) {
	add := func(name, expr string) {
		names, exprs = append(names, name), append(exprs, expr)
	}
	rows := s.relation(l)
	for _, m := range l.On {
		add(m.Column, s.base(l)+"."+model.QuoteName(m.Column))
	}
	for _, c := range rows.Columns {
		joined := slices.ContainsFunc(l.On, func(m model.Match) bool { return m.Column == c.Name })
		switch {
		case !s.shown[l.Name][c.Name]:
		case s.parent[l.Name] != "":
			add(inner(l.Name, c.Name), s.base(l)+"."+model.QuoteName(c.Name))
		case !joined:
			add(c.Name, s.base(l)+"."+model.QuoteName(c.Name))
		}
	}
	for _, role := range s.inside(l.Name) {
		add(role.SurrogateKey(), s.g.member(role)+"."+s.g.surrogate(role))
	}
	for _, child := range s.children(l.Name) {
		all, _ := s.exported(child)
		for _, name := range all[len(child.On):] {
			add(name, s.g.found(child.Name)+"."+model.QuoteName(name))
		}
	}
	return names, exprs
}

// inner is what a lookup within another calls its columns.
func inner(lookup, column string) string { return lookup + "_" + column }

// ambiguous reports whether two columns of a lookup would be called alike.
func (s *source) ambiguous() bool {
	for _, l := range s.with {
		names, _ := s.exported(l)
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) != len(names) ||
			slices.ContainsFunc(names, func(name string) bool { return len(name) > maxName }) {
			return true
		}
	}
	return false
}

func (s *source) relation(l model.Lookup) model.Rows {
	rows, _ := s.g.Relation(l.Of)
	return rows
}

// base is the table within a lookup that its own rows come from.
func (s *source) base(l model.Lookup) string {
	if l.Latest != "" {
		return fit("latest" + s.g.mark() + "_" + l.Name)
	}
	return s.g.table(model.Mirror, s.relation(l).Table)
}

// found is the common table expression of a lookup.
func (g generator) found(lookup string) string { return fit("found" + g.mark() + "_" + lookup) }

// member is what the member of a role is called where it is joined.
func (g generator) member(role model.Role) string { return fit(role.Name + "_" + g.mark() + "member") }

// mark keeps the names above apart from each other and from those of tables that
// stand in one FROM with them: underscores, if the model has such names itself.
func (g generator) mark() string {
	var names []string
	for _, r := range g.Relations() {
		names = append(names, r.Table)
	}
	for _, d := range g.Dimensions {
		names = append(names, d.Name)
	}
	for _, f := range g.Facts {
		names = append(names, f.Name)
		for _, role := range f.Roles {
			names = append(names, role.Name)
		}
	}
	mark := ""
	for slices.ContainsFunc(names, func(name string) bool {
		return strings.HasPrefix(name, "found"+mark+"_") || strings.HasPrefix(name, "latest"+mark+"_") || strings.HasSuffix(name, "_"+mark+"member")
	}) {
		mark += "_"
	}
	return mark
}

// surrogate is the key of the dimension of a role.
func (g generator) surrogate(role model.Role) string {
	return model.QuoteName(role.Dimension + "key")
}

// ref spells a column for the statement.
func (s *source) ref(ref model.Ref) string {
	if ref.Lookup == "" {
		return s.ownRows() + "." + model.QuoteName(ref.Column)
	}
	if s.parent[ref.Lookup] != "" {
		return s.g.found(s.root(ref.Lookup)) + "." + model.QuoteName(inner(ref.Lookup, ref.Column))
	}
	return s.g.found(ref.Lookup) + "." + model.QuoteName(ref.Column)
}

// expr spells an expression for the statement.
func (s *source) expr(e *expr.Expr) string {
	return e.SQL(func(table, column string) string { return s.ref(model.Ref{Lookup: table, Column: column}) })
}

// key spells the surrogate key that a fact has in a role: 0, the unknown
// member, if there is none.
func (s *source) key(role model.Role) string {
	table, column := s.g.member(role), s.g.surrogate(role)
	if home := s.home[role.Name]; home != "" {
		table, column = s.g.found(s.root(home)), model.QuoteName(role.SurrogateKey())
	}
	return "coalesce(" + table + "." + column + ", 0)"
}

// ctes lists the common table expressions of the lookups.
func (s *source) ctes() []string { return append(s.restricted(), s.ctesWithin("")...) }

func (s *source) ctesWithin(name string) []string {
	var all []string
	for _, l := range s.children(name) {
		all = append(all, s.ctesWithin(l.Name)...)
		if l.Latest != "" {
			all = append(all, s.latest(l))
		}
		_, exprs := s.exported(l)
		for i, name := range s.names(l) {
			exprs[i] = as(exprs[i], name)
		}
		column := func(ref model.Ref) string { return s.base(l) + "." + model.QuoteName(ref.Column) }
		query := selection(exprs, "from "+s.base(l)) + s.joinsWithin(l.Name, column)
		if l.Latest != "" {
			query += where([]string{s.base(l) + "." + s.place(l) + " = 1"})
		}
		all = append(all, cte(s.g.found(l.Name), query))
	}
	return all
}

func (s *source) names(l model.Lookup) []string {
	names, _ := s.exported(l)
	return names
}

// latest ranks the rows of a lookup, so that one can be picked for each key.
func (s *source) latest(l model.Lookup) string {
	rows, table := s.relation(l), s.g.table(model.Mirror, s.relation(l).Table)
	var columns, keys, order []string
	for _, m := range l.On {
		keys = append(keys, table+"."+model.QuoteName(m.Column))
	}
	order = append(order, table+"."+model.QuoteName(l.Latest)+" desc nulls last")
	for _, c := range rows.Identity {
		order = append(order, table+"."+model.QuoteName(c)+" desc nulls last")
	}
	for _, c := range rows.Columns {
		name := table + "." + model.QuoteName(c.Name)
		if s.used[l.Name][c.Name] {
			columns = append(columns, name)
		}
		// Without a key, all columns decide: every statement must pick the same row.
		if s.used[l.Name][c.Name] || len(rows.Identity) == 0 {
			order = append(order, name)
		}
	}
	columns = append(columns, rank(keys, order)+" as "+s.place(l))
	return cte(s.base(l), selection(columns, "from "+table))
}

// place is the column with the rank of a row.
func (s *source) place(l model.Lookup) string {
	return fresh("place", model.Names(s.relation(l).Columns)...)
}

// rank numbers the rows of each key.
func rank(keys, order []string) string {
	return "row_number() over (\n    partition by " + indent(4, strings.Join(keys, ", ")) +
		"\n    order by\n        " + strings.Join(order, ",\n        ") + "\n)"
}

// from spells the FROM clause: the rows, what they look up, their members.
func (s *source) from() string {
	return "from " + s.ownRows() + s.joinsWithin("", s.ref)
}

// joinsWithin spells the joins within a lookup, or those of the statement.
func (s *source) joinsWithin(name string, column func(model.Ref) string) string {
	var b strings.Builder
	for _, l := range s.children(name) {
		conditions := make([]string, len(l.On))
		for i, m := range l.On {
			conditions[i] = column(m.Ref) + " = " + s.g.found(l.Name) + "." + model.QuoteName(m.Column)
		}
		b.WriteString(leftJoin(s.g.found(l.Name), conditions))
	}
	for _, role := range s.inside(name) {
		b.WriteString(s.g.joinMember(role, column, s.dateRef))
		if name == "" {
			for _, ref := range s.mustBeFound(role) {
				b.WriteString("\n    and " + s.ref(ref) + " is not null")
			}
		}
	}
	return b.String()
}

// dateRef reports whether a column is a date, which needs no cast to one.
func (s *source) dateRef(ref model.Ref) bool {
	rows := s.rows
	if ref.Lookup != "" {
		rows = s.relation(s.lookup(ref.Lookup))
	}
	c, _ := rows.Column(ref.Column)
	return c.Type.Kind == model.KindDate
}

func leftJoin(table string, conditions []string) string {
	return "\nleft join " + table + "\n    on " + strings.Join(conditions, "\n    and ")
}

// joinMember joins the member of the night that a role points at.
func (g generator) joinMember(role model.Role, column func(model.Ref) string, isDate func(model.Ref) bool) string {
	d, _ := g.Dimension(role.Dimension)
	conditions := make([]string, len(d.Key), len(d.Key)+1)
	shown, optional := true, true
	for i, k := range d.Key {
		value := column(role.On[i])
		name, ok := g.shownAs(d, k)
		shown, optional = shown && ok, optional && k.Optional
		target := g.member(role) + "." + model.QuoteName(name)
		switch {
		case d.Calendar && !isDate(role.On[i]):
			value = "cast(" + value + " as date)"
		case k.Optional && ok:
			value, target = identifying(value), identifying(target)
		case k.Optional:
			value = identifying(value)
		}
		conditions[i] = value + " = " + target
	}
	if role.AsOf != nil {
		moment := column(*role.AsOf)
		if isDate(*role.AsOf) {
			moment = "cast(" + moment + " as timestamp)"
		}
		conditions = append(conditions, validThen(moment, g.member(role))...)
	}
	if shown && optional { // what identifies the unknown member is missing, too
		conditions = append(conditions, g.member(role)+"."+model.QuoteName(d.SurrogateKey())+" <> 0")
	}
	if shown {
		return leftJoin(g.table(model.Staging, d.Name)+" as "+g.member(role), conditions)
	}
	// The members of the night do not show what identifies them.
	for i, k := range d.Key {
		value := column(role.On[i])
		if k.Optional {
			value = identifying(value)
		}
		conditions[i] = value + " = " + g.member(role) + "." + model.QuoteName(k.Name)
	}
	keys, night, key := g.table(model.Staging, d.SurrogateKey()), g.table(model.Staging, d.Name), model.QuoteName(d.SurrogateKey())
	columns := []string{keys + "." + key}
	for _, k := range d.Key {
		columns = append(columns, keys+"."+model.QuoteName(k.Name))
	}
	query := selection(columns, fmt.Sprintf("from %s\ninner join %s\n    on %s.%s = %s.%s", keys, night, keys, key, night, key))
	return leftJoin("(\n    "+indent(4, query)+"\n) as "+g.member(role), conditions)
}

// shownAs returns the column of a dimension that holds a column of its business
// key, if it has one.
func (g generator) shownAs(d model.Dimension, k model.KeyColumn) (string, bool) {
	if d.Calendar {
		return d.Key[0].Name, true
	}
	for _, c := range d.Columns {
		if c.SQL == nil && c.Ref == k.Ref {
			return c.Name, true
		}
	}
	return k.Name, false
}

// identifying spells optional text as it identifies: missing text is the empty
// one, and blanks at the end do not count, because Redshift does not compare
// them (https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html).
func identifying(value string) string { return "coalesce(rtrim(" + value + "), '')" }
