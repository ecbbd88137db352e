package ddbjson

import "hash/maphash"

const (
	firstNames = 64      // entries to start with
	keptNames  = 1 << 14 // entries that stay allocated after a line
)

// names finds attribute names that occur twice in one map of a line. It holds
// those that no node of the selector stands for. Its hash is seeded at
// random, so that no table can be filled with names that collide.
type names struct {
	seed  maphash.Seed
	table []nameEntry // by hash, open addressing; a power of two, at most half full
	used  int
	line  uint32 // entries of other lines are free
	maps  uint32 // maps of this line so far
}

type nameEntry struct {
	name []byte
	line uint32
	in   uint32 // the map, by its number in the line
}

// reset forgets all names.
func (s *names) reset() {
	if s.line++; s.line == 0 || len(s.table) == 0 || len(s.table) > keptNames {
		if s.used == 0 && s.line == 1 {
			s.seed = maphash.MakeSeed()
		}
		s.table = make([]nameEntry, firstNames)
		s.line = 1
	}
	s.used, s.maps = 0, 0
}

// open returns the number of a map whose names come next.
func (s *names) open() uint32 {
	s.maps++
	return s.maps
}

// add reports whether the name is new in the map. It keeps a reference to name.
func (s *names) add(in uint32, name []byte) bool {
	if 2*s.used >= len(s.table) {
		s.grow()
	}
	e := s.find(in, name)
	if e.line == s.line {
		return false
	}
	*e = nameEntry{name: name, line: s.line, in: in}
	s.used++
	return true
}

// find returns the entry that holds the name, or the free one that it belongs in.
func (s *names) find(in uint32, name []byte) *nameEntry {
	mask := len(s.table) - 1
	for i := int(maphash.Bytes(s.seed, name)>>1) + int(in); ; i++ {
		e := &s.table[i&mask]
		if e.line != s.line || e.in == in && string(e.name) == string(name) {
			return e
		}
	}
}

func (s *names) grow() {
	old := s.table
	s.table = make([]nameEntry, 2*len(old))
	for _, e := range old {
		if e.line == s.line {
			*s.find(e.in, e.name) = e
		}
	}
}
