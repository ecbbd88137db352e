package ddbjson

import (
	"errors"
	"fmt"
)

// Selector is a compiled set of attribute paths. It never changes, so any
// number of decoders may share it.
type Selector struct {
	root  *node
	nodes int   // how many nodes there are, for arrays indexed by node.id
	slots []int // slot → node.id
	seed  seed

	groups [][]membership  // group → node.id
	inner  []map[int]inner // group → node.id of a list or map of maps → what describes these
}

// NewSelector compiles paths; the path at index i fills slot i. A path names an
// attribute and then, through maps, what is inside it: {"Address", "city"}.
// Paths may repeat and may be prefixes of each other.
func NewSelector(paths ...[]string) (*Selector, error) {
	s := &Selector{root: &node{}, nodes: 1, slots: make([]int, len(paths)), seed: newSeed()}
	for slot, path := range paths {
		if len(path) == 0 {
			return nil, fmt.Errorf("select slot %d: %w", slot, errors.New("the path is empty"))
		}
		n := s.root
		for _, name := range path {
			n = s.grow(n, name)
		}
		s.slots[slot] = n.id
	}
	s.compile(s.root)
	return s, nil
}

// Group declares the slots that an item of one type has, and returns the number
// of the group, from 0. It is a part of compiling: declare all groups before
// the first decoder is made. Beyond 64 groups [Decoder.Covers] knows nothing
// of the rest.
func (s *Selector) Group(slots ...int) int {
	members := make([]membership, s.nodes)
	for _, slot := range slots {
		members[s.slots[slot]] = whole
	}
	number := len(s.groups)
	s.root.join(members, false, bit(number))
	s.groups, s.inner = append(s.groups, members), append(s.inner, nil)
	return number
}

// inner is a group of another selector, which describes maps within a value.
type inner struct {
	selector *Selector
	group    int
}

// Within declares that items of a group have a list or map of maps at a slot,
// and that a group of another selector describes those maps. It is a part of
// compiling. [Decoder.AppendOthers] then looks into the maps, too.
func (s *Selector) Within(group, slot int, maps *Selector, theirs int) {
	if s.inner[group] == nil {
		s.inner[group] = map[int]inner{}
	}
	s.inner[group][s.slots[slot]] = inner{maps, theirs}
}

// bit is the place of a group in node.groups; a group beyond 64 has none.
func bit(group int) uint64 { return 1 << group }

// membership is what a node is to a group.
type membership uint8

const (
	stranger membership = iota
	leading             // to a node that is selected
	whole               // selected with all that is in it
)

// join extends a group from the nodes that it selects to those inside them and
// those that lead to them, and reports whether n is one.
func (n *node) join(members []membership, inside bool, group uint64) bool {
	if inside {
		members[n.id] = whole
	}
	inside = members[n.id] == whole
	for _, child := range n.children {
		if child.join(members, inside, group) && !inside {
			members[n.id] = leading
		}
	}
	if members[n.id] == stranger {
		return false
	}
	n.groups |= group
	return true
}

// grow returns the child of n with that name, and adds it where it is missing.
func (s *Selector) grow(n *node, name string) *node {
	for _, child := range n.children {
		if child.name == name {
			return child
		}
	}
	child := &node{id: s.nodes, name: name}
	n.children = append(n.children, child)
	s.nodes++
	return child
}

// compile fills the tables of n and of all below it.
func (s *Selector) compile(n *node) {
	if len(n.children) == 0 {
		return
	}
	size := 4
	for size < 4*len(n.children) {
		size *= 2
	}
	n.table = make([]branch, size)
	for _, child := range n.children {
		k := s.seed.key([]byte(child.name))
		i := int(s.seed.hash(k) >> 1)
		for n.table[i&(size-1)].node != nil {
			i++
		}
		n.table[i&(size-1)] = branch{key: k, node: child}
		s.compile(child)
	}
}

// node is one name of one or more paths.
type node struct {
	id       int
	name     string
	groups   uint64 // by bit, the groups that it is a member of
	children []*node
	table    []branch // children by hash, open addressing; a power of two, at most a quarter full; nil without children
}

// branch is an entry of a node's table.
type branch struct {
	key  key
	node *node
}

// child returns the child with that name, or nil. The name is given as its key
// and hash, and, if it is not short, in full.
func (n *node) child(k key, hash uint64, long []byte) *node {
	if len(n.table) == 0 {
		return nil
	}
	mask := len(n.table) - 1
	for i := int(hash >> 1); ; i++ {
		b := &n.table[i&mask]
		if b.key == k && b.node != nil && (k.length < shortName || b.node.name == string(long)) {
			return b.node
		}
		if b.node == nil {
			return nil
		}
	}
}
