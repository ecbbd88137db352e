package star

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// calendarColumn computes a column of a calendar from the parts of its day.
//
// Weeks and days of the week are those of ISO 8601: Monday is 1, and week 1 is
// the one with the first Thursday, so the first days of January may belong to a
// week of the year before. isoyear is the year of the week.
func (g generator) calendarColumn(d model.Dimension, name string) string {
	switch name {
	case d.Key[0].Name:
		return "days.fullday"
	case "monthname":
		return names("days.month", 1, "January", "February", "March", "April", "May", "June", "July",
			"August", "September", "October", "November", "December")
	case "isoyear":
		return "case\n" +
			"    when days.month = 1 and days.week > 50 then days.year - 1\n" +
			"    when days.month = 12 and days.week = 1 then days.year + 1\n" +
			"    else days.year\n" +
			"end"
	case "dayname":
		return names("days.dayofweek", 1, "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
	case "isweekend":
		return "case when days.dayofweek > 5 then true else false end"
	case "fiscalyear":
		return fiscalYear(g.Calendar.FiscalStart)
	case "fiscalquarter":
		return fiscalQuarter(g.Calendar.FiscalStart)
	}
	return "days." + model.QuoteName(name)
}

// dayParts are the parts of a day that columns are computed from.
func dayParts() []string {
	parts := []string{"fullday"}
	for _, p := range []string{"year", "quarter", "month", "week", "day"} {
		parts = append(parts, "cast(extract("+p+" from fullday) as integer) as "+p)
	}
	// Sunday is 0 in every engine, so it is moved behind Saturday.
	return append(parts, "case cast(extract(dow from fullday) as integer)\n"+
		"    when 0 then 7\n"+
		"    else cast(extract(dow from fullday) as integer)\n"+
		"end as dayofweek")
}

// fiscalYear is named by the calendar year in which it ends.
func fiscalYear(start int) string {
	if start == 1 {
		return "days.year"
	}
	return fmt.Sprintf("case when days.month >= %d then days.year + 1 else days.year end", start)
}

func fiscalQuarter(start int) string {
	var b strings.Builder
	b.WriteString("case\n")
	for q := range 4 {
		months := make([]int, 3)
		for i := range months {
			months[i] = (start-1+3*q+i)%12 + 1
		}
		slices.Sort(months)
		fmt.Fprintf(&b, "    when days.month in (%d, %d, %d) then %d\n", months[0], months[1], months[2], q+1)
	}
	return b.String() + "end"
}

// names spells a CASE that gives numbers, from first on, their names.
func names(number string, first int, list ...string) string {
	var b strings.Builder
	b.WriteString("case " + number + "\n")
	for i, name := range list {
		fmt.Fprintf(&b, "    when %d then '%s'\n", first+i, name)
	}
	return b.String() + "end"
}

// days spells a query of the days of the night, each once.
func (g generator) days(d model.Dimension, name string) string {
	verb := "select "
	if len(d.Days) == 1 {
		verb = "select distinct "
	}
	queries := make([]string, len(d.Days))
	for i, day := range d.Days {
		rows, _ := g.Relation(day.Of)
		c, _ := rows.Column(day.Column)
		column := model.QuoteName(day.Column)
		value := column
		if c.Type.Kind != model.KindDate {
			value = "cast(" + column + " as date)"
		}
		queries[i] = verb + value + " as " + name + "\nfrom " + g.table(model.Mirror, rows.Table)
		if g.within != "" {
			queries[i] = "select distinct " + g.dayOf(day, g.table(model.Mirror, rows.Table)) + " as " + name + "\nfrom " + g.table(model.Mirror, rows.Table) +
				"\ninner join (\n    " + indent(4, g.distinctKeys(g.touchedKeys(d))) + "\n) as touched\n    on " + g.dayOf(day, g.table(model.Mirror, rows.Table)) +
				" = touched." + model.QuoteName(d.Key[0].Name)
		} else if !c.Required {
			queries[i] += "\nwhere " + column + " is not null"
		}
	}
	return strings.Join(queries, "\nunion\n")
}

// loadCalendar is the body of the procedure that loads a calendar.
func (g generator) loadCalendar(d model.Dimension) string {
	day := model.QuoteName(d.Key[0].Name)
	return g.assignKeys(d.Name, d.SurrogateKey(), d.Key, nil,
		g.days(d, day), "New days, in the order of the calendar, after the highest key so far.") +
		g.unknownMember(d) + g.describeDays(d)
}

// describeDays fills a calendar with the days of the night.
func (g generator) describeDays(d model.Dimension) string {
	keys, key := g.table(model.Staging, d.SurrogateKey()), model.QuoteName(d.SurrogateKey())
	exprs := []string{keys + "." + key}
	for _, c := range d.Columns {
		exprs = append(exprs, g.calendarColumn(d, c.Name))
	}
	parts := selection(dayParts(), "from (\n    "+indent(4, g.days(d, "fullday"))+"\n) as fulldays")
	return g.intoStaging(d, with([]string{cte("days", parts)})+
		selection(exprs, "from days\ninner join "+keys+"\n    on days.fullday = "+keys+"."+model.QuoteName(d.Key[0].Name)))
}
