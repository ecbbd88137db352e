package archive

import (
	"slices"
	"sync"
)

// mostNotes bounds the notes on one bucket: they travel in the data of the state
// machine, which has 256 KiB for everything.
const mostNotes = 20

// notes are sentences about what was odd, for the record of a run. A sentence
// that is there already is not added: a repeat finds what the first call found.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(lines ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, line := range lines {
		switch {
		case slices.Contains(n.lines, line) || len(n.lines) > mostNotes:
		case len(n.lines) == mostNotes:
			n.lines = append(n.lines, "and more of that kind, which are not listed")
		default:
			n.lines = append(n.lines, line)
		}
	}
}

func (n *notes) list() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string{}, n.lines...)
}
