package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/exportdir"
)

// Folder opens an export in a folder, or data files that lie there without
// manifests. Close the source after use.
func Folder(dir string) (Source, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return Source{}, fmt.Errorf("open the export: %w", err)
	}
	if !info.IsDir() {
		return Source{}, fmt.Errorf("open the export: %s is a file; name the folder that holds %s", dir, exportdir.Folder)
	}
	export, err := exportdir.Open(dir)
	if errors.Is(err, exportdir.ErrNone) {
		return loose(dir, err)
	}
	if err != nil {
		return Source{}, err //nolint:wrapcheck // says what it was about
	}
	s, err := exported(dir, export)
	if err != nil {
		return Source{}, errors.Join(err, export.Close())
	}
	return s, nil
}

// exported lists what the manifests of an export name.
func exported(dir string, export *exportdir.Export) (Source, error) {
	text, err := content(export, export.Summary(), maxSummary)
	if err != nil {
		return Source{}, err
	}
	sum, err := decodeSummary(filepath.Join(dir, export.Summary()), text)
	if err != nil {
		return Source{}, err
	}
	manifest := exportdir.Name(sum.FilesKey)
	if manifest == "" {
		return Source{}, fmt.Errorf("read %s: manifestFilesS3Key %q names no file of an export", filepath.Join(dir, export.Summary()), sum.FilesKey)
	}
	if text, err = content(export, manifest, maxManifest); err != nil {
		return Source{}, err
	}
	keys, err := decodeFiles(filepath.Join(dir, manifest), text)
	if err != nil {
		return Source{}, err
	}
	s := Source{Name: dir, Table: sum.table(), close: export.Close}
	for _, key := range keys {
		name := exportdir.Name(key)
		if name == "" {
			return Source{}, fmt.Errorf("read %s: dataFileS3Key %q names no file of an export", filepath.Join(dir, manifest), key)
		}
		file, size, err := export.File(name)
		if err != nil {
			return Source{}, fmt.Errorf("open a data file that the manifest lists: %w", err)
		}
		if err := file.Close(); err != nil {
			return Source{}, fmt.Errorf("open a data file that the manifest lists: %w", err)
		}
		s.Files = append(s.Files, File{Name: filepath.Join(dir, name), Bytes: size, Open: func(context.Context) (io.ReadCloser, error) {
			file, _, err := export.File(name)
			return file, err //nolint:wrapcheck // names the file
		}})
	}
	s.sort()
	return s, nil
}

func (s *Source) sort() {
	slices.SortFunc(s.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
}

// content reads a manifest.
func content(export *exportdir.Export, name string, most int64) ([]byte, error) {
	file, size, err := export.File(name)
	if err != nil {
		return nil, err //nolint:wrapcheck // names the file
	}
	if size > most {
		return nil, errors.Join(fmt.Errorf("read %s: it has %d bytes, more than any manifest", name, size), file.Close())
	}
	text, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return text, nil
}

// loose takes the data files of a folder that has no manifest.
func loose(dir string, none error) (Source, error) {
	s := Source{Name: dir}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !strings.HasSuffix(entry.Name(), ".json.gz") {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		s.Files = append(s.Files, File{Name: path, Bytes: info.Size(), Open: func(context.Context) (io.ReadCloser, error) {
			return os.Open(path) //nolint:gosec // below the caller's folder
		}})
		return nil
	})
	if err != nil {
		return Source{}, fmt.Errorf("open the export: %w", err)
	}
	if len(s.Files) == 0 {
		return Source{}, fmt.Errorf("%w; and no file ends in .json.gz", none)
	}
	s.sort()
	return s, nil
}
