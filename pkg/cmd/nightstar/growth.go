package main

import (
	"cmp"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

// growthRow is one row of the query quarterly_growth.
type growthRow struct {
	country, category string
	year, quarter     int64
	percent           string // empty where it says nothing
	negative          bool   // more was given back than sold a year before
}

func (r growthRow) cell() string {
	switch {
	case r.percent == "" && r.negative:
		return "n/a"
	case r.percent == "":
		return "new"
	case r.percent[0] == '-':
		return r.percent
	}
	return "+" + r.percent
}

// growthReport prints the latest quarter of the growth query as a matrix:
// a line for each country, a column for each category.
func growthReport(to io.Writer, result *sqlengine.Result) error {
	rows, err := growthRows(result)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		fmt.Fprintln(to, "\nNothing was sold, so there is no growth to report.")
		return nil
	}
	latest := slices.MaxFunc(rows, func(a, b growthRow) int {
		return int((a.year*4 + a.quarter) - (b.year*4 + b.quarter))
	})
	var countries, categories []string
	cells := map[[2]string]string{}
	for _, row := range rows {
		if row.year != latest.year || row.quarter != latest.quarter {
			continue
		}
		countries, categories = append(countries, row.country), append(categories, row.category)
		cells[[2]string{row.country, row.category}] = row.cell()
	}
	slices.Sort(countries)
	slices.Sort(categories)
	countries, categories = slices.Compact(countries), slices.Compact(categories)

	fmt.Fprintf(to, "\nSales growth of Q%d %d against Q%d %d, in whole percent\n\n", latest.quarter, latest.year, latest.quarter, latest.year-1)
	w := tabwriter.NewWriter(to, 0, 0, 1, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\t")
	for _, category := range categories {
		fmt.Fprintf(w, "%s\t", short(category))
	}
	fmt.Fprintln(w)
	room := max(narrowest, reportWidth-len(categories)*(maxHeading+1)-1)
	for _, country := range countries {
		fmt.Fprintf(w, "%s\t", progress.Fit(country, room))
		for _, category := range categories {
			fmt.Fprintf(w, "%s\t", cmp.Or(cells[[2]string{country, category}], "·"))
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write growth report: %w", err)
	}
	fmt.Fprintln(to, "\n  ·  nothing sold in either year    new  nothing sold a year before")
	if slices.ContainsFunc(rows, func(row growthRow) bool { return row.negative }) {
		fmt.Fprintln(to, "  n/a  more given back than sold a year before")
	}
	fmt.Fprintln(to, "  All quarters, exactly: nightstar query quarterly_growth")
	return nil
}

// The matrix of ten categories fits a terminal; names of countries are cut for more.
const (
	maxHeading  = 5
	reportWidth = 80
)

func short(heading string) string {
	if runes := []rune(heading); len(runes) > maxHeading {
		return string(runes[:maxHeading-1]) + "…"
	}
	return heading
}

// growthRows reads the query's result by the names of its columns.
func growthRows(result *sqlengine.Result) ([]growthRow, error) {
	at := map[string]int{}
	for i, column := range result.Columns {
		at[column.Name] = i
	}
	rows := make([]growthRow, 0, len(result.Rows))
	for n, values := range result.Rows {
		var row growthRow
		var ok [4]bool
		row.country, ok[0] = values[at["country"]].(string)
		row.category, ok[1] = values[at["category"]].(string)
		row.year, ok[2] = values[at["year"]].(int64)
		row.quarter, ok[3] = values[at["quarter"]].(int64)
		if slices.Contains(ok[:], false) {
			return nil, fmt.Errorf("read growth row %d: country, category, year and quarter are not text and numbers: %v", n+1, values)
		}
		row.negative = strings.HasPrefix(fmt.Sprint(values[at["revenue_year_before"]]), "-")
		if percent := values[at["growth_percent"]]; percent != nil {
			row.percent = wholePercent(fmt.Sprint(percent))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// wholePercent rounds the text of a number, half away from zero; text that is none
// stays.
func wholePercent(text string) string {
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return text
	}
	if whole := number.FloatString(0); whole != "-0" {
		return whole
	}
	return "0"
}
