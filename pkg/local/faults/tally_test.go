package faults_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

// tally sums up what scenarios have shown.
type tally struct {
	runs     int
	redriven int
	ends     map[string]int
	injected map[chaos.Kind]int
	survived map[chaos.Kind]int
	marks    map[asl.Mark]int
}

func newTally(b base) *tally {
	return &tally{
		ends: map[string]int{}, injected: map[chaos.Kind]int{}, survived: map[chaos.Kind]int{}, marks: b.plain.marksOf(),
	}
}

func (c *tally) add(_ scenario, r report) {
	c.runs++
	if r.Redriven {
		c.redriven++
	}
	for _, end := range r.Ends {
		c.ends[end]++
	}
	for kind, n := range r.Injected {
		c.injected[kind] += n
		if len(r.Problems) == 0 {
			c.survived[kind] += n
		}
	}
	for mark, n := range r.marksOf() {
		c.marks[mark] += n
	}
}

// missing lists the parts of the definition that nothing has reached.
func (c *tally) missing() []string {
	var missing []string
	for _, mark := range wantedMarks() {
		if c.marks[mark] > 0 {
			continue
		}
		text := mark.State
		if mark.Field != "" {
			text += fmt.Sprintf(" %s[%d]", mark.Field, mark.Index)
		}
		missing = append(missing, text)
	}
	return missing
}

// String is the table of the suite.
func (c *tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d disturbed runs, %d redriven\n\n%-24s %8s %8s\n", c.runs, c.redriven, "fault", "injected", "survived")
	for _, kind := range chaos.Kinds() {
		fmt.Fprintf(&b, "%-24s %8d %8d\n", kind, c.injected[kind], c.survived[kind])
	}
	fmt.Fprintf(&b, "\n%-40s %5s\n", "disturbed executions ended as", "times")
	for _, end := range slices.Sorted(maps.Keys(c.ends)) {
		fmt.Fprintf(&b, "%-40s %5d\n", end, c.ends[end])
	}
	fields := map[string]string{"": "states", "Retry": "retriers", "Catch": "catchers"}
	b.WriteString("\n")
	for _, field := range []string{"", "Retry", "Catch"} {
		wanted := slices.DeleteFunc(wantedMarks(), func(m asl.Mark) bool { return m.Field != field })
		reached := slices.DeleteFunc(slices.Clone(wanted), func(m asl.Mark) bool { return c.marks[m] == 0 })
		fmt.Fprintf(&b, "%d of %d %s exercised\n", len(reached), len(wanted), fields[field])
	}
	if missing := c.missing(); len(missing) > 0 {
		fmt.Fprintf(&b, "not reached: %s\n", strings.Join(missing, "; "))
	}
	return b.String()
}
