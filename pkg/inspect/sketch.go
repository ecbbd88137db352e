package inspect

import (
	"math"
	"slices"
)

// Sketch remembers the different values of a column in bounded memory: the
// smallest of their hashes. It is exact up to sketchSize values, and estimates
// beyond. Sketches of one set of values are equal, in whatever order they came.
type Sketch struct {
	kept   []uint64 // sorted and unique after settle
	limit  uint64   // hashes from here on are not kept
	last   uint64
	sorted bool
}

// sketchSize is how many hashes are kept. The estimate is off by 1/√size, 4 %.
const sketchSize = 512

func (s *Sketch) add(h uint64) {
	if h == s.last && len(s.kept) > 0 || s.limit != 0 && h >= s.limit {
		return
	}
	s.last, s.sorted = h, false
	s.kept = append(s.kept, h)
	if len(s.kept) >= 2*sketchSize {
		s.settle()
	}
}

func (s *Sketch) settle() {
	if s.sorted {
		return
	}
	slices.Sort(s.kept)
	s.kept = slices.Compact(s.kept)
	if len(s.kept) > sketchSize {
		s.kept = s.kept[:sketchSize]
	}
	if len(s.kept) == sketchSize {
		s.limit = s.kept[sketchSize-1] + 1
	}
	s.sorted = true
}

func (s *Sketch) merge(other *Sketch) {
	other.settle()
	for _, h := range other.kept {
		s.add(h)
	}
	s.settle()
	if other.limit != 0 && (s.limit == 0 || other.limit < s.limit) {
		// Beyond the other's limit values may be missing.
		s.limit = other.limit
		for len(s.kept) > 0 && s.kept[len(s.kept)-1] >= s.limit {
			s.kept = s.kept[:len(s.kept)-1]
		}
	}
}

// Distinct estimates how many different values there were.
func (s *Sketch) Distinct() int64 {
	s.settle()
	if !s.full() {
		return int64(len(s.kept))
	}
	n := float64(len(s.kept))
	share := float64(s.limit) / math.MaxUint64
	return int64((n - 1) / share)
}

// Exact reports whether Distinct counts instead of estimating.
func (s *Sketch) Exact() bool {
	s.settle()
	return !s.full()
}

func (s *Sketch) full() bool { return s.limit != 0 }

// Within estimates which share of the values are also among those of other, and
// on how many values the estimate stands.
func (s *Sketch) Within(other *Sketch) (share float64, of int) {
	s.settle()
	other.settle()
	limit := uint64(math.MaxUint64)
	for _, l := range []uint64{s.limit, other.limit} {
		if l != 0 && l < limit {
			limit = l
		}
	}
	found := 0
	for _, h := range s.kept {
		if h >= limit {
			break
		}
		of++
		if _, ok := slices.BinarySearch(other.kept, h); ok {
			found++
		}
	}
	if of == 0 {
		return 0, 0
	}
	return float64(found) / float64(of), of
}
