package inspect

import (
	"slices"
	"strings"
)

// Group are items whose keys have one form, and whose type attributes say the same.
type Group struct {
	Keys     []Pattern // of the key attributes, in order
	Values   []string  // of Report.TypeAttributes, in order; empty where items have none
	Items    int64
	Segments [][]*Part // by key: what stands in the segments
	Root     Attribute // its members are the attributes of the items
	Pairs    Sketch    // the keys of items
	equal    []int64   // items in which two of Says' texts are one, see Equal
}

// Merge adds the items of another group. Where the words of a segment differ,
// what they have in common up to a mark stays, and the rest is an id.
func (g *Group) Merge(o *Group) {
	for k := range g.Keys {
		for i := range g.Keys[k] {
			g.mergeSegment(&g.Keys[k][i], o.Keys[k][i], g.Segments[k][i], o.Segments[k][i])
		}
	}
	for i := range g.Values {
		if g.Values[i] != o.Values[i] {
			g.Values[i] = Several
		}
	}
	g.Pairs.merge(&o.Pairs)
	switch {
	case o.Items == 0:
	case g.Items == 0:
		g.equal = o.equal
	case len(g.equal) != len(o.equal):
		g.equal = nil // one of both does not know
	}
	if g.Items > 0 && o.Items > 0 {
		for i := range g.equal {
			g.equal[i] += o.equal[i]
		}
	}
	g.Items += o.Items
	g.Root.merge(&o.Root)
}

// Several stands for different values of a type attribute.
const Several = "\x00several"

// Mergeable reports whether two groups have keys of the same number of segments
// with the same delimiters.
func (g *Group) Mergeable(o *Group) bool {
	for k := range g.Keys {
		if len(g.Keys[k]) != len(o.Keys[k]) {
			return false
		}
		for i := range g.Keys[k] {
			if g.Keys[k][i].Delim != o.Keys[k][i].Delim {
				return false
			}
		}
	}
	return true
}

func (g *Group) mergeSegment(s *Segment, o Segment, p, q *Part) {
	word := common(s.Word, o.Word)
	if s.Word == o.Word && s.ID == o.ID {
		word = s.Word
	} else {
		if !s.ID && s.Word == word || !o.ID && o.Word == word {
			word = common(word[:max(0, len(word)-1)], word) // an id is not empty
		}
		s.ID, p.Mixed = true, true
	}
	p.cutTail(s.Word, word)
	q.cutTail(o.Word, word)
	s.Word = word
	p.merge(q)
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

// Pattern spells the keys of the group.
func (g *Group) Pattern() string {
	texts := make([]string, len(g.Keys))
	for i, k := range g.Keys {
		texts[i] = k.String()
	}
	return strings.Join(texts, " / ")
}

// Equal counts the items in which two texts of the keys are one. A text is named
// by twice the number of its segment, all keys together, and one more for the id
// after the word of the segment.
func (g *Group) Equal(a, b int) int64 {
	n := 2 * g.segments()
	if len(g.equal) == 0 {
		return 0
	}
	return g.equal[min(a, b)*n+max(a, b)]
}

func (g *Group) segments() int {
	n := 0
	for _, k := range g.Keys {
		n += len(k)
	}
	return n
}

// Generalise makes an id of a segment, after what its words have in common.
func (g *Group) Generalise(key, segment int, word string) {
	s, p := &g.Keys[key][segment], g.Segments[key][segment]
	if s.ID && s.Word == word {
		return
	}
	p.Mixed = p.Mixed || s.Word != word
	p.cutTail(s.Word, word)
	s.Word, s.ID = word, true
}

// Fix makes a literal of a segment whose id never changes.
func (g *Group) Fix(key, segment int) bool {
	s, p := &g.Keys[key][segment], g.Segments[key][segment]
	if !s.ID || len(p.Enum) != 1 {
		return false
	}
	for text := range p.Enum {
		s.Word, s.ID = text, false
	}
	return true
}

// Whole makes a single id of a key from a segment on, after a word. How its ids
// differ is not known any more, only how long they are.
func (g *Group) Whole(key, from int, word string) {
	one := &Part{Mixed: true, gaveUp: true}
	for i, p := range g.Segments[key][from:] {
		one.Count = g.Items
		one.Longest += p.Longest + len(g.Keys[key][from+i].Delim)
		one.Shortest += p.Shortest + len(g.Keys[key][from+i].Delim)
		one.Nul, one.Blank = one.Nul+p.Nul, p.Blank
	}
	one.overflow = true
	one.Has = [2]uint64{^uint64(0), ^uint64(0)}
	g.Keys[key] = append(slices.Clone(g.Keys[key][:from]), Segment{Word: word, ID: true})
	g.Segments[key] = append(slices.Clone(g.Segments[key][:from]), one)
	g.equal = nil // the numbers of segments have changed
	for _, a := range g.Root.Members {
		a.Says = nil
	}
}

// Loosen makes a delimiter shorter. What follows it begins with the rest of the
// longer one in some items, so no attribute repeats it.
func (g *Group) Loosen(key, segment int, delim string) {
	s := &g.Keys[key][segment]
	if segment+1 < len(g.Keys[key]) {
		p := g.Segments[key][segment+1]
		p.Shifted = true
		p.Longest += len(s.Delim)
		for _, c := range []byte(s.Delim) {
			p.Has[c/64&1] |= 1 << (c % 64)
		}
	}
	s.Delim = delim
}
