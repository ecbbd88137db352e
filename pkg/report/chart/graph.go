package chart

import (
	"html/template"
	"math"
)

// Node is a state of a graph.
type Node struct {
	Name  string
	Class string // outcome: "good", "warn", "bad", "busy"; empty for a state that was not reached
	Sign  string // says the outcome without a colour
	Title string // more, for those who ask
	Good  bool   // the way to it is the one that is drawn straight
}

// Edge leads from one node to another, both by name.
type Edge struct {
	From, To string
	Catch    bool // taken by a failure
	Taken    bool
}

// Graph is a graph of states: the way that most runs take goes straight down, and
// everything else stands beside it. The first node is the start.
type Graph struct {
	Name  string
	Nodes []Node
	Edges []Edge
}

// The layout of a graph, in pixels.
const (
	nodeHeight = 24.0
	rowHeight  = 38.0
	margin     = 18.0 // on the left, for ways back
	lanes      = 34.0 // between the straight way and what stands beside it
	widestNode = 190.0
	smallWidth = 500 // of a figure whose text is small
	smallSize  = 10.5
)

// place is where a node stands: in column 0 if it is on the straight way.
type place struct {
	row, column int
}

// layout is a graph on a grid.
type layout struct {
	places map[string]place
	rows   int
	beside int // columns beside the straight way
}

// SVG draws the figure.
func (g Graph) SVG(width int) template.HTML {
	var to canvas
	if len(g.Nodes) == 0 {
		return to.svg(width, rowHeight, g.Name)
	}
	share := 0.55
	if width < smallWidth { // the names of Fail states are longer than those of steps
		share = 0.5
	}
	straight := min(widestNode, (float64(width)-margin-lanes)*share)
	l := g.layout(max(1, int((float64(width)-margin-lanes-straight)/130)))
	other := (float64(width)-margin-lanes-straight)/float64(l.beside) - 8
	at := func(name string) frame {
		p := l.places[name]
		f := frame{x: margin, y: float64(p.row)*rowHeight + rowHeight - nodeHeight, width: straight, place: p}
		if p.column > 0 {
			f.x, f.width = margin+straight+lanes+float64(p.column-1)*(other+8), other
		}
		return f
	}
	for _, taken := range []bool{false, true} { // what was taken is on top
		for _, e := range g.Edges {
			if e.Taken == taken && e.From != e.To {
				class := "edge"
				if e.Catch {
					class += " catch"
				}
				if taken {
					class += " taken"
				}
				to.arrow(class, way(at(e.From), at(e.To), margin+straight)...)
			}
		}
	}
	for _, n := range g.Nodes {
		f := at(n.Name)
		class := n.Class
		if class == "" {
			class = "off"
		}
		to.box(f.x, f.y, f.width, nodeHeight, "node "+class, n.Title)
		label := n.Name
		if n.Sign != "" {
			label = n.Sign + " " + label
		}
		room := f.width - 9
		if width < smallWidth {
			class, room = class+" small", room*fontSize/smallSize
		}
		to.textWithin(f.x+7, f.y+nodeHeight*0.68, room, start, "label "+class, label)
	}
	return to.svg(width, float64(l.rows)*rowHeight+10, g.Name)
}

// frame is the box of a node.
type frame struct {
	x, y, width float64
	place       place
}

func (f frame) middle() float64 { return f.y + nodeHeight/2 }

// way returns the points of an edge. Ways out use one lane on the right of the
// straight way, ways to it another, and ways back a lane on its left.
func way(from, to frame, right float64) []float64 {
	out, home := right+10, right+22
	switch {
	case from.place.column == 0 && to.place.column == 0 && to.place.row == from.place.row+1:
		x := from.x + from.width/2
		return []float64{x, from.y + nodeHeight, x, to.y}
	case from.place.column == 0 && to.place.column == 0 && to.place.row < from.place.row:
		return []float64{from.x, from.middle() + 4, from.x - 10, from.middle() + 4, from.x - 10, to.middle() - 4, to.x, to.middle() - 4}
	case from.place.column == 0 && to.place.column == 0:
		return []float64{right, from.middle() + 5, home, from.middle() + 5, home, to.middle(), right, to.middle()}
	case from.place.column == 0 && to.place.column == 1 && from.place.row == to.place.row:
		return []float64{right, from.middle(), to.x, from.middle()}
	case from.place.column == 0:
		above, x := to.y-7, to.x+to.width/2
		return []float64{right, from.middle(), out, from.middle(), out, above, x, above, x, to.y}
	case to.place.column == 0:
		below, x := from.y+nodeHeight+5, from.x+from.width/2
		return []float64{x, from.y + nodeHeight, x, below, home, below, home, to.middle(), right, to.middle()}
	}
	return []float64{from.x + from.width/2, from.y + nodeHeight, to.x + to.width/2, to.y}
}

// layout places the nodes.
func (g Graph) layout(columns int) layout {
	l := layout{places: map[string]place{}, beside: columns}
	for row, name := range g.straight() {
		l.places[name] = place{row: row}
	}
	l.rows = len(l.places)
	taken := map[place]bool{}
	for _, n := range g.Nodes {
		if _, done := l.places[n.Name]; done {
			continue
		}
		p := place{row: g.rowOf(n.Name, l.places), column: 1}
		for taken[p] {
			if p.column++; p.column > columns {
				p = place{row: p.row + 1, column: 1}
			}
		}
		taken[p], l.places[n.Name] = true, p
		l.rows = max(l.rows, p.row+1)
	}
	return l
}

// rowOf returns the row of the last node on the straight way that leads to a node.
func (g Graph) rowOf(name string, places map[string]place) int {
	row := 0
	for _, e := range g.Edges {
		if p, ok := places[e.From]; e.To == name && ok && p.column == 0 {
			row = max(row, p.row)
		}
	}
	return row
}

// straight returns the longest way from the start to a good end, without ways
// back and without those of failures.
func (g Graph) straight() []string {
	next := map[string][]string{}
	good := map[string]bool{}
	for _, e := range g.Edges {
		if !e.Catch {
			next[e.From] = append(next[e.From], e.To)
		}
	}
	for _, n := range g.Nodes {
		good[n.Name] = n.Good
	}
	type best struct {
		length int
		good   bool
		to     string
	}
	known, open := map[string]best{}, map[string]bool{}
	var find func(name string) best
	find = func(name string) best {
		if b, ok := known[name]; ok {
			return b
		}
		open[name] = true
		found := best{length: math.MinInt32, good: good[name]}
		if len(next[name]) == 0 || good[name] {
			found.length = 1
		}
		for _, to := range next[name] {
			if open[to] { // a way back
				continue
			}
			b := find(to)
			if b.good && !found.good || b.good == found.good && b.length+1 > found.length {
				found = best{length: b.length + 1, good: b.good, to: to}
			}
		}
		open[name] = false
		known[name] = found
		return found
	}
	find(g.Nodes[0].Name)
	var way []string
	seen := map[string]bool{}
	for name := g.Nodes[0].Name; name != "" && !seen[name]; name = known[name].to {
		seen[name] = true
		way = append(way, name)
	}
	return way
}
