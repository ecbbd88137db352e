package record_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/record"
)

func TestList(t *testing.T) {
	t.Parallel()

	objects := awstest.NewS3(t, "lake")
	objects.PageSize(2)
	objects.Put("lake", "runs/current.json", []byte("{}"))
	objects.Put("lake", "runs/lock.json", []byte("{}"))
	objects.Put("lake", "items/type=order/run=run-3/00001.parquet", nil)
	objects.Put("lake", "runs/died/files/00001.json", nil)
	objects.Update("lake", "runs/died/files/00001.json", func(o *awstest.Object) {
		o.Modified = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	})
	objects.Put("lake", "runs/died/plan.json", nil)
	for _, in := range []record.Input{
		at(succeeded(t), "a", "2026-11-22T02:00:00Z"), at(succeeded(t), "b", "2026-11-20T02:00:00Z"),
		at(failed(t), "c", "2026-11-21T01:59:59Z"), at(failed(t), "d", "2026-11-21T02:00:01Z"),
	} {
		if err := keep(objects, in); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := record.List(t.Context(), objects.Client(), "lake")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, run := range runs {
		got = append(got, run.StartedAt.Format(time.RFC3339)+" "+run.RunID+" "+run.Result)
	}
	want := []string{
		"2026-11-20T02:00:00Z b Loaded", "2026-11-21T01:59:59Z c TransformFailed", "2026-11-21T02:00:00Z died ",
		"2026-11-21T02:00:01Z d TransformFailed", "2026-11-22T02:00:00Z a Loaded",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("List() (-want +got):\n%s", diff)
	}
	if *runs[0].RowsLoaded != 8 || runs[1].RowsLoaded != nil {
		t.Errorf("rows loaded are %v and %v, want 8 and none", runs[0].RowsLoaded, runs[1].RowsLoaded)
	}
}

// at is a run of that name that started then, and took no time.
func at(in record.Input, name, start string) record.Input {
	in.RunID, in.StartedAt, in.Entered = name, start, start
	return in
}

func TestList_empty(t *testing.T) {
	t.Parallel()

	if runs, err := record.List(t.Context(), awstest.NewS3(t, "lake").Client(), "lake"); err != nil || len(runs) != 0 {
		t.Errorf("List() = %v, %v, want no runs", runs, err)
	}
}

// TestList_damaged: a record that can't be read is listed as such, beside the
// others.
func TestList_damaged(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		`{"runId":"other","result":"Loaded"}`: `it is the record of run "other" with result "Loaded"`,
		`{"runId":"r"}`:                       `with result ""`,
		`{"runId":`:                           "unexpected end of JSON input",
		`{"runId":"r","result":"Loaded","seconds":""}`: "cannot unmarshal string",
		"":                         "unexpected end of JSON input",
		"\x00\x00":                 "invalid character",
		strings.Repeat(" ", 5<<20): "it has more than 4194304 bytes",
	} {
		objects := awstest.NewS3(t, "lake")
		closeRun(t, objects, stopped("whole", "", "x"))
		objects.Put("lake", "runs/r/run.json", []byte(text))
		written := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
		objects.Update("lake", "runs/r/run.json", func(o *awstest.Object) { o.Modified = written })
		runs, err := record.List(t.Context(), objects.Client(), "lake")
		if err != nil || len(runs) != 2 || runs[0].RunID != "whole" {
			t.Fatalf("List() = %v, %v, want two runs", runs, err)
		}
		got := runs[1]
		if got.RunID != "r" || got.Result != record.Damaged || !got.StartedAt.Equal(written) || !strings.Contains(got.Cause, want) ||
			!strings.Contains(got.Cause, "s3://lake/runs/r/run.json") || !strings.Contains(got.Cause, "the run itself is not affected") {
			t.Errorf("the damaged run is %+v, want %q", got, want)
		}
	}
}
