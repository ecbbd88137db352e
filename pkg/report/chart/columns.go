package chart

import (
	"html/template"
	"math"
)

// Point is a value of a series.
type Point struct {
	Label string
	Value Value
	Class string // beside "bar": "bad" for a failed run; empty for none
}

// Columns shows values over time, or in another order that matters. Many values
// become a line with gaps where one is missing.
type Columns struct {
	Name   string // of the figure, for those who don't see it
	Unit   string // of the vertical axis: "rows", "sum of price"
	Points []Point
}

// The layout of columns, in pixels.
const (
	columnsHeight = 220.0
	columnsTop    = 26.0
	columnsBottom = 28.0
	narrowest     = 5.0 // a column with the space around it
	widestColumn  = 44.0
)

func values(points []Point) []Value {
	all := make([]Value, len(points))
	for i, p := range points {
		all[i] = p.Value
	}
	return all
}

// SVG draws the figure.
func (c Columns) SVG(width int) template.HTML {
	var to canvas
	axis := newScale(values(c.Points), 4, columnsHeight-columnsBottom, columnsTop)
	left := 8.0
	for _, tick := range axis.ticks() {
		left = max(left, widthOf(axis.label(tick))+10)
	}
	right := float64(width) - 8
	to.text(0, fontSize, start, "unit", c.Unit)
	for _, tick := range axis.ticks() {
		y := axis.at(tick)
		class := "grid"
		if tick == 0 {
			class = "axis"
		}
		to.line(left, y, right, y, class)
		to.text(left-6, y+4, end, "tick", axis.label(tick))
	}
	slot := (right - left) / float64(max(1, len(c.Points)))
	if slot >= narrowest {
		c.columns(&to, axis, left, slot)
	} else {
		c.lines(&to, axis, left, slot)
	}
	c.labels(&to, left, right, slot)
	return to.svg(width, columnsHeight, c.Name)
}

func (c Columns) columns(to *canvas, axis scale, left, slot float64) {
	zero := axis.at(0)
	for i, p := range c.Points {
		wide := min(slot*0.7, widestColumn)
		x := left + slot*(float64(i)+0.5) - wide/2
		if p.Value.Missing {
			to.missing(x+wide/2, zero, p.Label, p.Value)
			continue
		}
		y := axis.at(p.Value.Number)
		class := "bar"
		if p.Value.Number < 0 {
			class = "bar minus"
		}
		// Even the smallest value can be seen.
		to.rect(x, min(y, zero), wide, max(math.Abs(zero-y), 1), class+spaced(p.Class), p.Label+": "+p.Value.Text)
	}
}

// missing marks the place of a value that is not there.
func (c *canvas) missing(x, y float64, label string, v Value) {
	text := v.Text
	if text == "" {
		text = "no value"
	}
	c.add(`<text x="%.1f" y="%.1f" text-anchor="middle" class="missing">%s×</text>`, x, y-3, titled(label+": "+text))
}

func spaced(class string) string {
	if class == "" {
		return ""
	}
	return " " + class
}

// lines draws a line through the values, and breaks it where one is missing. Of
// several values in one pixel it draws the lowest and the highest.
func (c Columns) lines(to *canvas, axis scale, left, slot float64) {
	var points []float64
	flush := func() {
		if len(points) == 2 { // one value between two gaps
			points = append(points, points[0]+1, points[1])
		}
		if len(points) > 2 {
			to.path("curve", points...)
		}
		points = nil
	}
	for i := 0; i < len(c.Points); {
		pixel := math.Floor(slot * float64(i))
		low, high, seen := math.Inf(1), math.Inf(-1), false
		for ; i < len(c.Points) && math.Floor(slot*float64(i)) == pixel; i++ {
			if v := c.Points[i].Value; !v.Missing {
				low, high, seen = min(low, v.Number), max(high, v.Number), true
			}
		}
		if !seen {
			flush()
			continue
		}
		points = append(points, left+pixel, axis.at(low))
		if high > low {
			points = append(points, left+pixel, axis.at(high))
		}
	}
	flush()
}

// labels names as many columns as there is room for.
func (c Columns) labels(to *canvas, left, right, slot float64) {
	widest := 0.0
	for _, p := range c.Points {
		widest = max(widest, widthOf(p.Label))
	}
	widest = min(widest, (right-left)/2)
	every := int(math.Ceil((widest + 10) / slot))
	for i := 0; i < len(c.Points); i += max(1, every) {
		x := left + slot*(float64(i)+0.5)
		anchor := middle
		switch half := widest / 2; {
		case x-half < left-20:
			anchor = start
		case x+half > right+6:
			anchor = end
		}
		to.textWithin(x, columnsHeight-8, widest+2, anchor, "tick", c.Points[i].Label)
	}
	if len(c.Points) == 0 {
		to.text((left+right)/2, columnsHeight/2, middle, "tick", "no values")
	}
}
