package ddbjson

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// key is an attribute name as numbers, which are compared instead of bytes.
// Two names of less than shortName bytes are the same if their keys are; for
// longer ones first is a hash, and the bytes have to be compared as well.
type key struct {
	first, second uint64 // the bytes, little endian, with zeros after the name
	length        int
}

// shortName is where names begin to be too long for a key.
const shortName = 16

// seed makes hashes unpredictable, so that nobody can write items whose names
// all collide.
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

// key returns the key of a name.
func (s *seed) key(name []byte) key {
	if len(name) >= shortName {
		return key{first: maphash.Bytes(s.long, name), length: len(name)}
	}
	var padded [shortName]byte
	copy(padded[:], name)
	return key{binary.LittleEndian.Uint64(padded[:8]), binary.LittleEndian.Uint64(padded[8:]), len(name)}
}

// hash spreads a key over 64 bits.
func (s *seed) hash(k key) uint64 {
	high, low := bits.Mul64(k.first^s.first, k.second^s.second^uint64(k.length))
	return high ^ low
}

const (
	firstNames = 64      // entries to start with
	keptNames  = 1 << 14 // entries that stay allocated after a line
)

// names finds attribute names that occur twice in one map of a line. It holds
// those that no node of the selector stands for.
type names struct {
	table   []nameEntry // by hash, open addressing; a power of two, at most half full
	used    int
	line    uint32 // entries of other lines are free
	maps    uint32 // maps of this line so far
	text    []byte // of the line
	scratch []byte // names of the line that had to be unescaped
}

// nameEntry is a name in a map. Its text is text[start:end], or, for negative
// numbers, scratch[^start:^end].
type nameEntry struct {
	hash       uint64
	start, end int32
	line       uint32
	in         uint32 // the map, by its number in the line
}

// reset forgets all names and turns to another line.
func (s *names) reset(text []byte) {
	if s.line++; s.line == 0 || len(s.table) == 0 || len(s.table) > keptNames {
		s.table = make([]nameEntry, firstNames)
		s.line = 1
	}
	s.used, s.maps = 0, 0
	s.text, s.scratch = text, s.scratch[:0]
}

// open returns the number of a map whose names come next.
func (s *names) open() uint32 {
	s.maps++
	return s.maps
}

// unescape keeps a name that has escapes, and returns it as an entry would.
func (s *names) unescape(content []byte) (start, end int) {
	start = len(s.scratch)
	s.scratch = appendUnescaped(s.scratch, content)
	return ^start, ^len(s.scratch)
}

// name returns the text of an entry.
func (s *names) name(start, end int) []byte {
	if start < 0 {
		return s.scratch[^start:^end]
	}
	return s.text[start:end]
}

// add reports whether the name, with that hash, is new in the map.
func (s *names) add(in uint32, hash uint64, start, end int) bool {
	if 2*s.used >= len(s.table) {
		s.grow()
	}
	mask := len(s.table) - 1
	for i := slot(hash, in); ; i++ {
		e := &s.table[i&mask]
		if e.line != s.line {
			*e = nameEntry{hash: hash, start: int32(start), end: int32(end), line: s.line, in: in}
			s.used++
			return true
		}
		if e.hash == hash && e.in == in && string(s.name(int(e.start), int(e.end))) == string(s.name(start, end)) {
			return false
		}
	}
}

// slot is where the search for a name of a map begins. The number of the map is
// mixed in, not added: the same names in one map after the other would fill
// neighbouring places, and two such runs that meet are searched from end to end.
func slot(hash uint64, in uint32) int {
	high, low := bits.Mul64(hash^uint64(in), 0x9e3779b97f4a7c15)
	return int((high ^ low) >> 1)
}

func (s *names) grow() {
	old := s.table
	s.table = make([]nameEntry, 2*len(old))
	mask := len(s.table) - 1
	for _, e := range old {
		if e.line != s.line {
			continue
		}
		i := slot(e.hash, e.in)
		for s.table[i&mask].line == s.line {
			i++
		}
		s.table[i&mask] = e
	}
}
