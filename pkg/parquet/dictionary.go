package parquet

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

const (
	// maxEntries bounds a dictionary so that an index fits 16 bits.
	maxEntries = 1 << 16
	// maxDictionaryBytes bounds its page; readers hold it in memory whole.
	maxDictionaryBytes = 1 << 20

	firstTable = 256
	indexBits  = 17 // room for maxEntries, and for zero as "free"
	indexMask  = 1<<indexBits - 1
)

// dictionary numbers the distinct values of a column chunk in the order of
// their first appearance. Its data is the dictionary page: the values in plain
// encoding.
type dictionary struct {
	width int // of a value; 0 for strings, which have their length in front
	data  []byte
	ends  []uint32 // in data, by index; strings only
	count int
	table []uint64 // by hash: its upper bits, and the index plus one below; a power of two, at most half full
	seed  seed
	last  int // slot of the value added last
}

func newDictionary(width int) *dictionary {
	return &dictionary{width: width, seed: newSeed(), table: make([]uint64, firstTable)}
}

// seed makes hashes unpredictable, so that nobody can write values that all
// collide.
type seed struct {
	first, second uint64
	long          maphash.Seed
}

func newSeed() seed {
	s := seed{long: maphash.MakeSeed()}
	s.first = maphash.String(s.long, "first")
	s.second = maphash.String(s.long, "second")
	return s
}

// hash spreads a value over 64 bits. Most values are short, and a call for each
// of them would take longer than this.
func (s *seed) hash(value []byte) uint64 {
	n := len(value)
	var front, back uint64 // together all bytes, some of them twice
	switch {
	case n > 16:
		return maphash.Bytes(s.long, value)
	case n >= 8:
		front, back = binary.LittleEndian.Uint64(value), binary.LittleEndian.Uint64(value[n-8:])
	case n >= 4:
		front, back = uint64(binary.LittleEndian.Uint32(value)), uint64(binary.LittleEndian.Uint32(value[n-4:]))
	case n > 0:
		front, back = uint64(value[0])|uint64(value[n/2])<<8, uint64(value[n-1])
	}
	high, low := bits.Mul64(front^s.first, back^s.second^uint64(n))
	return high ^ low
}

// reset forgets all values and keeps the memory.
func (d *dictionary) reset() {
	d.data, d.ends, d.count = d.data[:0], d.ends[:0], 0
	clear(d.table)
}

// value returns the value at an index.
func (d *dictionary) value(index int) []byte {
	if d.width > 0 {
		return d.data[index*d.width : (index+1)*d.width]
	}
	start := 0
	if index > 0 {
		start = int(d.ends[index-1])
	}
	return d.data[start+lengthPrefix : d.ends[index]]
}

// put returns the index of the value, and whether it has been added just now.
// A full dictionary must not be put to.
func (d *dictionary) put(value []byte) (index int, added bool) {
	if 2*d.count >= len(d.table) {
		d.grow()
	}
	hash := d.seed.hash(value)
	mask := len(d.table) - 1
	for slot := int(hash>>indexBits) & mask; ; slot = (slot + 1) & mask {
		entry := d.table[slot]
		if entry == 0 {
			return d.add(value, hash, slot), true
		}
		if (entry^hash)&^indexMask == 0 {
			if index := int(entry&indexMask) - 1; string(d.value(index)) == string(value) {
				return index, false
			}
		}
	}
}

func (d *dictionary) add(value []byte, hash uint64, slot int) (index int) {
	if d.width == 0 {
		d.data = binary.LittleEndian.AppendUint32(d.data, uint32(len(value)))
	}
	d.data = append(d.data, value...)
	if d.width == 0 {
		d.ends = append(d.ends, uint32(len(d.data)))
	}
	d.count++
	d.table[slot] = hash&^indexMask | uint64(d.count)
	d.last = slot
	return d.count - 1
}

// remove takes back the value that was added last. Nothing was added since,
// so no other value had to go around its slot.
func (d *dictionary) remove() {
	size := len(d.value(d.count - 1))
	d.count--
	if d.width == 0 {
		d.ends = d.ends[:d.count]
		size += lengthPrefix
	}
	d.data = d.data[:len(d.data)-size]
	d.table[d.last] = 0
}

func (d *dictionary) full() bool {
	return d.count >= maxEntries || len(d.data) >= maxDictionaryBytes
}

func (d *dictionary) grow() {
	old := d.table
	d.table = make([]uint64, 2*len(old))
	mask := len(d.table) - 1
	for _, entry := range old {
		if entry == 0 {
			continue
		}
		slot := int(entry>>indexBits) & mask
		for d.table[slot] != 0 {
			slot = (slot + 1) & mask
		}
		d.table[slot] = entry
	}
}
