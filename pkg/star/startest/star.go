package startest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Star is what the warehouse holds after some nights.
type Star struct {
	m       model.Model
	keys    map[string]KeyTable       // by dimension or, for documents, fact
	members map[string]map[int]Member // by dimension and surrogate key
	facts   map[string][]Fact

	at       time.Time            // when the table was seen last
	versions map[string][]Version // by dimension, in the order in which they were seen
}

// Member is a row of a dimension.
type Member struct {
	Cells   []Cell // in the order of the dimension's columns, and those of its history
	Deleted bool
}

// Fact is a row of a fact table.
type Fact struct {
	Keys  []int // of the document, if the fact has one, and of the roles
	Cells []Cell
}

// Refusal is a rule that a night breaks.
type Refusal struct {
	Proof string // what the name of the proof begins with
	Items []int  // without which the night would keep it
}

// NewStar returns an empty warehouse.
func NewStar(m model.Model) *Star {
	return &Star{m: m, keys: map[string]KeyTable{}, members: map[string]map[int]Member{}, facts: map[string][]Fact{}}
}

// Night returns the warehouse after another night, or what is wrong with the
// night.
func (s *Star) Night(night Landing) (*Star, []Refusal) {
	next := NewStar(s.m)
	maps.Copy(next.keys, s.keys)
	next.at, next.versions = s.at, s.See(night, s.at).versions
	refused := slices.Concat(s.emptied(night), broken(s.m, night), ambiguous(s.m, night))
	tonight := map[string]map[int]Member{} // members by dimension
	for _, d := range s.m.Dimensions {
		var twice []Refusal
		if d.Calendar {
			tonight[d.Name] = next.calendar(d, night)
		} else {
			tonight[d.Name], twice = next.dimension(d, night)
		}
		refused = append(refused, twice...)
	}
	for _, f := range s.m.Facts {
		refused = append(refused, next.fact(f, night, tonight)...)
	}
	for _, d := range s.m.Dimensions {
		next.publish(d, s.members[d.Name], tonight[d.Name])
	}
	return next, refused
}

// publish keeps members that are gone, marked, and takes over the others.
func (s *Star) publish(d model.Dimension, before, tonight map[int]Member) {
	s.members[d.Name] = map[int]Member{}
	for key, member := range before {
		s.members[d.Name][key] = Member{member.Cells, true}
	}
	maps.Copy(s.members[d.Name], tonight)
}

// emptied refuses a night without any row after one with facts.
func (s *Star) emptied(night Landing) []Refusal {
	rows, held := 0, 0
	for _, some := range night.Rows {
		rows += len(some)
	}
	for _, some := range s.facts {
		held += len(some)
	}
	for _, some := range s.members {
		for key, member := range some {
			if len(s.m.Facts) == 0 && key != 0 && !member.Deleted {
				held++
			}
		}
	}
	if rows == 0 && held > 0 {
		return []Refusal{{Proof: "landing has no row"}}
	}
	return nil
}

// broken refuses rows that break a rule of the business.
func broken(m model.Model, night Landing) []Refusal {
	var refused []Refusal
	for _, c := range m.Checks {
		for _, s := range scopes(m, night, c.Of, nil) {
			if !c.Warn && s.is(c.SQL) {
				refused = append(refused, Refusal{"check " + c.Name, []int{s.item}})
			}
		}
	}
	return refused
}

// ambiguous refuses rows that are looked up by what two of them have.
func ambiguous(m model.Model, night Landing) []Refusal {
	var lookups []model.Lookup
	for _, d := range m.Dimensions {
		lookups = append(lookups, d.With...)
	}
	for _, f := range m.Facts {
		lookups = append(lookups, f.With...)
	}
	var refused []Refusal
	for _, l := range lookups {
		relation, _ := m.Relation(l.Of)
		rows := night.Rows[l.Of]
		for i := range rows {
			for j := range i {
				same := l.Latest == ""
				for _, on := range l.On {
					same = same && equal(rows[i].Cells[on.Column], rows[j].Cells[on.Column])
				}
				if same {
					refused = append(refused, Refusal{"landing." + relation.Table + " unique by ", []int{rows[i].Item, rows[j].Item}})
				}
			}
		}
	}
	return refused
}

