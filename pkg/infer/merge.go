package infer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/inspect"
)

// merger makes types of groups: it finds the words in keys that are values.
type merger struct {
	groups []*inspect.Group
	by     int             // which type attribute names types; -1 if none does
	names  map[string]bool // type attributes
	// loosened says which delimiters differ in length.
	loosened []string
}

// maxMerges is how many places in keys may turn out to hold values.
const maxMerges = 1000

// run merges until nothing changes.
func (m *merger) run() {
	m.fix()
	m.alone()
	m.same()
	for range maxMerges {
		before := len(m.groups)
		changed := m.values()
		m.same()
		m.separators()
		m.spellings()
		m.unnamed()
		if !changed && len(m.groups) == before {
			return
		}
	}
}

// value returns what the type attribute says of a group.
func (m *merger) value(g *inspect.Group) string {
	if m.by < 0 {
		return ""
	}
	return g.Values[m.by]
}

// fix makes literals of ids in the middle of a key that never change, such as
// the version of an entity in $user_1#id_5.
func (m *merger) fix() {
	for _, g := range m.groups {
		for k, key := range g.Keys {
			for i, s := range key {
				electro := i > 0 && strings.HasSuffix(key[i-1].Delim, "$") && strings.HasSuffix(s.Word, "_")
				if s.ID && electro && g.Items > 1 {
					g.Fix(k, i)
				}
				if s.ID && s.Word != "" && s.Delim != "" && (i == 0 || key[i-1].Word == "") && g.Items >= 10 {
					g.Fix(k, i)
				}
			}
		}
	}
}

// alone makes an id of the one word after a word in a partition key, TENANT#acme:
// another tenant may come tomorrow.
func (m *merger) alone() {
	seen := map[string]map[string]bool{}
	for _, g := range m.groups {
		if key := g.Keys[0]; len(key) == 2 && !key[0].ID && key[0].Word != "" {
			id := key[0].Word + key[0].Delim
			if seen[id] == nil {
				seen[id] = map[string]bool{}
			}
			seen[id][fmt.Sprint(key[1].Word, key[1].ID)] = true
		}
	}
	for _, g := range m.groups {
		key := g.Keys[0]
		if len(key) == 2 && !key[0].ID && key[0].Word != "" && !key[1].ID && key[1].Word != "" && len(seen[key[0].Word+key[0].Delim]) == 1 {
			g.Generalise(0, 1, "")
		}
	}
}

// same merges groups whose keys have one form and whose type is one.
func (m *merger) same() {
	m.reduce(func(g *inspect.Group) string { return g.Pattern() + "\x00" + m.value(g) }, func(_, _ *inspect.Group) bool { return true })
}

// separators merges groups that differ in the length of their delimiters: USER::1
// and the typo USER:::1.
func (m *merger) separators() {
	form := func(g *inspect.Group) string {
		var b strings.Builder
		for _, key := range g.Keys {
			for _, s := range key {
				fmt.Fprintf(&b, "%s\x01%v\x01%.1s\x01", s.Word, s.ID, s.Delim)
			}
			b.WriteByte(0)
		}
		return b.String() + m.value(g)
	}
	m.reduce(form, func(a, b *inspect.Group) bool {
		if !m.likeness(a, b).agree() {
			return false
		}
		for k := range a.Keys {
			for i := range a.Keys[k] {
				x, y := a.Keys[k][i].Delim, b.Keys[k][i].Delim
				if x == y {
					continue
				}
				shorter := x
				if len(y) < len(x) {
					shorter = y
				}
				if !strings.HasPrefix(x, shorter) || !strings.HasPrefix(y, shorter) {
					return false
				}
				m.loosened = append(m.loosened, fmt.Sprintf("some keys have %q where others have %q", x, y))
				a.Loosen(k, i, shorter)
				b.Loosen(k, i, shorter)
			}
		}
		return true
	})
}

// spellings merges groups with keys of one form whose types have one name, spelt
// in two ways.
func (m *merger) spellings() {
	if m.by < 0 {
		return
	}
	m.reduce(func(g *inspect.Group) string { return g.Pattern() }, func(a, b *inspect.Group) bool {
		x, y := m.value(a), m.value(b)
		return x != "" && y != "" && x != y && alikeNames(x, y) && m.likeness(a, b).agree()
	})
}

