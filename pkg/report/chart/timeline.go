package chart

import (
	"html/template"
	"math"
)

// Span is a stretch of time within a row, in seconds since the start.
type Span struct {
	From, To float64
	Class    string // outcome: "good", "warn", "bad" or "busy"
	Title    string
}

// Track is one row of a timeline.
type Track struct {
	Label string
	Spans []Span
}

// Timeline shows what went on when.
type Timeline struct {
	Name    string
	Seconds float64 // of the whole
	Tracks  []Track
}

const trackHeight = 22.0

// SVG draws the figure.
func (t Timeline) SVG(width int) template.HTML {
	var to canvas
	label := 0.0
	for _, track := range t.Tracks {
		label = max(label, widthOf(track.Label))
	}
	label = min(label, float64(width)*0.4)
	left, right := label+12, float64(width)-24
	unit, size := "seconds", 1.0
	switch {
	case t.Seconds > 3*3600:
		unit, size = "hours", 3600
	case t.Seconds > 180:
		unit, size = "minutes", 60
	}
	axis := newScale([]Value{{Number: t.Seconds / size}}, max(2, int((right-left)/80)), left, right)
	top, bottom := 22.0, 22.0+trackHeight*float64(len(t.Tracks))
	to.text(left, fontSize, start, "unit", unit+" since the start")
	for _, tick := range axis.ticks() {
		to.line(axis.at(tick), top, axis.at(tick), bottom, "grid")
		to.text(axis.at(tick), bottom+lineHeight, middle, "tick", axis.label(tick))
	}
	for i, track := range t.Tracks {
		y := top + trackHeight*float64(i)
		to.textWithin(label, y+trackHeight*0.7, label, end, "label", track.Label)
		t.spans(&to, axis, size, y, track.Spans)
	}
	return to.svg(width, bottom+lineHeight+8, t.Name)
}

// spans draws the stretches of a row. Those of one outcome that touch each other
// on the screen become one, so that thousands of polls stay a drawing.
func (t Timeline) spans(to *canvas, axis scale, size, y float64, spans []Span) {
	for i := 0; i < len(spans); {
		first := spans[i]
		from, until := axis.at(first.From/size), axis.at(first.To/size)
		for i++; i < len(spans) && spans[i].Class == first.Class && axis.at(spans[i].From/size) <= math.Ceil(until); i++ {
			until = max(until, axis.at(spans[i].To/size))
		}
		to.rect(from, y+4, max(until-from, 2), trackHeight-8, "span "+first.Class, first.Title)
	}
}
