package asl_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// TestParse_pipeline is the promise that the deployed definition is one that
// the interpreter executes.
func TestParse_pipeline(t *testing.T) {
	t.Parallel()

	definition, err := os.ReadFile("../../statemachine/pipeline.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, match := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllSubmatch(definition, -1) {
		token := string(match[1])
		values[token] = fmt.Sprintf("arn:aws:lambda:us-east-1:123456789012:function:%s", token)
	}
	values["AwsPartition"], values["MapConcurrency"] = "aws", "40"
	if len(values) == 0 {
		t.Fatal("definition has no tokens")
	}
	substituted, err := asl.Substitute(definition, values)
	if err != nil {
		t.Fatal(err)
	}
	machine, err := asl.Parse(substituted)
	if err != nil {
		t.Fatal(err)
	}
	if len(machine.StateNames()) == 0 {
		t.Error("StateNames() is empty")
	}

	missing := maps.Clone(values)
	for token := range missing {
		delete(missing, token)
		break
	}
	if _, err := asl.Substitute(definition, missing); err == nil {
		t.Error("Substitute() accepts a definition with a token that has no value")
	}
}
