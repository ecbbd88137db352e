package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/price"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// The archive that costs are estimated for, as in infra/README.md: days in
// Standard-IA, and then in Glacier Instant Retrieval.
const (
	standardDays  = 90
	glacierDays   = 640
	otherPerMonth = 2.0 // alarms, metrics, the secret, logs
)

// cost is the section about money.
func (f *facts) cost() []Block {
	if f.run.Export.Bytes == 0 {
		return []Block{{Text: []string{"The record does not say how large the export is, so the report has no estimate."}}}
	}
	size := price.Size{
		Gigabytes: float64(f.run.Export.Bytes) / 1e9, Files: f.run.Export.Files, RPU: f.rpu, Seconds: int(f.awake().Seconds()),
	}
	nights, why := f.cadence()
	ours, theirs := f.prices.Night(size), f.prices.OriginalNight(size)
	per := float64(nights)
	t := Table{Caption: "Cost in dollars", Columns: []Column{
		text("Line"), number("This run"), number("A month"), number("The original, a run"), number("The original, a month"),
	}}
	line := func(name string, run, month, seedRun, seedMonth float64) {
		t.Rows = append(t.Rows, cells(name, dollars(run), dollars(month), dollars(seedRun), dollars(seedMonth)))
	}
	recovery := f.prices.Recovery(size)
	archive := f.prices.Archive(size, standardDays, glacierDays)
	line("DynamoDB export", ours.Export, ours.Export*per, theirs.Export, theirs.Export*per)
	line("Lambda; Glue jobs in the original", ours.Lambda, ours.Lambda*per, theirs.Jobs, theirs.Jobs*per)
	line("Step Functions and S3 requests", ours.Requests, ours.Requests*per, theirs.Requests, theirs.Requests*per)
	line("Redshift Serverless; two ra3.4xlarge nodes in the original", ours.Redshift, ours.Redshift*per, 0, f.prices.OriginalWarehouse())
	line("point-in-time recovery", 0, recovery, 0, recovery)
	line("archive after two years", 0, archive, 0, archive)
	line("alarms, metrics, secret, logs", 0, otherPerMonth, 0, otherPerMonth)
	line("all", ours.Total(), ours.Total()*per+recovery+archive+otherPerMonth,
		theirs.Total(), theirs.Total()*per+f.prices.OriginalWarehouse()+recovery+archive+otherPerMonth)
	return []Block{{
		Text: []string{
			fmt.Sprintf("An estimate at list prices of %s, for choosing and not for paying: an export of %s MB in %s, and Redshift at %d RPU for %s.",
				f.prices.Region, megabytes(f.run.Export.Bytes), spell.Count(int64(size.Files), "file", "files"), size.RPU, duration(max(time.Minute, f.awake()))),
			fmt.Sprintf("A month has %d runs: %s. Redshift bills a minute at least each time it wakes. The warehouse's storage is not in it.", nights, why),
			"The original is the system that Nightstar follows: the same export, nine Glue jobs a night, and a cluster that runs all the time.",
		},
		Table: &t,
	}}
}

// awake is how long the warehouse worked for the run: from the first state that uses
// it to the last, or the whole run if its history is missing.
func (f *facts) awake() time.Duration {
	if len(f.history.visits) == 0 {
		return time.Duration(f.run.Seconds) * time.Second
	}
	var from, to time.Time
	for _, v := range f.history.visits {
		if slices.Contains([]string{"Prepare warehouse", "Land tables", "Transform", "Submit row", "Wait for row", "Poll row"}, v.state) {
			if from.IsZero() {
				from = v.from
			}
			to = v.to
		}
	}
	return max(0, to.Sub(from))
}

// The bounds of a cadence: what people run by hand says nothing about a month.
const (
	fewestForCadence = 4
	shortestCadence  = 14 * time.Minute
	nightsPerMonth   = 30
)

// cadence returns how many runs a month has, and how that is known.
func (f *facts) cadence() (runs int, why string) {
	var gaps []time.Duration
	recent := f.recent()
	for i := 1; i < len(recent); i++ {
		gaps = append(gaps, recent[i].StartedAt.Sub(recent[i-1].StartedAt))
	}
	if len(gaps)+1 >= fewestForCadence {
		slices.Sort(gaps)
		if median := gaps[len(gaps)/2]; median >= shortestCadence {
			return max(1, int((nightsPerMonth*24*time.Hour+median/2)/median)), "the last runs started every " + duration(median)
		}
	}
	return nightsPerMonth, "one a night is assumed, because the last runs were too few or too close to each other to tell"
}
