package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/execution"
)

// stageLines prints each stage of a run once it is done.
type stageLines struct {
	to      io.Writer
	printed map[string]bool
}

func (l *stageLines) show(summary execution.Summary) {
	if l.printed == nil {
		l.printed = map[string]bool{}
	}
	for _, stage := range summary.Stages {
		if stage.Done && !l.printed[stage.Name] && worthALine(stage) {
			l.printed[stage.Name] = true
			fmt.Fprintf(l.to, "  %-24s %7.2f s\n", stage.Name, stage.Seconds)
		}
	}
}

// worthALine leaves out states that only route data.
func worthALine(stage execution.Stage) bool { return stage.Seconds >= 0.005 }

// report prints what a run did.
func report(to io.Writer, s execution.Summary) {
	fmt.Fprintf(to, "\nRun %s %s in %.1f s\n", s.RunID, s.Status, s.Seconds)
	if s.Error != "" {
		fmt.Fprintf(to, "  %s: %s\n", s.Error, s.Cause)
	}
	if s.Items > 0 {
		fmt.Fprintf(to, "  %d items in the export\n", s.Items)
	}
	section(to, "Rows in the lake, by item type", s.Rows)
	section(to, "Items set aside, by reason (see setaside/ in the lake)", s.SetAside)
	section(to, "Warehouse", s.Tables)
	section(to, "Objects archived", s.Archived)
}

func section(to io.Writer, title string, counts map[string]int64) {
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(to, "  %s\n", title)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(to, "    %-34s %12d\n", name, counts[name])
	}
}
