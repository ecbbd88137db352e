package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/report/chart"
)

// answers is the section about what the data says. The store has questions of its
// own; those of any other model follow from it. A star that shows another run has
// other answers, so they are given for runs that were published only.
func (f *facts) answers(ctx context.Context, from Source) []Block {
	if f.model == nil || !published(f.run) {
		return nil
	}
	shown, err := from.Query(ctx, fmt.Sprintf("select run_id\nfrom %s.content\nwhere schema_name = 'dwh'", model.QuoteName(f.model.Schema(model.ETL))))
	if err != nil {
		f.lose("The warehouse cannot be asked, so the report has no answers: %v.", err)
		return nil
	}
	if len(shown.Rows) == 0 || fmt.Sprint(shown.Rows[0][0]) != f.run.RunID {
		f.lose("The star shows another run by now, so the report has no answers.")
		return nil
	}
	query := func(sql string) (Answer, error) { return from.Query(ctx, sql) }
	a := asker{query: query, model: *f.model}
	var blocks []Block
	if f.model.Name == models.Default {
		blocks = a.store(f.asOf())
	}
	if len(blocks) == 0 {
		for _, fact := range f.model.Facts {
			blocks = append(blocks, a.fact(fact)...)
		}
	}
	f.missing = append(f.missing, a.missing...)
	return blocks
}

// asker asks questions one after the other. One that fails is a sentence in the
// report, and the others are asked all the same.
type asker struct {
	query   func(sql string) (Answer, error)
	model   model.Model
	missing []string
}

// ask returns the rows of a query, and false if it failed.
func (a *asker) ask(about, sql string) (Answer, bool) {
	answer, err := a.query(sql)
	if err != nil {
		a.missing = append(a.missing, fmt.Sprintf("The question about %s failed: %v.", about, err))
		return Answer{}, false
	}
	return answer, true
}

func (a *asker) table(name string) string {
	return model.QuoteName(a.model.Schema(model.DWH)) + "." + model.QuoteName(name)
}

// measures are the numeric columns of a fact that people add up.
func measures(fact model.Fact) []model.StarColumn {
	var all []model.StarColumn
	for _, c := range fact.Columns {
		if c.Measure {
			all = append(all, c)
		}
	}
	return all
}

// The dimensions that a fact is shown by, and the members that a query returns.
const (
	mostDimensions = 3
	mostMembers    = 1000
)

// fact answers what a fact says over time and by its largest dimensions.
func (a *asker) fact(fact model.Fact) []Block {
	var blocks []Block
	for _, role := range fact.Roles {
		d, _ := a.model.Dimension(role.Dimension)
		if d.Calendar {
			blocks = append(blocks, a.overTime(fact, role, d)...)
			break
		}
	}
	for _, role := range a.largest(fact) {
		d, _ := a.model.Dimension(role.Dimension)
		blocks = append(blocks, a.byMember(fact, role, d)...)
	}
	if len(blocks) == 0 {
		if answer, ok := a.ask("fact "+fact.Name, "select "+strings.Join(a.sums(fact, ""), ", ")+"\nfrom "+a.table(fact.Name)); ok {
			blocks = append(blocks, Block{Title: fact.Name, Table: plain("All of "+fact.Name, answer)})
		}
	}
	return blocks
}

// sums spells the count and the sums of a fact.
func (a *asker) sums(fact model.Fact, prefix string) []string {
	all := []string{"count(*) as facts"}
	for _, c := range measures(fact) {
		name := model.QuoteName(c.Name)
		all = append(all, "sum("+prefix+name+") as "+name)
	}
	return all
}

// largest returns the roles with the most members, one for each dimension.
func (a *asker) largest(fact model.Fact) []model.Role {
	type sized struct {
		role    model.Role
		members float64
	}
	var all []sized
	seen := map[string]bool{}
	for _, role := range fact.Roles {
		d, _ := a.model.Dimension(role.Dimension)
		if d.Calendar || seen[d.Name] || len(d.Columns) == 0 {
			continue
		}
		seen[d.Name] = true
		count := "select count(*) as members\nfrom " + a.table(d.Name)
		if d.Versions {
			count += "\nwhere " + model.Current
		}
		if answer, ok := a.ask("dimension "+d.Name, count); ok && len(answer.Rows) == 1 {
			all = append(all, sized{role, chart.Parse(answer.Rows[0][0]).Number})
		}
	}
	slices.SortStableFunc(all, func(x, y sized) int { return cmp.Compare(y.members, x.members) })
	var roles []model.Role
	for _, s := range all[:min(len(all), mostDimensions)] {
		roles = append(roles, s.role)
	}
	return roles
}

