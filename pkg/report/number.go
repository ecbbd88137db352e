package report

import (
	"strconv"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// typeName spells an item type, also the one of items that have none.
func typeName(name string) string {
	if name == lakedoc.NoType {
		return "not recognised"
	}
	return name
}

// megabytes spells bytes in units of a million, as DynamoDB and S3 are measured
// here.
func megabytes(n int64) string { return spell.Digits(strconv.FormatFloat(float64(n)/1e6, 'f', 2, 64)) }

// dollars spells an amount; what is less than a cent keeps its digits.
func dollars(usd float64) string {
	if usd == 0 {
		return "–"
	}
	if usd < 0.01 {
		return strconv.FormatFloat(usd, 'f', 5, 64)
	}
	return spell.Digits(strconv.FormatFloat(usd, 'f', 2, 64))
}
