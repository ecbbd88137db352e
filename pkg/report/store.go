package report

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/report/chart"
	"github.com/nightstar-elt/nightstar/pkg/spell"
	"github.com/nightstar-elt/nightstar/sql"
)

// asOf is the moment that the data shows.
func (f *facts) asOf() time.Time {
	if at, err := time.Parse(time.RFC3339Nano, f.run.Export.Time); err == nil {
		return at
	}
	return f.run.StartedAt
}

// store answers the questions that come with the store. It has no answers for a
// model of that name with other tables.
func (a *asker) store(asOf time.Time) []Block {
	queries, err := sql.Queries()
	if err != nil {
		a.missing = append(a.missing, fmt.Sprintf("The questions that come with the store cannot be read: %v.", err))
		return nil
	}
	var blocks []Block
	for _, name := range []string{"quarterly_growth", "monthly_revenue", "top_products"} {
		i := slices.IndexFunc(queries, func(q sql.Query) bool { return q.Name == name })
		if i < 0 {
			continue
		}
		answer, ok := a.ask(strings.ReplaceAll(name, "_", " "), queries[i].SQL)
		if !ok || len(answer.Rows) == 0 {
			continue
		}
		columns := index(answer)
		switch name {
		case "quarterly_growth":
			blocks = append(blocks, growth(answer, columns, asOf)...)
		case "monthly_revenue":
			blocks = append(blocks, revenue(answer, columns))
		case "top_products":
			blocks = append(blocks, products(answer, columns))
		}
	}
	return blocks
}

// index returns the place of each column.
func index(answer Answer) map[string]int {
	at := map[string]int{}
	for i, name := range answer.Columns {
		at[name] = i
	}
	return at
}

// sale is what a country bought of a category in a quarter.
type sale struct {
	country, category     string
	quarter               int // year * 4 + quarter - 1
	revenue, before, grew chart.Value
}

func sales(answer Answer, at map[string]int) []sale {
	all := make([]sale, len(answer.Rows))
	for i, row := range answer.Rows {
		year, quarter := chart.Parse(row[at["year"]]), chart.Parse(row[at["quarter"]])
		all[i] = sale{
			country: fmt.Sprint(row[at["country"]]), category: fmt.Sprint(row[at["category"]]),
			quarter: int(year.Number)*4 + int(quarter.Number) - 1,
			revenue: chart.Parse(row[at["revenue"]]), before: chart.Parse(row[at["revenue_year_before"]]), grew: chart.Parse(row[at["growth_percent"]]),
		}
	}
	return all
}

func quarterName(q int) string { return fmt.Sprintf("Q%d %d", q%4+1, q/4) }

// complete reports whether all days of a quarter were over at a moment.
func complete(quarter int, at time.Time) bool {
	end := time.Date((quarter+1)/4, time.Month((quarter+1)%4*3+1), 1, 0, 0, 0, 0, time.UTC)
	return !end.After(at)
}

// growth shows the newest complete quarter: by country, and by country and category.
func growth(answer Answer, at map[string]int, asOf time.Time) []Block {
	all := sales(answer, at)
	newest := -1
	for _, s := range all {
		if complete(s.quarter, asOf) {
			newest = max(newest, s.quarter)
		}
	}
	if newest < 0 {
		return []Block{{Title: "Growth", Text: []string{"No quarter is complete yet, so there is no growth to show."}}}
	}
	all = slices.DeleteFunc(all, func(s sale) bool { return s.quarter != newest })
	var countries, categories []string
	cellOf := map[[2]string]sale{}
	byCountry, byCategory := map[string]*total{}, map[string]*total{}
	for _, s := range all {
		countries, categories = append(countries, s.country), append(categories, s.category)
		cellOf[[2]string{s.country, s.category}] = s
		add(byCountry, s.country, s)
		add(byCategory, s.category, s)
	}
	slices.Sort(countries)
	slices.Sort(categories)
	countries, categories = slices.Compact(countries), slices.Compact(categories)
	compared := fmt.Sprintf("%s against %s", quarterName(newest), quarterName(newest-4))
	by := func(what string, names []string, of map[string]*total) Block {
		title := "Sales growth by " + strings.ToLower(what) + ", " + compared
		figure := chart.Bars{Name: title, Unit: "percent"}
		t := Table{Caption: title, Columns: []Column{text(what), number(quarterName(newest)), number(quarterName(newest - 4)), number("Growth (%)")}}
		for _, name := range names {
			grew := of[name].growth()
			figure.Points = append(figure.Points, chart.Point{Label: name, Value: grew})
			t.Rows = append(t.Rows, cells(name, money(of[name].now), money(of[name].before), grew.Text))
		}
		return Block{Title: title, Text: []string{"Revenue in the currency of the prices."}, Chart: figure, Table: &t}
	}
	t := Table{Caption: "Sales growth by country and category in percent, " + compared, Heat: true, Columns: []Column{text("Country")}}
	for _, category := range categories {
		t.Columns = append(t.Columns, number(category))
	}
	for _, country := range countries {
		row := []Cell{{Text: country}}
		for _, category := range categories {
			s, sold := cellOf[[2]string{country, category}]
			row = append(row, s.cell(sold))
		}
		t.Rows = append(t.Rows, row)
	}
	return []Block{
		by("Country", countries, byCountry), by("Category", categories, byCategory),
		{Title: "Sales growth by country and category in percent, " + compared,
			Text: []string{"“new”: nothing was sold a year before. “n/a”: more was given back than sold a year before. “·”: nothing was sold in either year."}, Table: &t},
	}
}

