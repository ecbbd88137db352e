package chart_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/report/chart"
)

// element is a part of a figure.
type element struct {
	name, class, title string
	at                 map[string]float64
}

// read parses a figure with encoding/xml.
func read(t testing.TB, svg string) []element {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	var all []element
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("the figure is no XML: %v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, at: map[string]float64{}}
			for _, attr := range token.Attr {
				if attr.Name.Local == "class" {
					e.class = attr.Value
				}
				if n, err := strconv.ParseFloat(attr.Value, 64); err == nil {
					if math.IsNaN(n) || math.IsInf(n, 0) {
						t.Fatalf("%s of %s is %s", attr.Name.Local, e.name, attr.Value)
					}
					e.at[attr.Name.Local] = n
				}
			}
			all = append(all, e)
		case xml.CharData:
			if n := len(all); n > 1 && all[n-1].name == "title" {
				all[n-2].title += string(token)
			}
		}
	}
}

func find(all []element, class string) (found []element) {
	for _, e := range all {
		if e.class == class {
			found = append(found, e)
		}
	}
	return found
}

func points(values ...any) []chart.Point {
	all := make([]chart.Point, len(values))
	for i, v := range values {
		all[i] = chart.Point{Label: fmt.Sprint("p", i), Value: chart.Parse(v)}
	}
	return all
}

// TestColumns_drawsSigns: positive values stand on the axis, negative ones hang
// from it, and a missing one is no column of height zero.
func TestColumns_drawsSigns(t *testing.T) {
	t.Parallel()

	all := read(t, string(chart.Columns{Points: points(int64(100), "-50.00", nil, "NaN", 0.0)}.SVG(400)))
	axis := find(all, "axis")[0].at["y1"]
	up, down := find(all, "bar"), find(all, "bar minus")
	if len(up) != 2 || len(down) != 1 || len(find(all, "missing")) != 2 {
		t.Fatalf("there are %d columns up, %d down and %d missing, want 2, 1 and 2", len(up), len(down), len(find(all, "missing")))
	}
	if top, height := up[0].at["y"], up[0].at["height"]; math.Abs(top+height-axis) > 0.2 {
		t.Errorf("the positive column ends at %.1f, the axis is at %.1f", top+height, axis)
	}
	if math.Abs(down[0].at["y"]-axis) > 0.2 || math.Abs(2*down[0].at["height"]-up[0].at["height"]) > 0.3 {
		t.Errorf("the negative column is %v, the positive one %v, the axis at %.1f", down[0].at, up[0].at, axis)
	}
	if down[0].title != "p1: -50.00" {
		t.Errorf("its title is %q", down[0].title)
	}
}

// TestBars_drawsSigns is the same for bars.
func TestBars_drawsSigns(t *testing.T) {
	t.Parallel()

	for _, width := range []int{327, 720} {
		all := read(t, string(chart.Bars{Points: points(int64(100), "-50.00", nil)}.SVG(width)))
		axis := find(all, "axis")[0].at["x1"]
		right, left := find(all, "bar")[0], find(all, "bar minus")[0]
		if math.Abs(right.at["x"]-axis) > 0.2 || math.Abs(left.at["x"]+left.at["width"]-axis) > 0.2 || math.Abs(2*left.at["width"]-right.at["width"]) > 0.3 {
			t.Errorf("at %d the bars are %v and %v, the axis at %.1f", width, right.at, left.at, axis)
		}
	}
}

// TestColumns_ofManyBreaksAtGaps: a line ends where a value is missing.
func TestColumns_ofManyBreaksAtGaps(t *testing.T) {
	t.Parallel()

	values := make([]any, 300)
	for i := range values {
		if i != 100 && i != 200 {
			values[i] = float64(i % 7)
		}
	}
	if curves := find(read(t, string(chart.Columns{Points: points(values...)}.SVG(720))), "curve"); len(curves) != 3 {
		t.Errorf("the line has %d parts, want 3", len(curves))
	}
}

// TestFigures_stayInside draws random values, and none leaves the figure.
func TestFigures_stayInside(t *testing.T) {
	t.Parallel()

	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 7))
		values := make([]any, random.IntN(1+random.IntN(2000)))
		for i := range values {
			switch random.IntN(8) {
			case 0:
			case 1:
				values[i] = int64(random.Uint64())
			default:
				values[i] = (random.Float64() - 0.3) * math.Pow(10, float64(random.IntN(600)-300)/float64(1+random.IntN(100)))
			}
		}
		for _, width := range []int{327, 720} {
			for name, figure := range map[string]chart.Chart{"columns": chart.Columns{Unit: "u", Points: points(values...)}, "bars": chart.Bars{Unit: "u", Points: points(values...)}} {
				all := read(t, string(figure.SVG(width)))
				height := all[0].at["height"]
				for _, e := range all {
					if e.name == "rect" && (e.at["x"] < -0.5 || e.at["x"]+e.at["width"] > float64(width)+0.5 || e.at["y"] < -0.5 || e.at["y"]+e.at["height"] > height+0.5) {
						t.Fatalf("%s of seed %d: %v leaves the figure of %d × %.0f", name, seed, e.at, width, height)
					}
				}
			}
		}
	}
}

// FuzzFigures checks that no text breaks a figure.
func FuzzFigures(f *testing.F) {
	f.Add("</text><script>", "\x00\u202e\"'&", "-1e400")
	f.Fuzz(func(t *testing.T, label, name, value string) {
		p := []chart.Point{{Label: label, Value: chart.Parse(value)}, {Label: name, Value: chart.Parse(int64(1))}}
		for _, figure := range []chart.Chart{
			chart.Columns{Name: name, Unit: label, Points: p}, chart.Bars{Name: name, Unit: label, Points: p},
			chart.Timeline{Name: name, Seconds: 10, Tracks: []chart.Track{{Label: label, Spans: []chart.Span{{From: 1, To: 2, Class: "good", Title: name}}}}},
			chart.Graph{Name: name, Nodes: []chart.Node{{Name: label, Title: name}, {Name: name}}, Edges: []chart.Edge{{From: label, To: name}, {From: name, To: label, Catch: true}}},
			chart.Star{Name: name, Tables: []chart.TableBox{{Name: label, Fact: true, Links: []chart.Link{{Column: name, To: name}}}, {Name: name, Notes: []string{label}}}},
		} {
			for _, e := range read(t, string(figure.SVG(327))) {
				if e.name == "script" {
					t.Fatal("text has become a script")
				}
			}
		}
	})
}
