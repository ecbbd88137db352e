package export_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// table is a table with that id and recovery window.
type table struct {
	id               string
	earliest, latest time.Time // zero if recovery is off
}

func (t table) DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return &dynamodb.DescribeTableOutput{Table: &types.TableDescription{TableId: &t.id}}, nil
}

func (t table) DescribeContinuousBackups(
	context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options),
) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	recovery := &types.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: types.PointInTimeRecoveryStatusDisabled}
	if !t.latest.IsZero() {
		recovery.EarliestRestorableDateTime, recovery.LatestRestorableDateTime = &t.earliest, &t.latest
	}
	return &dynamodb.DescribeContinuousBackupsOutput{ContinuousBackupsDescription: &types.ContinuousBackupsDescription{
		PointInTimeRecoveryDescription: recovery,
	}}, nil
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestDecider_Decide(t *testing.T) {
	t.Parallel()

	published := func(change func(*lakedoc.Night)) *lakedoc.Night {
		night := &lakedoc.Night{ExportTime: "2026-11-20T02:00:00Z", FullTime: "2026-11-15T02:00:00Z", TableID: "id-1", Fingerprint: "f1"}
		if change != nil {
			change(night)
		}
		return night
	}
	shop := table{"id-1", moment(t, "2026-10-20T02:00:00Z"), moment(t, "2026-11-20T14:00:00Z")}
	full := []export.Window{{}}
	next := []export.Window{{From: "2026-11-20T02:00:00Z", To: "2026-11-20T14:00:00Z"}}
	const auto, incremental = `{"mode":"auto"}`, `{"mode":"incremental"}`
	tests := map[string]struct {
		input  string
		last   *lakedoc.Night
		table  table
		want   []export.Window // nil for an error of kind Invalid
		reason string          // or what the error says
	}{
		"no mode":                     {`{"startedBy":"me"}`, published(nil), shop, full, "asked for"},
		"another shape":               {`["mode"]`, published(nil), shop, full, "asked for"},
		"full":                        {`{"mode":"full"}`, published(nil), shop, full, "asked for"},
		"auto":                        {auto, published(nil), shop, next, "run r0 shows"},
		"incremental":                 {incremental, published(nil), shop, next, "run r0 shows"},
		"auto, and no run":            {auto, nil, shop, full, "no run was published yet"},
		"incremental, and no run":     {incremental, nil, shop, nil, "no run was published yet; start a run with the mode full or auto"},
		"auto after another release":  {auto, published(func(n *lakedoc.Night) { n.FullTime = "" }), shop, full, "does not say which table"},
		"auto with another model":     {auto, published(func(n *lakedoc.Night) { n.Fingerprint = "f0" }), shop, full, "the model, or the release, is another"},
		"auto with another table":     {auto, published(func(n *lakedoc.Night) { n.TableID = "id-0" }), shop, full, "made anew"},
		"auto after a long outage":    {auto, published(func(n *lakedoc.Night) { n.ExportTime = "2026-10-20T01:59:59Z" }), shop, full, "its recovery window begins at 2026-10-20T02:00:00Z"},
		"auto at the end of recovery": {auto, published(func(n *lakedoc.Night) { n.ExportTime = "2026-11-19T14:00:00Z" }), table{"id-1", moment(t, "2026-11-19T14:00:00Z"), shop.latest}, []export.Window{{From: "2026-11-19T14:00:00Z", To: "2026-11-20T14:00:00Z"}}, "run r0"},
		"auto after an outage": {auto, published(func(n *lakedoc.Night) { n.ExportTime = "2026-11-19T02:00:00Z" }), shop, []export.Window{
			{From: "2026-11-19T02:00:00Z", To: "2026-11-19T20:00:00Z"}, {From: "2026-11-19T20:00:00Z", To: "2026-11-20T14:00:00Z"},
		}, "run r0"},
		"auto, and a full run is due":        {auto, published(func(n *lakedoc.Night) { n.FullTime = "2026-11-13T14:00:00Z" }), shop, []export.Window{{To: "2026-11-20T02:00:00Z"}}, "proves what increments have made"},
		"incremental, and a full run is due": {incremental, published(func(n *lakedoc.Night) { n.FullTime = "2026-11-01T14:00:00Z" }), shop, next, "run r0"},
		"auto, and time stands still":        {auto, published(func(n *lakedoc.Night) { n.ExportTime = "2026-11-20T14:00:00Z" }), shop, []export.Window{{From: "2026-11-20T14:00:00Z", To: "2026-11-20T14:15:00Z"}}, "run r0"},
		"a time":                             {`{"mode":"incremental","from":"2026-11-18T00:00:00Z","to":"2026-11-18T00:15:00Z"}`, nil, shop, []export.Window{{From: "2026-11-18T00:00:00Z", To: "2026-11-18T00:15:00Z"}}, "asked for"},
		"a short time":                       {`{"mode":"incremental","from":"2026-11-18T00:00:00Z","to":"2026-11-18T00:14:59Z"}`, nil, shop, nil, "less than 15m0s"},
		"half a time":                        {`{"mode":"incremental","from":"2026-11-18T00:00:00Z"}`, nil, shop, nil, "go together"},
		"a time of a full run":               {`{"from":"2026-11-18T00:00:00Z","to":"2026-11-18T00:15:00Z"}`, nil, shop, nil, "not of full"},
		"no time":                            {`{"mode":"incremental","from":"a","to":"b"}`, nil, shop, nil, "from and to"},
		"no mode that is known":              {`{"mode":"Auto"}`, nil, shop, nil, `"Auto" is none of`},
		"a mode that is no text":             {`{"mode":true}`, nil, shop, nil, "it is text"},
		"recovery is off":                    {auto, published(nil), table{id: "id-1"}, nil, "is off: turn it on"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := awstest.NewS3(t, "lake")
			if tt.last != nil {
				body, err := json.Marshal(tt.last)
				if err != nil {
					t.Fatal(err)
				}
				s.Put("lake", lakedoc.CurrentKey, []byte(`{"runId":"r0"}`))
				s.Put("lake", lakedoc.NightKey("r0"), body)
			}
			source := export.Source{TableARN: tableARN, Lake: "lake", Fingerprint: "f1", FullEvery: 7 * 24 * time.Hour}
			got, err := export.NewDecider(tt.table, s.Client(), source).Decide(t.Context(), export.WindowInput{RunID: runID, Previous: "r0", Input: json.RawMessage(tt.input)})
			if tt.want == nil {
				if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.reason) {
					t.Errorf("Decide() = %+v, %v; want Invalid with %q", got, err, tt.reason)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got.Windows); err != nil || diff != "" || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("Decide() = %+v, %v; want the reason %q and (-want +got):\n%s", got, err, tt.reason, diff)
			}
			if (got.Windows[0].From == "") != (got.Mode == lakedoc.Full) {
				t.Errorf("Decide() = %+v", got)
			}
		})
	}
}