// total is an exact sum of a quarter and of the same quarter a year before.
type total struct{ now, before big.Rat }

// add adds a sale to the total of a name.
func add(to map[string]*total, name string, s sale) {
	if to[name] == nil {
		to[name] = &total{}
	}
	for sum, v := range map[*big.Rat]chart.Value{&to[name].now: s.revenue, &to[name].before: s.before} {
		if n, ok := new(big.Rat).SetString(strings.ReplaceAll(v.Text, ",", "")); ok {
			sum.Add(sum, n)
		}
	}
}

// growth is the change in percent, to one place.
func (t *total) growth() chart.Value {
	switch t.before.Sign() {
	case 0:
		return chart.Value{Text: "new", Missing: true}
	case -1:
		return chart.Value{Text: "n/a", Missing: true}
	}
	percent := new(big.Rat).Sub(&t.now, &t.before)
	percent.Mul(percent.Quo(percent, &t.before), big.NewRat(100, 1))
	v := chart.Parse(percent.FloatString(1))
	if v.Number > 0 {
		v.Text = "+" + v.Text
	}
	return v
}

func money(sum big.Rat) string { return spell.Digits(sum.FloatString(2)) }

// cell spells the growth of a country and category, with a step of the heat map.
func (s sale) cell(sold bool) Cell {
	switch {
	case !sold:
		return Cell{Text: "·"}
	case s.grew.Text == "" && s.before.Number < 0:
		return Cell{Text: "n/a"}
	case s.grew.Text == "":
		return Cell{Text: "new"}
	}
	step := min(4, 1+int(math.Abs(s.grew.Number)/25))
	if s.grew.Number < 0 {
		return Cell{Text: s.grew.Text, Class: fmt.Sprintf("minus%d", step)}
	}
	return Cell{Text: "+" + s.grew.Text, Class: fmt.Sprintf("plus%d", step)}
}

// revenue shows orders and revenue by month.
func revenue(answer Answer, at map[string]int) Block {
	shaped := Answer{}
	for _, row := range answer.Rows {
		shaped.Rows = append(shaped.Rows, []any{row[at["year"]], row[at["month"]], row[at["revenue"]], row[at["orders"]], row[at["revenue_per_order"]], row[at["change"]]})
	}
	months, _ := byMonth(shaped)
	t := Table{Caption: "Revenue by month", Columns: []Column{text("Month"), number("Revenue"), number("Orders"), number("Revenue per order"), number("Change of revenue")}}
	var points []chart.Point
	for _, m := range months {
		points = append(points, chart.Point{Label: m.label, Value: m.value(0)})
		t.Rows = append(t.Rows, cells(m.label, shown(m.value(0)), shown(m.value(1)), shown(m.value(2)), shown(m.value(3))))
	}
	return Block{Title: "Revenue by month", Text: []string{"In the currency of the prices. Sales on an unknown date are left out."},
		Chart: chart.Columns{Name: "Revenue by month", Unit: "revenue, in the currency of the prices", Points: points}, Table: &t}
}

// products shows the products with the most revenue, of the best of each category.
func products(answer Answer, at map[string]int) Block {
	rows := slices.Clone(answer.Rows)
	slices.SortStableFunc(rows, func(x, y []any) int {
		a, b := chart.Parse(x[at["revenue"]]).Number, chart.Parse(y[at["revenue"]]).Number
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	t := Table{Caption: "The three best products of each category", Columns: []Column{
		text("Product"), text("Name"), text("Category"), number("Units"), number("Revenue"), number("Percent of category"),
	}}
	var points []chart.Point
	for _, row := range rows {
		name := fmt.Sprint(row[at["productid"]])
		if n := row[at["productname"]]; n != nil {
			name = fmt.Sprint(n)
		}
		v := chart.Parse(row[at["revenue"]])
		points = append(points, chart.Point{Label: name, Value: v})
		t.Rows = append(t.Rows, cells(fmt.Sprint(row[at["productid"]]), name, fmt.Sprint(row[at["category"]]),
			shown(chart.Parse(row[at["units"]])), shown(v), shown(chart.Parse(row[at["percent_of_category"]]))))
	}
	return Block{Title: "Top products by revenue", Text: []string{"The best of each category; the table has the three best of all categories."},
		Chart: chart.Bars{Name: "Top products by revenue", Unit: "revenue, in the currency of the prices", Points: points}, Table: &t}
}
