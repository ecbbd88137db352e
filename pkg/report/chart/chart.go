// Package chart draws the figures of a report as SVG: columns over time, bars by
// name, a timeline, a graph of states and a star of tables.
//
// A figure is drawn for a width, so that a phone gets one of its own instead of a
// small copy. Colours are classes, which the page gives a meaning in light and
// dark. Positions may be rounded: the exact values belong into a table beside
// the figure. No figure has a script, and all text is escaped.
package chart

import (
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"
)

// Chart is a figure that can be drawn for a width, in pixels.
type Chart interface {
	SVG(width int) template.HTML
}

// The sizes of text, in pixels.
const (
	fontSize   = 12.0
	lineHeight = 16.0
)

// canvas collects the elements of a figure.
type canvas struct {
	elements strings.Builder
}

func (c *canvas) add(format string, args ...any) { fmt.Fprintf(&c.elements, format, args...) }

// rect draws a rectangle; title is what a pointer that rests on it shows.
func (c *canvas) rect(x, y, width, height float64, class, title string) {
	c.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="%s">%s</rect>`, x, y, max(0, width), max(0, height), class, titled(title))
}

// box draws a rectangle with round corners.
func (c *canvas) box(x, y, width, height float64, class, title string) {
	c.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="4" class="%s">%s</rect>`, x, y, max(0, width), max(0, height), class, titled(title))
}

func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	c.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`, x1, y1, x2, y2, class)
}

// path draws lines from point to point.
func (c *canvas) path(class string, points ...float64) {
	c.add(`<path class="%s" d="%s"/>`, class, route(points))
}

// arrow draws lines from point to point with a head at the last, which is
// reached along an axis.
func (c *canvas) arrow(class string, points ...float64) {
	c.path(class, points...)
	n := len(points)
	x, y := points[n-2], points[n-1]
	dx, dy := sign(x-points[n-4]), sign(y-points[n-3])
	const size = 4
	c.add(`<path class="%s head" d="%sZ"/>`, class,
		route([]float64{x, y, x - dx*2*size - dy*size, y - dy*2*size - dx*size, x - dx*2*size + dy*size, y - dy*2*size + dx*size}))
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func route(points []float64) string {
	var b strings.Builder
	for i := 0; i+1 < len(points); i += 2 {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", letter, points[i], points[i+1])
	}
	return b.String()
}

// The places of text beside its position.
const (
	start  = "start"
	middle = "middle"
	end    = "end"
)

func (c *canvas) text(x, y float64, anchor, class, text string) {
	c.add(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, escape(text))
}

// textWithin draws text that is cut to a width, and shows all of it to a pointer.
func (c *canvas) textWithin(x, y, width float64, anchor, class, text string) {
	if short := fit(text, width); short != text {
		c.add(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s%s</text>`, x, y, anchor, class, titled(text), escape(short))
		return
	}
	c.text(x, y, anchor, class, text)
}

// escape makes text of anything: markup is quoted, and what no document may hold is
// replaced.
func escape(text string) string {
	return template.HTMLEscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return utf8.RuneError
		}
		return r
	}, text)) // which also replaces what is no UTF-8
}

func titled(title string) string {
	if title == "" {
		return ""
	}
	return "<title>" + escape(title) + "</title>"
}

// svg closes the figure. Its name is what a reader that does not see it is told.
func (c *canvas) svg(width int, height float64, name string) template.HTML {
	return template.HTML(fmt.Sprintf( //nolint:gosec // every text in it was escaped as it was added
		`<svg role="img" aria-label="%s" viewBox="0 0 %d %.0f" width="%d" height="%.0f">%s</svg>`,
		escape(name), width, height, width, height, c.elements.String()))
}

// widthOf estimates the width of text, in pixels: fonts differ by system.
func widthOf(text string) float64 {
	width := 0.0
	for _, r := range text {
		width += widthOfRune(r)
	}
	return width
}

func widthOfRune(r rune) float64 {
	switch {
	case strings.ContainsRune("iljtf.,:;'|! ", r):
		return 0.36 * fontSize
	case r >= 0x1100: // East Asian characters and symbols are as wide as they are high
		return fontSize
	case r == 'm' || r == 'w' || r >= 'A' && r <= 'Z':
		return 0.78 * fontSize
	}
	return 0.63 * fontSize
}

// fit cuts text to a width.
func fit(text string, width float64) string {
	if widthOf(text) <= width {
		return text
	}
	left := width - fontSize // for the sign of omission
	for i, r := range text {
		if left -= widthOfRune(r); left < 0 {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}
