package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/gunzip"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

// partition does what the partition step does, with files instead of S3.
func partition(ctx context.Context, data, out string) error {
	t, err := readTruth(data)
	if err != nil {
		return err
	}
	store, err := models.Read(models.Default)
	if err != nil {
		return err //nolint:wrapcheck // names the file
	}
	splitter, err := lake.NewSplitter(store)
	if err != nil {
		return fmt.Errorf("prepare the model: %w", err)
	}
	for _, file := range t.Files {
		in := lake.PartitionInput{RunID: "bench", File: file}
		if err := partitionFile(ctx, splitter, in, filepath.Join(data, file.Key), out); err != nil {
			return err
		}
	}
	return nil
}

func partitionFile(ctx context.Context, splitter *lake.Splitter, in lake.PartitionInput, path, out string) error {
	file, err := os.Open(path) //nolint:gosec // the folder is ours
	if err != nil {
		return fmt.Errorf("open data file: %w", err)
	}
	var opened error
	result, err := splitter.Split(ctx, in, path, file, func(key string) lake.Output {
		output, err := createOutput(filepath.Join(out, filepath.FromSlash(key)))
		opened = errors.Join(opened, err)
		return output
	})
	if err = errors.Join(err, opened, file.Close()); err != nil {
		return fmt.Errorf("partition %s: %w", path, err)
	}
	if result.SetAside.Total() > 0 || result.Wrong.Total() > 0 {
		return fmt.Errorf("partition %s: items were set aside, or values: %v, %v", path, result.SetAside, result.Wrong)
	}
	return nil
}

// output is a local file that a split writes.
type output struct{ *os.File }

func createOutput(path string) (output, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return output{}, fmt.Errorf("make folder: %w", err)
	}
	file, err := os.Create(path) //nolint:gosec // the folder is ours
	if err != nil {
		return output{}, fmt.Errorf("create output: %w", err)
	}
	return output{file}, nil
}

func (o output) Commit() (string, error) { return "", o.Close() } //nolint:wrapcheck // names the file

func (o output) Abandon() { _ = o.Close() } //nolint:errcheck // the run fails anyway

// decode reads all lines and picks the values of every column, and does nothing
// with them: what no way of doing the job can save.
func decode(data string) error {
	files, err := dataFiles(data)
	if err != nil {
		return err
	}
	decoder, err := newDecoder()
	if err != nil {
		return err
	}
	for _, path := range files {
		file, err := os.Open(path) //nolint:gosec // the folder is ours
		if err != nil {
			return fmt.Errorf("open data file: %w", err)
		}
		if err := errors.Join(decodeLines(file, decoder.Decode), file.Close()); err != nil {
			return fmt.Errorf("decode %s: %w", path, err)
		}
	}
	return nil
}

// newDecoder returns a decoder that picks the values of every column.
func newDecoder() (*ddbjson.Decoder, error) {
	store, err := models.Read(models.Default)
	if err != nil {
		return nil, err //nolint:wrapcheck // names the file
	}
	var paths [][]string
	for _, key := range store.Keys {
		paths = append(paths, []string{key.Name})
	}
	for _, name := range slices.Concat(store.TypeFrom, store.Ignored) {
		paths = append(paths, []string{name})
	}
	for _, item := range store.Items {
		for _, column := range item.Columns {
			if len(column.From) > 0 {
				paths = append(paths, column.From)
			}
		}
	}
	selector, err := ddbjson.NewSelector(paths...)
	if err != nil {
		return nil, fmt.Errorf("prepare the model: %w", err)
	}
	return ddbjson.NewDecoder(selector), nil
}

// decodeLines decompresses a data file and calls a function for each line.
func decodeLines(file io.Reader, each func(line []byte) error) error {
	zip, err := gunzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("decompress: %w", err)
	}
	for reader := ddbjson.NewReader(zip, 0); ; {
		line, err := reader.Next()
		if err == io.EOF { //nolint:errorlint // Next returns EOF itself, by contract
			return nil
		}
		if err == nil {
			err = each(line)
		}
		if err != nil {
			return err
		}
	}
}
