package inspect

import (
	"maps"
	"slices"
)

// tree finds the group of an item: a step for each segment of its keys, and one
// for each type attribute.
type tree struct {
	root   *branch
	groups int
	strict bool // there were too many groups: fewer words make a value
}

type branch struct {
	steps map[step]*branch
	taken map[end]string // places whose words are values, with what these begin with
	group *Group         // of a leaf
}

type step struct {
	word string
	id   bool
	end
}

// end is how a segment ends: two words with one end may be two values.
type end struct {
	delim string
	last  bool // segment of its key
	value bool // not a segment, but the value of a type attribute
}

// at is a place in the keys.
type at struct{ key, segment int }

// How many different words one place may have before they are values. The first
// word of a key tells types apart; what follows a word is a value more often.
const (
	maxGroups = 3000
	maxFirst  = 1000
	maxOnly   = 200
	maxLater  = 40
	maxTypes  = 64 // values of a type attribute
)

func (t *tree) limit(where at, e end) int {
	n := maxLater
	switch {
	case e.value:
		n = maxTypes
	case where.segment == 0 && e.last:
		n = maxOnly
	case where.segment == 0:
		n = maxFirst
	}
	if t.strict {
		n = min(n/8, 16)
	}
	return n
}

// found is an item on its way through the tree.
type found struct {
	texts  [][]byte  // of the keys
	pieces [][]piece // of each
	types  []string  // values of type attributes
}

// find returns the group of an item, which may be new. Where an item makes words
// values, its own way through the tree changes.
func (t *tree) find(f *found) *Group {
	g := t.lookup(f)
	for tries := 0; g == nil; tries++ {
		made := t.grow(f)
		if g = t.lookup(f); g == nil && tries > 3 {
			return made
		}
	}
	return g
}

func (t *tree) lookup(f *found) *Group {
	b := t.root
	for k, pieces := range f.pieces {
		text := f.texts[k]
		for i := range pieces {
			p := &pieces[i]
			e := end{delim: string(text[p.end:p.delim]), last: i == len(pieces)-1}
			if prefix, ok := b.taken[e]; ok && len(prefix) < p.end-p.start && string(text[p.start:p.start+len(prefix)]) == prefix {
				p.word = p.start + len(prefix)
			}
			next := b.steps[step{string(text[p.start:p.word]), p.end > p.word, e}]
			if next == nil {
				return nil
			}
			b = next
		}
	}
	for _, value := range f.types {
		next := b.steps[step{word: value, end: end{value: true}}]
		if next == nil {
			if _, ok := b.taken[end{value: true}]; ok {
				next = b.steps[step{word: Several, end: end{value: true}}]
			}
		}
		if next == nil {
			return nil
		}
		b = next
	}
	return b.group
}

// grow makes the group of an item, and values of words where there are too many.
func (t *tree) grow(f *found) *Group {
	g := &Group{Values: slices.Clone(f.types)}
	b := t.root
	type visited struct {
		*branch
		where at
		end   end
	}
	var way []visited
	take := func(s step, where at) {
		way = append(way, visited{b, where, s.end})
		if b.steps == nil {
			b.steps = map[step]*branch{}
		}
		if b.steps[s] == nil {
			b.steps[s] = &branch{}
		}
		b = b.steps[s]
	}
	for k, pieces := range f.pieces {
		var pattern Pattern
		var parts []*Part
		text := f.texts[k]
		for i, p := range pieces {
			s := Segment{Word: string(text[p.start:p.word]), ID: p.end > p.word, Delim: string(text[p.end:p.delim])}
			pattern = append(pattern, s)
			parts = append(parts, &Part{Tail: &Sketch{}})
			take(step{s.Word, s.ID, end{delim: s.Delim, last: i == len(pieces)-1}}, at{k, i})
		}
		g.Keys, g.Segments = append(g.Keys, pattern), append(g.Segments, parts)
	}
	for i, value := range f.types {
		if _, ok := b.taken[end{value: true}]; ok {
			value = Several
			g.Values[i] = Several
		}
		take(step{word: value, end: end{value: true}}, at{len(f.pieces), i})
	}
	if b.group == nil {
		b.group = g
		t.groups++
	}
	for _, v := range way {
		t.collapse(v.branch, v.where, v.end)
	}
	if t.groups > maxGroups && !t.strict {
		t.strict = true
		t.collapseAll(t.root, at{})
	}
	return g
}

