package report

import (
	"fmt"
	"strconv"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/report/chart"
	"github.com/nightstar-elt/nightstar/pkg/spell"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// graph draws the machine with the outcome of each state.
func graph(d statemachine.States, h history) chart.Graph {
	g := chart.Graph{Name: "The state machine, each state with its outcome; the table below has the same"}
	seen := map[chart.Edge]bool{}
	edge := func(from, to string, catch bool) {
		e := chart.Edge{From: from, To: to, Catch: catch, Taken: h.took(from, to)}
		if to != "" && !seen[e] {
			seen[e] = true
			g.Edges = append(g.Edges, e)
		}
	}
	for _, name := range d.Names {
		s := d.All[name]
		o := outcome(d, name, h)
		g.Nodes = append(g.Nodes, chart.Node{
			Name: name, Class: string(o), Sign: o.Sign(), Title: name + " (" + s.Type + "): " + word(o) + ". " + s.Comment, Good: s.Type == "Succeed",
		})
		for _, c := range s.Choices {
			edge(name, c.Next, false)
		}
		edge(name, s.Default, false)
		edge(name, s.Next, false)
		for _, c := range s.Catch {
			edge(name, c.Next, true)
		}
	}
	return g
}

// outcome returns how a state ended; a Fail state that was reached is bad.
func outcome(d statemachine.States, name string, h history) Outcome {
	o := h.outcome(name)
	switch s := d.All[name]; {
	case o == Off:
	case s.Type == "Fail":
		return Bad
	case s.Type == "Succeed":
		return Good
	}
	return o
}

// word spells an outcome of a state.
func word(o Outcome) string {
	switch o {
	case Good:
		return "done"
	case Warning:
		return "done after retries"
	case Bad:
		return "failed"
	case Busy:
		return "running"
	case Off:
	}
	return "not reached"
}

// machine is the section about the state machine and its timeline.
func (f *facts) machine() []Block {
	if len(f.history.visits) == 0 {
		return []Block{{Title: "State machine", Text: []string{"Nothing is coloured, because the history of the execution is missing."}, Chart: graph(f.states, history{})}}
	}
	t := timeline(f.states, f.history, f.run.StartedAt)
	return []Block{
		{Title: "State machine", Text: []string{"✓ done · ! done after retries · ✗ failed · … running · grey: not reached. Dashed lines are ways that a failure takes."}, Chart: graph(f.states, f.history)},
		{Title: "Timeline", Chart: t.chart, Table: &t.table},
	}
}

type timed struct {
	chart chart.Timeline
	table Table
}

// timeline shows the states that take time.
func timeline(d statemachine.States, h history, started time.Time) timed {
	out := timed{
		chart: chart.Timeline{Name: "When each state ran; the table below has the exact times"},
		table: Table{Caption: "States that take time", Columns: []Column{
			text("State"), text("Outcome"), number("After (s)"), number("Seconds"), number("Visits"), number("Retries"),
		}},
	}
	if len(h.visits) > 0 {
		started = h.visits[0].from
	}
	out.chart.Seconds = max(0, h.end.Sub(started).Seconds())
	for _, name := range inOrder(h) {
		switch d.All[name].Type {
		case "Task", "Map", "Parallel", "Wait":
		default:
			continue
		}
		track := chart.Track{Label: name}
		total, retries, first := 0.0, 0, 0.0
		for _, v := range h.visits {
			if v.state != name {
				continue
			}
			to := v.to
			if to.IsZero() {
				to = h.end
			}
			span := chart.Span{From: max(0, v.from.Sub(started).Seconds()), To: max(0, to.Sub(started).Seconds()), Class: string(v.outcome())}
			span.Title = fmt.Sprintf("%s: %s s, %s", name, seconds(span.To-span.From), word(v.outcome()))
			if len(track.Spans) == 0 {
				first = span.From
			}
			track.Spans = append(track.Spans, span)
			total, retries = total+max(0, span.To-span.From), retries+v.retries
		}
		o := outcome(d, name, h)
		out.chart.Tracks = append(out.chart.Tracks, track)
		out.table.Rows = append(out.table.Rows, []Cell{
			{Text: name}, {Text: o.Sign() + " " + word(o), Class: string(o)}, {Text: seconds(first)}, {Text: seconds(total)},
			{Text: spell.Int(int64(len(track.Spans)))}, {Text: spell.Int(int64(retries))},
		})
	}
	return out
}

func (v visit) outcome() Outcome {
	switch {
	case v.failed:
		return Bad
	case v.to.IsZero():
		return Busy
	case v.retries > 0:
		return Warning
	}
	return Good
}

// inOrder returns the states in the order in which they were entered first.
func inOrder(h history) []string {
	var names []string
	seen := map[string]bool{}
	for _, v := range h.visits {
		if !seen[v.state] {
			seen[v.state] = true
			names = append(names, v.state)
		}
	}
	return names
}

// seconds spells a duration; history has milliseconds.
func seconds(s float64) string { return spell.Digits(strconv.FormatFloat(s, 'f', 2, 64)) }