// TestDecider_Decide_afterFailures goes back over runs that failed to the published one.
func TestDecider_Decide_afterFailures(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		records  map[string]string
		previous string
		want     string // mode
	}{
		"none":                           {nil, "r0", lakedoc.Incremental},
		"two that did not come far":      {map[string]string{"r1": `{"result":"ExportFailed","previous":"r0"}`, "r2": `{"result":"LandingFailed","previous":"r1"}`}, "r2", lakedoc.Incremental},
		"one that was stopped":           {map[string]string{"r1": `{"result":"Stopped","closedBy":"r2","previous":"r0"}`, "r2": `{"result":"ExportFailed","previous":"r1"}`}, "r2", lakedoc.Full},
		"one that ended as it published": {map[string]string{"r1": `{"result":"ArchiveIncomplete","previous":"r0"}`}, "r1", lakedoc.Full},
		"one whose statement ran on":     {map[string]string{"r1": `{"result":"TransformFailed","previous":"r0"}`}, "r1", lakedoc.Full},
		"one without a record":           {nil, "r1", lakedoc.Full},
		"one whose record is damaged":    {map[string]string{"r1": `{"result":`}, "r1", lakedoc.Full},
		"runs that lead nowhere":         {map[string]string{"r1": `{"result":"ExportFailed"}`}, "r1", lakedoc.Full},
		"runs that lead in a circle":     {map[string]string{"r1": `{"result":"ExportFailed","previous":"r1"}`}, "r1", lakedoc.Full},
		"a path":                         {nil, "../r0", lakedoc.Full},
	}
	for name, tt := range tests {
		s := awstest.NewS3(t, "lake")
		s.Put("lake", lakedoc.CurrentKey, []byte(`{"runId":"r0"}`))
		s.Put("lake", lakedoc.NightKey("r0"), []byte(`{"exportTime":"2026-11-20T02:00:00Z","fullTime":"2026-11-20T02:00:00Z","tableId":"id"}`))
		for run, body := range tt.records {
			s.Put("lake", lakedoc.RecordKey(run), []byte(body))
		}
		shop := table{"id", moment(t, "2026-10-20T02:00:00Z"), moment(t, "2026-11-20T14:00:00Z")}
		got, err := export.NewDecider(shop, s.Client(), export.Source{TableARN: tableARN, Lake: "lake"}).
			Decide(t.Context(), export.WindowInput{RunID: runID, Previous: tt.previous, Input: json.RawMessage(`{"mode":"auto"}`)})
		if err != nil || got.Mode != tt.want || (tt.want == lakedoc.Full) != strings.Contains(got.Reason, "is not known") {
			t.Errorf("%s: Decide() = %+v, %v; want %s", name, got, err, tt.want)
		}
	}
}

