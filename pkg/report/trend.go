package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/report/chart"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// trendRuns is how many runs are compared.
const trendRuns = 30

// recent returns the last runs up to this one.
func (f *facts) recent() []record.Run {
	i := slices.IndexFunc(f.runs, func(run record.Run) bool { return run.RunID == f.run.RunID })
	return f.runs[max(0, i+1-trendRuns) : i+1]
}

// trend is the section about the last runs.
func (f *facts) trend() []Block {
	runs := f.recent()
	t := Table{Caption: "The last runs", Columns: []Column{
		text("Run"), text("Started (UTC)"), text("Result"), number("Items"), number("Rows loaded"), number("Parquet (MB)"), number("Seconds"),
	}}
	var rows, bytes, took []chart.Point
	for _, run := range runs {
		class := ""
		o := outcomeOf(run)
		if o == Bad {
			class = "bad"
		}
		label := run.StartedAt.UTC().Format("Jan 2")
		if sameDay(runs) {
			label = run.StartedAt.UTC().Format("15:04:05")
		}
		point := func(v chart.Value) chart.Point { return chart.Point{Label: label, Value: v, Class: class} }
		result := run.Result
		if result == "" {
			result = "unfinished"
		}
		size := parquet(run)
		megabyte := chart.Value{Missing: true}
		if size > 0 {
			megabyte = chart.Value{Text: megabytes(size), Number: float64(size) / 1e6}
		}
		lasted := chart.Value{Missing: true}
		if run.Result != "" && run.Result != record.Damaged {
			lasted = chart.Int(run.Seconds)
		}
		rows, bytes, took = append(rows, point(whole(run.RowsLoaded))), append(bytes, point(megabyte)), append(took, point(lasted))
		t.Rows = append(t.Rows, []Cell{
			{Text: run.RunID}, {Text: moment(run.StartedAt)}, {Text: o.Sign() + " " + result, Class: string(o)},
			{Text: shown(whole(run.Items))}, {Text: shown(whole(run.RowsLoaded))}, {Text: shown(megabyte)}, {Text: shown(lasted)},
		})
	}
	return []Block{
		{Title: "Rows loaded", Text: []string{fmt.Sprintf("The last %s up to this one. × marks a run that failed before it counted this.", spell.Count(int64(len(runs)), "run", "runs"))},
			Chart: chart.Columns{Name: "Rows loaded by the last runs", Unit: "rows", Points: rows}},
		{Title: "Bytes of Parquet", Chart: chart.Columns{Name: "Bytes of Parquet that the last runs wrote", Unit: "MB (million bytes)", Points: bytes}},
		{Title: "Seconds", Chart: chart.Columns{Name: "Duration of the last runs", Unit: "seconds", Points: took}, Table: &t},
	}
}

func sameDay(runs []record.Run) bool {
	if len(runs) == 0 {
		return false
	}
	return runs[len(runs)-1].StartedAt.Sub(runs[0].StartedAt) < 36*time.Hour
}

func whole(n *int64) chart.Value {
	if n == nil {
		return chart.Value{Missing: true}
	}
	return chart.Int(*n)
}

func parquet(run record.Run) (n int64) {
	for _, table := range run.Tables {
		n += table.Bytes
	}
	return n
}

func outcomeOf(run record.Run) Outcome {
	switch {
	case run.Result == "":
		return Busy
	case run.Result == record.Loaded:
		return Good
	case published(run):
		return Warning
	}
	return Bad
}
