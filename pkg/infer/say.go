package infer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// share says which part of so many things has something: "99.8 % of 12,040".
func share(n, of int64) string {
	switch {
	case n == of:
		return "all " + grouped(of)
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
	return strings.TrimSuffix(strconv.FormatFloat(percent, 'f', 1, 64), ".0") + " % of " + grouped(of)
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// figure writes a number that was seen.
func figure(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return grouped(int64(x))
	}
	return strconv.FormatFloat(x, 'g', 10, 64)
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", one)
	}
	return grouped(n) + " " + many
}
