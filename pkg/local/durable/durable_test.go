package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/durable"
)

func TestWriteFile_replacesAndLeavesNothingElse(t *testing.T) {
	t.Parallel()

	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "file.json")
	for _, content := range []string{"a longer text", "short", ""} {
		if err := durable.WriteFile(name, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != content {
			t.Errorf("the file holds %q, %v, want %q", got, err, content)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v, want the file alone", entries, err)
	}
}

func TestWriteFile_keepsTheOldFileOnAnError(t *testing.T) {
	t.Parallel()

	name := filepath.Join(t.TempDir(), "file.json")
	if err := durable.WriteFile(name, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name+durable.Temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.WriteFile(name, []byte("new")); err == nil {
		t.Error("WriteFile() succeeds where it can not write")
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "old" {
		t.Errorf("the file holds %q, %v, want the old content", got, err)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()

	dir, outside := filepath.Join(t.TempDir(), "x"), t.TempDir()
	kept := filepath.Join(outside, "kept")
	if err := errors.Join(durable.Empty(dir), os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700),
		os.WriteFile(kept, nil, 0o600), os.Symlink(outside, filepath.Join(dir, "link")), durable.Empty(dir)); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("the directory holds %v, %v, want nothing", entries, err)
	}
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("a link was followed: %v", err)
	}
}
