package index

import (
	"bytes"
	"slices"
)

// pageBytes is the size at which a page splits. One entry of a larger size has
// a page to itself: the longest keys of DynamoDB, 2,048 and 1,024 bytes, fit
// several times into the 16 bits of a slot even with every byte escaped.
const pageBytes = 4096

// page holds entries: their tails one after the other in heap, in the order
// of arrival, and a slot for each in the order of the set.
type page struct {
	slots []slot
	heap  []byte
	dead  int // bytes in heap that no slot refers to any more
}

type slot struct {
	hash   uint32
	offset uint16
	length uint16
}

func newPage(entries int) *page {
	return &page{slots: make([]slot, 0, entries), heap: make([]byte, 0, pageBytes)}
}

func (p *page) len() int {
	return len(p.slots)
}

func (p *page) tail(i int) []byte {
	s := p.slots[i]
	return p.heap[s.offset : int(s.offset)+int(s.length) : int(s.offset)+int(s.length)]
}

// compare orders the entry at i against a position.
func (p *page) compare(i int, at Position) int {
	if hash := uint64(p.slots[i].hash); hash != at.Hash {
		if hash < at.Hash {
			return -1
		}
		return 1
	}
	return bytes.Compare(p.tail(i), at.Tail)
}

func (p *page) equal(i int, hash uint32, tail []byte) bool {
	return p.slots[i].hash == hash && bytes.Equal(p.tail(i), tail)
}

func (p *page) hasPrefix(i int, hash uint32, prefix []byte) bool {
	return p.slots[i].hash == hash && bytes.HasPrefix(p.tail(i), prefix)
}

// lower returns the index of the first entry at or after a position.
func (p *page) lower(at Position) int {
	low, high := 0, len(p.slots)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if p.compare(mid, at) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// fits reports whether a tail of n bytes can be inserted without a split. It
// drops dead bytes first where that is worth it, so that deletions and
// insertions in turn don't let a page grow.
func (p *page) fits(n int) bool {
	if len(p.heap)+n <= pageBytes {
		return true
	}
	live := len(p.heap) - p.dead
	alone := len(p.slots) < 2
	if p.dead > 0 && (alone || live+n <= pageBytes*3/4) {
		*p = *p.copy(0, len(p.slots))
		return true
	}
	return alone
}

// insert puts an entry at index i, for which the page must have room.
func (p *page) insert(i int, hash uint32, tail []byte) {
	s := slot{hash: hash, offset: uint16(len(p.heap)), length: uint16(len(tail))}
	p.heap = append(p.heap, tail...)
	p.slots = slices.Insert(p.slots, i, s)
}

func (p *page) remove(i int) {
	p.dead += int(p.slots[i].length)
	p.slots = slices.Delete(p.slots, i, i+1)
}

// split returns two pages with half of the live bytes each, neither empty.
func (p *page) split() (left, right *page) {
	half := (len(p.heap) - p.dead) / 2
	middle, size := 0, 0
	for middle < len(p.slots)-1 && (middle == 0 || size < half) {
		size += int(p.slots[middle].length)
		middle++
	}
	return p.copy(0, middle), p.copy(middle, len(p.slots))
}

// copy returns a page with the entries from i to j and no dead bytes.
func (p *page) copy(i, j int) *page {
	out := newPage(j - i + (j-i)/2)
	for ; i < j; i++ {
		out.insert(len(out.slots), p.slots[i].hash, p.tail(i))
	}
	return out
}

// compare orders an entry against a position.
func compare(hash uint32, tail []byte, at Position) int {
	if uint64(hash) != at.Hash {
		if uint64(hash) < at.Hash {
			return -1
		}
		return 1
	}
	return bytes.Compare(tail, at.Tail)
}
