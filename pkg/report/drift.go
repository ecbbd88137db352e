package report

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
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
	if last.Mode != f.run.Mode || f.increment() { // changes are not compared with items, and not with other changes
		before, now = map[string]int64{}, map[string]int64{}
	}
	f.stars(last, before)
	f.stars(f.run, now)
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
	if sums := f.sumsSince(last); len(sums.Rows) > 0 {
		return []Block{block, {Title: "Sums of measures", Table: &sums}}
	}
	return []Block{block}
}

// stars adds the rows that the tables of the star had after a run.
func (f *facts) stars(run record.Run, to map[string]int64) {
	if f.model == nil {
		return
	}
	var names []string
	for _, d := range f.model.Dimensions {
		names = append(names, d.Name)
	}
	for _, fact := range f.model.Facts {
		names = append(names, fact.Name)
	}
	for _, name := range names {
		if n, ok := run.Counts[model.DWH+"."+name]; ok {
			if rows, fits := n.Int64(); fits {
				to["in the star: "+name] = rows
			}
		}
	}
}

// sumsSince compares the sums of measures in the star.
func (f *facts) sumsSince(last record.Run) Table {
	t := Table{Caption: "Sums of measures after both runs", Columns: []Column{text("Measure"), number("Before"), number("Now"), number("Percent")}}
	if f.model == nil {
		return t
	}
	for _, fact := range f.model.Facts {
		for _, c := range measures(fact) {
			name := model.DWH + "." + fact.Name + " sum of " + c.Name
			a, had := last.Counts[name]
			b, has := f.run.Counts[name]
			if !had || !has || !c.Type.IsNumber() {
				continue
			}
			t.Rows = append(t.Rows, cells(fact.Name+"."+c.Name, spell.Digits(a.Decimal(c.Type.Scale)), spell.Digits(b.Decimal(c.Type.Scale)), percentOf(chart.Parse(a.String()).Number, chart.Parse(b.String()).Number)))
		}
	}
	return t
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
	return percentOf(float64(before), float64(now))
}

func percentOf(before, now float64) string {
	switch {
	case before == now:
		return "0.0"
	case before == 0:
		return "new"
	}
	return fmt.Sprintf("%+.1f", 100*(now-before)/math.Abs(before))
}
