package inspect

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// folder is an export on disk.
type folder struct {
	path  string
	table string // name of the table; empty if no manifest says it
	files []string
	bytes int64
	items int64 // as the manifests count them; 0 without manifests
}

const summaryName = "manifest-summary.json"

// open finds the export in a folder: where its summary lies, or further down, or
// data files without any manifest.
func open(dir string) (folder, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return folder{}, fmt.Errorf("open the export: %w", err)
	}
	if !info.IsDir() {
		return folder{}, fmt.Errorf("open the export: %s is a file; name the folder that holds %s", dir, summaryName)
	}
	var summaries, data []string
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
		case entry.Name() == summaryName:
			summaries = append(summaries, path)
		case strings.HasSuffix(entry.Name(), ".json.gz"):
			data = append(data, path)
		}
		return nil
	})
	if err != nil {
		return folder{}, fmt.Errorf("open the export: %w", err)
	}
	f, err := choose(dir, summaries, data)
	if err != nil {
		return folder{}, err
	}
	for _, file := range f.files {
		info, err := os.Stat(file)
		if err != nil {
			return folder{}, fmt.Errorf("open a data file that the manifest lists: %w", err)
		}
		f.bytes += info.Size()
	}
	return f, nil
}

// summary is what counts of manifest-summary.json.
type summary struct {
	ExportType   *string `json:"exportType"`
	OutputFormat *string `json:"outputFormat"`
	TableARN     string  `json:"tableArn"`
	ItemCount    int64   `json:"itemCount"`
}

// choose takes the one full export of a folder.
func choose(dir string, summaries, data []string) (folder, error) {
	var full []folder
	var others []string
	for _, path := range summaries {
		f, other, err := manifest(path)
		switch {
		case err != nil:
			return folder{}, err
		case other != "":
			others = append(others, other)
		default:
			full = append(full, f)
		}
	}
	switch {
	case len(full) == 1:
		return full[0], nil
	case len(full) > 1:
		var paths []string
		for _, f := range full {
			paths = append(paths, f.path)
		}
		return folder{}, fmt.Errorf("%s holds %d exports: name one of %s", dir, len(full), strings.Join(paths, ", "))
	case len(others) > 0:
		return folder{}, fmt.Errorf("%s holds no full export in DynamoDB JSON: %s", dir, strings.Join(others, "; "))
	case len(data) == 0:
		return folder{}, fmt.Errorf("%s holds no export: there is no %s and no file that ends in .json.gz", dir, summaryName)
	}
	slices.Sort(data)
	return folder{path: dir, files: data}, nil
}

// manifest reads the manifests of an export. The text other says why it is of
// another kind.
func manifest(path string) (f folder, other string, err error) {
	text, err := os.ReadFile(path) //nolint:gosec // below the caller's folder
	if err != nil {
		return folder{}, "", fmt.Errorf("read the summary: %w", err)
	}
	var s summary
	if err := json.Unmarshal(text, &s); err != nil {
		return folder{}, "", fmt.Errorf("read %s: %w", path, err)
	}
	if s.ExportType != nil && *s.ExportType != "FULL_EXPORT" {
		return folder{}, fmt.Sprintf("%s is of an %s", path, *s.ExportType), nil
	}
	if s.OutputFormat != nil && *s.OutputFormat != "DYNAMODB_JSON" {
		return folder{}, fmt.Sprintf("%s is of an export in %s", path, *s.OutputFormat), nil
	}
	home := filepath.Dir(path)
	f = folder{path: home, items: s.ItemCount, table: s.TableARN[strings.LastIndexByte(s.TableARN, '/')+1:]}
	list := filepath.Join(home, "manifest-files.json")
	body, err := os.ReadFile(list) //nolint:gosec // as above
	if err != nil {
		return folder{}, "", fmt.Errorf("read the list of data files: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(body))
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var entry struct {
			Key string `json:"dataFileS3Key"`
		}
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			return folder{}, "", fmt.Errorf("read %s, line %d: %w", list, n, err)
		}
		// The key is that of the bucket that DynamoDB wrote to; the file lies
		// where it lay beside the summary.
		below := entry.Key[strings.LastIndexByte(entry.Key, '/')+1:]
		if below == "" || below == "." || below == ".." || strings.ContainsAny(below, `\`) {
			return folder{}, "", fmt.Errorf("read %s, line %d: dataFileS3Key %q names no file", list, n, entry.Key)
		}
		f.files = append(f.files, filepath.Join(home, "data", below))
	}
	if err := lines.Err(); err != nil {
		return folder{}, "", fmt.Errorf("read %s: %w", list, err)
	}
	if len(f.files) == 0 {
		return folder{}, "", errors.New(list + " lists no data file")
	}
	slices.Sort(f.files)
	return f, "", nil
}