// TestDecider_Decide_windows cuts random outages: no hole, no overlap, and nothing
// that DynamoDB refuses.
func TestDecider_Decide_windows(t *testing.T) {
	t.Parallel()

	random := rand.New(rand.NewPCG(14, 3))
	for range 300 {
		from := time.Unix(1_790_000_000, random.Int64N(1e9)/1e6*1e6).UTC()
		to := from.Add(15*time.Minute + time.Duration(random.Int64N(int64(35*24*time.Hour)))).Truncate(time.Millisecond)
		body, err := json.Marshal(lakedoc.Night{ExportTime: from.Format(time.RFC3339Nano), FullTime: from.Format(time.RFC3339Nano), TableID: "id"})
		if err != nil {
			t.Fatal(err)
		}
		s := awstest.NewS3(t, "lake")
		s.Put("lake", lakedoc.CurrentKey, []byte(`{"runId":"r0"}`))
		s.Put("lake", lakedoc.NightKey("r0"), body)
		got, err := export.NewDecider(table{"id", from, to}, s.Client(), export.Source{TableARN: tableARN, Lake: "lake"}).
			Decide(t.Context(), export.WindowInput{RunID: runID, Previous: "r0", Input: json.RawMessage(`{"mode":"incremental"}`)})
		if err != nil {
			t.Fatal(err)
		}
		at := from
		for _, w := range got.Windows {
			begin, end := moment(t, w.From), moment(t, w.To)
			if !begin.Equal(at) || end.Sub(begin) < 15*time.Minute || end.Sub(begin) > 24*time.Hour {
				t.Errorf("from %s to %s: window %+v", from, to, w)
			}
			at = end
		}
		if !at.Equal(to) {
			t.Errorf("from %s to %s: the windows end at %s", from, to, at)
		}
	}
}

// refusing refuses to export.
type refusing struct{ code string }

func (r refusing) ExportTableToPointInTime(
	context.Context, *dynamodb.ExportTableToPointInTimeInput, ...func(*dynamodb.Options),
) (*dynamodb.ExportTableToPointInTimeOutput, error) {
	return nil, &smithy.GenericAPIError{Code: r.code, Message: "no"}
}

func TestStarter_Start_window(t *testing.T) {
	t.Parallel()

	api := &exports{}
	start := export.NewStarter(api, tableARN, export.Target{Bucket: "raw"}).Start
	ask := func(w export.Window) *dynamodb.ExportTableToPointInTimeInput {
		t.Helper()
		out, err := start(t.Context(), export.StartInput{RunID: runID, Window: w, Attempt: 1})
		if err != nil || out.ExportARN == "" || out.Window != w {
			t.Fatalf("Start() = %+v, %v", out, err)
		}
		return api.started[len(api.started)-1]
	}
	one := ask(export.Window{From: "2026-11-20T02:00:00Z", To: "2026-11-20T14:00:00.5Z"})
	if spec := one.IncrementalExportSpecification; one.ExportType != types.ExportTypeIncrementalExport || one.ExportTime != nil ||
		spec.ExportViewType != types.ExportViewTypeNewAndOldImages || !spec.ExportFromTime.Equal(moment(t, "2026-11-20T02:00:00Z")) || !spec.ExportToTime.Equal(moment(t, "2026-11-20T14:00:00.5Z")) {
		t.Errorf("the request is %+v, %+v", one, spec)
	}
	two := ask(export.Window{From: "2026-11-20T14:00:00.5Z", To: "2026-11-21T02:00:00Z"})
	if aws.ToString(one.ClientToken) == aws.ToString(two.ClientToken) {
		t.Error("two windows of one run have one token")
	}
	if at := ask(export.Window{To: "2026-11-20T02:00:00Z"}); at.ExportType != types.ExportTypeFullExport || !at.ExportTime.Equal(moment(t, "2026-11-20T02:00:00Z")) {
		t.Errorf("the request is %+v", at)
	}
	for _, w := range []export.Window{{From: "2026-11-20T02:00:00Z"}, {From: "2026-11-20T02:00:00Z", To: "2026-11-20T02:00:00Z"}, {From: "x", To: "y"}} {
		if out, err := start(t.Context(), export.StartInput{RunID: runID, Window: w}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Start(%+v) = %+v, %v; want Invalid", w, out, err)
		}
	}
}

