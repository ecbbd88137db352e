package startest

import (
	"slices"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Version is what a member looked like from a moment on.
type Version struct {
	Member []Cell // the business key
	From   time.Time
	Cells  []Cell // in the order of the dimension's columns
}

// The bounds of time.
func always() time.Time  { return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC) }
func forever() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC) }

// See returns the warehouse that remembers how members looked at a moment, if
// their dimension keeps versions: those that look different from before, or that
// nobody had seen.
func (s *Star) See(table Landing, at time.Time) *Star {
	next := *s
	next.at, next.versions = at, map[string][]Version{}
	for _, d := range s.m.Dimensions {
		if !d.Versions {
			continue
		}
		all := slices.Clone(s.versions[d.Name])
		for _, row := range scopes(s.m, table, d.Of, nil) {
			key, whole := row.businessKey(d.Key, refs(d.Key))
			if !whole || !row.is(d.Where) || !hasOne(d.When, row) {
				continue
			}
			v := Version{Member: key, From: always()}
			for _, c := range d.Columns {
				v.Cells = append(v.Cells, row.column(c))
			}
			if known := versionsOf(all, key); len(known) > 0 {
				if slices.EqualFunc(known[len(known)-1].Cells, v.Cells, func(a, b Cell) bool { return nullsLast(a, b) == 0 }) {
					continue
				}
				v.From = at
			}
			all = append(all, v)
		}
		next.versions[d.Name] = all
	}
	return &next
}

// versionsOf returns the versions of a member in their order.
func versionsOf(all []Version, member []Cell) []Version {
	return slices.DeleteFunc(slices.Clone(all), func(v Version) bool { return compareKeys(v.Member, member) != 0 })
}

// versioned returns the rows of a dimension with versions: of all members ever
// seen. Here are those that the table holds.
func (s *Star) versioned(d model.Dimension, here [][]Cell) map[int]Member {
	var keys [][]Cell
	for i, v := range s.versions[d.Name] {
		keys = append(keys, numbered(v, 1+len(versionsOf(s.versions[d.Name][:i], v.Member))))
	}
	s.keys[d.Name] = s.keys[d.Name].With(keys)
	unknown := unknownMember(d)
	unknown.Cells = append(unknown.Cells, whole(1), always(), forever(), true)
	members := map[int]Member{0: unknown}
	for i, v := range s.versions[d.Name] {
		number, to, current := keys[i][len(v.Member)], forever(), true
		if later := versionsOf(s.versions[d.Name][i+1:], v.Member); len(later) > 0 {
			to, current = later[0].From, false
		}
		isHere := slices.ContainsFunc(here, func(member []Cell) bool { return compareKeys(member, v.Member) == 0 })
		members[s.keys[d.Name].Of(keys[i])] = Member{Cells: append(slices.Clone(v.Cells), number, v.From, to, current), Deleted: !isHere}
	}
	return members
}

// numbered is what identifies a version.
func numbered(v Version, number int) []Cell { return append(slices.Clone(v.Member), whole(number)) }

// validAt returns the surrogate key of the version of a member that was valid at
// a moment; 0 if there is no such member, or no moment.
func (s *Star) validAt(d model.Dimension, member []Cell, moment Cell) int {
	key := 0
	for i, v := range versionsOf(s.versions[d.Name], member) {
		if moment != nil && !moment.(time.Time).Before(v.From) {
			key = s.keys[d.Name].Of(numbered(v, i+1))
		}
	}
	return key
}
