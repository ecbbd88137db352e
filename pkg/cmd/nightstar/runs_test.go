package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/record"
)

// TestRuns_thatWereEndedFromOutside: one that the next run has recorded, and
// one that has no successor yet.
func TestRuns_thatWereEndedFromOutside(t *testing.T) {
	t.Parallel()

	started := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	closed := record.Run{
		RunID: "run-1", StartedBy: "schedule", StartedAt: started, EndedAt: started.Add(90 * time.Second), Seconds: 90,
		Result: record.Stopped, Cause: "Maintenance: until noon", ClosedBy: "run-2", Previous: "run-0",
	}
	var table bytes.Buffer
	if err := runsTable(&table, []record.Run{closed, {RunID: "run-2", StartedAt: started.Add(time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(table.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"run started (UTC) seconds items loaded set aside result started by",
		"run-1 2026-11-22 02:00:00 90 Stopped schedule",
		"run-2 2026-11-22 03:00:00 unfinished",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the table is\n%s", table.String())
	}

	var report bytes.Buffer
	runReport(&report, closed)
	for _, want := range []string{"Run run-1: Stopped\n", "cause            Maintenance: until noon\n", "recorded by      run-2\n"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, report.String())
		}
	}
}
