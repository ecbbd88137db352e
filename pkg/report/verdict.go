package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// verdict says whether to trust the run.
func (f *facts) verdict() Verdict {
	run := f.run
	v := Verdict{Facts: f.numbers()}
	switch {
	case run.Result == "":
		v.Outcome = Busy
		v.Sentence = "This run has no record yet: it is active, or it was stopped and the next run will record it."
	case run.Result == record.Loaded:
		v.Outcome, v.Sentence = Good, "Trust it: every item of the export is in the star"
		if aside := run.SetAside.Total(); aside > 0 || len(run.Wrong) > 0 {
			v.Outcome = Warning
			v.Sentence = fmt.Sprintf("Loaded and proven, with %s and %s",
				spell.Count(aside, "item set aside", "items set aside"), spell.Count(wrongValues(run), "wrong value", "wrong values"))
		}
		if slices.ContainsFunc(f.proofs, func(p proof) bool { return !p.holds() }) {
			v.Outcome, v.Sentence = Bad, "Do not trust it: the run says that it loaded everything"
		}
		v.Sentence += fmt.Sprintf(", and %s.", f.proven())
	case published(run):
		v.Outcome = Warning
		v.Sentence = fmt.Sprintf("The star is new and proven, but the run ended as %s.", run.Result)
	default:
		v.Outcome = Bad
		v.Sentence = fmt.Sprintf("Not loaded: the run ended as %s.", run.Result)
		if last, ok := f.before(); ok {
			v.Detail = append(v.Detail, fmt.Sprintf("The star still shows run %s of %s, unless a later run has replaced it.", last.RunID, moment(last.StartedAt)))
		} else {
			v.Detail = append(v.Detail, "No run was published before it.")
		}
	}
	if run.Cause != "" {
		v.Detail = append(v.Detail, run.Cause)
	}
	if run.Result != "" && run.Result != record.Loaded && run.Result != record.Damaged {
		v.Detail = append(v.Detail, "What to do: statemachine/RUNBOOK.md#"+strings.ToLower(run.Result)+".")
	}
	if run.ClosedBy != "" {
		v.Detail = append(v.Detail, "The run could not write its record; run "+run.ClosedBy+" wrote it.")
	}
	v.Detail = append(v.Detail, run.Notes...)
	return v
}

// proven counts the proofs of the run.
func (f *facts) proven() string {
	held, expected := 0, 0
	for _, p := range f.proofs {
		if p.expected != nil {
			expected++
			if p.holds() {
				held++
			}
		}
	}
	switch {
	case expected == 0:
		return spell.Count(int64(len(f.run.Counts)), "count proves it", "counts prove it")
	case held < expected:
		return fmt.Sprintf("%s of %s proofs do not hold", spell.Int(int64(expected-held)), spell.Int(int64(expected)))
	}
	return "all " + spell.Count(int64(expected), "proof holds", "proofs hold")
}

// numbers are the few that matter.
func (f *facts) numbers() []Fact {
	run := f.run
	all := []Fact{{"Run", run.RunID}, {"Started (UTC)", moment(run.StartedAt)}}
	if run.Result != "" {
		all = append(all, Fact{"Duration", duration(time.Duration(run.Seconds) * time.Second)})
	}
	if run.Export.Time != "" {
		all = append(all, Fact{"Data as of (UTC)", moment(f.asOf())})
	}
	if run.Items != nil {
		all = append(all, Fact{"Items in the export", spell.Int(*run.Items)})
	}
	if run.RowsLoaded != nil {
		all = append(all, Fact{"Rows loaded", spell.Int(*run.RowsLoaded)})
	}
	if run.Rows != nil {
		all = append(all, Fact{"Items set aside", spell.Int(run.SetAside.Total())}, Fact{"Wrong values", spell.Int(wrongValues(run))})
	}
	return all
}

// wrongValues counts the values that are null in rows.
func wrongValues(run record.Run) (n int64) {
	for _, columns := range run.Wrong {
		for _, reasons := range columns {
			for _, values := range reasons {
				n += values
			}
		}
	}
	return n
}

func moment(at time.Time) string {
	if at.IsZero() {
		return "unknown"
	}
	return at.UTC().Format(time.DateTime)
}

func duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}
