// Package steptest builds the step executables for tests, as they are deployed
// but for this machine.
package steptest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Main builds every step and calls run with their folder. It returns what run
// does, an exit code; 1 if there was nothing to run with. It is for TestMain.
func Main(run func(dir string) int) int {
	dir, err := Build()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return run(dir)
}

// Build builds every step and returns their folder: the one of "make local",
// with the same flags. Only the first of several test binaries has something
// to build then; the others wait for it.
func Build() (dir string, err error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the folder of the module: %w", err)
	}
	dir = filepath.Join(strings.TrimSpace(string(root)), "build", "local", "lambdas")
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // executables are for everybody
		return "", err
	}
	folder, err := os.Open(dir) //nolint:gosec // the folder is ours
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, folder.Close()) }() // which unlocks it
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock %s: %w", dir, err)
	}
	out, err := exec.Command("go", "build", "-pgo", "off", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", //nolint:gosec // the folder is ours
		"-o", dir+string(filepath.Separator), "github.com/nightstar-elt/nightstar/lambdas/...").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the steps: %w\n%s", err, out)
	}
	return dir, nil
}
