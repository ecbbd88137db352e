package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// TestCommands_deployAndDestroy runs the commands of the Makefile, one after
// the other, against an account that was bootstrapped and is empty. The first
// deployment fails: the command says which resource was refused and why, and
// the next one starts anew.
func TestCommands_deployAndDestroy(t *testing.T) {
	t.Parallel()

	a, p := &account{}, newProject(t, nil)
	p.account = a.serve(t)
	for _, tt := range []struct {
		line, refuses string
		says          []string
		code          int
		leaves        string // the status of the stack
	}{
		{line: "make diff ENV=dev", says: []string{"[+] AWS::StepFunctions::StateMachine Pipeline"}, leaves: "DELETE_COMPLETE"}, // what a diff was made of
		{
			line: "make deploy ENV=dev YES=1", refuses: "Workgroup", code: 2, leaves: "ROLLBACK_COMPLETE",
			says: []string{"❌", "nightstar-dev failed", "Workgroup", "the account has no more of it"},
		},
		{line: "make deploy ENV=dev YES=1", says: []string{"✅  nightstar-dev\n"}, leaves: "CREATE_COMPLETE"},
		{line: "make deploy ENV=dev YES=1", says: []string{"✅  nightstar-dev (no changes)"}, leaves: "CREATE_COMPLETE"},
		{line: "make destroy ENV=dev YES=1", says: []string{"✅  nightstar-dev: destroyed"}, leaves: "DELETE_COMPLETE"},
	} {
		a.refuses = tt.refuses
		said, code := p.run(t, tt.line)
		for _, want := range tt.says {
			if code != tt.code || !strings.Contains(said, want) {
				t.Fatalf("%s: exit code %d, want %d, and %q in what it says:\n%s\ncalls: %s", tt.line, code, tt.code, want, said, a.calls)
			}
		}
		if len(a.unknown) > 0 {
			t.Fatalf("%s makes calls that this account does not know: %s", tt.line, a.unknown)
		}
		if got := a.stacks["nightstar-dev"].status; got != tt.leaves {
			t.Errorf("after %s the stack is %s, want %s", tt.line, got, tt.leaves)
		}
		if tt.leaves == "CREATE_COMPLETE" {
			a.checkFunctions(t)
		}
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
