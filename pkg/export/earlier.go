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
)

// compare says why an export must not be loaded: it is of another table than that
// of the last published run, or shows an earlier moment, and the run does not
// accept that. What one of the two does not say can't be compared.
//
// Damaged documents of that run must not stop all later ones; the step reconcile
// notes them in the record of this run.
func (p *Planner) compare(ctx context.Context, in PlanInput, accept lakedoc.Accept, plan lakedoc.Plan) (refusal string, err error) {
	last, found, err := published.Last(ctx, p.api, p.lake)
	if fault.KindOf(err) == fault.Corrupt {
		p.log.WarnContext(ctx, "export is not compared with the last published run", slog.Any("error", err))
		return "", nil
	}
	if err != nil {
		return "", err //nolint:wrapcheck // names the object
	}
	if !found || last.ID == in.RunID {
		return "", nil
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
		return "", nil
	}
	return fmt.Sprintf("%s compared with run %s, the last that was published: %s. Nothing of this run was loaded. If this is how it should be, accept it by name: %s",
		p.url(in.ManifestKey), last.ID, strings.Join(findings, ", and "), accept.How(in.ManifestKey, names...)), nil
}

// goesBack reports whether the second moment is before the first, if both are
// known.
func goesBack(from, to string) bool {
	before, errBefore := time.Parse(time.RFC3339Nano, from)
	now, errNow := time.Parse(time.RFC3339Nano, to)
	return errBefore == nil && errNow == nil && now.Before(before)
}
