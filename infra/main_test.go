package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
	code := m.Run()
	jsii.Close() // removes the folder that Node works in
	_ = os.RemoveAll(cdkApp.folder)
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

func TestReport(t *testing.T) {
	t.Parallel()

	folder := filepath.Join(t.TempDir(), "cdk.out")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "n-dev.template.json"), []byte(`{"Resources":{"A":{},"B":{}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, cfg := range map[string]Config{
		"nightstar: n-dev for wherever the credentials lead: 2 resources, functions of up to 3.5 MiB, in cdk.out\n": {Name: "n-dev"},
		"nightstar: n-dev for account 1, r: 2 resources, functions of up to 3.5 MiB, in cdk.out\n":                  {Name: "n-dev", Account: "1", Region: "r"},
	} {
		var log strings.Builder
		if err := report(&log, cfg, folder, 7<<19); err != nil || log.String() != want {
			t.Errorf("report() = %v, says %q, want %q", err, log.String(), want)
		}
	}
}

func TestCheckExecutables(t *testing.T) {
	t.Parallel()

	t.Run("returns the size of the largest", func(t *testing.T) {
		t.Parallel()

		root := executables(t)
		before, err := checkExecutables(root)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "lock", "bootstrap"), []byte(strings.Join(strings.Split(fmt.Sprint(rand.Perm(9999)), " "), "")), 0o600); err != nil {
			t.Fatal(err)
		}
		if after, err := checkExecutables(root); err != nil || after < before+1000 {
			t.Errorf("with a larger executable the size is %d, %v; it was %d", after, err, before)
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
		if _, err := checkExecutables(root); err == nil || err.Error() != want {
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
		_, err := checkExecutables(root)
		if err == nil || !strings.Contains(err.Error(), "more than 15 MiB") {
			t.Errorf("error = %v, want one that says more than 15 MiB", err)
		}
	})
}