// dimension returns the members of the night, among them the unknown one.
func (s *Star) dimension(d model.Dimension, night Landing) (map[int]Member, []Refusal) {
	relation, _ := s.m.Relation(d.Of)
	var describing []scope
	var business [][]Cell
	for _, row := range scopes(s.m, night, d.Of, d.With) {
		key, whole := row.businessKey(d.Key, refs(d.Key))
		if whole && row.is(d.Where) && hasOne(d.When, row) {
			describing, business = append(describing, row), append(business, key)
		}
	}
	if d.Versions {
		var refused []Refusal
		for i, key := range business {
			if other := slices.IndexFunc(business[:i], func(b []Cell) bool { return compareKeys(b, key) == 0 }); other >= 0 {
				refused = append(refused, Refusal{"landing." + relation.Table + " unique by ", []int{describing[i].item, describing[other].item}})
			}
		}
		return s.versioned(d, business), refused
	}
	s.keys[d.Name] = s.keys[d.Name].With(business)
	var refused []Refusal
	members := map[int]Member{0: unknownMember(d)}
	best := map[int]scope{}
	for i, row := range describing {
		key := s.keys[d.Name].Of(business[i])
		other, twice := best[key]
		if twice && d.Latest == nil && !d.First {
			refused = append(refused, Refusal{"landing." + relation.Table + " unique by ", []int{row.item, other.item}})
		}
		if !twice || describes(d, relation, row, other) {
			best[key] = row
		}
	}
	for key, row := range best {
		var cells []Cell
		for _, c := range d.Columns {
			cells = append(cells, row.column(c))
		}
		members[key] = Member{Cells: cells}
	}
	return members, refused
}

// hasOne reports whether one of some columns has a value.
func hasOne(columns []string, row scope) bool {
	for _, name := range columns {
		if row.own[name] != nil {
			return true
		}
	}
	return len(columns) == 0
}

// describes reports whether row describes a member rather than other: the
// latest does, of those the one whose item has the highest key, and then the
// first by its text.
func describes(d model.Dimension, relation model.Rows, row, other scope) bool {
	if d.Latest != nil {
		if order := highestFirst(row.value(*d.Latest), other.value(*d.Latest)); order != 0 {
			return order < 0
		}
		for _, name := range relation.Identity {
			if order := highestFirst(row.own[name], other.own[name]); order != 0 {
				return order < 0
			}
		}
	}
	for _, c := range d.Columns {
		if order := nullsLast(row.column(c), other.column(c)); order != 0 {
			return order < 0
		}
	}
	return false
}

func unknownMember(d model.Dimension) Member {
	var cells []Cell
	for _, c := range d.Columns {
		if c.Label == "" {
			cells = append(cells, nil)
			continue
		}
		cells = append(cells, c.Label)
	}
	return Member{Cells: cells}
}

// calendar returns the days of the night.
func (s *Star) calendar(d model.Dimension, night Landing) map[int]Member {
	var days [][]Cell
	for _, from := range d.Days {
		for _, row := range night.Rows[from.Of] {
			if day := dayOf(row.Cells[from.Column]); day != nil {
				days = append(days, []Cell{day})
			}
		}
	}
	s.keys[d.Name] = s.keys[d.Name].With(days)
	members := map[int]Member{0: unknownMember(d)}
	for _, day := range days {
		members[s.keys[d.Name].Of(day)] = Member{Cells: describeDay(s.m, d, day[0].(time.Time))}
	}
	return members
}

// dayOf is the day of an instant in UTC.
func dayOf(at Cell) Cell {
	if at == nil {
		return nil
	}
	return at.(time.Time).Truncate(24 * time.Hour)
}

func describeDay(m model.Model, d model.Dimension, day time.Time) []Cell {
	isoYear, week := day.ISOWeek()
	weekday := (int(day.Weekday())+6)%7 + 1
	month := int(day.Month())
	start := m.Calendar.FiscalStart
	fiscalYear := day.Year()
	if start > 1 && month >= start {
		fiscalYear++
	}
	parts := map[string]Cell{
		d.Key[0].Name: day, "year": whole(day.Year()), "quarter": whole((month-1)/3 + 1), "month": whole(month),
		"monthname": day.Month().String(), "isoyear": whole(isoYear), "week": whole(week), "day": whole(day.Day()),
		"dayofweek": whole(weekday), "dayname": day.Weekday().String(), "isweekend": weekday > 5,
		"fiscalyear": whole(fiscalYear), "fiscalquarter": whole((month-start+12)%12/3 + 1),
	}
	var cells []Cell
	for _, c := range d.Columns {
		cells = append(cells, parts[c.Name])
	}
	return cells
}

