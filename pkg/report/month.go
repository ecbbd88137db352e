package report

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/report/chart"
)

// month is a month with its values; one without facts has none.
type month struct {
	label  string
	values []any
}

const unknownMonth = "unknown"

func (m month) value(i int) chart.Value {
	if m.values == nil {
		return chart.Value{Missing: true}
	}
	return chart.Parse(m.values[i])
}

// mostMonths is up to which span months without facts are filled in. Dates of the
// year 9999 are a mistake that must not fill a page.
const mostMonths = 600

// byMonth reads rows of year, month and values in their order. Months without a
// row are filled in, and what is on no date stands apart.
func byMonth(answer Answer) (months, unknown []month) {
	last := 0
	for _, row := range answer.Rows {
		year, month1 := chart.Parse(row[0]), chart.Parse(row[1])
		if year.Missing || month1.Missing {
			unknown = append(unknown, month{unknownMonth, row[2:]})
			continue
		}
		at := int(year.Number)*12 + int(month1.Number) - 1
		if gap := at - last; last > 0 && gap > 1 && gap+len(months) <= mostMonths {
			for missing := last + 1; missing < at; missing++ {
				months = append(months, month{label: labelOf(missing)})
			}
		}
		months, last = append(months, month{labelOf(at), row[2:]}), at
	}
	return months, unknown
}

func labelOf(at int) string { return fmt.Sprintf("%04d-%02d", at/12, at%12+1) }
