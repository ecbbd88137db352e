// Package exportdir reads an export of DynamoDB from a person's disk, where it
// was copied to from S3.
//
// Such a folder comes from somebody else, so it is read with care: only the
// files that the export's manifests name, only regular ones, and links only as
// far as they stay inside. Whether the export is right is for the steps of the
// pipeline to say; what this package does not understand it leaves to them.
package exportdir

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const (
	// Folder is the folder that holds the exports of a prefix.
	Folder = "AWSDynamoDB"

	summaryName = "manifest-summary.json"
	// maxSummary and maxLine bound what is read of a manifest, in bytes. Real
	// ones have less than a thousandth.
	maxSummary = 1 << 20
	maxLine    = 1 << 20
)

// Export is an export in a folder.
type Export struct {
	root *os.Root // the folder AWSDynamoDB
	id   string
}

// Open finds the export in a folder that holds AWSDynamoDB with one export, or
// in the export's own folder.
func Open(dir string) (*Export, error) {
	folder, id, err := find(dir)
	if err == nil {
		folder, err = filepath.Abs(folder) // the process may change its working directory
	}
	if err != nil {
		return nil, fmt.Errorf("search export in %s: %w", dir, err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open export %s: %w", dir, err)
	}
	return &Export{root: root, id: id}, nil
}

// ErrNone is wrapped by the error of [Open] for a folder that holds no export.
var ErrNone = errors.New("there is no " + Folder + "/<id>/" + summaryName) //nolint:gochecknoglobals // a sentinel

// find returns the folder AWSDynamoDB and the name of the export in it. Of
// several it takes the only full one.
func find(dir string) (folder, id string, err error) {
	if _, err := os.Stat(filepath.Join(dir, summaryName)); err == nil {
		absolute, err := filepath.Abs(dir)
		return filepath.Dir(absolute), filepath.Base(absolute), err
	}
	if folder, err = place(dir); err != nil {
		return "", "", err
	}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", err
	}
	var found, full []string
	for _, entry := range entries {
		summary := filepath.Join(folder, entry.Name(), summaryName)
		if _, err := os.Stat(summary); err != nil {
			continue
		}
		found = append(found, entry.Name())
		if !incremental(summary) {
			full = append(full, entry.Name())
		}
	}
	if len(full) == 1 {
		found = full
	}
	switch len(found) {
	case 1:
		return folder, found[0], nil
	case 0:
		return "", "", fmt.Errorf("%w; give the folder that holds %s", ErrNone, Folder)
	default:
		return "", "", fmt.Errorf("there are several (%s); give the folder of one, such as %s",
			strings.Join(found, ", "), filepath.Join(folder, found[0]))
	}
}

// place returns the folder AWSDynamoDB in a folder: at its top, or below the
// prefix that the export was written to.
func place(dir string) (string, error) {
	top := filepath.Join(dir, Folder)
	if _, err := os.Stat(top); err == nil {
		return top, nil
	}
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || entry.Name() != Folder {
			return err
		}
		found = append(found, path)
		return fs.SkipDir
	})
	switch {
	case err != nil:
		return "", err
	case len(found) > 1:
		return "", fmt.Errorf("there are several (%s); give one of them", strings.Join(found, ", "))
	case len(found) == 1:
		return found[0], nil
	}
	return top, nil
}

// incremental reports whether a summary says that its export holds changes.
func incremental(summary string) bool {
	info, err := os.Stat(summary)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSummary {
		return false
	}
	text, err := os.ReadFile(summary) //nolint:gosec // in the person's folder
	var content struct {
		ExportType string `json:"exportType"`
	}
	return err == nil && json.Unmarshal(text, &content) == nil && content.ExportType == "INCREMENTAL_EXPORT"
}

// Close ends the reading.
func (e *Export) Close() error { return e.root.Close() }

// Summary is the name of the summary, from AWSDynamoDB on.
func (e *Export) Summary() string { return path.Join(Folder, e.id, summaryName) }

// RefuseInside refuses a directory that is, or would be, inside the export.
func (e *Export) RefuseInside(dir string) error {
	folder, err := filepath.EvalSymlinks(e.root.Name())
	if err != nil {
		return fmt.Errorf("locate export: %w", err)
	}
	place, err := resolve(dir)
	if err != nil {
		return fmt.Errorf("locate directory %s: %w", dir, err)
	}
	if place == folder || strings.HasPrefix(place, folder+string(filepath.Separator)) {
		return fmt.Errorf("the directory %s is inside the export %s, which only AWS should write to; "+
			"give another --dir", dir, folder)
	}
	return nil
}

