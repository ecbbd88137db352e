package local_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// TestNight_incrementRefused asks for increments where there can be none.
func TestNight_incrementRefused(t *testing.T) {
	m := start(t)
	m.seed(t, sample.New(sample.Options{Seed: 6, Items: 50}).Items())
	if got := m.night(t, execution.Input{Mode: "incremental"}); got.Error != "IncrementNotPossible" {
		t.Errorf("the first run, as an increment: %s %s: %s", got.Status, got.Error, got.Cause)
	}
	if got := m.night(t, execution.Input{Mode: "sometimes"}); got.Error != "IncrementNotPossible" {
		t.Errorf("a mode that is none: %s %s: %s", got.Status, got.Error, got.Cause)
	}
	m.mustSucceed(t, execution.Input{Mode: "auto"})
	star := m.star(t)
	got := m.night(t, execution.Input{Mode: "incremental", From: "2026-11-01T00:00:00Z", To: "2026-11-01T01:00:00Z"})
	if got.Status != "FAILED" {
		t.Errorf("another time: %s", got.Status)
	}
	if diff := cmp.Diff(star, m.star(t)); diff != "" {
		t.Errorf("the star after increments that were refused (-before +after):\n%s", diff)
	}
}
