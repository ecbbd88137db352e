package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed schema/*.sql procedures/*.sql phases/*.sql queries/*.sql
var files embed.FS

// The phases of a run, in their order. Each is one transaction.
const (
	PhaseSchema     = "schema"     // create what is missing
	PhaseProcedures = "procedures" // create or replace the stored procedures
	PhaseStage      = "stage"      // landing to staging
	PhasePublish    = "publish"    // staging to dwh; all of it or nothing
)

// MaxStatements is how many statements a batch of the Data API takes.
const MaxStatements = 40

// Statements returns the statements of a phase, in order, without semicolons
// and without the comments around them.
func Statements(phase string) ([]string, error) {
	return Scripts{files}.Statements(phase)
}

// Queries returns the questions of the queries folder, ordered by name.
func Queries() ([]Query, error) { return Scripts{files}.Queries() }

// Scripts is a folder that is laid out like this one. A pipeline for another
// table brings its own.
type Scripts struct{ FS fs.FS }

// Statements returns the statements of a phase, in order. More statements
// than one batch takes are an error, because a phase is one transaction.
func (s Scripts) Statements(phase string) ([]string, error) {
	patterns := map[string]string{
		PhaseSchema:     "schema/*.sql",
		PhaseProcedures: "procedures/*.sql",
		PhaseStage:      "phases/stage.sql",
		PhasePublish:    "phases/publish.sql",
	}
	pattern, ok := patterns[phase]
	if !ok {
		return nil, fmt.Errorf("look up phase %q: it is none of %s, %s, %s, %s",
			phase, PhaseSchema, PhaseProcedures, PhaseStage, PhasePublish)
	}
	names, err := fs.Glob(s.FS, pattern) // sorted, so numbers order the files
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", pattern, err)
	}
	var statements []string
	for _, name := range names {
		text, err := fs.ReadFile(s.FS, name)
		if err != nil {
			return nil, err
		}
		more, err := Split(string(text))
		if err != nil {
			return nil, fmt.Errorf("split %s: %w", name, err)
		}
		statements = append(statements, more...)
	}
	if len(statements) == 0 || len(statements) > MaxStatements {
		return nil, fmt.Errorf("phase %q has %d statements: a batch takes 1 to %d", phase, len(statements), MaxStatements)
	}
	return statements, nil
}

// Query is a question that people ask of the star.
type Query struct {
	Name     string // file name without .sql
	Question string // the comment that opens the file, on one line
	SQL      string // one statement, without a semicolon
}

// Queries returns the queries of the folder, ordered by name.
func (s Scripts) Queries() ([]Query, error) {
	names, err := fs.Glob(s.FS, "queries/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list queries: %w", err)
	}
	queries := make([]Query, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(s.FS, name)
		if err != nil {
			return nil, err
		}
		statements, err := Split(string(text))
		if err != nil {
			return nil, fmt.Errorf("split %s: %w", name, err)
		}
		question := opening(string(text))
		if len(statements) != 1 || question == "" {
			return nil, fmt.Errorf("read %s: a query is a comment with the question and one statement, not %d", name, len(statements))
		}
		queries = append(queries, Query{
			Name: strings.TrimSuffix(path.Base(name), ".sql"), Question: question, SQL: statements[0],
		})
	}
	return queries, nil
}

// opening returns the first paragraph of the comment that text begins with.
func opening(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		comment, ok := strings.CutPrefix(line, "--")
		if comment = strings.TrimSpace(comment); !ok || comment == "" {
			break
		}
		words = append(words, comment)
	}
	return strings.Join(words, " ")
}
