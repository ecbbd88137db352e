package asl

import (
	"fmt"
	"strings"
)

// Problem is one reason why a definition is refused.
type Problem struct {
	// State names the state, or is empty for the machine itself.
	State string
	// Field is the path of the field within the state, such as
	// "Retry[0].MaxAttempts". It is empty when the state as a whole is meant.
	Field   string
	Message string
}

// String returns the problem as one phrase.
func (p Problem) String() string {
	var text strings.Builder
	if p.State != "" {
		fmt.Fprintf(&text, "state %q: ", p.State)
	}
	if p.Field != "" {
		text.WriteString(p.Field + ": ")
	}
	return text.String() + p.Message
}

// DefinitionError reports everything that is wrong with a definition.
type DefinitionError struct {
	Problems []Problem
}

// Error lists all problems.
func (e *DefinitionError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = problem.String()
	}
	return "definition refused: " + strings.Join(lines, "; ")
}
