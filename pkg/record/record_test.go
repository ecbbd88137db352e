package record_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
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
		for range 2 { // a repeat writes the same bytes
			if _, err := record.New(objects.Client(), "lake", &books{}, []byte("model: test\n")).Record(t.Context(), in); err != nil {
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
	if _, err := record.New(awstest.NewS3(t, "lake").Client(), "lake", b, []byte("model: test\n")).Record(t.Context(), in); err != nil {
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
		"an export of when": {func(in *record.Input) { in.State.Export.Time = "2026" }, "read time of the export"},
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
			_, err := record.New(objects.Client(), "lake", b, []byte("model: test\n")).Record(t.Context(), in)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Record() = %v, want kind Invalid and %q", err, tt.want)
			}
			if len(objects.Keys("lake")) > 0 || len(b.rows) > 0 {
				t.Errorf("it left %v and %v", objects.Keys("lake"), b.rows)
			}
		})
	}
}

// TestStep_Record_whenSomethingIsDown: without its record in the lake a run is
// not recorded at all; the warehouse may be what failed.
func TestStep_Record_whenSomethingIsDown(t *testing.T) {
	t.Parallel()

	objects, b := awstest.NewS3(t, "lake"), &books{}
	objects.Fail(func(awstest.Call) *awstest.Failure { return &awstest.Failure{Status: 503, Code: "SlowDown"} })
	if _, err := record.New(objects.Client(), "lake", b, []byte("model: test\n")).Record(t.Context(), failed(t)); fault.KindOf(err) != fault.Transient {
		t.Errorf("Record() = %v, want kind Transient", err)
	}
	if len(b.rows) > 0 {
		t.Errorf("the warehouse has %v, the lake does not", b.rows)
	}
	objects.Fail(nil)
	b.err = errors.New("boom")
	if _, err := record.New(objects.Client(), "lake", b, []byte("model: test\n")).Record(t.Context(), failed(t)); !errors.Is(err, b.err) {
		t.Errorf("Record() = %v, want %v", err, b.err)
	}
	if runs, err := record.List(t.Context(), objects.Client(), "lake"); err != nil || len(runs) != 1 {
		t.Errorf("List() = %v, %v, want the run", runs, err)
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
		if _, err := record.New(objects.Client(), "lake", &books{}, []byte("model: test\n")).Record(t.Context(), in); err != nil {
			return
		}
		runs, err := record.List(t.Context(), objects.Client(), "lake")
		if err != nil || len(runs) != 1 || runs[0].Result == "" || bytes.ContainsRune([]byte(runs[0].Result), 0) {
			t.Fatalf("%s is read back as %v, %v", text, runs, err)
		}
	})
}
