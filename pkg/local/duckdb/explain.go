package duckdb

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	duck "github.com/duckdb/duckdb-go/v2"
)

// explain turns an error of DuckDB into the words that Redshift has for it, and
// an interrupted statement into the error of its context.
func explain(ctx context.Context, err error) error {
	inner, ok := errors.AsType[*duck.Error](err)
	if ctx.Err() != nil && (ok || errors.Is(err, ctx.Err())) {
		return fmt.Errorf("the statement was interrupted: %w", context.Cause(ctx))
	}
	if !ok {
		return err
	}
	text := inner.Msg
	if isConflict(text) {
		return conflict(conflictTable(text), firstLine(text))
	}
	for _, p := range constraintPatterns() {
		if m := p.pattern.FindStringSubmatch(text); m != nil {
			return reworded(err, text, fmt.Sprintf(p.format, m[1], m[2]))
		}
	}
	return reworded(err, text, firstLine(text))
}

// reworded replaces the text of DuckDB inside a message by another.
func reworded(err error, old, replacement string) error {
	return errors.New(strings.Replace(err.Error(), old, replacement, 1))
}

func isConflict(text string) bool {
	return strings.Contains(text, "Conflict on") ||
		strings.Contains(text, "write-write conflict") ||
		strings.Contains(text, "another transaction")
}

// conflictTable finds the name of the table in DuckDB's words for a conflict.
func conflictTable(text string) string {
	if m := regexp.MustCompile(`table "?([^" ]+)"?`).FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return "of the warehouse"
}

type constraintPattern struct {
	pattern *regexp.Regexp // with two groups
	format  string
}

func constraintPatterns() []constraintPattern {
	return []constraintPattern{
		{
			regexp.MustCompile(`CHECK constraint failed on table \S+ with expression CHECK\(\(strlen\((.+)\) <= (\d+)\)\)`),
			"column %s: value too long for type character varying(%s)",
		},
		{
			regexp.MustCompile(`NOT NULL constraint failed: (.+)\.([^.\s]+)`),
			"relation %s: cannot insert a NULL value into column %s",
		},
	}
}

// firstLine leaves out the candidates and the copy of the statement that
// DuckDB adds.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}
