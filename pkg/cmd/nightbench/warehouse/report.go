package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
	nsql "github.com/nightstar-elt/nightstar/sql"
)

// report prints the medians of the rounds, and the medians of their ratios.
func (b *bench) report(w io.Writer, s settings, name, engine string) error {
	fmt.Fprintf(w, "\n%s on %s: %d items, %d dimensions, %d facts; medians of %d rounds\n\n",
		name, engine, s.items, len(b.m.Dimensions), len(b.m.Facts), s.rounds)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "night\tphase\tCPU s\tbare\tratio\tfrom\tto\twall s\tbare\tratio\t")
	for nth := range b.nights {
		var whole [sides][]cost
		for _, phase := range []string{load, transform} {
			of := [sides][]cost{b.costs[ours][phaseOf(phase, nth)], b.costs[theBare][phaseOf(phase, nth)]}
			for side := range whole {
				for round, c := range of[side] {
					if round >= len(whole[side]) {
						whole[side] = append(whole[side], cost{})
					}
					whole[side][round] = whole[side][round].plus(c)
				}
			}
			row(table, nth, phase, of)
		}
		row(table, nth, "both", whole)
	}
	for nth := range b.nights {
		of := [sides][]cost{b.costs[ours][phaseOf(proofs, nth)], b.costs[ours][phaseOf(transform, nth)]}
		shares := ratios(of, cpu)
		fmt.Fprintf(table, "%d\tproofs\t%.3f\t\t%.0f %% of transform\t\t\t\t\t\t\n", nth+1, median(values(of[ours], cpu)), 100*median(shares))
	}
	last := b.costs[ours][phaseOf(transform, len(b.nights)-1)]
	of := [sides][]cost{b.costs[ours][increment], last}
	fmt.Fprintf(table, "\t%s\t%.3f\t\t%.0f %% of transform\t\t\t%.2f\t\t\t\n", increment, median(values(of[ours], cpu)), 100*median(ratios(of, cpu)), median(values(of[ours], wall)))
	if err := table.Flush(); err != nil {
		return err //nolint:wrapcheck // says enough
	}
	if s.explain {
		b.explain(w)
	}
	return nil
}

func row(w io.Writer, nth int, phase string, of [sides][]cost) {
	r := ratios(of, cpu)
	fmt.Fprintf(w, "%d\t%s\t%.3f\t%.3f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", nth+1, phase,
		median(values(of[ours], cpu)), median(values(of[theBare], cpu)), median(r), slices.Min(r), slices.Max(r),
		median(values(of[ours], wall)), median(values(of[theBare], wall)), median(ratios(of, wall)))
}

func cpu(c cost) float64 { return c.cpu }

func wall(c cost) float64 { return c.wall }

func values(costs []cost, of func(cost) float64) []float64 {
	out := make([]float64, len(costs))
	for i, c := range costs {
		out[i] = of(c)
	}
	return out
}

// ratios compares round by round, because the machine's speed drifts.
func ratios(sides [sides][]cost, of func(cost) float64) []float64 {
	out := make([]float64, len(sides[ours]))
	for i := range out {
		out[i] = of(sides[ours][i]) / of(sides[theBare][i])
	}
	return out
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// explain prints the statements, the most expensive first.
func (b *bench) explain(w io.Writer) {
	type line struct {
		name string
		cpu  float64
	}
	var lines []line
	for name, costs := range b.detail {
		lines = append(lines, line{strings.Join(strings.Fields(name), " "), median(values(costs, cpu))})
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(b.cpu, a.cpu) })
	fmt.Fprintln(w)
	for _, l := range lines[:min(60, len(lines))] {
		fmt.Fprintf(w, "%8.1f ms  %.110s\n", 1000*l.cpu, l.name)
	}
}

// expand replaces calls of procedures by what the procedures do, so that each
// statement is measured by itself. What needs variables, the end of a
// verification, is left out.
func expand(m model.Model, statements []string) ([]string, error) {
	batches, err := star.Batches(m, star.PhaseProcedures)
	if err != nil {
		return nil, err //nolint:wrapcheck // names the phase
	}
	bodies := map[string][]string{}
	for _, p := range slices.Concat(batches...) {
		name, body, _ := strings.Cut(strings.TrimPrefix(p, "create or replace procedure "), "()\n")
		_, body, _ = strings.Cut(body, "begin\n\n")
		body, _, _ = strings.Cut(body, "\nend;\n$$")
		body, _, _ = strings.Cut(body, "select into ")
		if bodies["call "+name+"()"], err = nsql.Split(body); err != nil {
			return nil, err //nolint:wrapcheck // says enough
		}
	}
	var all []string
	for _, s := range statements {
		if body, ok := bodies[s]; ok {
			inner, err := expand(m, body)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
			continue
		}
		all = append(all, s)
	}
	return all, nil
}
