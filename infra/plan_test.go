package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlan_asksTheWarehouseOfTheEnvironment runs the end of make diff with an aws
// command and a nightstar that write down how they are called.
func TestPlan_asksTheWarehouseOfTheEnvironment(t *testing.T) {
	t.Parallel()

	const (
		said  = `echo "$(basename "$0") $*"` + "\n"
		found = `echo '{"REDSHIFT_DATABASE":"nightstar","REDSHIFT_WORKGROUP":"nightstar-dev"}'` + "\n"
		plan  = said + `echo "$REDSHIFT_DATABASE $REDSHIFT_WORKGROUP $AWS_REGION"` + "\n"
	)
	question := "aws lambda get-function-configuration --function-name nightstar-dev-transform --query Environment.Variables --output json"
	tests := map[string]struct {
		environment    map[string]any // beside its name
		aws, nightstar string         // scripts; none without a nightstar
		want           string         // what is printed
		asked          string         // how aws was called
		code           int
	}{
		"in the Region of the credentials": {
			map[string]any{"region": "", "model": ""}, found, plan,
			"nightstar plan --aws\nnightstar nightstar-dev elsewhere\n", question, 0,
		},
		"in a Region of its own, with a model": {
			map[string]any{"region": "eu-west-1", "model": "models/tickets.yaml"}, found, plan,
			"nightstar plan --aws --model models/tickets.yaml\nnightstar nightstar-dev eu-west-1\n", question + " --region eu-west-1", 0,
		},
		"what nightstar says is passed on": {
			map[string]any{"region": "", "model": ""}, found, "echo refused >&2; exit 3\n", "refused\n", question, 3,
		},
		"before the first deployment": {
			map[string]any{"region": "", "model": ""}, "echo first >&2; echo 'An error occurred: Function not found' >&2; exit 254\n", plan,
			"Warehouse: not compared with the model, because environment dev does not say where it is: An error occurred: Function not found\n", question, 0,
		},
		"without a nightstar": {
			map[string]any{"region": "", "model": ""}, found, "", "nightstar: compare the warehouse with the model: spawnSync", question, 1,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			folder := t.TempDir()
			tt.environment["name"] = "nightstar"
			cdk, err := json.Marshal(map[string]any{"context": map[string]any{"environments": map[string]any{"dev": tt.environment}}})
			if err != nil {
				t.Fatal(err)
			}
			asked := filepath.Join(folder, "asked")
			files := map[string]string{
				"cdk.json": string(cdk),
				"aws":      "#!/bin/sh\n{ " + strings.TrimSpace(said) + "; } >>'" + asked + "'\n" + tt.aws,
			}
			if tt.nightstar != "" {
				files["nightstar"] = "#!/bin/sh\n" + tt.nightstar
			}
			for file, text := range files {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			script, err := filepath.Abs("../.ci/plan.mjs")
			if err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), "node", script, "dev", filepath.Join(folder, "nightstar"))
			command.Dir = folder
			command.Env = append(os.Environ(), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"), "AWS_REGION=elsewhere")
			out, err := command.CombinedOutput()
			if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
				t.Fatal(err)
			}
			if code := command.ProcessState.ExitCode(); code != tt.code || !strings.HasPrefix(string(out), tt.want) {
				t.Errorf("status %d and %q, want %d and %q", code, out, tt.code, tt.want)
			}
			if call, err := os.ReadFile(asked); err != nil || string(call) != tt.asked+"\n" {
				t.Errorf("aws was called as %q, %v; want %q", call, err, tt.asked)
			}
		})
	}
}
