package chart

import (
	"fmt"
	"html/template"
)

// TableBox is a table of a star.
type TableBox struct {
	Name  string
	Notes []string // lines below the name: columns, rows
	Fact  bool
	Links []Link // of a fact: one for each reference
}

// Link is a reference of a fact to a dimension.
type Link struct {
	Column string // of the fact
	To     string // name of the dimension
}

// Star shows facts in the middle and dimensions around them, or beside them where
// there is little room.
type Star struct {
	Name   string
	Tables []TableBox
}

// The layout of a star, in pixels.
const (
	mostNotes  = 9 // lines of a table; a figure with all of them would be long
	noteHeight = 15.0
	headHeight = 24.0
	boxGap     = 16.0
)

// placed is a table with its place.
type placed struct {
	TableBox

	x, y, width float64
}

func (p placed) lines() []string {
	lines := make([]string, 0, len(p.Links)+len(p.Notes))
	for _, link := range p.Links {
		lines = append(lines, link.Column+" →")
	}
	lines = append(lines, p.Notes...)
	most := mostNotes + len(p.Links)
	if len(lines) > most {
		lines = append(lines[:most-1:most-1], fmt.Sprintf("and %d more", len(lines)-most+1))
	}
	return lines
}

func (p placed) height() float64 { return headHeight + float64(len(p.lines()))*noteHeight + 8 }

// SVG draws the figure.
func (s Star) SVG(width int) template.HTML {
	var to canvas
	sides := 2
	if width < 600 {
		sides = 1
	}
	lane := float64(width) * 0.12
	box := (float64(width) - lane*float64(sides) - 2) / float64(sides+1)
	middleX := 1.0
	if sides == 2 {
		middleX = box + lane
	}
	facts, height := s.column(true, 1, 0, middleX, box)
	var dimensions []placed
	for side := range sides {
		x := 1.0
		if side == 1 || sides == 1 {
			x = float64(width) - box - 1
		}
		column, bottom := s.column(false, sides, side, x, box)
		dimensions, height = append(dimensions, column...), max(height, bottom)
	}
	at := map[string]placed{}
	for _, d := range dimensions {
		at[d.Name] = d
	}
	for _, f := range facts {
		for i, link := range f.Links {
			d, ok := at[link.To]
			if !ok {
				continue
			}
			y := f.y + headHeight + noteHeight*(float64(i)+0.7)
			bend := lane * (float64(i) + 1) / float64(len(f.Links)+1)
			if d.x > f.x {
				to.path("relation", f.x+f.width, y, f.x+f.width+bend, y, f.x+f.width+bend, d.y+headHeight/2, d.x, d.y+headHeight/2)
				continue
			}
			to.path("relation", f.x, y, f.x-bend, y, f.x-bend, d.y+headHeight/2, d.x+d.width, d.y+headHeight/2)
		}
	}
	for _, table := range append(dimensions, facts...) {
		table.draw(&to)
	}
	return to.svg(width, height+2, s.Name)
}

// column places every nth fact or dimension in a column, and returns where it ends.
func (s Star) column(fact bool, every, first int, x, width float64) (all []placed, bottom float64) {
	i, y := 0, 1.0
	for _, table := range s.Tables {
		if table.Fact != fact {
			continue
		}
		if i%every == first {
			p := placed{table, x, y, width}
			all = append(all, p)
			bottom = y + p.height()
			y = bottom + boxGap
		}
		i++
	}
	return all, bottom
}

func (p placed) draw(to *canvas) {
	class := "dimension"
	if p.Fact {
		class = "fact"
	}
	to.box(p.x, p.y, p.width, p.height(), "table "+class, "")
	to.textWithin(p.x+8, p.y+headHeight*0.7, p.width-12, start, "head", p.Name)
	for i, line := range p.lines() {
		to.textWithin(p.x+8, p.y+headHeight+noteHeight*(float64(i)+0.9), p.width-12, start, "note", line)
	}
}
