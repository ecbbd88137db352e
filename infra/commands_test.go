package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// project is a copy of this project to run commands in: its own cdk.json, with
// an app that is built already, and build folder, everything else by reference.
type project struct {
	root    string
	account string // endpoint of the account; empty for none
}

// newProject returns a project whose environment dev is changed, and whose
// Lambdas are built as far as the CDK cares.
func newProject(t *testing.T, change func(map[string]any)) project {
	t.Helper()
	p := project{root: t.TempDir()}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".ci", "Makefile", "go.mod", "go.sum", "infra", "lambdas", "pkg", "sql", "statemachine"} {
		if err := os.Symlink(filepath.Join(here, name), filepath.Join(p.root, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(executables(t), filepath.Join(p.root, "build")); err != nil {
		t.Fatal(err)
	}
	// The aws command, as far as it says whose credentials it has.
	aws := "#!/bin/sh\n[ \"$*\" = 'sts get-caller-identity --query Account --output text' ] && echo " + accountID + "\n"
	if err := os.Mkdir(filepath.Join(p.root, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.root, "bin", "aws"), []byte(aws), 0o700); err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	readJSON(t, "../cdk.json", &file)
	if change != nil {
		change(at(t, file, "context", "environments", "dev").(map[string]any))
	}
	file["app"] = executable(t)
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.root, "cdk.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// cdkApp is the executable of this package, which all projects share.
var cdkApp struct {
	sync.Once
	folder string
	err    error
}

// executable builds this package as the app of cdk.json does, and returns the
// file.
func executable(t *testing.T) string {
	t.Helper()
	cdkApp.Do(func() {
		if cdkApp.folder, cdkApp.err = os.MkdirTemp("", "infra"); cdkApp.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", cdkApp.folder, ".").CombinedOutput(); err != nil {
			cdkApp.err = fmt.Errorf("build the app: %w\n%s", err, out)
		}
	})
	if cdkApp.err != nil {
		t.Fatal(cdkApp.err)
	}
	return filepath.Join(cdkApp.folder, "infra")
}

// run runs a command and returns what it says and its exit code.
func (p project) run(t *testing.T, line string) (said string, code int) {
	t.Helper()
	words := strings.Fields(line)
	if words[0] == "make" {
		words = append(words, "-o", "build") // the Lambdas are built
	}
	command := exec.CommandContext(t.Context(), words[0], words[1:]...)
	command.Dir = p.root
	// These tests may run in a make already, which must not say so to ours.
	outside := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "MAKE") || strings.HasPrefix(v, "MFLAGS=") || strings.HasPrefix(v, "ENV=")
	})
	command.Env = append(outside, "PATH="+filepath.Join(p.root, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "CI=1", "CDK_DISABLE_CLI_TELEMETRY=1", "NO_COLOR=1", "NODE_NO_WARNINGS=1",
		"AWS_ENDPOINT_URL="+p.account, "AWS_REGION="+region, "AWS_ACCESS_KEY_ID=AKIAOPS", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true")
	out, err := command.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return string(out), code
}

// TestCommands_sayInOneLineWhatIsWrong gives the commands of the Makefile, and
// those behind them, what people get wrong.
func TestCommands_sayInOneLineWhatIsWrong(t *testing.T) {
	t.Parallel()

	const cdk = ".ci/node_modules/.bin/cdk --no-notices --context env="
	const choose = `: cdk.json has dev, prod; say ENV=<name>`
	long := strings.Repeat("n", 37)
	tests := map[string]struct {
		change  func(map[string]any)
		unbuilt string
		line    string
		want    string
		code    int
	}{
		"no environment":           {line: "make synth", want: `choose environment ""` + choose, code: 2},
		"an environment not there": {line: "make deploy ENV=stage", want: `choose environment "stage"` + choose, code: 2},
		"start where nothing is":   {line: "make start ENV=stage", want: `choose environment "stage"` + choose, code: 2},
		"destroy by a typing slip": {line: "make destroy ENV=dve", want: `choose environment "dve"` + choose, code: 2},
		"the command, no context":  {line: cdk + " synth", want: `choose environment ""` + choose, code: 1},
		"the command, another one": {line: cdk + "stage diff", want: `choose environment "stage"` + choose, code: 1},
		"a Lambda that is not built": {
			unbuilt: "partition", line: cdk + "dev synth", code: 1,
			want: "find executable build/partition/bootstrap: it is not there; run make build",
		},
		"a reserved name": {
			change: set("aws-nightstar", "name"), line: cdk + "dev synth", code: 1,
			want: `read cdk.json: environments.dev.name makes "aws-nightstar-dev", which begins like names that AWS reserves`,
		},
		"a name too long": {
			change: set(long, "name"), line: "make synth ENV=dev", code: 2,
			want: `read cdk.json: environments.dev.name makes "` + long + `-dev", which has 41 characters; 40 is the most`,
		},
		"credentials of another account": {
			change: func(block map[string]any) {
				set("999999999999", "account")(block)
				set(region, "region")(block)
			},
			line: "make deploy ENV=dev", code: 2,
			want: "check account of environment dev: cdk.json pins 999999999999, the credentials are of " + accountID,
		},
		"a model not there": {
			change: set("tickets.yaml", "model"), line: cdk + "dev synth", code: 1,
			want: "read the model: open tickets.yaml: no such file or directory",
		},
		"an unknown key": {
			change: set(true, "alarms", "mail"), line: cdk + "dev deploy", code: 1,
			want: "read cdk.json: environments.dev.alarms.mail is unknown; known here: chat, email, monthlyBudget, setAsideLimit",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, tt.change)
			if tt.unbuilt != "" {
				if err := os.RemoveAll(filepath.Join(p.root, "build", tt.unbuilt)); err != nil {
					t.Fatal(err)
				}
			}
			said, code := p.run(t, tt.line)
			var ours []string
			for line := range strings.Lines(said) {
				// Make and the cdk command say which of their own lines ended.
				if !strings.HasPrefix(line, "make: ***") && !strings.HasSuffix(line, "Subprocess exited with error 1\n") {
					ours = append(ours, strings.TrimSpace(line))
				}
			}
			if want := "nightstar: " + tt.want; strings.Join(ours, "\n") != want || code != tt.code {
				t.Errorf("exit code %d, want %d; it says\n%s\nwant\n%s", code, tt.code, said, want)
			}
		})
	}
}

// TestCommands_synthSaysOneLine: a synth that succeeds says what it made, and
// nothing else. Its cdk.json is that of the project.
func TestCommands_synthSaysOneLine(t *testing.T) {
	t.Parallel()

	p := newProject(t, nil)
	text, err := os.ReadFile("../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.root, "cdk.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	said, code := p.run(t, "make synth ENV=prod")
	if want := `^nightstar: nightstar-prod for wherever the credentials lead: \d+ resources, functions of up to \d\.\d MiB, in cdk\.out\n$`; code != 0 || !regexp.MustCompile(want).MatchString(said) {
		t.Errorf("exit code %d, it says\n%s\nwant one line like %s", code, said, want)
	}
}
