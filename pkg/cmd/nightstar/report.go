package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// stageLines says which stage a run has reached. A stage that is visited again,
// as in a poll loop, is named once; the report has the seconds of all visits.
type stageLines struct {
	to      io.Writer
	printed int
}

func (l *stageLines) show(summary execution.Summary) {
	for _, stage := range summary.Stages[l.printed:] {
		fmt.Fprintf(l.to, "  %6.1f s  %s\n", summary.Seconds, stage.Name)
		l.printed++
	}
}

// report prints what a run did.
func report(to io.Writer, s execution.Summary) {
	fmt.Fprintf(to, "\nRun %s %s in %.1f s\n", s.RunID, s.Status, s.Seconds)
	if s.Error != "" {
		fmt.Fprintf(to, "  %s: %s\n", s.Error, s.Cause)
	}
	if s.Items > 0 {
		fmt.Fprintf(to, "  %d items in the export\n", s.Items)
	}
	stages(to, s.Stages)
	section(to, "Rows in the lake", s.Rows)
	section(to, "Items set aside (see setaside/ in the lake)", s.SetAside)
	section(to, "Items that the model skips", s.Skipped)
	section(to, "Values that are null in the lake (see wrong/ there)", s.Wrong)
	section(to, "Attributes that the model does not know (see unknown/ in the lake)", s.Unknown)
	warehouse(to, s.Tables)
	section(to, "Objects archived", s.Archived)
	remarks(to, s.Notes)
}

func stages(to io.Writer, stages []execution.Stage) {
	fmt.Fprintln(to, "  Seconds by stage")
	for _, stage := range stages {
		fmt.Fprintf(to, "    %-34s %12.2f\n", stage.Name, stage.Seconds)
	}
}

// remarks prints what was odd and did not stop the run.
func remarks(to io.Writer, notes []string) {
	if len(notes) == 0 {
		return
	}
	fmt.Fprintln(to, "  Odd, but no reason to stop")
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
		fmt.Fprintf(to, "    %d more counts prove this; the table proof of the schema etl keeps them\n", hidden)
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
