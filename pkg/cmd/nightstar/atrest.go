package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// atRest is how long a file must have stayed the same before it is copied: far
// longer than the clock of a file system takes for a tick.
const atRest = 100 * time.Millisecond

// copies is how often it is looked whether the file is at rest.
const copies = 40

// copyAtRest copies a DuckDB file and the log beside it as they are at one moment:
// that is what a process that is killed leaves, and DuckDB opens it to the last
// committed transaction. What is written meanwhile spoils the copy, which is then
// made again.
func copyAtRest(ctx context.Context, path, to string) error {
	for range copies {
		before, err := stateOf(path)
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // the command says that it was interrupted
		case <-time.After(atRest):
		}
		if same, err := before.remains(path); err != nil || !same {
			continue // a file that is gone fails the next look
		}
		copied := before.copy(path, to)
		if same, err := before.remains(path); err == nil && same {
			return copied
		}
	}
	return fmt.Errorf("copy %s: it is written all the time", path)
}

// state is what the file system says of a DuckDB file and its log.
type state struct {
	suffixes []string // of the files that are there
	sizes    []int64
	times    []time.Time
}

func stateOf(path string) (state, error) {
	var s state
	for _, suffix := range []string{"", ".wal"} {
		info, err := os.Stat(path + suffix)
		if errors.Is(err, fs.ErrNotExist) && suffix != "" {
			continue
		}
		if err != nil {
			return state{}, fmt.Errorf("copy the warehouse: %w", err)
		}
		s.suffixes, s.sizes, s.times = append(s.suffixes, suffix), append(s.sizes, info.Size()), append(s.times, info.ModTime())
	}
	return s, nil
}

// remains reports whether nothing has been written since.
func (s state) remains(path string) (bool, error) {
	now, err := stateOf(path)
	return err == nil && slices.Equal(s.suffixes, now.suffixes) && slices.Equal(s.sizes, now.sizes) &&
		slices.EqualFunc(s.times, now.times, time.Time.Equal), err
}

// copy copies the files, and removes a log that an earlier copy had.
func (s state) copy(path, to string) error {
	if err := os.Remove(to + ".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copy the warehouse: %w", err)
	}
	for _, suffix := range s.suffixes {
		if err := copyFile(path+suffix, to+suffix); err != nil {
			return fmt.Errorf("copy the warehouse: %w", err)
		}
	}
	return nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from) //nolint:gosec // a file of the directory that the person named
	if err != nil {
		return err //nolint:wrapcheck // names the file
	}
	defer source.Close()         //nolint:errcheck // it was only read
	target, err := os.Create(to) //nolint:gosec // a file of a new temporary directory
	if err != nil {
		return err //nolint:wrapcheck // names the file
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
