package progress

import (
	"fmt"
	"strings"
)

// style is how a terminal wants its lines.
type style struct {
	width, height int
	colour        bool
	ascii         bool // the terminal shows no other characters
	frame         int  // counts redraws
}

const (
	nameWidth = 22
	barWidth  = 10
)

// block draws the lines of the stages, at most as many as the terminal has.
func (s style) block(title string, stages []Stage) []string {
	var lines []string
	if title != "" {
		lines = append(lines, Fit(title, s.width))
	}
	first, last := s.visible(stages, s.height-1-len(lines))
	for _, stage := range stages[first:last] {
		lines = append(lines, s.line(stage))
	}
	return lines
}

// visible is the part of the stages that has room: those that wait are left out
// first, then those that are done.
func (s style) visible(stages []Stage, room int) (first, last int) {
	last = len(stages)
	for last > first+1 && last-first > room && stages[last-1].State == Waiting {
		last--
	}
	for last > first+1 && last-first > room {
		first++
	}
	return first, last
}

// line draws a stage: a mark, its name, a bar where something is counted, facts.
func (s style) line(stage Stage) string {
	text := Pad(Fit(stage.Name, nameWidth), nameWidth)
	if stage.State == Waiting {
		return s.paint("2", Fit("  "+s.mark(stage)+" "+strings.TrimRight(text, " "), s.width))
	}
	facts := stage.facts()
	seconds := fmt.Sprintf("%11s", Duration(stage.Seconds))
	if stage.State == Running && stage.Count.Total > 0 {
		text += " " + s.bar(stage.Count)
		seconds = ""
	}
	rest := strings.TrimRight(text+seconds+"  "+strings.Join(facts, "  "), " ")
	if stage.State == Failed {
		rest += "  failed"
	}
	colours := map[State]string{Running: "36", Done: "32", Failed: "31"}
	colour := colours[stage.State]
	if stage.State == Running && stage.Retries > 0 {
		colour = "33"
	}
	return "  " + s.paint(colour, s.mark(stage)) + " " + Fit(rest, s.width-4)
}

// mark is one character for the state. That of a running stage moves.
func (s style) mark(stage Stage) string {
	marks := map[State]string{Waiting: "·", Done: "✓", Failed: "✗"}
	moving := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	if s.ascii {
		marks, moving = map[State]string{Waiting: ".", Done: "+", Failed: "x"}, []rune(`|/-\`)
	}
	if stage.State == Running {
		return string(moving[s.frame%len(moving)])
	}
	return marks[stage.State]
}

func (s style) bar(c Count) string {
	done := int(min(c.Done, c.Total) * barWidth / c.Total)
	full, empty := "█", "░"
	if s.ascii {
		full, empty = "#", "-"
	}
	return strings.Repeat(full, done) + strings.Repeat(empty, barWidth-done)
}

func (s style) paint(colour, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
