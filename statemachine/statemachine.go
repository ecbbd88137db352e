// Package statemachine holds the definition of the nightly run, and nothing
// that executes it: the bytes below are deployed to Step Functions and run
// locally unchanged.
package statemachine

import (
	_ "embed"
	"regexp"
	"slices"
)

//go:embed pipeline.asl.json
var definition string

// Definition returns the state machine in the Amazon States Language. Its
// ${Tokens} stand for the ARNs of the step functions; CloudFormation and the
// local run substitute them.
func Definition() string { return definition }

// Tokens returns the names of the ${Tokens} in the definition, sorted.
func Tokens() []string {
	var names []string
	for _, match := range regexp.MustCompile(`\$\{([^}]+)\}`).FindAllStringSubmatch(definition, -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
