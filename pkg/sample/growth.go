package sample

import (
	"cmp"
	"slices"
)

// Unknown stands for a country or a category that the star does not know.
const Unknown = "unknown"

// Cell is a quarter's trade in one category with one country.
type Cell struct {
	Country, Category string
	Year, Quarter     int
}

func (c Cell) compare(other Cell) int {
	return cmp.Or(
		cmp.Compare(c.Country, other.Country),
		cmp.Compare(c.Category, other.Category),
		cmp.Compare(c.Year, other.Year),
		cmp.Compare(c.Quarter, other.Quarter),
	)
}

// Revenue is the sum of prices in a cell.
type Revenue struct {
	Cell

	Cents int64
}

// Revenue adds the prices by country, category, year and quarter, and returns
// the cells that have facts in that order. Facts without a date are in year 0,
// quarter 0.
func (t *Truth) Revenue() []Revenue {
	sums := t.sums()
	all := make([]Revenue, 0, len(sums))
	for cell, cents := range sums {
		all = append(all, Revenue{Cell: cell, Cents: cents})
	}
	slices.SortFunc(all, func(a, b Revenue) int { return a.compare(b.Cell) })
	return all
}

func (t *Truth) sums() map[Cell]int64 {
	sums := map[Cell]int64{}
	for f := range t.Facts() {
		cell := Cell{Country: cmp.Or(f.Country, Unknown), Category: cmp.Or(f.Category, Unknown)}
		if !f.Ordered.IsZero() {
			cell.Year, cell.Quarter = f.Ordered.Year(), (int(f.Ordered.Month())-1)/3+1
		}
		sums[cell] += f.Cents
	}
	return sums
}

// Growth compares the revenue of a cell with that of the same quarter a year
// before.
type Growth struct {
	Cell

	Cents       int64 // revenue of the quarter; 0 if nothing is sold any more
	BeforeCents int64 // revenue of the same quarter a year before
	BasisPoints int64 // growth in hundredths of a per cent, halves away from zero; 0 if BeforeCents is
}

// Growth answers the store's question: the year-on-year growth of each quarter
// by country and category. It has a cell for what was sold in a quarter or a
// year before, if anything at all was sold in the quarter, in the order of
// country, category, year and quarter.
func (t *Truth) Growth() []Growth {
	sums := t.sums()
	type quarter struct{ year, quarter int }
	open := map[quarter]bool{}
	cells := map[Cell]bool{}
	for cell := range sums {
		if cell.Year != 0 {
			open[quarter{cell.Year, cell.Quarter}] = true
			cells[cell] = true
			cell.Year++
			cells[cell] = true
		}
	}
	all := make([]Growth, 0, len(cells))
	for cell := range cells {
		if open[quarter{cell.Year, cell.Quarter}] {
			all = append(all, growth(cell, sums))
		}
	}
	slices.SortFunc(all, func(a, b Growth) int { return a.compare(b.Cell) })
	return all
}

func growth(cell Cell, sums map[Cell]int64) Growth {
	before := cell
	before.Year--
	g := Growth{Cell: cell, Cents: sums[cell], BeforeCents: sums[before]}
	if g.BeforeCents != 0 {
		g.BasisPoints = divide((g.Cents-g.BeforeCents)*10_000, g.BeforeCents)
	}
	return g
}

// divide rounds to the nearest whole number, halves away from zero, as SQL
// rounds decimals.
func divide(n, by int64) int64 {
	if by < 0 {
		n, by = -n, -by
	}
	if n < 0 {
		return (n - by/2) / by
	}
	return (n + by/2) / by
}
