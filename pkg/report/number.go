package report

import (
	"strconv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/report/chart"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// typeName spells an item type, also the one of items that have none.
func typeName(name string) string {
	if name == lakedoc.NoType {
		return "not recognised"
	}
	return name
}

// decimal spells a sum of whole units of the last decimal place.
func decimal(n scalar.Sum, t model.Type) string {
	digits, minus := strings.CutPrefix(n.String(), "-")
	scale := t.Scale
	if scale > 0 {
		if missing := scale + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if minus {
		digits = "-" + digits
	}
	return chart.Group(digits)
}

// megabytes spells bytes in units of a million, as DynamoDB and S3 are measured
// here.
func megabytes(n int64) string { return chart.Group(strconv.FormatFloat(float64(n)/1e6, 'f', 2, 64)) }

// dollars spells an amount; what is less than a cent keeps its digits.
func dollars(usd float64) string {
	if usd == 0 {
		return "–"
	}
	if usd < 0.01 {
		return strconv.FormatFloat(usd, 'f', 5, 64)
	}
	return chart.Group(strconv.FormatFloat(usd, 'f', 2, 64))
}
