package infer

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/inspect"
)

// reference says that a column's values are ids of another type.
type reference struct {
	column *column
	to     *itemType
	id     *column
	share  float64 // of the column's values that are ids
	on     int     // values that were looked at
	named  bool    // names say the same
}

// target is a column that identifies a type.
type target struct {
	of *itemType
	id *column
}

// targets lists what can be referred to: columns of keys that no two items share.
func (b *builder) targets() []target {
	var all []target
	for _, t := range b.types {
		if !t.describes() || t.internal() || t.role == isCopy {
			continue
		}
		for _, c := range t.identity {
			if c.sketch == nil || c.class == instant || c.sketch.Distinct() == 0 {
				continue
			}
			// Where the keys hold several ids, the last one is the item's own.
			if len(t.identity) == 1 || c.capture.unique && c == t.identity[len(t.identity)-1] {
				all = append(all, target{t, c})
			}
		}
		all = append(all, spelt(t, len(all) > 0 && all[len(all)-1].of == t)...)
	}
	return all
}

// describes reports whether items say anything but their keys. Those that do not,
// such as the ones that keep an e-mail address unique, are about nothing.
func (t *itemType) describes() bool {
	return slices.ContainsFunc(t.columns, func(c *column) bool { return !c.identity && c.index == nil && !isIndexKey(lastOf(c)) }) || len(t.rows) > 0
}

// spelt lists the attributes that are a type's id in another spelling than the
// keys have: ElectroDB writes keys in lower case.
func spelt(t *itemType, identified bool) []target {
	if !identified {
		return nil
	}
	var all []target
	id := t.identity[len(t.identity)-1]
	for _, c := range t.columns {
		if c.identity || c.class != text || c.share < 1 || c.sketch == nil || len(c.path) != 1 || !saysID(c.path[0]) {
			continue
		}
		like := target{t, id}
		if namedAfter(c, like) && c.sketch.Distinct()*10 >= t.group.Items*9 {
			all = append(all, target{t, c})
		}
	}
	return all
}

// references finds the references of all types.
func (b *builder) references() {
	targets := b.targets()
	for _, t := range b.types {
		t.refs = nil
		for _, c := range t.columns {
			if r := b.refer(t, c, targets); r != nil {
				t.refs = append(t.refs, r)
			}
		}
		for _, n := range t.rows {
			n.refs = nil
			for _, c := range n.columns {
				if r := b.refer(t, c, targets); r != nil && r.to != t {
					n.refs = append(n.refs, r)
				}
			}
		}
	}
	for _, t := range b.types {
		for _, r := range t.refs {
			r.column.refers = r
			r.adapt()
		}
		for _, n := range t.rows {
			for _, r := range n.refs {
				r.column.refers = r
				r.adapt()
			}
		}
	}
}

// adapt gives the column the type of the id: text and numbers are never equal.
func (r *reference) adapt() {
	c := r.column
	if c.identity && c.kind != r.id.kind && strings.HasPrefix(c.kind, "string") && strings.HasPrefix(r.id.kind, "string") {
		return
	}
	if strings.HasPrefix(r.id.kind, "string") && c.class == number {
		c.kind, c.class, c.convert = textOf(max(c.attribute.Longest, 13)), text, true
	}
	if r.id.class == number && c.class == text && c.attribute != nil && c.attribute.Formats[inspect.Whole] == c.attribute.Count {
		c.kind, c.class, c.convert = "bigint", number, true
	}
}

