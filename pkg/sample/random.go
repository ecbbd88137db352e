package sample

import (
	"math/bits"
	"math/rand/v2"
)

// purpose keeps streams of the same seed apart.
type purpose uint64

const (
	forPlan purpose = iota + 1
	forCustomer
	forCatalogue
)

// stream is a source of random choices. It draws from the bare PCG generator
// and does its own scaling: that way the choices depend on no library method
// whose algorithm could differ between releases or word sizes.
type stream struct{ pcg rand.PCG }

// reset starts the nth stream of a purpose. Streams can be started in any
// order, which is why a customer looks the same in a sample of any size.
func (s *stream) reset(seed uint64, p purpose, n uint64) {
	s.pcg.Seed(scatter(seed+uint64(p)), scatter(n^seed))
}

// scatter spreads neighbouring numbers over all 64 bits (the finaliser of
// SplitMix64), so that streams of neighbouring numbers are unrelated.
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below returns a number from 0 to n-1. Its bias is n in 2^64.
func (s *stream) below(n int) int {
	hi, _ := bits.Mul64(s.pcg.Uint64(), uint64(n))
	return int(hi)
}

// percent is true in p of 100 cases.
func (s *stream) percent(p int) bool { return s.below(100) < p }

// weighted returns an index with the probability that the running totals give
// it: index i is drawn when the number falls below totals[i] and not before.
func (s *stream) weighted(totals []int) int {
	x := s.below(totals[len(totals)-1])
	lo, hi := 0, len(totals)-1
	for lo < hi {
		mid := (lo + hi) / 2
		if x < totals[mid] {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

func (s *stream) shuffle(values []int) {
	for i := len(values) - 1; i > 0; i-- {
		j := s.below(i + 1)
		values[i], values[j] = values[j], values[i]
	}
}

// fill replaces each # of a layout by a digit and each @ by a letter that
// British, Canadian and Dutch postcodes all use.
func (s *stream) fill(layout string) string {
	const letters = "ABEGHJLNPRTWXZ"
	text := []byte(layout)
	for i, c := range text {
		switch c {
		case '#':
			text[i] = byte('0' + s.below(10))
		case '@':
			text[i] = letters[s.below(len(letters))]
		}
	}
	return string(text)
}

// uuid returns a random (version 4) UUID.
func (s *stream) uuid() string {
	const hex = "0123456789abcdef"
	hi := s.pcg.Uint64()&^(0xf<<12) | 4<<12
	lo := s.pcg.Uint64()&^(3<<62) | 2<<62
	var text [36]byte
	at := 0
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			text[at] = '-'
			at++
		}
		text[at] = hex[hi>>60]
		at++
		hi, lo = hi<<4|lo>>60, lo<<4
	}
	return string(text[:])
}

// running turns weights into running totals for [stream.weighted].
func running(weights []int) []int {
	totals := make([]int, len(weights))
	sum := 0
	for i, w := range weights {
		sum += w
		totals[i] = sum
	}
	return totals
}