// unnamed merges items without a type attribute with those that have one.
func (m *merger) unnamed() {
	if m.by < 0 {
		return
	}
	m.reduce(func(g *inspect.Group) string { return g.Pattern() }, func(a, b *inspect.Group) bool {
		return (m.value(a) == "") != (m.value(b) == "") && m.likeness(a, b).agree()
	})
}

// reduce merges groups that have one key and that belong together.
func (m *merger) reduce(key func(*inspect.Group) string, together func(a, b *inspect.Group) bool) {
	var left []*inspect.Group
	by := map[string][]*inspect.Group{}
	for _, g := range m.groups {
		k := key(g)
		i := slices.IndexFunc(by[k], func(o *inspect.Group) bool { return len(o.Keys) == len(g.Keys) && together(o, g) })
		if i >= 0 {
			m.join(by[k][i], g)
			continue
		}
		by[k] = append(by[k], g)
		left = append(left, g)
	}
	m.groups = left
}

// join merges b into a, which keeps a list of its values of the type attribute.
func (m *merger) join(a, b *inspect.Group) {
	var value string
	if m.by >= 0 {
		value = joined(a.Values[m.by], b.Values[m.by])
	}
	a.Merge(b)
	if m.by >= 0 {
		a.Values[m.by] = value
	}
}

// joined lists values of the type attribute, with a NUL between them.
func joined(a, b string) string {
	all := append(strings.Split(a, "\x00"), strings.Split(b, "\x00")...)
	slices.Sort(all)
	return strings.Trim(strings.Join(slices.Compact(all), "\x00"), "\x00")
}

func (m *merger) likeness(a, b *inspect.Group) likeness { return compare(a, b, m.names) }

// family are the groups whose keys have one shape, and agree before a segment.
type family struct {
	key, segment int
	groups       []*inspect.Group
}

// values finds segments whose words are values, and generalises them.
func (m *merger) values() bool {
	families := map[string]*family{}
	for _, g := range m.groups {
		shape := skeleton(g) + m.value(g) + "\x00"
		for k, key := range g.Keys {
			before := ""
			for i, s := range key {
				id := fmt.Sprintf("%s%d.%d\x00%s", shape, k, i, before)
				if families[id] == nil {
					families[id] = &family{key: k, segment: i}
				}
				families[id].groups = append(families[id].groups, g)
				before += fmt.Sprintf("%s\x01%v\x01", s.Word, s.ID)
			}
		}
	}
	ids := make([]string, 0, len(families))
	for id, f := range families {
		if f.words() > 1 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		x, y := families[a], families[b]
		return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.segment, y.segment), cmp.Compare(a, b))
	})
	for _, id := range ids {
		if m.isValue(families[id]) && families[id].generalise() {
			return true // the families below have changed
		}
	}
	return false
}

// words counts the different words of the segment.
func (f *family) words() int {
	seen := map[string]bool{}
	for _, g := range f.groups {
		s := g.Keys[f.key][f.segment]
		if s.Word == "" && !s.ID {
			continue
		}
		seen[fmt.Sprint(s.Word, s.ID)] = true
	}
	return len(seen)
}

// tagged reports whether words stand before ids in the segment.
func (f *family) tagged() bool {
	return slices.ContainsFunc(f.groups, func(g *inspect.Group) bool {
		s := g.Keys[f.key][f.segment]
		return s.Word != "" && s.ID
	})
}

// generalise makes an id of the segment, and reports whether anything changed. A
// group that has an id there already stays as it is, M-17 of members, if others
// have been found to differ in the segment alone, and it does not.
func (f *family) generalise() bool {
	rest := f.rest()
	pairs := slices.ContainsFunc(slices.Collect(maps.Values(rest)), func(groups []*inspect.Group) bool { return len(groups) > 1 })
	single := func(g *inspect.Group) bool {
		return pairs && g.Keys[f.key][f.segment].ID && len(rest[f.without(g)]) == 1
	}
	word, first := "", true
	for _, g := range f.groups {
		s := g.Keys[f.key][f.segment]
		switch {
		case s.Word == "" && !s.ID, single(g):
			continue
		case first:
			word, first = s.Word, false
		default:
			word = common(word, s.Word)
		}
	}
	for _, g := range f.groups {
		if s := g.Keys[f.key][f.segment]; !s.ID && s.Word == word {
			word = "" // an id is not empty
		}
	}
	changed := false
	for _, g := range f.groups {
		if s := g.Keys[f.key][f.segment]; (s.Word != "" || s.ID) && !single(g) {
			changed = changed || !s.ID || s.Word != word
			g.Generalise(f.key, f.segment, word)
		}
	}
	return changed
}