// fact makes the rows of a fact table.
func (s *Star) fact(f model.Fact, night Landing, tonight map[string]map[int]Member) []Refusal {
	rows := scopes(s.m, night, f.Of, f.With)
	rows = slices.DeleteFunc(rows, func(row scope) bool { return !row.is(f.Where) })
	if len(f.Document) > 0 {
		s.keys[f.Name] = s.keys[f.Name].With(slices.Concat(documents(f, rows), lookedUpDocuments(f, night)))
	}
	var refused []Refusal
	seen := map[string]int{}
	for _, row := range rows {
		fact := Fact{}
		if len(f.Document) > 0 {
			document, _ := row.businessKey(f.Document, refs(f.Document))
			fact.Keys = append(fact.Keys, s.keys[f.Name].Of(document))
		}
		for _, role := range f.Roles {
			fact.Keys = append(fact.Keys, s.member(role, row, tonight[role.Dimension]))
		}
		for _, c := range f.Columns {
			fact.Cells = append(fact.Cells, row.column(c))
		}
		s.facts[f.Name] = append(s.facts[f.Name], fact)
		key := fact.key(f)
		if other, twice := seen[key]; twice {
			refused = append(refused, Refusal{"staging." + f.Name + " unique by ", []int{row.item, other}})
		}
		seen[key] = row.item
	}
	return refused
}

// member returns the surrogate key of the member that a row refers to: 0 if the
// night does not hold it, or nothing of what the reference leads through.
func (s *Star) member(role model.Role, row scope, tonight map[int]Member) int {
	d, _ := s.m.Dimension(role.Dimension)
	for _, ref := range role.On {
		if ref.Lookup != "" && row.looked[ref.Lookup] == nil {
			return 0
		}
	}
	var key int
	if d.Calendar {
		if day := dayOf(row.value(role.On[0])); day != nil {
			key = s.keys[d.Name].Of([]Cell{day})
		}
	} else if business, whole := row.businessKey(d.Key, role.On); whole && d.Versions {
		return s.validAt(d, business, row.value(*role.AsOf))
	} else if whole {
		key = s.keys[d.Name].Of(business)
	}
	if _, here := tonight[key]; !here {
		return 0
	}
	return key
}

func documents(f model.Fact, rows []scope) [][]Cell {
	var all [][]Cell
	for _, row := range rows {
		document, _ := row.businessKey(f.Document, refs(f.Document))
		all = append(all, document)
	}
	return all
}

// lookedUpDocuments lists the documents that are rows of their own: what is
// looked up by exactly the columns of the document. They have keys even without
// facts.
func lookedUpDocuments(f model.Fact, night Landing) [][]Cell {
	var all [][]Cell
	for _, l := range f.With {
		columns, whole := documentColumns(f, l)
		if !whole {
			continue
		}
		for _, row := range night.Rows[l.Of] {
			document := scope{own: row.Cells}
			missing := slices.ContainsFunc(columns, func(c model.Ref) bool { return document.value(c) == nil })
			if key, whole := document.businessKey(f.Document, columns); whole && !missing {
				all = append(all, key)
			}
		}
	}
	return all
}

// documentColumns lists the columns of a lookup that are the document's. It is
// false if a column of the document is not among what is looked up by, or if
// there is more.
func documentColumns(f model.Fact, l model.Lookup) ([]model.Ref, bool) {
	var columns []model.Ref
	for _, k := range f.Document {
		i := slices.IndexFunc(l.On, func(on model.Match) bool { return on.Ref == k.Ref })
		if i < 0 {
			return nil, false
		}
		columns = append(columns, model.Ref{Column: l.On[i].Column})
	}
	return columns, len(l.On) == len(f.Document)
}

// key spells what identifies a fact.
func (fact Fact) key(f model.Fact) string {
	var parts []string
	cells := fact.cells(f)
	for i, name := range FactColumns(f) {
		if slices.Contains(f.Key, name) {
			parts = append(parts, cells[i])
		}
	}
	return strings.Join(parts, "|")
}

// cells spells the row, in the order of [FactColumns].
func (fact Fact) cells(f model.Fact) []string {
	var cells []string
	for _, key := range fact.Keys {
		cells = append(cells, fmt.Sprint(key))
	}
	for i, c := range f.Columns {
		cells = append(cells, Text(c.Type, fact.Cells[i]))
	}
	return cells
}

// FactColumns names the columns of a fact table in their order.
func FactColumns(f model.Fact) []string {
	var names []string
	if len(f.Document) > 0 {
		names = append(names, f.SurrogateKey())
	}
	for _, role := range f.Roles {
		names = append(names, role.SurrogateKey())
	}
	for _, c := range f.Columns {
		names = append(names, c.Name)
	}
	return names
}
