package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test's executable be the child processes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-task" {
		if err := run(context.Background(), os.Args[1:], os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestCompare(t *testing.T) {
	t.Parallel()

	var out, progress bytes.Buffer
	err := run(t.Context(), []string{"-items", "2000", "-files", "2", "-rounds", "2", "-dir", t.TempDir(), "-chdb", t.TempDir()}, &out, &progress)
	if err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	for _, name := range []string{"ours", "floor", "duckdb", "naive"} {
		if !strings.Contains(out.String(), "\n"+name+" ") || !strings.Contains(progress.String(), "round 2 of 2: "+name) {
			t.Errorf("contender %s didn't run twice:\n%s\n%s", name, &progress, &out)
		}
	}
	if !strings.Contains(out.String(), "not installed; npm install") {
		t.Errorf("the report doesn't say why ClickHouse is missing:\n%s", &out)
	}
}

// TestCheck_refuses alters what was written, and what should have been.
func TestCheck_refuses(t *testing.T) {
	t.Parallel()

	data, out := t.TempDir(), t.TempDir()
	if err := generate(data, 1000, 1); err != nil {
		t.Fatal(err)
	}
	if err := partition(t.Context(), data, out); err != nil {
		t.Fatal(err)
	}
	if err := check(t.Context(), data, out); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(truthPath(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{{`"cents":`, `"cents":1`}, {`"amount":`, `"amount":1`}, {`"product":600`, `"product":601`}} {
		altered := strings.Replace(string(good), change[0], change[1], 1)
		if altered == string(good) {
			t.Fatalf("%s is not in %s", change[0], good)
		}
		if err := os.WriteFile(truthPath(data), []byte(altered), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := check(t.Context(), data, out); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("check() = %v where %s was altered", err, change[0])
		}
	}
	if err := check(t.Context(), data, filepath.Join(out, "none")); err == nil {
		t.Error("check() finds nothing wrong with nothing")
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()

	for _, args := range [][]string{{"-items", "99"}, {"-files", "0"}, {"-rounds", "0"}, {"-none"}} {
		if _, err := parse(args, new(bytes.Buffer)); err == nil {
			t.Errorf("parse(%q) accepts them", args)
		}
	}
	if err := run(t.Context(), []string{"-task", "none"}, new(bytes.Buffer), new(bytes.Buffer)); err == nil {
		t.Error("there is a task of the name none")
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()

	for want, values := range map[float64][]float64{2: {9, 1, 2}, 2.5: {1, 2, 3, 9}, 7: {7}} {
		if got := median(values); got != want {
			t.Errorf("median(%v) = %v, want %v", values, got, want)
		}
	}
}
