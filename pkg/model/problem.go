package model

import (
	"fmt"
	"slices"
	"strings"
)

// place is a place in the model file, from 1.
type place struct{ line, column int }

// locate says where something stands.
func (p *place) locate(at place) { *p = at }

// Problem is one thing that is wrong with a model file.
type Problem struct {
	File   string
	Line   int // from 1
	Column int // from 1, in characters
	Text   string
}

func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// FileError is the error of a model file: everything that is wrong with it, in
// the order of the file.
type FileError []Problem

func (p FileError) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// maxProblems bounds an error: a file that is not a model at all breaks a rule
// with every line.
const maxProblems = 100

// report collects problems while a file is read.
type report struct {
	file     string
	problems FileError
}

func (r *report) at(where place, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: where.line, Column: where.column, Text: fmt.Sprintf(format, args...)})
}

// err returns what was collected, or nil.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	found := slices.Compact(r.problems)
	if len(found) > maxProblems {
		last := found[maxProblems]
		last.Text = fmt.Sprintf("and %d more problems", len(found)-maxProblems)
		found = append(found[:maxProblems:maxProblems], last)
	}
	return found
}

// nearest says which of the valid names was probably meant, or lists a few.
func nearest(name string, valid []string) string {
	best, distance := "", 1+max(1, len(name)/3)
	for _, v := range valid {
		if d := edits(strings.ToLower(name), strings.ToLower(v)); d < distance {
			best, distance = v, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	const few = 12
	switch {
	case len(valid) == 0:
		return "there is none to name here"
	case len(valid) > few:
		return fmt.Sprintf("it can be %s and %d more", strings.Join(valid[:few], ", "), len(valid)-few)
	}
	return "it can be " + strings.Join(valid, ", ")
}

// edits counts the letters to insert, remove, replace or swap to make b of a.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > maxName || len(y) > maxName {
		return len(a) + len(b)
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
