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
//	literal      isLiteral | byte<<16 | bits of the code
//	length       base<<16 | bits of the code<<8 | bits of the code and the extra ones behind it
//	distance     the same
//	second level isSpecial | isLink | index<<16 | bits of the index<<8 | bits of the first level
//	end of block isSpecial | isEnd | bits of the code
//	no code      isSpecial
//
// In the second level the bits of the first are not counted.
const (
	isLiteral = 1 << 31
	isSpecial = 1 << 15
	isLink    = 1 << 14
	isEnd     = 1 << 13
	bitsMask  = 63
	codeMask  = 15 // of an entry shifted right by 8
	baseMask  = 1<<15 - 1
)

// literalEntry returns the entry of a symbol, without the bits of its code, and
// how many extra bits follow.
func literalEntry(symbol int) (entry uint32, extra uint) {
	switch {
	case symbol < 256:
		return isLiteral | uint32(symbol)<<16, 0
	case symbol == 256:
		return isSpecial | isEnd, 0
	case symbol < 265:
		return uint32(symbol-257+3) << 16, 0
	case symbol < 285:
		extra = uint(symbol-261) / 4
		base := 3 + (4+uint32(symbol-261)%4)<<extra
		return base << 16, extra
	case symbol == 285:
		return 258 << 16, 0
	}
	return isSpecial, 0
}

// distanceEntry is literalEntry for distances.
func distanceEntry(symbol int) (entry uint32, extra uint) {
	switch {
	case symbol < 4:
		return uint32(symbol+1) << 16, 0
	case symbol < 30:
		extra = uint(symbol-2) / 2
		base := 1 + (2+uint32(symbol)%2)<<extra
		return base << 16, extra
	}
	return isSpecial, 0
}

// orderEntry is literalEntry for code lengths, whose extra bits are read apart.
func orderEntry(symbol int) (entry uint32, extra uint) { return uint32(symbol) << 16, 0 }

// buildTable fills a table for codes of these lengths, whose first level is
// looked up with width bits. It reports whether the codes are complete, or a
// single one of one bit, or none at all; no others are allowed.
func buildTable(table []uint32, width uint, lengths []uint8, entryOf func(symbol int) (uint32, uint)) bool {
	next, longest, ok := firstCodes(lengths)
	if !ok {
		return false
	}
	first := table[:1<<width]
	clear(first)
	var codes [maxLiterals]uint32
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		// Codes come with their first bit lowest.
		codes[symbol] = bits.Reverse32(next[n]) >> (32 - uint(n))
		next[n]++
		if depth := uint32(n) - uint32(width); uint(n) > width {
			prefix := &first[codes[symbol]&(1<<width-1)]
			*prefix = max(*prefix, depth)
		}
	}
	if longest > width {
		linkSecondLevel(table, width)
	}
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		entry, extra := entryOf(symbol)
		level, code, length := first, codes[symbol], uint(n)
		if length > width {
			link := first[code&(1<<width-1)]
			start := link >> 16 & baseMask
			level = table[start : start+1<<(link>>8&codeMask)]
			code, length = code>>width, length-width
		}
		entry |= uint32(length)<<8 | uint32(length+extra) //nolint:gosec // small
		for i := code; i < uint32(len(level)); i += 1 << length {
			level[i] = entry
		}
	}
	for i, entry := range first {
		if entry == 0 { // one code of one bit, or none
			first[i] = isSpecial
		}
	}
	return true
}

// firstCodes returns the first code of each length, and the longest length.
func firstCodes(lengths []uint8) (next [maxCode + 2]uint32, longest uint, ok bool) {
	var counts [maxCode + 1]uint32
	for _, n := range lengths {
		counts[n]++
	}
	counts[0] = 0
	used := uint32(0)
	for n := uint(1); n <= maxCode; n++ {
		next[n+1] = (next[n] + counts[n]) << 1
		used += counts[n] << (maxCode - n)
		if counts[n] > 0 {
			longest = n
		}
	}
	single := longest == 1 && counts[1] == 1
	return next, longest, used == 1<<maxCode || single || longest == 0
}

// linkSecondLevel gives each entry of the first level that holds a width a
// second level of that width.
func linkSecondLevel(table []uint32, width uint) {
	free := uint32(1) << width
	for i, depth := range table[:1<<width] {
		if depth > 0 {
			table[i] = isSpecial | isLink | free<<16 | depth<<8 | uint32(width) //nolint:gosec // small
			free += 1 << depth
		}
	}
}
