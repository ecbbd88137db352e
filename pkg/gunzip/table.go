package gunzip

import "math/bits"

const (
	literalBits  = 11
	distanceBits = 8

	// How many entries tables have at most, the second level included, for
	// complete codes of up to 15 bits (zlib's examples/enough.c counts them: 2,342
	// and 402).
	literalEntries  = 2400
	distanceEntries = 512

	maxLiterals  = 288
	maxDistances = 32
	maxCode      = 15
)

// An entry says what a code stands for.
//
//	literal      byte<<16 | isLiteral | bits of the code
//	two literals second byte<<24 | first byte<<16 | isLiteral | isPair | bits of both codes
//	length       base<<16 | bits of the code<<8 | bits of the code and the extra ones after it
//	distance     the same
//	second level isSpecial | isLink | index<<16 | bits of the index<<8 | bits of the first level
//	end of block isSpecial | isEnd | bits of the code
//	no code      isSpecial
//
// In the second level the bits of the first are not counted.
const (
	isSpecial = 1 << 15
	isLink    = 1 << 14
	isEnd     = 1 << 13
	isLiteral = 1 << 7
	isPair    = 1 << pairBit
	pairBit   = 6
	bitsMask  = 63
	codeMask  = 15 // of an entry shifted right by 8
	baseMask  = 1<<15 - 1
)

// The entries of symbols, without their codes, and with the number of the extra
// bits as the number of bits.
var (
	literalSymbols  = entries(literalEntry)  //nolint:gochecknoglobals // computed once, never changed
	distanceSymbols = entries(distanceEntry) //nolint:gochecknoglobals // likewise
	orderSymbols    = entries(orderEntry)    //nolint:gochecknoglobals // likewise
)

func entries(entryOf func(symbol uint32) uint32) (all [maxLiterals]uint32) {
	for symbol := range all {
		all[symbol] = entryOf(uint32(symbol)) //nolint:gosec // small
	}
	return all
}

func literalEntry(symbol uint32) uint32 {
	switch {
	case symbol < 256:
		return symbol<<16 | isLiteral
	case symbol == 256:
		return isSpecial | isEnd
	case symbol < 265:
		return (symbol - 257 + 3) << 16
	case symbol < 285:
		extra := (symbol - 261) / 4
		return (3+(4+(symbol-261)%4)<<extra)<<16 | extra
	case symbol == 285:
		return 258 << 16
	}
	return isSpecial
}

func distanceEntry(symbol uint32) uint32 {
	switch {
	case symbol < 4:
		return (symbol + 1) << 16
	case symbol < 30:
		extra := (symbol - 2) / 2
		return (1+(2+symbol%2)<<extra)<<16 | extra
	}
	return isSpecial
}

// orderEntry is for the codes of code lengths, whose extra bits are read apart.
func orderEntry(symbol uint32) uint32 { return symbol << 16 }

// buildTable fills a table for codes of these lengths, whose first level is
// looked up with width bits. It reports whether the codes are complete, or a
// single one of one bit, or none at all; no others are allowed.
func buildTable(table []uint32, width int, lengths []uint8, symbols *[maxLiterals]uint32) bool {
	var counts [maxCode + 1]int
	for _, n := range lengths {
		counts[n&maxCode]++
	}
	// The entries in the order of their codes: by length, then by symbol.
	var next [maxCode + 2]int
	used, longest := 0, 0
	for n := 1; n <= maxCode; n++ {
		next[n+1] = next[n] + counts[n]
		used += counts[n] << (maxCode - n)
		if counts[n] > 0 {
			longest = n
		}
	}
	next[0] = next[maxCode+1] // after the others are those without a code
	var sorted [maxLiterals]uint32
	for symbol, n := range lengths {
		sorted[next[n&maxCode]] = symbols[symbol] + uint32(n)*(1<<8|1)
		next[n&maxCode]++
	}
	first := table[:1<<width]
	if used != 1<<maxCode {
		return incomplete(first, sorted[:next[maxCode]])
	}
	// Codes come with their first bit lowest: the codes of n bits are the low
	// bits of indexes, so that a level of n bits is one of n-1 bits twice, and
	// then the codes of n bits.
	code, i := uint32(0), 0
	for n := 1; n <= width; n++ {
		copy(first[1<<(n-1):], first[:1<<(n-1)])
		for range counts[n] {
			first[code] = sorted[i]
			code = following(code, n)
			i++
		}
	}
	free := uint32(1) << width
	level := table[:0]
	for n := width + 1; n <= longest; n++ {
		for left := counts[n]; left > 0; left-- {
			if prefix := code & (1<<width - 1); code>>width == 0 {
				// The codes that begin like this one fill a second level.
				depth := n - width
				for codes := left; codes < 1<<depth; {
					depth++
					codes = codes<<1 + counts[width+depth]
				}
				first[prefix] = isSpecial | isLink | free<<16 | uint32(depth)<<8 | uint32(width)
				level = table[free : free+1<<depth]
				free += 1 << depth
			}
			for j := code >> width; j < uint32(len(level)); j += 1 << (n - width) {
				level[j] = sorted[i] - uint32(width)*(1<<8|1)
			}
			code = following(code, n)
			i++
		}
	}
	return true
}

// incomplete fills a table for one code of one bit, or for none.
func incomplete(first, sorted []uint32) bool {
	for i := range first {
		first[i] = isSpecial
	}
	if len(sorted) == 0 {
		return true
	}
	if len(sorted) > 1 || sorted[0]>>8&codeMask != 1 {
		return false
	}
	for i := 0; i < len(first); i += 2 {
		first[i] = sorted[0]
	}
	return true
}

// following returns the code of n bits after another, both with their first
// bit lowest.
func following(code uint32, n int) uint32 {
	bit := uint32(1) << bits.Len32(code^(1<<n-1)) >> 1
	return code&(bit-1) | bit
}

// pairLiterals makes one entry of two literals whose codes fit into the bits of
// the first level. It goes down because what follows a code is looked up at a
// lower index, where a single literal has to be found.
func pairLiterals(first *[1 << literalBits]uint32) {
	for i := len(first) - 1; i >= 0; i-- {
		one := first[i]
		two := first[i>>(one&bitsMask)]
		both := one&bitsMask + two&bitsMask
		pair := isLiteral | isPair | two>>16<<24 | one&(255<<16) | both
		// One condition that is a move: nothing could guess it.
		if both|^(one&two)&isLiteral <= literalBits {
			one = pair
		}
		first[i] = one
	}
}
