package record_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// update rewrites the records in testdata: go test ./pkg/record -update.
var update = flag.Bool("update", false, "rewrite the records in testdata")

func succeeded(t testing.TB) record.Input {
	t.Helper()
	return input(t, "testdata/succeeded.json")
}

func failed(t testing.TB) record.Input {
	t.Helper()
	return input(t, "testdata/failed.json")
}

func input(t testing.TB, file string) record.Input {
	t.Helper()
	var in record.Input
	if err := json.Unmarshal(text(t, file), &in); err != nil {
		t.Fatal(err)
	}
	return in
}

func text(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// keep writes the record of a run into a lake.
func keep(objects *awstest.S3, in record.Input) error {
	in.Place = record.PlaceLake
	_, err := record.New(objects.Client(), "lake", &books{err: errors.New("nobody may wake the warehouse")}, []byte("model: test\n")).Record(context.Background(), in)
	return err
}

// submit submits the row of a run.
func submit(objects *awstest.S3, b *books, in record.Input) error {
	in.Place = record.PlaceWarehouse
	_, err := record.New(objects.Client(), "lake", b, []byte("model: test\n")).Record(context.Background(), in)
	return err
}

// night is what the step reconcile has left in the lake of the run that succeeded.
func night(objects *awstest.S3) {
	objects.Put("lake", "runs/run-1/night.json", []byte(`{"items":10,"unknown":[{"type":"product","attribute":"Weight","kind":"N","items":1}]}`))
	objects.Put("lake", "runs/run-2/night.json", []byte(`{"items":10,"unknown":[]}`))
}

// books keeps what is recorded in the warehouse.
type books struct {
	rows []warehouse.RunRow
	err  error
}

func (b *books) Record(_ context.Context, run warehouse.RunRow, earlier []warehouse.RunRow, _ string, attempt int) (warehouse.Submitted, error) {
	if b.err != nil {
		return warehouse.Submitted{}, b.err
	}
	b.rows = append(append(b.rows, run), earlier...)
	return warehouse.Submitted{StatementID: "s", Attempt: attempt}, nil
}

// TestStep_Record_inTheLake compares records with the files that were reviewed,
// byte for byte.
func TestStep_Record_inTheLake(t *testing.T) {
	t.Parallel()

	for name, in := range map[string]record.Input{"succeeded": succeeded(t), "failed": failed(t)} {
		objects := awstest.NewS3(t, "lake")
		night(objects)
		for range 2 { // a repeat writes the same bytes
			if err := keep(objects, in); err != nil {
				t.Fatal(err)
			}
			object, _ := objects.Object("lake", "runs/"+in.RunID+"/run.json")
			reviewed(t, "testdata/"+name+".run.json", object.Body)
		}
	}
}

// reviewed compares a record with the file that was reviewed.
func reviewed(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(text(t, file)), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestStep_Record_ofARunThatCameToNothing(t *testing.T) {
	t.Parallel()

	b := &books{}
	in := failed(t)
	in.State = record.State{Failed: map[string]record.Failure{"ExportFailed": {Error: "States.Timeout"}}}
	if err := submit(awstest.NewS3(t, "lake"), b, in); err != nil {
		t.Fatal(err)
	}
	want := warehouse.RunRow{
		RunID: "run-2", StartedAt: b.rows[0].StartedAt, EndedAt: b.rows[0].EndedAt, Result: "ExportFailed",
		Cause: "States.Timeout", Counts: map[string]int64{},
	}
	if diff := cmp.Diff([]warehouse.RunRow{want}, b.rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStep_Record_refusals(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		change func(*record.Input)
		want   string
	}{
		"no run":            {func(in *record.Input) { in.RunID = "" }, `run id ""`},
		"a path for a run":  {func(in *record.Input) { in.RunID = "../current" }, `run id "../current"`},
		"no start":          {func(in *record.Input) { in.StartedAt = "" }, "read start of the run"},
		"no end":            {func(in *record.Input) { in.Entered = "yesterday" }, `read end of the run: parsing time "yesterday"`},
		"an export of when": {func(in *record.Input) { in.State.Exports.List[0].Time = "2026" }, "read time of the export"},
		"a success without a star": {
			func(in *record.Input) { in.State.Transformed = nil }, "nothing failed, but nothing was published",
		},
		"a failure without a name": {
			func(in *record.Input) { in.State.Failed = map[string]record.Failure{"": {}} }, "what failed has no name",
		},
		"two failures": {
			func(in *record.Input) { in.State.Failed = map[string]record.Failure{"B": {}, "A": {}} }, "it failed as A and as B",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects, b, in := awstest.NewS3(t, "lake"), &books{}, succeeded(t)
			tt.change(&in)
			for place, err := range map[string]error{"lake": keep(objects, in), "warehouse": submit(objects, b, in)} {
				if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Record() in the %s = %v, want kind Invalid and %q", place, err, tt.want)
				}
			}
			if len(objects.Keys("lake")) > 0 || len(b.rows) > 0 {
				t.Errorf("it left %v and %v", objects.Keys("lake"), b.rows)
			}
		})
	}
}

func TestStep_Record_nowhere(t *testing.T) {
	t.Parallel()

	for _, place := range []string{"", "Lake", "both"} {
		objects, in := awstest.NewS3(t, "lake"), succeeded(t)
		in.Place = place
		_, err := record.New(objects.Client(), "lake", &books{}, nil).Record(t.Context(), in)
		if fault.KindOf(err) != fault.Invalid || len(objects.Keys("lake")) > 0 {
			t.Errorf("Record() in %q = %v with %v in the lake, want kind Invalid and nothing", place, err, objects.Keys("lake"))
		}
	}
}

// TestStep_Record_whenSomethingIsDown: the two places do not wait for each other.
func TestStep_Record_whenSomethingIsDown(t *testing.T) {
	t.Parallel()

	objects, b := awstest.NewS3(t, "lake"), &books{err: errors.New("boom")}
	if err := submit(objects, b, failed(t)); !errors.Is(err, b.err) {
		t.Errorf("Record() in the warehouse = %v, want %v", err, b.err)
	}
	objects.Fail(func(awstest.Call) *awstest.Failure { return &awstest.Failure{Status: 503, Code: "SlowDown"} })
	if err := keep(objects, failed(t)); fault.KindOf(err) != fault.Transient {
		t.Errorf("Record() in the lake = %v, want kind Transient", err)
	}
	objects.Fail(nil)
	if err := keep(objects, failed(t)); err != nil {
		t.Errorf("Record() in the lake = %v", err)
	}
	if runs, err := record.List(t.Context(), objects.Client(), "lake"); err != nil || len(runs) != 1 {
		t.Errorf("List() = %v, %v, want the run", runs, err)
	}
}

// TestStep_Record_withoutARow: a night whose row is missing is archived all the
// same, and its record says what became of it in the end.
func TestStep_Record_withoutARow(t *testing.T) {
	t.Parallel()

	missing := record.Failure{Error: "Rejected", Cause: "the warehouse is full"}
	for result, other := range map[string]map[string]record.Failure{
		"RunNotRecorded":    {"RunNotRecorded": missing},
		"ArchiveIncomplete": {"RunNotRecorded": missing, "ArchiveIncomplete": {Error: "AccessDenied"}},
	} {
		objects, in := awstest.NewS3(t, "lake"), succeeded(t)
		night(objects)
		in.State.Failed = other
		if err := keep(objects, in); err != nil {
			t.Fatal(err)
		}
		runs, err := record.List(t.Context(), objects.Client(), "lake")
		said := len(runs) == 2 && (runs[0].Cause == missing.String() ||
			slices.Contains(runs[0].Notes, "the warehouse lacks the row of this run, which the next one adds: Rejected: the warehouse is full"))
		if err != nil || !said || runs[0].Result != result {
			t.Errorf("List() = %+v, %v, want %s, and why there is no row", runs, err, result)
		}
	}
}

// TestStep_Record_withoutANight: the counts are known without the names of
// attributes, which only the lake has.
func TestStep_Record_withoutANight(t *testing.T) {
	t.Parallel()

	for name, spoil := range map[string]func(*awstest.S3){
		"gone": func(o *awstest.S3) { o.Delete("lake", "runs/run-1/night.json") },
		"damaged": func(o *awstest.S3) {
			o.Update("lake", "runs/run-1/night.json", func(o *awstest.Object) { o.Damaged = true })
		},
		"no JSON": func(o *awstest.S3) { o.Put("lake", "runs/run-1/night.json", []byte("{")) },
	} {
		objects := awstest.NewS3(t, "lake")
		night(objects)
		spoil(objects)
		if err := keep(objects, succeeded(t)); err != nil {
			t.Errorf("Record() of a night that is %s = %v", name, err)
		}
		object, _ := objects.Object("lake", "runs/run-1/run.json")
		if !bytes.Contains(object.Body, []byte("the record lacks the attributes that the model does not know, because s3://lake/runs/run-1/night.json can't be read")) {
			t.Errorf("a night that is %s is not noted in %s", name, object.Body)
		}
	}
}

// FuzzStep_Record checks that no data of a machine makes the step panic, and
// that what it accepts is a record that List reads back.
func FuzzStep_Record(f *testing.F) {
	f.Add(text(f, "testdata/succeeded.json"))
	f.Add(text(f, "testdata/failed.json"))
	f.Add([]byte(`{"runId":"r","startedAt":"2026-11-21T02:00:00Z","entered":"2026-11-21T02:00:00Z","state":{"failed":{"A":null}}}`))
	objects := awstest.NewS3(f, "lake")
	f.Fuzz(func(t *testing.T, text []byte) {
		var in record.Input
		if err := json.Unmarshal(text, &in); err != nil {
			return
		}
		in.RunID = "run-1" // names of other objects are the business of S3
		row, err := submit(objects, &books{}, in), keep(objects, in)
		if (row == nil) != (err == nil) {
			t.Fatalf("%s is recorded in one place only: %v, %v", text, row, err)
		}
		if err != nil {
			return
		}
		runs, err := record.List(t.Context(), objects.Client(), "lake")
		if err != nil || len(runs) != 1 || runs[0].Result == "" || bytes.ContainsRune([]byte(runs[0].Result), 0) {
			t.Fatalf("%s is read back as %v, %v", text, runs, err)
		}
	})
}
