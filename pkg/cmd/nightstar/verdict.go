package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/explain"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/progress"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// verdict says in one sentence how a run ended, and the numbers that matter. All
// the others are in its record.
func verdict(to io.Writer, s execution.Summary, m *model.Model, place explain.Place, example string) {
	var b strings.Builder
	if s.Status == "SUCCEEDED" {
		loaded(&b, s, m, place, example)
	} else {
		failed(&b, s, place, example)
	}
	fmt.Fprintln(to, progress.Wrap(strings.TrimRight(b.String(), "\n"), progress.Columns(to)))
}

// loaded reports a run that succeeded.
func loaded(to io.Writer, s execution.Summary, m *model.Model, place explain.Place, example string) {
	aside, skipped := total(s.SetAside), total(s.Skipped)
	fmt.Fprintf(to, "Run %s succeeded in %s: ", s.RunID, progress.Duration(s.Seconds))
	switch {
	case s.Items == 0:
		fmt.Fprint(to, "the export holds no items, and neither does the star.\n")
	case aside == 0 && skipped == 0:
		fmt.Fprintf(to, "all %s in the star.\n", spell.Count(s.Items, "item is", "items are"))
	default:
		fmt.Fprintf(to, "%s of %s in the star.\n", spell.Int(s.Items-aside-skipped), spell.Count(s.Items, "item is", "items are"))
	}
	fmt.Fprintln(to)
	tables(to, s.Tables, m)
	oddities(to, s, example)
	for _, note := range s.Notes {
		fmt.Fprintf(to, "  Note: %s\n", note)
	}
	if place.Look != "" {
		fmt.Fprintf(to, "  All counts: %s\n", place.Look)
	}
}

// failed reports a run that did not succeed.
func failed(to io.Writer, s execution.Summary, place explain.Place, example string) {
	f := explain.Run(s.Status, s.Error, s.Cause, place)
	name := s.Status
	if s.Error != "" {
		name = s.Error
	}
	fmt.Fprintf(to, "Run %s failed (%s). %s\n\n", s.RunID, name, f.What)
	for _, fact := range f.Details {
		fmt.Fprintf(to, "  %s\n", fact)
	}
	oddities(to, s, example)
	fmt.Fprintf(to, "\n  True now: %s\n", f.True)
	for _, step := range f.Next {
		fmt.Fprintf(to, "  Next: %s\n", step)
	}
	if f.Section != "" {
		fmt.Fprintf(to, "  More: %s\n", f.Section)
	}
}

// shownReasons bounds how many reasons are listed of each kind.
const shownReasons = 5

// oddities lists what was kept out of the star and why, the most frequent first,
// with one example.
func oddities(to io.Writer, s execution.Summary, example string) {
	largest(to, "Set aside", "items", s.SetAside)
	largest(to, "Left null", "values", s.Wrong)
	largest(to, "Left out", "rows within items", s.LeftOut)
	largest(to, "Skipped, as the model says", "items", s.Skipped)
	if example != "" {
		fmt.Fprintf(to, "  Example: %s\n", example)
	}
	largest(to, "Not in the model", "attributes", s.Unknown)
	unknown := map[string]int64{}
	for name, n := range s.Tables {
		table, dimension, ok := strings.Cut(name, " on unknown ")
		if rows, small := n.Int64(); ok && small && rows > 0 {
			unknown[strings.TrimPrefix(table, "dwh.")+" without "+dimension] = rows
		}
	}
	largest(to, "References to items that are not there", "facts", unknown)
}

func largest(to io.Writer, title, unit string, counts map[string]int64) {
	if len(counts) == 0 {
		return
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return int(min(max(counts[b]-counts[a], -1), 1))
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for _, name := range names[:min(len(names), shownReasons)] {
		parts = append(parts, fmt.Sprintf("%s (%s)", name, spell.Int(counts[name])))
	}
	if more := len(names) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	fmt.Fprintf(to, "  %s: %s: %s\n", title, spell.Count(total(counts), strings.TrimSuffix(unit, "s"), unit), strings.Join(parts, ", "))
}

// tables lists the rows of the star, and the sums of its measures where the model
// says how many decimal places they have.
func tables(to io.Writer, counts map[string]scalar.Sum, m *model.Model) {
	var dimensions []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		table, ok := strings.CutPrefix(name, "dwh.")
		if !ok || strings.Contains(table, " ") {
			continue
		}
		fact, isFact := factOf(m, table)
		if !isFact {
			dimensions = append(dimensions, table+" "+spell.Digits(counts[name].String()))
			continue
		}
		line := fmt.Sprintf("  %s: %s", table, rowsOf(counts[name]))
		for _, c := range fact.Columns {
			if sum, ok := counts[name+" sum of "+c.Name]; ok && c.Measure {
				line += fmt.Sprintf(", %s %s", c.Name, spell.Digits(sum.Decimal(c.Type.Scale)))
			}
		}
		fmt.Fprintln(to, line)
	}
	if len(dimensions) > 0 {
		fmt.Fprintf(to, "  Rows of other tables: %s\n", strings.Join(dimensions, ", "))
	}
}

// rowsOf writes how many rows a table has, which may be more than 64 bits hold.
func rowsOf(n scalar.Sum) string {
	if rows, ok := n.Int64(); ok {
		return spell.Count(rows, "row", "rows")
	}
	return spell.Digits(n.String()) + " rows"
}

func factOf(m *model.Model, name string) (model.Fact, bool) {
	if m == nil {
		return model.Fact{}, false
	}
	i := slices.IndexFunc(m.Facts, func(f model.Fact) bool { return f.Name == name })
	if i < 0 {
		return model.Fact{}, false
	}
	return m.Facts[i], true
}
