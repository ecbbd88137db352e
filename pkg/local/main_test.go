package local_test

import (
	"os"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/step/steptest"
)

// lambdas is where TestMain puts the step executables.
var lambdas string

func TestMain(m *testing.M) {
	os.Exit(steptest.Main(func(dir string) int {
		lambdas = dir
		return m.Run()
	}))
}
