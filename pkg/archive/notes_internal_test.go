package archive

import (
	"fmt"
	"strings"
	"testing"
)

// TestNotes: a sentence stands once, and there are never more than fit the data
// of the machine.
func TestNotes(t *testing.T) {
	t.Parallel()

	var n notes
	if list := n.list(); list == nil || len(list) > 0 {
		t.Errorf("no notes are %#v, want an empty list", list)
	}
	for i := range 3 * mostNotes {
		n.add("first", fmt.Sprint("note ", i))
	}
	list := n.list()
	if len(list) != mostNotes+1 || list[0] != "first" || list[1] != "note 0" || !strings.HasPrefix(list[mostNotes], "and more") {
		t.Errorf("notes are %q", list)
	}
	var next notes // of the next call for the same bucket
	next.add(list...)
	next.add("another")
	if again := next.list(); len(again) != mostNotes+1 {
		t.Errorf("notes are %q, want no more", again)
	}
}