// overTime shows the fact and each measure by month.
func (a *asker) overTime(fact model.Fact, role model.Role, d model.Dimension) []Block {
	answer, ok := a.ask("fact "+fact.Name+" by month", fmt.Sprintf(
		"select d.year, d.month, %s\nfrom %s as f\ninner join %s as d\n    on f.%s = d.%s\ngroup by d.year, d.month\norder by d.year, d.month",
		strings.Join(a.sums(fact, "f."), ", "), a.table(fact.Name), a.table(d.Name),
		model.QuoteName(role.SurrogateKey()), model.QuoteName(d.SurrogateKey())))
	if !ok || len(answer.Rows) == 0 {
		return nil
	}
	months, unknown := byMonth(answer)
	t := Table{Caption: fact.Name + " by month of " + role.Name, Columns: []Column{text("Month"), number("facts")}}
	names := []string{"facts"}
	for _, c := range measures(fact) {
		t.Columns = append(t.Columns, number("sum of "+c.Name))
		names = append(names, "sum of "+c.Name)
	}
	points := make([][]chart.Point, len(names))
	for _, m := range append(slices.Clone(months), unknown...) {
		row := []Cell{{Text: m.label}}
		for i := range names {
			v := m.value(i)
			row = append(row, Cell{Text: shown(v)})
			if m.label != unknownMonth {
				points[i] = append(points[i], chart.Point{Label: m.label, Value: v})
			}
		}
		t.Rows = append(t.Rows, row)
	}
	var blocks []Block
	for i, name := range names {
		blocks = append(blocks, Block{Title: fmt.Sprintf("%s: %s by month of %s", fact.Name, name, role.Name),
			Chart: chart.Columns{Name: fmt.Sprintf("%s of %s by month of %s", name, fact.Name, role.Name), Unit: name, Points: points[i]}})
	}
	last := &blocks[len(blocks)-1]
	last.Table = &t
	if len(unknown) > 0 {
		last.Text = []string{"Facts on an unknown date are in the table only."}
	}
	return blocks
}

// byMember shows the fact and its measures by the members of a dimension.
func (a *asker) byMember(fact model.Fact, role model.Role, d model.Dimension) []Block {
	label := "d." + model.QuoteName(d.Columns[0].Name)
	key := "d." + model.QuoteName(d.SurrogateKey())
	answer, ok := a.ask("fact "+fact.Name+" by "+role.Name, fmt.Sprintf(
		"select %s, %s, %s\nfrom %s as f\ninner join %s as d\n    on f.%s = %s\ngroup by %s, %s\norder by facts desc, %s\nlimit %d",
		key, label, strings.Join(a.sums(fact, "f."), ", "), a.table(fact.Name), a.table(d.Name),
		model.QuoteName(role.SurrogateKey()), key, key, label, key, mostMembers))
	if !ok || len(answer.Rows) == 0 {
		return nil
	}
	t := Table{Caption: fmt.Sprintf("%s by %s, the %d with the most facts at most", fact.Name, role.Name, mostMembers), Columns: []Column{text(role.Name), number("facts")}}
	names := []string{"facts"}
	for _, c := range measures(fact) {
		t.Columns = append(t.Columns, number("sum of "+c.Name))
		names = append(names, "sum of "+c.Name)
	}
	points := make([][]chart.Point, len(names))
	for _, row := range answer.Rows {
		name := "unknown"
		switch {
		case row[1] != nil && fmt.Sprint(row[1]) != "":
			name = fmt.Sprint(row[1])
		case fmt.Sprint(row[0]) != "0":
			name = fmt.Sprintf("no %s (key %v)", d.Columns[0].Name, row[0])
		}
		line := []Cell{{Text: name}}
		for i := range names {
			v := chart.Parse(row[i+2])
			line = append(line, Cell{Text: shown(v)})
			points[i] = append(points[i], chart.Point{Label: name, Value: v})
		}
		t.Rows = append(t.Rows, line)
	}
	var blocks []Block
	for i, name := range names {
		slices.SortStableFunc(points[i], func(x, y chart.Point) int { return cmp.Compare(y.Value.Number, x.Value.Number) })
		blocks = append(blocks, Block{Title: fmt.Sprintf("%s: %s by %s", fact.Name, name, role.Name),
			Chart: chart.Bars{Name: fmt.Sprintf("%s of %s by %s", name, fact.Name, role.Name), Unit: name, Points: points[i]}})
	}
	blocks[len(blocks)-1].Table = &t
	return blocks
}

// plain shows an answer as it is.
func plain(caption string, answer Answer) *Table {
	t := Table{Caption: caption}
	for _, name := range answer.Columns {
		t.Columns = append(t.Columns, number(name))
	}
	for _, row := range answer.Rows {
		line := make([]Cell, len(row))
		for i, value := range row {
			line[i].Text = shown(chart.Parse(value))
		}
		t.Rows = append(t.Rows, line)
	}
	return &t
}
