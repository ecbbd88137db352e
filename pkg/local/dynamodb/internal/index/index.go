// Package index keeps sorted sets of short byte strings compactly in memory.
//
// A [Set] is the access path of one table or one secondary index of the local
// DynamoDB endpoint: an entry is the hash of a partition key, followed by the
// key and the place of the item in the change log. It is a B+ tree whose leaves
// are packed pages without pointers, so that millions of entries cost little
// more than their bytes and nothing to the garbage collector.
//
// It stores no items, it is not persistent (the change log is) and it is not
// safe for concurrent use: the table's lock is. Pages are never merged, so a
// set that shrinks gives memory back only when it is built anew.
package index

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
)

// fanout is the number of children at which an inner node splits.
const fanout = 64

// Position is a place in the order of a set: entries sort by Hash, then by
// Tail bytewise. It needs not be the position of an entry.
type Position struct {
	Hash uint64 // hashes of entries have 32 bits; 1<<32 is after all of them
	Tail []byte
}

// End is the position after every entry.
func End() Position {
	return Position{Hash: 1 << 32}
}

// Compare returns -1, 0 or 1 as p is before, at or after o.
func (p Position) Compare(o Position) int {
	return cmp.Or(cmp.Compare(p.Hash, o.Hash), bytes.Compare(p.Tail, o.Tail))
}

// Set is a sorted set of entries. Its zero value is empty and ready to use.
type Set struct {
	root  *node
	count int
}

// node is a leaf if page is set, else an inner node. The child at i holds the
// positions from seps[i-1] (inclusive) to seps[i] (exclusive).
type node struct {
	page       *page
	children   []*node
	seps       []separator
	prev, next *node // of leaves only
}

type separator struct {
	hash uint32
	tail []byte
}

// Len returns the number of entries.
func (s *Set) Len() int {
	return s.count
}

// Insert adds an entry, which must not be in the set yet, and copies tail.
// Hash must be below 1<<32.
func (s *Set) Insert(hash uint32, tail []byte) {
	if s.root == nil {
		s.root = &node{page: newPage(0)}
	}
	if right, sep := s.root.insert(hash, tail); right != nil {
		s.root = &node{children: []*node{s.root, right}, seps: []separator{sep}}
	}
	s.count++
}

// Delete removes an entry and reports whether it was there.
func (s *Set) Delete(hash uint32, tail []byte) bool {
	leaf, i := s.seek(Position{Hash: uint64(hash), Tail: tail})
	if leaf == nil || !leaf.page.equal(i, hash, tail) {
		return false
	}
	leaf.page.remove(i)
	s.count--
	return true
}

// Find returns the tail of the first entry with this hash whose tail starts
// with prefix. The slice belongs to the set and is valid until its next change.
func (s *Set) Find(hash uint32, prefix []byte) ([]byte, bool) {
	leaf, i := s.seek(Position{Hash: uint64(hash), Tail: prefix})
	if leaf == nil || !leaf.page.hasPrefix(i, hash, prefix) {
		return nil, false
	}
	return leaf.page.tail(i), true
}

// SetSuffix overwrites the end of the entry that [Set.Find] returns for hash
// and prefix, and reports whether there is one. The suffix must not reach into
// the prefix, and no two entries may share the prefix: so the order stays.
func (s *Set) SetSuffix(hash uint32, prefix, suffix []byte) bool {
	tail, ok := s.Find(hash, prefix)
	if !ok || len(prefix)+len(suffix) > len(tail) {
		return false
	}
	copy(tail[len(tail)-len(suffix):], suffix)
	return true
}

// Ascend yields the tails of the entries in [from, to) in ascending order. They
// belong to the set, which must not change during the iteration.
func (s *Set) Ascend(from, to Position) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		leaf, i := s.seek(from)
		for leaf != nil {
			for ; i < leaf.page.len(); i++ {
				if leaf.page.compare(i, to) >= 0 || !yield(leaf.page.tail(i)) {
					return
				}
			}
			leaf, i = leaf.next, 0
		}
	}
}

// Descend yields the tails of the entries in [from, to) in descending order,
// under the conditions of [Set.Ascend].
func (s *Set) Descend(from, to Position) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		leaf, i := s.lower(to)
		for leaf != nil {
			for i--; i >= 0; i-- {
				if leaf.page.compare(i, from) < 0 || !yield(leaf.page.tail(i)) {
					return
				}
			}
			if leaf = leaf.prev; leaf != nil {
				i = leaf.page.len()
			}
		}
	}
}

// seek returns the place of the first entry at or after p, or a nil leaf.
func (s *Set) seek(p Position) (*node, int) {
	leaf, i := s.lower(p)
	for leaf != nil && i == leaf.page.len() {
		leaf, i = leaf.next, 0
	}
	return leaf, i
}

// lower returns the leaf responsible for p and the index in it of the first
// entry at or after p, which may be the page's length.
func (s *Set) lower(p Position) (*node, int) {
	n := s.root
	if n == nil {
		return nil, 0
	}
	for n.page == nil {
		n = n.children[n.child(p)]
	}
	return n, n.page.lower(p)
}

// child returns the index of the child responsible for p.
func (n *node) child(p Position) int {
	low, high := 0, len(n.seps)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if compare(n.seps[mid].hash, n.seps[mid].tail, p) <= 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// insert adds an entry below n. If n had to split it returns the new right
// sibling and the position at which that begins.
func (n *node) insert(hash uint32, tail []byte) (*node, separator) {
	p := Position{Hash: uint64(hash), Tail: tail}
	if n.page != nil {
		return n.insertLeaf(p, hash, tail)
	}
	i := n.child(p)
	right, sep := n.children[i].insert(hash, tail)
	if right == nil {
		return nil, separator{}
	}
	n.children = slices.Insert(n.children, i+1, right)
	n.seps = slices.Insert(n.seps, i, sep)
	if len(n.children) <= fanout {
		return nil, separator{}
	}
	return n.split()
}

func (n *node) insertLeaf(p Position, hash uint32, tail []byte) (*node, separator) {
	if n.page.fits(len(tail)) {
		n.page.insert(n.page.lower(p), hash, tail)
		return nil, separator{}
	}
	left, right := n.page.split()
	n.page = left
	sibling := &node{page: right, prev: n, next: n.next}
	if n.next != nil {
		n.next.prev = sibling
	}
	n.next = sibling
	sep := separator{hash: right.slots[0].hash, tail: slices.Clone(right.tail(0))}
	half := left
	if compare(sep.hash, sep.tail, p) <= 0 {
		half = right
	}
	half.insert(half.lower(p), hash, tail)
	return sibling, sep
}

// split moves the upper half of an inner node into a new one.
func (n *node) split() (*node, separator) {
	middle := len(n.children) / 2
	sep := n.seps[middle-1]
	right := &node{
		children: slices.Clone(n.children[middle:]),
		seps:     slices.Clone(n.seps[middle:]),
	}
	n.children = slices.Delete(n.children, middle, len(n.children))
	n.seps = slices.Delete(n.seps, middle-1, len(n.seps))
	return right, sep
}
