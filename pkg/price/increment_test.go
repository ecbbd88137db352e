package price_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/price"
)

// TestBenchmarks_increments holds the table of BENCHMARKS.md to the list: a table of
// 1 TB of which 0.5 % change in a day.
func TestBenchmarks_increments(t *testing.T) {
	t.Parallel()

	list, document := price.Read(), read(t, "../../BENCHMARKS.md")
	full := price.Size{Gigabytes: 1000, Files: 4000, RPU: 128, Seconds: 3600}
	row := func(name string, runs, seconds, every int) string {
		c := price.Cadence{Size: price.Size{Gigabytes: 1000, RPU: 8, Seconds: seconds}, Changed: 0.005, RunsADay: runs, FullEvery: every}
		day := list.Day(c)
		return fmt.Sprintf("| %s | %.2f | %.2f | %.2f | %.2f | **%s** |", name, day.Export, day.Lambda+day.Requests, day.Redshift, day.Total(), grouped(list.Month(c, full)))
	}
	night := list.Night(full)
	for _, want := range []string{
		fmt.Sprintf("| a full run every night | %.2f | %.2f | %.2f | %.2f | **%s** |", night.Export, night.Lambda+night.Requests, night.Redshift, night.Total(), grouped(30*night.Total())),
		row("increments every 24 hours", 1, 300, 0),
		row("increments every 24 hours, a full run every 7 days", 1, 300, 7),
		row("increments every hour", 24, 120, 0),
		row("increments every 15 minutes", 96, 120, 0),
		row("increments every 15 minutes, a full run every 7 days", 96, 120, 7),
	} {
		if !strings.Contains(document, want+"\n") {
			t.Errorf("BENCHMARKS.md has no row\n%s", want)
		}
	}
}

func TestDay(t *testing.T) {
	t.Parallel()

	list := price.Read()
	c := price.Cadence{Size: price.Size{Gigabytes: 1, RPU: 4, Seconds: 1}, RunsADay: 96}
	idle := list.Day(c)
	if want := 96 * 0.01 * list.Prices["dynamodb-export"].USD; idle.Export != want {
		t.Errorf("exports without changes cost %f, want %f: 10 MB each", idle.Export, want)
	}
	if want := 96 * 4 * 60. / 3600 * list.Prices["redshift-serverless"].USD; idle.Redshift < want*0.999 || idle.Redshift > want*1.001 {
		t.Errorf("96 seconds of Redshift cost %f, want those of 96 minutes, %f", idle.Redshift, want)
	}
}
