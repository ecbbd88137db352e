package export

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lake/published"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// compare says in the plan which phase loads the exports, and why they must not be
// loaded: they are of another table than that of the last published run, or show an
// earlier moment, and the run does not accept that. What one of the two does not say can't be compared. Changes must go
// on where that run has ended, and nothing else is accepted.
//
// Damaged documents of that run must not stop all later ones; the step reconcile
// notes them in the record of this run.
func (p *Planner) compare(ctx context.Context, run string, accept lakedoc.Accept, plan *lakedoc.Plan) error {
	last, found, err := published.Last(ctx, p.api, p.lake)
	increment := plan.Mode == lakedoc.Incremental
	plan.Phases = []string{star.PhaseFull}
	if increment {
		plan.Phases = []string{star.PhaseIncrement}
	}
	if fault.KindOf(err) == fault.Corrupt && !increment {
		p.log.WarnContext(ctx, "export is not compared with the last published run", slog.Any("error", err))
		return nil
	}
	if err != nil {
		return err //nolint:wrapcheck // names the object
	}
	if found && last.ID == run {
		return nil
	}
	if increment {
		plan.Refusal = goesOn(last, found, *plan)
		return nil
	}
	if !found {
		return nil
	}
	if showSame(last.Night, *plan) {
		plan.Phases = []string{star.PhaseRepair}
	}
	var names, findings []string
	if was := last.Night.TableARN; was != "" && plan.TableARN != "" && was != plan.TableARN && !accept.Has(lakedoc.AcceptTable) {
		names = append(names, lakedoc.AcceptTable)
		findings = append(findings, fmt.Sprintf("its tableArn is %s, and was %s", plan.TableARN, was))
	}
	if goesBack(last.Night.ExportTime, plan.ExportTime) && !accept.Has(lakedoc.AcceptExportTime) {
		names = append(names, lakedoc.AcceptExportTime)
		findings = append(findings, fmt.Sprintf("its exportTime is %s, before the %s of what is loaded", plan.ExportTime, last.Night.ExportTime))
	}
	if len(names) == 0 {
		return nil
	}
	plan.Refusal = fmt.Sprintf("%s compared with run %s, the last that was published: %s. Nothing of this run was loaded. If this is how it should be, accept it by name: %s",
		p.url(plan.ManifestKey), last.ID, strings.Join(findings, ", and "), accept.How(plan.ManifestKey, names...))
	return nil
}

// showSame reports whether a full export shows the same table at the same moment as
// the last published run. What increments have made is then compared with it.
func showSame(night lakedoc.Night, plan lakedoc.Plan) bool {
	was, errWas := time.Parse(time.RFC3339Nano, night.ExportTime)
	is, errIs := time.Parse(time.RFC3339Nano, plan.ExportTime)
	return errWas == nil && errIs == nil && was.Equal(is) && plan.TableID != "" && plan.TableID == night.TableID
}

// goesOn says why changes cannot be applied to what the last published run has
// left: they must begin at the very moment that it shows. If they begin after it, some
// are missing. If they begin before it, an item may have come before that moment and
// gone after it: it is in the warehouse, and no record says that it went.
func goesOn(last published.Run, found bool, plan lakedoc.Plan) string {
	const advice = "Nothing of this run was loaded. Start a run with the mode auto, which decides what to export"
	if !found {
		return fmt.Sprintf("there is no published run that the changes from %s to %s could be applied to. %s", plan.From, plan.ExportTime, advice)
	}
	was := last.Night
	var finding string
	switch {
	case was.ExportTime == "" || was.TableID == "" || plan.TableID == "":
		finding = "it is not known of both which table they show at which time"
	case was.TableID != plan.TableID:
		finding = fmt.Sprintf("the changes are of the table with the id %s, the run shows that with the id %s", plan.TableID, was.TableID)
	case instant(plan.From).After(instant(was.ExportTime)):
		finding = fmt.Sprintf("the changes begin at %s, and the run shows the table at %s: what has changed between is missing", plan.From, was.ExportTime)
	case instant(plan.From).Before(instant(was.ExportTime)):
		finding = fmt.Sprintf("the changes begin at %s, and the run shows the table at %s already: an item that came before that and went after it would stay, because DynamoDB has no record of it", plan.From, was.ExportTime)
	default:
		return ""
	}
	return fmt.Sprintf("compared with run %s, the last that was published: %s. %s", last.ID, finding, advice)
}

// goesBack reports whether the second moment is before the first, if both are
// known.
func goesBack(from, to string) bool {
	before, errBefore := time.Parse(time.RFC3339Nano, from)
	now, errNow := time.Parse(time.RFC3339Nano, to)
	return errBefore == nil && errNow == nil && now.Before(before)
}
