package lake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

const (
	// maxReasons is how many reasons a refusal names.
	maxReasons = 3
	// maxRefusals is how many refusals of one night are told.
	maxRefusals = 5
	// maxSeen is how many patterns of keys a refusal shows.
	maxSeen = 5
)

// refuse returns why the night must not be loaded: what the files say, no rows
// at all, and more that is wrong than the model allows. Empty if it may be loaded.
func (r *Reconciler) refuse(run string, night lakedoc.Night, results []lakedoc.Result, others []string) string {
	var all []string
	for _, result := range results {
		if result.Refusal != "" && !slices.Contains(all, result.Refusal) {
			all = append(all, result.Refusal)
		}
	}
	for _, other := range others {
		if !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	if none := r.noRows(night, results); none != "" {
		all = append(all, none)
	}
	folder := "s3://" + r.lakeBucket + "/" + lakedoc.SetAsideFolder(run)
	for _, item := range r.model.Items {
		aside := night.SetAside.Of(item.Name)
		items := atLeast(night, night.Standing[item.Name], aside+night.Rows[item.Name]+night.Skipped[item.Name])
		if beyond := beyond(fmt.Sprintf("items of type %s were set aside", item.Name), aside, items, item.SetAside, night.SetAside[item.Name], folder); beyond != "" {
			all = append(all, beyond)
		}
		all = append(all, r.wrongValues(run, night, item)...)
	}
	if beyond := beyond("items were set aside", night.SetAside.Total(), atLeast(night, r.standing(night), night.Items), r.model.SetAside, night.SetAside.ByReason(), folder); beyond != "" {
		all = append(all, beyond)
	}
	return enough(all, "; ", maxRefusals)
}

// atLeast is what a share of a limit is taken of. A share of the few items of an
// increment would be none at all, so an increment is measured by what the table had.
func atLeast(night lakedoc.Night, standing, items int64) int64 {
	if night.Mode != lakedoc.Incremental {
		return items
	}
	return max(standing, items)
}

// standing returns how many items the last full run had.
func (r *Reconciler) standing(night lakedoc.Night) int64 {
	var items int64
	for _, item := range r.model.Items {
		items += night.Standing[item.Name]
	}
	return items
}

// wrongValues returns which columns of an item type, and of the rows within its
// items, have more wrong values than the model allows, and of which rows within
// items more are left out.
func (r *Reconciler) wrongValues(run string, night lakedoc.Night, item model.Item) []string {
	var all []string
	for _, rows := range append([]model.Rows{item.Rows}, item.Nested...) {
		folder := "s3://" + r.lakeBucket + "/" + lakedoc.WrongFolder(rows.Name, run)
		for _, c := range rows.Columns {
			what := fmt.Sprintf("values of column %s of %s are wrong", c.Name, rows.Name)
			reasons := night.Wrong[rows.Name][c.Name]
			if beyond := beyond(what, night.Wrong.Of(rows.Name, c.Name), atLeast(night, night.Standing[rows.Name], night.Rows[rows.Name]), item.WrongValues, reasons, folder); beyond != "" {
				all = append(all, beyond)
			}
		}
		out := night.Wrong.Of(rows.Name, lakedoc.WholeRow)
		what := fmt.Sprintf("rows %s were left out", rows.Name)
		if beyond := beyond(what, out, atLeast(night, night.Standing[rows.Name], night.Rows[rows.Name]+out), item.WrongValues, night.Wrong[rows.Name][lakedoc.WholeRow], folder); beyond != "" {
			all = append(all, beyond)
		}
	}
	return all
}

// beyond says that more is wrong than a limit allows, in one sentence: how much,
// why for the most part, and where to look.
func beyond(what string, wrong, of int64, limit model.Limit, reasons map[lakedoc.Reason]int64, folder string) string {
	if wrong <= limit.Of(of) {
		return ""
	}
	names := slices.SortedFunc(maps.Keys(reasons), func(a, b lakedoc.Reason) int {
		return cmp.Or(cmp.Compare(reasons[b], reasons[a]), cmp.Compare(a, b))
	})
	var common []string
	rest := wrong
	for _, reason := range names[:min(len(names), maxReasons)] {
		common = append(common, fmt.Sprintf("%s %d", reason, reasons[reason]))
		rest -= reasons[reason]
	}
	if rest > 0 {
		common = append(common, fmt.Sprintf("others %d", rest))
	}
	return fmt.Sprintf("%d of %d %s, and the model allows %d (the larger of %d and %d per mille): %s; each is kept with its reason below %s",
		wrong, of, what, limit.Of(of), limit.Items, limit.PerMille, strings.Join(common, ", "), folder)
}

// noRows says of a night whose items became no row what keys the model expects,
// and what the keys of the items look like. An empty table is no such
// night, nor is an increment: deletes are not rows.
func (r *Reconciler) noRows(night lakedoc.Night, results []lakedoc.Result) string {
	var rows int64
	for _, item := range r.model.Items {
		rows += night.Rows[item.Name]
	}
	if night.Items == 0 || rows > 0 || night.Mode == lakedoc.Incremental {
		return ""
	}
	text := fmt.Sprintf("none of the %d items became a row", night.Items)
	l, err := newLayout(r.model)
	if err != nil {
		return text // the partition step did not get past it
	}
	text += fmt.Sprintf(": model %s expects keys like %s", r.model.Name, l.expect())
	seen := map[string]int64{}
	var further int64
	for _, result := range results {
		for pattern, n := range result.Patterns {
			if pattern == lakedoc.Further {
				further += n
				continue
			}
			seen[pattern] += n
		}
	}
	patterns := slices.SortedFunc(maps.Keys(seen), func(a, b string) int {
		return cmp.Or(cmp.Compare(seen[b], seen[a]), cmp.Compare(a, b))
	})
	var shown []string
	for i, pattern := range patterns {
		if i >= maxSeen {
			further += seen[pattern]
			continue
		}
		shown = append(shown, fmt.Sprintf("%s (%d)", pattern, seen[pattern]))
	}
	if further > 0 {
		shown = append(shown, fmt.Sprintf("others (%d)", further))
	}
	if len(shown) > 0 {
		text += "; the items have " + strings.Join(shown, "; ")
	}
	return text
}