func TestStarter_Start_tooEarly(t *testing.T) {
	t.Parallel()

	long := export.Window{From: "2026-11-20T02:00:00Z", To: "2026-11-20T14:00:00Z"}
	short := export.Window{From: "2026-11-20T02:00:00Z", To: "2026-11-20T02:04:00.5Z"}
	quarter := export.Window{From: "2026-11-20T02:00:00Z", To: "2026-11-20T02:15:00Z"}
	tests := map[string]struct {
		code    string
		window  export.Window
		attempt int
		want    export.StartOutput // zero for an error
	}{
		"it ends too near to the present": {"InvalidExportTimeException", long, 1, export.StartOutput{Window: long, Attempt: 2, Wait: 60}},
		"for too long":                    {"InvalidExportTimeException", long, 20, export.StartOutput{}},
		"it is too short":                 {"ValidationException", short, 0, export.StartOutput{Window: quarter, Attempt: 2, Wait: 660}},
		"it is too short, in other words": {"InvalidExportTimeException", short, 1, export.StartOutput{Window: quarter, Attempt: 2, Wait: 660}},
		"something else is wrong":         {"ValidationException", quarter, 1, export.StartOutput{}},
		"another refusal":                 {"LimitExceededException", short, 1, export.StartOutput{}},
		"of a full export":                {"InvalidExportTimeException", export.Window{To: "2026-11-20T14:00:00Z"}, 1, export.StartOutput{}},
	}
	for name, tt := range tests {
		got, err := export.NewStarter(refusing{tt.code}, tableARN, export.Target{Bucket: "raw"}).
			Start(t.Context(), export.StartInput{RunID: runID, Window: tt.window, Attempt: tt.attempt})
		if got != tt.want || (err != nil) != (tt.want == export.StartOutput{}) {
			t.Errorf("%s: Start() = %+v, %v; want %+v", name, got, err, tt.want)
		}
	}
}

// increment stores an incremental export with one data file.
func increment(t *testing.T, s *awstest.S3, id, from, to string, change ...string) export.Done {
	t.Helper()
	const root = "run=" + runID + "/AWSDynamoDB/"
	summary := `{"version":"2023-08-01","tableArn":"arn:aws:dynamodb:eu-central-1:111122223333:table/store","tableId":"id","exportFromTime":"` + from +
		`","exportToTime":"` + to + `","manifestFilesS3Key":"x/AWSDynamoDB/` + id + `/manifest-files.json","itemCount":2,"outputFormat":"DYNAMODB_JSON","outputView":"NEW_AND_OLD_IMAGES","exportType":"INCREMENTAL_EXPORT"}`
	files := `{"itemCount":2,"md5Checksum":"1B2M2Y8AsgTpgAmY7PhCfg==","etag":"e-1","dataFileS3Key":"x/AWSDynamoDB/data/` + id + `.json.gz"}` + "\n"
	replaced := strings.NewReplacer(change...)
	putManifest(s, root+id+"/manifest-summary", []byte(replaced.Replace(summary)))
	putManifest(s, root+id+"/manifest-files", []byte(replaced.Replace(files)))
	s.Put("raw", root+"data/"+id+".json.gz", nil)
	return export.Done{ManifestKey: root + id + "/manifest-summary.json"}
}