// refer finds the type whose ids the values of a column are; nil if there is none.
func (b *builder) refer(t *itemType, c *column, targets []target) *reference {
	if c.sketch == nil || c.class != text && c.class != number || c.kind == "boolean" || strings.HasPrefix(c.kind, "decimal") || c.kind == "double" {
		return nil
	}
	var best *reference
	bestScore := 0.0
	for _, to := range targets {
		if to.id == c || to.of == t && c.identity {
			continue
		}
		if c.identity && c.capture != nil && c.capture.unique && !leads(to.of, t) {
			continue // one for each: the other is part of this one
		}
		within, on := c.sketch.Within(to.id.sketch)
		covers, _ := to.id.sketch.Within(c.sketch)
		word := c.word != "" && plain(c.word) == plain(cmp.Or(to.id.word, to.id.chain)) || samePlace(t, c, to)
		named := namedAfter(c, to)
		var ok bool
		switch {
		case word:
			ok = within >= 0.5
		case named:
			ok = within >= 0.7
		case c.identity || c.index != nil:
			own := c.capture != nil && c.capture.unique
			ok = within >= 0.95 && on >= 5 && (!short(c) || !own && on >= 10 && sparse(to.id))
		default:
			enough := 8
			if v := values(c); v != nil && v.Shortest >= 6 {
				enough = 5 // of long texts, fewer are none by chance
			}
			ok = within >= 0.97 && on >= enough && !short(c) && !saysTime(c.name)
			// Small numbers are ids if the name says so, and if all ids occur.
			all := covers >= 0.9 && saysID(lastOf(c)) && c.sketch.Distinct()*10 < t.group.Items*9
			ok = ok || all && (within >= 0.97 && on >= 4 || within == 1 && covers == 1 && on >= 2) || unmistakable(c) && within >= 0.9
		}
		if !ok || on == 0 {
			continue
		}
		score := within
		if word {
			score += 1.5
		}
		if named {
			score++
		}
		score += 0.3*rank(to.of) + 0.2*covers
		if to.of == t {
			score -= 0.2
		}
		if score > bestScore {
			best, bestScore = &reference{column: c, to: to.of, id: to.id, share: within, on: on, named: word || named}, score
		}
	}
	return best
}

// samePlace reports whether a column and an id stand in one place of keys that are
// alike up to there: the keys of what belongs to a visit begin with those of the visit.
func samePlace(t *itemType, c *column, to target) bool {
	x, y := c.capture, to.id.capture
	if x == nil || y == nil || x.key != y.key || x.segment != y.segment || x.rest || y.rest || t == to.of {
		return false
	}
	if !slices.ContainsFunc(t.group.Keys[x.key][:x.segment], func(s inspect.Segment) bool { return !s.ID && s.Word != "" }) {
		return false
	}
	for k := range x.key {
		if !slices.Equal(t.group.Keys[k], to.of.group.Keys[k]) {
			return false
		}
	}
	mine, other := t.group.Keys[x.key], to.of.group.Keys[y.key]
	return slices.Equal(mine[:x.segment], other[:y.segment]) && mine[x.segment].Word == other[y.segment].Word
}

// unmistakable reports whether values are such that no two columns have one by
// chance: UUIDs and the like.
func unmistakable(c *column) bool {
	v := values(c)
	return v != nil && v.Count > 0 && v.Formats[inspect.UUID]+v.Formats[inspect.ULID] == v.Count
}

// short reports whether values are too short to say anything: any small number is
// among the numbers of orders.
func short(c *column) bool {
	v := values(c)
	if v == nil || v.Longest < 4 {
		return true
	}
	if c.capture != nil && c.capture.tail && v.Longest-len(c.word) < 7 {
		return true
	}
	return v.Formats[inspect.Number] == v.Count && v.Longest < 7 || c.sketch.Distinct() < 4
}

// sparse reports whether ids are so few of the numbers with as many digits that
// other numbers are none of them by chance.
func sparse(id *column) bool {
	v := values(id)
	if v == nil || v.Count == 0 || v.Formats[inspect.Whole] != v.Count || v.Shortest != v.Longest {
		return false
	}
	return float64(id.sketch.Distinct()) < 0.1*math.Pow(10, float64(v.Longest))
}

func values(c *column) *inspect.Values {
	switch {
	case c.attribute != nil:
		return &c.attribute.Values
	case c.index != nil:
		return &c.index.Values
	case c.capture != nil:
		return c.capture.values
	}
	return nil
}

