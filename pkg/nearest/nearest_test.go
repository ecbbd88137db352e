package nearest_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/nearest"
)

// slow counts edits as the definition says.
func slow(a, b []rune) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	case a[0] == b[0]:
		return slow(a[1:], b[1:])
	}
	return 1 + min(slow(a[1:], b), slow(a, b[1:]), slow(a[1:], b[1:]))
}

func TestEdits(t *testing.T) {
	t.Parallel()

	words := []string{"", "a", "ab", "ba", "abc", "acb", "length", "lenth", "größe", "grosse"}
	for _, a := range words {
		for _, b := range words {
			if got, want := nearest.Edits(a, b), slow([]rune(a), []rune(b)); got != want {
				t.Errorf("Edits(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
}
