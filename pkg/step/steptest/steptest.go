// Package steptest builds the step executables for tests, as they are deployed
// but for this machine.
package steptest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Main builds every step into a folder, calls run with it, and removes it. It
// returns what run does, an exit code; 1 if there was nothing to run with. It
// is for TestMain.
func Main(run func(dir string) int) int {
	dir, err := os.MkdirTemp("", "nightstar-lambdas-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := 1
	if err = Build(dir); err == nil {
		code = run(dir)
	}
	if removed := os.RemoveAll(dir); err == nil {
		err = removed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Build builds every step into a folder, with the flags of "make local": the
// compiler has then done most of the work already.
func Build(dir string) error {
	out, err := exec.Command("go", "build", "-pgo", "off", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", //nolint:gosec // the folder is the caller's
		"-o", dir+string(filepath.Separator), "github.com/nightstar-elt/nightstar/lambdas/...").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the steps: %w\n%s", err, out)
	}
	return nil
}
