package ddbjson

import "testing"

// TestNames_areSpread puts the same few names into many maps of one line, as a
// list of alike maps has them. A line of an item takes as long as it is, so no
// name may have to be searched for among thousands of others.
func TestNames_areSpread(t *testing.T) {
	t.Parallel()

	const maps, longest = 20_000, 500
	text := []byte("abcdefgh")
	for try := range 8 { // each with another seed
		seed := newSeed()
		var s names
		s.reset(text)
		for range maps {
			in := s.open()
			for i := range text {
				hash := seed.hash(seed.key(text[i : i+1]))
				if !s.add(in, hash, i, i+1) {
					t.Fatalf("name %q of map %d is not new", text[i:i+1], in)
				}
			}
		}
		run := 0
		for i := range 2 * len(s.table) { // runs go on from the end to the start
			if s.table[i%len(s.table)].line != s.line {
				run = 0
				continue
			}
			if run++; run > longest {
				t.Fatalf("try %d: more than %d names stand side by side in a table of %d with %d", try, longest, len(s.table), s.used)
			}
		}
	}
}
