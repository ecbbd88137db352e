package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// TestCommands_deployAndDestroy runs the commands of the Makefile, one after the other, against
// an account that was bootstrapped and is empty.
func TestCommands_deployAndDestroy(t *testing.T) {
	t.Parallel()

	a, p := &account{}, newProject(t, nil)
	p.account = a.serve(t)
	for _, tt := range []struct{ line, says string }{
		{"make diff ENV=dev", "[+] AWS::StepFunctions::StateMachine Pipeline"},
		{"make deploy ENV=dev YES=1", "✅  nightstar-dev\n"},
		{"make diff ENV=dev", "There were no differences"},
		{"make deploy ENV=dev YES=1", "✅  nightstar-dev (no changes)"},
		{"make destroy ENV=dev YES=1", "✅  nightstar-dev: destroyed"},
	} {
		said, code := p.run(t, tt.line)
		if code != 0 || !strings.Contains(said, tt.says) {
			t.Fatalf("%s: exit code %d, want %q in what it says:\n%s\ncalls:\n%s", tt.line, code, tt.says, said, strings.Join(a.calls, "\n"))
		}
		if len(a.unknown) > 0 {
			t.Fatalf("%s makes calls that this account does not know: %s", tt.line, a.unknown)
		}
		if tt.says == "✅  nightstar-dev\n" {
			a.checkFunctions(t)
		}
	}
	if got := a.stacks["nightstar-dev"].status; got != "DELETE_COMPLETE" {
		t.Errorf("after make destroy the stack is %s", got)
	}
}

// checkFunctions proves that the code of every step was uploaded where the
// template looks for it, and is what Lambda wants: an executable called
// bootstrap at the root of a zip archive.
func (a *account) checkFunctions(t *testing.T) {
	t.Helper()
	var deployed synthesised
	if err := json.Unmarshal([]byte(a.stacks["nightstar-dev"].template), &deployed); err != nil {
		t.Fatal(err)
	}
	for _, step := range pipeline.Steps() {
		_, f := deployed.one(t, "AWS::Lambda::Function", identifier(step))
		code := a.assets[at(t, f.Properties, "Code", "S3Key").(string)]
		archive, err := zip.NewReader(bytes.NewReader(code), int64(len(code)))
		if err != nil {
			t.Errorf("the code of %s is no archive: %v", step.Name, err)
			continue
		}
		var got []string
		for _, file := range archive.File {
			got = append(got, file.Name+" "+file.Mode().String())
		}
		if diff := cmp.Diff([]string{"bootstrap -rwxr-xr-x"}, got); diff != "" {
			t.Errorf("the archive of %s (-want +got):\n%s", step.Name, diff)
		}
	}
}

// TestCommands_deployThatFails: the command says which resource was refused
// and why, and ends as a failure; nothing of the stack counts as deployed, and
// the next attempt starts anew.
func TestCommands_deployThatFails(t *testing.T) {
	t.Parallel()

	a, p := &account{refuses: "Workgroup"}, newProject(t, nil)
	p.account = a.serve(t)
	said, code := p.run(t, "make deploy ENV=dev YES=1")
	for _, want := range []string{"❌", "nightstar-dev failed", "Workgroup", "the account has no more of it"} {
		if code == 0 || !strings.Contains(said, want) {
			t.Errorf("exit code %d, want %q in what it says:\n%s", code, want, said)
		}
	}
	if got := a.stacks["nightstar-dev"].status; got != "ROLLBACK_COMPLETE" {
		t.Errorf("the stack is %s", got)
	}
	a.refuses, a.calls = "", nil
	if said, code := p.run(t, "make deploy ENV=dev YES=1"); code != 0 || !slices.Contains(a.calls, "cloudformation DeleteStack") {
		t.Errorf("the next attempt: exit code %d, calls %s, it says:\n%s", code, a.calls, said)
	}
}
