package model

import (
	"slices"
	"testing"
)

// QuoteName searches the words by halves.
func TestReservedWords_areSorted(t *testing.T) {
	t.Parallel()

	words := reservedWords()
	if !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
		t.Errorf("reservedWords() is not sorted, or holds a word twice: %v", words)
	}
}
