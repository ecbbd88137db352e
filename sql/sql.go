package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed queries/*.sql
var files embed.FS

// Query is a question that people ask of the star.
type Query struct {
	Name     string // file name without .sql
	Question string // the comment that opens the file, on one line
	SQL      string // one statement, without a semicolon
}

// Queries returns the questions of the queries folder, ordered by name.
func Queries() ([]Query, error) { return ReadQueries(files) }

// ReadQueries returns the questions of a folder queries, ordered by name.
func ReadQueries(folder fs.FS) ([]Query, error) {
	names, err := fs.Glob(folder, "queries/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list queries: %w", err)
	}
	queries := make([]Query, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
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