// namedAfter reports whether a column is called like a type or its id.
func namedAfter(c *column, to target) bool {
	name := plain(c.name)
	if len(c.path) > 0 {
		name = plain(c.path[len(c.path)-1])
	}
	base := name
	for _, ending := range []string{"id", "uuid", "key", "ref", "code", "no", "number", "name"} {
		if cut, ok := strings.CutSuffix(base, ending); ok && cut != "" {
			base = cut
			break
		}
	}
	ids := []string{plain(to.id.name)}
	if id := plain(to.id.name); id == "id" || id == "name" || id == "pk" {
		ids = nil
	}
	for _, id := range ids {
		if name == id || strings.HasSuffix(name, id) && len(id) > 3 {
			return true
		}
	}
	things := []string{plain(to.of.name), plain(to.id.word)}
	for _, thing := range things {
		if len(thing) > 1 && (base == thing || base == singular(thing) || singular(base) == thing || len(thing) > 2 && strings.HasSuffix(base, thing)) {
			return true
		}
	}
	return false
}

// leads reports whether a is what the ids that a and b share are about.
func leads(a, b *itemType) bool {
	if x, y := rank(a), rank(b); x != y {
		return x > y
	}
	if x, y := len(a.columns), len(b.columns); x != y {
		return x > y
	}
	return a.name < b.name
}

// rank says how much a type looks like the description of what its id names: 1 if
// its keys hold nothing else.
func rank(t *itemType) float64 {
	if len(t.identity) != 1 {
		return 0
	}
	if len(ownWords(t)) == 0 {
		return 1
	}
	return 0.5
}

// copies finds types that repeat another type's attributes under a key of their
// own. Facts would count twice.
func (b *builder) copies() {
	named := b.named()
	for _, t := range b.types {
		for _, o := range b.types {
			if t == o || o.original != nil || !repeats(t, o, named) {
				continue
			}
			t.original, t.role = o, isCopy
			break
		}
	}
}

// repeats reports whether items of t repeat those of o: nearly all attributes of
// one are attributes of the other with the same values, and t says which.
func repeats(t, o *itemType, named map[*itemType]int) bool {
	if t.group.Items > o.group.Items+o.group.Items/20 {
		return false
	}
	// Other types' keys name the original; failing that, it is identified by less,
	// or tells more.
	mine, theirs := named[t], named[o]
	switch {
	case mine > theirs:
		return false
	case mine < theirs:
		return resembles(t, o)
	}
	if len(t.columns) > len(o.columns)+1 || len(t.identity) < len(o.identity) {
		return false
	}
	if len(t.identity) == len(o.identity) && rank(t) > rank(o) {
		return false
	}
	return resembles(t, o)
}

// named counts, for each type, the other types in partitions that its items give
// their name.
func (b *builder) named() map[*itemType]int {
	partitions, first := map[string]int{}, map[*itemType]string{}
	for _, t := range b.types {
		first[t] = plain(firstWord(t))
		partitions[first[t]]++
	}
	counts := map[*itemType]int{}
	for _, t := range b.types {
		if len(t.identity) == 0 {
			continue
		}
		id := t.identity[len(t.identity)-1]
		if word := plain(cmp.Or(id.word, id.chain)); word != "" {
			counts[t] = partitions[word]
			if first[t] == word {
				counts[t]--
			}
		}
	}
	return counts
}

// resembles reports whether t says which item of o it repeats, and repeats it.
func resembles(t, o *itemType) bool {
	points := slices.ContainsFunc(t.columns, func(c *column) bool {
		return c.sketch != nil && slices.ContainsFunc(o.identity, func(id *column) bool {
			if id.sketch == nil || len(o.identity) > 1 && !id.capture.unique {
				return false
			}
			within, on := c.sketch.Within(id.sketch)
			n := c.sketch.Distinct()
			return on > 0 && within >= 0.9 && n*10 >= t.group.Items*9
		})
	})
	if !points {
		return false
	}
	shared, same := 0, 0
	usualOnes := 0
	for _, c := range t.columns {
		if c.identity || c.attribute == nil || c.share < usual || c.sketch == nil || len(c.path) == 0 {
			continue
		}
		usualOnes++
		i := slices.IndexFunc(o.columns, func(x *column) bool { return slices.Equal(x.path, c.path) && x.sketch != nil })
		if i < 0 {
			continue
		}
		shared++
		if within, on := c.sketch.Within(o.columns[i].sketch); on > 0 && within >= 0.9 {
			same++
		}
	}
	return shared >= 2 && same*10 >= shared*9 && shared*10 >= usualOnes*7
}
