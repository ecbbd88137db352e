package record_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lock"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// stopped is a run that somebody has stopped.
func stopped(run, previous, by string) lock.Ended {
	started := time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	return lock.Ended{
		RunID: run, Execution: "arn:" + run, Previous: previous, ClosedBy: by, Status: types.ExecutionStatusAborted,
		Input: `{"startedBy":"someone's"}`, StartedAt: started, EndedAt: started.Add(90500 * time.Millisecond),
	}
}

// closeRun closes a run in a lake.
func closeRun(t testing.TB, objects *awstest.S3, ended lock.Ended) {
	t.Helper()
	if err := record.NewCloser(objects.Client(), "lake").Close(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
}

// TestCloser_Close compares a record with the file that was reviewed.
func TestCloser_Close(t *testing.T) {
	t.Parallel()

	objects := awstest.NewS3(t, "lake")
	closeRun(t, objects, stopped("run-0", "run-00", "run-1"))
	closeRun(t, objects, stopped("run-0", "run-00", "run-2")) // the first record stays
	object, _ := objects.Object("lake", "runs/run-0/run.json")
	reviewed(t, "testdata/closed.run.json", object.Body)
}

func TestCloser_Close_saysHowItEnded(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		status        types.ExecutionStatus
		err, cause    string
		result, words string
	}{
		"stopped":                       {types.ExecutionStatusAborted, "", "", "Stopped", "somebody stopped the execution, and did not say why"},
		"stopped with a cause":          {types.ExecutionStatusAborted, "Maintenance", "until noon", "Stopped", "Maintenance: until noon"},
		"out of time":                   {types.ExecutionStatusTimedOut, "", "", "TimedOut", "the execution took longer than the state machine may"},
		"failed without the machine":    {types.ExecutionStatusFailed, "States.Runtime", "no such path", "States.Runtime", "no such path"},
		"failed and could not say more": {types.ExecutionStatusFailed, "RunNotRecorded", "", "RunNotRecorded", "Step Functions gives no cause"},
		"failed without a name":         {types.ExecutionStatusFailed, "", "boom", "Failed", "boom"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects, ended := awstest.NewS3(t, "lake"), stopped("run-0", "", "run-1")
			ended.Status, ended.Error, ended.Cause = tt.status, tt.err, tt.cause
			closeRun(t, objects, ended)
			runs, err := record.List(t.Context(), objects.Client(), "lake")
			if err != nil || len(runs) != 1 {
				t.Fatalf("List() = %v, %v, want one run", runs, err)
			}
			want := record.Run{
				RunID: "run-0", Execution: "arn:run-0", StartedBy: "someone's", StartedAt: ended.StartedAt, EndedAt: ended.EndedAt, Seconds: 90,
				Result: tt.result, Cause: tt.words, ClosedBy: "run-1",
			}
			if diff := cmp.Diff(want, runs[0]); diff != "" {
				t.Errorf("the record (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCloser_Close_leavesWhatARunHasWritten, also when it is just being written.
func TestCloser_Close_leavesWhatARunHasWritten(t *testing.T) {
	t.Parallel()

	objects, in := awstest.NewS3(t, "lake"), failed(t)
	night(objects)
	if err := keep(objects, in); err != nil {
		t.Fatal(err)
	}
	closeRun(t, objects, stopped(in.RunID, "run-0", "run-3"))
	object, _ := objects.Object("lake", "runs/"+in.RunID+"/run.json")
	if diff := cmp.Diff(string(text(t, "testdata/failed.run.json")), string(object.Body)); diff != "" {
		t.Errorf("its own record (-before +after):\n%s", diff)
	}

	objects.Fail(func(awstest.Call) *awstest.Failure {
		return &awstest.Failure{Status: 409, Code: "ConditionalRequestConflict"}
	})
	err := record.NewCloser(objects.Client(), "lake").Close(t.Context(), stopped("run-0", "", "run-1"))
	if fault.KindOf(err) != fault.Transient || !strings.Contains(err.Error(), "s3://lake/runs/run-0/run.json") {
		t.Errorf("Close() beside another write = %v, want kind Transient and the object", err)
	}
}

func TestCloser_Close_refusals(t *testing.T) {
	t.Parallel()

	for want, change := range map[string]func(*lock.Ended){
		`run id ""`:                         func(e *lock.Ended) { e.RunID = "" },
		`run id "a/b"`:                      func(e *lock.Ended) { e.RunID = "a/b" },
		"the run that closes it is missing": func(e *lock.Ended) { e.ClosedBy = "" },
		`run id ".."`:                       func(e *lock.Ended) { e.RunID = ".." },
		"neither its start nor":             func(e *lock.Ended) { e.StartedAt, e.EndedAt = time.Time{}, time.Time{} },
		`"RUNNING" is not over`:             func(e *lock.Ended) { e.Status = types.ExecutionStatusRunning },
	} {
		objects, ended := awstest.NewS3(t, "lake"), stopped("run-0", "", "run-1")
		change(&ended)
		err := record.NewCloser(objects.Client(), "lake").Close(t.Context(), ended)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) || len(objects.Keys("lake")) > 0 {
			t.Errorf("Close() = %v, want kind Invalid, %q, and no record", err, want)
		}
	}
}

// TestCloser_Close_ofAWrongClock: what is known is recorded, what is odd noted.
func TestCloser_Close_ofAWrongClock(t *testing.T) {
	t.Parallel()

	start := stopped("run-0", "", "run-1").StartedAt
	tests := map[string]struct {
		started, ended time.Time
		at             time.Time
		note           string
	}{
		"that went back two seconds": {start, start.Add(-2 * time.Second), start, "the clock went back while the run went on: it says that the run ended at 2026-11-20T01:59:58Z, before it started"},
		"without an end":             {start, time.Time{}, start, "the end of the run is unknown; the record says when it started"},
		"without a start":            {time.Time{}, start, start, "the start of the run is unknown; the record says when it ended"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects, ended, b := awstest.NewS3(t, "lake"), stopped("run-0", "", "run-1"), &books{}
			ended.StartedAt, ended.EndedAt = tt.started, tt.ended
			closeRun(t, objects, ended)
			runs, err := record.List(t.Context(), objects.Client(), "lake")
			if err != nil || len(runs) != 1 {
				t.Fatalf("List() = %v, %v, want one run", runs, err)
			}
			want := record.Run{
				RunID: "run-0", Execution: "arn:run-0", StartedBy: "someone's", StartedAt: tt.at, EndedAt: tt.at, Result: "Stopped", ClosedBy: "run-1",
				Cause: "somebody stopped the execution, and did not say why", Notes: []string{tt.note},
			}
			if diff := cmp.Diff(want, runs[0]); diff != "" {
				t.Errorf("the record (-want +got):\n%s", diff)
			}
			in := succeeded(t) // the next run has its row
			in.State.Lock.Previous = "run-0"
			if err := submit(objects, b, in); err != nil || len(b.rows) != 2 {
				t.Errorf("Record() = %v with rows %v, want two", err, b.rows)
			}
		})
	}
}

// TestStep_Record_notes: what the lock and the archive found odd, and a damaged
// record of a run before, are in the record of the run that goes on.
func TestStep_Record_notes(t *testing.T) {
	t.Parallel()

	objects, b, in := awstest.NewS3(t, "lake"), &books{}, succeeded(t)
	objects.Put("lake", "runs/run-1/night.json", []byte(`{"items":10}`))
	closeRun(t, objects, stopped("a", "b", "run-1"))
	closeRun(t, objects, stopped("b", "", "a"))
	objects.Update("lake", "runs/b/run.json", func(o *awstest.Object) { o.Damaged = true })
	in.State.Lock = record.Lock{Previous: "a", Notes: []string{"the lock is odd"}}
	in.State.Archived = []record.Archived{{Source: "raw", Objects: 1, Notes: []string{"an object is odd"}}}
	in.Entered = "2026-11-21T01:59:58Z" // two seconds before its start
	if err := errors.Join(submit(objects, b, in), keep(objects, in)); err != nil || len(b.rows) != 2 {
		t.Fatalf("Record() = %v with rows %v, want its own and that of run a", err, b.rows)
	}
	runs, err := record.List(t.Context(), objects.Client(), "lake")
	if err != nil || len(runs) != 3 {
		t.Fatalf("List() = %v, %v, want three runs", runs, err)
	}
	for _, run := range runs {
		switch run.RunID {
		case "run-1":
			want := []string{
				"the lock is odd",
				"the clock went back while the run went on: it says that the run ended at 2026-11-21T01:59:58Z, before it started",
				"an object is odd", "this run was not compared",
				"the warehouse may lack run b and those before it, because its record is damaged: ",
			}
			if len(run.Notes) != len(want) {
				t.Fatalf("notes are %q, want %q", run.Notes, want)
			}
			for i, note := range run.Notes {
				if !strings.HasPrefix(note, want[i]) {
					t.Errorf("note %d is %q, want %q", i, note, want[i])
				}
			}
			if run.Seconds != 0 || !run.EndedAt.Equal(run.StartedAt) {
				t.Errorf("it took %d s from %v to %v, want none", run.Seconds, run.StartedAt, run.EndedAt)
			}
		case "b":
			if run.Result != record.Damaged || !strings.Contains(run.Cause, "checksum did not match") {
				t.Errorf("the damaged record is %+v", run)
			}
		}
	}
}

// TestStep_Record_withRunsBefore follows the chain of runs that held the lock
// before the one that is recorded.
func TestStep_Record_withRunsBefore(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		lake func(t *testing.T, objects *awstest.S3)
		want []string
	}{
		"no record at all": {func(*testing.T, *awstest.S3) {}, nil},
		"one run": {func(t *testing.T, o *awstest.S3) {
			closeRun(t, o, stopped("a", "", "run-1"))
		}, []string{"a Stopped"}},
		"one that was closed by another, which then lost": {func(t *testing.T, o *awstest.S3) {
			closeRun(t, o, stopped("a", "b", "somebody"))
		}, []string{"a Stopped"}},
		"three in a row, and one that has expired": {func(t *testing.T, o *awstest.S3) {
			closeRun(t, o, stopped("a", "b", "run-1"))
			closeRun(t, o, stopped("b", "c", "a"))
			closeRun(t, o, stopped("c", "d", "b"))
		}, []string{"a Stopped", "b Stopped", "c Stopped"}},
		"one that has recorded itself": {func(t *testing.T, o *awstest.S3) {
			closeRun(t, o, stopped("a", "run-2", "run-1"))
			closeRun(t, o, stopped("run-2", "c", "a"))
			if err := keep(o, failed(t)); err != nil { // run-2, redriven
				t.Fatal(err)
			}
			closeRun(t, o, stopped("c", "", "run-2"))
		}, []string{"a Stopped", "run-2 TransformFailed"}},
		"runs that recorded themselves, and what one carried": {func(t *testing.T, o *awstest.S3) {
			recordItself(t, o, "a", "b")
			closeRun(t, o, stopped("b", "c", "a"))
			recordItself(t, o, "c", "d")
			recordItself(t, o, "d", "")
		}, []string{"a TransformFailed", "b Stopped", "c TransformFailed", "d TransformFailed"}},
		"eleven in a row": {func(t *testing.T, o *awstest.S3) {
			for i := range 11 {
				closeRun(t, o, stopped(string(rune('a'+i)), string(rune('b'+i)), "run-1"))
			}
		}, []string{
			"a Stopped", "b Stopped", "c Stopped", "d Stopped", "e Stopped", "f Stopped", "g Stopped", "h Stopped", "i Stopped", "j Stopped",
		}},
		"a circle": {func(t *testing.T, o *awstest.S3) {
			closeRun(t, o, stopped("a", "b", "run-1"))
			closeRun(t, o, stopped("b", "a", "run-1"))
		}, []string{"a Stopped", "b Stopped"}},
		"back to the run itself": {func(t *testing.T, o *awstest.S3) {
			closeRun(t, o, stopped("a", "run-1", "run-1"))
		}, []string{"a Stopped"}},
		"a name that is a path": {func(t *testing.T, o *awstest.S3) {
			closeRun(t, o, stopped("a", "b/../a", "run-1"))
		}, []string{"a Stopped"}},
		"one that was spoilt": {func(t *testing.T, o *awstest.S3) {
			closeRun(t, o, stopped("a", "b", "run-1"))
			o.Put("lake", "runs/b/run.json", []byte("{"))
		}, []string{"a Stopped"}},
		"one without an end": {func(_ *testing.T, o *awstest.S3) {
			o.Put("lake", "runs/a/run.json", []byte(`{"runId":"a","result":"Stopped","closedBy":"run-1","startedAt":"2026-11-20T02:00:00Z"}`))
		}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects, b, in := awstest.NewS3(t, "lake"), &books{}, succeeded(t)
			tt.lake(t, objects)
			in.State.Lock.Previous = "a"
			if err := submit(objects, b, in); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, row := range b.rows {
				got = append(got, row.RunID+" "+row.Result)
			}
			if diff := cmp.Diff(slices.Concat([]string{"run-1 Loaded"}, tt.want), got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// recordItself writes the record of a run that held the lock after another.
func recordItself(t *testing.T, objects *awstest.S3, run, previous string) {
	t.Helper()
	in := failed(t)
	in.RunID, in.State.Lock.Previous = run, previous
	night(objects)
	if err := keep(objects, in); err != nil {
		t.Fatal(err)
	}
}

// TestStep_Record_whenTheRunBeforeCannotBeRead: a lake that does not answer is
// asked again, by the machine; what is known is not submitted without the rest.
func TestStep_Record_whenTheRunBeforeCannotBeRead(t *testing.T) {
	t.Parallel()

	objects, b, in := awstest.NewS3(t, "lake"), &books{}, succeeded(t)
	in.State.Lock.Previous = "a"
	objects.Fail(func(c awstest.Call) *awstest.Failure {
		if c.Operation == "GetObject" {
			return &awstest.Failure{Status: 503, Code: "SlowDown"}
		}
		return nil
	})
	if err := submit(objects, b, in); fault.KindOf(err) != fault.Transient || len(b.rows) > 0 {
		t.Errorf("Record() = %v with rows %v, want kind Transient and none", err, b.rows)
	}
	if err := keep(objects, in); fault.KindOf(err) != fault.Transient {
		t.Errorf("Record() in the lake = %v, want kind Transient", err)
	}
	if _, there := objects.Object("lake", "runs/run-1/run.json"); !there {
		t.Error("the run has no record in the lake")
	}
}

// submissions counts the statements of batches.
type submissions struct{ statements []int }

func (s *submissions) BatchExecuteStatement(
	_ context.Context, in *redshiftdata.BatchExecuteStatementInput, _ ...func(*redshiftdata.Options),
) (*redshiftdata.BatchExecuteStatementOutput, error) {
	s.statements = append(s.statements, len(in.Sqls))
	return &redshiftdata.BatchExecuteStatementOutput{Id: aws.String("s")}, nil
}

// FuzzStep_Record_afterAnyRecord checks that whatever stands for the record of
// the run before, the run itself is recorded, with that run or without it.
func FuzzStep_Record_afterAnyRecord(f *testing.F) {
	f.Add([]byte(`{"runId":"a","result":"Stopped","closedBy":"b","previous":"a","startedAt":"2026-11-20T02:00:00Z","endedAt":"2026-11-20T02:00:00Z"}`))
	f.Add([]byte(`{"runId":"a","result":"Stopped","closedBy":"b","startedAt":"2026-11-20T02:00:00Z","endedAt":"2026-11-20T02:00:00Z","rows":{"":1},"setAside":{"x":-1},"export":{"exportTime":"never"}}`))
	f.Add([]byte(`[]`))
	objects := awstest.NewS3(f, "lake")
	f.Fuzz(func(t *testing.T, text []byte) {
		objects.Put("lake", "runs/a/run.json", text)
		in, api := succeeded(t), &submissions{}
		in.Place = record.PlaceWarehouse
		in.State.Lock.Previous = "a"
		recorder := warehouse.NewRecorder(api, target(), store(t))
		if _, err := record.New(objects.Client(), "lake", recorder, []byte("model: test\n")).Record(t.Context(), in); err != nil || len(api.statements) != 1 {
			t.Fatalf("after %q: Record() = %v", text, err)
		}
		var before record.Run
		known := json.Unmarshal(text, &before) == nil && before.RunID == "a" && before.Result != ""
		if n := api.statements[0]; n != 5 && (n != 6 || !known) {
			t.Errorf("after %q: %d statements, want 5, or 6 for a record of the run", text, n)
		}
	})
}
