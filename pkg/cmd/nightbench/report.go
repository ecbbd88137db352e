package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// report prints medians, and ratios to ours.
func report(w io.Writer, s settings, t truth, all []*contender) error {
	fmt.Fprintf(w, "%d items, %d files, %.0f MiB of DynamoDB JSON, %.0f MiB compressed; medians of %d rounds, one core\n\n",
		s.items, s.files, float64(t.Bytes)/(1<<20), float64(t.Zipped)/(1<<20), s.rounds)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "contender\tCPU s\t× ours\tpeak MiB\t")
	var base []float64
	for _, c := range all {
		if c.name == "ours" {
			base = c.cpu
		}
	}
	for _, c := range all {
		if c.missing != "" {
			fmt.Fprintf(table, "%s\t-\t-\t-\t%s\n", c.name, c.missing)
			continue
		}
		ratio := "-"
		if base != nil {
			ratio = fmt.Sprintf("%.2f", median(ratios(c.cpu, base)))
		}
		fmt.Fprintf(table, "%s\t%.2f\t%s\t%.0f\t%s\n", c.name, median(c.cpu), ratio, median(c.peak), c.about)
	}
	return table.Flush() //nolint:wrapcheck // says enough
}

// ratios compares round by round, because the machine's speed drifts.
func ratios(values, base []float64) []float64 {
	out := make([]float64, len(values))
	for i := range values {
		out[i] = values[i] / base[i]
	}
	return out
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
