// Package spell writes numbers as people read them.
package spell

import (
	"strconv"
	"strings"
)

// Int writes an integer with a comma between thousands.
func Int(n int64) string { return Digits(strconv.FormatInt(n, 10)) }

// Count writes how many things there are: "1 row", "12,040 rows".
func Count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Int(n) + " " + many
}

// Digits puts commas between the thousands of a number that is written in digits,
// and changes nothing else. Other text stays as it is.
func Digits(text string) string {
	from := 0
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
		from = 1
	}
	to := from
	for to < len(text) && text[to] >= '0' && text[to] <= '9' {
		to++
	}
	if to < len(text) && text[to] != '.' {
		return text
	}
	var b strings.Builder
	for i := range to {
		if i > from && (to-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(text[i])
	}
	return b.String() + text[to:]
}