// collapse makes one branch of all that differ in a word, if there are too many.
func (t *tree) collapse(b *branch, where at, e end) {
	words := 0
	for s := range b.steps {
		if s.end == e && (s.word != "" || e.value) {
			words++
		}
	}
	if words <= t.limit(where, e) {
		return
	}
	prefix, first := "", true
	var steps []step
	for s := range b.steps {
		if s.end != e || s.word == "" && !s.id && !e.value {
			continue // an empty segment is no value
		}
		steps = append(steps, s)
		if first {
			prefix, first = s.word, false
		}
		prefix = common(prefix, s.word)
	}
	slices.SortFunc(steps, func(x, y step) int {
		if x.word < y.word {
			return -1
		}
		return 1
	})
	for _, s := range steps {
		if !s.id && s.word == prefix && prefix != "" {
			prefix = common(prefix[:len(prefix)-1], prefix) // an id is not empty
		}
	}
	to := step{word: prefix, id: true, end: e}
	if e.value {
		to = step{word: Several, end: e}
	}
	var merged *branch
	for _, s := range steps {
		child := b.steps[s]
		delete(b.steps, s)
		child.each(func(g *Group) { t.generalise(g, where, to) })
		if merged == nil {
			merged = child
			continue
		}
		t.merge(merged, child)
	}
	b.steps[to] = merged
	if b.taken == nil {
		b.taken = map[end]string{}
	}
	b.taken[e] = prefix
	t.collapseAll(merged, where.next(e))
}

func (w at) next(e end) at {
	if e.value {
		return at{w.key, w.segment + 1}
	}
	if e.last {
		return at{w.key + 1, 0}
	}
	return at{w.key, w.segment + 1}
}

// generalise makes a value of a word of a group.
func (t *tree) generalise(g *Group, where at, to step) {
	if to.value {
		g.Values[where.segment] = Several
		return
	}
	s, p := &g.Keys[where.key][where.segment], g.Segments[where.key][where.segment]
	p.Mixed = p.Mixed || s.Word != to.word || !s.ID
	p.cutTail(s.Word, to.word)
	s.Word, s.ID = to.word, true
}

// collapseAll looks for too many words below a branch.
func (t *tree) collapseAll(b *branch, where at) {
	ends := map[end]bool{}
	for s := range b.steps {
		ends[s.end] = true
	}
	for e := range ends {
		t.collapse(b, where, e)
	}
	for s, child := range maps.Clone(b.steps) {
		if b.steps[s] == child {
			t.collapseAll(child, where.next(s.end))
		}
	}
}

// merge moves all of b below a.
func (t *tree) merge(a, b *branch) {
	if b.group != nil {
		if a.group == nil {
			a.group = b.group
		} else {
			a.group.Merge(b.group)
			t.groups--
		}
	}
	for e, prefix := range b.taken {
		if a.taken == nil {
			a.taken = map[end]string{}
		}
		if mine, ok := a.taken[e]; ok {
			prefix = common(mine, prefix)
		}
		a.taken[e] = prefix
	}
	for s, child := range b.steps {
		if a.steps == nil {
			a.steps = map[step]*branch{}
		}
		if mine, ok := a.steps[s]; ok {
			t.merge(mine, child)
			continue
		}
		a.steps[s] = child
	}
}

// each visits the groups below a branch.
func (b *branch) each(visit func(*Group)) {
	if b.group != nil {
		visit(b.group)
	}
	for _, child := range b.steps {
		child.each(visit)
	}
}
