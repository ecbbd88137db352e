package faults_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/step/steptest"
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
	os.Exit(steptest.Main(func(dir string) int {
		lambdas = dir
		return m.Run()
	}))
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
