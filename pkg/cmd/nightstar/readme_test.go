package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// asCommand makes the test binary the command itself.
const asCommand = "NIGHTSTAR_TEST_AS_COMMAND"

// The blocks of "your own table in five minutes" run as they stand, one after
// the other, in an empty folder.
func TestReadme_yourOwnTableInFiveMinutes(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)<!-- five minutes[^\n]*-->\n```sh\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) < 2 {
		t.Fatalf("the README has %d blocks to run", len(blocks))
	}
	script := "set -eu\n"
	for _, block := range blocks {
		script += block[1]
	}
	shell := exec.CommandContext(t.Context(), "bash", "-c", script)
	shell.Dir = t.TempDir()
	shell.Env = append(os.Environ(), asCommand+"=1", "PATH="+commandFolder(t)+":"+os.Getenv("PATH"))
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"succeeded in", "country", "revenue", "dwh.booking", "staging.verify"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the commands print no %q:\n%s", want, out)
		}
	}
}

// commandFolder returns a folder in which the test binary is called nightstar,
// with the step executables beside it.
func commandFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(folder, "nightstar")
	if err := errors.Join(copyFile(self, command), os.Chmod(command, 0o700)); err != nil { //nolint:gosec // an executable
		t.Fatal(err)
	}
	if err := os.Symlink(built, filepath.Join(folder, "lambdas")); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	return folder
}
