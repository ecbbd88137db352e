package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alecthomas/kong"
)

// command starts the test binary as the command, in a folder.
func command(ctx context.Context, t *testing.T, folder, words string) *exec.Cmd {
	t.Helper()
	shell := exec.CommandContext(ctx, "bash", "-c", "exec "+words)
	shell.Dir = folder
	shell.Env = append(os.Environ(), asCommand+"=1", "PATH="+commandFolder(t)+":"+os.Getenv("PATH"))
	return shell
}

// examples are the command lines in the help of a command and those below it,
// each once.
func examples(node *kong.Node) []string {
	var lines []string
	help := node.Detail
	if node.Type == kong.ApplicationNode {
		help = node.Help
	}
	for line := range strings.SplitSeq(help, "\n") {
		if line, ok := strings.CutPrefix(line, "  nightstar "); ok {
			words, _, _ := strings.Cut(line, "   ") // what it does follows
			lines = append(lines, "nightstar "+words)
		}
	}
	for _, child := range node.Children {
		for _, line := range examples(child) {
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// TestExamples executes every example of every help text, in the order of the
// commands, in one folder that has what they name. Those that are about AWS find
// the endpoints of nightstar up there.
func TestExamples(t *testing.T) {
	parser, err := newParser(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	lines := examples(parser.Model.Node)
	if len(lines) < 30 {
		t.Fatalf("the help has %d examples", len(lines))
	}
	folder := t.TempDir()
	for _, words := range []string{
		"nightstar demo --model tickets --items 300 --dir made",
		"cp -r made/s3/nightstar-raw/run=*/ my-export",
		"cp made/model.yaml tickets.yaml",
		"cp made/model.yaml bookings.yaml",
	} {
		if out, err := command(t.Context(), t, folder, words).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", words, err, out)
		}
	}
	schema := `{"tables":[{"table_config":{"table_name":"tickets","partition_key":"pk","sort_key":"sk"},"entities":{` +
		`"Org":{"pk_template":"ORG#{orgid}","sk_template":"PROFILE","fields":[{"name":"name","type":"string"}]}}}]}`
	if err := os.WriteFile(filepath.Join(folder, "schema.json"), []byte(schema), 0o600); err != nil {
		t.Fatal(err)
	}
	up := startUp(t, folder, "nightstar up --dir made")
	for _, line := range lines {
		t.Run(line, func(t *testing.T) {
			if strings.HasPrefix(line, "nightstar up") {
				startUp(t, folder, strings.Replace(line, "--port 4600", "", 1)).stop(t)
				return
			}
			if strings.HasPrefix(line, "nightstar demo") && !strings.Contains(line, "--items") {
				line += " --items 500"
			}
			shell := command(t.Context(), t, folder, line)
			shell.Env = append(shell.Env, up.environment...)
			var errs bytes.Buffer
			shell.Stderr = &errs
			out, err := shell.Output()
			if err != nil || len(out)+errs.Len() == 0 {
				t.Errorf("%s: %v\n%s%s", line, err, out, errs.String())
			}
			if width := widest(string(out)); strings.Contains(line, "nightstar demo") && width > 80 {
				t.Errorf("%s: a line takes %d columns:\n%s", line, width, out)
			}
		})
	}
}

func widest(text string) int {
	width := 0
	for line := range strings.SplitSeq(text, "\n") {
		width = max(width, len([]rune(line)))
	}
	return width
}

// upProcess is a nightstar up that goes on.
type upProcess struct {
	process     *exec.Cmd
	environment []string
}

// startUp waits until the endpoints are up, and reads the export lines.
func startUp(t *testing.T, folder, words string) *upProcess {
	t.Helper()
	shell := command(t.Context(), t, folder, words+" --port 0")
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	up := &upProcess{process: shell}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if variable, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			up.environment = append(up.environment, variable)
		}
		if strings.Contains(lines.Text(), "AWS_DEFAULT_REGION") {
			go io.Copy(io.Discard, out)
			t.Cleanup(func() { _ = shell.Process.Kill(); _ = shell.Wait() })
			return up
		}
	}
	t.Fatalf("%s prints no export lines", words)
	return nil
}

// stop ends it as Ctrl-C does.
func (u *upProcess) stop(t *testing.T) {
	t.Helper()
	if err := u.process.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := u.process.Wait(); err != nil {
		t.Errorf("up ended with %v", err)
	}
}

// TestCompletion asks bash itself what may follow.
func TestCompletion(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, ".nightstar"), 0o755); err != nil {
		t.Fatal(err)
	}
	model, err := os.ReadFile("../../models/tickets.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, ".nightstar", "model.yaml"), model, 0o600); err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"ru": "run runs", "query monthly_r": "monthly_revenue", "run --exp": "--export", "demo --model tick": "tickets",
		"model ch": "check", "model check li": "library", "completion z": "zsh", "--verb": "--verbose", "tables ticke": "ticket",
		"query --dir x --cs": "--csv", "model sql tickets rep": "repair",
	} {
		script := "bash -c 'source <(nightstar completion bash); COMP_WORDS=(nightstar " + words +
			"); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _nightstar; echo ${COMPREPLY[@]}'"
		out, err := command(t.Context(), t, folder, script).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("after %q bash offers %q, want %q (%v)", words, got, want, err)
		}
	}
	for shell, check := range map[string]string{
		"zsh":  `source <(nightstar completion zsh); print -- $+functions[_nightstar]`,
		"fish": `nightstar completion fish | source; complete -C "nightstar ru"`,
	} {
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("%s is not installed, so its script is not tried", shell)
			continue
		}
		out, err := command(t.Context(), t, folder, path+" -c '"+check+"'").CombinedOutput()
		if err != nil || !regexp.MustCompile(`^(1|run\b.*\nruns\b.*)\s*$`).Match(out) {
			t.Errorf("%s says %q, %v", shell, out, err)
		}
	}
}
