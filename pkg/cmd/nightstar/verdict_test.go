package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/explain"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/progress"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// TestVerdict says each thing once, in lines that fit, with sums as people write
// them.
func TestVerdict(t *testing.T) {
	t.Parallel()

	m, err := models.Read(models.Default)
	if err != nil {
		t.Fatal(err)
	}
	s := execution.Empty()
	s.RunID, s.Status, s.Seconds, s.Items = "run-1", "SUCCEEDED", 75, 1_234_567
	s.Tables["dwh.order"], s.Tables["dwh.order sum of price"] = scalar.SumOf(2_000_000), scalar.SumOf(-123_456_705)
	s.Tables["dwh.order on unknown address"], s.Tables["dwh.order on unknown date"] = scalar.SumOf(16), scalar.SumOf(0)
	s.Tables["dwh.customer"], s.Tables["dwh.customer keys"] = scalar.SumOf(301), scalar.SumOf(301)
	for i := range 9 {
		s.SetAside[fmt.Sprintf("type%d: wrong_type", i)] = int64(10 + i)
	}
	s.Notes = append(s.Notes, "a clock is odd")
	var out bytes.Buffer
	verdict(&out, s, &m, explain.Place{RunID: "run-1", Look: "nightstar runs run-1"}, "a.json.gz, line 7: productid says something else")
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"Run run-1 succeeded in 1 min 15 s: 1,234,441 of 1,234,567 items are in the star.", "order: 2,000,000 rows, price -1,234,567.05",
		"Rows of other tables: customer 301", "Set aside: 126 items: type8: wrong_type (18), type7", "4 more", "Example: a.json.gz, line 7",
		"facts: order without address (16)", "Note: a clock is odd", "nightstar runs run-1",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if progress.Width(strings.TrimSpace(line)) > 80 {
			t.Errorf("a line is too long: %s", line)
		}
	}
}

// TestShownStages merges what waits and polls into the stage it serves.
func TestShownStages(t *testing.T) {
	t.Parallel()

	s := execution.Empty()
	s.Status, s.Items = "RUNNING", 1000
	s.Stages = []execution.Stage{
		{Name: "Start export", State: execution.Done, Seconds: 1, Visits: 1},
		{Name: "Wait for export", State: execution.Done, Seconds: 60, Visits: 1, PartOf: "Start export"},
		{Name: "Poll export", State: execution.Running, Seconds: 2, Visits: 1, Retries: 1, PartOf: "Start export"},
		{Name: "Partition files", State: execution.Waiting, Parts: 4, Ended: 2},
	}
	got := shownStages(s, false)
	if len(got) != 2 || got[0].State != progress.Running || got[0].Seconds != 63 || got[0].Retries != 1 {
		t.Errorf("stages = %+v", got)
	}
	if c := got[1].Count; c.Unit != "files" || c.Items != 500 || !c.About {
		t.Errorf("count = %+v", c)
	}
	s.Stages[2].State = execution.Done // between two polls
	if got := shownStages(s, false); got[0].State != progress.Running {
		t.Errorf("between two polls the export is %+v", got[0])
	}
	s.Stages[3].State = execution.Running
	if got := shownStages(s, false); got[0].State != progress.Done {
		t.Errorf("after the last poll the export is %+v", got[0])
	}
	if got := shownStages(s, true); len(got) != 4 {
		t.Errorf("with internals there are %d stages", len(got))
	}
}
