package infer

import (
	"math"
	"strconv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// share says which part of so many things has something: "99.8 % of 12,040".
func share(n, of int64) string {
	switch {
	case n == of:
		return "all " + spell.Int(of)
	case of == 0:
		return "none of 0"
	}
	percent := float64(n) / float64(of) * 100
	switch {
	case percent > 99.9:
		percent = 99.9 // not all
	case percent < 0.1:
		percent = 0.1
	}
	return strings.TrimSuffix(strconv.FormatFloat(percent, 'f', 1, 64), ".0") + " % of " + spell.Int(of)
}

// figure writes a number that was seen.
func figure(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return spell.Int(int64(x))
	}
	return strconv.FormatFloat(x, 'g', 10, 64)
}
