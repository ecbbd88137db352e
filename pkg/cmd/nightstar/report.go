package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// remarks prints what was odd and did not stop the run.
func remarks(to io.Writer, notes []string) {
	if len(notes) == 0 {
		return
	}
	fmt.Fprintln(to, "  Notes (they did not stop the run)")
	for _, note := range notes {
		fmt.Fprintf(to, "    - %s\n", note)
	}
}

// warehouse prints what people ask of a star: its rows, the sums of its measures,
// and what is odd. The other counts are proofs, which etl.proof keeps.
func warehouse(to io.Writer, counts map[string]scalar.Sum) {
	shown := map[string]scalar.Sum{}
	for name, n := range counts {
		table, more, _ := strings.Cut(name, " ")
		odd := more == "deleted" || strings.HasPrefix(more, "on unknown ")
		sum := strings.HasPrefix(more, "sum of ") && !strings.HasSuffix(more, "key")
		star := strings.HasPrefix(table, "dwh.") && (more == "" || sum || odd && n != scalar.Sum{})
		if star || table == "check" && n != (scalar.Sum{}) {
			shown[name] = n
		}
	}
	section(to, "Warehouse", shown)
	if hidden := len(counts) - len(shown); hidden > 0 {
		fmt.Fprintf(to, "    %s in etl.proof\n", spell.Count(int64(hidden), "more count is", "more counts are"))
	}
}

// section prints counts, which are numbers of any type, by name.
func section[N any](to io.Writer, title string, counts map[string]N) {
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(to, "  %s\n", title)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(to, "    %-34s %12v\n", name, counts[name])
	}
}
