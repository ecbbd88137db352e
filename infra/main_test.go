package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close() // removes the folder that Node works in
	_ = os.RemoveAll(built.folder)
	os.Exit(code)
}

func TestGuarded(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		work func() error
		code int
		want string
	}{
		"says nothing of success": {func() error { return nil }, 0, ""},
		"prints an error":         {func() error { return errors.New("no such thing") }, 1, "nightstar: no such thing\n"},
		"prints the first line of a panic": {
			func() error { panic("Error: name is too long\n    at Kernel._create (lib/program.js)") },
			1, "nightstar: build template: Error: name is too long\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var log strings.Builder
			if code := guarded(&log, tt.work); code != tt.code || log.String() != tt.want {
				t.Errorf("guarded() = %d, says %q; want %d, %q", code, log.String(), tt.code, tt.want)
			}
		})
	}
}

func TestCheckExecutables(t *testing.T) {
	t.Parallel()

	t.Run("prints the size of every step", func(t *testing.T) {
		t.Parallel()

		var log strings.Builder
		if err := checkExecutables(executables(t), &log); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(log.String(), "MiB compressed\n"); lines != len(pipeline.Steps()) {
			t.Errorf("it printed %d sizes, want one for each step:\n%s", lines, log.String())
		}
	})
	t.Run("names the executable that is missing and how to get it", func(t *testing.T) {
		t.Parallel()

		root := executables(t)
		path := filepath.Join(root, "partition", "bootstrap")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		want := "find executable " + path + ": it is not there; run make build"
		if err := checkExecutables(root, &strings.Builder{}); err == nil || err.Error() != want {
			t.Errorf("error = %v, want %s", err, want)
		}
	})
	t.Run("refuses one that compresses to more than 15 MiB", func(t *testing.T) {
		t.Parallel()

		root := executables(t)
		noise := make([]byte, maxZip+1<<20)
		state := uint64(1)
		for i := range noise { // a linear congruential generator does not compress
			state = state*6364136223846793005 + 1442695040888963407
			noise[i] = byte(state >> 56)
		}
		if err := os.WriteFile(filepath.Join(root, "archive", "bootstrap"), noise, 0o755); err != nil {
			t.Fatal(err)
		}
		err := checkExecutables(root, &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), "more than 15 MiB") {
			t.Errorf("error = %v, want one that says more than 15 MiB", err)
		}
	})
}