// resolve follows the links of a path of which the end may not exist.
func resolve(name string) (string, error) {
	name, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) || filepath.Dir(name) == name {
		return target, err
	}
	parent, err := resolve(filepath.Dir(name))
	return filepath.Join(parent, filepath.Base(name)), err
}

// Names lists the files that make the export, from AWSDynamoDB on: its
// manifests, their checksums and the data files, as far as they are there, and
// the summary last. Of a manifest that is damaged it lists what can be read.
func (e *Export) Names() ([]string, error) {
	summary := path.Join(e.id, summaryName)
	names, seen := []string{}, map[string]bool{summary: true}
	add := func(name string) error {
		if name == "" || seen[name] {
			return nil
		}
		seen[name] = true
		if _, err := e.root.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return e.explain(name, err)
		}
		names = append(names, path.Join(Folder, name))
		return nil
	}
	files, err := e.filesManifest(summary)
	if err == nil && files != "" {
		err = e.dataFiles(files, add)
	}
	for _, name := range []string{files, checksumOf(files), checksumOf(summary)} {
		if err == nil {
			err = add(name)
		}
	}
	return append(names, path.Join(Folder, summary)), err
}

// checksumOf names the file with the checksum of a manifest.
func checksumOf(manifest string) string {
	if name, ok := strings.CutSuffix(manifest, ".json"); ok {
		return name + ".md5"
	}
	return ""
}

// filesManifest returns which manifest lists the data files, or nothing.
func (e *Export) filesManifest(summary string) (string, error) {
	file, _, err := e.open(summary)
	if err != nil {
		return "", err
	}
	var content struct {
		ManifestFilesS3Key string `json:"manifestFilesS3Key"`
	}
	damaged := json.NewDecoder(io.LimitReader(file, maxSummary)).Decode(&content)
	if damaged != nil {
		content.ManifestFilesS3Key = ""
	}
	return local(content.ManifestFilesS3Key), file.Close()
}

// dataFiles calls add for each data file that a manifest names.
func (e *Export) dataFiles(manifest string, add func(name string) error) error {
	file, _, err := e.open(manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine)
	for err == nil && lines.Scan() {
		var line struct {
			DataFileS3Key string `json:"dataFileS3Key"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil {
			err = add(local(line.DataFileS3Key))
		}
	}
	if problem := lines.Err(); err == nil && !errors.Is(problem, bufio.ErrTooLong) {
		err = problem
	}
	return errors.Join(err, file.Close())
}

// Name returns the part of a key of S3 from AWSDynamoDB on, which [Export.File]
// takes; or nothing if that names no file below it.
func Name(key string) string {
	if name := local(key); name != "" {
		return path.Join(Folder, name)
	}
	return ""
}

// local returns the part of a key after AWSDynamoDB/, or nothing if that names
// no file below it.
func local(key string) string {
	elements := strings.Split(key, "/")
	at := -1
	for i, element := range slices.Backward(elements) {
		if element == Folder {
			at = i
			break
		}
	}
	name := strings.Join(elements[at+1:], "/")
	if at < 0 || !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name ||
		strings.ContainsAny(name, "\\\x00") {
		return ""
	}
	return name
}

// File opens a file by a name that [Export.Names] lists or [Name] returns. It has that size, or an
// error is what reading it ends with.
func (e *Export) File(name string) (file *os.File, size int64, err error) {
	return e.open(strings.TrimPrefix(name, Folder+"/"))
}

// open opens a regular file. It never waits, whatever the file is.
func (e *Export) open(name string) (*os.File, int64, error) {
	info, err := e.root.Stat(name) // before it is opened, which can have an effect on a device
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(info.Mode())
	}
	if err != nil {
		return nil, 0, e.explain(name, err)
	}
	file, err := e.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, e.explain(name, err)
	}
	if info, err = file.Stat(); err == nil && !info.Mode().IsRegular() {
		err = notRegular(info.Mode())
	}
	if err != nil {
		return nil, 0, errors.Join(e.explain(name, err), file.Close())
	}
	return file, info.Size(), nil
}

func notRegular(mode fs.FileMode) error {
	kind := "not a regular file"
	switch {
	case mode.IsDir():
		kind = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	}
	return fmt.Errorf("it is %s; an export consists of regular files", kind)
}

// explain names the file of an error, and says what to do about a link.
func (e *Export) explain(name string, err error) error {
	file := filepath.Join(e.root.Name(), filepath.FromSlash(name))
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err
	}
	if err.Error() == "path escapes from parent" { // os.Root has no error value for it
		return fmt.Errorf("read %s: it is a link that leads out of the export; put the file itself there", file)
	}
	return fmt.Errorf("read %s: %w", file, err)
}
