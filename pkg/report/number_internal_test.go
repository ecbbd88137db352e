package report

import (
	"strings"
	"testing"
	"time"
)

func TestComplete(t *testing.T) {
	t.Parallel()

	q4 := 2024*4 + 3
	if complete(q4, time.Date(2024, 12, 31, 23, 59, 59, 0, time.UTC)) || !complete(q4, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Error("the fourth quarter ends with the year")
	}
	if complete(q4-3, time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC)) || !complete(q4-3, time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)) {
		t.Error("the first quarter ends with March")
	}
}

// TestByMonth_fillsGaps: months without facts are there, but not for thousands of
// years.
func TestByMonth_fillsGaps(t *testing.T) {
	t.Parallel()

	months, unknown := byMonth(Answer{Rows: [][]any{
		{int64(2025), int64(11), "1"}, {int64(2026), int64(2), "2"}, {int64(9999), int64(12), "3"}, {nil, nil, "4"},
	}})
	var labels []string
	for _, m := range months {
		labels = append(labels, m.label)
	}
	if got := strings.Join(labels, " "); got != "2025-11 2025-12 2026-01 2026-02 9999-12" || !months[1].value(0).Missing || len(unknown) != 1 {
		t.Errorf("the months are %s, and unknown %v", got, unknown)
	}
}
