package local_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// lambdas is where TestMain puts the step executables.
var lambdas string

// TestMain builds the step executables as they are deployed, for this machine.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "nightstar-lambdas-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lambdas = dir
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-o", dir+string(filepath.Separator), "../../lambdas/...")
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = m.Run()
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
