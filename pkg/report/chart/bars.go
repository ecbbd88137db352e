package chart

import (
	"html/template"
	"math"
)

// Bars compares values by name, the first on top.
type Bars struct {
	Name   string
	Unit   string // of the horizontal axis
	Points []Point
}

// MostBars is how many bars one figure has; the table beside it has all.
const MostBars = 20

const barHeight = 24.0

// SVG draws the figure.
func (b Bars) SVG(width int) template.HTML {
	var to canvas
	points := b.Points[:min(len(b.Points), MostBars)]
	label, number := 0.0, 0.0
	for _, p := range points {
		label, number = max(label, widthOf(p.Label)), max(number, widthOf(p.Value.Text))
	}
	label, number = min(label, float64(width)*0.36), min(number, float64(width)*0.2)
	left, right := label+10, float64(width)-number-8
	negative := false
	for _, p := range points {
		negative = negative || !p.Value.Missing && p.Value.Number < 0
	}
	if negative { // numbers of bars to the left stand at their left
		left += number + 8
	}
	axis := newScale(values(points), max(2, int((right-left)/90)), left, right)
	top, bottom := 22.0, 22.0+barHeight*float64(len(points))
	to.text(max(0, min(left, float64(width)-widthOf(b.Unit))), fontSize, start, "unit", b.Unit)
	for _, tick := range axis.ticks() {
		x := axis.at(tick)
		class := "grid"
		if tick == 0 {
			class = "axis"
		}
		to.line(x, top, x, bottom, class)
		to.text(x, bottom+lineHeight, middle, "tick", axis.label(tick))
	}
	zero := axis.at(0)
	for i, p := range points {
		y := top + barHeight*float64(i)
		to.textWithin(label, y+barHeight*0.68, label, end, "label", p.Label)
		if p.Value.Missing {
			to.missing(zero+8, y+barHeight*0.8, p.Label, p.Value)
			continue
		}
		x := axis.at(p.Value.Number)
		if p.Value.Number < 0 {
			to.rect(x, y+4, max(zero-x, 1), barHeight-8, "bar minus"+spaced(p.Class), p.Label+": "+p.Value.Text)
			to.textWithin(x-4, y+barHeight*0.68, number+4, end, "number", p.Value.Text)
			continue
		}
		to.rect(zero, y+4, max(math.Abs(x-zero), 1), barHeight-8, "bar"+spaced(p.Class), p.Label+": "+p.Value.Text)
		to.textWithin(x+4, y+barHeight*0.68, number+4, start, "number", p.Value.Text)
	}
	return to.svg(width, bottom+lineHeight+8, b.Name)
}
