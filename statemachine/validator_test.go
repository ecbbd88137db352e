package statemachine_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/statemachine"
)

// TestDefinition_validator asks a validator that is not ours.
func TestDefinition_validator(t *testing.T) {
	t.Parallel()

	const validator = "../.ci/node_modules/asl-validator/dist/bin/asl-validator.js"
	if _, err := os.Stat(validator); err != nil {
		t.Fatalf("%v; install it with: npm ci --prefix .ci", err)
	}
	// It checks the ARNs of integrations, which begin with a token.
	deployed := t.TempDir() + "/pipeline.asl.json"
	text := strings.ReplaceAll(statemachine.Definition(), "${"+statemachine.PartitionToken+"}", "aws")
	if err := os.WriteFile(deployed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", validator, "--json-path", deployed).CombinedOutput()
	if err != nil {
		t.Errorf("asl-validator: %v\n%s", err, out)
	}
	broken := t.TempDir() + "/broken.json"
	if err := os.WriteFile(broken, []byte(`{"StartAt":"A","States":{"A":{"Type":"Task","Next":"B"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("node", validator, "--json-path", broken).CombinedOutput(); err == nil {
		t.Errorf("asl-validator accepts a broken definition, so it proves nothing:\n%s", out)
	}
}
