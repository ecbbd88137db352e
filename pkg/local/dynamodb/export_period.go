package dynamodb

import (
	"cmp"
	"time"
)

// The values of ExportViewType.
const (
	newImage        = "NEW_IMAGE"
	newAndOldImages = "NEW_AND_OLD_IMAGES"
)

// Limits of the period of an incremental export.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
const (
	shortestWindow = 15 * time.Minute
	longestWindow  = 24 * time.Hour
)

// exportPeriod is the IncrementalExportSpecification of a request.
type exportPeriod struct {
	ExportFromTime *timestamp `json:",omitempty"`
	ExportToTime   *timestamp `json:",omitempty"`
	ExportViewType string     `json:",omitempty"`
}

func (p *exportPeriod) same(o *exportPeriod) bool {
	return p == o || p != nil && o != nil && p.ExportViewType == o.ExportViewType &&
		sameTime(p.ExportFromTime, o.ExportFromTime) && sameTime(p.ExportToTime, o.ExportToTime)
}

// kind returns the type of an export. The request may have left it out.
func (d *exportDescription) kind() string { return cmp.Or(d.ExportType, fullExport) }

// checkPeriod refuses parameters that don't go with the type of the export.
func (r *exportRequest) checkPeriod() error {
	p := r.IncrementalExportSpecification
	switch {
	case r.ExportType != incrementalExport && p != nil:
		return invalid("IncrementalExportSpecification can only be given with ExportType %s", incrementalExport)
	case r.ExportType != incrementalExport:
		return nil
	case r.ExportTime != nil:
		return invalid("ExportTime can not be given with ExportType %s", incrementalExport)
	case p == nil || p.ExportFromTime == nil || p.ExportToTime == nil:
		return invalid("IncrementalExportSpecification with ExportFromTime and ExportToTime is required with ExportType %s",
			incrementalExport)
	case p.ExportViewType != "" && p.ExportViewType != newImage && p.ExportViewType != newAndOldImages:
		return invalid("ExportViewType %q must be %s or %s", p.ExportViewType, newImage, newAndOldImages)
	}
	return nil
}

// exported is the part of a table's history that an export shows: its state at
// one moment, or the changes from one moment on and before another.
type exported struct {
	incremental bool
	from, to    time.Time // from is of an incremental export only
	oldImages   bool
}

// describe returns what the description of an incremental export says.
func (e exported) describe() *exportPeriod {
	p := &exportPeriod{ExportFromTime: &timestamp{Time: e.from}, ExportToTime: &timestamp{Time: e.to}, ExportViewType: newImage}
	if e.oldImages {
		p.ExportViewType = newAndOldImages
	}
	return p
}

// fix decides what a checked request exports, of a table with this recovery window.
func (r *exportRequest) fix(w window, shortest time.Duration) (exported, error) {
	if r.ExportType != incrementalExport {
		e := exported{to: w.latest}
		if r.ExportTime != nil {
			e.to = r.ExportTime.Time
		}
		return e, w.holds("ExportTime", e.to)
	}
	p := r.IncrementalExportSpecification
	e := exported{
		incremental: true, from: p.ExportFromTime.Time, to: p.ExportToTime.Time, oldImages: p.ExportViewType != newImage,
	}
	if !e.from.Before(e.to) {
		return exported{}, invalid("ExportFromTime %s must be before ExportToTime %s", isoTime(e.from), isoTime(e.to))
	}
	if err := cmp.Or(w.holds("ExportFromTime", e.from), w.holds("ExportToTime", e.to)); err != nil {
		return exported{}, err
	}
	if length := e.to.Sub(e.from); length < shortest || length > longestWindow {
		return exported{}, invalid("The time from ExportFromTime to ExportToTime is %s; it must be %s to %s",
			length, shortest, longestWindow)
	}
	return e, nil
}

// holds refuses a moment outside of the recovery window.
func (w window) holds(name string, at time.Time) error {
	if at.Before(w.earliest) || at.After(w.latest) {
		return refuse(codeExportTime, "%s %s is outside of the recovery window, %s to %s",
			name, isoTime(at), isoTime(w.earliest), isoTime(w.latest))
	}
	return nil
}
