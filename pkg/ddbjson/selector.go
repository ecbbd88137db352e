package ddbjson

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Selector is a compiled set of attribute paths. It never changes, so any
// number of decoders may share it.
type Selector struct {
	root  *node
	nodes int   // how many nodes there are, for arrays indexed by node.id
	slots []int // slot → node.id
}

// NewSelector compiles paths; the path at index i fills slot i. A path names an
// attribute and then, through maps, what is inside it: {"Address", "city"}.
// Paths may repeat and may be prefixes of each other.
func NewSelector(paths ...[]string) (*Selector, error) {
	s := &Selector{root: &node{}, nodes: 1, slots: make([]int, len(paths))}
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
	s.root.compile()
	return s, nil
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

// node is one name of one or more paths.
type node struct {
	id       int
	name     string
	children []*node
	table    []branch // children by hash; a power of two, at most a quarter full; nil without children
}

// branch is an entry of a node's table. Names of up to eight bytes are equal
// when key and length are: then no other memory is touched.
type branch struct {
	key    uint64 // leading of the name
	length int
	node   *node
}

func (n *node) compile() {
	if len(n.children) == 0 {
		return
	}
	size := 4
	for size < 4*len(n.children) {
		size *= 2
	}
	n.table = make([]branch, size)
	for _, child := range n.children {
		key := leading([]byte(child.name))
		i := spread(key, len(child.name))
		for n.table[i&(size-1)].node != nil {
			i++
		}
		n.table[i&(size-1)] = branch{key: key, length: len(child.name), node: child}
		child.compile()
	}
}

// child returns the child with that name, or nil. The key is leading(name).
func (n *node) child(key uint64, name []byte) *node {
	if len(n.table) == 0 {
		return nil
	}
	mask := len(n.table) - 1
	for i := spread(key, len(name)); ; i++ {
		b := &n.table[i&mask]
		if b.node == nil {
			return nil
		}
		if b.key == key && b.length == len(name) && (len(name) <= 8 || string(name[8:]) == b.node.name[8:]) {
			return b.node
		}
	}
}

// leading is the first eight bytes of a name as a number, zeros after a
// shorter one.
func leading(name []byte) uint64 {
	if len(name) >= 8 {
		return binary.LittleEndian.Uint64(name)
	}
	var key uint64
	for i, c := range name {
		key |= uint64(c) << (8 * i)
	}
	return key
}

// spread hashes a key to an index that is to be masked. The table is fixed
// when it is compiled, so input cannot choose names that collide.
func spread(key uint64, length int) int {
	return int((key + uint64(length)) * 0x9e3779b97f4a7c15 >> 40)
}
