package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/creack/pty"

	"github.com/nightstar-elt/nightstar/pkg/progress"
)

// live is a command on a terminal of 80 columns.
type live struct {
	process *exec.Cmd
	lines   *bufio.Scanner
	seen    []string
}

func onTerminal(t *testing.T, folder, words string, environment ...string) *live {
	t.Helper()
	shell := command(t.Context(), t, folder, words)
	shell.Env = append(append(shell.Env, "TERM=xterm", "LC_ALL=C.UTF-8"), environment...)
	master, err := pty.StartWithSize(shell, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shell.Process.Kill(); _ = master.Close() })
	return &live{process: shell, lines: bufio.NewScanner(master)}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|\r")

// until reads until a line holds a text; with an empty one, to the end.
func (l *live) until(text string) bool {
	for l.lines.Scan() { // at its end a terminal gives an error, which is no news
		line := escapes.ReplaceAllString(l.lines.Text(), "")
		l.seen = append(l.seen, line)
		if text != "" && strings.Contains(line, text) {
			return true
		}
	}
	return text == ""
}

// check reads to the end and checks the width of all lines.
func (l *live) check(t *testing.T) (status int, screen string) {
	t.Helper()
	l.until("")
	for _, line := range l.seen {
		if width := progress.Width(line); width > 80 && !strings.Contains(line, "/") { // a path is not broken
			t.Errorf("a line takes %d columns: %q", width, line)
		}
	}
	err := l.process.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), strings.Join(l.seen, "\n")
	} else if err != nil {
		t.Fatal(err)
	}
	return 0, strings.Join(l.seen, "\n")
}

// TestLive uses commands on a terminal: what is shown fits, moves, and names the
// stages.
func TestLive(t *testing.T) {
	folder := t.TempDir()
	demo := onTerminal(t, folder, "nightstar demo --items 3000 --awkward")
	status, screen := demo.check(t)
	for _, want := range []string{"Load items", "Partition files", " of 1", "Transform", "·", "✓", "succeeded in", "Sales growth"} {
		if status != 0 || !strings.Contains(screen, want) {
			t.Errorf("the demo shows no %q:\n%s", want, screen)
		}
	}
	if strings.Contains(screen, "Poll row") || strings.Contains(screen, "http://") {
		t.Errorf("the demo shows internals:\n%s", screen)
	}
	frames := map[string]bool{}
	for _, line := range demo.seen {
		if strings.Contains(line, "Transform") {
			frames[line] = true
		}
	}
	if len(frames) < 4 {
		t.Errorf("a stage was drawn in %d ways: %v", len(frames), frames)
	}
	verbose := onTerminal(t, folder, "nightstar run -v")
	if status, screen := verbose.check(t); status != 0 || !strings.Contains(screen, "Poll row") || !strings.Contains(screen, "http://127.0.0.1") {
		t.Errorf("run -v ends with %d:\n%s", status, screen)
	}
}

// TestLive_interrupted stops a run by Ctrl-C: it says what is true and how to go
// on, and that works.
func TestLive_interrupted(t *testing.T) {
	folder := t.TempDir()
	if out, err := command(t.Context(), t, folder, "nightstar demo --items 500").CombinedOutput(); err != nil {
		t.Fatalf("demo: %v\n%s", err, out)
	}
	run := onTerminal(t, folder, "nightstar run")
	for running := false; !running; running = !strings.Contains(run.seen[len(run.seen)-1], "·") { // it waits at first
		if !run.until("Partition files") {
			t.Fatal("the run ended by itself")
		}
	}
	if err := run.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	status, screen := run.check(t)
	flat := strings.Join(strings.Fields(screen), " ")
	for _, want := range []string{"interrupted. The run was stopped in the stage", "Nothing of this run is in the star. The warehouse holds run run-", "Start again: nightstar run"} {
		if status != interrupted || !strings.Contains(flat, want) {
			t.Errorf("the interrupted run ends with %d and does not say %q:\n%s", status, want, screen)
		}
	}
	if out, err := command(t.Context(), t, folder, "nightstar run").CombinedOutput(); err != nil {
		t.Errorf("the next run: %v\n%s", err, out)
	}
	seed := onTerminal(t, folder, "nightstar seed --items 5000000 --seed 3 --dir other")
	if !seed.until("Load items") || seed.process.Process.Signal(syscall.SIGINT) != nil {
		t.Fatal("the seed ended by itself")
	}
	if status, screen := seed.check(t); status != interrupted || !strings.Contains(strings.Join(strings.Fields(screen), " "), "of the 5,000,0") || !strings.Contains(screen, "repeat the command") {
		t.Errorf("the interrupted seed ends with %d:\n%s", status, screen)
	}
}

// TestWatch watches a run that goes on behind the endpoints, and one that failed.
func TestWatch(t *testing.T) {
	folder := t.TempDir()
	if out, err := command(t.Context(), t, folder, "nightstar seed --items 500").CombinedOutput(); err != nil {
		t.Fatalf("seed: %v\n%s", err, out)
	}
	up := startUp(t, folder, "nightstar up")
	for _, variable := range up.environment {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	api := sfn.NewFromConfig(cfg)
	for input, want := range map[string][]string{
		`{}`: {"Partition files", "succeeded in", "rows of other tables: "},
		`{"export":{"manifestKey":"no/manifest-summary.json"}}`: {
			"Plan partition", "failed (Export", "Start again: aws stepfunctions start-execution --state-machine-arn arn:aws:states:us-east-1:000000000000:stateMachine:nightstar",
			"statemachine/RUNBOOK.md#export",
		},
	} {
		started, err := api.StartExecution(t.Context(), &sfn.StartExecutionInput{
			StateMachineArn: aws.String("arn:aws:states:us-east-1:000000000000:stateMachine:nightstar"), Input: &input,
		})
		if err != nil {
			t.Fatal(err)
		}
		status, screen := onTerminal(t, folder, "nightstar watch "+*started.ExecutionArn, up.environment...).check(t)
		flat := strings.ToLower(strings.Join(strings.Fields(screen), " "))
		for _, want := range want {
			if !strings.Contains(flat, strings.ToLower(want)) || (status == 0) != (input == `{}`) {
				t.Errorf("watching a run of %s ends with %d and shows no %q:\n%s", input, status, want, screen)
			}
		}
	}
}
