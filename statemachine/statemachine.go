// Package statemachine holds the definition of the nightly run, and nothing
// that executes it: the bytes below are deployed to Step Functions and run
// locally unchanged. They are made of pipeline.asl.yaml, which is for people.
package statemachine

import (
	_ "embed"
	"regexp"
	"slices"
)

//go:embed pipeline.asl.json
var definition string

// The tokens of the definition that no step is called by.
const (
	// PartitionToken stands for the partition of AWS, such as "aws", which
	// begins the ARN of every integration.
	PartitionToken = "AwsPartition"
	// ConcurrencyToken stands for the number of data files that are worked on
	// at once. Above the concurrency that the account has left for Lambda, the
	// rest waits, is retried, and gains nothing.
	ConcurrencyToken = "MapConcurrency"
)

// Definition returns the state machine in the Amazon States Language. Its
// ${Tokens} stand for the ARNs of the step functions, and for the two above;
// CloudFormation and the local run substitute them.
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
