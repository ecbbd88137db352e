package infer

import (
	"fmt"
	"slices"
	"strings"
)

// question is what only a person can answer. Where the other answer changes the
// model, change makes it and returns what takes it back.
type question struct {
	text   string
	change func() (undo func())
	edits  []edit
}

// edit replaces lines of the model, which are counted from its first line that is no
// question. It adds lines if it replaces none.
type edit struct {
	from, to int // the lines before to, from 0 on
	lines    []string
}

func (b *builder) ask(format string, args ...any) {
	b.questions = append(b.questions, question{text: fmt.Sprintf(format, args...)})
}

func (b *builder) choose(change func() (undo func()), format string, args ...any) {
	b.questions = append(b.questions, question{text: fmt.Sprintf(format, args...), change: change})
}

// retype makes a column one of another type.
func (c *column) retype(kind string, to class, convert bool) func() (undo func()) {
	return func() func() {
		was := *c
		c.kind, c.class, c.convert, c.truncate, c.format = kind, to, convert, false, ""
		return func() { *c = was }
	}
}

// unrefer makes a column refer to nothing.
func (t *itemType) unrefer(c *column) func() (undo func()) {
	return func() func() {
		refs, refers := t.refs, c.refers
		t.refs = slices.DeleteFunc(slices.Clone(refs), func(r *reference) bool { return r.column == c })
		c.refers = nil
		return func() { t.refs, c.refers = refs, refers }
	}
}

// count makes a fact of a copy.
func (t *itemType) count() func() {
	role, why := t.role, t.why
	t.role, t.why = isFact, "it has the attributes of "+t.original.name+", and counts separately"
	return func() { t.role, t.why = role, why }
}

// answer finds the edits of all questions: the lines in which the model differs
// from the one with the other answer. A question whose other answer gives the same
// model is left out, and one whose other answer gives no valid model has no edit.
func (b *builder) answer(name, body string, questions []question) []question {
	var answered []question
	for i, q := range questions {
		if q.change != nil && i < maxAnswered {
			undo := q.change()
			other, _, _, err := b.accept(b.star(), name)
			undo()
			if err == nil && other.text.String() == body {
				continue
			}
			if err == nil {
				q.edits = differences(strings.Split(body, "\n"), strings.Split(other.text.String(), "\n"))
			}
		}
		answered = append(answered, q)
	}
	return answered
}

// maxAnswered is how many questions get their edit: each takes a model of its own.
const maxAnswered = 100

// maxDiffer is how many lines between the first and the last difference are compared.
const maxDiffer = 1500

// differences lists the edits that make b of a, the first ones first.
func differences(a, b []string) []edit {
	start := 0
	for start < min(len(a), len(b)) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < min(len(a), len(b))-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	x, y := a[start:len(a)-end], b[start:len(b)-end]
	if len(x) > maxDiffer || len(y) > maxDiffer {
		return nil
	}
	common := make([][]int, len(x)+1) // lines that the rests have in common
	for i := range common {
		common[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if x[i] == y[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var all []edit
	for i, j := 0, 0; i < len(x) || j < len(y); {
		if i < len(x) && j < len(y) && x[i] == y[j] {
			i, j = i+1, j+1
			continue
		}
		e := edit{from: start + i}
		for (i < len(x) || j < len(y)) && !(i < len(x) && j < len(y) && x[i] == y[j]) {
			if j < len(y) && (i == len(x) || common[i][j+1] >= common[i+1][j]) {
				e.lines = append(e.lines, y[j])
				j++
			} else {
				i++
			}
		}
		e.to = start + i
		all = append(all, e)
	}
	return all
}

// spell writes an edit for people. The first line of the model is that number.
func (e edit) spell(first int) []string {
	var all []string
	lines := fmt.Sprintf("line %d", first+e.from)
	if e.to-e.from > 1 {
		lines = fmt.Sprintf("lines %d to %d", first+e.from, first+e.to-1)
	}
	switch {
	case e.from == e.to:
		all = append(all, fmt.Sprintf("Add after line %d:", first+e.from-1))
	case len(e.lines) == 0:
		return []string{fmt.Sprintf("Remove %s.", lines)}
	default:
		all = append(all, fmt.Sprintf("Replace %s by:", lines))
	}
	for _, line := range e.lines {
		all = append(all, "  |"+line)
	}
	return all
}
