package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/execution"
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
	section(to, "Warehouse", s.Tables)
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
