package export_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

func TestPlanner_Plan_comparesWithTheLastPublishedRun(t *testing.T) {
	t.Parallel()

	const table, other, at = "arn:aws:dynamodb:eu-central-1:111122223333:table/store", "arn:aws:dynamodb:eu-central-1:1:table/other", "2026-11-21T01:54:30.000Z"
	tests := map[string]struct {
		last  lakedoc.Night
		input string
		want  []string // of the refusal; nil if the export is taken
	}{
		"the same table and moment":         {last: lakedoc.Night{TableARN: table, ExportTime: at}},
		"the same moment in another zone":   {last: lakedoc.Night{TableARN: table, ExportTime: "2026-11-21T02:54:30+01:00"}},
		"an earlier run without the fields": {last: lakedoc.Night{}},
		"another table": {last: lakedoc.Night{TableARN: other, ExportTime: at}, want: []string{
			"s3://raw/" + summary + " compared with run r0", "its tableArn is " + table + ", and was " + other,
			`{"accept":["table"],"export":{"manifestKey":"` + summary + `"}}`, "nightstar run --accept table ",
		}},
		"another table that is accepted": {last: lakedoc.Night{TableARN: other, ExportTime: at}, input: `{"accept":["table"]}`},
		"an earlier moment": {last: lakedoc.Night{TableARN: table, ExportTime: "2026-11-21T01:54:30.001Z"}, want: []string{
			"its exportTime is " + at + ", before the 2026-11-21T01:54:30.001Z of what is loaded", `{"accept":["exportTime"],`,
		}},
		"an earlier moment that is accepted": {last: lakedoc.Night{TableARN: table, ExportTime: "2027-01-01T00:00:00Z"}, input: `{"accept":["exportTime"]}`},
		"both": {last: lakedoc.Night{TableARN: other, ExportTime: "2027-01-01T00:00:00Z"}, want: []string{
			", and its exportTime", "nightstar run --accept table --accept exportTime ",
		}},
		"both, one accepted": {last: lakedoc.Night{TableARN: other, ExportTime: "2027-01-01T00:00:00Z"}, input: `{"accept":["customer","table"]}`, want: []string{
			": its exportTime", `{"accept":["customer","table","exportTime"],`,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stored(t)
			body, err := json.Marshal(tt.last)
			if err != nil {
				t.Fatal(err)
			}
			s.Put("lake", lakedoc.CurrentKey, []byte(`{"runId":"r0"}`))
			s.Put("lake", lakedoc.NightKey("r0"), body)
			in := export.PlanInput{RunID: runID, Exports: []export.Done{{ManifestKey: summary}}, Input: json.RawMessage(tt.input)}
			got, err := export.NewPlanner(s.Client(), "raw", "lake", slog.New(slog.DiscardHandler)).Plan(t.Context(), in)
			if err != nil || got.Items != 7 || (got.Refusal == "") != (tt.want == nil) {
				t.Errorf("Plan() = %+v, %v; want a refusal with %q", got, err, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(got.Refusal, want) {
					t.Errorf("the refusal is %q, want %q", got.Refusal, want)
				}
			}
			if _, written := s.Object("lake", lakedoc.PlanKey(runID)); written != (tt.want == nil) {
				t.Errorf("a plan was written: %v", written)
			}
		})
	}
}

func TestPlanner_Plan_acceptIsNoList(t *testing.T) {
	t.Parallel()

	in := export.PlanInput{RunID: runID, Exports: []export.Done{{ManifestKey: summary}}, Input: json.RawMessage(`{"accept":"table"}`)}
	got, err := export.NewPlanner(stored(t).Client(), "raw", "lake", slog.New(slog.DiscardHandler)).Plan(t.Context(), in)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "it is a list of names") {
		t.Errorf("Plan() = %+v, %v; want Invalid", got, err)
	}
}

// TestPlanner_Plan_whenTheLastRunCannotBeRead goes on where documents are damaged,
// but not where S3 does not answer.
func TestPlanner_Plan_whenTheLastRunCannotBeRead(t *testing.T) {
	t.Parallel()

	s := stored(t)
	s.Put("lake", lakedoc.CurrentKey, []byte(`{"runId":"r0"}`))
	var logged strings.Builder
	if got, err := plan(t.Context(), s, slog.New(slog.NewTextHandler(&logged, nil))); err != nil || got.Items != 7 {
		t.Errorf("Plan() = %+v, %v; want a plan", got, err)
	}
	if !strings.Contains(logged.String(), "runs/r0/night.json") {
		t.Errorf("it logged %q, want what is gone", logged.String())
	}
	s.Fail(func(c awstest.Call) *awstest.Failure {
		if c.Key != lakedoc.CurrentKey {
			return nil
		}
		return &awstest.Failure{Status: http.StatusForbidden, Code: "AccessDenied"}
	})
	if got, err := plan(t.Context(), s, slog.New(slog.DiscardHandler)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Plan() = %+v, %v; want Invalid", got, err)
	}
}

// TestPlanner_Plan_phase compares increments with a full export only where both
// show the same table at the same moment.
func TestPlanner_Plan_phase(t *testing.T) {
	t.Parallel()

	const id = "12345a12-abcd-123a-ab12-1234abc12345"
	for name, tt := range map[string]struct {
		last lakedoc.Night
		want string
	}{
		"the same moment":                 {lakedoc.Night{TableID: id, ExportTime: "2026-11-21T02:54:30+01:00"}, star.PhaseRepair},
		"a later moment":                  {lakedoc.Night{TableID: id, ExportTime: "2026-11-21T01:54:29.999Z"}, star.PhaseFull},
		"another table of the same name":  {lakedoc.Night{TableID: "another", ExportTime: "2026-11-21T01:54:30Z"}, star.PhaseFull},
		"a run that does not say a thing": {lakedoc.Night{}, star.PhaseFull},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stored(t)
			body, err := json.Marshal(tt.last)
			if err != nil {
				t.Fatal(err)
			}
			s.Put("lake", lakedoc.CurrentKey, []byte(`{"runId":"r0"}`))
			s.Put("lake", lakedoc.NightKey("r0"), body)
			got, err := plan(t.Context(), s, slog.New(slog.DiscardHandler))
			if err != nil || !slices.Equal(got.Phases, []string{tt.want}) {
				t.Errorf("Plan() = %+v, %v; want the phase %s", got, err, tt.want)
			}
		})
	}
}
