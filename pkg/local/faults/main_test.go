package faults_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// worldVariable holds the path of a scenario in the environment of a process
// that is to play it.
const worldVariable = "NIGHTSTAR_FAULTS_SCENARIO"

// lambdas is where TestMain puts the step executables.
var lambdas string

// TestMain plays a scenario, or builds the step executables and runs the tests.
func TestMain(m *testing.M) {
	if path := os.Getenv(worldVariable); path != "" {
		os.Exit(play(path))
	}
	dir, err := os.MkdirTemp("", "nightstar-lambdas-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lambdas = dir
	build := exec.Command("go", "build", "-pgo", "off", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w",
		"-o", dir+string(filepath.Separator), "../../../lambdas/...")
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

// play reads a scenario, plays it and writes its report beside it.
func play(path string) int {
	var s scenario
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	data, err = json.Marshal(playScenario(s))
	if err == nil {
		err = os.WriteFile(path+".report", data, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return 0
}
