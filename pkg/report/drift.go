package report

import (
	"fmt"
	"maps"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/report/chart"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// drift is the section about what differs from the last published run.
func (f *facts) drift() []Block {
	if f.run.Rows == nil {
		return nil
	}
	last, ok := f.before()
	if !ok {
		return []Block{{Text: []string{"This is the first run that was published, so there is nothing to compare it with."}}}
	}
	since := fmt.Sprintf("Compared with run %s of %s.", last.RunID, moment(last.StartedAt))
	notes := []string{since}
	if a, b := last.Export.TableARN, f.run.Export.TableARN; a != b && a != "" && b != "" {
		notes = append(notes, fmt.Sprintf("The export is of table %s, and was of %s.", b, a))
	}
	if f.remodel {
		notes = append(notes, fmt.Sprintf("The model file has changed: compare %s with %s.", lakedoc.ModelKey(last.RunID), lakedoc.ModelKey(f.run.RunID)))
	}
	for _, u := range without(f.run.Unknown, last.Unknown) {
		notes = append(notes, fmt.Sprintf("New, and not known to the model: attribute %s of %s (%s).", u.Attribute, u.Type, u.Kind))
	}
	for _, u := range without(last.Unknown, f.run.Unknown) {
		notes = append(notes, fmt.Sprintf("Gone: the unknown attribute %s of %s (%s).", u.Attribute, u.Type, u.Kind))
	}
	const mostNotes = 12
	if more := len(notes) - mostNotes; more > 0 {
		notes = append(notes[:mostNotes], fmt.Sprintf("And %s more.", spell.Count(int64(more), "change", "changes")))
	}
	t := Table{Caption: "Counts of both runs", Columns: []Column{text("What"), number("Before"), number("Now"), number("Change"), number("Percent")}}
	var points []chart.Point
	before, now := totals(last), totals(f.run)
	names := slices.Collect(maps.Keys(before))
	for name := range now {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		a, b := before[name], now[name]
		t.Rows = append(t.Rows, cells(name, spell.Int(a), spell.Int(b), signed(b-a), percent(a, b)))
		if b != a {
			points = append(points, chart.Point{Label: name, Value: chart.Value{Text: signed(b - a), Number: float64(b - a)}})
		}
	}
	block := Block{Text: notes, Table: &t}
	if len(points) > 0 {
		block.Chart = chart.Bars{Name: "Changes of counts since the last published run", Unit: "change", Points: points}
	} else {
		block.Text = append(block.Text, "Every count is the same.")
	}
	return []Block{block}
}

// totals are the counts that are compared.
func totals(run record.Run) map[string]int64 {
	all := map[string]int64{}
	for name, n := range run.Rows {
		all["rows: "+name] = n
	}
	for name, n := range run.Skipped {
		all["skipped: "+name] = n
	}
	for itemType, reasons := range run.SetAside {
		for reason, n := range reasons {
			all["set aside: "+typeName(itemType)+", "+spoken(reason)] = n
		}
	}
	for rows, columns := range run.Wrong {
		for column := range columns {
			all["wrong values: "+rows+"."+column] = run.Wrong.Of(rows, column)
		}
	}
	return all
}

// without returns the attributes of one list that another does not have.
func without(all, other []lakedoc.Unknown) []lakedoc.Unknown {
	known := map[[3]string]bool{}
	for _, u := range other {
		known[[3]string{u.Type, u.Attribute, u.Kind}] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(u lakedoc.Unknown) bool { return known[[3]string{u.Type, u.Attribute, u.Kind}] })
}

func signed(n int64) string {
	if n > 0 {
		return "+" + spell.Int(n)
	}
	return spell.Int(n)
}

// percent spells a change; where there was nothing it says so.
func percent(before, now int64) string {
	switch {
	case before == now:
		return "0.0"
	case before == 0:
		return "new"
	}
	return fmt.Sprintf("%+.1f", 100*(float64(now)-float64(before))/float64(before))
}
