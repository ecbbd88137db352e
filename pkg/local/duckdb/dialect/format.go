package dialect

import (
	"fmt"
	"strings"
)

// timeFormat turns a format of TO_CHAR into one of DuckDB's strftime. It takes
// the patterns that give the same text in both, and refuses the rest; names of
// months and days are among them, because Redshift pads them with blanks.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html
func timeFormat(format string) (string, error) {
	patterns := [][2]string{
		{"YYYY", "%Y"}, {"MM", "%m"}, {"DDD", "%j"}, {"DD", "%d"}, {"HH24", "%H"},
		{"MI", "%M"}, {"SS", "%S"}, {"IYYY", "%G"}, {"IW", "%V"},
	}
	var b strings.Builder
next:
	for rest := format; rest != ""; {
		for _, p := range patterns {
			if strings.HasPrefix(strings.ToUpper(rest), p[0]) {
				b.WriteString(p[1])
				rest = rest[len(p[0]):]
				continue next
			}
		}
		if strings.IndexByte("-/:., ", rest[0]) < 0 {
			return "", fmt.Errorf("format %q is refused at %q: patterns are YYYY, MM, DD, DDD, HH24, MI, SS, IYYY, IW", format, rest)
		}
		b.WriteByte(rest[0])
		rest = rest[1:]
	}
	return b.String(), nil
}
