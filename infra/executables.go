package main

import (
	"compress/flate"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// maxZip bounds a function's archive, in bytes. Lambda takes 50 MB; more than
// this is a dependency that should not be there, and slows down cold starts.
const maxZip = 15 << 20

// checkExecutables proves that every step has been built and is small enough,
// and returns the size of the largest, compressed.
func checkExecutables(root string) (largest int64, err error) {
	for _, step := range pipeline.Steps() {
		path := filepath.Join(root, step.Name, "bootstrap")
		size, err := compressedSize(path)
		if os.IsNotExist(err) {
			return 0, fmt.Errorf("find executable %s: it is not there; run make build", path)
		}
		if err != nil {
			return 0, fmt.Errorf("read executable %s: %w", path, err)
		}
		if size > maxZip {
			return 0, fmt.Errorf("check executable %s: %.1f MiB compressed, more than %d MiB", path, mebibytes(size), maxZip>>20)
		}
		largest = max(largest, size)
	}
	return largest, nil
}

func mebibytes(size int64) float64 { return float64(size) / (1 << 20) }

// compressedSize is what a file comes to in a zip archive, which uses the same
// compression.
func compressedSize(path string) (int64, error) {
	file, err := os.Open(path) //nolint:gosec // what make build wrote
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }() // only read
	var size counter
	w, err := flate.NewWriter(&size, flate.DefaultCompression)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(w, file); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return int64(size), nil
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
