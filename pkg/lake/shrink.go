package lake

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lake/published"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// last returns the last published run; it is empty if there is none. That the
// documents of an earlier run are damaged must not stop all later ones: it is noted.
func (r *Reconciler) last(ctx context.Context, night *lakedoc.Night) (published.Run, error) {
	last, _, err := published.Last(ctx, r.api, r.lakeBucket)
	if fault.KindOf(err) == fault.Corrupt {
		night.Notes = append(night.Notes, fmt.Sprintf(
			"this run was not compared with the last published one, whose documents are damaged, so it is unknown whether rows are missing: %v", err))
		return published.Run{}, nil
	}
	return last, err //nolint:wrapcheck // names the object
}

// lost adds up which items have left their type.
func lost(results []lakedoc.Result) map[string]int64 {
	all := map[string]int64{}
	for _, result := range results {
		addTo(all, result.Lost)
	}
	return all
}

// compare says in the night what is missing of the last published run, unless the
// run accepts it. A first run has nothing to be compared with. An increment tells
// which items have gone, and the last full run how many there were.
func (r *Reconciler) compare(in ReconcileInput, accept lakedoc.Accept, last published.Run, lost map[string]int64, night *lakedoc.Night) {
	if last.ID == "" || last.ID == in.RunID {
		return
	}
	var types, findings []string
	for _, item := range r.model.Items {
		if item.Skip || accept.Has(item.Name) {
			continue
		}
		missing := shrunk(item, last.Night, *night)
		if night.Mode == lakedoc.Incremental {
			missing = gone(item, night.Standing[item.Name], lost[item.Name])
		}
		if len(missing) > 0 {
			types = append(types, item.Name)
			findings = append(findings, fmt.Sprintf("%s, and the model lets type %s lose %d%% (limits: shrink)",
				strings.Join(missing, ", "), item.Name, item.Shrink))
		}
	}
	if len(findings) > 0 {
		night.Shrunk = fmt.Sprintf("since run %s, the last that was published: %s. Nothing of this run was loaded. If this is how it should be, accept it by name: %s",
			last.ID, enough(findings, "; ", maxRefusals), accept.How(in.Plan.ManifestKey, types...))
	}
}

// gone says that more items of a type have gone in one increment than the model
// allows.
func gone(item model.Item, standing, lost int64) []string {
	if standing == 0 || !shrank(scalar.SumOf(standing), scalar.SumOf(max(0, standing-lost)), item.Shrink) {
		return nil
	}
	return []string{fmt.Sprintf("%d items of type %s are gone, of the %d that the last full run had", lost, item.Name, standing)}
}

// shrunk says which rows and measures of an item type, and of the rows within
// its items, are fewer or smaller than the model allows. What one of the two
// nights does not have, because the model was another, can't be compared.
func shrunk(item model.Item, before, now lakedoc.Night) []string {
	var missing []string
	for _, rows := range append([]model.Rows{item.Rows}, item.Nested...) {
		was, had := loadOf(before, rows.Table)
		is, has := loadOf(now, rows.Table)
		if !had || !has {
			continue
		}
		if shrank(scalar.SumOf(was.Rows), scalar.SumOf(is.Rows), item.Shrink) {
			missing = append(missing, fmt.Sprintf("%s has %d rows, before %d", rows.Name, is.Rows, was.Rows))
			continue // its sums are smaller too
		}
		for _, c := range rows.Measured() {
			sum, known := was.Sums[c.Name]
			if known && shrank(sum, is.Sums[c.Name], item.Shrink) {
				missing = append(missing, fmt.Sprintf("the sum of column %s of %s is %s, before %s",
					c.Name, rows.Name, is.Sums[c.Name].Decimal(c.Type.Scale), sum.Decimal(c.Type.Scale)))
			}
		}
	}
	return missing
}

// loadOf returns the load of a landing table.
func loadOf(night lakedoc.Night, table string) (lakedoc.TableLoad, bool) {
	i := slices.IndexFunc(night.Tables, func(l lakedoc.TableLoad) bool { return l.Table == table })
	if i < 0 {
		return lakedoc.TableLoad{}, false
	}
	return night.Tables[i], true
}

// shrank reports whether more than so many percent of a number are gone. Signs do
// not count.
func shrank(before, now scalar.Sum, percent int) bool {
	was, is := magnitude(before), magnitude(now)
	gone := new(big.Int).Sub(was, is)
	return gone.Mul(gone, big.NewInt(100)).Cmp(was.Mul(was, big.NewInt(int64(percent)))) > 0
}

func magnitude(s scalar.Sum) *big.Int {
	n, _ := new(big.Int).SetString(s.String(), 10) // digits
	return n.Abs(n)
}
