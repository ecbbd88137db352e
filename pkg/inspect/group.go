package inspect

import "strings"

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
	g.Items += o.Items
	g.Pairs.merge(&o.Pairs)
	if len(g.equal) == 0 {
		g.equal = o.equal
	} else {
		for i, n := range o.equal {
			g.equal[i] += n
		}
	}
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
// behind the word of the segment.
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
