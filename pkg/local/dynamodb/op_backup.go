package dynamodb

import (
	"context"
	"errors"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
)

type continuousBackups struct {
	ContinuousBackupsStatus        string
	PointInTimeRecoveryDescription recoveryDescription
}

type recoveryDescription struct {
	PointInTimeRecoveryStatus  string
	RecoveryPeriodInDays       int        `json:",omitempty"`
	EarliestRestorableDateTime *timestamp `json:",omitempty"`
	LatestRestorableDateTime   *timestamp `json:",omitempty"`
}

func (s *Server) updateContinuousBackups(_ context.Context, body []byte) ([]byte, error) {
	var name string
	var spec struct {
		PointInTimeRecoveryEnabled *bool
		RecoveryPeriodInDays       *int
	}
	if err := decode(body, params{"TableName": &name, "PointInTimeRecoverySpecification": &spec}); err != nil {
		return nil, err
	}
	t, err := s.backupTable(name)
	if err != nil {
		return nil, err
	}
	if spec.PointInTimeRecoveryEnabled == nil {
		return nil, invalid("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled is required")
	}
	t.mu.RLock()
	r := t.recovery
	t.mu.RUnlock()
	switch {
	case !*spec.PointInTimeRecoveryEnabled:
		r = recovery{Days: defaultRecoveryDays}
	case r.Enabled == nil:
		r.Enabled = &timestamp{Time: t.since(s.opts.Now())}
	}
	if spec.RecoveryPeriodInDays != nil {
		if r.Days = *spec.RecoveryPeriodInDays; r.Days < 1 || r.Days > 35 {
			return nil, invalid("RecoveryPeriodInDays %d must be 1 to 35", r.Days)
		}
	}
	if err := t.setRecovery(r); err != nil {
		return nil, err
	}
	return s.describeBackups(t)
}

func (s *Server) describeContinuousBackups(_ context.Context, body []byte) ([]byte, error) {
	var name string
	if err := decode(body, params{"TableName": &name}); err != nil {
		return nil, err
	}
	t, err := s.backupTable(name)
	if err != nil {
		return nil, err
	}
	return s.describeBackups(t)
}

// backupTable is [Server.table] with the error that the backup calls use.
func (s *Server) backupTable(name string) (*table, error) {
	t, err := s.table(name)
	if e, ok := errors.AsType[*awsjson.Error](err); ok && e.Code == codeNotFound {
		return nil, refuse(codeTableNotFound, "Table not found: %s", name)
	}
	return t, err
}

func (s *Server) describeBackups(t *table) ([]byte, error) {
	b := continuousBackups{
		ContinuousBackupsStatus:        "ENABLED", // always, as on every table of DynamoDB
		PointInTimeRecoveryDescription: recoveryDescription{PointInTimeRecoveryStatus: "DISABLED"},
	}
	if w, on := t.window(s.opts.Now()); on {
		b.PointInTimeRecoveryDescription = recoveryDescription{
			PointInTimeRecoveryStatus:  "ENABLED",
			RecoveryPeriodInDays:       w.days,
			EarliestRestorableDateTime: &timestamp{Time: w.earliest},
			LatestRestorableDateTime:   &timestamp{Time: w.latest},
		}
	}
	return encode(map[string]any{"ContinuousBackupsDescription": b})
}

// window is the time for which the state of a table can be exported, both ends
// included, in whole milliseconds.
type window struct {
	earliest, latest time.Time
	days             int
}

// window returns the recovery window at present, if recovery is on. The latest
// time includes every change so far: it is rounded up, and later changes get
// later times. So whoever reads it and exports at it misses nothing, and gets
// the same again whenever that is repeated.
func (t *table) window(now time.Time) (window, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.recovery
	if r.Enabled == nil {
		return window{}, false
	}
	w := window{earliest: r.earliest(now), days: r.Days}
	w.latest = time.UnixMilli((max(now.UnixMicro(), t.latest) + 999) / 1000).UTC()
	t.promised = max(t.promised, w.latest.UnixMicro())
	return w, true
}

// since returns when recovery that is enabled now begins: not before the last
// change, which has a later time if the clock was set back, because what was
// before that may have been dropped while recovery was off.
func (t *table) since(now time.Time) time.Time {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.latest <= now.UnixMicro() {
		return now.Truncate(time.Millisecond)
	}
	return time.UnixMicro(t.latest + 999).UTC().Truncate(time.Millisecond)
}

// earliest returns the beginning of the window of recovery that is on.
func (r recovery) earliest(now time.Time) time.Time {
	earliest := now.AddDate(0, 0, -r.Days).Truncate(time.Millisecond)
	if earliest.Before(r.Enabled.Time) {
		return r.Enabled.Time
	}
	return earliest
}
