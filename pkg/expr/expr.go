// Package expr reads the SQL expressions of a model file: computed columns,
// row filters and checks.
//
// An expression is parsed and checked when the model is read, so that nothing
// of it fails at night but what depends on a value: a number that leaves its
// type. It is written in the part of SQL that Redshift, PostgreSQL and DuckDB
// share, and rendered so that all three give the same result:
//
//   - a / b gives a double, and null where b is 0. mod(a, b) is null there, too.
//   - Integers are added, subtracted and multiplied with 64 bits. A result
//     beyond them is an error of the engine, never a wrong number.
//   - Decimals are added, subtracted and multiplied exactly within 38 digits.
//     A product has the digits after the point of both factors, so that fewer
//     are left before it. A value beyond them is an error of Redshift and
//     DuckDB; PostgreSQL takes it. A decimal with a double gives a double.
//   - Doubles have 15 reliable digits. An engine may differ in the last bit of
//     a decimal of more digits that becomes a double.
//   - Rounding takes the half of a decimal away from zero. A double is scaled,
//     half is added, and the floor taken: 2.5 gives 3, and -2.5 gives -2.
//   - Comparisons of text ignore blanks at its end, as Redshift does; length,
//     like and replace count them. Text is ordered by its UTF-8 bytes.
//   - Letters beyond ASCII follow the engine in lower and upper.
//   - date_trunc and dateadd give a timestamp. datediff counts the boundaries
//     between two instants, as in Redshift: from 23:59 to 00:01 is one day.
//   - coalesce, greatest and least pass over nulls.
//
// Nothing in the language depends on the clock, on other rows or on chance.
// Names of columns are compared without case.
package expr

import (
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/nearest"
)

// Kind is what an expression gives.
type Kind int

// The kinds of values. Null is the kind of a bare NULL.
const (
	Null Kind = iota
	Text
	Integer // 32 or 64 bits
	Decimal
	Double
	Bool
	Date
	Timestamp
)

// String names the kind in a sentence.
func (k Kind) String() string {
	k = k.family()
	names := []string{"null", "text", "an integer", "a decimal", "a double", "a boolean", "a date", "a timestamp"}
	if k < 0 || int(k) >= len(names) {
		return "of no kind"
	}
	return names[k]
}

func (k Kind) isNumber() bool { return k == Integer || k == Decimal || k == Double }

func (k Kind) isTime() bool { return k == Date || k == Timestamp }

// Error is what is wrong with an expression.
type Error struct {
	Offset  int    // in bytes, where in the text it is
	Problem string // a sentence that says, where it can, what to write instead
}

func (e *Error) Error() string { return e.Problem }

// Name is a column that an expression refers to, in lower case. Table is empty
// if none is written before the column.
type Name struct {
	Table, Column string
	Offset        int
}

// Expr is an expression that has been read. It serves one goroutine at a time.
type Expr struct {
	text    string
	root    *node
	names   []Name
	checked bool
}

// String returns the expression as it was written.
func (e *Expr) String() string { return e.text }

// Names returns every reference to a column, in the order of the text.
func (e *Expr) Names() []Name { return append([]Name(nil), e.names...) }

// node is a part of an expression.
type node struct {
	op   string  // what it is: see parse.go and function.go
	text string  // value of a literal, column, date part or operator
	args []*node // operands
	at   int     // offset in the text

	table string   // of a column
	to    dataType // of a cast
	not   bool     // "is not", "not in", "not like", "not between"

	depth  int    // of nodes below it
	kind   Kind   // what it gives: of a literal from the start, otherwise set by Check
	digits digits // of a number, as kind
	among  Kind   // the kind in which operands are compared or brought together, set by Check
	size   int    // about the number of words that it is rendered to, set by Check
}

// Limits of an expression. DuckDB reads 1,000 levels, and a rendered level has
// up to five of them.
const (
	maxBytes = 10_000
	maxDepth = 100
	maxSize  = 4_000
)

// closest returns the candidate with the fewest edits from a word, or "" if
// none is near.
func closest(word string, candidates []string) string {
	best, bound := "", 1+len(word)/3
	for _, c := range candidates {
		if d := nearest.Edits(word, c); d <= bound && (best == "" || d < nearest.Edits(word, best)) {
			best = c
		}
	}
	return best
}

// suggest ends a sentence with the nearest candidate.
func suggest(word string, candidates []string) string {
	word = strings.ToLower(word)
	if len(word) > 40 {
		return ""
	}
	if c := closest(word, candidates); c != "" {
		return "; the nearest that exists is " + c
	}
	return ""
}