func TestPlanner_Plan_increments(t *testing.T) {
	t.Parallel()

	const at0, at1, at2 = "2026-11-19T00:00:00.000Z", "2026-11-20T00:00:00.000Z", "2026-11-21T00:00:00.000Z"
	night := lakedoc.Night{ExportTime: at0, TableID: "id"}
	tests := map[string]struct {
		last   *lakedoc.Night
		second [2]string // of the second export
		change []string  // in it
		kind   fault.Kind
		want   string // of the refusal, or of the error
	}{
		"one after the other":      {last: &night, second: [2]string{at1, at2}},
		"with a hole":              {last: &night, second: [2]string{"2026-11-20T00:00:00.001Z", at2}, kind: fault.Corrupt, want: "what has changed between is missing"},
		"of two tables":            {last: &night, second: [2]string{at1, at2}, change: []string{`"tableId":"id"`, `"tableId":"other"`}, kind: fault.Invalid, want: "two tables"},
		"one of them full":         {last: &night, second: [2]string{at1, at2}, change: []string{"INCREMENTAL", "FULL", "AWSDynamoDB/data/", "AWSDynamoDB/2/data/"}, kind: fault.Invalid, want: "one full export, or incremental ones"},
		"a file of the own folder": {last: &night, second: [2]string{at1, at2}, change: []string{"AWSDynamoDB/data/", "AWSDynamoDB/2/data/"}, kind: fault.Corrupt, want: "it is not below AWSDynamoDB/data/"},
		"without its end":          {last: &night, second: [2]string{at1, at2}, change: []string{`"exportToTime"`, `"toTime"`}, kind: fault.Corrupt, want: "exportToTime is absent"},
		"nothing to go on from":    {second: [2]string{at1, at2}, want: "there is no published run"},
		"after a hole":             {last: &lakedoc.Night{ExportTime: "2026-11-18T00:00:00Z", TableID: "id"}, second: [2]string{at1, at2}, want: "the changes begin at " + at0},
		"before it":                {last: &lakedoc.Night{ExportTime: "2026-11-22T00:00:00Z", TableID: "id"}, second: [2]string{at1, at2}, want: "shows the table at 2026-11-22T00:00:00Z already"},
		"that overlap with it":     {last: &lakedoc.Night{ExportTime: "2026-11-19T00:00:00.001Z", TableID: "id"}, second: [2]string{at1, at2}, want: "an item that came before that"},
		"that overlap":             {last: &night, second: [2]string{"2026-11-19T23:59:59.999Z", at2}, kind: fault.Invalid, want: "windows must not overlap"},
		"the same once more":       {last: &lakedoc.Night{ExportTime: at2, TableID: "id"}, second: [2]string{at1, at2}, want: "already"},
		"of another table":         {last: &lakedoc.Night{ExportTime: at0, TableID: "id-0"}, second: [2]string{at1, at2}, want: "id-0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := awstest.NewS3(t, "raw", "lake")
			if tt.last != nil {
				body, err := json.Marshal(tt.last)
				if err != nil {
					t.Fatal(err)
				}
				s.Put("lake", lakedoc.CurrentKey, []byte(`{"runId":"r0"}`))
				s.Put("lake", lakedoc.NightKey("r0"), body)
			}
			second := increment(t, s, "2", tt.second[0], tt.second[1], tt.change...)
			first := increment(t, s, "1", at0, at1)
			in := export.PlanInput{RunID: runID, Exports: []export.Done{second, first}} // in any order
			got, err := export.NewPlanner(s.Client(), "raw", "lake", slog.New(slog.DiscardHandler)).Plan(t.Context(), in)
			if tt.kind != "" {
				if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Plan() = %+v, %v; want %s with %q", got, err, tt.kind, tt.want)
				}
				return
			}
			if err != nil || (got.Refusal == "") != (tt.want == "") || !strings.Contains(got.Refusal, tt.want) {
				t.Fatalf("Plan() = %+v, %v; want a refusal with %q", got, err, tt.want)
			}
			if got.Mode != lakedoc.Incremental || got.From != at0 || got.ExportTime != at2 || got.Items != 4 || got.Files != 2 || got.TableID != "id" || got.ManifestKey != "" {
				t.Errorf("Plan() = %+v", got)
			}
			if tt.want != "" {
				return
			}
			written, _ := s.Object("lake", lakedoc.PlanKey(runID))
			var files []lakedoc.File
			if err := json.Unmarshal(written.Body, &files); err != nil {
				t.Fatal(err)
			}
			for i, file := range files {
				if file.Number != i+1 || !file.Changes || file.Key != "run="+runID+"/AWSDynamoDB/data/"+[]string{"1", "2"}[i]+".json.gz" {
					t.Errorf("file %d is %+v", i, file)
				}
			}
		})
	}
}