// without spells the keys of a group but for the segment.
func (f *family) without(g *inspect.Group) string {
	var b strings.Builder
	for k, key := range g.Keys {
		for i, s := range key {
			if k != f.key || i != f.segment {
				fmt.Fprintf(&b, "%s\x01%v\x01", s.Word, s.ID)
			}
		}
	}
	return b.String()
}

// rest sorts the groups by what they have but for the segment.
func (f *family) rest() map[string][]*inspect.Group {
	all := map[string][]*inspect.Group{}
	for _, g := range f.groups {
		all[f.without(g)] = append(all[f.without(g)], g)
	}
	return all
}

// common returns what two words begin with, up to a mark.
func common(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(a) && n == len(b) {
		return a
	}
	return a[:strings.LastIndexAny(a[:n], "-_")+1]
}

// evidence is what speaks for a segment's words being values.
type evidence struct {
	pairs  int     // of groups that differ in the segment alone
	agree  int     // of those, with attributes that agree
	shared int     // the fewest usual attributes that agreeing ones share
	says   float64 // share of the items in which an attribute repeats the segment
	times  bool    // nothing but times follow
}

func (m *merger) weigh(f *family) evidence {
	e := evidence{shared: 1 << 30, times: true}
	rest := f.rest()
	var items, said int64
	for _, g := range f.groups {
		items += g.Items
		said += repeated(g, place(g, f.key, f.segment))
		key := g.Keys[f.key]
		for i := f.segment + 1; i < len(key); i++ {
			part := g.Segments[f.key][i]
			e.times = e.times && key[i].ID && part.Share(inspect.FineTimestamp)+part.Share(inspect.EpochSeconds)+part.Share(inspect.EpochMillis) > 0.95
		}
		e.times = e.times && f.segment < len(key)-1
	}
	for _, groups := range rest {
		slices.SortFunc(groups, func(a, b *inspect.Group) int {
			return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(a.Pattern(), b.Pattern()))
		})
		for _, g := range groups[1:] {
			e.pairs++
			if l := m.likeness(groups[0], g); l.agree() {
				e.agree++
				e.shared = min(e.shared, l.shared)
			}
		}
	}
	e.says = float64(said) / float64(max(items, 1))
	return e
}

// place is the number of a segment, all keys together.
func place(g *inspect.Group, key, segment int) int {
	for k := range key {
		segment += len(g.Keys[k])
	}
	return segment
}

// repeated counts the items of which an attribute says what the segment does.
func repeated(g *inspect.Group, segment int) int64 {
	var most int64
	for _, a := range g.Root.Members {
		if len(a.Says) > 2*segment {
			most = max(most, a.Says[2*segment])
		}
	}
	return most
}

// isValue decides whether the words of a segment are values. A word that begins a
// key, or follows an id, tells types apart more often than not; a word after a
// word is a value more often: TASK#open#17.
func (m *merger) isValue(f *family) bool {
	e := m.weigh(f)
	share := 1.0
	if e.pairs > 0 {
		share = float64(e.agree) / float64(e.pairs)
	}
	key := f.groups[0].Keys[f.key]
	words := f.words()
	switch {
	case m.by >= 0 && m.value(f.groups[0]) != "":
		return share >= 0.5 // one type by name
	case len(key) == 1 && f.key == 0 && e.pairs == 0 && f.tagged():
		return words > 8 // order-17 and user-4, more likely two types
	case len(key) == 1 && f.key == 0:
		return share >= 0.5 // a partition key that is one id
	case e.says >= 0.8 && share >= 0.6:
		return true
	case f.segment > 0 && !key[f.segment-1].ID && key[f.segment-1].Word != "":
		return e.pairs > 0 && share >= 0.7 || e.pairs == 0 && words > 2
	case len(key) == 1:
		return e.pairs > 0 && share >= 0.8 && e.shared >= 1 && (words > 2 || e.shared > 1)
	case f.key == len(f.groups[0].Keys)-1 && e.times:
		return e.pairs > 0 && share >= 0.9 && e.shared >= 2
	case f.segment > 0 && f.segment == len(key)-1:
		return e.pairs > 0 && share >= 0.9 && e.shared >= 2
	}
	return false
}
