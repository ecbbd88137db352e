// Package durable writes files so that they are there, whole, after a power
// failure: a file is synced before its name points to it, and the directory
// that holds the name is synced before anybody is told.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Temporary ends the name of a file that has not been written to its end. What
// is called so when a process starts was left by one that was killed.
const Temporary = ".new"

// WriteFile replaces a file in one step: readers, and whoever comes after a
// power failure, find the old content or the new one.
func WriteFile(name string, content []byte) error {
	temporary := name + Temporary
	if err := writeSynced(temporary, content); err != nil {
		return errors.Join(err, removeIfThere(temporary))
	}
	return Rename(temporary, name)
}

func writeSynced(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Rename renames a synced file or directory within its directory, or replaces
// another file by it, and syncs the directory.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(to))
}

// SyncDir makes the names in a directory durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}

// MkdirAll makes a directory and its parents, and syncs each directory that got
// a new name.
func MkdirAll(dir string, perm os.FileMode) error {
	info, err := os.Stat(dir)
	if err == nil && info.IsDir() {
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := MkdirAll(parent, max(perm, 0o700)); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, perm); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return SyncDir(parent)
}

// Empty removes what a directory holds, and makes it if it is missing.
func Empty(dir string) error {
	if err := MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
	}
	if err != nil {
		return fmt.Errorf("empty %s: %w", dir, err)
	}
	return nil
}
