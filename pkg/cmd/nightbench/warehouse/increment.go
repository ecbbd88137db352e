package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// increment is the phase in which a hundredth of all items is written again.
const increment = "increment of 1 %"

// moment is what the full nights show.
func moment(nth int) time.Time { return time.Date(2026, 3, 1+nth, 0, 0, 0, 0, time.UTC) }

// change lands each hundredth row of the mirror as a change, and brings these
// changes to the star. Only the latter is measured.
func (b *bench) change(ctx context.Context, db *database) error {
	const run = "increment"
	var landing []string
	for _, r := range b.m.Relations() {
		mirror, _ := star.Find(b.m, model.Mirror, r.Table)
		changes, load := star.LandingTable(b.m, star.Increment, r), star.LoadTable(r.Table)
		columns := strings.Join(mirror.ColumnNames(), ", ")
		var identity []string
		for _, name := range r.Identity {
			identity = append(identity, model.QuoteName(name))
		}
		loads, _ := star.Find(b.m, model.ETL, load)
		landing = append(landing, "delete from "+changes.String(),
			fmt.Sprintf("insert into %s (%s)\nselect 'put', cast('2026-03-09 00:00:00' as timestamp), %s\nfrom (\n    select %s, row_number() over (order by %s) as nth_row\n    from %s\n) as numbered\nwhere mod(nth_row, 100) = 0",
				changes, strings.Join(changes.ColumnNames(), ", "), columns, columns, strings.Join(identity, ", "), mirror),
			"delete from "+loads.String(),
			fmt.Sprintf("insert into %s (run_id, rows)\nselect '%s', count(*) from %s", loads, run, changes))
	}
	if _, err := db.session(ctx, "", [][]string{landing}, nil); err != nil {
		return err
	}
	batches, err := star.Batches(b.m, star.PhaseIncrement)
	if err != nil {
		return err //nolint:wrapcheck // names the phase
	}
	window := star.Window{Mode: star.Increment, From: moment(len(b.nights) - 1), To: moment(len(b.nights))}
	spent, err := db.session(ctx, "increment ", [][]string{append(star.Announce(b.m, run, window, nil), batches[0]...)}, nil)
	b.costs[ours][increment] = append(b.costs[ours][increment], spent.all)
	return err
}
