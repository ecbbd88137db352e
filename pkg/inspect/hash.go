package inspect

// hash spreads text over 64 bits. It is the same in every process, so that one
// export always gives one report.
func hash(text []byte) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	if len(text) > maxHashed {
		h ^= uint64(len(text)) * prime
		text = text[:maxHashed]
	}
	for _, c := range text {
		h = (h ^ uint64(c)) * prime
	}
	return mix(h)
}

// maxHashed is how many bytes of a text count: ids are shorter, and nobody asks
// how many different essays there are.
const maxHashed = 128

func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
