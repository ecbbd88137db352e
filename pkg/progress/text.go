package progress

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// Bytes writes a size in units of 1,000 bytes.
func Bytes(n int64) string {
	size, units := float64(n), []string{"kB", "MB", "GB", "TB"}
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	unit := ""
	for _, unit = range units {
		size /= 1000
		if size < 999.5 {
			break
		}
	}
	if size < 9.95 {
		return fmt.Sprintf("%.1f %s", size, unit)
	}
	return fmt.Sprintf("%.0f %s", size, unit)
}

// Duration writes a time with two digits that matter, or to the second.
func Duration(seconds float64) string {
	whole := int64(seconds + 0.5)
	switch {
	case seconds < 9.95:
		return fmt.Sprintf("%.1f s", seconds)
	case whole < 60:
		return fmt.Sprintf("%d s", whole)
	case whole < 3600:
		return fmt.Sprintf("%d min %02d s", whole/60, whole%60)
	}
	return fmt.Sprintf("%d h %02d min", whole/3600, whole/60%60)
}

// Width is how many columns of a terminal a text takes.
func Width(text string) int { return uniseg.StringWidth(text) }

// Fit cuts a text to a width and marks the cut.
func Fit(text string, width int) string {
	if Width(text) <= width {
		return text
	}
	if width < 1 {
		return ""
	}
	var b strings.Builder
	left := width - 1
	for graphemes := uniseg.NewGraphemes(text); graphemes.Next(); {
		if left -= graphemes.Width(); left < 0 {
			break
		}
		b.WriteString(graphemes.Str())
	}
	return b.String() + "…"
}

// Pad fills a text with blanks up to a width.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Width(text)))
}

// Wrap breaks lines between words so that they fit a width. Lines that follow a
// break are indented like the line that was broken. A word is never broken: it
// may be a path that somebody copies.
func Wrap(text string, width int) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		indent := strings.Repeat(" ", len(line)-len(trimmed))
		trimmed = strings.TrimRight(trimmed, " ")
		for Width(indent+trimmed) > width {
			cut := breakAt(trimmed, width-len(indent))
			if cut < 0 {
				break
			}
			lines = append(lines, indent+trimmed[:cut])
			trimmed = strings.TrimLeft(trimmed[cut:], " ")
		}
		lines = append(lines, indent+trimmed)
	}
	return strings.Join(lines, "\n")
}

// breakAt returns the last blank before a width, or the first one after; -1 if
// there is none.
func breakAt(text string, width int) int {
	cut := -1
	for i, r := range text {
		if r != ' ' || i == 0 {
			continue
		}
		if Width(text[:i]) > width && cut >= 0 {
			break
		}
		if cut = i; Width(text[:i]) > width {
			break
		}
	}
	return cut
}
